"""For which days of which dealers a report speaks: written down while it is checked, told before it goes in.

`covered` are its dealers, `covered_span` the days of each, `covered_days` all of them from the first to the last.
"""

from collections.abc import Iterable
from datetime import date

from asyncpg import Record

from channel.database import db
from channel.periods import Span
from channel.sales.rules import MONTHS_BEFORE, ORDINARY_GAP

MOST_TOLD = 1_000
"""Dealer-months of a report that are told one by one; the others are counted."""
RUNS_TOLD = 200
"""Runs of days without a line that are told one by one; the others are counted."""


async def cover(codes: Iterable[str], kind: str, days: Span, *, given: bool, today: date) -> None:
    """Write down the dealers, and the days of each: those of a period that was `given`, else by the kind's rule.

    `days` are the period, else the days from the first to the last line of the file.
    """
    await db.execute("CREATE TEMP TABLE covered (dealer_id bigint PRIMARY KEY) ON COMMIT DROP")
    await db.execute(
        "INSERT INTO covered SELECT id FROM dealer WHERE code = ANY ($1::text[])"
        " UNION SELECT id FROM known_dealer WHERE id < 0 AND code = ANY ($1::text[])",
        list(codes),
    )
    await db.execute("ANALYZE covered")
    await db.execute(
        "CREATE TEMP TABLE covered_span (dealer_id bigint NOT NULL, from_on date NOT NULL, to_on date NOT NULL)"
        " ON COMMIT DROP"
    )
    if given:
        await db.execute("INSERT INTO covered_span SELECT dealer_id, $1, $2 FROM covered", days.start, days.end)
    elif kind == "stock":
        await db.execute(_COUNTED)
    else:
        own = kind == "sell-through"
        await db.execute(_BY_LINES, kind, days.start, days.end, own, today, MONTHS_BEFORE, ORDINARY_GAP)
    await db.execute("ANALYZE covered_span")
    await db.execute(
        "CREATE TEMP TABLE covered_days ON COMMIT DROP AS"
        " SELECT least($1::date, min(from_on)) AS start, greatest($2::date, max(to_on)) AS stop FROM covered_span",
        days.start,
        days.end,
    )


async def dealers_covered() -> list[int]:
    """The ids of the dealers for whom the report speaks, whether or not it has a line of theirs."""
    return [row["dealer_id"] for row in await db.fetch("SELECT dealer_id FROM covered WHERE dealer_id > 0")]


# A count of stock speaks for its day. A dealer without one, named all the same, has none on any day of the file.
_COUNTED = """
INSERT INTO covered_span
WITH counted AS (
    SELECT DISTINCT k.id AS dealer_id, i.date FROM incoming i JOIN known_dealer k ON k.code = i.dealer
    WHERE i.date IS NOT NULL
)
SELECT dealer_id, date, date + 1 FROM counted JOIN covered USING (dealer_id)
UNION ALL
SELECT c.dealer_id, d.date, d.date + 1 FROM covered c CROSS JOIN (SELECT DISTINCT date FROM counted) d
WHERE NOT EXISTS (SELECT FROM counted o WHERE o.dealer_id = c.dealer_id)
"""

