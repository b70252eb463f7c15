"""Dealers over the API: list, add, look at as of a day as known at a moment, change, and their dated facts."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Self

import msgspec
from asyncpg import Record
from litestar import Request, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from channel import web
from channel.access.rules import Person, Right, require
from channel.database.snapshots import settled, view_of
from channel.dealers.acts import AddDealer, ChangeDealer, ChangeFact, TraitsGiven
from channel.dealers.list_parameters import ASKED
from channel.dealers.lists import DEALERS, FACTS
from channel.dealers.queries import dealer_page, lists
from channel.dealers.queries import facts as fact_queries
from channel.dealers.rules import (
    Assortment,
    Fact,
    MarginLevel,
    PriceLevel,
    PriceTransparency,
    SellingWay,
)
from channel.dealers.service import dealers as service
from channel.dealers.service.facts import change_fact, dealer_by_code
from channel.errors import NotFound, m
from channel.lists import Page, Wanted
from channel.view import View
from channel.web import language_of

AnyRequest = Request[Any, Any, Any]
Limit = Annotated[int, QueryParameter(ge=1, le=1000)]


class DealerRow(msgspec.Struct):
    """One line of the list; `mismatch` says that a product line carried wants the other type."""

    code: str
    name: str
    type: str
    territory: str
    territory_path: str
    grade: str | None
    status: str
    responsible: str | None
    currency: str
    terms_days: int
    mismatch: bool

    @classmethod
    def of(cls, row: Record) -> Self:
        """From the database's row."""
        renamed = {"territory": row["territory_code"]}
        return cls(**{name: renamed.get(name) or row[name] for name in cls.__struct_fields__})


class DealerList(msgspec.Struct):
    """A page of dealers; `found` counts all that the filters let through."""

    items: list[DealerRow]
    next: str | None
    found: int


class TraitsOf(msgspec.Struct):
    """What marks a dealer; null where nobody has found out yet."""

    selling_way: SellingWay | None = None
    assortment: Assortment | None = None
    margin_level: MarginLevel | None = None
    price_level: PriceLevel | None = None
    price_transparency: PriceTransparency | None = None
    brands_carried: int | None = None
    exclusivity_wanted: bool | None = None


