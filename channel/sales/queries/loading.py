"""Writing a checked report: its lines, what it supersedes, its coverage, and the rollups, in one transaction."""

from collections.abc import Callable

from channel.database import db
from channel.periods import Month, Span
from channel.sales import tables


async def record_report(kind: str, load_id: int | None, file_name: str, days: Span, posting_id: int) -> int:
    """A new report over these days."""
    row = tables.SalesReport(
        kind=kind,
        load_id=load_id,
        file_name=file_name,
        covers_from=days.start,
        covers_to=days.end,
        posting_id=posting_id,
    )
    await row.save()
    return row.id


_BY_DAY = """
WITH before AS (
    SELECT l.on_date, count(*) AS lines FROM sales_line l
    JOIN covered_span s ON s.dealer_id = l.dealer_id AND l.on_date >= s.from_on AND l.on_date < s.to_on
    WHERE l.kind = $1 AND l.closed_by IS NULL AND NOT $5 GROUP BY l.on_date
), brought AS (
    SELECT on_date, count(*) AS lines FROM checked WHERE line_no NOT IN (SELECT line_no FROM fault) GROUP BY on_date
), written AS (
    INSERT INTO sales_report (kind, load_id, file_name, covers_from, covers_to, posting_id, lines, superseded)
    SELECT $1, $2, $3, d.on_date, d.on_date + 1, $4, coalesce(n.lines, 0), coalesce(b.lines, 0)
    FROM (SELECT DISTINCT from_on AS on_date FROM covered_span) d LEFT JOIN brought n USING (on_date)
    LEFT JOIN before b USING (on_date) ORDER BY d.on_date
    RETURNING id, covers_from
)
INSERT INTO report_of_day SELECT id, covers_from FROM written
"""


async def record_reports_by_day(
    kind: str, load_id: int | None, file_name: str, posting_id: int, *, beside: bool
) -> None:
    """A new report for each day that is covered: a count of stock speaks for its day, whichever others the file has.

    Lines that are added `beside` what counts of these days supersede nothing.
    """
    await db.execute("CREATE TEMP TABLE report_of_day (id bigint NOT NULL, on_date date PRIMARY KEY) ON COMMIT DROP")
    await db.execute(_BY_DAY, kind, load_id, file_name, posting_id, beside)


async def close_lines(kind: str, days: Span, posting_id: int) -> int:
    """Supersede the live lines of the covered dealers on exactly the days of each; how many."""
    return await db.execute(
        "UPDATE sales_line l SET closed_by = $4 FROM covered_span s WHERE l.dealer_id = s.dealer_id"
        " AND l.on_date >= s.from_on AND l.on_date < s.to_on AND l.kind = $1 AND l.closed_by IS NULL"
        " AND l.on_date >= $2 AND l.on_date < $3",
        kind,
        days.start,
        days.end,
        posting_id,
    )


_LINES = """
INSERT INTO sales_line (dealer_id, kind, on_date, month, product_id, line_id, quantity, amount, currency, cost,
    document, line_number, second_tier_id, rate, company_amount, dealer_currency, dealer_rate, dealer_amount,
    report_id, posting_id)
SELECT dealer_id, $1, on_date, month, product_id, line_id, quantity, amount, currency, cost, document, line_number,
       second_tier_id, rate, company_amount, dealer_currency, dealer_rate, dealer_amount,
       {report}, $3
FROM checked c WHERE ctid >= $4 AND ctid < $5
"""
_OF_DAY = "coalesce($2, (SELECT r.id FROM report_of_day r WHERE r.on_date = c.on_date))"
_SLICE = 2_000
"""Pages of `checked` that are written at once: some 100,000 lines."""


