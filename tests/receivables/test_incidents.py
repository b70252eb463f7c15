"""Credit incidents on PostgreSQL: written once by whatever speaks against a dealer's credit, and told."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg
import httpx

from channel import clock
from channel.access.rules import Person, Role
from channel.acts import Why
from channel.database import db
from channel.database.snapshots import view_of
from channel.dealers.acts import ChangeFact
from channel.dealers.rules import Fact
from channel.dealers.service.facts import change_fact
from channel.lists import ALL
from channel.receivables.acts.allocating import WriteOff
from channel.receivables.queries.incidents import IncidentFilter
from channel.receivables.rules.documents import DocumentKind
from channel.receivables.rules.incidents import IncidentKind
from channel.receivables.service.incidents import FOLLOWING_HOLDS, incidents_told
from channel.receivables.service.promises import JUDGING, enter_promise
from channel.receivables.service.waiting import approve_waiting, do_or_ask
from channel.receivables.service.writing_off import WRITE_OFF
from channel.work.service import run_due
from migrations.receivables.receivables_0014_credit_incidents import SQL as CREDIT_INCIDENTS
from tests.make.access import acting, make_person
from tests.make.ledger import LATER, post, reverse
from tests.make.receivables import D, day, moment, owed, paying, promising
from tests.make.sales import csv_of, loaded

TODAY = LATER // 24


async def told(person: Person, hour: int, **asked: object) -> list[tuple[object, ...]]:
    """Day, kind, what it is about and the amount; the latest first."""
    with clock.fixed(moment(hour)):
        async with acting(person):
            found = await incidents_told(person, IncidentFilter(**asked), ALL)  # type: ignore[arg-type]
    return [((row["incident_on"] - day(0)).days, row["kind"], row["about"], row["amount"]) for row in found.items]


async def written_off(finance: Person, document_id: int, at: int) -> int:
    """Five written off of a document with a second person's word; the number of the write-off."""
    act = WriteOff(items=[f"{document_id}=5"], reason="gone", ask=True)
    with clock.fixed(moment(at)):
        async with acting(finance):
            waits = await do_or_ask(finance, WRITE_OFF, "D-1", 0, act)
            assert waits is not None
        async with acting(await make_person(Role.FINANCE)) as second:
            await approve_waiting(second, waits, Why(reason="sound"))
            number: int = await db.fetchval("SELECT max(id) FROM receivable_document WHERE kind = 'write_off'")
    return number


async def put(person: Person, status: str, on: int, at: int) -> None:
    with clock.fixed(moment(at)):
        async with acting(person):
            act = ChangeFact(fact=Fact.STATUS, value=status, effective_on=day(on), reason="as it is")
            await change_fact(person, "D-1", act)


async def followed(at: int) -> None:
    with clock.fixed(moment(at)):
        await run_due([FOLLOWING_HOLDS])


async def test_a_write_off_and_a_dishonoured_bill_are_written_and_a_receipt_taken_back_is_not(
    finance: Person, dealer: int
) -> None:
    bill = paying("40", on=5, number="B1", kind=DocumentKind.BILL, matures_on=day(200))
    posted = await post(finance, owed("100", number="I1"), bill, paying("7", number="R1"))
    invoice, dishonoured, receipt = (each.document.id for each in posted.documents)
    assert await told(finance, LATER) == []
    number = await written_off(finance, invoice, LATER + 1)
    await reverse(finance, dishonoured, on=TODAY, at=LATER + 2)
    await reverse(finance, receipt, at=LATER + 3)
    assert await told(finance, LATER + 4) == [
        (TODAY, "dishonoured_bill", "B1", D(40)),
        (TODAY, "write_off", f"W{number}", D(5)),
    ]
    half_an_hour_later = moment(LATER + 1) + timedelta(minutes=30)
    with clock.fixed(moment(LATER + 5)):
        async with acting(finance):
            before = (await incidents_told(finance, IncidentFilter(), ALL, view_of(None, half_an_hour_later))).items
            assert [row["kind"] for row in before] == ["write_off"]
    await reverse(finance, number, at=LATER + 6)
    with clock.fixed(moment(LATER + 7)):
        async with acting(finance):
            rows = (await incidents_told(finance, IncidentFilter(kind=IncidentKind.WRITE_OFF), ALL)).items
            assert [row["reversed"] for row in rows] == [True]


