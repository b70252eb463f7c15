"""Loads as a person may see them: his own whole, one of somebody else by what it says of his dealers alone.

Whoever sees every territory sees every load whole. Who is bound to some sees his own whole while he reaches all that it
was read in sight of. Of any other he sees its kind, its days, its state, and the lines and the amount of his dealers:
never its file, what its check told, or what it rejected. Both are asked of the database each time (`is_seen`).
"""

from collections.abc import Sequence

from asyncpg import Record

from channel.access.rules import Person, Right, require
from channel.errors import NotFound, m
from channel.imports.lists import LOADS
from channel.imports.loader import Share, loaders
from channel.imports.queries import loads as queries
from channel.imports.queries.completing import completed_by
from channel.lists import MOST_ROWS, Page, Wanted, order_of


async def told_load(load_id: int) -> tuple[Record, Share | None]:
    """One load: whole and without a share, or its kind, moment and state with the share that concerns the asker.

    Where it concerns him in nothing it is not known to him.
    """
    row = await queries.load(load_id)
    if row is not None and not row["seen"]:
        share = await loaders()[row["kind"]].share(load_id)
        if share is not None:
            return (await queries.others_loads([load_id]))[0], share
        row = None
    if row is None:
        raise NotFound(m("There is no such load."))
    return row, None


async def told_loads(person: Person, kind: str | None, wanted: Wanted) -> Page[Record]:
    """The loads of which this person may know; of those of others no more than their state."""
    require(person, Right.SEE_SALES)
    return await queries.loads(kind, await _concerning(kind, wanted) if person.bound else (), wanted)


async def latest_loads(limit: int) -> list[Record]:
    """The latest of all loads, for whoever looks after the installation."""
    return (await queries.loads(None, (), Wanted(limit=limit))).items


async def _concerning(kind: str | None, wanted: Wanted) -> list[int]:
    """The loads that say anything of the asker's dealers: of the latest no more than may be wanted."""
    order, before, limit = order_of(LOADS, wanted), None, MOST_ROWS
    if order.name == LOADS.order and wanted.limit is not None:
        before, limit = order.after[1] if order.after else None, wanted.limit + 1
    found = [await each.loads_concerning(before, limit) for name, each in loaders().items() if kind in {None, name}]
    return [load_id for some in found for load_id in some]


async def completions_of(load_id: int) -> list[int]:
    """The loads by which rejected lines of a load count by now, of which the asker may know."""
    return await _known(await completed_by(load_id))


async def same_load(row: Record) -> int | None:
    """The load that brought the same file before, where the asker may know of it."""
    found = await _known([] if row["same_as"] is None else [row["same_as"]])
    return found[0] if found else None


async def _known(load_ids: Sequence[int]) -> list[int]:
    known = []
    for load_id in load_ids:
        row = await queries.load(load_id)
        if row is not None and (row["seen"] or await loaders()[row["kind"]].share(load_id)):
            known.append(load_id)
    return known
