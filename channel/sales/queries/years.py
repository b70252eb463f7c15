"""Twelve months of sell-in by dealer, in company currency: computed from rollups and coverage, and kept for the list.

What is kept is true in every transaction: a load keeps the years that are kept for the dealers it covers, and when a
month is over a job computes the next year for all. Until it has done so nobody finds that year kept, and computes it.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from channel.database import db
from channel.database.locks import Lock
from channel.periods import Month, Span

MONTHS = 12

_MANY = 100
"""Dealers of a report from which on their years are computed in one go through all rollups of the twelve months."""

_TWELVE_BEFORE = f"({{end}}::date - interval '{MONTHS} months')::date"
_SUMS = """
SELECT d.dealer_id, {end}::date AS ends_on, coalesce(sum(s.company_amount), 0.0000) AS company_amount
FROM (
    SELECT c.dealer_id, range_agg(daterange(c.from_on, c.to_on)) AS days FROM coverage c
    WHERE c.kind = 'sell-in' AND c.from_on < {end}::date AND c.to_on > {first} AND {whose}
    GROUP BY c.dealer_id
) AS d
LEFT JOIN sales_month s ON s.dealer_id = d.dealer_id AND s.kind = 'sell-in' AND s.month >= {first}
    AND s.month < {end}::date AND d.days @> daterange(s.month, (s.month + interval '1 month')::date)
WHERE EXISTS (
    SELECT FROM generate_series({first}::timestamp, {end}::timestamp - interval '1 month', interval '1 month') AS m
    WHERE d.days @> daterange(m::date, (m + interval '1 month')::date))
GROUP BY d.dealer_id
"""


def _sums(end: str, whose: str = "true") -> str:
    return _SUMS.format(end=end, first=_TWELVE_BEFORE.format(end=end), whose=whose)


SELL_IN_YEAR = f"SELECT dealer_id, company_amount AS figure FROM ({_sums('$1')}) AS year"
"""The year that ends before the day `$1` (a first of a month), computed for all dealers in scope."""
KEPT_SELL_IN_YEAR = "SELECT dealer_id, company_amount AS figure FROM sell_in_year WHERE ends_on = $1"
"""The same where it is kept."""


async def is_kept(ends_on: date) -> bool:
    """Whether the year that ends before this day is kept for all dealers."""
    return bool(await db.fetchval("SELECT EXISTS (SELECT FROM sell_in_year_kept WHERE ends_on = $1)", ends_on))


async def kept_years() -> list[date]:
    """The ends of the years that are kept."""
    return [row["ends_on"] for row in await db.fetch("SELECT ends_on FROM sell_in_year_kept ORDER BY ends_on")]


# Coverage only grows: whoever has a year keeps it. Most dealers whom a report covers have nothing new in it.
_KEEP_COVERED = f"""
INSERT INTO sell_in_year (dealer_id, ends_on, company_amount)
{_sums("$1", "c.dealer_id IN (SELECT dealer_id FROM covered)")}
ON CONFLICT (dealer_id, ends_on) DO UPDATE SET company_amount = excluded.company_amount
WHERE sell_in_year.company_amount <> excluded.company_amount
"""


async def keep_covered(days: Span) -> None:
    """After a load of sell-in over these days: the kept years of the dealers in `covered`, summed again."""
    first, end = Month.of(days.start).first, Month.of(days.last).end
    # Held to the end of the load, and alone by whoever computes a year for all: neither misses what the other has done.
    await db.execute("SELECT pg_advisory_xact_lock_shared($1)", Lock.KEPT_YEARS)
    # What a large report has just rolled up the database has no statistics of: it would seek the months of all dealers
    # for each of them.
    if await db.fetchval("SELECT count(*) > $1 FROM covered", _MANY):
        await db.execute("SET LOCAL enable_nestloop = off")
    for ends_on in await kept_years():
        if first < ends_on and end > Month.of(ends_on).plus(-MONTHS).first:
            await db.execute(_KEEP_COVERED, ends_on)
    await db.execute("SET LOCAL enable_nestloop = on")


async def keep_all(years: Sequence[date]) -> None:
    """Compute these years for every dealer and keep no others; asked under an open scope."""
    await db.execute("SELECT pg_advisory_xact_lock($1)", Lock.KEPT_YEARS)
    await db.execute("DELETE FROM sell_in_year")
    await db.execute("DELETE FROM sell_in_year_kept")
    for ends_on in years:
        await db.execute("INSERT INTO sell_in_year_kept (ends_on) VALUES ($1)", ends_on)
        await db.execute("INSERT INTO sell_in_year (dealer_id, ends_on, company_amount) " + _sums("$1"), ends_on)


_DIFFERENT = f"""
WITH truth AS MATERIALIZED (
    SELECT dealer_id, kept.ends_on, company_amount FROM sell_in_year_kept AS kept,
    LATERAL ({_sums("kept.ends_on")}) AS year
), kept AS MATERIALIZED (SELECT dealer_id, ends_on, company_amount FROM sell_in_year)
SELECT count(DISTINCT (dealer_id, ends_on)) FROM (
    (SELECT * FROM truth EXCEPT ALL SELECT * FROM kept) UNION ALL (SELECT * FROM kept EXCEPT ALL SELECT * FROM truth)
) AS x
"""


async def different_years() -> int:
    """How many dealers' kept years differ from what rollups and coverage say; 0 unless something is wrong."""
    found: int = await db.fetchval(_DIFFERENT)
    return found


_BY_MONTH = """
SELECT d.dealer_id, array_agg(CASE WHEN d.days @> daterange(m.first, m.next) THEN coalesce(s.amount, 0.0000) END
                              ORDER BY m.first) AS amounts
FROM (
    SELECT c.dealer_id, range_agg(daterange(c.from_on, c.to_on)) AS days FROM coverage c
    WHERE c.kind = 'sell-in' AND c.from_on < $3::date AND c.to_on > $2::date AND c.dealer_id = ANY ($1::bigint[])
    GROUP BY c.dealer_id
) AS d
CROSS JOIN (
    SELECT x::date AS first, (x + interval '1 month')::date AS next
    FROM generate_series($2::timestamp, $3::timestamp - interval '1 month', interval '1 month') AS x
) AS m
LEFT JOIN (
    SELECT dealer_id, month, sum(company_amount) AS amount FROM sales_month
    WHERE kind = 'sell-in' AND month >= $2::date AND month < $3::date AND dealer_id = ANY ($1::bigint[])
    GROUP BY dealer_id, month
) AS s ON s.dealer_id = d.dealer_id AND s.month = m.first
GROUP BY d.dealer_id
"""


async def sell_in_by_month(dealer_ids: Sequence[int], first: Month, last: Month) -> dict[int, list[Decimal | None]]:
    """Net sell-in of each month in company currency, None where no report covers it.

    The same as `months.months`, in one row a dealer; a dealer of whom nothing at all is covered is not in it.
    """
    rows = await db.fetch(_BY_MONTH, dealer_ids, first.first, last.end)
    return {row["dealer_id"]: row["amounts"] for row in rows}
