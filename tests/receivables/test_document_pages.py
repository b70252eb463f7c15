"""Pages of documents, open items and a dealer's account: what they tell, the form that is previewed, few queries."""

import re
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import httpx
import pytest
from litestar import Litestar
from msgspec.structs import replace

from channel import clock
from channel.access.pages import SESSION_COOKIE
from channel.access.rules import Person, Role
from channel.database import db
from channel.receivables.rules.documents import Document, DocumentKind
from channel.receivables.service.posting import Given, post_documents
from tests.desk.test_pages import NOT_A_QUERY, _Counting
from tests.make.access import acting, make_session
from tests.make.receivables import day, moment, owed, paying
from tests.make.world import World, make_world

NOW = 60 * 24


@pytest.fixture
async def world(database: str) -> World:
    with clock.fixed(moment(0)):
        return await make_world()


@pytest.fixture
async def browser(app: Litestar, database: str) -> AsyncIterator[Any]:
    made: list[httpx.AsyncClient] = []

    async def client(person: Person) -> httpx.AsyncClient:
        one = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://channel.test")
        one.cookies.set(SESSION_COOKIE, await make_session(person))
        made.append(one)
        return one

    yield client
    for one in made:
        await one.aclose()


async def post(world: World, *documents: Document, at: int = 50 * 24) -> None:
    finance = world.people[Role.FINANCE]
    with clock.fixed(moment(at)):
        async with acting(finance):
            given = [Given("D-1", replace(each, id=0, currency="USD")) for each in documents]
            await post_documents(finance, given)


