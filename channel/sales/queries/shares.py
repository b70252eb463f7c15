"""What loads of somebody else say of the dealers in scope: their days, lines and amount, and of no others'.

Row-level security keeps coverage and lines to the dealers whom the reader sees; that a load concerns him at all is
told by its coverage, since days without a line are covered too.
"""

from asyncpg import Record

from channel.database import db

# Every line that a report `r` brought or superseded lies on the days that it covers: they are found by dealer and day.
LINES_OF_REPORT = """
SELECT count(*) FILTER (WHERE s.report_id = r.id) AS lines,
       count(*) FILTER (WHERE s.closed_by = r.posting_id) AS superseded,
       sum(s.company_amount) FILTER (WHERE s.report_id = r.id) AS company_amount
FROM coverage c JOIN sales_line s ON s.dealer_id = c.dealer_id AND s.kind = c.kind
     AND s.on_date >= c.from_on AND s.on_date < c.to_on
WHERE c.report_id = r.id
"""
_SHARE = f"""
WITH told AS MATERIALIZED (SELECT id, posting_id FROM sales_report WHERE load_id = $1 AND kind = $2)
SELECT days.first, days.last, days.dealers, f.lines,
       CASE WHEN f.lines = 0 THEN 0 ELSE f.company_amount END AS company_amount
FROM (SELECT min(c.from_on) AS first, max(c.to_on) - 1 AS last, count(DISTINCT c.dealer_id) AS dealers
      FROM told r JOIN coverage c ON c.report_id = r.id) AS days,
     (SELECT sum(o.lines)::bigint AS lines, sum(o.company_amount) AS company_amount
      FROM told r CROSS JOIN LATERAL ({LINES_OF_REPORT}) AS o) AS f
WHERE days.dealers > 0
"""


async def share_of_load(load_id: int, kind: str) -> Record | None:
    """Days, dealers, lines and amount of a load, of the dealers in scope; None where it speaks for none of them."""
    return await db.fetchrow(_SHARE, load_id, kind)


_CONCERNING = """
SELECT DISTINCT r.load_id FROM sales_report r
WHERE r.kind = $1 AND r.load_id IS NOT NULL AND ($2::bigint IS NULL OR r.load_id < $2)
  AND EXISTS (SELECT FROM coverage c WHERE c.report_id = r.id)
ORDER BY r.load_id DESC LIMIT $3
"""


async def loads_concerning(kind: str, before_id: int | None, limit: int) -> list[int]:
    """The latest loads, before one, that speak for any dealer in scope."""
    return [row["load_id"] for row in await db.fetch(_CONCERNING, kind, before_id, limit)]
