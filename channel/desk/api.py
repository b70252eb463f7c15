"""JSON face of the room `desk`: the same figures that its pages show."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Self

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from channel import web
from channel.access.rules import Person, Right, require
from channel.credit.api.decision_told import AnyRequest, Decision, Difference
from channel.credit.api.limits import StaleTold, stale_told
from channel.credit.service.limits import Told
from channel.dealers.list_parameters import ASKED
from channel.dealers.queries.dealers import find_dealers
from channel.dealers.queries.lists import DealerFilter
from channel.desk.lists import DEALERS
from channel.desk.rules import Year
from channel.desk.service.dealer import DealerPage, dealer_page
from channel.desk.service.desk import Decisions, Desk, Waits, desk_of
from channel.desk.service.lists import Listed, dealer_list
from channel.lists import Wanted
from channel.sales.rules import OwedReports
from channel.view import View
from channel.web import language_of

FoundLimit = Annotated[int, QueryParameter(ge=1, le=50)]


class Year12(msgspec.Struct):
    """Net of the last twelve complete months; `change_rate` compares the `compared` months covered in both years.

    `missing` months have no report: they are not zero and not in `total`. Months before a dealer's appointment are not
    missing.
    """

    total: Decimal | None
    missing: int
    change_rate: Decimal | None
    compared: int

    @classmethod
    def of(cls, year: Year) -> Self:
        """From the rule's value; the rate to 6 decimals."""
        rate = None if year.change_rate is None else round(year.change_rate, 6)
        return cls(year.total, year.missing, rate, year.compared)


class MonthOfSales(msgspec.Struct):
    """A month in the currency of the sheet; null where no report covers it.

    Such a month is missing, unless it lies `before_appointment`, when nobody was to report it.
    """

    month: str
    sell_in: Decimal | None
    sell_through: Decimal | None
    stock: Decimal | None
    before_appointment: bool


class Owed(msgspec.Struct):
    """Reports of one kind that a dealer owes."""

    dealer: str
    kind: str
    months: list[str]
    due_on: date
    days_late: int

    @classmethod
    def of(cls, owed: OwedReports) -> Self:
        """From the chase list."""
        return cls(owed.dealer, owed.kind, owed.months, owed.due_on, owed.days_late)


class LimitCard(msgspec.Struct):
    """What holds (`state` says why nothing does) and what would be computed, with its steps and what changed since."""

    state: str
    in_force: Decimal | None
    currency: str
    until: date | None
    computed: Decision
    since: Difference | None
    open_proposals: list[int]


class DealerCard(msgspec.Struct):
    """A dealer as of a day as known at a moment: the figures of its page."""

    code: str
    name: str
    as_of: date
    known_at: datetime
    type: str | None
    grade: str | None
    status: str | None
    currency: str | None
    terms_days: int | None
    sales_currency: str
    sell_in: Year12
    sell_through: Year12
    stock: Decimal | None
    stock_month: str | None
    weeks_of_supply: Decimal | None
    months: list[MonthOfSales]
    limit: LimitCard | None
    missing_reports: list[Owed]
    mismatches: list[str]


@get("/api/v1/dealers/{code:str}/card")
async def show_card(
    request: AnyRequest,
    person: NamedDependency[Person],
    code: FromPath[str],
    view: NamedDependency[View],
) -> DealerCard:
    """All figures of the dealer page."""
    page = await dealer_page(person, code, view)
    facts, sales = page.facts, page.sales
    return DealerCard(
        code=page.card["code"],
        name=page.card["name"],
        as_of=page.view.as_of,
        known_at=page.view.known_at,
        type=facts.type if facts else None,
        grade=facts.grade if facts else None,
        status=facts.status if facts else None,
        currency=facts.currency if facts else None,
        terms_days=facts.terms_days if facts else None,
        sales_currency=sales.currency,
        sell_in=Year12.of(sales.sell_in),
        sell_through=Year12.of(sales.sell_through),
        stock=sales.stock,
        stock_month=None if sales.stock_month is None else str(sales.stock_month),
        weeks_of_supply=None if sales.weeks is None else round(sales.weeks, 4),
        months=[
            MonthOfSales(
                str(month),
                sales.rows["sell-in"][n],
                sales.rows["sell-through"][n],
                sales.rows["stock"][n],
                n < sales.before_appointment,
            )
            for n, month in enumerate(sales.months)
        ],
        limit=_limit(page, request),
        missing_reports=[Owed.of(each) for each in page.owed],
        mismatches=[language_of(request).tell(each) for each in page.sheets.mismatches],
    )


def _limit(page: DealerPage, request: AnyRequest) -> LimitCard | None:
    limit = page.limit
    if limit is None:
        return None
    return LimitCard(
        state=limit.held.state.state.value,
        in_force=limit.held.state.total,
        currency=limit.held.currency,
        until=limit.held.state.until,
        computed=Decision.of(limit.decision, request),
        since=None if limit.since is None else Difference.of(limit.since, request),
        open_proposals=[row["id"] for row in page.waiting],
    )


class Proposal(msgspec.Struct):
    """An open proposal; `change` is in company currency, null without a rate.

    `status` is the dealer's of today, `stale` says what has changed since the limit was computed.
    """

    id: int
    dealer: str
    status: str
    kind: str
    amount: Decimal | None
    currency: str
    change: Decimal | None
    proposer: str
    reason: str
    stale: list[StaleTold]

    @classmethod
    def of(cls, row: Told, request: AnyRequest) -> Self:
        """From the proposal as it is told."""
        return cls(
            row["id"],
            row["dealer"],
            row["status"],
            row["kind"],
            row["amount"],
            row["currency"],
            row["change_amount"],
            row["proposer"],
            row["reason"],
            stale_told(row, request),
        )