async def record_lines(kind: str, report_id: int | None, posting_id: int, told: Callable[[int, int], None]) -> int:
    """Write the good lines, slice by slice so that people see how far it is; how many.

    Without a report's id each line goes to the report of its day.
    """
    sql = _LINES.format(report="$2" if report_id is not None else _OF_DAY)
    await db.execute("DELETE FROM checked WHERE line_no IN (SELECT line_no FROM fault)")
    pages: int = await db.fetchval("SELECT pg_relation_size('checked') / current_setting('block_size')::bigint")
    # The plans of the foreign keys are made at the first line and kept: over a short table of products a scan looks
    # cheap once, and is dear a million times.
    await db.execute("SET LOCAL enable_seqscan = off")
    written = 0
    for start in range(0, pages, _SLICE):
        written += await db.execute(sql, kind, report_id, posting_id, (start, 0), (start + _SLICE, 0))
        told(min(start + _SLICE, pages), pages)
    await db.execute("SET LOCAL enable_seqscan = on")
    return written


_COVERAGE = """
INSERT INTO coverage (dealer_id, kind, from_on, to_on, report_id, posting_id)
SELECT dealer_id, $1, from_on, to_on, {report}, $3 FROM covered_span ORDER BY dealer_id, from_on
"""
_OF_SPAN = "coalesce($2, (SELECT r.id FROM report_of_day r WHERE r.on_date = from_on))"


async def record_coverage(kind: str, report_id: int | None, posting_id: int) -> int:
    """The report, or that of each day, speaks for the days of the covered dealers; for how many dealers."""
    await db.execute(_COVERAGE.format(report="$2" if report_id is not None else _OF_SPAN), kind, report_id, posting_id)
    dealers: int = await db.fetchval("SELECT count(DISTINCT dealer_id) FROM covered_span")
    return dealers


# For stock the month is told by the last day on which the dealer's stock was counted.
ROLLED = """
SELECT dealer_id, kind, month, line_id, dealer_currency, sum(quantity) AS quantity,
       sum(dealer_amount) AS dealer_amount, sum(company_amount) AS company_amount,
       coalesce(sum(quantity) FILTER (WHERE quantity < 0 OR amount < 0), 0.0000) AS returned_quantity,
       coalesce(sum(dealer_amount) FILTER (WHERE quantity < 0 OR amount < 0), 0.0000) AS returned_dealer_amount,
       coalesce(sum(company_amount) FILTER (WHERE quantity < 0 OR amount < 0), 0.0000) AS returned_company_amount,
       sum(cost) AS cost, count(*) AS lines, CASE WHEN kind = 'stock' THEN max(on_date) END AS counted_on
FROM {live} GROUP BY dealer_id, kind, month, line_id, dealer_currency
"""
"""The rollup of live lines; `sales_month` always equals it."""

_LAST_COUNT_OF = """
    (SELECT l.*, max(l.on_date) OVER (PARTITION BY l.dealer_id, l.month) AS last_count
     FROM sales_line l JOIN covered USING (dealer_id)
     WHERE l.closed_by IS NULL AND l.kind = $1 AND l.on_date >= $2 AND l.on_date < $3) x
    WHERE on_date = last_count
"""
_COLUMNS = """(dealer_id, kind, month, line_id, dealer_currency, quantity, dealer_amount, company_amount,
    returned_quantity, returned_dealer_amount, returned_company_amount, cost, lines, counted_on)"""
_INSERT = "INSERT INTO sales_month " + _COLUMNS
_ROLL_UP_STOCK = _INSERT + ROLLED.format(live=_LAST_COUNT_OF)
_LIVE_OF = """
    (SELECT l.* FROM sales_line l JOIN covered USING (dealer_id)
     WHERE l.closed_by IS NULL AND l.kind = $1 AND l.on_date >= $2 AND l.on_date < $3{but}) x
"""
_ROLL_UP_LIVE = _INSERT + ROLLED.format(live=_LIVE_OF.format(but=""))
_NOT_COVERED = """
       AND NOT EXISTS (SELECT FROM covered_span s WHERE s.dealer_id = l.dealer_id AND l.on_date >= s.from_on
                       AND l.on_date < s.to_on)"""
