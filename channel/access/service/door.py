"""Knowing who asks, and what the database lets them see."""

import hashlib

from asyncpg import Record

from channel import clock
from channel.access import queries
from channel.access.rules import Person, Right, Role
from channel.database import db


def hash_token(token: str) -> bytes:
    """What is stored of a session or API token; the token itself has 256 random bits and needs no slow hash."""
    return hashlib.sha256(token.encode()).digest()


def scope_of(person: Person) -> db.Scope:
    """What the database lets this person see; the trail without dealers is for those alone whom nothing binds."""
    if person.role is Role.REGIONAL or person.bound:
        return db.Scope("territories", person.territory_ids, owner=person.owner)
    return db.Scope("all", (), person.role.value, person.owner)


async def person_of_session(token: str) -> Person | None:
    """Who is signed in under this session cookie, or None."""
    row = await queries.person_of_session(hash_token(token), clock.now(), clock.today())
    return None if row is None else _person(row)


async def person_of_token(token: str) -> Person | None:
    """Whom this API token speaks for, or None; its last use is kept."""
    now = clock.now()
    row = await queries.person_of_token(hash_token(token), now, clock.today())
    if row is None:
        return None
    await queries.record_token_use(row["token_id"], now)
    return _person(row)


async def person_behind(person_id: int | None, token_id: int | None, session_id: int | None) -> Person | None:
    """Who stands behind what was asked for before, with the rights and bounds of now; None where he is no more.

    A token must still live. A session need not: whoever went home is still who he was.
    """
    now, today = clock.now(), clock.today()
    if token_id is not None:
        row = await queries.person_behind_token(token_id, now, today)
    else:
        row = None if person_id is None else await queries.person_behind_session(person_id, session_id, today)
    return None if row is None else _person(row)


def _person(row: Record) -> Person:
    return Person(
        login=row["login"],
        name=row["name"],
        role=Role(row["role"]),
        person_id=row["person_id"],
        token_id=row["token_id"],
        session_id=row["session_id"],
        bound=row["bound"],
        territory_ids=tuple(row["territory_ids"]),
        locale=row["locale"],
        narrowed=row["narrowed"],
        added=frozenset(right for right in Right if right in row["added"]),
    )
