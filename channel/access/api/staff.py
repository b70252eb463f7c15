"""The register of staff: members, their managers and territories."""

from datetime import date

import msgspec
from asyncpg import Record
from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from channel.access.acts import AddMember, ChangeMember
from channel.access.lists import STAFF
from channel.access.queries.staff import StaffFilter
from channel.access.rules import Person
from channel.access.rules.staff import Standing
from channel.access.service import staff as service
from channel.lists import Page, Wanted
from channel.web import list_asked


class StaffMember(msgspec.Struct):
    """A member of staff: `first_on` and `last_on` are both days of work, and null is no end.

    A `manager` of null is the top, a `territory` of null the whole company. `login` is null where the member signs in
    nowhere, and for everybody who neither keeps people nor reads the audit trail.
    """

    code: str
    name: str
    manager: str | None
    manager_name: str | None
    territory: str | None
    territory_name: str | None
    first_on: date
    last_on: date | None
    standing: Standing
    login: str | None


class Colleague(msgspec.Struct):
    """Another member of staff, by name."""

    code: str
    name: str


class OneMember(StaffMember):
    """A member with the managers above, his own first, and those whose manager the member is."""

    line_up: list[Colleague]
    beneath: list[Colleague]


def _names(rows: list[Record]) -> list[Colleague]:
    return [Colleague(row["code"], row["name"]) for row in rows]


async def _told(person: Person, code: str) -> OneMember:
    row = await service.member_named(person, code)
    line_up, beneath = await service.around(row)
    found = {name: row[name] for name in StaffMember.__struct_fields__}
    return OneMember(**found, line_up=_names(line_up), beneath=_names(beneath))


@get("/api/v1/staff", dependencies=list_asked(STAFF, 100))
async def list_staff(
    person: NamedDependency[Person],
    wanted: NamedDependency[Wanted],
    q: FromQuery[str | None] = None,
    territory: FromQuery[str | None] = None,
    standing: FromQuery[Standing | None] = None,
    under: FromQuery[str | None] = None,
) -> Page[StaffMember]:
    """Members of staff: `q` is looked for in code and name, `territory` is one at or below which they work.

    `under` is a member beneath whom they are, however far.
    """
    asked = StaffFilter(q or None, territory or None, standing and standing.value, under or None)
    return (await service.staff(person, asked, wanted)).as_(StaffMember)


@post("/api/v1/staff", status_code=201)
async def add_member(person: NamedDependency[Person], data: JSONBody[AddMember]) -> OneMember:
    """Add a member of staff."""
    return await _told(person, await service.add_member(person, data))


@get("/api/v1/staff/{member:str}")
async def show_member(person: NamedDependency[Person], member: FromPath[str]) -> OneMember:
    """One member of staff."""
    return await _told(person, member)


@patch("/api/v1/staff/{member:str}")
async def change_member(
    person: NamedDependency[Person], member: FromPath[str], data: JSONBody[ChangeMember]
) -> OneMember:
    """Change name, manager, territory, days or sign-in of a member."""
    await service.change_member(person, member, data)
    return await _told(person, member)


ROUTES = (list_staff, add_member, show_member, change_member)
