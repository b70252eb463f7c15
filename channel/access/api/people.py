"""People, for those who keep them."""

from datetime import datetime
from typing import Annotated, Self

import msgspec
from asyncpg import Record
from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from channel.access import service
from channel.access.api.me import Ended
from channel.access.queries import PeopleFilter
from channel.access.rules import Person, Role
from channel.web import Text

_FAILED_SHOWN = 20
"""The latest failed sign-ins that are told with a person."""

Limit = Annotated[int, QueryParameter(ge=1, le=1000)]


class PersonRow(msgspec.Struct):
    """One of the people; `sessions` and `tokens` count the live ones."""

    login: str
    name: str
    role: str
    territories: list[str]
    locale: str | None
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


class PeopleList(msgspec.Struct):
    """People by login."""

    items: list[PersonRow]
    next: str | None


class NewPerson(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody to be added; without a password one is made."""

    login: str
    name: str
    role: Role
    territories: list[str] = []
    locale: str | None = None
    password: str | None = None


class AddedPerson(msgspec.Struct):
    """The person as added, and the password where one was made: told this once."""

    person: PersonRow
    password: str | None


class ChangedPerson(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be different; what is left out (or null) stays. An empty `locale` forgets the choice."""

    name: str | None = None
    role: Role | None = None
    territories: list[str] | None = None
    locale: str | None = None
    active: bool | None = None
    reason: Text | None = None


class NewPassword(msgspec.Struct, forbid_unknown_fields=True):
    """A password for somebody; null has one made."""

    password: str | None = None
    reason: Text | None = None


class MadePassword(msgspec.Struct):
    """The password where one was made: told this once."""

    password: str | None


@get("/api/v1/people")
async def list_people(
    person: NamedDependency[Person],
    q: FromQuery[str | None] = None,
    role: FromQuery[Role | None] = None,
    active: FromQuery[bool | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: Limit = 100,
) -> PeopleList:
    """The people by login; `q` is looked for in login and name."""
    wanted = PeopleFilter(q or None, None if role is None else role.value, active, cursor)
    rows = await service.people(person, wanted, limit + 1)
    shown = [PersonRow.of(row) for row in rows[:limit]]
    return PeopleList(shown, shown[-1].login if len(rows) > limit else None)


@post("/api/v1/people", status_code=201)
async def add_person(person: NamedDependency[Person], data: JSONBody[NewPerson]) -> AddedPerson:
    """Add somebody."""
    made = await service.add_person(
        person,
        data.login,
        data.name,
        data.role,
        territories=data.territories,
        locale=data.locale,
        password=data.password,
    )
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
    person: NamedDependency[Person], login: FromPath[str], data: JSONBody[ChangedPerson]
) -> PersonRow:
    """Change name, role, territories, language, or whether somebody may come in."""
    change = service.PersonChange(data.name, data.role, data.territories, data.locale, data.active)
    return PersonRow.of(await service.change_person(person, login, change, data.reason))


@post("/api/v1/people/{login:str}/password", status_code=200)
async def set_password(
    person: NamedDependency[Person], login: FromPath[str], data: JSONBody[NewPassword]
) -> MadePassword:
    """Give somebody a password, or have one made; all sessions and tokens of that person end."""
    return MadePassword(await service.set_password(person, login, data.password, data.reason))


@post("/api/v1/people/{login:str}/sign-out", status_code=200)
async def sign_out_person(person: NamedDependency[Person], login: FromPath[str]) -> Ended:
    """End all sessions and tokens of somebody."""
    return Ended.of(await service.sign_out_person(person, login))


ROUTES = (list_people, add_person, show_person, change_person, set_password, sign_out_person)
