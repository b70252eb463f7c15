"""The tree of territories as acts need it; what changes the tree lives where exclusivity is kept, above this room."""

from collections.abc import Sequence

from channel.access import queries
from channel.access.rules import OPERATOR
from channel.access.service.trail import open_posting
from channel.database import db
from channel.errors import invalid, m


async def nodes_named(codes: Sequence[str], field: str = "territories") -> dict[str, int]:
    """The ids of these territories; a code that is unknown, or not for the asker to know of, raises Invalid."""
    nodes = await queries.nodes_of(codes)
    if missing := sorted(set(codes) - set(nodes)):
        raise invalid(field, m("Not known: %(codes)s.", codes=", ".join(missing)))
    return nodes


async def reconcile_tree(*, mend: bool = False) -> int:
    """In how many places the kept tree, or where nodes were last put, differs from their parents.

    With `mend` the tree is made anew from them, and the nodes are put there from now on.
    """
    if not mend:
        return await queries.tree_differences() + await queries.misplaced()
    async with db.transaction():
        await queries.hold_tree(alone=True)
        different, misplaced = await queries.tree_differences(), await queries.misplaced()
        if different:
            await queries.rebuild_tree()
        if misplaced:
            await queries.record_places(await open_posting(OPERATOR, "reconcile"))
    return different + misplaced