# For which days a report of sales speaks whose period nobody gave, over all dealers at once; tests/make/covering.py
# tells it of one dealer, and a test holds the two against each other. $1 kind, $2 and $3 the file's own days, $4
# whether a dealer's own lines say which days are his, $5 today, $6 months before, $7 ordinary gap.
_BY_LINES = """
INSERT INTO covered_span
WITH lines AS (
    SELECT k.id AS dealer_id, CASE WHEN $4 THEN min(i.date) ELSE $2::date END AS from_on,
           CASE WHEN $4 THEN max(i.date) + 1 ELSE $3::date END AS to_on
    FROM incoming i JOIN known_dealer k ON k.code = i.dealer
    WHERE i.date IS NOT NULL AND k.id IN (SELECT dealer_id FROM covered) GROUP BY k.id
), own AS (
    SELECT dealer_id, from_on, to_on, date_trunc('month', from_on::timestamp) AS first_month,
           date_trunc('month', (to_on - 1)::timestamp) AS last_month
    FROM lines
), touched AS (
    SELECT o.dealer_id, bool_or(c.from_on < o.first_month + interval '1 month' AND c.to_on > o.first_month) AS first,
           bool_or(c.from_on < o.last_month + interval '1 month' AND c.to_on > o.last_month) AS last
    FROM own o JOIN coverage c ON c.dealer_id = o.dealer_id AND c.kind = $1
         AND c.from_on < o.last_month + interval '1 month' AND c.to_on > o.first_month
    GROUP BY o.dealer_id
), parts AS (
    SELECT o.dealer_id, m.month
    FROM own o CROSS JOIN LATERAL (
        SELECT o.first_month - back * interval '1 month' AS month,
               o.first_month - (back - 1) * interval '1 month' AS next FROM generate_series(1, $6::integer) AS back) m
    JOIN coverage c ON c.dealer_id = o.dealer_id AND c.kind = $1 AND c.from_on < m.next AND c.to_on > m.month
    GROUP BY o.dealer_id, m.month, m.next
    HAVING NOT bool_or(c.from_on <= m.month AND c.to_on >= m.next)
       AND (NOT bool_or(c.from_on <= m.month + $7::integer * interval '1 day'
                        AND c.to_on >= m.next - $7::integer * interval '1 day')
            OR max(c.from_on) >= min(c.to_on))
)
SELECT dealer_id,
       CASE WHEN in_parts OR coalesce(t.first, false) OR first_month + interval '1 month' > $5::date THEN from_on
            ELSE first_month::date END,
       CASE WHEN in_parts OR coalesce(t.last, false) OR last_month + interval '1 month' > $5::date THEN to_on
            ELSE (last_month + interval '1 month')::date END
FROM (SELECT o.*, EXISTS (SELECT FROM parts p WHERE p.dealer_id = o.dealer_id) AS in_parts FROM own o) o
LEFT JOIN touched t USING (dealer_id)
UNION ALL
SELECT dealer_id, $2, $3 FROM covered c WHERE NOT EXISTS (SELECT FROM lines l WHERE l.dealer_id = c.dealer_id)
"""


async def covered_days() -> Span:
    """All days that `cover` wrote down, from the first to the last."""
    row = await db.fetchrow("SELECT start, stop FROM covered_days")
    if row is None:
        raise RuntimeError("the report was not checked")
    return Span(row["start"], row["stop"])


# Only a month at the end of a span can be covered in part; with what was reported before it may be whole all the same.
# A month of stock is known by any count in it.
_PARTS = """
CREATE TEMP TABLE month_in_part ON COMMIT DROP AS
SELECT e.dealer_id, e.month::date FROM (
    SELECT dealer_id, date_trunc('month', from_on::timestamp) AS month FROM covered_span
    WHERE from_on > date_trunc('month', from_on::timestamp)
    UNION
    SELECT dealer_id, date_trunc('month', (to_on - 1)::timestamp) FROM covered_span
    WHERE to_on < date_trunc('month', (to_on - 1)::timestamp) + interval '1 month'
) e
CROSS JOIN LATERAL (
    SELECT range_agg(r.days) AS days FROM (
        SELECT daterange(s.from_on, s.to_on) AS days FROM covered_span s WHERE s.dealer_id = e.dealer_id
        UNION ALL
        SELECT daterange(c.from_on, c.to_on) FROM coverage c WHERE c.dealer_id = e.dealer_id AND c.kind = $1
          AND c.from_on < e.month + interval '1 month' AND c.to_on > e.month) r
) AS d
WHERE $1 <> 'stock' AND NOT d.days @> daterange(e.month::date, (e.month + interval '1 month')::date)
"""
_MONTHS_COVERED = """
SELECT coalesce(sum(n), 0)::bigint AS months, (SELECT count(*) FROM month_in_part) AS in_part FROM (
    SELECT count(*) * (extract(year FROM last) * 12 + extract(month FROM last)
                     - extract(year FROM first) * 12 - extract(month FROM first) + 1)::integer AS n
    FROM (SELECT DISTINCT dealer_id, date_trunc('month', from_on::timestamp) AS first,
                 date_trunc('month', (to_on - 1)::timestamp) AS last FROM covered_span) s
    GROUP BY first, last) x
"""
_TOLD = """
WITH named AS MATERIALIZED (
    SELECT k.id, k.code, coalesce(d.name, k.code) AS name FROM known_dealer k LEFT JOIN dealer d ON d.id = k.id
    WHERE k.id IN (SELECT dealer_id FROM covered)
), chosen AS (
    (SELECT n.* FROM named n WHERE n.id IN (SELECT dealer_id FROM month_in_part) ORDER BY n.code LIMIT $1)
    UNION (SELECT n.* FROM named n ORDER BY n.code LIMIT $1)
)
SELECT c.code, c.name, m.month::date AS month, min(greatest(s.from_on, m.month::date)) AS first,
       max(least(s.to_on, (m.month + interval '1 month')::date)) - 1 AS last,
       bool_and(p.dealer_id IS NULL) AS complete, coalesce(max(u.lines), 0) AS lines
FROM chosen c JOIN covered_span s ON s.dealer_id = c.id
CROSS JOIN LATERAL generate_series(date_trunc('month', s.from_on::timestamp), (s.to_on - 1)::timestamp,
                                   interval '1 month') AS m (month)
LEFT JOIN month_in_part p ON p.dealer_id = c.id AND p.month = m.month::date
LEFT JOIN (SELECT dealer_id, month, sum(lines)::bigint AS lines FROM summed
           WHERE dealer_id IN (SELECT id FROM chosen) GROUP BY 1, 2) u ON u.dealer_id = c.id AND u.month = m.month::date
GROUP BY c.id, c.code, c.name, m.month
ORDER BY complete, c.code, month LIMIT $1
"""