async def test_a_broken_promise_is_one_and_a_kept_one_is_not(finance: Person, dealer: int) -> None:
    with clock.fixed(moment(LATER)):
        async with acting(finance):
            await enter_promise(finance, "D-1", promising("30", 1))
            broken = await enter_promise(finance, "D-1", promising("50", 2))
    await post(finance, paying("42", on=TODAY + 1), at=LATER + 24)
    for days in (9, 10):
        with clock.fixed(moment(LATER + days * 24)):
            await run_due([JUDGING])
    assert await told(finance, LATER + 300) == [(TODAY + 6, "broken_promise", str(broken), D(38))]


async def test_a_hold_is_one_on_its_day_and_going_on_with_it_is_not(finance: Person, dealer: int) -> None:
    await put(finance, "on hold", TODAY, LATER)
    await followed(LATER + 1)
    await followed(LATER + 1)
    assert await told(finance, LATER + 2) == [(TODAY, "hold", None, None)]
    await put(finance, "active", TODAY + 3, LATER + 3 * 24)
    # Two holds lie ahead: of one it is thought better in time.
    for on in (TODAY + 8, TODAY + 20):
        await put(finance, "on hold", on, LATER + 4 * 24)
        await put(finance, "active", on + 2, LATER + 4 * 24 + 1)
    await put(finance, "active", TODAY + 20, LATER + 5 * 24)
    await followed(LATER + 5 * 24)
    assert len(await told(finance, LATER + 5 * 24)) == 1
    await followed(LATER + 30 * 24)
    assert [on for on, *_ in await told(finance, LATER + 30 * 24)] == [TODAY + 8, TODAY]


async def test_a_hold_that_a_file_brings_is_one_and_that_of_a_new_dealer_is_not(finance: Person, dealer: int) -> None:
    manager = await make_person(Role.MANAGER)
    async with db.held(db.EVERYTHING):
        stands = await db.fetchrow("SELECT d.type, t.code FROM dealer d JOIN territory t ON t.id = d.territory_id")
    assert stands is not None
    head, kept = "code,name,type,territory,currency,terms_days,status", f"One,{stands[0]},{stands[1]},CNY,30"
    with clock.fixed(moment(LATER)):
        file = csv_of(head, f"D-1,{kept},on hold", f"D-9,{kept},on hold")
        assert (await loaded(manager, "dealers", file))["state"] == "loaded"
    await followed(LATER + 1)
    assert await told(finance, LATER + 2) == [(TODAY, "hold", None, None)]


async def test_those_of_before_are_written_by_the_migration(
    finance: Person, dealer: int, owner: asyncpg.Connection
) -> None:
    bill = paying("40", on=5, number="B1", kind=DocumentKind.BILL, matures_on=day(200))
    posted = await post(finance, owed("100", number="I1"), bill)
    await written_off(finance, posted.documents[0].document.id, LATER + 1)
    await reverse(finance, posted.documents[1].document.id, on=9, at=LATER + 2)
    columns = "dealer_id, kind, incident_on, document_id, posting_id"
    before = await owner.fetch(f"SELECT {columns} FROM credit_incident ORDER BY id")
    await owner.execute("DROP TABLE credit_incident")
    await owner.execute(CREDIT_INCIDENTS)
    assert len(before) == 2
    assert await owner.fetch(f"SELECT {columns} FROM credit_incident ORDER BY id") == before


async def test_they_are_told_over_the_api_on_pages_and_only_in_scope(
    finance: Person,
    dealer: int,
    api: Callable[[Person], Awaitable[httpx.AsyncClient]],
    browser: Callable[[Person], Awaitable[httpx.AsyncClient]],
) -> None:
    posted = await post(finance, owed("100", number="I1"))
    number = await written_off(finance, posted.documents[0].document.id, LATER + 1)
    await put(finance, "on hold", TODAY, LATER + 2)
    await followed(LATER + 3)
    with clock.fixed(moment(LATER + 4)):
        async with await api(finance) as client:
            at = "/api/v1/receivables/incidents"
            rows = (await client.get(at, params={"dealer": "D-1"})).json()["items"]
            assert [(row["kind"], row["about"]) for row in rows] == [("hold", None), ("write_off", f"W{number}")]
            assert len((await client.get(at, params={"kind": "hold"})).json()["items"]) == 1
        async with await api(await make_person(Role.REGIONAL)) as stranger:
            assert (await stranger.get(at)).json()["items"] == []
        page = await browser(finance)
        for path in ("/dealers/D-1/receivables/collecting", "/receivables/incidents"):
            text = (await page.get(path)).text
            assert f'<a href="/receivables/documents/D-1/{number}">W{number}</a>' in text
            assert "Dealer put on hold" in text
