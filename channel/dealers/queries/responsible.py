"""Who looks after which of many dealers, before a day and today."""

from collections.abc import Sequence
from datetime import date

from asyncpg import Record

from channel.database import db
from channel.database.posted import last_first
from channel.dealers.queries.lists import Filter
from channel.dealers.rules.responsible import NOBODY

_MEMBER = "SELECT id FROM staff_member WHERE code = (SELECT staff_member_meant($1))"


async def responsible_meant(code: str) -> int | None:
    """The number of a member of staff by which lists ask who looks after dealers, 0 for nobody; None if unknown."""
    if code == NOBODY:
        return 0
    found: int | None = await db.fetchval(_MEMBER, code)
    return found


async def dealers_of(responsible: int) -> set[int]:
    """The dealers in scope whom a member of staff looks after today, or with 0 nobody."""
    part = "responsible_id = $1" if responsible else "responsible_id IS NULL AND $1 = 0"
    return {row["id"] for row in await db.fetch(f"SELECT id FROM dealer WHERE {part}", responsible)}


_NAMED = """
SELECT asked.code AS asked, d.code FROM unnest($1::text[]) AS asked (code)
LEFT JOIN dealer d ON d.code = (SELECT dealer_meant(asked.code))
"""


async def dealers_meant(codes: Sequence[str]) -> dict[str, str | None]:
    """By each of these codes that of the dealer in scope who is meant; None where there is none."""
    return {row["asked"]: row["code"] for row in await db.fetch(_NAMED, codes)}


async def dealers_within(within: Filter) -> list[int]:
    """The ids of all dealers that the conditions let through."""
    return [row["id"] for row in await db.fetch(f"SELECT d.id FROM dealer d WHERE {within.where}", *within.args)]


# Of each dealer the fact that holds on the day ($2), and whether today ($3) another one holds that began later.
_HELD = f"""
SELECT d.id, d.code, d.name, d.responsible_id AS today_id, h.responsible_id AS was_id, s.code AS was,
       s.name AS was_name,
       EXISTS (SELECT FROM dealer_fact l WHERE l.dealer_id = d.id AND l.fact = 'responsible'
               AND l.effective_on > $2 AND l.effective_on <= $3) AS overtaken
FROM dealer d
LEFT JOIN LATERAL (
    SELECT f.responsible_id FROM dealer_fact f JOIN posting p ON p.id = f.posting_id
    WHERE f.dealer_id = d.id AND f.fact = 'responsible' AND f.effective_on <= $2
    ORDER BY f.effective_on DESC, {last_first("f")} LIMIT 1
) AS h ON true
LEFT JOIN staff_member s ON s.id = h.responsible_id
WHERE d.id = ANY ($1::bigint[]) ORDER BY d.name, d.id
"""


async def held_on(dealer_ids: Sequence[int], day: date, today: date) -> list[Record]:
    """Who looks after each of these dealers on a day as known now, and today; `overtaken` where others came between."""
    return await db.fetch(_HELD, dealer_ids, day, today)
