"""Sales by dealer and month: what was reported, what is missing, and the lines beneath each figure.

As known now the figures are read from the rollups; as known at an earlier moment they are summed from the lines
that were live then. Both give the same where they speak of the same moment; a test shows it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from asyncpg import Record

from channel.database import db
from channel.database.paging import page_of
from channel.database.posted import by_place, known, live, of_each
from channel.lists import ALL, Page, Wanted
from channel.periods import Month, Span, months_of
from channel.sales.lists import LINES


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """What is known of a dealer's month of one kind, in one of the dealer's own currencies.

    `covered`: reports speak for every day of the month, so that no line means zero (a month of stock is covered,
    too, when stock was counted in it). In a month that is not covered the figures are those of the days that were
    reported, and no statement about the month. Net is the sum of all lines, returns among them; `returned_*` are
    the returns alone, not above zero. `amount` is None where stock was counted without its value.
    """

    dealer_id: int
    kind: str
    month: Month
    covered: bool
    currency: str | None
    quantity: Decimal
    amount: Decimal | None
    company_amount: Decimal | None
    returned_quantity: Decimal
    returned_amount: Decimal
    returned_company_amount: Decimal
    lines: int
    counted_on: date | None = None


# $1 dealers or null for all in scope, $2 kinds, $3 first month, $4 first day after the last month, $5 known at.
_PLACES = ("$3", "$4", "$5")


def _rolled(first: str, before: str, known_at: str) -> str:
    return f"""
    SELECT dealer_id, kind, month, dealer_currency AS currency, sum(quantity) AS quantity,
           sum(dealer_amount) AS amount, sum(company_amount) AS company_amount,
           sum(returned_quantity) AS returned_quantity, sum(returned_dealer_amount) AS returned_amount,
           sum(returned_company_amount) AS returned_company_amount, sum(lines)::bigint AS lines,
           max(counted_on) AS counted_on
    FROM sales_month
    WHERE kind = ANY ($2::text[]) AND month >= {first} AND month < {before} AND {known_at}::timestamptz IS NULL
      AND ($1::bigint[] IS NULL OR dealer_id = ANY ($1::bigint[]))
    GROUP BY dealer_id, kind, month, dealer_currency
"""


LINES_POSTED = """
    sales_line l JOIN posting opened ON opened.id = l.posting_id LEFT JOIN posting closed ON closed.id = l.closed_by
"""


def _known_lines(first: str, before: str, known_at: str) -> str:
    return f"""
    SELECT l.* FROM {LINES_POSTED}
    WHERE l.kind = ANY ($2::text[]) AND l.on_date >= {first} AND l.on_date < {before}
      AND ($1::bigint[] IS NULL OR l.dealer_id = ANY ($1::bigint[]))
      AND {known_at}::timestamptz IS NOT NULL AND {live(known_at)}
"""


def _summed(first: str, before: str, known_at: str) -> str:
    return f"""
    SELECT dealer_id, kind, month, dealer_currency AS currency, sum(quantity) AS quantity,
           sum(dealer_amount) AS amount, sum(company_amount) AS company_amount,
           coalesce(sum(quantity) FILTER (WHERE quantity < 0 OR amount < 0), 0.0000) AS returned_quantity,
           coalesce(sum(dealer_amount) FILTER (WHERE quantity < 0 OR amount < 0), 0.0000) AS returned_amount,
           coalesce(sum(company_amount) FILTER (WHERE quantity < 0 OR amount < 0), 0.0000) AS returned_company_amount,
           count(*) AS lines, CASE WHEN kind = 'stock' THEN max(on_date) END AS counted_on
    FROM (SELECT x.*, max(on_date) OVER (PARTITION BY dealer_id, kind, month) AS last_day
          FROM ({_known_lines(first, before, known_at)}) x) y
    WHERE kind <> 'stock' OR on_date = last_day
    GROUP BY dealer_id, kind, month, dealer_currency
"""


_ROLLED, _SUMMED = _rolled(*_PLACES), _summed(*_PLACES)
_COVERED_DAYS = f"""
    SELECT c.dealer_id, c.kind, range_agg(daterange(c.from_on, c.to_on)) AS days
    FROM coverage c JOIN posting opened ON opened.id = c.posting_id
    WHERE c.kind = ANY ($2::text[]) AND c.from_on < $4 AND c.to_on > $3
      AND ($1::bigint[] IS NULL OR c.dealer_id = ANY ($1::bigint[]))
      AND {known("$5", "opened")}
    GROUP BY c.dealer_id, c.kind
