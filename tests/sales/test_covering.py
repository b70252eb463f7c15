"""For which days a report speaks when nobody says so, what it tells of that before, and what has to be confirmed."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from channel import clock
from channel.access.pages import SESSION_COOKIE
from channel.database import db
from channel.lists import ALL
from channel.periods import Month, Span
from channel.sales.queries import coverage as coverage_queries
from channel.sales.queries import loading
from channel.sales.queries.months import months
from tests.make.access import make_session
from tests.make.covering import compute_days_covered
from tests.make.sales import csv_of, loaded, make_loader, make_masters

OCTOBER = Month(2025, 10)
ORDINARY = Span(date(2025, 10, 3), date(2025, 10, 29))
"""From the 3rd to the 28th: an ordinary month's first and last sale."""
NOVEMBER_20 = date(2025, 11, 20)
HEADER = "dealer,date,product,quantity,amount"
NOW = datetime(2025, 11, 20, 8, tzinfo=UTC)


def _span(text: str) -> Span:
    """`10-03:10-28` of 2025, both days in it."""
    first, last = (date.fromisoformat(f"2025-{part}") for part in text.split(":"))
    return Span(first, last + timedelta(days=1))


async def _spans(kind: str) -> dict[str, list[str]]:
    async with db.held(db.EVERYTHING):
        rows = await db.fetch(
            "SELECT d.code, c.from_on, c.to_on - 1 AS last FROM coverage c JOIN dealer d ON d.id = c.dealer_id"
            " WHERE c.kind = $1 ORDER BY c.id",
            kind,
        )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["code"], []).append(f"{row['from_on']:%m-%d}:{row['last']:%m-%d}")
    return found


def _daily(dealer: str, first: int, last: int, month: str = "2025-10") -> list[str]:
    return [f"{dealer},{month}-{day:02},P1,1,10" for day in range(first, last + 1, 5)] + [
        f"{dealer},{month}-{last:02},P1,1,10"
    ]


async def test_an_ordinary_report_covers_its_month_and_nobody_owes_it_any_more(database: str) -> None:
    ids = await make_masters()
    with clock.fixed(NOW):
        done = await loaded(
            await make_loader(),
            "sell-through",
            csv_of(HEADER, *_daily("D1", 3, 28), *_daily("D2", 1, 31)),
            confirmed=False,
        )
    assert done["state"] == "loaded", done
    assert await _spans("sell-through") == {"D1": ["10-01:10-31"], "D2": ["10-01:10-31"]}
    assert done["preview"]["months"] == {
        "complete": 2,
        "in_part": 0,
        "rows": [
            {"code": code, "name": f"Dealer {code}", "month": "2025-10", "first": "2025-10-01", "last": "2025-10-31",
             "complete": True, "lines": lines}
            for code, lines in (("D1", 7), ("D2", 8))
        ],
    }  # fmt: skip
    async with db.held(db.EVERYTHING):
        owed = await coverage_queries.owed_reports(OCTOBER, ["sell-through"])
    assert {row["code"] for row in owed} == set(ids) - {"D1", "D2"}


async def test_who_reports_week_by_week_covers_weeks_and_a_month_with_the_last_of_them(database: str) -> None:
    await make_masters()
    person = await make_loader()
    with clock.fixed(NOW):
        for first, last in ((1, 15), (16, 30)):
            lines = csv_of(HEADER, *_daily("D1", first, last, "2025-09"))
            await loaded(person, "sell-through", lines, period=f"2025-09-{first:02}:2025-09-{last:02}")
        one = await loaded(person, "sell-through", csv_of(HEADER, *_daily("D1", 1, 15)))
        two = await loaded(person, "sell-through", csv_of(HEADER, *_daily("D1", 16, 31)))
    assert await _spans("sell-through") == {"D1": ["09-01:09-15", "09-16:09-30", "10-01:10-15", "10-16:10-31"]}
    told = [(r["complete"], r["first"], r["last"]) for each in (one, two) for r in each["preview"]["months"]["rows"]]
    assert told == [(False, "2025-10-01", "2025-10-15"), (True, "2025-10-16", "2025-10-31")]


async def test_sell_in_speaks_of_who_has_no_line_on_its_own_days_alone(database: str) -> None:
    await make_masters()
    with clock.fixed(NOW):
        done = await loaded(await make_loader(), "sell-in", csv_of(HEADER, *_daily("D1", 3, 28)))
    assert await _spans("sell-in") == {"D1": ["10-01:10-31"], "D2": ["10-03:10-28"], "D3": ["10-03:10-28"]}
    told = done["preview"]["months"]
    assert (told["complete"], told["in_part"], [row["code"] for row in told["rows"]]) == (1, 2, ["D1"])
    assert done["preview"]["own_days"] == {"from": "2025-10-03", "to": "2025-10-28"}
    assert done["preview"]["days"] == {"from": "2025-10-01", "to": "2025-10-31"}


