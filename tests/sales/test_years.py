"""The twelve months of sell-in kept for the list are what rollups and coverage say, through loads and months."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from channel import clock
from channel.app import ROOMS
from channel.database import db
from channel.periods import Month
from channel.sales.queries import years
from channel.sales.queries.months import months
from channel.sales.service.years import keep_year, reconcile_years
from tests.make.sales import csv_of, loaded, make_loader, make_masters

HEADER = "dealer,date,product,quantity,amount,currency"
DECEMBER, JANUARY = date(2013, 12, 1), date(2014, 1, 1)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed(datetime(2013, 12, 20, 8, tzinfo=UTC)):
        yield


async def _kept() -> dict[tuple[str, date], str]:
    async with db.held(db.EVERYTHING):
        rows = await db.fetch(
            "SELECT d.code, y.ends_on, y.company_amount FROM sell_in_year y JOIN dealer d ON d.id = y.dealer_id"
        )
    return {(row["code"], row["ends_on"]): str(row["company_amount"]) for row in rows}


async def _agrees(end: date) -> None:
    """What is kept equals what months told by the rollups come to, and what is computed without it."""
    first = Month.of(end).plus(-12)
    async with db.held(db.EVERYTHING):
        assert await years.different_years() == 0
        told: dict[int, object] = {}
        for each in await months(None, ["sell-in"], first, Month.of(end).plus(-1)):
            if each.covered:
                told[each.dealer_id] = told.get(each.dealer_id, 0) + each.company_amount  # type: ignore[operator]
        for sql in (years.SELL_IN_YEAR, years.KEPT_SELL_IN_YEAR):
            assert {row["dealer_id"]: row["figure"] for row in await db.fetch(sql, end)} == told


async def _keep() -> bool:
    async with db.held(db.EVERYTHING):
        return await keep_year()


async def test_a_load_keeps_the_year_of_the_dealers_it_covers(database: str) -> None:
    await make_masters(rates=[("EUR", date(2013, 11, 15), "1.5")])
    person = await make_loader()
    assert await _keep()
    assert not await _keep(), "it is kept already"
    assert await _kept() == {}
    lines = ("D1,2013-10-05,P1,1,100,USD", "D1,2013-11-05,P1,1,20,USD", "D3,2013-11-20,P1,1,10,EUR")
    await loaded(person, "sell-in", csv_of(HEADER, *lines), period="2013-10:2013-11")
    assert await _kept() == {
        ("D1", DECEMBER): "120.0000",
        ("D2", DECEMBER): "0.0000",
        ("D3", DECEMBER): "15.0000",
    }, "covered months without lines are zero"
    await _agrees(DECEMBER)
    # A correction of one dealer's November takes the place of what stood there, and leaves the others.
    corrected = csv_of(HEADER, "D1,2013-11-06,P2,1,7,USD")
    await loaded(person, "sell-in", corrected, period="2013-11", dealers=frozenset({"D1"}))
    assert (await _kept())["D1", DECEMBER] == "107.0000"
    await _agrees(DECEMBER)


async def test_days_that_make_no_whole_month_are_not_in_the_year(database: str) -> None:
    await make_masters()
    person = await make_loader()
    await _keep()
    half = csv_of(HEADER, "D1,2013-11-05,P1,1,20,USD")
    await loaded(person, "sell-in", half, period="2013-11-01:2013-11-15", dealers=frozenset({"D1"}))
    assert await _kept() == {}
    rest = csv_of(HEADER, "D1,2013-11-25,P1,1,3,USD")
    await loaded(person, "sell-in", rest, period="2013-11-16:2013-11-30", dealers=frozenset({"D1"}))
    assert await _kept() == {("D1", DECEMBER): "23.0000"}
    await _agrees(DECEMBER)


async def test_months_outside_the_year_change_nothing(database: str) -> None:
    await make_masters()
    person = await make_loader()
    await _keep()
    await loaded(person, "sell-in", csv_of(HEADER, "D1,2012-11-30,P1,1,20,USD"), period="2012-11")
    await loaded(person, "sell-in", csv_of(HEADER, "D1,2013-12-01,P1,1,20,USD"), period="2013-12-01:2013-12-10")
    assert await _kept() == {}
    await loaded(person, "sell-in", csv_of(HEADER, "D1,2012-12-01,P1,1,9,USD"), period="2012-12")
    assert (await _kept())["D1", DECEMBER] == "9.0000"
    await _agrees(DECEMBER)


async def test_when_a_month_is_over_the_next_year_is_kept_and_loads_go_on_with_it(database: str) -> None:
    await make_masters()
    person = await make_loader()
    await loaded(person, "sell-in", csv_of(HEADER, "D1,2012-12-05,P1,1,5,USD"), period="2012-12")
    await loaded(person, "sell-in", csv_of(HEADER, "D1,2013-11-05,P1,1,20,USD"), period="2013-11")
    await _keep()
    assert (await _kept())["D1", DECEMBER] == "25.0000"
    with clock.fixed(datetime(2014, 1, 1, 0, 5, tzinfo=UTC)):
        async with db.held(db.EVERYTHING):
            assert not await years.is_kept(JANUARY), "until the job has run nobody may rely on it"
        assert await _keep()
        assert await _kept() == {(code, JANUARY): amount for code, amount in
                                 (("D1", "20.0000"), ("D2", "0.0000"), ("D3", "0.0000"))}  # fmt: skip
        await loaded(person, "sell-in", csv_of(HEADER, "D1,2013-12-05,P1,1,1,USD"), period="2013-12")
        assert (await _kept())["D1", JANUARY] == "21.0000"
        await _agrees(JANUARY)


async def test_what_was_kept_wrongly_is_found_and_mended(database: str) -> None:
    await make_masters()
    person = await make_loader()
    await _keep()
    await loaded(person, "sell-in", csv_of(HEADER, "D1,2013-11-05,P1,1,20,USD"), period="2013-11")
    async with db.held(db.EVERYTHING):
        await db.execute("DELETE FROM sell_in_year WHERE dealer_id = (SELECT id FROM dealer WHERE code = 'D2')")
        assert await reconcile_years() == 1
        assert await reconcile_years(mend=True) == 1
        assert await reconcile_years() == 0
    await _agrees(DECEMBER)
    assert "years" in {each.key for room in ROOMS for each in room.kept}
