"""The list of dealers against a slow reading of the same tables: every sort and filter, page after page, in scope."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from channel import clock
from channel.access.rules import OPERATOR, Person, Role
from channel.access.service import open_posting, scope_of
from channel.credit.queries.limit_spans import LIMIT_IN_FORCE
from channel.credit.rules import limit_in_force
from channel.credit.service.inputs import events_of
from channel.credit.service.limit_spans import keep_spans, reconcile_spans
from channel.credit.service.limits import limit_of
from channel.database import db
from channel.database.snapshots import view_of
from channel.dealers.queries.lists import DealerFilter
from channel.desk.lists import DEALERS as DEALERS_LISTED
from channel.desk.service.lists import Listed, dealer_list
from channel.lists import ALL, Wanted
from channel.periods import Month, Span, months_of
from channel.sales.queries import months as month_queries
from channel.sales.queries import years
from channel.sales.service.years import keep_year
from tests.make.access import acting, make_person, make_territories
from tests.make.dealers import make_line
from tests.make.limits import make_dealer_selling, make_desk, put_in_force

NOW = datetime(2013, 12, 20, 8, tzinfo=UTC)
TODAY = NOW.date()
FIRST, LAST = Month(2012, 12), Month(2013, 11)
DEALERS = 45
RANKS = {grade: rank for rank, grade in enumerate(("AAA", "AA", "A", "B", "C"))}

MASTERS = """
INSERT INTO dealer (code, name, type, territory_id, grade, status, currency, terms_days)
SELECT 'D' || n, name, type, territory, grade, status, currency, terms
FROM unnest($1::integer[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::integer[])
    AS u (n, name, type, territory, grade, status, currency, terms)
"""
REPORTED = """
INSERT INTO coverage (dealer_id, kind, from_on, to_on, report_id, posting_id)
SELECT d.id, 'sell-in', u.first, u.after, $4, $5
FROM unnest($1::text[], $2::date[], $3::date[]) AS u (code, first, after) JOIN dealer d USING (code)
"""
SOLD = """
INSERT INTO sales_month (dealer_id, kind, month, line_id, dealer_currency, quantity, dealer_amount, company_amount,
                         returned_quantity, returned_dealer_amount, returned_company_amount, lines)
SELECT d.id, 'sell-in', u.month, $4, 'USD', 1, u.amount, u.amount, 0, 0, 0, 1
FROM unnest($1::text[], $2::date[], $3::numeric[]) AS u (code, month, amount) JOIN dealer d USING (code)
"""
LIMITS = """
WITH asked AS (
    INSERT INTO request_dealer (dealer_id, kind, about, reason, author_ids, needed, counted, state, proposer_id,
                                proposer, proposed_at, posting_id, closed_by)
    SELECT d.id, 'limit', CASE $2 WHEN 'limit' THEN 'base' WHEN 'raise' THEN 'temporary' ELSE 'end' END, 'made', '{}',
           1, '{}', 'approved', $7, 'made', now(), $8, $8 FROM dealer d WHERE d.code = $1
    RETURNING dealer_id, id, about
), made AS (
    INSERT INTO limit_proposal (dealer_id, id, kind, amount, currency, from_on, to_on, company_rate, rate_as_of)
    SELECT dealer_id, id, about, $3::numeric, 'USD', $4, $5, $6::numeric, $4 FROM asked
    RETURNING dealer_id, id
)
INSERT INTO credit_limit (dealer_id, kind, amount, currency, from_on, to_on, proposal_id, posting_id)
SELECT dealer_id, $2, $3::numeric, 'USD', $4, $5, id, $8 FROM made
"""


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed(NOW):
        yield


@pytest.fixture
async def people(database: str) -> tuple[Person, Person]:
    """Random dealers with gaps, zeros, equal figures, limits that ended, begin later or have no rate."""
    nodes = await make_territories("East/Harbour City", "East/Harbour", "North/Lake District")
    everywhere = await make_person(Role.FINANCE, login="f")
    await make_line("Road")
    await make_line("Tyres", wanted_type="terminal")
    dice = random.Random(20131220)  # noqa: S311 - made-up dealers
    async with db.held(db.EVERYTHING), db.transaction():
        posting = await open_posting(OPERATOR, "load dealers")
        await _dealers(dice, list(nodes.values()))
        await _sales(dice, posting)
        await _limits(dice, posting, everywhere.person_id)
        await keep_spans([row["id"] for row in await db.fetch("SELECT id FROM dealer")])
    return everywhere, await make_person(Role.REGIONAL, nodes["East"], login="n")


async def _dealers(dice: random.Random, nodes: list[int]) -> None:
    numbers = list(range(DEALERS))
    await db.execute(
        MASTERS,
        numbers,
        [dice.choice(("Harbour", "Lake", "harbour side", "Ångström 50%")) for _ in numbers],
        [dice.choice(("wholesale", "terminal")) for _ in numbers],
        [dice.choice(nodes) for _ in numbers],
        [dice.choice((*RANKS, None)) for _ in numbers],
        [dice.choice(("prospect", "active", "on hold", "ended")) for _ in numbers],
        [dice.choice(("USD", "EUR")) for _ in numbers],
        [dice.choice((0, 30, 45)) for _ in numbers],
    )
    await db.execute(
        "INSERT INTO dealer_line (dealer_id, line_id) SELECT d.id, l.id FROM dealer d, product_line l"
        " WHERE (d.id + l.id) % 3 = 0"
    )


async def _sales(dice: random.Random, posting: int) -> None:
    report = await db.fetchval(
        "INSERT INTO sales_report (kind, file_name, covers_from, covers_to, posting_id)"
        " VALUES ('sell-in', 'x', '2012-01-01', '2014-01-01', $1) RETURNING id",
        posting,
    )
    covered, sold = [], []
    for number in range(DEALERS - 5):
        first = date(2012, 11, 1) + timedelta(days=dice.choice((0, 31, 40, 300)))
        covered.append((f"D{number}", first, first + timedelta(days=dice.choice((20, 31, 200, 400)))))
        sold += [
            (f"D{number}", Month(2012, 11).plus(n).first, Decimal(dice.choice((-5, 0, 100, 250))))
            for n in range(14)
            if dice.random() < 0.6
        ]
    await db.execute(REPORTED, *map(list, zip(*covered, strict=True)), report, posting)
    line = await db.fetchval("SELECT min(id) FROM product_line")
    await db.execute(SOLD, *map(list, zip(*sold, strict=True)), line)


async def _limits(dice: random.Random, posting: int, proposer: int | None) -> None:
    for number in range(0, DEALERS, 2):
        for _ in range(dice.randint(1, 4)):
            kind = dice.choice(("limit", "limit", "limit", "raise", "withdrawal"))
            begin = TODAY + timedelta(days=dice.randint(-60, 10))
            end = (
                None
                if kind == "withdrawal" or (kind == "limit" and dice.random() < 0.4)
                else begin + timedelta(days=dice.randint(1, 60))
            )
            amount = None if kind == "withdrawal" else Decimal(dice.choice((100, 200, 200)))
            rate = dice.choice((Decimal(1), Decimal("1.5"), None))
            await db.execute(LIMITS, f"D{number}", kind, amount, begin, end, rate, proposer, posting)


async def _slowly(person: Person) -> list[dict[str, object]]:
    """Every dealer in the person's scope with all that a list shows, filters and sorts by, each read by itself."""
    async with db.held(db.EVERYTHING):
        reach = {row["territory_id"] for row in await db.fetch(
            "SELECT territory_id FROM territory_tree WHERE ancestor_id = ANY ($1::bigint[])", list(person.territory_ids)
        )}  # fmt: skip
        rows = await db.fetch("SELECT d.*, t.name AS place FROM dealer d JOIN territory t ON t.id = d.territory_id")
        carried = {(row[0], row[1]) for row in await db.fetch(
            "SELECT c.dealer_id, l.code FROM dealer_line c JOIN product_line l ON l.id = c.line_id")}  # fmt: skip
        figures = await month_queries.months(None, ["sell-in"], FIRST, LAST)
        journal = await db.fetch(
            "SELECT c.*, p.company_rate FROM credit_limit c JOIN limit_proposal p ON p.id = c.proposal_id ORDER BY c.id"
        )
        above = await db.fetch(
            "SELECT x.territory_id, a.code FROM territory_tree x JOIN territory a ON a.id = x.ancestor_id"
        )
    found = []
    for row in rows:
        if person.territory_ids and row["territory_id"] not in reach:
            continue
        mine = [each.company_amount for each in figures if each.dealer_id == row["id"] and each.covered]
        lines = [each for each in journal if each["dealer_id"] == row["id"]]
        state = limit_in_force(events_of(lines), TODAY)
        rates = [each["company_rate"] for each in lines if each["kind"] == "limit" and each["from_on"] == state.since]
        known = state.total is not None and rates[-1] is not None
        found.append(
            dict(row)
            | {
                "sell_in": sum(mine, Decimal(0)) if mine else None,
                "limit": state.total * rates[-1] if known and state.total is not None else None,
                "limit_shown": state.total,
                "lines": {code for dealer_id, code in carried if dealer_id == row["id"]},
                "above": {code for territory_id, code in above if territory_id == row["territory_id"]},
            }
        )
    return found


def _kept(row: dict[str, object], asked: DealerFilter) -> bool:
    text = f"{row['code']} {row['name']}".lower()
    return (
        asked.type in {None, row["type"]}
        and asked.status in {None, row["status"]}
        and asked.grade in {None, row["grade"] or "none"}
        and (asked.territory is None or asked.territory in row["above"])  # type: ignore[operator]
        and (asked.line is None or asked.line in row["lines"])  # type: ignore[operator]
        and (asked.text or "").strip().lower() in text
    )


def _place(row: dict[str, object], sort: str) -> tuple[object, object]:
    value = {"territory": row["place"], "grade": RANKS.get(str(row["grade"]), 9)}.get(sort, row.get(sort))
    return (Decimal("-Infinity") if value is None else value), row["id"]


def _sorted(rows: list[dict[str, object]], asked: DealerFilter, by: str) -> list[object]:
    sort = by.removeprefix("-")
    kept = [row for row in rows if _kept(row, asked)]
    return [row["id"] for row in sorted(kept, key=lambda row: _place(row, sort), reverse=by.startswith("-"))]


FILTERS = (
    DealerFilter(),
    DealerFilter(type="wholesale"),
    DealerFilter(territory="East"),
    DealerFilter(territory="Harbour", status="active"),
    DealerFilter(line="Tyres"),
    DealerFilter(grade="AA"),
    DealerFilter(grade="none"),
    DealerFilter(grade="nonsense"),
    DealerFilter(text="HARBOUR"),
    DealerFilter(text=" 50% "),
    DealerFilter(text="d4", type="terminal"),
    DealerFilter(line="Nothing"),
)


async def _ids(person: Person, asked: DealerFilter, sort: str, size: int | None) -> list[int]:
    found: list[int] = []
    cursor = None
    while True:
        page = await dealer_list(person, asked, Wanted(sort, cursor, size))
        assert size is None or len(page.items) <= size
        assert page.items or cursor is None, "a page followed that has nothing"
        found += [each.row["id"] for each in page.items]
        cursor = page.next
        if cursor is None:
            return found


@pytest.mark.parametrize("kept", [True, False], ids=["year kept", "year not kept"])
async def test_every_sort_gives_what_reading_slowly_gives_whole_and_page_by_page(
    people: tuple[Person, Person],
    kept: bool,
) -> None:
    async with db.held(db.EVERYTHING):
        if kept:
            await keep_year()
        assert await years.is_kept(LAST.end) is kept
    for person in people:
        slow = await _slowly(person)
        async with acting(person):
            for sort in DEALERS_LISTED.sorts if kept else ("sell_in",):
                for by, asked in (
                    (sort, DealerFilter()),
                    (f"-{sort}", DealerFilter()),
                    (f"-{sort}", DealerFilter(type="terminal")),
                ):
                    expected = _sorted(slow, asked, by)
                    assert await _ids(person, asked, by, None) == expected, (asked, by)
                    assert await _ids(person, asked, by, 5) == expected, (asked, by)


async def test_every_filter_lets_through_what_reading_slowly_does(people: tuple[Person, Person]) -> None:
    for person in people:
        slow = await _slowly(person)
        found_any = 0
        async with acting(person):
            for asked in FILTERS:
                for sort in ("name", "-limit", "sell_in"):
                    expected = _sorted(slow, asked, sort)
                    page = await dealer_list(person, asked, Wanted(sort))
                    assert [each.row["id"] for each in page.items] == expected, asked
                    kinds = [row["type"] for row in slow if row["id"] in expected]
                    assert page.found == (len(kinds), kinds.count("wholesale"), kinds.count("terminal")), asked
                    found_any += bool(expected)
        assert found_any > len(FILTERS), "most filters find somebody"


async def test_what_is_shown_is_what_is_sorted_by(people: tuple[Person, Person]) -> None:
    for person in people:
        slow = {row["id"]: row for row in await _slowly(person)}
        async with acting(person):
            listed = (await dealer_list(person, DealerFilter(), ALL)).items
            assert len(listed) == len(slow) > 0
            for each in listed:
                row = slow[each.row["id"]]
                assert each.year.total == row["sell_in"], row["code"]
                assert each.limit.total == row["limit_shown"], row["code"]
                assert each.row["mismatch"] == ("Tyres" in row["lines"] and row["type"] == "wholesale")  # type: ignore[operator]
                assert each.row["territory_path"].split(" / ")[-1] == row["place"]


async def test_the_figures_by_month_are_those_of_the_sheets(people: tuple[Person, Person]) -> None:
    everywhere, _ = people
    first, last = Month(2011, 12), LAST
    async with acting(everywhere):
        listed: dict[int, Listed] = {
            each.row["id"]: each for each in (await dealer_list(everywhere, DealerFilter(), ALL)).items
        }
        figures = await month_queries.months(None, ["sell-in"], first, last)
    told = {(each.dealer_id, each.month): each.company_amount for each in figures if each.covered}
    assert len(listed) == DEALERS
    assert len(told) > DEALERS
    assert len(set(told.values())) > 2, "the figures differ"
    for dealer_id, each in listed.items():
        assert list(each.months) == [told.get((dealer_id, month)) for month in months_of(Span(first.first, last.end))]


async def test_counting_ends_at_a_bound_and_says_so(people: tuple[Person, Person]) -> None:
    everywhere, _ = people
    async with acting(everywhere):
        exact = await dealer_list(everywhere, DealerFilter(), Wanted(limit=3), most=DEALERS)
        bounded = await dealer_list(everywhere, DealerFilter(), Wanted(limit=3), most=DEALERS - 1)
    assert (exact.counted, exact.found[0]) == (True, DEALERS)
    assert not bounded.counted
    assert len(bounded.items) == 3


@pytest.mark.usefixtures("people")
async def test_the_limit_sorted_by_is_right_on_every_day_without_anything_being_run() -> None:
    """Limits end, begin and are raised as days go by: what is kept knows of it beforehand."""
    async with db.held(db.EVERYTHING):
        journal = await db.fetch(
            "SELECT c.*, p.company_rate FROM credit_limit c JOIN limit_proposal p ON p.id = c.proposal_id ORDER BY c.id"
        )
        seen: set[tuple[int, Decimal]] = set()
        for number in range(-70, 80, 3):
            day = TODAY + timedelta(days=number)
            expected: dict[int, Decimal | None] = {}
            for dealer_id in {row["dealer_id"] for row in journal}:
                lines = [row for row in journal if row["dealer_id"] == dealer_id]
                state = limit_in_force(events_of(lines), day)
                if state.total is not None:
                    of_base = [r["company_rate"] for r in lines if r["kind"] == "limit" and r["from_on"] == state.since]
                    expected[dealer_id] = None if of_base[-1] is None else state.total * of_base[-1]
            kept = {row["dealer_id"]: row["figure"] for row in await db.fetch(LIMIT_IN_FORCE, day)}
            assert kept == expected, day
            seen |= {(dealer, figure) for dealer, figure in kept.items() if figure is not None}
        assert len(seen) > len({dealer for dealer, _ in seen}) > 0, "limits begin and end on these days"
        assert await reconcile_spans() == 0


async def test_approving_keeps_the_spans_and_a_wrong_one_is_found_and_mended(database: str) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 10_000)
    await put_in_force(desk, "D-1", 8_000, date(2013, 6, 1))
    async with acting(desk.finance) as person:
        (each,) = (await dealer_list(person, DealerFilter(), Wanted("-limit"))).items
        assert each.limit.total == (await limit_of(person, "D-1", view_of())).state.total == Decimal(8_000)
        assert [row["figure"] for row in await db.fetch(LIMIT_IN_FORCE, TODAY)] == [Decimal(8_000)]
        assert await db.fetch(LIMIT_IN_FORCE, date(2013, 5, 31)) == []
    async with db.held(db.EVERYTHING):
        await db.execute("DELETE FROM limit_span")
        assert await reconcile_spans() == 1
        assert await reconcile_spans(mend=True) == 1
        assert await reconcile_spans() == 0
    async with db.held(scope_of(desk.north)):
        for table in ("limit_span", "sell_in_year"):
            assert await db.fetchval(f"SELECT count(*) FROM {table}") == 0, "the dealer is not the North's"
