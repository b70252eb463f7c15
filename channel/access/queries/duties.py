"""Duties, and who has them on which days, in SQL."""

from collections.abc import Iterable, Sequence
from datetime import date

from asyncpg import Record

from channel.access import tables
from channel.access.lists import DUTIES
from channel.database import db
from channel.database.paging import page_of
from channel.lists import ALL, Page, Wanted

_DUTIES = """
SELECT d.id, d.code, d.name, d.rights,
       (SELECT count(*) FROM staff_duty x JOIN staff_member s ON s.id = x.member_id
        WHERE x.duty_id = d.id AND x.from_on <= $1::date AND (x.to_on IS NULL OR x.to_on > $1)) AS members
FROM duty d
"""


async def duties(today: date, wanted: Wanted = ALL) -> Page[Record]:
    """The duties, each with the rights that it adds and how many members have it on a day."""
    return await page_of(_DUTIES, (today,), DUTIES, wanted)


async def duty(code: str, today: date) -> Record | None:
    """One duty, in the form of `duties`."""
    return await db.fetchrow(f"{_DUTIES} WHERE d.code = (SELECT duty_meant($2))", today, code)


async def duties_meant(codes: Iterable[str]) -> dict[str, str]:
    """The codes of duties as they are stored, by the asked ones; those that are not known are left out."""
    rows = await db.fetch(
        "SELECT s AS asked, d.code FROM unnest($1::text[]) s JOIN duty d ON d.code = duty_meant(s)", list(codes)
    )
    return {row["asked"]: row["code"] for row in rows}


async def record_duty(code: str, name: str, rights: Sequence[str]) -> None:
    """A duty that is new, or the one with this code as it is to be."""
    await db.execute(
        "INSERT INTO duty (code, name, rights) VALUES ($1, $2, $3)"
        " ON CONFLICT (code) DO UPDATE SET name = excluded.name, rights = excluded.rights",
        code,
        name,
        list(rights),
    )


_HELD = """
SELECT x.id, x.member_id, d.code AS duty, d.name AS duty_name, d.rights, x.from_on, x.to_on
FROM staff_duty x JOIN duty d ON d.id = x.duty_id WHERE x.member_id = $1
"""


async def held_duties(member_id: int) -> list[Record]:
    """The duties that a member has, had or will have, the latest first; one taken back before its day is none."""
    return await db.fetch(
        f"{_HELD} AND (x.to_on IS NULL OR x.to_on > x.from_on) ORDER BY x.from_on DESC, x.id DESC", member_id
    )


async def held_duty(member_id: int, number: int) -> Record | None:
    """One of them."""
    return await db.fetchrow(f"{_HELD} AND x.id = $2", member_id, number)


async def record_held(member_id: int, duty_id: int, from_on: date, to_on: date | None) -> None:
    """A duty of a member on days on which it has none of the same."""
    await tables.StaffDuty(member_id=member_id, duty_id=duty_id, from_on=from_on, to_on=to_on).save()


async def end_held(number: int, to_on: date) -> None:
    """An earlier end of a duty of a member."""
    await db.execute("UPDATE staff_duty SET to_on = $2 WHERE id = $1", number, to_on)


# A duty begins neither before its member does nor while the member still has, or had, the same one.
_GIVEN = """
INSERT INTO staff_duty (member_id, duty_id, from_on)
SELECT s.id, d.id, greatest(s.first_on, $3::date,
                            (SELECT max(x.to_on) FROM staff_duty x WHERE x.member_id = s.id AND x.duty_id = d.id))
FROM unnest($1::text[], $2::text[]) AS u (member, duty) JOIN staff_member s ON s.code = u.member
JOIN duty d ON d.code = u.duty
RETURNING (SELECT s.code FROM staff_member s WHERE s.id = member_id) AS member,
          (SELECT d.code FROM duty d WHERE d.id = duty_id) AS duty, from_on
"""


async def give_duties(given: Sequence[tuple[str, str]], from_on: date) -> list[Record]:
    """Duties without an end for members who have none of them (member and duty by code); each with its first day."""
    return await db.fetch(_GIVEN, [member for member, _ in given], [duty for _, duty in given], from_on)