"""
_MONTHS = """
WITH figures AS ({figures}), days AS ({covered}), covered AS (
    SELECT d.dealer_id, d.kind, m.month
    FROM days d CROSS JOIN (
        SELECT x::date AS month, (x + interval '1 month')::date AS next
        FROM generate_series($3::timestamp, $4::timestamp - interval '1 day', interval '1 month') x) m
    WHERE d.days @> daterange(m.month, m.next)
)
SELECT dealer_id, kind, month, c.here IS NOT NULL OR f.counted_on IS NOT NULL AS covered, currency,
       coalesce(quantity, 0.0000) AS quantity,
       CASE WHEN f.lines IS NULL THEN 0.0000 ELSE amount END AS amount,
       CASE WHEN f.lines IS NULL THEN 0.0000 ELSE company_amount END AS company_amount,
       coalesce(returned_quantity, 0.0000) AS returned_quantity, coalesce(returned_amount, 0.0000) AS returned_amount,
       coalesce(returned_company_amount, 0.0000) AS returned_company_amount, coalesce(lines, 0) AS lines, counted_on
FROM figures f FULL JOIN (SELECT *, true AS here FROM covered) c USING (dealer_id, kind, month)
ORDER BY dealer_id, kind, month, currency
"""
_NOW = _MONTHS.format(figures=_ROLLED, covered=_COVERED_DAYS)
_THEN = _MONTHS.format(figures=_SUMMED, covered=_COVERED_DAYS)


async def months(
    dealer_ids: Sequence[int] | None,
    kinds: Sequence[str],
    first: Month,
    last: Month,
    known_at: datetime | None = None,
) -> list[MonthFigures]:
    """Every dealer-month from `first` to `last` that is covered or has lines; what is not in the result is missing.

    `dealer_ids` None means all in scope. `known_at` None means as known now, from the rollups: inside `db.known()`
    that is the state at its K. A moment reads the lines instead. A covered month without lines has no currency.
    """
    sql = _NOW if known_at is None else _THEN
    rows = await db.fetch(sql, dealer_ids, list(kinds), first.first, last.end, known_at)
    named = {month.first: month for month in months_of(Span(first.first, last.end))}
    return [_figures(row, named) for row in rows]


def _figures(row: Record, named: Mapping[date, Month]) -> MonthFigures:
    """The columns stand in the order of the fields; the months are made once, not for each of a million rows."""
    dealer_id, kind, month, covered, *figures = row.values()
    return MonthFigures(dealer_id, kind, named[month], bool(covered), *figures)


# What is not asked for is not summed either: the planner leaves it out of the figures.
_OWN_SUMS = """
SELECT dealer_id, kind, currency, array_agg(month) AS months, array_agg(amount) AS amounts,
       array_agg(returned_amount) AS returned FROM ({figures}) AS f GROUP BY dealer_id, kind, currency
"""
_OWN_SUMS_NOW, _OWN_SUMS_THEN = _OWN_SUMS.format(figures=_ROLLED), _OWN_SUMS.format(figures=_SUMMED)
_ALL_SUMS = """
SELECT dealer_id, kind, currency, array_agg(month) AS months, array_agg(amount) AS amounts,
       array_agg(returned_amount) AS returned, array_agg(company_amount) AS company_amounts,
       array_agg(returned_company_amount) AS company_returned, array_agg(lines) AS lines
