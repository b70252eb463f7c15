"""JSON face of the room `sales`: months, lines, coverage, reports, who owes which, and stock against movements."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from channel import web
from channel.access.rules import Person, Right, require
from channel.dealers.service.responsible import responsible_asked
from channel.lists import Page, Wanted, page_in
from channel.periods import Span
from channel.sales.lists import COVERED, LINES, MONTHS, OWED, REPORTS, STOCK, TOTALS
from channel.sales.queries import coverage as coverage_queries
from channel.sales.queries import months as month_queries
from channel.sales.rules import OwedReports, Report, SalesMonth, StockDifference, Total
from channel.sales.service import views

From = Annotated[str | None, QueryParameter(name="from")]


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


class Covered(msgspec.Struct):
    """The days that reports of a kind speak for, first and last day of each stretch."""

    dealer: str
    name: str
    kind: str
    days: list[tuple[date, date]]


def _kinds(kind: str | None) -> tuple[str, ...]:
    return views.checked_kinds([each.strip() for each in (kind or "").split(",") if each.strip()])


@get("/api/v1/sales/months", dependencies=web.list_asked(MONTHS))
async def list_months(
    person: NamedDependency[Person],
    known_moment: NamedDependency[datetime | None],
    wanted: NamedDependency[Wanted],
    from_: From = None,
    to: FromQuery[str | None] = None,
    dealer: FromQuery[str | None] = None,
    q: FromQuery[str | None] = None,
    territory: FromQuery[str | None] = None,
    kind: FromQuery[str | None] = None,
) -> Page[SalesMonth]:
    """Net sales and stock by dealer and month, missing months among them; as known now or at an earlier moment.

    A month belongs to the territory where its dealer stood on its last day, and to what that lay in.
    """
    kinds = _kinds(kind)
    first, last = await views.months_asked(from_, to, known_moment)
    if dealer:
        dealers = Page([await views.dealer_named(person, dealer)])
    else:
        months = (first, last)
        dealers = await views.dealers_page(person, q or "", territory, wanted, known_at=known_moment, months=months)
    return Page(await views.months_of_dealers(dealers.items, kinds, first, last, known_moment), dealers.next)


@get("/api/v1/sales/lines", dependencies=web.list_asked(LINES, 200))
async def list_lines(
    person: NamedDependency[Person],
    known_moment: NamedDependency[datetime | None],
    wanted: NamedDependency[Wanted],
    dealer: FromQuery[str],
    from_: From = None,
    to: FromQuery[str | None] = None,
    kind: FromQuery[str | None] = None,
) -> Page[SalesLine]:
    """The lines that a dealer's months are made of."""
    found = await views.dealer_named(person, dealer)
    first, last = await views.months_asked(from_, to, known_moment)
    days = Span(first.first, last.end)
    return (await month_queries.month_lines(found["id"], _kinds(kind), days, wanted, known_moment)).as_(SalesLine)


@get("/api/v1/sales/coverage", dependencies=web.list_asked(COVERED, 100))
async def list_coverage(
    person: NamedDependency[Person],
    known_moment: NamedDependency[datetime | None],
    wanted: NamedDependency[Wanted],
    dealer: FromQuery[str | None] = None,
    q: FromQuery[str | None] = None,
    territory: FromQuery[str | None] = None,
    kind: FromQuery[str | None] = None,
) -> Page[Covered]:
    """Which days of which dealers reports speak for."""
    kinds = _kinds(kind)
    if dealer:
        dealers = Page([await views.dealer_named(person, dealer)])
    else:
        dealers = await views.dealers_page(person, q or "", territory, wanted, known_at=known_moment)
    found = await coverage_queries.coverage([row["id"] for row in dealers.items], kinds, known_moment)
    items = [
        Covered(row["code"], row["name"], kind_, [(s.start, s.last) for s in found.get((row["id"], kind_), ())])
        for row in dealers.items
        for kind_ in kinds
    ]
    return Page(items, dealers.next)


@get("/api/v1/sales/chase", dependencies=web.list_asked(OWED, 200))
async def list_owed(
    person: NamedDependency[Person],
    wanted: NamedDependency[Wanted],
    months: Annotated[int, QueryParameter(ge=1, le=24)] = 3,
    responsible: FromQuery[str | None] = None,
) -> Page[OwedReports]:
    """Who owes which report of the last complete months, and how late it is.

    `responsible` is the member of staff who looks after the dealers, by code, or "nobody".
    """
    whose = await responsible_asked(responsible)
    return page_in(await views.chase_list(person, months=months, responsible=whose), OWED, wanted)


@get("/api/v1/sales/reports", dependencies=web.list_asked(REPORTS, 100))
async def list_reports(
    person: NamedDependency[Person],
    wanted: NamedDependency[Wanted],
    kind: FromQuery[str | None] = None,
    dealer: FromQuery[str | None] = None,
) -> Page[Report]:
    """The loaded reports, the latest first; those that speak for one dealer, where one is named."""
    return await views.reports(person, kind, dealer, wanted)


@get("/api/v1/sales/totals", dependencies=web.list_asked(TOTALS, 1000))
async def list_totals(
    person: NamedDependency[Person],
    wanted: NamedDependency[Wanted],
    from_: From = None,
    to: FromQuery[str | None] = None,
    kind: FromQuery[str | None] = None,
) -> Page[Total]:
    """What all dealers in scope come to by month, in the company's currency."""
    require(person, Right.SEE_SALES)
    first, last = await views.months_asked(from_, to)
    return page_in(await views.totals(_kinds(kind), first, last), TOTALS, wanted)


@get("/api/v1/sales/stock", dependencies=web.list_asked(STOCK, 1000))
async def list_stock_checks(
    person: NamedDependency[Person],
    wanted: NamedDependency[Wanted],
    dealer: FromQuery[str],
    from_: From = None,
    to: FromQuery[str | None] = None,
) -> Page[StockDifference]:
    """A dealer's counted stock against what came and went since the count before."""
    found = await views.dealer_named(person, dealer)
    first, last = await views.months_asked(from_, to)
    return page_in(await views.stock_checks(found["id"], first, last), STOCK, wanted)


ROUTES = (
    list_months,
    list_lines,
    list_coverage,
    list_owed,
    list_reports,
    list_totals,
    list_stock_checks,
)