async def months_covered(kind: str) -> tuple[int, int, list[Record]]:
    """Of the dealer-months that the report touches: how many are covered whole afterwards, how many in part, the first.

    Those in part come first; of dealers without a line nothing is told one by one. Asked once `summed` is there.
    """
    await db.execute(_PARTS, kind)
    counted = await db.fetchrow(_MONTHS_COVERED)
    if counted is None:  # an aggregate without groups has one row
        raise RuntimeError("no row")
    return counted["months"] - counted["in_part"], counted["in_part"], await db.fetch(_TOLD, MOST_TOLD)


_RUNS = """
SELECT k.code, coalesce(d.name, k.code) AS name, g.from_on AS first, g.to_on - 1 AS last, g.to_on - g.from_on AS days,
       count(*) OVER () AS found
FROM (
    SELECT dealer_id, lag(day) OVER (PARTITION BY dealer_id ORDER BY day) + 1 AS from_on, day AS to_on
    FROM ({days}) AS x
) AS g LEFT JOIN known_dealer k ON k.id = g.dealer_id LEFT JOIN dealer d ON d.id = g.dealer_id
WHERE g.to_on - g.from_on > $1::integer
ORDER BY k.code, g.from_on LIMIT $2
"""
# A dealer who orders once a month is ordinary: what the company itself reports is complete where anybody has a line.
_DAYS_OF_FILE = """
    SELECT NULL::bigint AS dealer_id, on_date AS day FROM checked, covered_days
    WHERE is_covered AND on_date >= start AND on_date < stop GROUP BY on_date
    UNION ALL SELECT NULL, start - 1 FROM covered_days UNION ALL SELECT NULL, stop FROM covered_days
"""
# What a dealer reports of his own sales is his alone.
_DAYS_OF_DEALERS = """
    SELECT dealer_id, on_date AS day FROM checked JOIN covered_span USING (dealer_id)
    WHERE on_date >= from_on AND on_date < to_on GROUP BY dealer_id, on_date
    UNION ALL SELECT dealer_id, from_on - 1 FROM covered_span UNION ALL SELECT dealer_id, to_on FROM covered_span
"""


async def runs_without_lines(kind: str) -> tuple[int, list[Record]]:
    """How many runs of more than a week in the covered days hold no line, and the first of them: they count as zero.

    Of sell-through by dealer; of sell-in the days on which nobody has a line, without code and name. `rules` has the
    same for one run of days.
    """
    if kind == "stock":
        return 0, []
    sql = _RUNS.format(days=_DAYS_OF_FILE if kind == "sell-in" else _DAYS_OF_DEALERS)
    rows = await db.fetch(sql, ORDINARY_GAP, RUNS_TOLD)
    return (rows[0]["found"] if rows else 0), rows
