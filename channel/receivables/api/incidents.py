"""Credit incidents over the API."""

from datetime import date, datetime
from decimal import Decimal

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from channel import web
from channel.access.rules import Person
from channel.dealers.service.responsible import responsible_asked
from channel.lists import Page, Wanted
from channel.receivables.lists.incidents import INCIDENTS
from channel.receivables.queries.incidents import IncidentFilter
from channel.receivables.rules.incidents import IncidentKind
from channel.receivables.service.documents import dealer_asked
from channel.receivables.service.incidents import incidents_told
from channel.view import View


class IncidentRow(msgspec.Struct):
    """What speaks against a dealer's credit, once each.

    A broken promise has the number of the promise and what had not come, a write-off and a dishonoured bill (a bill
    that was reversed) have their document, a hold has neither. `reversed` is said of a write-off that is gone since.
    """

    id: int
    dealer: str
    incident_on: date
    kind: IncidentKind
    about: str | None
    promise_id: int | None
    document_id: int | None
    amount: Decimal | None
    currency: str | None
    reversed: bool
    recorded_at: datetime | None
    actor: str


@get("/api/v1/receivables/incidents", dependencies=web.list_asked(INCIDENTS, 200))
async def list_incidents(
    person: NamedDependency[Person],
    wanted: NamedDependency[Wanted],
    view: NamedDependency[View],
    dealer: FromQuery[str | None] = None,
    kind: FromQuery[IncidentKind | None] = None,
    responsible: FromQuery[str | None] = None,
) -> Page[IncidentRow]:
    """Credit incidents up to a day as known at a moment, the latest first: of a dealer, of a kind, or all.

    `responsible` is the member of staff who looked after the dealer on the day, by code, or "nobody".
    """
    asked = IncidentFilter(await dealer_asked(dealer), kind, await responsible_asked(responsible))
    return (await incidents_told(person, asked, wanted, view)).as_(IncidentRow)


ROUTES = (list_incidents,)