async def test_a_count_of_stock_speaks_for_its_day(database: str) -> None:
    ids = await make_masters()
    person = await make_loader()
    with clock.fixed(NOW):
        header = "dealer,date,product,quantity"
        await loaded(person, "stock", csv_of(header, "D1,2025-10-20,P1,5", "D1,2025-10-31,P1,9"))
        done = await loaded(
            person, "stock", csv_of(header, "D1,2025-10-15,P1,7", "D1,2025-10-31,P1,4", "D2,2025-10-31,P1,3")
        )
        # The same file says nothing new, and is not loaded again.
        again = await loaded(
            person, "stock", csv_of(header, "D1,2025-10-15,P1,7", "D1,2025-10-31,P1,4", "D2,2025-10-31,P1,3")
        )
    assert (done["state"], done["counts"]["superseded"], done["counts"]["dealers"]) == ("loaded", 1, 2)
    assert again["state"] == "unchanged"
    assert await _spans("stock") == {
        "D1": ["10-20:10-20", "10-31:10-31", "10-15:10-15", "10-31:10-31"],
        "D2": ["10-31:10-31"],
    }
    async with db.held(db.EVERYTHING):
        live = await db.fetch(
            "SELECT on_date, quantity FROM sales_line WHERE dealer_id = $1 AND closed_by IS NULL ORDER BY 1", ids["D1"]
        )
        reports = (await coverage_queries.reports("stock", None, ALL)).items
        assert [each.quantity for each in await months([ids["D1"]], ["stock"], OCTOBER, OCTOBER)] == [4]
    assert [(row["on_date"].day, row["quantity"]) for row in live] == [(15, 7), (20, 5), (31, 4)]
    assert [(r["covers_from"].day, *r["counted"], r["dealers"]) for r in reports] == [
        (31, 2, 1, 2), (15, 1, 0, 1), (31, 1, 0, 1), (20, 1, 0, 1),
    ]  # fmt: skip


async def test_days_that_would_count_as_zero_are_named_and_confirmed(database: str) -> None:
    await make_masters()
    person = await make_loader()
    short = csv_of(HEADER, *_daily("D1", 3, 15), *_daily("D2", 1, 31))
    with clock.fixed(NOW):
        waiting = await loaded(person, "sell-through", short, confirmed=False)
        assert (waiting["state"], waiting["preview"]["silent"]["rows"]) == (
            "checked",
            [{"code": "D1", "name": "Dealer D1", "first": "2025-10-16", "last": "2025-10-31", "days": 16, "found": 1}],
        )
        assert "D1 2025-10-16 … 2025-10-31" in waiting["preview"]["confirm"]["params"]["runs"]
        assert await _spans("sell-through") == {}
        # Who gave the period has said it.
        said = await loaded(person, "sell-through", short, period="2025-10", confirmed=False)
        assert (said["state"], said["preview"]["silent"]["runs"]) == ("loaded", 1)
        # What the company sold is complete on every day on which anybody bought.
        bought = await loaded(person, "sell-in", short, confirmed=False)
        assert bought["state"] == "loaded"
        cut = await loaded(person, "sell-in", csv_of(HEADER, *_daily("D1", 3, 15, "2025-09")), confirmed=False)
        assert (cut["state"], [(r["code"], r["first"], r["last"]) for r in cut["preview"]["silent"]["rows"]]) == (
            "checked", [(None, "2025-09-16", "2025-09-30")],
        )  # fmt: skip


async def test_page_and_api_tell_months_and_silent_days_before_anything_goes_in(
    api: Callable[..., Any], database: str
) -> None:
    await make_masters()
    person = await make_loader()
    with clock.fixed(NOW):
        waiting = await loaded(person, "sell-through", csv_of(HEADER, *_daily("D1", 3, 15, "2025-11")), confirmed=False)
        assert waiting["state"] == "loaded", "no day after the last line of a month that runs is spoken of"
        waiting = await loaded(person, "sell-through", csv_of(HEADER, *_daily("D2", 3, 15)), confirmed=False)
    client = await api(person)
    told = (await client.get(f"/api/v1/imports/{waiting['id']}")).json()["preview"]
    assert (
        told["confirm"] == "More than 7 days on end hold no line and would count as zero: D2 2025-10-16 … 2025-10-31."
    )
    assert [(r["month"], r["complete"]) for r in told["months"]["rows"]] == [("2025-10", True)]
    client.cookies.set(SESSION_COOKIE, await make_session(person))
    page = (await client.get(f"/imports/{waiting['id']}")).text
    for text in (told["confirm"], "1 whole, 0 in part", "2025-10-01", "2025-10-31", "these days count as zero"):
        assert text in page


@pytest.mark.parametrize("seed", range(3))
async def test_the_days_of_all_dealers_at_once_are_those_of_the_rule(seed: int, database: str) -> None:
    """Random reports before, and after each load months and rollups that are those of the lines."""
    luck = random.Random(seed)  # noqa: S311 - a repeatable draw
    codes = [f"D{n:02}" for n in range(25)]
    await make_masters(dealers=[(code, "USD") for code in codes])
    person = await make_loader()
    for code in codes:
        for _ in range(luck.randint(0, 4)):
            first = date(2025, 6, 20) + timedelta(days=luck.randint(0, 120))
            start = first.replace(day=1) if luck.random() < 0.5 else first
            last = start + timedelta(days=luck.choice([0, 6, 13, 22, 29, 30]))
            await loaded(person, "sell-through", csv_of(HEADER, f"{code},{start},P1,1,10"), period=f"{start}:{last}")
    before: dict[str, list[Span]] = {
        code: [_span(each) for each in spans] for code, spans in (await _spans("sell-through")).items()
    }
    chosen = luck.sample(codes, 15)
    own: dict[str, Span] = {}
    lines: list[str] = []
    for code in chosen:
        days = sorted(date(2025, 9, 28) + timedelta(days=luck.randint(0, 60)) for _ in range(3))
        own[code] = Span(days[0], days[-1] + timedelta(days=1))
        lines += [f"{code},{day},P1,1,{luck.randint(1, 99)}" for day in days]
    with clock.fixed(NOW):
        done = await loaded(person, "sell-through", csv_of(HEADER, *lines))
    assert done["state"] == "loaded", done
    after = await _spans("sell-through")
    expected = {code: compute_days_covered(own[code], before.get(code, []), NOVEMBER_20) for code in chosen}
    assert {code: _span(after[code][-1]) for code in chosen} == expected
    async with db.held(db.EVERYTHING):
        assert await loading.different_rollups() == 0
