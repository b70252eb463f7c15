"""Dealers over the API: list, add, look at as of a day as known at a moment, change, and their dated facts."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Self

import msgspec
from asyncpg import Record
from litestar import Request, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from channel.access.rules import Person, Right, require
from channel.dealers.asked import asked_dealers
from channel.dealers.queries import facts as fact_queries
from channel.dealers.queries import lists, sheets
from channel.dealers.rules import (
    Assortment,
    DealerType,
    Fact,
    MarginLevel,
    PriceLevel,
    PriceTransparency,
    SellingWay,
    Status,
    Traits,
)
from channel.dealers.service import dealers as service
from channel.dealers.service.facts import change_fact, dealer_by_code
from channel.errors import NotFound, m
from channel.snapshots import settled, view_of
from channel.view import View
from channel.web import Text, language_of

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


class TraitsOf(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What marks a dealer; null where nobody has found out yet."""

    selling_way: SellingWay | None = None
    assortment: Assortment | None = None
    margin_level: MarginLevel | None = None
    price_level: PriceLevel | None = None
    price_transparency: PriceTransparency | None = None
    brands_carried: int | None = None
    exclusivity_wanted: bool | None = None


class ChangedTraits(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Other values of these traits; those that are not named stay as they are."""

    selling_way: SellingWay | msgspec.UnsetType | None = msgspec.UNSET
    assortment: Assortment | msgspec.UnsetType | None = msgspec.UNSET
    margin_level: MarginLevel | msgspec.UnsetType | None = msgspec.UNSET
    price_level: PriceLevel | msgspec.UnsetType | None = msgspec.UNSET
    price_transparency: PriceTransparency | msgspec.UnsetType | None = msgspec.UNSET
    brands_carried: int | msgspec.UnsetType | None = msgspec.UNSET
    exclusivity_wanted: bool | msgspec.UnsetType | None = msgspec.UNSET

    def named(self) -> dict[str, Any]:
        """Those that are named."""
        return {
            name: value
            for name, value in msgspec.structs.asdict(self).items()
            if not isinstance(value, msgspec.UnsetType)
        }


class NewDealer(msgspec.Struct, forbid_unknown_fields=True):
    """A dealer to be added; territory and parent by code, effective from a day on (default today)."""

    code: str
    name: str
    type: DealerType
    territory: str
    currency: str
    terms_days: int
    grade: str | None = None
    status: Status = Status.PROSPECT
    parent: str | None = None
    first_year_target: Decimal | None = None
    lines: list[str] = []
    traits: TraitsOf = TraitsOf()
    effective_on: date | None = None


class ChangedDealer(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be different; what is left out stays."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    traits: ChangedTraits | msgspec.UnsetType = msgspec.UNSET


class HeldFacts(msgspec.Struct):
    """What held on a day as known at a moment; territory and parent by code."""

    as_of: date
    known_at: datetime | None
    type: str | None
    territory: str | None
    parent: str | None
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

    @classmethod
    def of(cls, row: Record) -> Self:
        """From the database's row."""
        return cls(**{name: row[name] for name in cls.__struct_fields__})


class FactList(msgspec.Struct):
    """All values ever recorded, latest effective day first."""

    items: list[FactRow]
    next: None = None


class NewFact(msgspec.Struct, forbid_unknown_fields=True):
    """A value to be added: null or empty says that none holds from then on. A grade or status needs a reason."""

    fact: Fact
    value: str | int | None
    effective_on: date | None = None
    reason: Text | None = None


class Changed(msgspec.Struct):
    """Whether anything was added; false when the value holds on that day already."""

    changed: bool


@get("/api/v1/dealers", dependencies={"asked": Provide(asked_dealers, sync_to_thread=False)})
async def list_dealers(
    person: NamedDependency[Person],
    asked: NamedDependency[lists.Asked],
    cursor: FromQuery[str | None] = None,
    limit: Limit = 50,
) -> DealerList:
    """Dealers in the person's scope, filtered and sorted; a territory finds what lies below it."""
    require(person, Right.SEE_DEALERS)
    wanted = await lists.filter_of(asked)
    ids, following = await lists.dealer_page(asked, wanted, cursor, limit)
    rows = await lists.dealer_rows(ids)
    found, _, _ = await lists.dealer_count(wanted)
    return DealerList([DealerRow.of(row) for row in rows], following, found)


@post("/api/v1/dealers")
async def add_dealer(request: AnyRequest, person: NamedDependency[Person], data: JSONBody[NewDealer]) -> Dealer:
    """Add a dealer with its first facts."""
    facts: dict[Fact, str | None] = {
        Fact.TYPE: data.type,
        Fact.TERRITORY: data.territory,
        Fact.CURRENCY: data.currency,
        Fact.TERMS_DAYS: str(data.terms_days),
        Fact.GRADE: data.grade,
        Fact.STATUS: data.status,
        Fact.PARENT: data.parent,
        Fact.FIRST_YEAR_TARGET: None if data.first_year_target is None else format(data.first_year_target, "f"),
    }
    new = service.NewDealer(data.code, data.name, facts, _traits(msgspec.structs.asdict(data.traits)), data.lines)
    await service.add_dealer(person, new, effective_on=data.effective_on)
    return await _shown(request, data.code.strip())


def _traits(given: Mapping[str, Any]) -> Traits:
    return Traits(**given)


async def _shown(request: AnyRequest, code: str, view: View | None = None) -> Dealer:
    found = await sheets.dealer_sheets(code)
    if found is None:
        raise NotFound(m("The dealer %(code)s is not known.", code=code))
    card = found.card
    view = view or view_of()
    held = (await fact_queries.facts_at([card["id"]], view)).get(card["id"])
    facts = None
    if held is not None:
        places = {row["territory_id"]: row["value"] for row in found.history if row["fact"] == Fact.TERRITORY}
        parents = {row["parent_id"]: row["value"] for row in found.history if row["fact"] == Fact.PARENT}
        facts = HeldFacts(
            as_of=view.as_of,
            known_at=view.moment,
            type=held.type,
            territory=places.get(held.territory_id),
            parent=parents.get(held.parent_id) if held.parent_id is not None else None,
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
    name = data.name if isinstance(data.name, str) else None
    require(person, Right.ENTER_FOR_DEALERS if name is None else Right.KEEP_DEALERS)
    await dealer_by_code(code)
    traits = None if isinstance(data.traits, msgspec.UnsetType) else data.traits.named()
    if name is not None or traits is not None:
        await service.change_dealer(person, code, name=name, traits=traits)
    return await _shown(request, code)


@get("/api/v1/dealers/{code:str}/facts")
async def list_facts(
    person: NamedDependency[Person], code: FromPath[str], fact: FromQuery[Fact | None] = None
) -> FactList:
    """The dated facts of a dealer, with who, when and why."""
    require(person, Right.SEE_DEALERS)
    dealer = await dealer_by_code(code)
    return FactList([FactRow.of(row) for row in await fact_queries.facts_history(dealer["id"], fact)])


@post("/api/v1/dealers/{code:str}/facts")
async def add_fact(person: NamedDependency[Person], code: FromPath[str], data: JSONBody[NewFact]) -> Changed:
    """Add a value that holds from a day on."""
    value = None if data.value is None else str(data.value)
    changed = await change_fact(person, code, data.fact, value, effective_on=data.effective_on, reason=data.reason)
    return Changed(changed)


ROUTES = (list_dealers, add_dealer, show_dealer, change_dealer, list_facts, add_fact)