FROM ({figures}) AS f GROUP BY dealer_id, kind, currency
"""
_ALL_SUMS_NOW, _ALL_SUMS_THEN = _ALL_SUMS.format(figures=_ROLLED), _ALL_SUMS.format(figures=_SUMMED)


async def own_sums(
    dealer_ids: Sequence[int], kinds: Sequence[str], first: Month, last: Month, known_at: datetime | None = None
) -> list[Record]:
    """The dealers' own amounts of `months` alone, by dealer, kind and currency, in no order.

    `amounts` and `returned` stand in the places of the `months` that have lines.

    For twenty thousand dealers at a time. Which months are covered is for `covered` to tell; a figure means what the
    one of `MonthFigures` means.
    """
    sql = _OWN_SUMS_NOW if known_at is None else _OWN_SUMS_THEN
    return await db.fetch(sql, dealer_ids, list(kinds), first.first, last.end, known_at)


async def all_sums(
    dealer_ids: Sequence[int], kinds: Sequence[str], first: Month, last: Month, known_at: datetime | None = None
) -> list[Record]:
    """The same with the amounts in company currency and the numbers of lines beside them.

    For dealers who were held in another currency.
    """
    sql = _ALL_SUMS_NOW if known_at is None else _ALL_SUMS_THEN
    return await db.fetch(sql, dealer_ids, list(kinds), first.first, last.end, known_at)


Stretch = tuple[Month, Month, datetime | None]
"""The first and the last month of which something is asked, and the moment as known at which."""


_COVERED = """
SELECT dealer_id, kind, lower(span) AS from_on, upper(span) AS to_on FROM (
    SELECT c.dealer_id, c.kind, unnest(range_agg(daterange(c.from_on, c.to_on))) AS span
    FROM coverage c {recorded}
    WHERE c.dealer_id = ANY ($1::bigint[]) AND c.kind = ANY ({kinds}::text[]) AND c.from_on < {before}
    GROUP BY c.dealer_id, c.kind
) AS merged
"""
_BY_SPAN = "dealer_id, kind, from_on"
_COVERED_NOW = f"{_COVERED.format(recorded='', kinds='$2', before='$3')} ORDER BY {_BY_SPAN}"
_RECORDED_THEN = "JOIN posting p ON p.id = c.posting_id AND p.recorded_at <= $4::timestamptz"
_COVERED_THEN = f"{_COVERED.format(recorded=_RECORDED_THEN, kinds='$2', before='$3')} ORDER BY {_BY_SPAN}"
_RECORDED = f"JOIN posting p ON p.id = c.posting_id AND {known('asked.known_at')}"
_COVERED_AT_EACH = of_each(
    _COVERED.format(recorded=_RECORDED, kinds="$2", before="asked.before"),
    "$3::date[], $4::timestamptz[]",
    "before, known_at",
    _BY_SPAN,
)


async def covered(
    dealer_ids: Sequence[int], kinds: Sequence[str], before: date, known_at: datetime | None = None
) -> list[Record]:
    """The days that reports cover, of reports that began before a day, in the fewest half-open spans, ascending."""
    if known_at is None:
        return await db.fetch(_COVERED_NOW, dealer_ids, list(kinds), before)
    return await db.fetch(_COVERED_THEN, dealer_ids, list(kinds), before, known_at)


async def covered_of_each(
    dealer_ids: Sequence[int], kinds: Sequence[str], stretches: Sequence[Stretch]
) -> list[list[Record]]:
    """The same before the end of each of these stretches as known at its moment, in one statement."""
    if len(stretches) == 1:
        _, last, known_at = stretches[0]
        return [await covered(dealer_ids, kinds, last.end, known_at)]
    ends, moments = [last.end for _, last, _ in stretches], [known_at for _, _, known_at in stretches]
    return by_place(await db.fetch(_COVERED_AT_EACH, dealer_ids, list(kinds), ends, moments), len(stretches))


# The sums have no `untils`; covered days have them, beside `months`, which are the first day of each span.
_ASKED = ("asked.first", "asked.before", "asked.known_at")
_SUMS_AND_COVERED = of_each(
    f"""
    SELECT *, NULL::date[] AS untils
    FROM ({_ALL_SUMS.format(figures=f"{_rolled(*_ASKED)} UNION ALL {_summed(*_ASKED)}")}) AS sums
    UNION ALL
    SELECT dealer_id, kind, NULL, array_agg(from_on ORDER BY from_on), NULL, NULL, NULL, NULL, NULL,
           array_agg(to_on ORDER BY from_on)
    FROM ({_COVERED.format(recorded=_RECORDED, kinds="$6", before="asked.before")}) AS spans GROUP BY dealer_id, kind
    """,
    "$3::date[], $4::date[], $5::timestamptz[]",
    "first, before, known_at",
)


@dataclass(frozen=True, slots=True)
class Reported:
    """The sums of a stretch as `all_sums` gives them, and the days that reports cover: half-open spans, ascending."""

    sums: list[Record]
    covered: dict[tuple[int, str], list[tuple[date, date]]]


async def reported_in_each(
    dealer_ids: Sequence[int], kinds: Sequence[str], covering: Sequence[str], stretches: Sequence[Stretch]
) -> list[Reported]:
    """For each of these stretches the sums of `kinds`, and the days covered before its end by reports of `covering`.

    In one statement, for few dealers.
    """
    firsts, ends = [first.first for first, _, _ in stretches], [last.end for _, last, _ in stretches]
    moments = [known_at for _, _, known_at in stretches]
    rows = await db.fetch(_SUMS_AND_COVERED, dealer_ids, list(kinds), firsts, ends, moments, list(covering))
    return [
        Reported(
            [row for row in found if row["untils"] is None],
            {
                (row["dealer_id"], row["kind"]): list(zip(row["months"], row["untils"], strict=True))
                for row in found
                if row["untils"] is not None
            },
        )
        for found in by_place(rows, len(stretches))
    ]


_LINES = """
SELECT l.id, l.kind, l.on_date, p.code AS product_code, p.name AS product_name, g.code AS line_code, l.quantity,
       l.amount, l.currency, l.rate, l.dealer_amount, l.dealer_currency, l.dealer_rate, l.company_amount, l.cost,
       l.document, l.line_number, t.code AS second_tier, l.report_id, opened.recorded_at,
       CASE WHEN scope_is_open() OR is_own(loaded.person_id, loaded.token_id) THEN r.file_name END AS file_name,
       closed.recorded_at AS superseded_at
