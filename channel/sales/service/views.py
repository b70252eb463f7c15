"""What is shown of sales: months of dealers with what is missing, who owes which report, stock against movements."""

from collections.abc import Sequence
from dataclasses import astuple
from datetime import date, datetime, timedelta

from asyncpg import Record

from channel import clock
from channel.access import queries as access
from channel.access.rules import Person, Right, require
from channel.database import db
from channel.dealers.queries.dealers import dealer_identity
from channel.dealers.queries.facts import appointments
from channel.dealers.queries.responsible import dealers_of
from channel.dealers.rules import is_before_appointment
from channel.errors import NotFound, invalid, m
from channel.lists import MOST_ROWS, Page, Wanted, check_rows, cut_page, order_of
from channel.periods import Month, Span, complete_months_before, is_day_of_business, months_of
from channel.sales.lists import MONTHS
from channel.sales.queries import coverage as coverage_queries
from channel.sales.queries import loading
from channel.sales.queries import months as month_queries
from channel.sales.queries.listed import dealers_by_code
from channel.sales.queries.months import MonthFigures
from channel.sales.rules import (
    KINDS,
    Owed,
    OwedReports,
    Report,
    SalesMonth,
    StockDifference,
    Total,
    check_stock,
    compute_owed,
)

MOST_MONTHS = 120


def checked_kinds(kinds: Sequence[str]) -> tuple[str, ...]:
    """The kinds that were asked for, all three where none was; an unknown one is refused."""
    for kind in kinds:
        if kind not in KINDS:
            raise invalid("kind", m("There is no such kind of report."), m("One of: %(names)s", names=", ".join(KINDS)))
    return tuple(kinds) or KINDS


def _month(text: str) -> Month:
    """The month of a text; one outside the days of business is none."""
    month = Month.parse(text)
    if not is_day_of_business(month.first):
        raise ValueError(f"no reports are kept of {month}")
    return month


async def months_asked(first: str | None, last: str | None, known_at: datetime | None = None) -> tuple[Month, Month]:
    """The months from and to which figures are wanted; by default the twelve up to the last that was reported."""
    try:
        end = _month(last) if last else None
        start = _month(first) if first else None
    except ValueError:
        raise invalid("from", m("This is no month."), m("A month such as 2013-01.")) from None
    if end is None:
        reported = await month_queries.months_with_sales(known_at)
        end = reported[1] if reported else Month.of(clock.today()).plus(-1)
        end = max(end, start) if start else end
    start = start or end.plus(-11)
    if start > end or start.plus(MOST_MONTHS) <= end:
        raise invalid("from", m("The first month is after the last, or too long before it."))
    return start, end


async def dealer_named(person: Person, code: str) -> Record:
    """A dealer that this person may know of."""
    require(person, Right.SEE_SALES)
    found = await dealer_identity(code)
    if found is None:
        raise NotFound(m("The dealer %(code)s is not known.", code=code))
    return found


async def _territory_id(code: str | None) -> int | None:
    if not code:
        return None
    found = await access.territory_by_code(code)
    if found is None:
        raise NotFound(m("The territory %(code)s is not known.", code=code))
    return int(found["id"])


def _today_of(known_at: datetime | None) -> date:
    """The day that was today at the moment as of which is asked: what was told then is told of that day again."""
    return clock.today() if known_at is None else known_at.astimezone(clock.zone()).date()


async def dealers_page(
    person: Person,
    text: str,
    territory: str | None,
    wanted: Wanted,
    *,
    known_at: datetime | None = None,
    months: tuple[Month, Month] | None = None,
) -> Page[Record]:
    """A page of dealers by code, for lists of months and coverage, which hold whole dealers.

    As known at a moment they are those whom a list of that moment's day showed. With `months` a territory finds who
    stood in it in any of them, and only these months of his are told.
    """
    require(person, Right.SEE_SALES)
    known = None if known_at is None else (_today_of(known_at), known_at)
    territory_id = await _territory_id(territory)
    order = order_of(MONTHS, wanted)
    after = "" if order.after is None else order.after[1]
    limit = MOST_ROWS if wanted.limit is None else wanted.limit
    rows = await dealers_by_code(text, after, limit + 1, territory_id=territory_id, known=known, months=months)
    if wanted.limit is None:
        check_rows(len(rows))
    return cut_page(rows, MONTHS, order, wanted.limit)


async def months_of_dealers(
    dealers: Sequence[Record], kinds: Sequence[str], first: Month, last: Month, known_at: datetime | None = None
) -> list[SalesMonth]:
    """Every month of every dealer and kind in order, the missing ones among them.

    Of dealers of a territory (`dealers_page` with `months`) those months that belong to it.
    """
    ids = [row["id"] for row in dealers]
    appointed = await appointments(ids, _today_of(known_at), known_at)
    found: dict[tuple[int, str, Month], list[MonthFigures]] = {}
    for figures in await month_queries.months(ids, kinds, first, last, known_at):
        found.setdefault((figures.dealer_id, figures.kind, figures.month), []).append(figures)
    return [
        row
        for dealer in dealers
        for kind in kinds
        for month in months_of(Span(first.first, last.end))
        if "months" not in dealer or month.first in dealer["months"]
        for row in _rows(
            dealer,
            kind,
            month,
            found.get((dealer["id"], kind, month), []),
            before=is_before_appointment(month, appointed.get(dealer["id"])),
        )
    ]


