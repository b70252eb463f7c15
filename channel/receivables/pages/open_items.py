"""Open items as a page, as of a day as known at a moment."""

from collections.abc import Mapping
from typing import Any

import msgspec
from asyncpg import Record
from litestar import Request
from litestar.di import NamedDependency
from litestar.params import FromQuery

from channel import clock, web
from channel.access.rules import Person
from channel.dealers.pages.form_reading import choices, member_filter, places
from channel.dealers.rules import DEALER_TYPE_NAMES, DealerType
from channel.dealers.service.responsible import responsible_asked
from channel.digits import whole_number
from channel.errors import invalid, m
from channel.lists import Page, Wanted, choice_asked
from channel.receivables.lists.documents import ITEMS
from channel.receivables.queries.open_items import ItemFilter
from channel.receivables.service import open_items as service
from channel.receivables.service.documents import dealer_asked
from channel.view import View

AnyRequest = Request[Any, Any, Any]


class Asked(msgspec.Struct, frozen=True):
    """Which open items are wanted, and in which view."""

    which: ItemFilter
    view: View


async def _asked(
    view: NamedDependency[View],
    dealer: FromQuery[str] = "",
    territory: FromQuery[str] = "",
    type: FromQuery[str] = "",
    currency: FromQuery[str] = "",
    overdue_only: FromQuery[str] = "",
    days_from: FromQuery[str] = "",
    disputed_only: FromQuery[str] = "",
    responsible: FromQuery[str] = "",
) -> Asked:
    """What the form above the list asks; a field left open comes empty and asks nothing."""
    days = whole_number(days_from.strip()) if days_from.strip() else None
    if days_from.strip() and days is None:
        raise invalid("days_from", m("This is not a whole number."))
    which = ItemFilter(
        await dealer_asked(dealer.strip()),
        territory or None,
        choice_asked(DealerType, type, "type"),
        currency.strip().upper() or None,
        overdue_only == "yes",
        days,
        disputed_only == "yes",
        await responsible_asked(responsible),
    )
    return Asked(which, view)


async def _rows(person: Person, asked: Asked, wanted: Wanted) -> Page[Record]:
    return await service.open_items(person, asked.which, asked.view, wanted)


async def _beside(request: AnyRequest, person: Person, asked: Asked) -> Mapping[str, Any]:
    view = asked.view
    known = m("as known at %(moment)s", moment=view.moment) if view.moment else None
    return {
        "crumbs": [(m("Receivables"), "/receivables")],
        "dense": True,
        "facts": [m("as of %(day)s", day=view.as_of), known],
        "sums": await service.open_items_summed(person, asked.which, view),
        "places": await places(),
        "types": choices(request, DEALER_TYPE_NAMES),
        "member_filter": await member_filter(request),
        "past": view.past or (view.dated and view.as_of != clock.today()),
    }


ROUTES = web.list_routes(
    ITEMS, "/receivables/items", _rows, template="receivables/items.html", filtered=_asked, context=_beside
)
