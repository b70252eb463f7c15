"""Which days of which dealers reports speak for, the reports themselves, and the counted stock."""

from collections.abc import Sequence
from datetime import date, datetime

from asyncpg import Record

from channel.database import db
from channel.database.paging import page_of
from channel.database.posted import known, live
from channel.dealers.queries.facts import held_sql
from channel.dealers.rules import due_day_agreed, reports_agreed
from channel.lists import Page, Wanted
from channel.periods import Month, Span, merge
from channel.sales.lists import REPORTS
from channel.sales.queries.months import LINES_POSTED
from channel.sales.queries.shares import LINES_OF_REPORT

_SPANS = f"""
SELECT c.dealer_id, c.kind, c.from_on, c.to_on FROM coverage c JOIN posting p ON p.id = c.posting_id
WHERE ($1::bigint[] IS NULL OR c.dealer_id = ANY ($1::bigint[])) AND c.kind = ANY ($2::text[])
  AND {known("$3")}
"""


async def coverage(
    dealer_ids: Sequence[int] | None, kinds: Sequence[str], known_at: datetime | None = None
) -> dict[tuple[int, str], tuple[Span, ...]]:
    """The covered days of each dealer and kind, merged."""
    found: dict[tuple[int, str], list[Span]] = {}
    for row in await db.fetch(_SPANS, dealer_ids, list(kinds), known_at):
        found.setdefault((row["dealer_id"], row["kind"]), []).append(Span(row["from_on"], row["to_on"]))
    return {key: merge(spans) for key, spans in found.items()}


# What is counted of a report stands in columns by themselves, which are computed of the rows of a page alone; and
# nothing is read to count what the load has counted.
_REPORTS = f"""
SELECT r.id, r.kind, CASE WHEN scope_is_open() OR is_own(l.person_id, l.token_id) THEN r.file_name END AS file_name,
       r.covers_from, r.covers_to - 1 AS covers_last, r.load_id, p.recorded_at, p.actor,
       (SELECT count(*) FROM coverage c WHERE c.report_id = r.id) AS dealers,
       CASE WHEN is_seen(l) THEN ARRAY[coalesce(r.lines, (l.counts ->> 'loaded')::bigint, 0),
                                       coalesce(r.superseded, (l.counts ->> 'superseded')::bigint, 0)]
            WHEN $3::boolean THEN (SELECT ARRAY[f.lines, f.superseded] FROM ({LINES_OF_REPORT}) AS f) END AS counted
FROM sales_report r JOIN posting p ON p.id = r.posting_id LEFT JOIN import_load l ON l.id = r.load_id
WHERE ($1::text IS NULL OR r.kind = $1)
  AND ($2::bigint IS NULL OR EXISTS (SELECT 1 FROM coverage c WHERE c.report_id = r.id AND c.dealer_id = $2))
  AND EXISTS (SELECT 1 FROM coverage c WHERE c.report_id = r.id)
"""


async def reports(kind: str | None, dealer_id: int | None, wanted: Wanted, *, counted: bool = True) -> Page[Record]:
    """The loaded reports that speak for any dealer in scope, with `counted`: their lines, and those they superseded.

    Who is bound is told the names of his own files alone; of a load that he may not see whole, the lines are those of
    the dealers in scope, and None unless they are to be `counted`.
    """
    return await page_of(_REPORTS, (kind, dealer_id, counted), REPORTS, wanted)


_REPORTS_OF = f"""
SELECT r.id, r.kind, CASE WHEN scope_is_open() OR is_own(l.person_id, l.token_id) THEN r.file_name END AS file_name,
       c.from_on AS covers_from, c.to_on - 1 AS covers_last, r.load_id, p.recorded_at, p.actor
FROM coverage c JOIN sales_report r ON r.id = c.report_id JOIN posting p ON p.id = r.posting_id
LEFT JOIN import_load l ON l.id = r.load_id
WHERE c.dealer_id = $1 AND {known("$3")}
ORDER BY r.id DESC LIMIT $2
"""


async def reports_of(dealer_id: int, limit: int, known_at: datetime | None = None) -> list[Record]:
    """The latest reports that speak for this dealer, with his days; how many others they cover is not counted.

    Who is bound is told the names of his own files alone.
    """
    return await db.fetch(_REPORTS_OF, dealer_id, limit, known_at)


