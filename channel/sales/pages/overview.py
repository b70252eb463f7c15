"""Sales over all dealers: totals by month, coverage as a matrix, the chase list, the reports; and a dealer's lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from asyncpg import Record
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from channel import clock, web
from channel.access.rules import Person, Right, require
from channel.dealers.pages.form_reading import member_filter
from channel.dealers.queries.facts import appointments
from channel.dealers.queries.masters import company_currency
from channel.dealers.rules import is_before_appointment
from channel.dealers.service.responsible import responsible_asked
from channel.errors import m
from channel.lists import Page, Wanted, page_in
from channel.periods import Month, Span, months_of
from channel.sales.lists import LINES, OWED, REPORTS, STOCK
from channel.sales.queries import months as month_queries
from channel.sales.rules import KIND_NAMES, KINDS, OwedReports, Report
from channel.sales.service import views
from channel.sales.service.dealer_page import dealer_sales

AnyRequest = Request[Any, Any, Any]
_DEALERS = 40
_REPORTS = 10
_CHASED = 10


@get("/sales", include_in_schema=False)
async def show_sales(
    request: AnyRequest,
    person: NamedDependency[Person],
    kind: FromQuery[str | None] = None,
    q: FromQuery[str | None] = None,
    to: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
) -> Response[str]:
    """What is reported, what is missing, and who is to be asked."""
    require(person, Right.SEE_SALES)
    asked = views.checked_kinds([kind] if kind else [])[:1]
    first, last = await views.months_asked(None, to or None)
    months = months_of(Span(first.first, last.end))
    dealers = await views.dealers_page(person, q or "", None, Wanted(cursor=cursor or None, limit=_DEALERS))
    chased = await views.chase_list(person)
    totals = await month_queries.company_totals(KINDS, first, last)
    return web.page(
        request,
        "sales/overview.html",
        kind=asked[0],
        labels=KIND_NAMES,
        kinds=KINDS,
        months=months,
        first=first,
        last=last,
        currency=await company_currency(),
        totals={each: _totals(totals, each, months) for each in KINDS},
        matrix=await _matrix(dealers.items, asked[0], months),
        next=dealers.next,
        listed=OWED,
        chased=chased[:_CHASED],
        chased_count=len(chased),
        loaded=REPORTS,
        reports=(await views.reports(person, None, None, Wanted(limit=_REPORTS))).items,
    )


def _totals(rows: Sequence[Record], kind: str, months: Sequence[Month]) -> list[Decimal | None]:
    found = {Month.of(row["month"]): row["company_amount"] for row in rows if row["kind"] == kind}
    return [found.get(month) for month in months]


async def _matrix(
    dealers: Sequence[Record], kind: str, months: Sequence[Month]
) -> list[tuple[Record, list[tuple[Month, str, int]]]]:
    """Dealers with their months: covered, before the appointment, partly, or missing, and how many lines."""
    found: dict[tuple[int, Month], tuple[bool, int]] = {}
    appointed: dict[int, date] = {}
    if dealers:
        ids = [row["id"] for row in dealers]
        appointed = await appointments(ids, clock.today())
        for each in await month_queries.months(ids, [kind], months[0], months[-1]):
            covered, lines = found.get((each.dealer_id, each.month), (each.covered, 0))
            found[(each.dealer_id, each.month)] = (covered, lines + each.lines)
    return [
        (
            dealer,
            [
                (month, *_state(found.get((dealer["id"], month)), month, appointed.get(dealer["id"])))
                for month in months
            ],
        )
        for dealer in dealers
    ]


def _state(found: tuple[bool, int] | None, month: Month, appointed_on: date | None) -> tuple[str, int]:
    covered, lines = found or (False, 0)
    if covered:
        return "covered", lines
    if is_before_appointment(month, appointed_on):
        return "before", lines
    return ("partly" if found else "missing"), lines


async def _owed_asked(responsible: FromQuery[str] = "") -> int | None:
    return await responsible_asked(responsible)


async def _owed(person: Person, responsible: int | None, wanted: Wanted) -> Page[OwedReports]:
    return page_in(await views.chase_list(person, responsible=responsible), OWED, wanted)


async def _of_sales(request: AnyRequest, _person: Person, _responsible: int | None) -> Mapping[str, Any]:
    return {
        "crumbs": [(m("Sales reports"), "/sales")],
        "facts": [m("last three complete months")],
        "member_filter": await member_filter(request),
    }


@dataclass(frozen=True, slots=True)
class MonthOfDealer:
    """Of whom the lines are shown, of which kind, and of which month; of the last twelve where none is named."""

    dealer: Record
    kind: str
    month: str | None


async def _of_dealer(
    person: NamedDependency[Person],
    code: FromPath[str],
    kind: FromQuery[str | None] = None,
    month: FromQuery[str | None] = None,
) -> MonthOfDealer:
    dealer = await views.dealer_named(person, code)
    return MonthOfDealer(dealer, views.checked_kinds([kind] if kind else [])[0], month or None)


async def _lines(_person: Person, of: MonthOfDealer, wanted: Wanted) -> Page[Record]:
    first, last = await views.months_asked(of.month, of.month)
    days = await views.days_behind(of.dealer["id"], of.kind, first) if of.month else Span(first.first, last.end)
    return await month_queries.month_lines(of.dealer["id"], [of.kind], days, wanted)


async def _beside_lines(_request: AnyRequest, _person: Person, of: MonthOfDealer) -> Mapping[str, Any]:
    """A dealer's sales by month, and his stock, above the lines that they are made of."""
    return {
        "dealer": of.dealer,
        "sales": await dealer_sales(of.dealer["id"]),
        "stock": STOCK,
        "kind": of.kind,
        "month": of.month,
        "labels": KIND_NAMES,
    }


async def _which_reports(kind: FromQuery[str | None] = None) -> str | None:
    return kind or None


async def _reports(person: Person, kind: str | None, wanted: Wanted) -> Page[Report]:
    return await views.reports(person, kind, None, wanted)


async def _beside_reports(_request: AnyRequest, _person: Person, _kind: str | None) -> Mapping[str, Any]:
    return {"crumbs": [(m("Sales reports"), "/sales")], "labels": KIND_NAMES}


ROUTES = (
    show_sales,
    *web.list_routes(OWED, "/sales/chase", _owed, template="sales/chase.html", filtered=_owed_asked, context=_of_sales),
    *web.list_routes(
        REPORTS,
        "/sales/reports",
        _reports,
        template="sales/reports.html",
        filtered=_which_reports,
        context=_beside_reports,
    ),
    *web.list_routes(
        LINES,
        "/dealers/{code:str}/sales",
        _lines,
        template="sales/dealer.html",
        filtered=_of_dealer,
        context=_beside_lines,
    ),
)
