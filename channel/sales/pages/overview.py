"""Sales over all dealers: totals by month, coverage as a matrix, the chase list, the reports; and a dealer's lines."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from asyncpg import Record
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from channel import clock, web
from channel.access.rules import Person, Right, require
from channel.dealers.queries.facts import appointments
from channel.dealers.queries.masters import company_currency
from channel.dealers.rules import is_before_appointment
from channel.errors import m
from channel.lists import Page, Wanted, page_in
from channel.periods import Month, Span, months_of
from channel.sales.lists import OWED
from channel.sales.queries import coverage as coverage_queries
from channel.sales.queries import months as month_queries
from channel.sales.rules import KIND_NAMES, KINDS, OwedReports
from channel.sales.service import views
from channel.sales.service.sheet import dealer_sales

AnyRequest = Request[Any, Any, Any]
_DEALERS = 40
_REPORTS = 10
_CHASED = 10
_LINES = 200


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
    dealers = await views.dealers_page(person, q or "", None, cursor or "", _DEALERS + 1)
    shown = dealers[:_DEALERS]
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
        matrix=await _matrix(shown, asked[0], months),
        next=shown[-1]["code"] if len(dealers) > _DEALERS else None,
        listed=OWED,
        chased=chased[:_CHASED],
        chased_count=len(chased),
        reports=await coverage_queries.reports(None, None, None, _REPORTS),
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


async def _owed(person: Person, _filtered: None, wanted: Wanted) -> Page[OwedReports]:
    return page_in(await views.chase_list(person), OWED, wanted)


async def _of_sales(_request: AnyRequest, _person: Person, _filtered: None) -> Mapping[str, Any]:
    return {"crumbs": [(m("Sales reports"), "/sales")], "facts": [m("last three complete months")]}


@get("/dealers/{code:str}/sales", include_in_schema=False)
async def show_dealer_sales(
    request: AnyRequest,
    person: NamedDependency[Person],
    code: FromPath[str],
    kind: FromQuery[str | None] = None,
    month: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
) -> Response[str]:
    """A dealer's sales by month, and the lines that a month is made of."""
    dealer = await views.dealer_named(person, code)
    asked = views.checked_kinds([kind] if kind else [])[:1]
    lines: Sequence[Record] = ()
    following = None
    if month:
        first, _ = await views.months_asked(month, month)
        after = views.place_in_list(cursor)
        days = await views.days_behind(dealer["id"], asked[0], first)
        found = await month_queries.month_lines(dealer["id"], asked, days, after=after, limit=_LINES + 1)
        lines = found[:_LINES]
        following = f"{lines[-1]['on_date']}_{lines[-1]['id']}" if len(found) > _LINES else None
    return web.page(
        request,
        "sales/dealer.html",
        dealer=dealer,
        sales=await dealer_sales(dealer["id"]),
        kind=asked[0],
        month=month,
        lines=lines,
        next=following,
        labels=KIND_NAMES,
        kinds=KINDS,
    )


ROUTES = (show_sales, show_dealer_sales, *web.list_routes(OWED, "/sales/chase", _owed, context=_of_sales))
