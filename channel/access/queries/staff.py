"""The register of staff in SQL."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from asyncpg import Record

from channel.access.lists import STAFF
from channel.access.rules.staff import Member
from channel.database import db
from channel.database.locks import Lock
from channel.database.paging import page_of
from channel.lists import Page, Wanted


async def hold_staff() -> None:
    """Keep everybody else from changing the register to the end of the transaction; what is read then stays so."""
    await db.execute("SELECT pg_advisory_xact_lock($1)", Lock.STAFF)


@dataclass(frozen=True, slots=True)
class StaffFilter:
    """Which members are asked for; None leaves a question open.

    `territory` is a node at or below which they work, `under` a member beneath whom they are, however far; `duty` is
    one that they have today.
    """

    text: str | None = None
    territory: str | None = None
    standing: str | None = None
    under: str | None = None
    duty: str | None = None


# Sign-in names ($2) are for those alone who keep people or read the trail.
_STAFF = """
SELECT s.id, s.code, s.name, m.code AS manager, m.name AS manager_name, t.code AS territory, t.name AS territory_name,
       s.first_on, s.last_on, h.duties, h.duty_names, CASE WHEN $2::boolean THEN p.login END AS login,
       CASE WHEN s.first_on > $1::date THEN 'coming' WHEN s.last_on < $1 THEN 'left' ELSE 'present' END AS standing
FROM staff_member s LEFT JOIN staff_member m ON m.id = s.manager_id LEFT JOIN staff_places() t ON t.id = s.territory_id
LEFT JOIN person p ON p.id = s.person_id
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(d.code ORDER BY d.code), '{}') AS duties, array_agg(d.name ORDER BY d.code) AS duty_names
    FROM staff_duty x JOIN duty d ON d.id = x.duty_id
    WHERE x.member_id = s.id AND x.from_on <= $1 AND (x.to_on IS NULL OR x.to_on > $1)) AS h
"""
_ASKED = f"""
SELECT * FROM ({_STAFF}
    WHERE ($3::text IS NULL OR strpos(lower(s.code || ' ' || s.name), lower($3)) > 0)
      AND ($4::text IS NULL OR s.territory_id IN (
          SELECT x.territory_id FROM territory_tree x JOIN territory a ON a.id = x.ancestor_id
          WHERE a.code = (SELECT territory_meant($4))))
      AND ($6::text IS NULL OR s.id IN (
          WITH RECURSIVE below AS (
              SELECT b.id FROM staff_member b JOIN staff_member top ON top.id = b.manager_id
              WHERE top.code = (SELECT staff_member_meant($6))
              UNION SELECT b.id FROM staff_member b JOIN below ON b.manager_id = below.id)
          SELECT id FROM below))
      AND ($7::text IS NULL OR (SELECT duty_meant($7)) = ANY (h.duties))
) AS register WHERE $5::text IS NULL OR standing = $5
"""


async def staff(asked: StaffFilter, today: date, wanted: Wanted, *, logins: bool) -> Page[Record]:
    """Members of staff as they are on a day; their sign-in names where those are for the asker."""
    args = (today, logins, asked.text, asked.territory, asked.standing, asked.under, asked.duty)
    return await page_of(_ASKED, args, STAFF, wanted)


async def member(code: str, today: date, *, logins: bool) -> Record | None:
    """One member, in the form of `staff`."""
    return await db.fetchrow(f"{_STAFF} WHERE s.code = (SELECT staff_member_meant($3))", today, logins, code)


async def names() -> list[Record]:
    """Code and name of every member of staff there ever was, by name."""
    return await db.fetch("SELECT code, name FROM staff_member ORDER BY name, code")


async def code_of_person(person_id: int | None) -> str | None:
    """The code of the member of staff who signs in as this person, None where there is none."""
    code: str | None = await db.fetchval("SELECT code FROM staff_member WHERE person_id = $1", person_id)
    return code


async def member_meant(code: str) -> str:
    """The code of a member as it is stored; one that there is not stays as it was asked."""
    meant: str = await db.fetchval("SELECT staff_member_meant($1)", code)
    return meant


async def beneath(member_id: int, today: date) -> list[Record]:
    """Those whose manager the member is, by name, in the form of `staff`."""
    return await db.fetch(f"{_STAFF} WHERE s.manager_id = $3 ORDER BY s.name, s.code", today, False, member_id)


_LINE = f"""
WITH RECURSIVE up AS (
    SELECT manager_id AS id, 1 AS height FROM staff_member WHERE id = $3 AND manager_id IS NOT NULL
    UNION ALL
    SELECT s.manager_id, up.height + 1 FROM up JOIN staff_member s ON s.id = up.id WHERE s.manager_id IS NOT NULL
)
SELECT told.* FROM up JOIN ({_STAFF}) AS told ON told.id = up.id ORDER BY up.height
"""


async def line_up(member_id: int, today: date) -> list[Record]:
    """Everybody above a member, his manager first, in the form of `staff`."""
    return await db.fetch(_LINE, today, False, member_id)


_REGISTER = """
SELECT s.code, s.name, s.first_on, s.last_on, m.code AS manager, t.code AS territory, p.login,
       array(SELECT DISTINCT d.code FROM staff_duty x JOIN duty d ON d.id = x.duty_id
             WHERE x.member_id = s.id AND (x.to_on IS NULL OR (x.to_on > $1 AND x.to_on > x.from_on))
             ORDER BY d.code) AS duties
