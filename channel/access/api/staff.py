"""The register of staff: members, their managers and territories."""

from datetime import date
from typing import TypeVar

import msgspec
from asyncpg import Record
from litestar import get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from channel.access.acts import AddMember, ChangeMember, EndAway, EndDuty, EnterAway, GiveDuty, KeepDuty
from channel.access.lists import DUTIES, STAFF
from channel.access.queries.staff import StaffFilter
from channel.access.rules import Person
from channel.access.rules.staff import Standing
from channel.access.service import away as days_away
from channel.access.service import duties
from channel.access.service import staff as service
from channel.access.service.stand_ins import with_stand_ins
from channel.lists import Page, Wanted
from channel.web import MOST_TOLD, list_asked

S = TypeVar("S", bound=msgspec.Struct)


class StaffMember(msgspec.Struct):
    """A member of staff: `first_on` and `last_on` are both days of work, and null is no end.

    `duties` are those of today, by their codes. Where the member is away today, `away_until` is the first day back, and
    `stands_in` who does the work by then (null where nobody does). A `manager` of null is the top, a `territory` of
    null the whole company. `login` is null where the member signs in nowhere, and for everybody who neither keeps
    people nor reads the audit trail.
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
    duties: list[str]
    away_until: date | None
    stands_in: str | None
    login: str | None


class Colleague(msgspec.Struct):
    """Another member of staff, by name."""

    code: str
    name: str


class HeldDuty(msgspec.Struct):
    """A duty that the member has, had or will have on the days [from_on, to_on); null is without an end."""

    id: int
    duty: str
    duty_name: str
    from_on: date
    to_on: date | None


class DaysAway(msgspec.Struct):
    """Days [from_on, to_on) on which the member is away, and the deputy."""

    id: int
    from_on: date
    to_on: date
    deputy: str
    deputy_name: str


class OneMember(StaffMember):
    """A member with the managers above, his own first, those whose manager the member is, all duties and days away.

    `stands_in_for` are those whose work the member does today.
    """

    line_up: list[Colleague]
    beneath: list[Colleague]
    held: list[HeldDuty]
    away: list[DaysAway]
    stands_in_for: list[Colleague]


class Duty(msgspec.Struct):
    """A duty, the rights that it adds while somebody has it, and how many members have it today."""

    code: str
    name: str
    rights: list[str]
    members: int


def _names(rows: list[Record]) -> list[Colleague]:
    return [Colleague(row["code"], row["name"]) for row in rows]


async def _told(person: Person, code: str) -> OneMember:
    row = await service.member_named(person, code)
    line_up, beneath = await service.around(row)
    (told,) = await with_stand_ins([row])
    return OneMember(
        **{name: told[name] for name in StaffMember.__struct_fields__},
        line_up=_names(line_up),
        beneath=_names(beneath),
        held=[_of(HeldDuty, each) for each in await duties.held(row)],
        away=[_of(DaysAway, each) for each in await days_away.days_away(row)],
        stands_in_for=[Colleague(each.code, each.name) for each in told["stands_in_for"]],
    )


def _of(told: type[S], row: Record) -> S:
    return told(**{name: row[name] for name in told.__struct_fields__})


@get("/api/v1/staff", dependencies=list_asked(STAFF, 100))
async def list_staff(
    person: NamedDependency[Person],
    wanted: NamedDependency[Wanted],
    q: FromQuery[str | None] = None,
    territory: FromQuery[str | None] = None,
    standing: FromQuery[Standing | None] = None,
    under: FromQuery[str | None] = None,
    duty: FromQuery[str | None] = None,
) -> Page[StaffMember]:
    """Members of staff: `q` is looked for in code and name, `territory` is one at or below which they work.

    `under` is a member beneath whom they are, however far; `duty` one that they have today.
    """
    asked = StaffFilter(q or None, territory or None, standing and standing.value, under or None, duty or None)
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


@post("/api/v1/staff/{member:str}/duties", status_code=201)
async def give_duty(person: NamedDependency[Person], member: FromPath[str], data: JSONBody[GiveDuty]) -> OneMember:
    """Let a member have a duty from a day on."""
    return await _told(person, await duties.give_duty(person, member, data))


@post("/api/v1/staff/{member:str}/duties/{number:int}/end", status_code=200)
async def end_duty(
    person: NamedDependency[Person], member: FromPath[str], number: FromPath[int], data: JSONBody[EndDuty]
) -> OneMember:
    """Let a duty of a member end before a day."""
    await duties.end_duty(person, member, number, data)
    return await _told(person, member)


@post("/api/v1/staff/{member:str}/away", status_code=201)
async def enter_away(person: NamedDependency[Person], member: FromPath[str], data: JSONBody[EnterAway]) -> OneMember:
    """Let a member be away on some days, with a deputy."""
    return await _told(person, await days_away.enter_away(person, member, data))


@post("/api/v1/staff/{member:str}/away/{number:int}/correct", status_code=200)
async def correct_away(
    person: NamedDependency[Person], member: FromPath[str], number: FromPath[int], data: JSONBody[EnterAway]
) -> OneMember:
    """Say anew from when to when a member is away, and with which deputy."""
    await days_away.correct_away(person, member, number, data)
    return await _told(person, member)


@post("/api/v1/staff/{member:str}/away/{number:int}/end", status_code=200)
async def end_away(
    person: NamedDependency[Person], member: FromPath[str], number: FromPath[int], data: JSONBody[EndAway]
) -> OneMember:
    """Let a member be back sooner."""
    await days_away.end_away(person, member, number, data)
    return await _told(person, member)


@get("/api/v1/duties", dependencies=list_asked(DUTIES, MOST_TOLD))
async def list_duties(person: NamedDependency[Person], wanted: NamedDependency[Wanted]) -> Page[Duty]:
    """The duties that members of staff can have."""
    return (await duties.duties(person, wanted)).as_(Duty)


@put("/api/v1/duties")
async def keep_duty(person: NamedDependency[Person], data: JSONBody[KeepDuty]) -> Duty:
    """Add a duty, or change the one with this code."""
    await duties.keep_duty(person, data)
    row = await duties.duty_named(person, data.code)
    return Duty(**{name: row[name] for name in Duty.__struct_fields__})


ROUTES = (
    list_staff,
    add_member,
    show_member,
    change_member,
    give_duty,
    end_duty,
    enter_away,
    correct_away,
    end_away,
    list_duties,
    keep_duty,
)
