"""The pages as a browser without scripts uses them: cookies, forms with their token, redirects."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from html import unescape

import httpx
import pytest
from litestar import Litestar

from channel.access import service
from channel.access.acts import ChangePerson
from channel.access.rules import OPERATOR, RIGHTS, Right, Role
from channel.app import create_app
from channel.settings import Settings
from tests.make.access import acting, adding, make_person, make_session, make_territories

GOOD = "correct horse battery"
_TOKEN = re.compile(r'name="_csrf_token" value="([^"]+)"')


class Browser(httpx.AsyncClient):
    """A client that sends the form's token along as a person's browser does."""

    async def send_form(self, page: str, action: str, **fields: object) -> httpx.Response:
        """Open a page and post one of its forms."""
        found = _TOKEN.search((await self.get(page)).text)
        assert found is not None, f"{page} has no form"
        return await self.post(action, data={"_csrf_token": unescape(found.group(1)), **fields})


@asynccontextmanager
async def browsing(app: Litestar, scheme: str = "http") -> AsyncIterator[Browser]:
    async with Browser(transport=httpx.ASGITransport(app=app), base_url=f"{scheme}://channel.test") as browser:
        yield browser


@pytest.fixture
async def browser(app: Litestar, database: str) -> AsyncIterator[Browser]:
    async with browsing(app) as one:
        yield one


async def add(login: str, role: Role, *territories: str) -> None:
    async with acting(OPERATOR):
        await service.add_person(OPERATOR, adding(login, role, *territories, password=GOOD))


async def come_in(browser: Browser, login: str, next_: str = "/account") -> httpx.Response:
    answer = await browser.send_form("/sign-in", "/sign-in", login=login, password=GOOD, next=next_)
    assert answer.status_code == 303, answer.text
    return answer


async def test_a_page_asked_for_signed_out_leads_in_and_back(browser: Browser) -> None:
    await add("li.wei", Role.ADMINISTRATOR)
    away = await browser.get("/people?q=li")
    assert away.status_code == 303
    assert away.headers["location"].startswith("/sign-in?next=/people")
    shown = await browser.get(away.headers["location"])
    onward = re.search(r'name="next" value="(/people[^"]*)"', shown.text)
    assert onward is not None
    answer = await come_in(browser, "li.wei", unescape(onward.group(1)))
    assert answer.headers["location"] == "/people?q=li"
    assert "Li.Wei" in (await browser.get("/people?q=li")).text
    assert (await browser.get("/sign-in?next=/people")).headers["location"] == "/people"


@pytest.mark.parametrize("elsewhere", ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)", ""])
async def test_nobody_is_sent_elsewhere_by_signing_in(browser: Browser, elsewhere: str) -> None:
    await add("li.wei", Role.FINANCE)
    shown = (await browser.get("/sign-in", params={"next": elsewhere})).text
    assert 'name="next" value="/"' in shown
    assert not elsewhere or f'value="{elsewhere}"' not in shown
    assert (await come_in(browser, "li.wei", elsewhere)).headers["location"] == "/"


async def test_the_cookie_is_out_of_reach(app: Litestar, settings: Settings, browser: Browser) -> None:
    await add("li.wei", Role.FINANCE)
    flags = (await come_in(browser, "li.wei")).headers["set-cookie"]
    assert "HttpOnly" in flags
    assert "samesite=lax" in flags.lower()
    assert "Secure" not in flags
    async with browsing(app, "https") as safe:
        assert "Secure" in (await come_in(safe, "li.wei")).headers["set-cookie"]
    always = create_app(replace(settings, secure_cookies="on"), dsn="")
    async with browsing(always, "https") as safe:
        page = await safe.get("/sign-in")
        assert "Secure" in page.headers["set-cookie"]


async def test_a_wrong_password_is_told_and_not_given_back(browser: Browser) -> None:
    await add("li.wei", Role.FINANCE)
    answer = await browser.send_form("/sign-in", "/sign-in", login="li.wei", password="something wrong", next="/people")
    assert answer.status_code == 401
    assert "The sign-in name or the password is wrong." in answer.text
    assert 'value="li.wei"' in answer.text
    assert "something wrong" not in answer.text
    assert 'name="next" value="/people"' in answer.text


async def test_a_form_without_its_token_is_refused(browser: Browser) -> None:
    await add("li.wei", Role.ADMINISTRATOR)
    assert (await browser.post("/sign-in", data={"login": "li.wei", "password": GOOD})).status_code == 403
    await come_in(browser, "li.wei")
    for path in (
        "/account/password",
        "/account/sessions/end",
        "/account/tokens",
        "/add-person",
        "/machines",
        "/sign-out",
    ):
        assert (await browser.post(path, data={"name": "x"})).status_code == 403, path
        assert (await browser.post(path, data={"name": "x", "_csrf_token": "made up"})).status_code == 403, path
    page = await browser.get("/account")
    assert page.status_code == 200
    # Scripts send the same token as a header.
    token = _TOKEN.search(page.text)
    assert token is not None
    sent = await browser.post("/account/sessions/end", headers={"x-csrftoken": unescape(token.group(1))})
    assert sent.status_code == 303


async def test_signing_out_ends_the_session(app: Litestar, browser: Browser) -> None:
    await add("li.wei", Role.FINANCE)
    await come_in(browser, "li.wei")
    cookie = browser.cookies["channel_session"]
    assert (await browser.send_form("/account", "/sign-out")).headers["location"] == "/sign-in"
    async with browsing(app) as thief:
        thief.cookies.set("channel_session", cookie)
        assert (await thief.get("/account")).status_code == 303


async def test_signing_in_again_ends_the_session_before(browser: Browser) -> None:
    await add("li.wei", Role.FINANCE)
    await come_in(browser, "li.wei")
    token = _TOKEN.search((await browser.get("/account")).text)
    assert token is not None
    again = await browser.post(
        "/sign-in", data={"_csrf_token": unescape(token.group(1)), "login": "li.wei", "password": GOOD}
    )
    assert again.status_code == 303
    async with acting(OPERATOR):
        assert (await service.person_named(OPERATOR, "li.wei"))["sessions"] == 1


PAGES = [
    ("/account", None),
    ("/people", Right.KEEP_PEOPLE),
    ("/people/target", Right.KEEP_PEOPLE),
    ("/people/export?format=csv", Right.KEEP_PEOPLE),
    ("/add-person", Right.KEEP_PEOPLE),
    ("/machines", Right.KEEP_PEOPLE),
    ("/audit", Right.READ_AUDIT),
    ("/audit/export?format=csv", Right.READ_AUDIT),
]
ACTS = [
    ("/add-person", Right.KEEP_PEOPLE),
    ("/people/target", Right.KEEP_PEOPLE),
    ("/people/target/standing", Right.KEEP_PEOPLE),
    ("/people/target/password", Right.KEEP_PEOPLE),
    ("/people/target/sign-out", Right.KEEP_PEOPLE),
    ("/machines", Right.KEEP_PEOPLE),
]


@pytest.mark.parametrize("role", [Role.MANAGER, Role.FINANCE, Role.REGIONAL, Role.AUDITOR, Role.ADMINISTRATOR])
async def test_each_role_at_each_page(browser: Browser, role: Role) -> None:
    ids = await make_territories("East/Harbour City")
    await add("target", Role.FINANCE)
    person = await make_person(role, *([ids["East"]] if role is Role.REGIONAL else []))
    browser.cookies.set("channel_session", await make_session(person))
    for path, right in PAGES:
        allowed = right is None or role in RIGHTS[right]
        assert (await browser.get(path)).status_code == (200 if allowed else 403), path
    for path, right in ACTS:
        if role not in RIGHTS[right]:
            assert (await browser.send_form("/account", path, name="x")).status_code == 403, path
    if role is Role.ADMINISTRATOR:
        assert (await browser.get("/people/nobody")).status_code == 404


async def test_somebody_is_added_and_signs_in_with_the_password_shown(app: Litestar, browser: Browser) -> None:
    await make_territories("East/Harbour City", "North")
    browser.cookies.set("channel_session", await make_session(await make_person(Role.ADMINISTRATOR)))
    typed = {"login": "wang.fang", "name": "王芳", "role": "regional", "locale": "zh"}
    refused = await browser.send_form("/add-person", "/add-person", **typed)
    assert refused.status_code == 422
    assert "Regional staff need at least one territory." in refused.text
    assert 'value="王芳"' in refused.text
    shown = await browser.send_form("/add-person", "/add-person", **typed, territories=["East", "North"])
    password = re.search(r'class="secret"[^>]*value="([^"]+)"', shown.text)
    assert password is not None
    assert shown.headers["cache-control"] == "no-store"
    async with browsing(app) as other:
        answer = await other.send_form("/sign-in", "/sign-in", login="wang.fang", password=password.group(1))
        assert answer.status_code == 303
        page = await other.get("/account")
        assert '<html lang="zh' in page.text
        assert "East" in page.text


async def test_a_person_is_changed_deactivated_and_let_in_again(browser: Browser) -> None:
    await make_territories("East", "North")
    await add("wang.fang", Role.REGIONAL, "East")
    browser.cookies.set("channel_session", await make_session(await make_person(Role.ADMINISTRATOR, login="admin-1")))
    here = "/people/wang.fang"
    page = await browser.get(here)
    assert re.search(r'value="East" checked', page.text)
    assert not re.search(r'value="North" checked', page.text)
    change = {"name": "Wang", "role": "regional", "locale": "", "territories": ["North"], "reason": "new patch"}
    assert (await browser.send_form(here, here, **change)).status_code == 303
    assert (await browser.send_form(here, f"{here}/standing", active="no", reason="left")).status_code == 303
    assert "This person cannot sign in." in (await browser.get(here)).text
    assert (await browser.send_form(here, f"{here}/standing", active="yes")).status_code == 303
    assert (await browser.send_form(here, f"{here}/password")).status_code == 200
    trail = (await browser.get("/audit", params={"subject": "person wang.fang"})).text
    for text in ("new patch", "left", "North", "set password", "admin-1"):
        assert text in trail
    own = await browser.send_form("/people/admin-1", "/people/admin-1/standing", active="no", reason="x")
    assert own.status_code == 409
    kept = await browser.send_form("/people/admin-1", "/people/admin-1", name="Head", locale="")
    assert kept.status_code == 303


async def test_tokens_are_made_shown_once_and_revoked(browser: Browser, app: Litestar) -> None:
    await make_territories("East")
    browser.cookies.set("channel_session", await make_session(await make_person(Role.ADMINISTRATOR)))
    for page, fields in (("/account", {"days": "30"}), ("/machines", {"days": "", "territories": ["East"]})):
        wrong = await browser.send_form(page, "/account/tokens" if page == "/account" else page, name="x", days="no")
        assert wrong.status_code == 422
        action = "/account/tokens" if page == "/account" else page
        shown = await browser.send_form(page, action, name="nightly load", **fields)
        text = re.search(r'class="secret"[^>]*value="(ch_[^"]+)"', shown.text)
        assert text is not None
        async with browsing(app) as machine:
            machine.headers["authorization"] = f"Bearer {text.group(1)}"
            assert (await machine.get("/api/v1/me")).status_code == 200
            listed = (await browser.get(page)).text
            assert text.group(1) not in listed
            assert text.group(1)[:8] in listed
            revoke = re.search(rf'action="({action}/\d+/revoke)"', listed)
            assert revoke is not None
            assert (await browser.send_form(page, revoke.group(1))).status_code == 303
            assert (await machine.get("/api/v1/me")).status_code == 401


async def test_the_own_password_and_language_are_changed(browser: Browser, app: Litestar) -> None:
    await add("li.wei", Role.FINANCE)
    await come_in(browser, "li.wei")
    change = {"old_password": GOOD, "password": "another long one", "again": "another long 1"}
    different = await browser.send_form("/account", "/account/password", **change)
    assert different.status_code == 422
    assert "another long" not in different.text
    async with browsing(app) as elsewhere:
        await come_in(elsewhere, "li.wei")
        done = await browser.send_form("/account", "/account/password", **change | {"again": "another long one"})
        assert done.status_code == 303
        assert (await elsewhere.get("/account")).status_code == 303
    assert (await browser.get("/account")).status_code == 200
    for wrong in ("", "fr"):
        assert (await browser.send_form("/account", "/account/language", locale=wrong)).status_code == 422
    assert (await browser.send_form("/account", "/account/language", locale="zh")).status_code == 303
    assert '<html lang="zh' in (await browser.get("/account")).text
    back = await browser.send_form("/account", "/preferences", language="en", next="/account")
    assert back.status_code == 303
    assert '<html lang="en' in (await browser.get("/account")).text


async def test_the_trail_shows_before_and_after(browser: Browser) -> None:
    await add("target", Role.FINANCE)
    browser.cookies.set("channel_session", await make_session(await make_person(Role.AUDITOR)))
    async with acting(OPERATOR):
        await service.change_person(OPERATOR, "target", ChangePerson(name="<b>Bold</b>"))
    page = (await browser.get("/audit", params={"act": "change person"})).text
    assert "<del>Target</del> → &lt;b&gt;Bold&lt;/b&gt;" in page
    assert "<b>Bold" not in page
    assert "No line of the trail fits" in (await browser.get("/audit", params={"act": "nothing such"})).text
