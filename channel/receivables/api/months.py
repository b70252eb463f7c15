"""Closed months over the API."""

from datetime import date, datetime

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from channel import web
from channel.access.rules import Person, Right, require
from channel.lists import Page, Wanted
from channel.receivables.acts.months import CloseMonth, OpenMonth
from channel.receivables.lists.months import MONTHS
from channel.receivables.queries import months as queries
from channel.receivables.service import months as service


class ClosedMonth(msgspec.Struct):
    """A month, told by its first day, that was ever closed: whether it is, and who said so last and why."""

    month: date
    closed: bool
    reason: str
    recorded_at: datetime
    actor: str


@get("/api/v1/receivables/months", dependencies=web.list_asked(MONTHS, 100))
async def list_months(person: NamedDependency[Person], wanted: NamedDependency[Wanted]) -> Page[ClosedMonth]:
    """Every month that was ever closed, with the last word on it; all others are open."""
    require(person, Right.SEE_RECEIVABLES)
    return (await queries.months_told(wanted)).as_(ClosedMonth)


@post("/api/v1/receivables/months/close", status_code=200)
async def close_month(person: NamedDependency[Person], data: JSONBody[CloseMonth]) -> Page[ClosedMonth]:
    """Close a month that is over: what changes its figures waits for a second person from now on. All months told."""
    await service.close_month(person, data)
    return (await queries.months_told()).as_(ClosedMonth)


@post("/api/v1/receivables/months/open", status_code=200)
async def open_month(person: NamedDependency[Person], data: JSONBody[OpenMonth]) -> Page[ClosedMonth]:
    """Open a month again. All months told."""
    await service.open_month(person, data)
    return (await queries.months_told()).as_(ClosedMonth)


ROUTES = (list_months, close_month, open_month)
