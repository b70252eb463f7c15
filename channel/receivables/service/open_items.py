"""What is open, on a day as known at a moment."""

from asyncpg import Record

from channel import clock
from channel.access import queries as access
from channel.access.rules import Person, Right, require
from channel.database import db
from channel.database.snapshots import known_as
from channel.errors import NotFound, m
from channel.lists import Page, Wanted
from channel.receivables.queries import open_items as queries
from channel.receivables.queries.open_items import ItemFilter
from channel.view import View


async def open_items(person: Person, asked: ItemFilter, view: View, wanted: Wanted) -> Page[Record]:
    """The open items in scope, those first that fell due first."""
    require(person, Right.SEE_RECEIVABLES)
    await _check(asked)
    async with known_as(view) as fixed, db.planned_anew():
        return await queries.open_items_listed(asked, fixed, clock.today(), wanted)


async def open_items_summed(person: Person, asked: ItemFilter, view: View) -> list[Record]:
    """The same by currency: how many, how much, and how much of it is overdue."""
    require(person, Right.SEE_RECEIVABLES)
    await _check(asked)
    async with known_as(view) as fixed, db.planned_anew():
        return await queries.open_items_summed(asked, fixed, clock.today())


async def _check(asked: ItemFilter) -> None:
    """`NotFound` where a territory is asked for that there is not: nothing open in it would be no answer."""
    if asked.territory is not None and await access.territory_by_code(asked.territory) is None:
        raise NotFound(m("The territory %(code)s is not known.", code=asked.territory))
