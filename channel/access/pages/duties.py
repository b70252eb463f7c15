"""Duties, for everybody to look; and their forms, for those who keep people."""

from typing import Any

from asyncpg import Record
from litestar import Response, post
from litestar.di import NamedDependency

from channel import clock, web
from channel.access.acts import EndDuty, GiveDuty, KeepDuty
from channel.access.lists import DUTIES
from channel.access.pages.forms import AnyRequest
from channel.access.rules import Person, Right, require
from channel.access.service import duties as service
from channel.access.service.staff import member_named
from channel.errors import NotFound, m
from channel.lists import Page, Wanted

_TEMPLATE = "access/duties.html"


async def duty_choices(request: AnyRequest, person: Person) -> list[tuple[str, str]]:
    """(code, name) of the duties."""
    told = web.language_of(request)
    return [(row["code"], told.kept(row["name"])) for row in (await service.duties(person)).items]


async def _duties(person: Person, _filtered: None, wanted: Wanted) -> Page[Record]:
    return await service.duties(person, wanted)


async def _beside(_request: AnyRequest, _person: Person, _filtered: None) -> dict[str, Any]:
    return {"crumbs": [(m("Staff"), "/staff")], "act": KeepDuty}


async def _again(request: AnyRequest, person: Person) -> Response[str]:
    found = await _duties(person, None, Wanted(limit=web.A_PAGE))
    return web.list_page(request, DUTIES, found, _TEMPLATE, await _beside(request, person, None))


@post("/duties", include_in_schema=False)
async def add_duty(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Add a duty."""
    return await web.act(
        request,
        KeepDuty,
        lambda act: service.keep_duty(person, act, new=True),
        lambda: _again(request, person),
        to="/duties",
        said=m("The duty %(name)s is added."),
    )


async def _duty_form(request: AnyRequest, person: Person, duty: str) -> Response[str]:
    require(person, Right.KEEP_PEOPLE)
    row = await service.duty_named(person, duty)
    values = {"name": row["name"], "rights": sorted(row["rights"])}
    return web.page(request, "access/duty.html", row=row, act=KeepDuty, values=values)


async def _give_form(request: AnyRequest, person: Person, member: str) -> Response[str]:
    require(person, Right.KEEP_PEOPLE)
    return web.page(
        request,
        "access/member_act.html",
        who=await member_named(person, member),
        at="/give-duty",
        title=m("Give a duty"),
        button=m("Give the duty"),
        act=GiveDuty,
        values={"from_on": clock.today()},
        choices={"duty": await duty_choices(request, person)},
    )


async def _end_form(request: AnyRequest, person: Person, member: str, number: int) -> Response[str]:
    require(person, Right.KEEP_PEOPLE)
    who = await member_named(person, member)
    row = next((each for each in await service.held(who) if each["id"] == number), None)
    if row is None:
        raise NotFound(m("The member has no such duty."))
    return web.page(
        request,
        "access/member_act.html",
        who=who,
        at=f"/duties/{number}/end",
        title=m("End a duty"),
        button=m("End the duty"),
        facts=(web.language_of(request).kept(row["duty_name"]),),
        act=EndDuty,
        values={"to_on": clock.today()},
    )


ROUTES = (
    *web.list_routes(DUTIES, "/duties", _duties, template=_TEMPLATE, context=_beside),
    add_duty,
    *web.act_routes(
        "/duties/{duty:str}/edit",
        KeepDuty,
        _duty_form,
        lambda person, _duty, act: service.keep_duty(person, act),
        to="/duties",
        said=m("The duty %(name)s is kept."),
    ),
    *web.act_routes(
        "/staff/{member:str}/give-duty",
        GiveDuty,
        _give_form,
        service.give_duty,
        to="/staff/{member}",
        said=m("The duty is given."),
    ),
    *web.act_routes(
        "/staff/{member:str}/duties/{number:int}/end",
        EndDuty,
        _end_form,
        service.end_duty,
        to="/staff/{member}",
        said=m("The duty ends."),
    ),
)
