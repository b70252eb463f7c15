"""Whom a run of reviews looks at, and where dealers stand in the tree of territories."""

from collections.abc import Sequence
from datetime import date, datetime

from asyncpg import Record

from channel.database import db


async def dealers_after(after: int, limit: int) -> list[Record]:
    """The next dealers in scope by their ids: id, code, type, currency."""
    return await db.fetch(
        "SELECT d.id, d.code, d.type, d.currency FROM dealer d WHERE d.id > $1 ORDER BY d.id LIMIT $2", after, limit
    )


async def names_of(dealer_ids: Sequence[int]) -> dict[int, Record]:
    """Code and name of dealers in scope, by id."""
    rows = await db.fetch("SELECT id, code, name FROM dealer WHERE id = ANY ($1::bigint[])", dealer_ids)
    return {row["id"]: row for row in rows}


async def members_named() -> dict[int, tuple[str, str]]:
    """Code and name of every member of staff, by id."""
    return {row["id"]: (row["code"], row["name"]) for row in await db.fetch("SELECT id, code, name FROM staff_member")}


_WITH_DUTY = """
SELECT s.code, s.territory_id
FROM staff_duty x JOIN duty d ON d.id = x.duty_id JOIN staff_member s ON s.id = x.member_id
WHERE d.code = (SELECT duty_meant($1)) AND x.from_on <= $2 AND (x.to_on IS NULL OR x.to_on > $2) ORDER BY s.code
"""


async def members_with_duty(duty: str, day: date) -> dict[str, int | None]:
    """Who has a duty on a day, by the codes in their order, each with where he works."""
    return {row["code"]: row["territory_id"] for row in await db.fetch(_WITH_DUTY, duty, day)}


async def territory_codes() -> dict[int, str]:
    """The code of every territory in scope, by id."""
    return {row["id"]: row["code"] for row in await db.fetch("SELECT id, code FROM territory")}


async def below(codes: Sequence[str], known_at: datetime | None) -> set[int]:
    """The territories of these codes with all that lay below them, as known at a moment."""
    rows = await db.fetch(
        "SELECT territories_below(t.id, $2::timestamptz) AS id FROM territory t"
        " WHERE t.code IN (SELECT territory_meant(c) FROM unnest($1::text[]) AS c)",
        codes,
        known_at,
    )
    return {row["id"] for row in rows}


_LAST = """
SELECT dealer_id, max(as_of) AS as_of FROM review
WHERE dealer_id = ANY ($1::bigint[]) AND plan = $2 AND as_of < $3 GROUP BY dealer_id
"""


async def last_reviews(dealer_ids: Sequence[int], plan: str, before: date) -> dict[int, date]:
    """The day of the last review that a plan opened of each dealer before a day; of the others nothing."""
    return {row["dealer_id"]: row["as_of"] for row in await db.fetch(_LAST, dealer_ids, plan, before)}