def text_of(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text[:1000]
    plain = re.sub(r"<[^>]+>", " ", answer.text)
    return re.sub(r"[\s\xa0]+", " ", plain)


async def test_the_account_tells_balance_bills_and_exposure_of_every_view(world: World, browser: Any) -> None:  # noqa: ANN401
    bill = paying("20", kind=DocumentKind.BILL, number="B1", on=6, matures_on=day(90))
    await post(world, owed("100", number="I1"), owed("30", number="I2", on=2), at=10 * 24)
    await post(world, paying("110", on=5), bill)
    with clock.fixed(moment(NOW)):
        finance = await browser(world.people[Role.FINANCE])
        now = text_of(await finance.get("/dealers/D-1/receivables"))
        assert "Balance 0 USD" in now
        assert "Bills not matured 20 USD" in now
        assert "Exposure 20 USD" in now
        assert "Nothing is open." in now
        then = text_of(await finance.get("/dealers/D-1/receivables", params={"as_of": str(day(5))}))
        assert "Balance 20 USD" in then
        assert "Open items 20 USD" in then
        known = {"as_of": str(day(6)), "known_at": moment(20 * 24).isoformat()}
        assert "Balance 130 USD" in text_of(await finance.get("/dealers/D-1/receivables", params=known))
        items = text_of(await finance.get("/receivables/items", params={"as_of": str(day(5))}))
        assert "Open in USD 20 USD" in items
        late = text_of(await finance.get("/receivables/items", params={"overdue_only": "yes"}))
        assert "Nothing is open." in late
        assert "Receipt R1" in text_of(await finance.get("/dealers/D-1/receivables"))


def _noted(
    held: Any,  # noqa: ANN401 - what holds a connection
    queries: list[str],
    scope: db.Scope = db.CLOSED,
    patience: db.Patience = db.UNHURRIED,
) -> _Counting:
    return _Counting(held(scope, patience), queries)


async def test_the_dealer_s_page_takes_few_queries(world: World, browser: Any) -> None:  # noqa: ANN401
    await post(world, owed("100", number="I1"), paying("30"))
    with clock.fixed(moment(NOW)):
        finance = await browser(world.people[Role.FINANCE])
        for asked in ({}, {"as_of": str(day(20)), "known_at": moment(50 * 24).isoformat()}):
            assert (await finance.get("/dealers/D-1/receivables", params=asked)).status_code == 200
            queries: list[str] = []
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(db, "held", partial(_noted, db.held, queries))
                assert (await finance.get("/dealers/D-1/receivables", params=asked)).status_code == 200
            assert queries, "the counter saw nothing"
            counted = [each for each in queries if not each.startswith(NOT_A_QUERY)]
            assert len(counted) <= 12, counted


async def test_a_document_is_looked_at_before_it_is_posted(world: World, browser: Any) -> None:  # noqa: ANN401
    await post(world, owed("100", number="I1"))
    with clock.fixed(moment(NOW)):
        finance = await browser(world.people[Role.FINANCE])
        assert "Show what will come of it" in text_of(await finance.get("/receivables/documents/new?dealer=D-1"))
        form = {
            "dealer": "D-1", "kind": "receipt", "number": "R1", "effective_on": str(day(9)), "amount": "30",
            "_csrf_token": finance.cookies["csrftoken"],
        }  # fmt: skip
        wrong = await finance.post("/receivables/documents/new", data=form | {"amount": "much"})
        assert (wrong.status_code, 'value="much"' in wrong.text) == (422, True)
        shown = await finance.post("/receivables/documents/new", data=form)
        assert "Receipt R1 Invoice I1 30 USD" in text_of(shown)
        assert "0 USD of it will stay on account. Nothing is posted yet." in text_of(shown)
        (mark,) = re.findall(r'name="mark" value="(\w+)"', shown.text)
        otherwise = await finance.post("/receivables/documents/new", data=form | {"amount": "40", "mark": mark})
        assert "Receipt R1 Invoice I1 40 USD" in text_of(otherwise), "another amount than was looked at"
        assert "There is no such document." in text_of(await finance.get("/receivables/documents?kind=receipt"))
        done = await finance.post("/receivables/documents/new", data=form | {"mark": mark})
        assert done.status_code == 303
        page = text_of(await finance.get(done.headers["location"]))
        assert "Receipt R1" in page
        assert "Invoice I1" in page


async def test_what_came_since_the_preview_is_shown_before_anything_is_posted(world: World, browser: Any) -> None:  # noqa: ANN401
    await post(world, owed("100", number="I1"))
    finance = await browser(world.people[Role.FINANCE])
    with clock.fixed(moment(NOW)):
        await finance.get("/receivables/documents/new")
        form = {
            "dealer": "D-1", "kind": "receipt", "number": "R1", "effective_on": str(day(9)), "amount": "30",
            "_csrf_token": finance.cookies["csrftoken"],
        }  # fmt: skip
        (mark,) = re.findall(
            r'name="mark" value="(\w+)"', (await finance.post("/receivables/documents/new", data=form)).text
        )
    await post(world, owed("30", number="I9"), at=NOW + 1)
    with clock.fixed(moment(NOW + 2)):
        again = text_of(await finance.post("/receivables/documents/new", data=form | {"mark": mark}))
        assert "Receipt R1 Invoice I9 30 USD" in again, "an item of the very amount is there now"
        assert "Nothing is posted yet." in again


async def test_a_document_is_reversed_on_its_page(world: World, browser: Any) -> None:  # noqa: ANN401
    await post(world, owed("100", number="I1"), paying("30", on=4))
    with clock.fixed(moment(NOW)):
        finance = await browser(world.people[Role.FINANCE])
        found = (await finance.get("/receivables/documents?kind=receipt")).text
        (at,) = set(re.findall(r'href="(/receivables/documents/D-1/\d+)"', found))
        assert "Reverse the document" in (await finance.get(at)).text
        form = {"reason": "bounced", "_csrf_token": finance.cookies["csrftoken"]}
        assert (await finance.post(f"{at}/reverse", data=form)).status_code == 303
        page = text_of(await finance.get(at))
        assert "bounced" in page
        assert "taken back from 5 Jan 2025 on" in page
        manager = await browser(world.people[Role.MANAGER])
        assert "Reverse the document" not in (await manager.get(at)).text
        assert (await (await browser(world.elsewhere)).get(at)).status_code == 404


async def test_the_overview_and_the_desk_of_finance_say_what_is_overdue_and_what_came_in(
    world: World,
    browser: Any,  # noqa: ANN401
) -> None:
    stays = paying("8", kind=DocumentKind.CREDIT_NOTE, number="C1", on=9, stays_on_account=True)
    await post(world, owed("100", number="I1"), at=10 * 24)
    await post(world, paying("30", number="R1", on=4), stays, at=NOW - 1)
    with clock.fixed(moment(NOW)):
        finance = await browser(world.people[Role.FINANCE])
        for path in ("/receivables", "/"):
            told = text_of(await finance.get(path))
            assert "Came in since yesterday" in told
            assert "30 days" in told, path
            assert "Invoice" in told or "I1" in told
        assert "has 8 USD on account" in told.replace("8.0000", "8").replace("8.00", "8")
        east = text_of(await (await browser(world.people[Role.REGIONAL])).get("/receivables"))
        assert "Overdue 70 USD" in east
        north = text_of(await (await browser(world.elsewhere)).get("/receivables"))
        assert "Nothing is overdue." in north
    with clock.fixed(moment(NOW + 48)):
        finance = await browser(world.people[Role.FINANCE])
        assert "Nothing came in since yesterday." in text_of(await finance.get("/receivables"))
