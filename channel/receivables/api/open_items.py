"""Open items over the API, as of a day as known at a moment."""

from datetime import date
from decimal import Decimal
from typing import Annotated

import msgspec
from litestar import get
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery, QueryParameter

from channel import web
from channel.access.rules import Person
from channel.dealers.rules import DealerType
from channel.dealers.service.responsible import responsible_asked
from channel.lists import Page, Wanted
from channel.receivables.lists.documents import ITEMS
from channel.receivables.queries.open_items import ItemFilter
from channel.receivables.service import open_items as items
from channel.receivables.service.documents import dealer_asked
from channel.view import View


class ItemRow(msgspec.Struct):
    """An open item on the day; `days_overdue` is null where it is not, and territory and type are those of the day.

    `amount` is what the instalment came to, `open` what of it was open, and `disputed` what of that was disputed.
    """

    dealer: str
    name: str
    territory: str | None
    type: str | None
    document_id: int
    instalment: int
    kind: str
    number: str
    currency: str
    amount: Decimal
    open: Decimal
    disputed: Decimal
    effective_on: date
    due_on: date
    days_overdue: int | None


class ItemSum(msgspec.Struct):
    """What is open in one currency: how many items and how much, how much of it is overdue, and disputed of both."""

    currency: str
    items: int
    open: Decimal
    overdue_items: int
    overdue: Decimal
    disputed: Decimal
    overdue_disputed: Decimal


class ItemSums(msgspec.Struct):
    """By currency."""

    items: list[ItemSum]


async def items_asked(
    dealer: FromQuery[str | None] = None,
    territory: FromQuery[str | None] = None,
    type_: Annotated[DealerType | None, QueryParameter(name="type")] = None,
    currency: FromQuery[str | None] = None,
    days_from: FromQuery[int | None] = None,
    responsible: FromQuery[str | None] = None,
    *,
    overdue_only: FromQuery[bool] = False,
    disputed_only: FromQuery[bool] = False,
) -> ItemFilter:
    """What the address asks of open items; `responsible` is a member of staff by code, or "nobody"."""
    whose = await responsible_asked(responsible)
    return ItemFilter(
        await dealer_asked(dealer), territory, type_, currency, overdue_only, days_from, disputed_only, whose
    )


@get(
    "/api/v1/receivables/open-items",
    dependencies={**web.list_asked(ITEMS), "asked": Provide(items_asked)},
)
async def list_open_items(
    person: NamedDependency[Person],
    view: NamedDependency[View],
    wanted: NamedDependency[Wanted],
    asked: NamedDependency[ItemFilter],
) -> Page[ItemRow]:
    """What was open on a day as known at a moment, what fell due first before all."""
    return (await items.open_items(person, asked, view, wanted)).as_(ItemRow)


@get("/api/v1/receivables/open-items/totals", dependencies={"asked": Provide(items_asked)})
async def sum_open_items(
    person: NamedDependency[Person], view: NamedDependency[View], asked: NamedDependency[ItemFilter]
) -> ItemSums:
    """The same by currency."""
    rows = await items.open_items_summed(person, asked, view)
    return ItemSums([ItemSum(**dict(row)) for row in rows])


ROUTES = (list_open_items, sum_open_items)
