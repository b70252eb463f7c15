"""Reports that complete an earlier one: its days, and what another report has come to speak for since."""

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Record

from channel.database import db
from channel.imports.rules.reasons import REASONS

# What the loads that belong together speak for; of a dealer and day the first of them.
_OWN = """
CREATE TEMP TABLE own_coverage ON COMMIT DROP AS
SELECT c.dealer_id, c.from_on, c.to_on, min(c.posting_id) AS posting_id
FROM covered JOIN coverage c USING (dealer_id) JOIN sales_report r ON r.id = c.report_id
WHERE c.kind = $1 AND r.load_id = ANY ($2::bigint[]) GROUP BY c.dealer_id, c.from_on, c.to_on
"""


async def cover_as_before(kind: str, loads: Sequence[int]) -> None:
    """Give each dealer in `covered` for whom one of these loads speaks its days; counts of stock add theirs."""
    await db.execute(_OWN, kind, loads)
    if kind != "stock":
        await db.execute("DELETE FROM covered_span WHERE dealer_id IN (SELECT dealer_id FROM own_coverage)")
    await db.execute(
        "INSERT INTO covered_span SELECT dealer_id, from_on, to_on FROM own_coverage"
        " EXCEPT SELECT dealer_id, from_on, to_on FROM covered_span"
    )
    await db.execute(
        "UPDATE covered_days SET start = least(start, x.first), stop = greatest(stop, x.last)"
        " FROM (SELECT min(from_on) AS first, max(to_on) AS last FROM covered_span) x"
    )


_OUTSIDE = """
INSERT INTO fault
SELECT c.line_no, 'date', jsonb_build_object('text', $1::text, 'params', jsonb_build_object(
    'value', c.on_date::text, 'period', s.days))
FROM checked c CROSS JOIN LATERAL (
    SELECT string_agg(from_on || ' … ' || (to_on - 1), ', ' ORDER BY from_on) AS days,
           coalesce(bool_or(from_on <= c.on_date AND to_on > c.on_date), false) AS within
    FROM covered_span s WHERE s.dealer_id = c.dealer_id) s
WHERE c.is_covered AND NOT s.within
  AND NOT EXISTS (SELECT FROM fault f WHERE f.line_no = c.line_no AND f.field = 'date')
"""
# Of a day for which the loads speak that belong together, another report counts where it came later; of one for which
# only mended lines do, whenever it came: nothing of it may be superseded.
_SPOKEN_FOR = """
INSERT INTO fault
SELECT c.line_no, 'date', jsonb_build_object('text', $3::text, 'params', jsonb_build_object('load', o.load_id::text))
FROM checked c JOIN covered_span s ON s.dealer_id = c.dealer_id AND s.from_on <= c.on_date AND s.to_on > c.on_date
LEFT JOIN own_coverage own ON (own.dealer_id, own.from_on, own.to_on) = (s.dealer_id, s.from_on, s.to_on)
CROSS JOIN LATERAL (
    SELECT max(r.load_id) AS load_id, count(*) AS times FROM coverage k JOIN sales_report r ON r.id = k.report_id
    WHERE k.dealer_id = c.dealer_id AND k.kind = $1 AND NOT coalesce(r.load_id = ANY ($2::bigint[]), false)
      AND CASE WHEN own.posting_id IS NULL THEN k.from_on < s.to_on AND k.to_on > s.from_on
               ELSE k.posting_id > own.posting_id AND k.from_on <= c.on_date AND k.to_on > c.on_date END) o
WHERE c.is_covered AND o.times > 0
"""
_COUNTED_DOCUMENTS = """
INSERT INTO fault
SELECT c.line_no, 'document', jsonb_build_object('text', $2::text, 'params', '{}'::jsonb)
FROM checked c JOIN sales_line l ON l.dealer_id = c.dealer_id AND l.kind = $1 AND l.document = c.document
     AND l.line_number = c.line_number AND l.closed_by IS NULL
"""


async def find_faults(kind: str, loads: Sequence[int]) -> None:
    """A fault for each line of `checked` with which these loads cannot be completed, or not any more."""
    await db.execute(_OUTSIDE, REASONS["outside-period"].text)
    await db.execute(_SPOKEN_FOR, kind, loads, REASONS["spoken-for"].text)
    await db.execute(_COUNTED_DOCUMENTS, kind, REASONS["counted-document"].text)


async def keep_days_with_lines() -> None:
    """Leave in `covered_span` the days of good lines, and in `covered` their dealers: for others nothing changes."""
    await db.execute(
        "DELETE FROM covered_span s WHERE NOT EXISTS (SELECT FROM checked c"
        " WHERE c.dealer_id = s.dealer_id AND c.on_date >= s.from_on AND c.on_date < s.to_on"
        " AND NOT EXISTS (SELECT FROM fault f WHERE f.line_no = c.line_no))"
    )
    await db.execute("DELETE FROM covered WHERE dealer_id NOT IN (SELECT dealer_id FROM covered_span)")


_BROUGHT_SINCE = """
SELECT d.code, r.load_id
FROM import_load l JOIN sales_report r ON r.load_id = l.id JOIN coverage c ON c.report_id = r.id
JOIN covered_span s ON s.dealer_id = c.dealer_id AND c.from_on < s.to_on AND c.to_on > s.from_on
JOIN dealer d ON d.id = c.dealer_id
WHERE l.kind = $1 AND l.state = 'loaded' AND l.finished_at > $2
ORDER BY d.code, r.load_id DESC LIMIT 1
"""


async def brought_since(kind: str, since: datetime) -> Record | None:
    """A dealer for whom another load has brought any of the covered days since; None where none has."""
    return await db.fetchrow(_BROUGHT_SINCE, kind, since)