# What dealers owe, by when, and of what status they are: the facts of the month's last day. A dealer owes the months
# that are wholly his (`rules.first_whole_month`) while he is active or on hold. $4 first day and $5 day
# after the month, $6 kinds, $7 and $8 what is owed and when it is due where nothing was agreed.
_OWING = """
WITH {held}, owed AS (
    SELECT d.id AS dealer_id, d.code, d.name, d.territory_id, k.kind, coalesce(h.reports_due_day, $8) AS due_day
    FROM held h JOIN appointed a USING (dealer_id) JOIN dealer d ON d.id = h.dealer_id
    CROSS JOIN LATERAL unnest(coalesce(string_to_array(h.reports_owed, ','), $7::text[])) AS k (kind)
    WHERE h.status IN ('active', 'on hold') AND a.appointed_on <= $4 AND k.kind = ANY ($6::text[])
), days AS (
    SELECT c.dealer_id, c.kind, range_agg(daterange(c.from_on, c.to_on)) AS days FROM coverage c
    WHERE c.kind = ANY ($6::text[]) AND c.from_on < $5 AND c.to_on > $4
      AND ($1::bigint[] IS NULL OR c.dealer_id = ANY ($1::bigint[]))
      AND ($3::timestamptz IS NULL OR EXISTS (
           SELECT FROM posting p WHERE p.id = c.posting_id AND p.recorded_at <= $3::timestamptz))
    GROUP BY c.dealer_id, c.kind
)
SELECT o.dealer_id, o.code, o.name, o.territory_id, o.kind, o.due_day,
       d.days IS NOT NULL AS begun
FROM owed o LEFT JOIN days d ON d.dealer_id = o.dealer_id AND d.kind = o.kind
WHERE NOT coalesce(d.days @> daterange($4, $5), false) AND NOT (o.kind = 'stock' AND EXISTS ({counted}))
ORDER BY o.code, o.kind
"""
_FACTS = "f.fact IN ('reports_owed', 'reports_due_day', 'status')"
_OF_ALL = held_sql(f"$1::bigint[] IS NULL AND {_FACTS}")
_OF_THESE = held_sql(f"f.dealer_id = ANY ($1::bigint[]) AND {_FACTS}")
_COUNTED_NOW = "SELECT FROM sales_month s WHERE s.dealer_id = o.dealer_id AND s.kind = 'stock' AND s.month = $4"
_COUNTED_THEN = f"""
    SELECT FROM {LINES_POSTED}
    WHERE l.dealer_id = o.dealer_id AND l.kind = 'stock' AND l.on_date >= $4 AND l.on_date < $5 AND {live("$3")}
"""


async def owed_reports(
    month: Month, kinds: Sequence[str], dealer_id: int | None = None, known_at: datetime | None = None
) -> list[Record]:
    """The reports of a month that are owed and not in: dealer, kind, due day of the next month, whether begun.

    Of one dealer, or of all in scope; as known at a moment, or now.
    """
    sql = _OWING.format(
        held=_OF_ALL if dealer_id is None else _OF_THESE,
        counted=_COUNTED_NOW if known_at is None else _COUNTED_THEN,
    )
    dealers = None if dealer_id is None else [dealer_id]
    days = (month.span.last, known_at, month.first, month.end)
    return await db.fetch(sql, dealers, *days, list(kinds), reports_agreed(None), due_day_agreed(None))


_COUNTED_MONTHS_NOW = """
SELECT DISTINCT s.dealer_id, s.month FROM sales_month s
WHERE s.dealer_id = ANY ($1::bigint[]) AND s.kind = 'stock' AND s.month >= $2 AND s.month < $3
  AND $4::timestamptz IS NULL
"""
_COUNTED_MONTHS_THEN = f"""
SELECT DISTINCT l.dealer_id, l.month FROM {LINES_POSTED}
WHERE l.dealer_id = ANY ($1::bigint[]) AND l.kind = 'stock' AND l.on_date >= $2 AND l.on_date < $3 AND {live("$4")}
"""


async def months_counted(
    dealer_ids: Sequence[int], first: Month, last: Month, known_at: datetime | None = None
) -> dict[int, set[date]]:
    """The first days of the months, from the first to the last, in which stock of each dealer was counted."""
    sql = _COUNTED_MONTHS_NOW if known_at is None else _COUNTED_MONTHS_THEN
    found: dict[int, set[date]] = {}
    for row in await db.fetch(sql, dealer_ids, first.first, last.end, known_at):
        found.setdefault(row["dealer_id"], set()).add(row["month"])
    return found


# Every count with the one before it, and by product line what lay there and what came and went in between.
_MOVED = """
WITH counts AS (
    SELECT on_date AS closed_on, lag(on_date) OVER (ORDER BY on_date) AS opened_on FROM (
        SELECT DISTINCT on_date FROM sales_line
        WHERE dealer_id = $1 AND kind = 'stock' AND closed_by IS NULL AND on_date >= $2 AND on_date < $3) AS counted
)
SELECT g.code AS line_code, g.name AS line_name, c.opened_on, c.closed_on,
       coalesce(sum(l.quantity) FILTER (WHERE l.kind = 'stock' AND l.on_date = c.opened_on), 0) AS opening,
       coalesce(sum(l.quantity) FILTER (WHERE l.kind = 'sell-in' AND l.on_date > c.opened_on), 0) AS sell_in,
       coalesce(sum(l.quantity) FILTER (WHERE l.kind = 'sell-through' AND l.on_date > c.opened_on), 0) AS sell_through,
       coalesce(sum(l.quantity) FILTER (WHERE l.kind = 'stock' AND l.on_date = c.closed_on), 0) AS closing
FROM counts c JOIN sales_line l ON l.dealer_id = $1 AND l.closed_by IS NULL
                               AND l.on_date >= c.opened_on AND l.on_date <= c.closed_on
JOIN product_line g ON g.id = l.line_id
GROUP BY c.opened_on, c.closed_on, g.code, g.name ORDER BY c.closed_on, g.code
"""


async def stock_moved(dealer_id: int, days: Span) -> list[Record]:
    """Between each two counts of a dealer's stock in these days, by product line: the quantities that moved it."""
    return await db.fetch(_MOVED, dealer_id, days.start, days.end)
