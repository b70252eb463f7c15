"""The company's calendar: its week, days off and further working days, for everybody to look and for who keeps it."""

from functools import partial
from typing import Any

from asyncpg import Record
from litestar import Request, Response, post
from litestar.di import NamedDependency

from channel import web
from channel.access.rules import Person, Right
from channel.errors import m
from channel.lists import Page, Wanted
from channel.tasks.acts import SetCompanyDay, SetEscalation, SetWorkingWeek, TakeBackDay
from channel.tasks.lists import COMPANY_DAYS
from channel.tasks.rules.working_days import WEEKDAYS
from channel.tasks.service import calendar as service

AnyRequest = Request[Any, Any, Any]
_PAGE, _TEMPLATE = "/calendar", "tasks/calendar.html"


async def _rows(person: Person, _filtered: None, wanted: Wanted) -> Page[Record]:
    return await service.company_days(person, wanted)


async def _beside(request: AnyRequest, person: Person, _filtered: None) -> dict[str, Any]:
    told, tell = await service.calendar_told(person), web.language_of(request).tell
    return {
        "weekdays": [tell(WEEKDAYS[each]) for each in told.weekdays],
        "escalate_days": told.rules.escalate_days,
        "acts": {"week": SetWorkingWeek, "escalation": SetEscalation, "day": SetCompanyDay, "take_back": TakeBackDay},
        "values": {
            "week": {"weekdays": [str(each) for each in told.weekdays]},
            "escalation": {"escalate_days": told.rules.escalate_days},
        },
        "right": Right.KEEP_SETTINGS,
    }


async def _again(request: AnyRequest, person: Person) -> Response[str]:
    found = await _rows(person, None, Wanted(limit=web.A_PAGE))
    return web.list_page(request, COMPANY_DAYS, found, _TEMPLATE, await _beside(request, person, None))


@post(f"{_PAGE}/week", include_in_schema=False)
async def set_week(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Say on which weekdays the company works."""
    return await web.act(
        request,
        SetWorkingWeek,
        lambda act: service.set_working_week(person, act),
        partial(_again, request, person),
        to=_PAGE,
        said=lambda _: m("The working days of the week are kept."),
    )


@post(f"{_PAGE}/escalation", include_in_schema=False)
async def set_escalation(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Say after how many working days a late task is escalated."""
    return await web.act(
        request,
        SetEscalation,
        lambda act: service.set_escalation(person, act),
        partial(_again, request, person),
        to=_PAGE,
        said=m("Late tasks are escalated after %(escalate_days)s working days."),
    )


@post(f"{_PAGE}/days", include_in_schema=False)
async def set_day(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Say of a date whether the company works on it."""
    return await web.act(
        request,
        SetCompanyDay,
        lambda act: service.set_company_day(person, act),
        partial(_again, request, person),
        to=_PAGE,
        said=m("What is said of %(day)s is kept."),
    )


@post(f"{_PAGE}/days/take-back", include_in_schema=False)
async def take_back(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Let a date be as its weekday says."""
    return await web.act(
        request,
        TakeBackDay,
        lambda act: service.take_back_day(person, act),
        partial(_again, request, person),
        to=_PAGE,
        said=m("%(day)s is as its weekday says."),
    )


ROUTES = (
    *web.list_routes(COMPANY_DAYS, _PAGE, _rows, template=_TEMPLATE, context=_beside),
    set_week,
    set_escalation,
    set_day,
    take_back,
)
