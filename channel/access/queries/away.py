"""Days away in SQL."""

from datetime import date, datetime

from asyncpg import Record

from channel.access import tables
from channel.access.rules.away import Away
from channel.database import db

_AWAY = """
SELECT a.id, a.member_id, s.code AS member, s.name AS member_name, d.code AS deputy, d.name AS deputy_name,
       a.from_on, a.to_on
FROM staff_away a JOIN staff_member s ON s.id = a.member_id JOIN staff_member d ON d.id = a.deputy_id
WHERE a.closed_at IS NULL
"""


def _away(row: Record) -> Away:
    return Away(row["member"], row["deputy"], row["from_on"], row["to_on"])


async def away_on(day: date) -> list[Away]:
    """Who is away on a day."""
    rows = await db.fetch(f"{_AWAY} AND a.from_on <= $1 AND a.to_on > $1", day)
    return [_away(row) for row in rows]


async def away_between(from_on: date, to_on: date, *, but: int | None) -> list[Away]:
    """Who is away on any of the days [from_on, to_on), without the days of a number."""
    rows = await db.fetch(
        f"{_AWAY} AND a.from_on < $2 AND a.to_on > $1 AND a.id IS DISTINCT FROM $3", from_on, to_on, but
    )
    return [_away(row) for row in rows]


async def days_away(member_id: int) -> list[Record]:
    """A member's days away, the latest first."""
    return await db.fetch(f"{_AWAY} AND a.member_id = $1 ORDER BY a.from_on DESC", member_id)


async def one_away(member_id: int, number: int) -> Record | None:
    """One of them."""
    return await db.fetchrow(f"{_AWAY} AND a.member_id = $1 AND a.id = $2", member_id, number)


async def record_away(member_id: int, deputy_id: int, from_on: date, to_on: date) -> None:
    """Days away on none of which the member is away already."""
    await tables.StaffAway(member_id=member_id, deputy_id=deputy_id, from_on=from_on, to_on=to_on).save()


async def close_away(number: int, now: datetime) -> None:
    """Days away that hold no longer."""
    await db.execute("UPDATE staff_away SET closed_at = $2 WHERE id = $1 AND closed_at IS NULL", number, now)
