"""The tree of territories as acts need it; what changes the tree lives where exclusivity is kept, above this room."""

from collections.abc import Sequence

from channel import db
from channel.access import queries
from channel.errors import invalid, m


async def nodes_named(codes: Sequence[str], field: str = "territories") -> dict[str, int]:
    """The ids of these territories; a code that is unknown, or not for the asker to know of, raises Invalid."""
    nodes = await queries.nodes_of(codes)
    if missing := sorted(set(codes) - set(nodes)):
        raise invalid(field, m("Not known: %(codes)s.", codes=", ".join(missing)))
    return nodes


async def reconcile_tree(*, mend: bool = False) -> int:
    """In how many places the kept tree differs from the nodes' parents; with `mend` it is made anew from them."""
    if not mend:
        return await queries.tree_differences()
    async with db.transaction():
        await queries.hold_tree(alone=True)
        different = await queries.tree_differences()
        if different:
            await queries.rebuild_tree()
    return different
