"""Who looks after dealers, on pages and over the API: told, asked for, changed for many as it was shown."""

import re
from collections.abc import Awaitable, Callable

import httpx
import pytest

from channel.access.rules import Person, Role
from channel.database import db
from channel.dealers.rules import Fact
from tests.make.access import acting, make_member, make_person, make_territories
from tests.make.dealers import MANAGER, change_fact, make_dealer

Browser = Callable[..., Awaitable[httpx.AsyncClient]]
Api = Callable[[Person], Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def manager(database: str) -> Person:
    """D-1 and D-3 in the East are of S-1, D-2 in the West of nobody."""
    nodes = await make_territories("East", "West")
    administrator = await make_person(Role.ADMINISTRATOR, login="administrator-1")
    await make_member(administrator, "S-1", name="Su Min")
    await make_member(administrator, "S/2 ü".replace("/", "+"), name="Tang Wei")
    for code, place in (("D-1", "East"), ("D-2", "West"), ("D-3", "East")):
        await make_dealer(code, territory=nodes[place])
    for code in ("D-1", "D-3"):
        async with acting(MANAGER):
            await change_fact(MANAGER, code, Fact.RESPONSIBLE, "S-1")
    return await make_person(Role.MANAGER, login="manager-1")


def _hidden(text: str) -> list[tuple[str, str]]:
    """The hidden fields of the form that carries it out."""
    form = text[text.index('action="/responsible"') :]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[: form.index("</form>")])
    return [(name, value) for name, value in found if name != "_csrf_token"]


async def _held() -> dict[str, str | None]:
    async with db.held(db.EVERYTHING):
        rows = await db.fetch("SELECT d.code, s.name FROM dealer d LEFT JOIN staff_member s ON s.id = d.responsible_id")
    return {row["code"]: row["name"] for row in rows}


async def test_the_page_shows_what_would_be_done_and_does_exactly_that(manager: Person, browser: Browser) -> None:
    client = await browser(manager)
    page = await client.get("/responsible?territory=East")
    assert ("2 dealers match." in page.text, "D-2" in page.text) == (True, False)
    token = client.cookies["csrftoken"]
    asked = {
        "_csrf_token": token, "territory": "East", "member": "S+2 ü", "which": "all but", "dealers": ["D-3"],
        "effective_on": "", "reason": "a new territory",
    }  # fmt: skip
    told = await client.post("/responsible", data=asked)
    assert told.status_code == 200, told.text
    assert "1 dealer of Su Min (S-1)" in told.text
    assert "Nothing open goes along." in told.text
    assert await _held() == {"D-1": "Su Min", "D-2": None, "D-3": "Su Min"}
    again = {"_csrf_token": token, **dict(_hidden(told.text))}
    done = await client.post("/responsible", data=again)
    assert (done.status_code, done.headers["location"]) == (303, "/dealers")
    assert await _held() == {"D-1": "Tang Wei", "D-2": None, "D-3": "Su Min"}
    # Sent once more, it would be another thing: that is shown instead of done.
    twice = await client.post("/responsible", data=again)
    assert "That holds on this day already" in twice.text


async def test_a_form_that_says_too_little_is_shown_again_with_its_filters(manager: Person, browser: Browser) -> None:
    client = await browser(manager)
    await client.get("/responsible")
    fields = {"_csrf_token": client.cookies["csrftoken"], "territory": "West", "dealers": "D-2", "reason": "so"}
    answer = await client.post("/responsible", data={**fields, "member": "S-1"})
    assert answer.status_code == 422
    assert "Say whether those are left out, or the only ones." in answer.text
    assert ("1 dealer matches." in answer.text, 'value="D-2" checked' in answer.text) == (True, True)
    assert (await client.post("/responsible", data={**fields, "member": ""})).status_code == 422


