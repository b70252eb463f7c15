"""JSON face of the room `sales`: months, lines, coverage, reports, who owes which, and stock against movements."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self

import msgspec
from asyncpg import Record
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from channel import web
from channel.access.rules import Person, Right, require
from channel.lists import Page, Wanted, page_in
from channel.periods import Span
from channel.sales.lists import OWED
from channel.sales.queries import coverage as coverage_queries
from channel.sales.queries import months as month_queries
from channel.sales.rules import OwedReports
from channel.sales.service import views
from channel.sales.service.views import MonthRow

Limit = Annotated[int, QueryParameter(ge=1, le=1000)]
From = Annotated[str | None, QueryParameter(name="from")]


class SalesMonth(msgspec.Struct):
    """A month of a dealer and a kind in the dealer's own and in the company's currency.

    `covered` false: reports do not speak for every day, so the month is missing and not zero, unless it lies
    `before_appointment`, when nobody was to report it; what of it was reported is told all the same, null where
    nothing was.
    """

    dealer: str
    name: str
    kind: str
    month: str
    covered: bool
    currency: str | None
    quantity: Decimal | None
    amount: Decimal | None
    company_amount: Decimal | None
    returned_quantity: Decimal | None
    returned_amount: Decimal | None
    returned_company_amount: Decimal | None
    lines: int
    counted_on: date | None
    before_appointment: bool

    @classmethod
    def of(cls, row: MonthRow) -> Self:
        """From the view's row."""
        return cls(
            **{name: getattr(row, name) for name in cls.__struct_fields__ if name != "month"}, month=str(row.month)
        )


class SalesMonthList(msgspec.Struct):
    """Months by dealer, kind and month; a page holds whole dealers."""

    items: list[SalesMonth]
    next: str | None


class SalesLine(msgspec.Struct):
    """A line of a report, with its amounts in the dealer's and the company's currency and the rates used.

    `file_name` is null where somebody else brought the file and the reader is bound to territories.
    """

    id: int
    kind: str
    on_date: date
    product_code: str
    product_name: str
    line_code: str
    quantity: Decimal
    amount: Decimal | None
    currency: str
    rate: Decimal
    dealer_amount: Decimal | None
    dealer_currency: str
    dealer_rate: Decimal
    company_amount: Decimal | None
    cost: Decimal | None
    document: str | None
    line_number: str | None
    second_tier: str | None
    report_id: int
    file_name: str | None
    recorded_at: datetime | None
    superseded_at: datetime | None

    @classmethod
    def of(cls, row: Record) -> Self:
        """From the database's row."""
        return cls(**{name: row[name] for name in cls.__struct_fields__})


class SalesLineList(msgspec.Struct):
    """Lines by date."""

    items: list[SalesLine]
    next: str | None


class Covered(msgspec.Struct):
    """The days that reports of a kind speak for, first and last day of each stretch."""

    dealer: str
    name: str
    kind: str
    days: list[tuple[date, date]]


class CoveredList(msgspec.Struct):
    """Coverage by dealer and kind."""

    items: list[Covered]
    next: str | None


class Report(msgspec.Struct):
    """A loaded report: its first and last day, and how many dealers it speaks for.

    `file_name` is null, and `lines` and `superseded` are those of the dealers whom the reader sees, where somebody
    else brought it and the reader is bound to territories.
    """

    id: int
    kind: str
    file_name: str | None
    covers_from: date
    covers_last: date
    load_id: int | None
    recorded_at: datetime | None
    actor: str
    dealers: int
    lines: int
    superseded: int


class ReportList(msgspec.Struct):
    """Reports, the latest first."""

    items: list[Report]
    next: str | None


class Total(msgspec.Struct):
    """A month of all dealers in scope, in the company's currency."""

    kind: str
    month: str
    quantity: Decimal
    company_amount: Decimal | None
    returned_company_amount: Decimal
    lines: int
    dealers: int


class TotalList(msgspec.Struct):
    """Totals by kind and month."""

    items: list[Total]


class StockDifference(msgspec.Struct):
    """Between two counts of a product line: expected = opening + sell-in - sell-through, and the difference."""

    line_code: str
    line_name: str
    opened_on: date
    closed_on: date
    opening: Decimal
    sell_in: Decimal
    sell_through: Decimal
    closing: Decimal
    expected: Decimal | None
    difference: Decimal | None
    missing: list[str]


class StockDifferenceList(msgspec.Struct):
    """Checks of a dealer's stock, by count and product line."""

    items: list[StockDifference]


def _kinds(kind: str | None) -> tuple[str, ...]:
    return views.checked_kinds([each.strip() for each in (kind or "").split(",") if each.strip()])


