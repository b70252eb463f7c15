"""The list of credit incidents as a page and a file."""

from collections.abc import Mapping
from typing import Any

from asyncpg import Record
from litestar import Request
from litestar.params import FromQuery

from channel import web
from channel.access.rules import Person
from channel.dealers.pages.form_reading import member_filter
from channel.dealers.service.responsible import responsible_asked
from channel.errors import m
from channel.lists import Page, Wanted, choice_asked
from channel.receivables.lists.incidents import INCIDENT_NAMES, INCIDENTS
from channel.receivables.queries.incidents import IncidentFilter
from channel.receivables.rules.incidents import IncidentKind
from channel.receivables.service.documents import dealer_asked
from channel.receivables.service.incidents import incidents_told

AnyRequest = Request[Any, Any, Any]


async def _asked(
    dealer: FromQuery[str] = "", kind: FromQuery[str] = "", responsible: FromQuery[str] = ""
) -> IncidentFilter:
    return IncidentFilter(
        await dealer_asked(dealer.strip()),
        choice_asked(IncidentKind, kind, "kind"),
        await responsible_asked(responsible),
    )


async def _rows(person: Person, asked: IncidentFilter, wanted: Wanted) -> Page[Record]:
    return await incidents_told(person, asked, wanted)


async def _beside(request: AnyRequest, _person: Person, _asked: IncidentFilter) -> Mapping[str, Any]:
    tell = web.language_of(request).tell
    return {
        "crumbs": [(m("Receivables"), "/receivables")],
        "dense": True,
        "member_filter": await member_filter(request),
        "kinds": [(str(each), tell(name)) for each, name in INCIDENT_NAMES.items()],
    }


ROUTES = web.list_routes(
    INCIDENTS,
    "/receivables/incidents",
    _rows,
    template="receivables/incidents.html",
    filtered=_asked,
    context=_beside,
)
