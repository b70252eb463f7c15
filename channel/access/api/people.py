"""People, for those who keep them."""

from datetime import datetime
from typing import Self

import msgspec
from asyncpg import Record
from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from channel import clock
from channel.access import queries, service
from channel.access.acts import AddPerson, ChangePerson, SetPassword
from channel.access.api.me import Ended
from channel.access.lists import PEOPLE
from channel.access.queries import PeopleFilter
from channel.access.rules import Person, Right, Role, require
from channel.lists import Page, Wanted
from channel.web import list_asked

_FAILED_SHOWN = 20
"""The latest failed sign-ins that are told with a person."""


class PersonRow(msgspec.Struct):
    """One of the people; `sessions` and `tokens` count the live ones."""

    login: str
    name: str
    role: str
    territories: list[str]
    locale: str | None
    email: str | None
    messages: str
    active: bool
    created_at: datetime
    sessions: int
    tokens: int

    @classmethod
    def of(cls, row: Record) -> Self:
        """From the database's row."""
        return cls(**{name: row[name] for name in cls.__struct_fields__})


class FailedSignIn(msgspec.Struct):
    """A failed try to sign in as the person: when, and from which network address."""

    at: datetime
    address: str


class OnePerson(PersonRow):
    """One of the people, with how many tries to sign in failed in 30 days, and the latest of them."""

    failed_sign_ins: int
    last_failed: list[FailedSignIn]


class AddedPerson(msgspec.Struct):
    """The person as added, and the password where one was made: told this once."""

    person: PersonRow
    password: str | None


class MadePassword(msgspec.Struct):
    """The password where one was made: told this once."""

    password: str | None


@get("/api/v1/people", dependencies=list_asked(PEOPLE, 100))
async def list_people(
    person: NamedDependency[Person],
    wanted: NamedDependency[Wanted],
    q: FromQuery[str | None] = None,
    role: FromQuery[Role | None] = None,
    active: FromQuery[bool | None] = None,
) -> Page[PersonRow]:
    """The people by login; `q` is looked for in login and name."""
    require(person, Right.KEEP_PEOPLE)
    asked = PeopleFilter(q or None, role and role.value, active)
    found = await queries.people(asked, clock.now(), wanted)
    return Page([PersonRow.of(row) for row in found.items], found.next)


@post("/api/v1/people", status_code=201, shown_once=True)
async def add_person(person: NamedDependency[Person], data: JSONBody[AddPerson]) -> AddedPerson:
    """Add somebody."""
    made = await service.add_person(person, data)
    return AddedPerson(PersonRow.of(await service.person_named(person, data.login)), made)


@get("/api/v1/people/{login:str}")
async def show_person(person: NamedDependency[Person], login: FromPath[str]) -> OnePerson:
    """One of the people."""
    row = await service.person_named(person, login)
    failed = await service.failed_sign_ins(person, row["login"], _FAILED_SHOWN)
    return OnePerson(
        **{name: row[name] for name in PersonRow.__struct_fields__},
        failed_sign_ins=failed[0]["count"] if failed else 0,
        last_failed=[FailedSignIn(each["at"], each["address"]) for each in failed],
    )


@patch("/api/v1/people/{login:str}")
async def change_person(
    person: NamedDependency[Person], login: FromPath[str], data: JSONBody[ChangePerson]
) -> PersonRow:
    """Change name, role, territories, language, address, way of being told, or whether somebody may come in."""
    return PersonRow.of(await service.change_person(person, login, data))


@post("/api/v1/people/{login:str}/password", status_code=200, shown_once=True)
async def set_password(
    person: NamedDependency[Person], login: FromPath[str], data: JSONBody[SetPassword]
) -> MadePassword:
    """Give somebody a password, or have one made; all sessions and tokens of that person end."""
    return MadePassword(await service.set_password(person, login, data))


@post("/api/v1/people/{login:str}/sign-out", status_code=200)
async def sign_out_person(person: NamedDependency[Person], login: FromPath[str]) -> Ended:
    """End all sessions and tokens of somebody."""
    return Ended.of(await service.sign_out_person(person, login))


ROUTES = (list_people, add_person, show_person, change_person, set_password, sign_out_person)
