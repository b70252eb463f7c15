"""Receivables of all dealers in scope: what is overdue, what came in, what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from asyncpg import Record

from channel import clock
from channel.access.rules import Person, Right, require
from channel.database.snapshots import known_as, view_of
from channel.lists import Wanted
from channel.receivables.queries import dealer_account as queries
from channel.receivables.queries.document_lists import DocumentFilter, documents_listed
from channel.receivables.queries.open_items import ItemFilter, open_items_listed
from channel.receivables.rules.choices import CAME_IN, GROUPS


@dataclass(frozen=True, slots=True)
class Overview:
    """Sums by currency of today, the items overdue the longest, and what came in since yesterday began."""

    today: date
    since: datetime
    sums: tuple[Record, ...]
    overdue: tuple[Record, ...]
    came_in: tuple[Record, ...]


def since_yesterday() -> datetime:
    """The moment at which yesterday began for the company."""
    return datetime.combine(clock.today() - timedelta(days=1), time(), clock.zone())


async def overview(person: Person, shown: int = 10) -> Overview:
    """What a look at receivables tells first, in the person's scope."""
    require(person, Right.SEE_RECEIVABLES)
    today, since = clock.today(), since_yesterday()
    async with known_as(view_of()):
        return Overview(
            today,
            since,
            tuple(await queries.totals(today)),
            tuple(await overdue_longest(shown)),
            tuple(await came_in(shown)),
        )


async def overdue_longest(count: int) -> Sequence[Record]:
    """The first so many overdue items, the longest overdue first."""
    found = await open_items_listed(ItemFilter(overdue_only=True), view_of(), clock.today(), Wanted(limit=count))
    return found.items


async def came_in(count: int) -> Sequence[Record]:
    """The first so many receipts and bills that were recorded since yesterday began, the latest day first."""
    asked = DocumentFilter(kinds=GROUPS[CAME_IN], posted_from=since_yesterday())
    return (await documents_listed(asked, Wanted(limit=count))).items


async def on_account_beside_open(count: int) -> Sequence[Record]:
    """Dealers whose money on account could pay what is open, the greatest amount first."""
    return await queries.waiting_to_be_allocated(count)
