"""Reports go in by the machinery of `imports`: what is refused, what is superseded, what is known when."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from channel.access.rules import Role
from channel.database import db
from channel.imports.service.worker import run_waiting
from channel.lists import Wanted
from channel.periods import Month, Span
from channel.sales.queries import coverage as coverage_queries
from channel.sales.queries import loading
from channel.sales.queries.months import month_lines, months
from channel.sales.rules import convert
from tests.make.access import make_person, make_territories
from tests.make.sales import csv_of, load_now, loaded, make_loader, make_masters

HEADER = "dealer,date,product,quantity,amount,currency,document,line"
JANUARY = Month(2025, 1)


async def _months(known_at: Any = None, *, kind: str = "sell-in") -> list[tuple[object, ...]]:  # noqa: ANN401 - a moment
    async with db.held(db.EVERYTHING):
        found = await months(None, [kind], Month(2024, 12), Month(2025, 12), known_at)
    return [(m.dealer_id, str(m.month), m.covered, m.quantity, m.amount, m.company_amount, m.lines) for m in found]


async def test_a_report_goes_in_with_rollups_and_coverage(database: str) -> None:
    ids = await make_masters()
    result = await loaded(
        await make_loader(),
        "sell-in",
        csv_of(
            HEADER,
            "D1,2025-01-05,P1,2,200.00,USD,A1,1",
            "D1,2025-01-31,P2,1,50.1234,USD,A1,2",
            "D1,2025-01-31,P2,-1,-50.1234,USD,A2,1",
            "D2,2025-02-01,P3,3,33.33,USD,A3,1",
        ),
        period="2025-01:2025-02",
    )
    assert result["state"] == "loaded", result
    assert result["counts"] == {"lines": 4, "rejected": 0, "loaded": 4, "superseded": 0, "dealers": 3}
    assert await _months() == [
        (ids["D1"], "2025-01", True, 2, Decimal("200.0000"), Decimal("200.0000"), 3),
        (ids["D1"], "2025-02", True, 0, 0, 0, 0),
        (ids["D2"], "2025-01", True, 0, 0, 0, 0),
        (ids["D2"], "2025-02", True, 3, Decimal("33.3300"), Decimal("33.3300"), 1),
        (ids["D3"], "2025-01", True, 0, 0, 0, 0),
        (ids["D3"], "2025-02", True, 0, 0, 0, 0),
    ]
    async with db.held(db.EVERYTHING):
        lines = (await month_lines(ids["D1"], ["sell-in"], JANUARY.span)).items
        assert [(r["document"], r["line_number"]) for r in lines] == [("A1", "1"), ("A1", "2"), ("A2", "1")]
        first = await month_lines(ids["D1"], ["sell-in"], JANUARY.span, Wanted(limit=1))
        after = await month_lines(ids["D1"], ["sell-in"], JANUARY.span, Wanted(cursor=first.next, limit=1))
        assert [r["line_number"] for r in after.items] == ["2"]


async def test_everything_that_is_wrong_is_named_and_nothing_goes_in(database: str) -> None:
    await make_masters(rates=[("EUR", date(2025, 1, 1), "1.1")])
    content = csv_of(
        HEADER,
        "D1,2025-01-05,P1,2,200.00,USD,A1,1",
        "DX,2025-01-05,P1,2,200.00,USD,A1,2",
        "D1,2025-01-05,PX,2,200.00,USD,A1,3",
        "D1,2025-01-32,P1,2,200.00,USD,A1,4",
        "D1,2025-01-05,P1,many,200.00,USD,A1,5",
        "D1,2025-01-05,P1,2,123456789012345,USD,A1,6",
        "D1,2025-01-05,P1,2,200.00,GBP,A1,7",
        "D1,2025-02-01,P1,2,200.00,USD,A1,8",
        "D1,2025-01-06,P1,2,200.00,USD,A1,1",
        "D3,2025-01-08,P1,2,200.00,EUR,A1,10",
        "D3,2025-01-09,P1,2,200.00,EUR,A1,11",
        "D1,2025-01-05,P1,2",
    )
    result = await loaded(await make_loader(), "sell-in", content, period="2025-01")
    assert result["state"] == "refused"
    assert [(line, [field for field, _ in reasons]) for line, reasons in result["rejects"]] == [
        (3, ["dealer"]),
        (4, ["product"]),
        (5, ["date"]),
        (6, ["quantity"]),
        (7, ["amount"]),
        (8, ["currency"]),
        (9, ["date"]),
        (10, ["document"]),
        (12, ["currency"]),
        (13, [""]),
    ]
    assert "line 2" in result["rejects"][7][1][0][1]
    assert await _months() == []

    partly = await loaded(await make_loader(), "sell-in", content, period="2025-01", partial=True)
    assert (partly["state"], partly["counts"]["loaded"], partly["counts"]["rejected"]) == ("loaded", 2, 10)


async def test_amounts_are_converted_by_the_rates_of_the_day_from_unrounded_values(database: str) -> None:
    await make_masters(
        rates=[
            ("EUR", date(2025, 1, 1), "1.123456789"),
            ("EUR", date(2025, 1, 4), "1.2"),
            ("GBP", date(2025, 1, 3), "1.333333333333"),
        ]
    )
    result = await loaded(
        await make_loader(),
        "sell-in",
        csv_of(
            HEADER,
            "D3,2025-01-03,P1,1,0.00015,GBP,A1,1",
            "D3,2025-01-10,P1,1,10.00,GBP,A1,2",
            "D3,2025-01-11,P1,1,1,,,",
        ),
    )
    assert result["state"] == "loaded", result
    async with db.held(db.EVERYTHING):
        rows = await db.fetch("SELECT * FROM sales_line ORDER BY on_date")
    for row in rows:
        assert (row["company_amount"], row["dealer_amount"]) == convert(row["amount"], row["rate"], row["dealer_rate"])
    assert [(r["amount"], r["currency"], r["rate"], r["dealer_rate"]) for r in rows] == [
        (Decimal("0.0002"), "GBP", Decimal("1.333333333333"), Decimal("1.123456789")),
        (Decimal("10.0000"), "GBP", Decimal("1.333333333333"), Decimal("1.2")),
        (Decimal("1.0000"), "EUR", Decimal("1.2"), Decimal("1.2")),
    ]


async def test_the_same_file_again_changes_nothing_and_a_new_one_supersedes_exactly_its_days(database: str) -> None:
    ids = await make_masters()
    person = await make_loader()
    first = csv_of(
        HEADER, "D1,2025-01-05,P1,2,200,USD,A1,1", "D1,2025-02-05,P1,1,100,USD,A2,1", "D2,2025-01-20,P2,1,7,USD,A3,1"
    )
    one = await loaded(person, "sell-in", first, period="2025-01:2025-02")
    again = await loaded(person, "sell-in", first, period="2025-01:2025-02")
    assert (again["state"], again["same_as"]) == ("unchanged", one["id"])
    async with db.held(db.EVERYTHING), db.known() as moment:
        pass
    before = await _months()

    second = csv_of(HEADER, "D1,2025-01-05,P1,3,300,USD,A1,1")
    checked = await loaded(person, "sell-in", second, period="2025-01-01:2025-01-10", dry_run=True)
    assert checked["state"] == "checked"
    assert [(r["code"], r["month"], r["lines"], r["new_lines"]) for r in checked["preview"]["replaces"]] == [
        ("D1", "2025-01", 1, 1)
    ]
    assert await _months() == before
    two = await loaded(person, "sell-in", second, period="2025-01-01:2025-01-10")
    assert (two["state"], two["counts"]["superseded"]) == ("loaded", 1)
    after = await _months()
    assert {row[:2]: row[4] for row in after if row[4]} == {
        (ids["D1"], "2025-01"): 300,
        (ids["D1"], "2025-02"): 100,
        (ids["D2"], "2025-01"): 7,
    }
    assert await _months(moment) == before
    restored = await loaded(person, "sell-in", first, period="2025-01:2025-02")
    assert restored["state"] == "loaded"
    assert await _months() == before


async def test_a_document_line_of_days_that_stay_is_not_loaded_twice(database: str) -> None:
    await make_masters()
    person = await make_loader()
    await loaded(person, "sell-in", csv_of(HEADER, "D1,2025-01-05,P1,2,200,USD,A1,1"), period="2025-01")
    result = await loaded(person, "sell-in", csv_of(HEADER, "D1,2025-02-05,P1,2,200,USD,A1,1"), period="2025-02")
    assert (result["state"], [reasons[0][0] for _, reasons in result["rejects"]]) == ("refused", ["document"])


async def test_sell_through_and_stock_cover_only_the_dealers_in_the_file(database: str) -> None:
    ids = await make_masters()
    person = await make_loader()
    result = await loaded(
        person,
        "sell-through",
        csv_of("dealer,date,product,quantity,amount", "D1,2025-01-05,P1,2,200"),
        period="2025-01",
    )
    assert result["counts"]["dealers"] == 1
    stock = await loaded(
        person,
        "stock",
        csv_of("dealer,date,product,quantity", "D1,2025-01-31,P1,5", "D1,2025-01-15,P1,9", "D1,2025-01-31,P3,1"),
    )
    assert stock["state"] == "loaded", stock
    assert await _months(kind="stock") == [(ids["D1"], "2025-01", True, 6, None, None, 2)]
    named = await loaded(
        person,
        "sell-through",
        csv_of("dealer,date,product,quantity,amount", "D1,2025-02-05,P1,2,200", "D2,2025-02-05,P1,2,200"),
        period="2025-02",
        dealers=["D1", "D3"],
    )
    assert (named["state"], [r[1][0][0] for r in named["rejects"]]) == ("refused", ["dealer"])


async def test_regional_staff_reach_only_their_dealers_and_hear_the_same_words(database: str) -> None:
    await make_masters()
    nodes = await make_territories("West")
    bound = await make_person(Role.REGIONAL, nodes["West"])
    await make_masters(dealers=[("W1", "USD")], products=[], territory="West2")
    async with db.held(db.EVERYTHING):
        await db.execute("UPDATE dealer SET territory_id = $1 WHERE code = 'W1'", nodes["West"])
    content = csv_of(
        HEADER, "W1,2025-01-05,P1,2,200,USD,A1,1", "D1,2025-01-05,P1,2,200,USD,A1,2", "NO,2025-01-05,P1,2,200,USD,A1,3"
    )
    refused = await loaded(bound, "sell-in", content, period="2025-01")
    words = [reasons[0][1].replace("D1", "NO") for _, reasons in refused["rejects"]]
    assert [line for line, _ in refused["rejects"]] == [3, 4]
    assert words[0] == words[1]
    partly = await loaded(bound, "sell-in", content, period="2025-01", partial=True)
    assert partly["counts"]["dealers"] == 1


@pytest.mark.parametrize("seed", range(4))
async def test_rollups_equal_the_lines_whatever_is_loaded_in_whatever_order(database: str, seed: int) -> None:
    await make_masters(rates=[("EUR", date(2024, 12, 28) + timedelta(days=d), f"1.{10 + d}") for d in range(0, 120, 5)])
    person = await make_loader()
    chance = random.Random(seed)  # noqa: S311 - which reports come in
    states: list[tuple[Any, list[tuple[object, ...]]]] = []
    for number in range(7):
        kind = chance.choice(("sell-in", "sell-in", "sell-through", "stock"))
        start = date(2025, 1, 1) + timedelta(days=chance.randrange(60))
        days = Span(start, start + timedelta(days=chance.randrange(1, 45)))
        rows = [
            f"{chance.choice(('D1', 'D2', 'D3'))},{days.start + timedelta(days=chance.randrange(days.days))},"
            f"{chance.choice(('P1', 'P2', 'P3'))},{chance.randrange(0 if kind == 'stock' else -5, 20)},"
            f"{chance.randrange(0 if kind == 'stock' else -500, 5000)}.{chance.randrange(10000):04},"
            f"{chance.choice(('USD', 'EUR', ''))}"
            for _ in range(chance.randrange(1, 25))
        ]
        result = await loaded(
            person,
            kind,
            csv_of("dealer,date,product,quantity,amount,currency", *rows),
            f"{number}.csv",
            period=f"{days.start}:{days.last}",
            confirmed=True,
        )
        assert result["state"] == "loaded", result
        async with db.held(db.EVERYTHING):
            assert await loading.different_rollups() == 0
            async with db.known() as moment:
                pass
        now = [await _months(kind=each) for each in ("sell-in", "sell-through", "stock")]
        states.append((moment, [row for rows_ in now for row in rows_]))
    for moment, seen in states:
        then = [await _months(moment, kind=each) for each in ("sell-in", "sell-through", "stock")]
        assert [row for rows_ in then for row in rows_] == seen
    async with db.held(db.EVERYTHING):
        spans = await coverage_queries.coverage(None, ["sell-in"])
        assert all(first.end < second.start for found in spans.values() for first, second in pairwise(found))


async def test_a_view_given_while_a_load_is_open_is_given_again_to_the_cent(database: str) -> None:
    await make_masters()
    person = await make_loader()
    await loaded(person, "sell-in", csv_of(HEADER, "D1,2025-01-05,P1,2,200,USD,A1,1"), period="2025-01")
    async with db.alone(db.EVERYTHING), db.transaction():
        # A load that has written but not committed: superseded and new lines stand in its transaction only.
        posting_id = await db.fetchval("INSERT INTO posting (act, actor) VALUES ('load', 'x') RETURNING id")
        db.note_posting(posting_id)
        await db.execute("UPDATE sales_line SET closed_by = $1", posting_id)
        async with db.alone(db.EVERYTHING), db.known() as moment:
            seen = await months(None, ["sell-in"], JANUARY, JANUARY)
            assert [m.amount for m in seen if m.lines] == [200]
        await db.execute("DELETE FROM sales_month")
    async with db.held(db.EVERYTHING):
        assert [m for m in await months(None, ["sell-in"], JANUARY, JANUARY, moment) if m.lines] == [
            m for m in seen if m.lines
        ]
        assert [m for m in await months(None, ["sell-in"], JANUARY, JANUARY) if m.lines] == []


async def test_what_is_missing_is_created_where_every_field_is_given(database: str) -> None:
    await make_masters()
    person = await make_loader()
    new = "dealer_type,dealer_territory,dealer_currency,dealer_terms_days,product_line"
    header = f"dealer,date,product,quantity,amount,{new}"
    rows = (
        "NEW,2025-01-05,P1,1,10,terminal,East,USD,45,Road",
        "NEW,2025-01-06,PNEW,1,20,terminal,East,USD,45,Gravel",
        "D1,2025-01-07,PNEW,2,40,,,,,Gravel",
    )
    wanted = {"period": "2025-01", "create_missing": ["dealers", "products"]}
    checked = await loaded(person, "sell-in", csv_of(header, *rows), dry_run=True, **wanted)
    assert (checked["state"], checked["counts"]["rejected"]) == ("checked", 0), checked
    assert (checked["preview"]["new_dealers"], checked["preview"]["new_products"]) == (1, 1)
    async with db.held(db.EVERYTHING):
        assert await db.fetchval("SELECT count(*) FROM dealer WHERE code = 'NEW'") == 0
    done = await loaded(person, "sell-in", csv_of(header, *rows), **wanted)
    assert (done["state"], done["counts"]["loaded"], done["counts"]["dealers"]) == ("loaded", 3, 4), done
    async with db.held(db.EVERYTHING):
        row = await db.fetchrow("SELECT id, type, terms_days FROM dealer WHERE code = 'NEW'")
        assert row is not None
        assert (row["type"], row["terms_days"]) == ("terminal", 45)
        assert await loading.different_rollups() == 0
        lines = (await month_lines(row["id"], ["sell-in"], JANUARY.span)).items
        assert [(line["product_code"], line["line_code"]) for line in lines] == [("P1", "Road"), ("PNEW", "Gravel")]
    bad = csv_of(header, "OTHER,2025-01-05,P1,1,10,terminal,Nowhere,USD,45,Road", "OTHER,2025-01-06,P1,1,10,,,,,")
    refused = await loaded(person, "sell-in", bad, "bad.csv", **wanted)
    assert (refused["state"], [line for line, _ in refused["rejects"]]) == ("refused", [2, 3])


async def test_a_report_that_empties_months_waits_to_be_confirmed(api: Callable[..., Any], database: str) -> None:
    await make_masters()
    person = await make_loader()
    many = [f"D1,2025-{month:02}-{day:02},P1,1,10,USD,M{month},{day}" for month in (1, 2, 3) for day in (1, 2, 3)]
    await loaded(person, "sell-in", csv_of(HEADER, *many), period="2025-01:2025-03")
    before = await _months()
    short = csv_of(HEADER, "D1,2025-01-05,P1,1,10,USD,M9,1")
    waiting = await loaded(person, "sell-in", short, period="2025-01:2025-03", confirmed=False)
    assert (waiting["state"], waiting["preview"]["lost_lines"], await _months()) == ("checked", 8, before)
    client = await api(person)
    url = f"/api/v1/imports/{waiting['id']}"
    told = (await client.get(url)).json()
    said = "The report speaks for days of which 9 lines are in, and nothing takes the place of 8 of them."
    assert (told["preview"]["confirm"], told["problem"]["title"]) == (said, said)
    assert [each["field"] for each in told["problem"]["errors"]] == ["confirmed"]
    refused = await client.post(f"{url}/load", json={})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (409, "confirmed")
    assert (await client.post(f"{url}/load", json={"confirmed": True})).status_code == 202
    await run_waiting()
    after = await load_now(waiting["id"])
    assert (after["state"], after["problem"], after["counts"]["superseded"]) == ("loaded", None, 9)
    again = await loaded(person, "sell-in", csv_of(HEADER, *many), period="2025-01:2025-03", confirmed=False)
    assert again["state"] == "loaded", "more lines than before lose none"
    said_so = await loaded(person, "sell-in", csv_of(HEADER, *many[:1]), period="2025-01:2025-03", confirmed=True)
    assert said_so["state"] == "loaded"


@pytest.mark.parametrize(
    ("rows", "options", "field", "title"),
    [
        (("D1,soon,P1,1,10,USD,A,1", "D2,32.01.2025,P1,1,10,USD,A,2"), {}, "date", "No valid days or dealers"),
        (("DX,2025-01-01,P1,1,10,USD,A,1", "DY,2025-01-02,P1,1,10,USD,A,2"), {}, "dealer", "No valid days or dealers"),
        (("D1,soon,P1,1,10,USD,A,1", "D2,soon,P1,1,10,USD,A,2"), {"period": "2025-01"}, "date", None),
        (
            ("D1,soon,P1,1,10,USD,A,1", "D2,soon,P1,1,10,USD,A,2"),
            {"period": "2025-01", "partial": True},
            "date",
            "No line",
        ),
    ],
)
async def test_a_file_without_a_good_line_tells_every_line(
    api: Callable[..., Any],
    database: str,
    rows: tuple[str, ...],
    options: dict[str, Any],
    field: str,
    title: str | None,
) -> None:
    await make_masters()
    person = await make_loader()
    for dry_run in (True, False):
        result = await loaded(person, "sell-through", csv_of(HEADER, *rows), dry_run=dry_run, **options)
        assert result["state"] == ("checked" if dry_run and title != "No valid days or dealers" else "refused")
        assert [(line, reasons[0][0]) for line, reasons in result["rejects"]] == [(2, field), (3, field)]
        assert result["counts"]["rejected"] == 2
    assert title is None or result["problem"]["title"]["text"].startswith(title)
    client = await api(person)
    file = (await client.get(f"/api/v1/imports/{result['id']}/rejects.csv")).content.decode("utf-8-sig").splitlines()
    assert file[0].startswith(HEADER)
    assert [line.rsplit(",", 4)[0].startswith(row) for line, row in zip(file[1:], rows, strict=True)] == [True, True]
