"""Builders of the room `access`: people, their territories, and working as one of them."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

from channel import clock
from channel.access import queries, service
from channel.access.acts import AddMember, AddPerson, EnterAway, GiveDuty, MakeToken
from channel.access.rules import OPERATOR, Person, Role
from channel.access.service import away, duties, staff
from channel.database import db


@asynccontextmanager
async def acting(person: Person) -> AsyncIterator[Person]:
    """Hold a connection as this person does in a request."""
    async with db.held(service.scope_of(person)):
        yield person


async def make_territories(*paths: str) -> dict[str, int]:
    """Nodes from paths like "East/Harbour City"; the code of a node is its name. Gives the id of each."""
    ids: dict[str, int] = {}
    async with db.held(db.EVERYTHING), db.transaction():
        posting_id = await service.open_posting(OPERATOR, "add territory")
        for path in paths:
            parent: int | None = None
            for depth, name in enumerate(path.split("/")):
                if name not in ids:
                    ids[name] = await queries.record_territory(
                        name, name, ("region", "city", "district")[depth], parent, posting_id
                    )
                parent = ids[name]
    return ids


async def make_person(role: Role, *territory_ids: int, login: str | None = None) -> Person:
    """Somebody with this role, bound to the territories where the role is regional."""
    login = login or f"{role}-{secrets.token_hex(3)}"
    async with db.held(db.EVERYTHING), db.transaction():
        person_id = await db.fetchval(
            "INSERT INTO person (login, name, role, active, created_at) VALUES ($1, $1, $2, true, $3) RETURNING id",
            login,
            role.value,
            clock.now(),
        )
        for territory_id in territory_ids:
            await db.execute("INSERT INTO person_territory VALUES ($1, $2)", person_id, territory_id)
    return Person(
        login=login,
        name=login,
        role=role,
        person_id=person_id,
        bound=role is Role.REGIONAL,
        territory_ids=territory_ids,
    )


def adding(login: str, role: Role, *territories: str, password: str, name: str | None = None) -> AddPerson:
    """Somebody to be added, by default named like his login."""
    return AddPerson(
        login=login, name=name or login.title(), role=role, territories=list(territories), password=password
    )


async def make_member(administrator: Person, code: str, *, name: str | None = None, **fields: object) -> str:
    """A member of staff, there since 2020 unless a first day is said."""
    given: dict[str, Any] = {"name": name or f"Member {code}", "first_on": date(2020, 1, 1)} | fields
    async with acting(administrator):
        return await staff.add_member(administrator, AddMember(code=code, **given))


async def give(administrator: Person, member: str, duty: str, from_on: date = date(2020, 1, 1)) -> None:
    """A duty for a member of staff, without an end."""
    async with acting(administrator):
        await duties.give_duty(administrator, member, GiveDuty(duty=duty, from_on=from_on))


async def send_away(administrator: Person, member: str, deputy: str) -> None:
    """A member of staff away for ten days, a hundred days from now."""
    first = clock.today() + timedelta(days=100)
    async with acting(administrator):
        act = EnterAway(from_on=first, to_on=first + timedelta(days=10), deputy=deputy)
        await away.enter_away(administrator, member, act)


async def make_machine(administrator: Person, name: str, *territories: str) -> Person:
    """Who speaks with a token of a machine."""
    async with acting(administrator):
        made = await service.add_machine_token(administrator, MakeToken(name=name, territories=list(territories)))
        speaker = await service.person_of_token(made.text)
    assert speaker is not None
    return speaker


async def make_token(person: Person) -> str:
    """An API token that speaks for this person."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    async with db.held(db.EVERYTHING), db.transaction():
        await db.execute(
            "INSERT INTO api_token (token_hash, hint, name, person_id, role, created_at, expires_at)"
            " VALUES ($1, $2, 'test', $3, $4, $5, $6)",
            service.hash_token(token),
            token[:4],
            person.person_id,
            person.role.value,
            now,
            now + timedelta(days=1),
        )
    return token


async def make_session(person: Person) -> str:
    """A browser session of this person; the cookie's value."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    async with db.held(db.EVERYTHING), db.transaction():
        await db.execute(
            "INSERT INTO session (token_hash, person_id, created_at, expires_at, address, agent)"
            " VALUES ($1, $2, $3, $4, '127.0.0.1', 'test')",
            service.hash_token(token),
            person.person_id,
            now,
            now + timedelta(hours=12),
        )
    return token
