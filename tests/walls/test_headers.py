"""Headers carry any text: where to go on, what a file is called, and what it is."""

import re
from urllib.parse import unquote

import httpx
import pytest
from litestar import Litestar

from channel.access import service
from channel.access.acts import SetPassword
from channel.access.rules import Role
from channel.web import disposition
from tests.make.access import acting, make_person, make_session
from tests.make.hostile import addresses, forms_of
from tests.make.sales import csv_of, loaded
from tests.make.world import make_full_world

PASSWORD = "words that nobody knows"


def _client(app: Litestar, **cookies: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://channel.test", cookies=cookies)


@pytest.mark.parametrize(
    "path", ["/dealers/经销一", "/dealers/100%25?as_of=2026-01-01", "/dealers/A%3FB%23C?q=经销一%20二&x=%2F", "/?q=%FF"]
)
async def test_whoever_signs_in_is_led_back_to_the_page_asked_for(app: Litestar, database: str, path: str) -> None:
    await make_person(Role.FINANCE, login="liu")
    async with acting(await make_person(Role.ADMINISTRATOR)) as administrator:
        await service.set_password(administrator, "liu", SetPassword(password=PASSWORD))
    async with _client(app) as browser:
        sent = await browser.get(path)
        assert sent.status_code == 303
        page = await browser.get(sent.headers["location"])
        (form,) = [each for each in forms_of(page.text) if each.action == "/sign-in"]
        done = await browser.post("/sign-in", data={**form.fields, "login": "liu", "password": PASSWORD})
        assert done.status_code == 303
        asked, led = (
            httpx.URL(f"http://channel.test{path}"),
            httpx.URL("http://channel.test" + done.headers["location"]),
        )
        assert (led.path, led.query) == (asked.path, asked.query)


async def test_the_choice_of_language_leads_back_to_the_page(app: Litestar, database: str) -> None:
    async with _client(app) as browser:
        page = await browser.get("/sign-in?next=/dealers/经销一")
        here = re.search(r'name="next" value="(/sign-in[^"]*)"', page.text)
        assert here
        token = {"_csrf_token": browser.cookies["csrftoken"]}
        for onward in (here[1], "/dealers/经销一"):
            answer = await browser.post("/preferences", data={"language": "zh", "next": onward, **token})
            assert (answer.status_code, unquote(answer.headers["location"])) == (303, unquote(onward))


@pytest.mark.parametrize(
    "name",
    ["plain.csv", "销售 报告.csv", 'a"; filename="b.csv', "a\\b.csv", "100%41.csv", "a\nb.csv", "'x'.csv", "€é.csv"],
)
def test_a_file_keeps_its_name(name: str) -> None:
    header = disposition(name)
    header.encode("ascii")
    # A reader of RFC 8187 has the name as it is; one that knows the quoted form alone gets one name as well.
    assert unquote(re.search(r"filename\*=UTF-8''(\S+)$", header)[1]) == name  # type: ignore[index]
    old = re.match(r'attachment; filename="([^"\\]*)"; filename\*=', header)
    assert old
    assert old[1].isascii()
    assert (old[1] == name) == (name.isascii() and not set(name) & set('"\\%\n'))


async def test_rejected_lines_come_under_the_name_of_their_file(app: Litestar, database: str) -> None:
    world = await make_full_world()
    manager = world.people[Role.MANAGER]
    report = csv_of("dealer,date,product,quantity,amount", "D-1,soon,RB-210,1,1")
    load = await loaded(manager, "sell-in", report, period="2025-02", dealers=frozenset({"D-1"}), name='一"月.csv')
    async with _client(app, channel_session=await make_session(manager)) as browser:
        answer = await browser.get(f"/imports/{load['id']}/rejects.csv")
        assert answer.status_code == 200
        assert unquote(answer.headers["content-disposition"].rpartition("''")[2]) == '一"月.rejects.csv'


async def test_every_answer_says_once_how_its_letters_are_written(app: Litestar, database: str) -> None:
    world = await make_full_world()
    known = {"code": "D-1", "kind": "sell-in", "format": "csv", "login": "finance-1", "fact": "grade"}
    texts = 0
    async with _client(app, channel_session=await make_session(world.people[Role.MANAGER])) as browser:
        for path in [each.at(known) for each in addresses(app) if each.method == "GET"] + ["/static/0/style.css"]:
            kind = (await browser.get(path)).headers.get("content-type", "")
            assert kind.count("charset") == kind.startswith("text/"), (path, kind)
            texts += kind.startswith("text/csv")
    assert texts > 1
