"""How a report is completed: mended lines are added to what counts of it, and take the place of nothing."""

from channel.errors import Conflict, m
from channel.imports.loader import Completes
from channel.sales.queries import completing as queries


async def settle(kind: str, completes: Completes) -> None:
    """After all faults are found: what is touched is what has good lines; nobody may have come between."""
    if completes.base_id is not None:
        await queries.keep_days_with_lines()
        return
    found = await queries.brought_since(kind, completes.closed_at)
    if found is not None:
        raise Conflict(
            m(
                "Since load %(load)s was refused, load %(later)s has brought these days for the dealer %(dealer)s.",
                load=str(completes.load_id),
                later=str(found["load_id"]),
                dealer=found["code"],
            )
        )
