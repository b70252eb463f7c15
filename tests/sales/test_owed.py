"""Who owes which report: by the facts of the month's last day, from the first month that was wholly the dealer's."""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar

from channel import clock
from channel.access import service as access
from channel.access.pages import SESSION_COOKIE
from channel.access.rules import OPERATOR, Role
from channel.database import db
from channel.dealers.queries.facts import NewFact, facts_history, record_facts
from channel.dealers.rules import DatedFact, Fact, facts_as_of, first_whole_month, is_before_appointment
from channel.periods import Month
from channel.sales.queries import coverage as coverage_queries
from channel.sales.rules import KINDS
from tests.make.access import make_person, make_session
from tests.make.dealers import make_dealer
from tests.make.sales import csv_of, loaded, make_products

JUNE = Month(2025, 6)
NOW = datetime(2025, 8, 5, 8, tzinfo=UTC)


async def _say(dealer_id: int, *facts: tuple[Fact, str, date]) -> None:
    async with db.held(db.EVERYTHING), db.transaction():
        posting_id = await access.open_posting(OPERATOR, "change dealer")
        await record_facts(posting_id, [NewFact(dealer_id, fact, value, day) for fact, value, day in facts])


async def _owed(month: Month = JUNE, known_at: datetime | None = None) -> list[tuple[str, str, int]]:
    async with db.held(db.EVERYTHING):
        rows = await coverage_queries.owed_reports(month, KINDS, None, known_at)
    return [(row["code"], row["kind"], row["due_day"]) for row in rows]


@pytest.mark.parametrize(
    ("appointed", "before"),
    [(date(2025, 5, 31), [5]), (date(2025, 6, 1), [5]), (date(2025, 6, 2), [5, 6]), (date(2025, 6, 30), [5, 6])],
)
def test_the_first_month_is_the_first_that_is_wholly_the_dealers(appointed: date, before: Sequence[int]) -> None:
    assert [month for month in range(5, 9) if is_before_appointment(Month(2025, month), appointed)] == before
    assert first_whole_month(appointed) == Month(2025, before[-1] + 1)
    assert is_before_appointment(JUNE, None)


@pytest.mark.parametrize(("day", "owes"), [(1, True), (2, False), (15, False), (30, False)])
async def test_a_month_is_owed_by_who_was_ours_from_its_first_day(day: int, owes: bool, database: str) -> None:
    await make_dealer("D1", effective_on=date(2025, 6, day))
    assert [code for code, _, _ in await _owed()] == (["D1", "D1"] if owes else [])
    assert len(await _owed(JUNE.plus(1))) == 2


async def test_a_status_that_was_corrected_does_not_count(database: str) -> None:
    dealer_id = await make_dealer("D1", effective_on=date(2025, 5, 1))
    async with db.held(db.EVERYTHING), db.known() as before:
        pass
    # Entered as active by mistake: he was a prospect until the 15th of June.
    await _say(dealer_id, (Fact.STATUS, "prospect", date(2025, 5, 1)), (Fact.STATUS, "active", date(2025, 6, 15)))
    assert await _owed() == []
    assert await _owed(JUNE.plus(1)) == [("D1", "sell-through", 10), ("D1", "stock", 10)]
    assert await _owed(JUNE, before) == [("D1", "sell-through", 10), ("D1", "stock", 10)]


async def test_what_is_owed_and_by_when_are_those_of_the_months_last_day(database: str) -> None:
    dealer_id = await make_dealer("D1")
    await _say(
        dealer_id,
        (Fact.REPORTS_OWED, "stock", date(2025, 6, 30)),
        (Fact.REPORTS_OWED, "", date(2025, 7, 31)),
        (Fact.REPORTS_DUE_DAY, "20", date(2025, 7, 1)),
    )
    assert await _owed(JUNE.plus(-1)) == [("D1", "sell-through", 10), ("D1", "stock", 10)]
    assert await _owed() == [("D1", "stock", 10)]
    assert await _owed(JUNE.plus(1)) == []


