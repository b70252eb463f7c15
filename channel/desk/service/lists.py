"""The list of dealers with figures of other rooms: a page of it, or all that is filtered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from asyncpg import Record

from channel import clock, db
from channel.access.rules import Person, Right, require
from channel.credit.queries import limits as limit_queries
from channel.credit.rules import LimitInForce
from channel.credit.service.proposals import state_of
from channel.dealers.queries import lists
from channel.dealers.queries.lists import Asked
from channel.dealers.queries.masters import company_currency
from channel.desk import queries
from channel.desk.rules import YEAR, Year, compute_year
from channel.desk.service.months import by_dealer, months_in_order
from channel.periods import Month, complete_months_before
from channel.sales.queries import months as month_queries

SORTS = (*lists.SORTS, "sell_in", "limit")
"""The columns by which the list can be sorted; a minus before the name turns it round."""
_TOGETHER = 200


@dataclass(frozen=True, slots=True)
class Listed:
    """A dealer in the list: its row, net sell-in of 24 months in company currency, its year, the limit in force."""

    row: Record
    months: tuple[Decimal | None, ...]
    year: Year
    limit: LimitInForce
    limit_currency: str | None


@dataclass(frozen=True, slots=True)
class DealerList:
    """A page of the list. `found` are counts of all that is filtered: all, wholesale, terminal."""

    rows: tuple[Listed, ...]
    next: str | None
    found: tuple[int, int, int]
    currency: str
    months: tuple[Month, ...]
    today: date


async def dealer_list(person: Person, asked: Asked, cursor: str | None = None, limit: int | None = 50) -> DealerList:
    """Dealers in the person's scope with what they bought in the last twelve complete months and their limits.

    Without a `limit` all that is filtered, in the same order.
    """
    require(person, Right.SEE_DEALERS)
    today = clock.today()
    months = complete_months_before(today, 2 * YEAR)
    figure = (
        queries.by_limit(today)
        if asked.sort.removeprefix("-") == "limit"
        else queries.by_sell_in(months[YEAR].first, months[-1].end)
    )
    rows = await lists.dealer_list(asked, cursor, limit, figure)
    ids = [row["id"] for row in rows]
    async with db.together(apart=len(ids) > _TOGETHER) as together:
        counts = together.ask(lists.dealer_count(asked))
        currency = together.ask(company_currency())
        sold = together.ask(month_queries.months(ids, ["sell-in"], months[0], months[-1]))
        events = together.ask(limit_queries.limit_events(ids, None))
    sums = by_dealer(sold.result())
    journal: dict[int, list[Record]] = {}
    for event in events.result():
        journal.setdefault(event["dealer_id"], []).append(event)
    listed = []
    for row in rows:
        values = months_in_order(sums.get(row["id"], ()), months, None).get("sell-in", [None] * len(months))
        listed.append(Listed(row, tuple(values), compute_year(values), *state_of(journal.get(row["id"], ()), today)))
    following = None if limit is None else lists.next_cursor(rows, limit)
    return DealerList(tuple(listed), following, counts.result(), currency.result(), months, today)


def spark(listed: Listed) -> Sequence[Decimal | None]:
    """The last twelve months of the row."""
    return listed.months[YEAR:]