def _rows(
    dealer: Record, kind: str, month: Month, figures: Sequence[MonthFigures], *, before: bool
) -> list[SalesMonth]:
    who = (dealer["code"], dealer["name"], kind, str(month))
    if not figures:
        return [SalesMonth(*who, False, None, None, None, None, None, None, None, 0, None, before)]
    return [
        SalesMonth(
            *who,
            f.covered,
            f.currency,
            f.quantity,
            f.amount,
            f.company_amount,
            f.returned_quantity,
            f.returned_amount,
            f.returned_company_amount,
            f.lines,
            f.counted_on,
            before,
        )
        for f in figures
    ]


async def days_behind(dealer_id: int, kind: str, month: Month) -> Span:
    """The days whose lines a month's figure is made of: all of it, of stock the day of the last count."""
    if kind != "stock":
        return month.span
    counted = [each.counted_on for each in await month_queries.months([dealer_id], [kind], month, month)]
    last = max((day for day in counted if day is not None), default=None)
    return month.span if last is None else Span(last, last + timedelta(days=1))


async def chase_list(
    person: Person, *, months: int = 3, today: date | None = None, responsible: int | None = None
) -> list[OwedReports]:
    """Who owes which report of the last complete months, the latest first by how late they are.

    `responsible` is the number of the member of staff who looks after them, 0 for nobody.
    """
    require(person, Right.SEE_SALES)
    day = today or clock.today()
    found = [
        (month, await coverage_queries.owed_reports(month, KINDS)) for month in complete_months_before(day, months)
    ]
    if responsible is not None:
        whose = await dealers_of(responsible)
        found = [(month, [row for row in rows if row["dealer_id"] in whose]) for month, rows in found]
    return chased(found, day)


def chased(found: Sequence[tuple[Month, Sequence[Record]]], day: date) -> list[OwedReports]:
    """What is owed of some months, in ascending order, put together by dealer and kind: the latest first."""
    owed: dict[tuple[str, str], list[tuple[Owed, Record]]] = {}
    for month, rows in found:
        for row in rows:
            each = compute_owed(row["dealer_id"], row["kind"], month, row["due_day"], day)
            owed.setdefault((row["code"], row["kind"]), []).append((each, row))
    told = [
        OwedReports(
            code,
            of[0][1]["name"],
            kind,
            [str(each.month) for each, _ in of],
            of[0][0].due_on,
            of[0][0].days_late,
            any(row["begun"] for _, row in of),
        )
        for (code, kind), of in owed.items()
    ]
    return sorted(told, key=lambda each: (-each.days_late, each.dealer, each.kind))


async def reports(person: Person, kind: str | None, dealer: str | None, wanted: Wanted) -> Page[Report]:
    """The loaded reports, of a kind, or that speak for a dealer, where these are named."""
    require(person, Right.SEE_SALES)
    dealer_id = (await dealer_named(person, dealer))["id"] if dealer else None
    page = await coverage_queries.reports(kind, dealer_id, wanted)
    return Page([_report(row) for row in page.items], page.next)


def _report(row: Record) -> Report:
    told = dict(row)
    lines, superseded = told.pop("counted")
    return Report(**told, lines=lines, superseded=superseded)


async def totals(kinds: Sequence[str], first: Month, last: Month) -> list[Total]:
    """What all dealers in scope come to by month."""
    rows = await month_queries.company_totals(kinds, first, last)
    return [Total(**{**dict(row), "month": f"{row['month']:%Y-%m}"}) for row in rows]


async def stock_checks(dealer_id: int, first: Month, last: Month) -> list[StockDifference]:
    """Counted stock against what came and went since the count before, by count and product line."""
    covered = await coverage_queries.coverage([dealer_id], ("sell-in", "sell-through"))
    by_kind = {kind: covered.get((dealer_id, kind), ()) for kind in ("sell-in", "sell-through")}
    names = ("opened_on", "closed_on", "opening", "sell_in", "sell_through", "closing")
    return [
        StockDifference(
            row["line_code"],
            row["line_name"],
            *astuple(check_stock(**{each: row[each] for each in names}, covered=by_kind)),
        )
        for row in await coverage_queries.stock_moved(dealer_id, Span(first.first, last.end))
    ]


async def reconcile_rollups(*, mend: bool = False) -> int:
    """How many rollups differ from the sums of the live lines; with `mend` all are summed again."""
    different = await loading.different_rollups()
    if different and mend:
        async with db.transaction():
            await loading.rebuild_rollups()
    return different
