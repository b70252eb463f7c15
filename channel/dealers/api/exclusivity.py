"""Exclusivity over the API: who has which line where and when."""

from datetime import date, datetime

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from channel import web
from channel.access.rules import Person, Right, require
from channel.database.snapshots import settled
from channel.dealers.acts import EndExclusivity, GrantExclusivity
from channel.dealers.lists import GRANTS
from channel.dealers.queries import exclusivity as queries
from channel.dealers.service import exclusivity as service
from channel.dealers.service.facts import dealer_by_code
from channel.lists import Page, Wanted
from channel.view import View


class Grant(msgspec.Struct):
    """A grant on the days [from_on, to_on); `to_on` null is without an end."""

    id: int
    dealer: str
    line: str
    territory: str | None
    from_on: date
    to_on: date | None
    reason: str
    recorded_at: datetime
    actor: str


@get("/api/v1/exclusivity", dependencies=web.list_asked(GRANTS, web.MOST_TOLD))
async def list_all(
    person: NamedDependency[Person],
    view: NamedDependency[View],
    wanted: NamedDependency[Wanted],
    line: FromQuery[str | None] = None,
) -> Page[Grant]:
    """The grants of all dealers in scope; of those that hold on a day, if one is given."""
    require(person, Right.SEE_DEALERS)
    return (await queries.grants(None, await settled(view), line, wanted)).as_(Grant)


@get("/api/v1/dealers/{code:str}/exclusivity", dependencies=web.list_asked(GRANTS, web.MOST_TOLD))
async def list_of_dealer(
    person: NamedDependency[Person],
    code: FromPath[str],
    view: NamedDependency[View],
    wanted: NamedDependency[Wanted],
) -> Page[Grant]:
    """The grants of a dealer."""
    require(person, Right.SEE_DEALERS)
    dealer = await dealer_by_code(code)
    return (await queries.grants(dealer["id"], await settled(view), None, wanted)).as_(Grant)


@post("/api/v1/dealers/{code:str}/exclusivity")
async def grant(person: NamedDependency[Person], code: FromPath[str], data: JSONBody[GrantExclusivity]) -> Page[Grant]:
    """Let a dealer alone sell a line in a territory and below it; all grants of the dealer."""
    await service.grant_exclusivity(person, code, data)
    return (await queries.grants((await dealer_by_code(code))["id"])).as_(Grant)


@post("/api/v1/dealers/{code:str}/exclusivity/{grant_id:int}/end", status_code=200)
async def end(
    person: NamedDependency[Person], code: FromPath[str], grant_id: FromPath[int], data: JSONBody[EndExclusivity]
) -> Page[Grant]:
    """Let a grant end before a day; all grants of the dealer."""
    await service.end_exclusivity(person, code, grant_id, data)
    return (await queries.grants((await dealer_by_code(code))["id"])).as_(Grant)


ROUTES = (list_all, list_of_dealer, grant, end)