class DeskFigures(msgspec.Struct):
    """The band of the desk, over the person's scope, in company currency.

    Dealers have not ended, limits are above 0 and of such dealers. Of the reports that are missing one is of a kind and
    a dealer; `missing_months` are theirs together.
    """

    currency: str | None
    sell_in: Year12
    wholesale: int
    terminal: int
    limits: int
    limits_amount: Decimal | None
    limits_ending: int
    open_proposals: int
    missing_reports: int
    missing_months: int
    late_reports: int


class WaitingItem(msgspec.Struct):
    """Something that waits for this person, in the reader's language."""

    key: str
    what: str
    url: str
    why: str


class DeskTold(msgspec.Struct):
    """What waits for this person, what is late, and the figures; `also` is what further rooms tell, by their names."""

    today: date
    waiting: int
    figures: DeskFigures
    to_decide: list[Proposal]
    policies: list[int]
    own_proposals: list[int]
    ungraded: list[str]
    mismatched: list[str]
    late: list[Owed]
    also: dict[str, list[Any]] | msgspec.UnsetType = msgspec.UNSET


@get("/api/v1/desk")
async def show_desk(request: AnyRequest, person: NamedDependency[Person]) -> DeskTold:
    """The desk of whoever asks."""
    desk = await desk_of(person)
    band, limits = desk.figures, desk.named("to_decide")
    return DeskTold(
        desk.today,
        desk.waiting,
        DeskFigures(
            band.currency,
            Year12.of(band.sell_in),
            band.wholesale,
            band.terminal,
            band.limits,
            band.limits_amount,
            band.limits_ending,
            limits.open.count,
            band.missing_reports,
            band.missing_months,
            band.late_reports,
        ),
        [Proposal.of(row, request) for row in limits.rows],
        [row["version"] for row in desk.named("policies").rows],
        list(limits.open.own),
        [row["code"] for row in desk.ungraded],
        [item.key for each in desk.waits if each.of.name == "mismatched" for item in each.items],
        [Owed.of(each) for each in desk.late],
        _also(desk, request, person) or msgspec.UNSET,
    )


def _also(desk: Desk, request: AnyRequest, person: Person) -> dict[str, list[Any]]:
    """What rooms put on the desk of which no field above tells."""
    tell = language_of(request).tell
    shown: list[Decisions | Waits] = [each for each in desk.decisions if person.may(each.of.kind.decides)]
    also: dict[str, list[Any]] = {
        each.of.name: [WaitingItem(item.key, tell(item.what), item.url, tell(item.why)) for item in each.items]
        for each in (*shown, *desk.waits)
        if each.of.name not in DeskTold.__struct_fields__
    }
    return also | {panel.name: rows.as_(panel.told).items for panel, rows in desk.panels if panel.told is not None}


class FoundDealer(msgspec.Struct):
    """A dealer that was found."""

    code: str
    name: str
    type: str
    status: str
    territory: str | None


class Found(msgspec.Struct):
    """The best matches first."""

    items: list[FoundDealer]
    next: None = None


@get("/api/v1/search")
async def search(person: NamedDependency[Person], q: FromQuery[str] = "", limit: FoundLimit = 10) -> Found:
    """Dealers by a part of name or code, or the beginning of a contact's phone."""
    require(person, Right.SEE_DEALERS)
    rows = await find_dealers(q.strip(), limit) if q.strip() else []
    return Found(
        [FoundDealer(row["code"], row["name"], row["type"], row["status"], row["territory_name"]) for row in rows]
    )


class ListedDealer(msgspec.Struct):
    """A line of the list with its figures: sell-in in company currency, the limit in its own."""

    code: str
    name: str
    type: str
    territory_path: str
    grade: str | None
    status: str
    responsible: str | None
    currency: str
    terms_days: int
    mismatch: bool
    sell_in: Year12
    limit: Decimal | None
    limit_currency: str | None
    limit_until: date | None

    @classmethod
    def of(cls, listed: Listed) -> Self:
        """From the list's row."""
        until = None if listed.limit.total is None else listed.limit.until
        figures: dict[str, Any] = {
            "sell_in": Year12.of(listed.year),
            "limit": listed.limit.total,
            "limit_currency": listed.limit_currency,
            "limit_until": until,
        }
        return cls(**{name: figures[name] if name in figures else listed.row[name] for name in cls.__struct_fields__})


class ListedDealers(msgspec.Struct):
    """A page of the list; `found` counts all that the filters let through."""

    items: list[ListedDealer]
    next: str | None
    found: int
    currency: str | None


@get("/api/v1/desk/dealers", dependencies=ASKED | web.list_asked(DEALERS))
async def list_dealers(
    person: NamedDependency[Person], asked: NamedDependency[DealerFilter], wanted: NamedDependency[Wanted]
) -> ListedDealers:
    """The list of dealers with sell-in of twelve months and limits in force, sorted by any of its columns."""
    found = await dealer_list(person, asked, wanted)
    return ListedDealers([ListedDealer.of(each) for each in found.items], found.next, found.found[0], found.currency)


ROUTES = (show_desk, show_card, search, list_dealers)
