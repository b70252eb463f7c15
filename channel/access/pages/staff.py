"""The register of staff: for everybody to look whom to ask, and for those who keep people to keep it."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from asyncpg import Record
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from channel import clock, web
from channel.access import queries
from channel.access.acts import AddMember, ChangeMember
from channel.access.lists import DAYS_AWAY, HELD_DUTIES, STAFF
from channel.access.pages.duties import duty_choices
from channel.access.pages.forms import AnyRequest
from channel.access.queries import staff as staff_queries
from channel.access.queries.staff import StaffFilter
from channel.access.rules import Person, Right, require
from channel.access.rules.staff import STANDING_NAMES, Standing
from channel.access.service import staff as service
from channel.access.service.away import days_away
from channel.access.service.duties import held
from channel.access.service.stand_ins import with_stand_ins
from channel.errors import m
from channel.lists import Page, Wanted

_parts: list[str] = []


def use_member_parts(addresses: Iterable[str]) -> None:
    """Set what rooms above show of a member: where each part is, with `{code}` in the place of his code."""
    _parts[:] = addresses


async def _asked(
    q: FromQuery[str] = "",
    territory: FromQuery[str] = "",
    standing: FromQuery[str] = "",
    under: FromQuery[str] = "",
    duty: FromQuery[str] = "",
) -> StaffFilter:
    return StaffFilter(q or None, territory or None, standing or None, under or None, duty or None)


async def _staff(person: Person, asked: StaffFilter, wanted: Wanted) -> Page[dict[str, Any]]:
    return await service.staff(person, asked, wanted)


async def _beside(request: AnyRequest, person: Person, asked: StaffFilter) -> dict[str, Any]:
    tell = web.language_of(request).tell
    return {
        "places": [(row["code"], row["path"]) for row in await queries.territories()],
        "standings": [(each.value, tell(name)) for each, name in STANDING_NAMES.items()],
        "duties": await duty_choices(request, person),
        "under": None if asked.under is None else await service.member_named(person, asked.under),
    }


async def _choices(member: Record | None) -> dict[str, list[tuple[str, str]]]:
    """What the forms offer: who can be a manager and is, territories, and people who sign in."""
    today, present = clock.today(), None if member is None else member["manager"]
    everybody = (await staff_queries.whole_register(today)).values()
    return {
        "manager": [
            (each.code, f"{each.name} ({each.code})")
            for each in everybody
            if each.code == present
            or (each.standing(today) is not Standing.LEFT and (member is None or each.code != member["code"]))
        ],
        "territory": [(row["code"], row["path"]) for row in await queries.territories()],
        "login": [(row["login"], f"{row['name']} ({row['login']})") for row in await staff_queries.login_choices()],
    }


async def _new_member(request: AnyRequest, person: Person) -> Response[str]:
    require(person, Right.KEEP_PEOPLE)
    values = {"first_on": clock.today()}
    return web.page(request, "access/add_member.html", act=AddMember, values=values, choices=await _choices(None))


@get("/staff/{member:str}", include_in_schema=False)
async def show_member(request: AnyRequest, person: NamedDependency[Person], member: FromPath[str]) -> Response[str]:
    """One member of staff: whose manager he is and who is above him, and the form for who keeps people."""
    return await _member(request, person, member)


@post("/staff/{member:str}", include_in_schema=False, long_texts=(web.OPENED,))
async def change_member(
    request: AnyRequest, person: NamedDependency[Person], member: FromPath[str]
) -> Response[str] | Response[None]:
    """Another name, manager, territory, day or sign-in."""
    return await web.act(
        request,
        ChangeMember,
        lambda act: service.change_member(person, member, act),
        lambda: _member(request, person, member),
        to="/staff/{member}",
        said=m("What was changed of %(name)s is kept."),
    )


async def _member(request: AnyRequest, person: Person, code: str) -> Response[str]:
    who = await service.member_named(person, code)
    line_up, beneath = await service.around(who)
    (today_is,) = await with_stand_ins([who])
    return web.page(
        request,
        "access/member.html",
        who=who,
        line_up=line_up,
        beneath=beneath,
        duties=await held(who),
        away=await days_away(who),
        away_list=DAYS_AWAY,
        today_is=today_is,
        duty_list=HELD_DUTIES,
        today=clock.today(),
        parts=[each.replace("{code}", quote(who["code"], safe="")) for each in _parts],
        standing=STANDING_NAMES[Standing(who["standing"])],
        sees_logins=service.sees_logins(person),
        act=ChangeMember,
        choices=await _choices(who) if person.may(Right.KEEP_PEOPLE) else {},
    )


ROUTES = (
    *web.list_routes(STAFF, "/staff", _staff, template="access/staff.html", filtered=_asked, context=_beside),
    *web.act_routes(
        "/add-member",
        AddMember,
        _new_member,
        service.add_member,
        to="/staff/{code}",
        said=m("%(name)s is added to the staff."),
    ),
    show_member,
    change_member,
)
