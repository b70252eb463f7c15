"""The list of dealers with figures of other rooms: a page of it, or all that is filtered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from asyncpg import Record

from channel import clock
from channel.access.rules import Person, Right, require
from channel.credit.queries import limits as limit_queries
from channel.credit.queries.limit_spans import LIMIT_IN_FORCE
from channel.credit.rules import LimitInForce
from channel.credit.service.needs import state_of
from channel.database.snapshots import known_as, view_of
from channel.dealers.queries import lists
from channel.dealers.queries.facts import appointments
from channel.dealers.queries.lists import DealerFilter, SortFigure
from channel.dealers.queries.masters import company_currency
from channel.desk.lists import DEALERS
from channel.desk.rules import YEAR, Year, compute_year
from channel.desk.service.months import months_before
from channel.lists import Page, Wanted, order_of
from channel.periods import Month, complete_months_before
from channel.sales.queries import years


@dataclass(frozen=True, slots=True)
class Listed:
    """A dealer in the list: its row, net sell-in of 24 months in company currency, its year, the limit in force.

    The first `unasked` months lie before its appointment and have no figure.
    """

    row: Record
    months: tuple[Decimal | None, ...]
    year: Year
    limit: LimitInForce
    limit_currency: str | None
    unasked: int

    @property
    def id(self) -> int:
        """The dealer's."""
        return int(self.row["id"])

    @property
    def shape(self) -> Sequence[Decimal | None]:
        """The last twelve months, without those before the appointment of which nothing is known."""
        return self.months[max(YEAR, self.unasked) :]


class DealerList(Page[Listed], kw_only=True):
    """A page of the list. `found` are counts of all that is filtered: all, wholesale, terminal.

    `counted` is False where counting ended at a bound: then there are more than the bound, and the counts say nothing.
    """

    found: tuple[int, int, int]
    counted: bool
    currency: str | None
    months: tuple[Month, ...]
    today: date


async def dealer_list(person: Person, asked: DealerFilter, wanted: Wanted, most: int | None = None) -> DealerList:
    """Dealers in the person's scope with what they bought in the last twelve complete months and their limits.

    More than `most` dealers are not counted.
    """
    require(person, Right.SEE_DEALERS)
    async with known_as(view_of()):
        return await _dealer_list(asked, wanted, most)


async def _dealer_list(asked: DealerFilter, wanted: Wanted, most: int | None) -> DealerList:
    today = clock.today()
    months = complete_months_before(today, 2 * YEAR)
    within = await lists.filter_of(asked)
    figure = await _figure(order_of(DEALERS, wanted).by.name, today, months[-1].end)
    ids, following = await lists.dealer_page(DEALERS, within, wanted, figure)
    rows = await lists.dealer_rows(ids)
    found = await lists.dealer_count(within, None if most is None else most + 1)
    currency = await company_currency()
    sold = await years.sell_in_by_month(ids, months[0], months[-1])
    appointed = await appointments(ids, today)
    events = await limit_queries.limit_events(ids, None)
    journal: dict[int, list[Record]] = {}
    for event in events:
        journal.setdefault(event["dealer_id"], []).append(event)
    listed = []
    nothing: list[Decimal | None] = [None] * len(months)
    for row in rows:
        values = sold.get(row["id"], nothing)
        before = months_before(months, appointed.get(row["id"]))
        state = state_of(journal.get(row["id"], ()), today)
        listed.append(Listed(row, tuple(values), compute_year(values, before), *state, _unasked(values, before)))
    counted = most is None or found[0] <= most
    return DealerList(listed, following, found=found, counted=counted, currency=currency, months=months, today=today)


async def _figure(sort: str, today: date, year_end: date) -> SortFigure | None:
    """What the list is sorted by, where that is a figure of another room: it equals the one shown, in one currency."""
    match sort:
        case "limit":
            return SortFigure("limit", LIMIT_IN_FORCE, (today,))
        case "sell_in":
            kept = await years.is_kept(year_end)
            return SortFigure("sell_in", years.KEPT_SELL_IN_YEAR if kept else years.SELL_IN_YEAR, (year_end,))
        case _:
            return None


def _unasked(values: Sequence[Decimal | None], before: int) -> int:
    return next((n for n, value in enumerate(values[:before]) if value is not None), before)