@pytest.mark.parametrize("seed", range(3))
async def test_sql_and_rules_tell_the_same(seed: int, database: str) -> None:
    luck = random.Random(seed)  # noqa: S311 - a repeatable draw
    ids = {
        code: await make_dealer(code, effective_on=date(2025, 4, luck.randint(1, 30))) for code in ("D1", "D2", "D3")
    }
    moments = []
    for _ in range(12):
        fact, value = luck.choice(
            [
                *((Fact.STATUS, status) for status in ("active", "on hold", "ended", "prospect")),
                *((Fact.REPORTS_OWED, kinds) for kinds in ("", "stock", "sell-through,stock")),
                (Fact.REPORTS_DUE_DAY, "5"),
            ]
        )
        day = date(2025, 4, 1) + timedelta(days=luck.choice([0, 30, 60, 61, 75, 90, 91]))
        await _say(luck.choice(list(ids.values())), (fact, value, day))
        async with db.held(db.EVERYTHING), db.known() as moment:
            moments.append(moment)
    histories: dict[str, list[Any]] = {}
    async with db.held(db.EVERYTHING):
        for code, dealer_id in ids.items():
            rows = await facts_history(dealer_id)
            histories[code] = [
                DatedFact(Fact(r["fact"]), r["value"], r["effective_on"], r["recorded_at"], r["id"])
                for r in rows
                if r["fact"] not in ("territory", "parent")
            ]
    for month in (Month(2025, 5), JUNE, Month(2025, 7)):
        for moment in (moments[-1], luck.choice(moments)):
            expected = []
            for code, dealer_id in ids.items():
                held = facts_as_of(dealer_id, histories[code], month.span.last, moment)
                if (
                    held
                    and held.status in ("active", "on hold")
                    and not is_before_appointment(month, held.appointed_on)
                ):
                    expected += [(code, kind, held.reports_due_day) for kind in sorted(held.reports_owed)]
            assert await _owed(month, moment) == expected
            if moment == moments[-1]:
                assert await _owed(month) == expected


async def test_a_month_before_the_appointment_is_missing_nowhere(
    api: Callable[..., Any], app: Litestar, database: str
) -> None:
    await make_dealer("D1", effective_on=date(2025, 6, 15))
    async with db.held(db.EVERYTHING), db.transaction():
        await make_products([("P1", "Road")])
    manager = await make_person(Role.MANAGER)
    with clock.fixed(NOW):
        lines = csv_of("dealer,date,product,quantity,amount", "D1,2025-07-05,P1,1,10")
        await loaded(manager, "sell-in", lines, period="2025-07")
        client = await api(manager)
        card = (await client.get("/api/v1/dealers/D1/card")).json()
        listed = (await client.get("/api/v1/desk/dealers")).json()["items"][0]
        told = (await client.get("/api/v1/sales/months", params={"from": "2025-05", "to": "2025-08"})).json()["items"]
        chased = (await client.get("/api/v1/sales/chase")).json()["items"]
        session = await make_session(manager)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://channel.test", cookies={SESSION_COOKIE: session}
        ) as browser:
            pages = [(await browser.get(path)).text for path in ("/dealers/D1", "/dealers", "/dealers/D1/sales")]
            matrix = (await browser.get("/sales?kind=sell-through")).text
            file = (await browser.get("/sales/export?kind=sell-through&format=csv")).text
    # July alone is looked at: of the twelve months to July, sell-in is all there, sell-through lacks one.
    assert (card["sell_in"]["missing"], card["sell_through"]["missing"], listed["sell_in"]["missing"]) == (0, 1, 0)
    assert [(m["month"], m["before_appointment"]) for m in card["months"][-2:]] == [
        ("2025-06", True),
        ("2025-07", False),
    ]
    assert [
        (row["month"], row["covered"], row["before_appointment"]) for row in told if row["kind"] == "sell-through"
    ] == [("2025-05", False, True), ("2025-06", False, True), ("2025-07", False, False), ("2025-08", False, False)]
    assert [(row["kind"], row["months"]) for row in chased] == [("sell-through", ["2025-07"]), ("stock", ["2025-07"])]
    for page in pages:
        assert "11 months missing" not in page
        assert "2025-06" not in page
    assert matrix.count(">missing<") == 1
    assert matrix.count("before the appointment") == 11
    assert file.count(",no,yes,") == 11