async def test_dealers_and_members_show_each_other(manager: Person, browser: Browser) -> None:
    client = await browser(manager)
    page = (await client.get("/dealers/D-1")).text
    assert '<a href="/staff/S-1">Su Min</a>' in page
    assert "nobody" in (await client.get("/dealers/D-2/record")).text
    listed = (await client.get("/dealers?responsible=S-1")).text
    assert ("Dealer D-1" in listed, "Dealer D-2" in listed) == (True, False)
    assert 'href="/responsible?responsible=S-1"' in listed
    assert 'hx-get="/staff/S-1/dealers"' in (await client.get("/staff/S-1")).text
    part = (await client.get("/staff/S-1/dealers")).text
    assert '<a href="/dealers?responsible=S-1">2 dealers</a>' in part
    assert "no dealer" in (await client.get("/staff/S+2%20%C3%BC/dealers")).text
    assert (await client.get("/staff/S-9/dealers")).status_code == 404


async def test_regional_staff_see_who_looks_after_their_dealers_and_no_more(manager: Person, browser: Browser) -> None:
    """To look after a dealer lets nobody see one elsewhere."""
    async with db.held(db.EVERYTHING):
        west = await db.fetchval("SELECT id FROM territory WHERE code = 'West'")
    regional = await make_person(Role.REGIONAL, west, login="west-1")
    async with db.held(db.EVERYTHING), db.transaction():
        await db.execute("UPDATE staff_member SET person_id = $1 WHERE code = 'S-1'", regional.person_id)
    client = await browser(regional)
    assert (await client.get("/dealers/D-1")).status_code == 404
    assert "no dealer" in (await client.get("/staff/S-1/dealers")).text
    assert "Dealer D-1" not in (await client.get("/dealers?responsible=S-1")).text
    assert "/responsible" not in (await client.get("/dealers")).text
    assert (await client.get("/responsible")).status_code == 403


async def test_programs_ask_for_it_look_and_do_it(manager: Person, api: Api) -> None:
    client = await api(manager)
    found = (await client.get("/api/v1/dealers", params={"responsible": "nobody"})).json()
    assert [(row["code"], row["responsible"]) for row in found["items"]] == [("D-2", None)]
    desk = (await client.get("/api/v1/desk/dealers", params={"responsible": "S-1", "sort": "responsible"})).json()
    assert [(row["code"], row["responsible"]) for row in desk["items"]] == [("D-1", "S-1"), ("D-3", "S-1")]
    one = (await client.get("/api/v1/dealers/D-1")).json()
    assert (one["responsible"], one["responsible_name"], one["facts"]["responsible"]) == ("S-1", "Su Min", "S-1")
    asked = {"member": "nobody", "responsible": "S-1", "reason": "she left"}
    look = await client.post("/api/v1/responsible/preview", json=asked)
    told = look.json()
    assert (told["dealers"], told["member"], told["goes_along"]) == (2, None, [])
    assert told["so_far"] == [{"member": "S-1", "name": "Su Min", "dealers": 2}]
    refused = await client.post("/api/v1/responsible", json=asked)
    assert (refused.status_code, refused.json()["errors"][0]["expected"]) == (409, told["mark"])
    done = (await client.post("/api/v1/responsible", json={**asked, "confirmed": told["mark"]})).json()
    assert (done["dealers"], done["unchanged"], done["handed_over"]) == (2, 0, 0)
    assert set((await _held()).values()) == {None}
    history = (await client.get("/api/v1/dealers/D-1/facts", params={"fact": "responsible"})).json()["items"]
    assert [(row["value"], row["reason"]) for row in history] == [(None, "she left"), ("S-1", None)]


async def test_the_list_is_sorted_by_who_looks_after_them(manager: Person, api: Api) -> None:
    client = await api(manager)
    for sort, codes in (("responsible", ["D-2", "D-1", "D-3"]), ("-responsible", ["D-3", "D-1", "D-2"])):
        first = (await client.get("/api/v1/dealers", params={"sort": sort, "limit": 2})).json()
        then = (await client.get("/api/v1/dealers", params={"sort": sort, "cursor": first["next"]})).json()
        assert [row["code"] for row in (*first["items"], *then["items"])] == codes
