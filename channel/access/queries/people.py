"""People, their roles and territories in SQL."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from channel.access import tables
from channel.access.lists import PEOPLE
from channel.database import db
from channel.database.paging import page_of
from channel.lists import Page, Wanted


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Which people are asked for; None leaves a question open."""

    text: str | None = None
    role: str | None = None
    active: bool | None = None


_PERSON = """
SELECT p.id, p.login, p.name, p.role, p.locale, p.email, p.messages, p.active, p.created_at,
       p.password_hash IS NOT NULL AS has_password,
       array(SELECT t.code FROM person_territory x JOIN territory t ON t.id = x.territory_id
             WHERE x.person_id = p.id ORDER BY 1) AS territories,
       nullif(array(SELECT t.name FROM person_territory x JOIN territory t ON t.id = x.territory_id
                    WHERE x.person_id = p.id ORDER BY t.code), '{}') AS territory_names,
       (SELECT count(*) FROM session s
        WHERE s.person_id = p.id AND s.revoked_at IS NULL AND s.expires_at > $1) AS sessions,
       (SELECT count(*) FROM api_token a
        WHERE a.person_id = p.id AND a.revoked_at IS NULL AND a.expires_at > $1) AS tokens
FROM person p
"""
_PEOPLE = f"""{_PERSON}
WHERE ($2::text IS NULL OR strpos(lower(p.login || ' ' || p.name), lower($2)) > 0)
  AND ($3::text IS NULL OR p.role = $3) AND ($4::boolean IS NULL OR p.active = $4)
"""


async def people(asked: PeopleFilter, now: datetime, wanted: Wanted) -> Page[Record]:
    """People, each with territories and how many sessions and tokens are live."""
    return await page_of(_PEOPLE, (now, asked.text, asked.role, asked.active), PEOPLE, wanted)


async def person_by_login(login: str, now: datetime) -> Record | None:
    """One person, in the form of `people`."""
    return await db.fetchrow(f"{_PERSON} WHERE p.login = $2", now, login)


async def credentials(login: str) -> tuple[int, str | None] | None:
    """Somebody's id and, while he is active, what his password is compared with."""
    row = await tables.Person.objects().get(tables.Person.login == login)
    return None if row is None else (row.id, row.password_hash if row.active else None)


async def record_person(
    login: str,
    name: str,
    role: str,
    password_hash: str | None,
    locale: str | None,
    mail: tuple[str | None, str],
    now: datetime,
) -> int:
    """A new, active person; `mail` is the address and when messages go there."""
    row = tables.Person(
        login=login,
        name=name,
        role=role,
        password_hash=password_hash,
        locale=locale,
        email=mail[0],
        messages=mail[1],
        active=True,
        created_at=now,
    )
    await row.save()
    return row.id


async def set_person_territories(person_id: int, territory_ids: Iterable[int]) -> None:
    """Bind a person to exactly these nodes."""
    ids = list(territory_ids)
    await db.execute(
        "DELETE FROM person_territory WHERE person_id = $1 AND territory_id <> ALL ($2::bigint[])", person_id, ids
    )
    await db.execute(
        "INSERT INTO person_territory (person_id, territory_id) SELECT $1, unnest($2::bigint[]) ON CONFLICT DO NOTHING",
        person_id,
        ids,
    )


async def change_person(
    person_id: int, name: str, role: str, locale: str | None, mail: tuple[str | None, str], *, active: bool
) -> None:
    """Another name, role, language, address, way of being told, or standing."""
    await db.execute(
        "UPDATE person SET name = $2, role = $3, locale = $4, active = $5, email = $6, messages = $7 WHERE id = $1",
        person_id,
        name,
        role,
        locale,
        active,
        *mail,
    )


async def change_mail(person_id: int, email: str | None, messages: str) -> None:
    """Another address, or another way of being told."""
    await db.execute("UPDATE person SET email = $2, messages = $3 WHERE id = $1", person_id, email, messages)


async def change_password_hash(person_id: int, password_hash: str) -> None:
    """Another password."""
    await db.execute("UPDATE person SET password_hash = $2 WHERE id = $1", person_id, password_hash)


async def replace_password_hash(person_id: int, compared: str, password_hash: str) -> bool:
    """Another password in the place of the one that was compared; False where that is no longer the person's."""
    replaced = await db.execute(
        "UPDATE person SET password_hash = $3 WHERE id = $1 AND password_hash = $2", person_id, compared, password_hash
    )
    return replaced == 1


async def hold_identified(person_id: int, compared: str | None = None) -> bool:
    """Whether the person is active, and his password still the compared one; so it stays until the transaction ends."""
    found = await db.fetchval(
        "SELECT true FROM person WHERE id = $1 AND active AND ($2::text IS NULL OR password_hash = $2) FOR SHARE",
        person_id,
        compared,
    )
    return bool(found)


async def lock_active_administrators() -> set[int]:
    """The active administrators, locked so that two acts cannot each take what they think is not the last."""
    rows = await db.fetch("SELECT id FROM person WHERE role = 'administrator' AND active ORDER BY id FOR UPDATE")
    return {row["id"] for row in rows}


async def lock_person(login: str) -> None:
    """Keep everybody else from changing this person, to the end of the transaction."""
    await db.execute("SELECT FROM person WHERE login = $1 FOR UPDATE", login)


async def change_locale(person_id: int, locale: str) -> None:
    """Another language."""
    await db.execute("UPDATE person SET locale = $2 WHERE id = $1", person_id, locale)
