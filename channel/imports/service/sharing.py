"""Loads as a person may see them: his own whole, one of somebody else by what it says of his dealers alone.

Whoever sees every territory sees every load whole. Who is bound to some sees his own whole while he reaches all that it
was read in sight of. Of any other he sees its kind, its days, its state, and the lines and the amount of his dealers:
never its file, what its check told, or what it rejected. Both are asked of the database each time (`is_seen`).
"""

from collections.abc import Sequence

from asyncpg import Record

from channel.access.rules import Person, Right, require
from channel.errors import NotFound, m
from channel.imports.loader import Share, loaders
from channel.imports.queries import loads as queries
from channel.imports.queries.completing import completed_by


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


async def told_loads(person: Person, kind: str | None, before_id: int | None, limit: int) -> list[Record]:
    """The loads of which this person may know, the latest first; of those of others no more than their state."""
    require(person, Right.SEE_SALES)
    whole = await queries.loads(kind, before_id, limit)
    if not person.bound:
        return whole
    known = {row["id"] for row in whole}
    concerning = [
        load_id
        for each, loader in loaders().items()
        if kind in {None, each}
        for load_id in await loader.loads_concerning(before_id, limit)
        if load_id not in known
    ]
    return sorted(whole + await queries.others_loads(concerning), key=lambda row: -row["id"])[:limit]


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
