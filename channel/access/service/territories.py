"""The tree of territories as acts need it; what changes the tree lives where exclusivity is kept, above this room."""

from collections.abc import Sequence

from channel.access import queries
from channel.errors import invalid, m


async def nodes_named(codes: Sequence[str], field: str = "territories") -> dict[str, int]:
    """The ids of these territories; a code that is unknown, or not for the asker to know of, raises Invalid."""
    nodes = await queries.nodes_of(codes)
    if missing := sorted(set(codes) - set(nodes)):
        raise invalid(field, m("Not known: %(codes)s.", codes=", ".join(missing)))
    return nodes
