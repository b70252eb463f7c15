"""JSON face of ageing."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import msgspec
from litestar import get
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery, QueryParameter

from channel import web
from channel.access.rules import Person
from channel.dealers.rules import DealerType
from channel.lists import Page, Wanted, page_in
from channel.receivables.lists.ageing import AGED_ITEMS, AGEING, with_buckets
from channel.receivables.queries.ageing import Cell
from channel.receivables.rules.ageing import AgeBasis, AgeBy, Money
from channel.receivables.service import ageing as service
from channel.receivables.service.ageing import AgeingRow, Asked
from channel.view import View

_EDGES = "The last days of the buckets, rising, parted by commas; without any those of the ledger's rules."
_RESPONSIBLE = "The member of staff who looked after the dealers on the day, by code, or nobody."
_COLUMN = "A bucket by its name, or open, unapplied, bills; without any all but bills."


class RateUsed(msgspec.Struct):
    """Company currency per unit, with the day of the rate."""

    currency: str
    rate: Decimal
    on: date


class AgeingPage(msgspec.Struct):
    """An ageing as of a day as known at a moment, which gives the same again.

    `edges` are the last days of its buckets. In company currency (`company`) `rates` are what it was brought at; what
    has no rate stands in its own currency in `items` and in a total of its own. `totals` are those of all rows, by
    currency; the money on account, the bills and what is disputed stand beside the buckets.
    """

    as_of: date
    known_at: datetime
    by: AgeBy
    basis: AgeBasis
    edges: list[int]
    company: str | None
    rates: list[RateUsed]
    totals: list[AgeingRow]
    items: list[AgeingRow]
    next: str | None = None


class AgedItem(msgspec.Struct):
    """What is left of an item, of money (`instalment` null) or of a bill, in its own currency.

    `days` are those past the day from which age is counted; below 0 they are still to come, null of what pays.
    `disputed` is what of `left` is disputed, null where nothing is.
    """

    dealer: str
    dealer_name: str
    kind: str
    number: str
    document: int
    instalment: int | None
    effective_on: date
    due_on: date | None
    days: int | None
    currency: str
    amount: Decimal
    left: Decimal
    disputed: Decimal | None


async def asked_of(
    by: FromQuery[AgeBy] = AgeBy.DEALER,
    basis: FromQuery[AgeBasis] = AgeBasis.DUE,
    money: FromQuery[Money] = Money.OWN,
    dealer: FromQuery[str | None] = None,
    territory: FromQuery[str | None] = None,
    type: FromQuery[DealerType | None] = None,
    currency: FromQuery[str | None] = None,
    edges: Annotated[str | None, QueryParameter(description=_EDGES)] = None,
    responsible: Annotated[str | None, QueryParameter(description=_RESPONSIBLE)] = None,
) -> Asked:
    """What an ageing is asked by a program."""
    return Asked(by, basis, money, dealer, territory, type, currency, edges, responsible)


_ASKED = {"asked": Provide(asked_of)}


@get("/api/v1/receivables/ageing", dependencies={**web.list_asked(AGEING, 200), **_ASKED})
async def list_ageing(
    person: NamedDependency[Person],
    view: NamedDependency[View],
    asked: NamedDependency[Asked],
    wanted: NamedDependency[Wanted],
) -> AgeingPage:
    """How old what is owed is: by dealer, territory, type, responsible, terms or currency, by due or document day.

    The territory, type and responsible of a dealer are those of the day as known at the moment. Disputed amounts stay
    in their buckets.
    """
    told = await service.ageing(person, asked, view)
    page = page_in(told.rows, with_buckets(AGEING, told.buckets.names), wanted)
    return AgeingPage(
        as_of=told.view.as_of,
        known_at=told.view.known_at,
        by=asked.by,
        basis=asked.basis,
        edges=list(told.buckets.edges),
        company=told.company,
        rates=[RateUsed(code, rate, on) for code, (rate, on) in sorted((told.rates or {}).items())],
        totals=list(told.totals),
        items=page.items,
        next=page.next,
    )


async def cell_of(
    group: FromQuery[str | None] = None,
    column: Annotated[str | None, QueryParameter(description=_COLUMN)] = None,
    whole: Annotated[bool, QueryParameter(description="Of all groups, as in the totals.")] = False,  # noqa: FBT002 - a question of an address
    by: FromQuery[AgeBy] = AgeBy.DEALER,
) -> Cell:
    """Which cell of an ageing is asked for; without a group, and not of the whole, of what is in no group."""
    return Cell(None if whole else by, None if whole else group or None, column or None)


@get(
    "/api/v1/receivables/ageing/items",
    dependencies={**web.list_asked(AGED_ITEMS, 200), **_ASKED, "cell": Provide(cell_of)},
)
async def list_aged_items(
    person: NamedDependency[Person],
    view: NamedDependency[View],
    asked: NamedDependency[Asked],
    cell: NamedDependency[Cell],
    wanted: NamedDependency[Wanted],
) -> Page[AgedItem]:
    """The documents that a cell of an ageing is made of, asked as the ageing was, with its `group` and `column`."""
    return (await service.documents_behind(person, asked, cell, view, AGED_ITEMS, wanted)).as_(AgedItem)


ROUTES = (list_ageing, list_aged_items)