class ChangedDealer(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be different; what is left out stays."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    traits: TraitsGiven = TraitsGiven()


class HeldFacts(msgspec.Struct):
    """What held on a day as known at a moment; territory, parent and responsible by code."""

    as_of: date
    known_at: datetime | None
    type: str | None
    territory: str | None
    parent: str | None
    responsible: str | None
    grade: str | None
    status: str | None
    currency: str | None
    terms_days: int | None
    first_year_target: Decimal | None
    reports_owed: list[str]
    reports_due_day: int
    appointed_on: date | None


class Dealer(msgspec.Struct):
    """A dealer: who it is, what marks it, what holds. `parent` is null also where it may not be seen.

    `responsible` is the member of staff who looks after it, null where nobody does.

    `facts` is what held on the day that is asked for, as known at the moment; all beside it is as it stands today.
    `mismatches` are sentences on product lines that want the other type; `unlike_type` names traits that differ
    from what the type leads one to expect. `facts` is null where nothing was known then.
    """

    code: str
    name: str
    type: str
    territory: str
    territory_path: str
    parent: str | None
    responsible: str | None
    responsible_name: str | None
    grade: str | None
    status: str
    currency: str
    terms_days: int
    traits: TraitsOf
    lines: list[str]
    mismatches: list[str]
    unlike_type: list[str]
    facts: HeldFacts | None


class FactRow(msgspec.Struct):
    """A recorded value; `counts` is false where a later posting for the same day took its place."""

    fact: str
    value: str | None
    effective_on: date
    reason: str | None
    recorded_at: datetime
    actor: str
    counts: bool


class Changed(msgspec.Struct):
    """Whether anything was added; false when the value holds on that day already."""

    changed: bool


@get("/api/v1/dealers", dependencies=ASKED | web.list_asked(DEALERS))
async def list_dealers(
    person: NamedDependency[Person], asked: NamedDependency[lists.DealerFilter], wanted: NamedDependency[Wanted]
) -> DealerList:
    """Dealers in the person's scope, filtered and sorted; a territory finds what lies below it."""
    require(person, Right.SEE_DEALERS)
    within = await lists.filter_of(asked)
    ids, following = await lists.dealer_page(DEALERS, within, wanted)
    rows = await lists.dealer_rows(ids)
    found, _, _ = await lists.dealer_count(within)
    return DealerList([DealerRow.of(row) for row in rows], following, found)


@post("/api/v1/dealers")
async def add_dealer(request: AnyRequest, person: NamedDependency[Person], data: JSONBody[AddDealer]) -> Dealer:
    """Add a dealer with its first facts."""
    await service.add_dealer(person, data)
    return await _shown(request, data.code)


async def _shown(request: AnyRequest, code: str, view: View | None = None) -> Dealer:
    found = await dealer_page.dealer_sheets(code)
    if found is None:
        raise NotFound(m("The dealer %(code)s is not known.", code=code))
    card = found.card
    view = view or view_of()
    held = (await fact_queries.facts_at([card["id"]], view)).get(card["id"])
    facts = None
    if held is not None:
        places = {row["territory_id"]: row["value"] for row in found.history if row["fact"] == Fact.TERRITORY}
        parents = {row["parent_id"]: row["value"] for row in found.history if row["fact"] == Fact.PARENT}
        members = {row["responsible_id"]: row["value"] for row in found.history if row["fact"] == Fact.RESPONSIBLE}
        facts = HeldFacts(
            as_of=view.as_of,
            known_at=view.moment,
            type=held.type,
            territory=places.get(held.territory_id),
            parent=parents.get(held.parent_id) if held.parent_id is not None else None,
            responsible=None if held.responsible_id is None else members.get(held.responsible_id),
            grade=held.grade,
            status=held.status,
            currency=held.currency,
            terms_days=held.terms_days,
            first_year_target=held.first_year_target,
            reports_owed=list(held.reports_owed),
            reports_due_day=held.reports_due_day,
            appointed_on=held.appointed_on,
        )
    return Dealer(
        code=card["code"],
        name=card["name"],
        type=card["type"],
        territory=card["territory_code"],
        territory_path=card["territory_path"],
        parent=card["parent_code"],
        responsible=card["responsible"],
        responsible_name=card["responsible_name"],
        grade=card["grade"],
        status=card["status"],
        currency=card["currency"],
        terms_days=card["terms_days"],
        traits=TraitsOf(**{name: card[name] for name in TraitsOf.__struct_fields__}),
        lines=[line["code"] for line in found.lines],
        mismatches=[language_of(request).tell(each) for each in found.mismatches],
        unlike_type=list(found.unlike),
        facts=facts,
    )


@get("/api/v1/dealers/{code:str}")
async def show_dealer(
    request: AnyRequest,
    person: NamedDependency[Person],
    code: FromPath[str],
    view: NamedDependency[View],
) -> Dealer:
    """A dealer, and what held on a day (default today) as known at a moment (default now)."""
    require(person, Right.SEE_DEALERS)
    return await _shown(request, code, await settled(view))


@patch("/api/v1/dealers/{code:str}")
async def change_dealer(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], data: JSONBody[ChangedDealer]
) -> Dealer:
    """Another name or other traits."""
    await service.change_dealer(person, code, ChangeDealer(name=data.name, **data.traits.named))
    return await _shown(request, code)


@get("/api/v1/dealers/{code:str}/facts", dependencies=web.list_asked(FACTS, web.MOST_TOLD))
async def list_facts(
    person: NamedDependency[Person],
    code: FromPath[str],
    wanted: NamedDependency[Wanted],
    fact: FromQuery[Fact | None] = None,
) -> Page[FactRow]:
    """The dated facts of a dealer, with who, when and why: all values ever recorded."""
    require(person, Right.SEE_DEALERS)
    dealer = await dealer_by_code(code)
    return (await fact_queries.facts_page(dealer["id"], fact, wanted)).as_(FactRow)


@post("/api/v1/dealers/{code:str}/facts")
async def add_fact(person: NamedDependency[Person], code: FromPath[str], data: JSONBody[ChangeFact]) -> Changed:
    """Add a value that holds from a day on."""
    return Changed(await change_fact(person, code, data))


ROUTES = (list_dealers, add_dealer, show_dealer, change_dealer, list_facts, add_fact)