_OTHER_DAYS = _LIVE_OF.format(but=_NOT_COVERED)
_SUMMED = """
SELECT dealer_id, month, line_id, dealer_currency, quantity, dealer_amount, company_amount,
       CASE WHEN returned THEN quantity END AS returned_quantity,
       CASE WHEN returned THEN dealer_amount END AS returned_dealer_amount,
       CASE WHEN returned THEN company_amount END AS returned_company_amount, cost, lines
FROM summed
"""
_AND_OTHER_DAYS = f"""
{_SUMMED} UNION ALL
SELECT dealer_id, month, line_id, dealer_currency, quantity, dealer_amount, company_amount, returned_quantity,
       returned_dealer_amount, returned_company_amount, cost, lines
FROM ({ROLLED.format(live=_OTHER_DAYS)}) o
"""
_ROLL_UP = (
    _INSERT
    + """
SELECT dealer_id, $1, month, line_id, dealer_currency, sum(quantity), sum(dealer_amount), sum(company_amount),
       coalesce(sum(returned_quantity), 0.0000), coalesce(sum(returned_dealer_amount), 0.0000),
       coalesce(sum(returned_company_amount), 0.0000), sum(cost), sum(lines), NULL
FROM ({sums}) x GROUP BY dealer_id, month, line_id, dealer_currency ORDER BY dealer_id, month, line_id
"""
)


async def roll_up(kind: str, days: Span, *, given: bool, beside: bool = False) -> int:
    """Sum the covered dealers' live lines again for every month that these days touch; how many rollups.

    Within the days of each the live lines are those of the load, which are summed already. A period that was `given`
    is that of all of them: where it holds whole months there are no other days. Lines that were added `beside` what
    counts of these days are summed with it.
    """
    first, end = Month.of(days.start).first, Month.of(days.last).end
    await db.execute(
        "DELETE FROM sales_month WHERE kind = $1 AND month >= $2 AND month < $3"
        " AND dealer_id IN (SELECT dealer_id FROM covered)",
        kind,
        first,
        end,
    )
    if kind == "stock":
        return await db.execute(_ROLL_UP_STOCK, kind, first, end)
    if beside:
        return await db.execute(_ROLL_UP_LIVE, kind, first, end)
    if given and days == Span(first, end):
        return await db.execute(_ROLL_UP.format(sums=_SUMMED), kind)
    return await db.execute(_ROLL_UP.format(sums=_AND_OTHER_DAYS), kind, first, end)


_STOCK_LIVE = """
    (SELECT l.*, max(l.on_date) OVER (PARTITION BY l.dealer_id, l.month) AS last_count
     FROM sales_line l WHERE l.closed_by IS NULL AND l.kind = 'stock') x
    WHERE on_date = last_count
"""
_TRUE = (
    ROLLED.format(live="sales_line WHERE closed_by IS NULL AND kind <> 'stock'")
    + " UNION ALL "
    + ROLLED.format(live=_STOCK_LIVE)
)
_DIFFERENT = f"""
WITH truth AS MATERIALIZED ({_TRUE})
SELECT (SELECT count(*) FROM (SELECT * FROM truth EXCEPT ALL SELECT * FROM sales_month) a)
     + (SELECT count(*) FROM (SELECT * FROM sales_month EXCEPT ALL SELECT * FROM truth) b)
"""


async def different_rollups() -> int:
    """How many rollups differ from the sums of the live lines; 0 unless something is wrong."""
    found: int = await db.fetchval(_DIFFERENT)
    return found


async def rebuild_rollups() -> None:
    """Throw all rollups away and sum the live lines again."""
    await db.execute("DELETE FROM sales_month")
    await db.execute(_INSERT + " " + _TRUE)


# What completes a load, or the same one as it does, speaks for the same days beside it.
_SUPERSEDED = """
SELECT EXISTS (
    SELECT 1 FROM sales_report r JOIN coverage c ON c.report_id = r.id JOIN import_load l ON l.id = r.load_id
    JOIN coverage later ON later.dealer_id = c.dealer_id AND later.kind = c.kind AND later.posting_id > c.posting_id
         AND later.from_on < c.to_on AND later.to_on > c.from_on
    JOIN sales_report o ON o.id = later.report_id LEFT JOIN import_load b ON b.id = o.load_id
    WHERE r.load_id = $1 AND coalesce(b.completes, b.id) IS DISTINCT FROM coalesce(l.completes, l.id))
"""


async def is_superseded(load_id: int) -> bool:
    """Whether a later report of the same kind speaks for any dealer and day of this load's reports."""
    found: bool = await db.fetchval(_SUPERSEDED, load_id)
    return found