FROM ({lines}) l
JOIN product p ON p.id = l.product_id JOIN product_line g ON g.id = l.line_id
JOIN sales_report r ON r.id = l.report_id LEFT JOIN import_load loaded ON loaded.id = r.load_id
JOIN posting opened ON opened.id = l.posting_id LEFT JOIN posting closed ON closed.id = l.closed_by
LEFT JOIN second_tier t ON t.dealer_id = l.dealer_id AND t.id = l.second_tier_id
"""
_LIVE_LINES = """
    SELECT * FROM sales_line WHERE dealer_id = ANY ($1::bigint[]) AND kind = ANY ($2::text[]) AND on_date >= $3
      AND on_date < $4 AND closed_by IS NULL AND $5::timestamptz IS NULL
"""


async def month_lines(
    dealer_id: int, kinds: Sequence[str], days: Span, wanted: Wanted = ALL, known_at: datetime | None = None
) -> Page[Record]:
    """The lines that a figure is made of. Who is bound is told the names of his own files alone."""
    sql = _LINES.format(lines=_LIVE_LINES if known_at is None else _known_lines(*_PLACES))
    return await page_of(sql, ([dealer_id], list(kinds), days.start, days.end, known_at), LINES, wanted)


_TOTALS = """
SELECT kind, month, sum(quantity) AS quantity, sum(company_amount) AS company_amount,
       sum(returned_company_amount) AS returned_company_amount, sum(lines)::bigint AS lines,
       count(DISTINCT dealer_id) AS dealers
FROM sales_month WHERE kind = ANY ($1::text[]) AND month >= $2 AND month < $3
GROUP BY kind, month ORDER BY kind, month
"""


async def company_totals(kinds: Sequence[str], first: Month, last: Month) -> list[Record]:
    """What all dealers in scope come to by month, in the company's currency, as known now."""
    return await db.fetch(_TOTALS, list(kinds), first.first, last.end)


_REPORTED = "SELECT min(c.from_on) AS first, max(c.to_on) - 1 AS last FROM coverage c"
_REPORTED_THEN = f"{_REPORTED} JOIN posting p ON p.id = c.posting_id AND p.recorded_at <= $1"


async def months_with_sales(known_at: datetime | None = None) -> tuple[Month, Month] | None:
    """The first and the last month of which anything in scope was reported; None where nothing was."""
    row = await (db.fetchrow(_REPORTED) if known_at is None else db.fetchrow(_REPORTED_THEN, known_at))
    return None if row is None or row["first"] is None else (Month.of(row["first"]), Month.of(row["last"]))
