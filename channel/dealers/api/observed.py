"""What is found out about dealers, over the API."""

from datetime import date, datetime
from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from channel import web
from channel.access.rules import Person, Right, require
from channel.database.snapshots import settled
from channel.dealers.acts import ObserveFact
from channel.dealers.lists import OBSERVED, OBSERVED_HISTORY
from channel.dealers.queries import observed as queries
from channel.dealers.rules.observed import Block, ObservedKind
from channel.dealers.service import observed as service
from channel.dealers.service.facts import dealer_by_code
from channel.lists import Page, Wanted, page_in
from channel.view import View

AnyRequest = Request[Any, Any, Any]


class ObservedValue(msgspec.Struct):
    """A value that was said; null says that nothing is known from its day on. Numbers are texts, to be exact."""

    fact: str
    name: str
    kind: ObservedKind
    value: str | None
    unit: str | None
    observed_on: date | None
    source: str | None
    recorded_at: datetime | None
    actor: str | None


class ObservedFact(ObservedValue):
    """What there is to find out and what is known of it: `needed` by the dealer's type, `stale` when it is too old."""

    block: Block
    needed: bool
    stale: bool


class Recorded(msgspec.Struct):
    """False when just that stood already."""

    changed: bool


@get("/api/v1/dealers/{code:str}/observed", dependencies=web.list_asked(OBSERVED, web.MOST_TOLD))
async def list_observed(
    request: AnyRequest,
    person: NamedDependency[Person],
    code: FromPath[str],
    view: NamedDependency[View],
    wanted: NamedDependency[Wanted],
) -> Page[ObservedFact]:
    """All there is to find out about a dealer, with what is known of it."""
    require(person, Right.SEE_DEALERS)
    dealer = await dealer_by_code(code)
    language = web.language_of(request).code
    rows = [service.in_language(row, language) for row in await service.file_of(dealer["id"], await settled(view))]
    return page_in(rows, OBSERVED, wanted).as_(ObservedFact)


@get("/api/v1/dealers/{code:str}/observed-history", dependencies=web.list_asked(OBSERVED_HISTORY, web.MOST_TOLD))
async def list_history(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], wanted: NamedDependency[Wanted]
) -> Page[ObservedValue]:
    """Every value that was ever said of a dealer."""
    require(person, Right.SEE_DEALERS)
    found = await queries.observed_history((await dealer_by_code(code))["id"], wanted)
    language = web.language_of(request).code
    return Page([service.in_language(row, language) for row in found.items], found.next).as_(ObservedValue)


@post("/api/v1/dealers/{code:str}/observed")
async def observe(person: NamedDependency[Person], code: FromPath[str], data: JSONBody[ObserveFact]) -> Recorded:
    """Record what was found out about a dealer."""
    return Recorded(await service.observe_fact(person, code, data))


ROUTES = (list_observed, list_history, observe)