FROM staff_member s LEFT JOIN staff_member m ON m.id = s.manager_id LEFT JOIN staff_places() t ON t.id = s.territory_id
LEFT JOIN person p ON p.id = s.person_id ORDER BY s.name, s.code
"""


async def whole_register(today: date) -> dict[str, Member]:
    """Every member by code, with sign-in and the duties that are not over; for acts that hold the register."""
    rows = await db.fetch(_REGISTER, today)
    return {row["code"]: Member(**{**row, "duties": tuple(row["duties"])}) for row in rows}


async def territories_meant(codes: Iterable[str]) -> dict[str, str]:
    """The codes of territories as they are stored, by the asked ones; those that are not known are left out."""
    rows = await db.fetch(
        "SELECT s AS asked, t.code FROM unnest($1::text[]) s JOIN territory t ON t.code = territory_meant(s)",
        list(codes),
    )
    return {row["asked"]: row["code"] for row in rows}


async def logins_known(logins: Iterable[str]) -> set[str]:
    """Which of these are sign-in names of people."""
    return {row["login"] for row in await db.fetch("SELECT login FROM person WHERE login = ANY ($1)", list(logins))}


async def login_choices() -> list[Record]:
    """Sign-in name and full name of all active people, to choose from."""
    return await db.fetch("SELECT login, name FROM person WHERE active ORDER BY login")


_NEW = """
INSERT INTO staff_member (code, name, first_on)
SELECT * FROM unnest($1::text[], $2::text[], $3::date[]) ON CONFLICT (code) DO NOTHING
"""
_FREED = "UPDATE staff_member SET person_id = NULL WHERE code = ANY ($1) AND person_id IS NOT NULL"
_SET = """
UPDATE staff_member s SET name = u.name, manager_id = m.id, territory_id = t.id, person_id = p.id,
       first_on = u.first_on, last_on = u.last_on
FROM unnest($1::text[], $2::text[], $3::date[], $4::date[], $5::text[], $6::text[], $7::text[])
     AS u (code, name, first_on, last_on, manager, territory, login)
LEFT JOIN staff_member m ON m.code = u.manager LEFT JOIN territory t ON t.code = u.territory
LEFT JOIN person p ON p.login = u.login
WHERE s.code = u.code
"""


async def record_members(members: Sequence[Member], before: Mapping[str, Member]) -> None:
    """Write members as they are to be, new ones and those there `before`; managers may be among the new ones."""
    columns = [
        [getattr(each, name) for each in members]
        for name in ("code", "name", "first_on", "last_on", "manager", "territory", "login")
    ]
    await db.execute(_NEW, *columns[:3])
    # A sign-in that goes from one member to another is let go first: nobody's is ever two members'.
    await db.execute(_FREED, [each.code for each in members if each.code in before])
    await db.execute(_SET, *columns)
