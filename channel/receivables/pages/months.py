"""The page of closed months."""

from collections.abc import Mapping
from typing import Any

from asyncpg import Record
from litestar import Request, Response, post
from litestar.di import NamedDependency

from channel import clock, web
from channel.access.rules import Person, Right, require
from channel.errors import m
from channel.lists import Page, Wanted
from channel.periods import Month
from channel.receivables.acts.months import CloseMonth, OpenMonth
from channel.receivables.lists.months import MONTHS
from channel.receivables.queries import months as queries
from channel.receivables.service import months as service

AnyRequest = Request[Any, Any, Any]
_PAGE = "/receivables/months"


async def _months(person: Person, _filtered: None, wanted: Wanted) -> Page[Record]:
    require(person, Right.SEE_RECEIVABLES)
    return await queries.months_told(wanted)


async def _beside(_request: AnyRequest, _person: Person, _filtered: None = None) -> Mapping[str, Any]:
    closed = await queries.closed_now()
    following = max(closed).plus(1) if closed else Month.of(clock.today()).plus(-1)
    return {
        "acts": (CloseMonth, OpenMonth),
        "right": Right.CLOSE_MONTHS,
        "next_month": str(following) if following.end <= clock.today() else "",
        "last_month": str(max(closed)) if closed else "",
    }


async def _again(request: AnyRequest, person: Person) -> Response[str]:
    found = await _months(person, None, Wanted(limit=web.A_PAGE))
    return web.list_page(request, MONTHS, found, "receivables/months.html", await _beside(request, person))


@post("/receivables/months/close", include_in_schema=False)
async def close_month(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Close a month."""
    return await web.act(
        request,
        CloseMonth,
        lambda act: service.close_month(person, act),
        lambda: _again(request, person),
        to=_PAGE,
        said=m("The month %(month)s is closed."),
    )


@post("/receivables/months/open", include_in_schema=False)
async def open_month(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Open a month again."""
    return await web.act(
        request,
        OpenMonth,
        lambda act: service.open_month(person, act),
        lambda: _again(request, person),
        to=_PAGE,
        said=m("The month %(month)s is open again."),
    )


_LIST = web.list_routes(MONTHS, _PAGE, _months, template="receivables/months.html", context=_beside)
ROUTES = (*_LIST, close_month, open_month)