@get("/api/v1/sales/months")
async def list_months(
    person: NamedDependency[Person],
    known_moment: NamedDependency[datetime | None],
    from_: From = None,
    to: FromQuery[str | None] = None,
    dealer: FromQuery[str | None] = None,
    q: FromQuery[str | None] = None,
    territory: FromQuery[str | None] = None,
    kind: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: Limit = 50,
) -> SalesMonthList:
    """Net sales and stock by dealer and month, missing months among them; as known now or at an earlier moment.

    A month belongs to the territory where its dealer stood on its last day, and to what that lay in.
    """
    kinds = _kinds(kind)
    first, last = await views.months_asked(from_, to, known_moment)
    if dealer:
        dealers = [await views.dealer_named(person, dealer)]
    else:
        months = (first, last)
        dealers = await views.dealers_page(
            person, q or "", territory, cursor or "", limit + 1, known_at=known_moment, months=months
        )
    shown = dealers[:limit]
    rows = await views.months_of_dealers(shown, kinds, first, last, known_moment)
    return SalesMonthList([SalesMonth.of(row) for row in rows], shown[-1]["code"] if len(dealers) > limit else None)


@get("/api/v1/sales/lines")
async def list_lines(
    person: NamedDependency[Person],
    known_moment: NamedDependency[datetime | None],
    dealer: FromQuery[str],
    from_: From = None,
    to: FromQuery[str | None] = None,
    kind: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: Limit = 200,
) -> SalesLineList:
    """The lines that a dealer's months are made of."""
    found = await views.dealer_named(person, dealer)
    first, last = await views.months_asked(from_, to, known_moment)
    rows = await month_queries.month_lines(
        found["id"],
        _kinds(kind),
        Span(first.first, last.end),
        known_moment,
        after=views.place_in_list(cursor),
        limit=limit + 1,
    )
    following = f"{rows[limit - 1]['on_date']}_{rows[limit - 1]['id']}" if len(rows) > limit else None
    return SalesLineList([SalesLine.of(row) for row in rows[:limit]], following)


@get("/api/v1/sales/coverage")
async def list_coverage(
    person: NamedDependency[Person],
    known_moment: NamedDependency[datetime | None],
    dealer: FromQuery[str | None] = None,
    q: FromQuery[str | None] = None,
    territory: FromQuery[str | None] = None,
    kind: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: Limit = 100,
) -> CoveredList:
    """Which days of which dealers reports speak for."""
    kinds = _kinds(kind)
    if dealer:
        dealers = [await views.dealer_named(person, dealer)]
    else:
        dealers = await views.dealers_page(person, q or "", territory, cursor or "", limit + 1, known_at=known_moment)
    shown = dealers[:limit]
    found = await coverage_queries.coverage([row["id"] for row in shown], kinds, known_moment)
    items = [
        Covered(row["code"], row["name"], kind_, [(s.start, s.last) for s in found.get((row["id"], kind_), ())])
        for row in shown
        for kind_ in kinds
    ]
    return CoveredList(items, shown[-1]["code"] if len(dealers) > limit else None)


@get("/api/v1/sales/chase", dependencies=web.list_asked(OWED, 200))
async def list_owed(
    person: NamedDependency[Person],
    wanted: NamedDependency[Wanted],
    months: Annotated[int, QueryParameter(ge=1, le=24)] = 3,
) -> Page[OwedReports]:
    """Who owes which report of the last complete months, and how late it is."""
    return page_in(await views.chase_list(person, months=months), OWED, wanted)


@get("/api/v1/sales/reports")
async def list_reports(
    person: NamedDependency[Person],
    kind: FromQuery[str | None] = None,
    dealer: FromQuery[str | None] = None,
    cursor: FromQuery[int | None] = None,
    limit: Limit = 100,
) -> ReportList:
    """The loaded reports, the latest first; those that speak for one dealer, where one is named."""
    require(person, Right.SEE_SALES)
    dealer_id = (await views.dealer_named(person, dealer))["id"] if dealer else None
    rows = await coverage_queries.reports(kind, cursor, dealer_id, limit + 1)
    items = [Report(**dict(row)) for row in rows[:limit]]
    return ReportList(items, str(items[-1].id) if len(rows) > limit else None)


@get("/api/v1/sales/totals")
async def list_totals(
    person: NamedDependency[Person],
    from_: From = None,
    to: FromQuery[str | None] = None,
    kind: FromQuery[str | None] = None,
) -> TotalList:
    """What all dealers in scope come to by month, in the company's currency."""
    require(person, Right.SEE_SALES)
    first, last = await views.months_asked(from_, to)
    rows = await month_queries.company_totals(_kinds(kind), first, last)
    return TotalList([Total(**{**dict(row), "month": f"{row['month']:%Y-%m}"}) for row in rows])


@get("/api/v1/sales/stock")
async def list_stock_checks(
    person: NamedDependency[Person],
    dealer: FromQuery[str],
    from_: From = None,
    to: FromQuery[str | None] = None,
) -> StockDifferenceList:
    """A dealer's counted stock against what came and went since the count before."""
    found = await views.dealer_named(person, dealer)
    first, last = await views.months_asked(from_, to)
    checks = await views.stock_checks(found["id"], first, last)
    return StockDifferenceList(
        [
            StockDifference(
                code,
                name,
                c.opened_on,
                c.closed_on,
                c.opening,
                c.sell_in,
                c.sell_through,
                c.closing,
                c.expected,
                c.difference,
                list(c.missing),
            )
            for code, name, c in checks
        ]
    )


ROUTES = (
    list_months,
    list_lines,
    list_coverage,
    list_owed,
    list_reports,
    list_totals,
    list_stock_checks,
)
