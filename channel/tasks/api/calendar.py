"""The company's calendar over the API."""

from datetime import date

import msgspec
from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from channel import web
from channel.access.rules import Person
from channel.lists import Page, Wanted
from channel.tasks.acts import SetCompanyDay, SetEscalation, SetWorkingWeek, TakeBackDay
from channel.tasks.lists import COMPANY_DAYS
from channel.tasks.service import calendar as service

_AT = "/api/v1/calendar"


class CalendarTold(msgspec.Struct):
    """The weekdays on which the company works (Monday is 1), and so many working days late a task is escalated."""

    weekdays: list[int]
    escalate_days: int


class CompanyDay(msgspec.Struct):
    """A date on which it is otherwise than its weekday says."""

    day: date
    works: bool
    words: str


@get(_AT)
async def show_calendar(person: NamedDependency[Person]) -> CalendarTold:
    """The company's week, and when late tasks are escalated."""
    told = await service.calendar_told(person)
    return CalendarTold(list(told.weekdays), told.rules.escalate_days)


@get(f"{_AT}/days", dependencies=web.list_asked(COMPANY_DAYS, 200))
async def list_days(person: NamedDependency[Person], wanted: NamedDependency[Wanted]) -> Page[CompanyDay]:
    """Days off and further working days."""
    return (await service.company_days(person, wanted)).as_(CompanyDay)


@put(f"{_AT}/week", status_code=204)
async def set_week(person: NamedDependency[Person], data: JSONBody[SetWorkingWeek]) -> None:
    """Say on which weekdays the company works."""
    await service.set_working_week(person, data)


@put(f"{_AT}/escalation", status_code=204)
async def set_escalation(person: NamedDependency[Person], data: JSONBody[SetEscalation]) -> None:
    """Say after how many working days a late task is escalated."""
    await service.set_escalation(person, data)


@put(f"{_AT}/days", status_code=204)
async def set_day(person: NamedDependency[Person], data: JSONBody[SetCompanyDay]) -> None:
    """Say of a date whether the company works on it."""
    await service.set_company_day(person, data)


@post(f"{_AT}/days/take-back", status_code=204)
async def take_back(person: NamedDependency[Person], data: JSONBody[TakeBackDay]) -> None:
    """Let a date be as its weekday says."""
    await service.take_back_day(person, data)


ROUTES = (show_calendar, list_days, set_week, set_escalation, set_day, take_back)
