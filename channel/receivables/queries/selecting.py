"""Which dealers are meant: one, or those of a territory or type as they were on a day as known at a moment."""

from channel.database import db
from channel.dealers.queries.facts import fact_spans, stays_within
from channel.dealers.rules import Fact
from channel.view import View

_WITHIN = f"""
SELECT s.dealer_id FROM ({stays_within("$1", "true", "$3")}) AS s WHERE s.from_on <= $2::date AND s.to_on > $2::date
"""
_OF_TYPE = f"""
SELECT s.dealer_id FROM ({fact_spans(Fact.TYPE, "true", "$2")}) AS s
WHERE s.from_on <= $1::date AND s.to_on > $1::date AND s.value = $3
"""


async def dealers_selected(territory_id: int | None, dealer_type: str | None, view: View) -> list[int] | None:
    """The dealers in scope who stood in the territory or below it and were of the type; None means all of them."""
    if territory_id is None and dealer_type is None:
        return None
    found: set[int] | None = None
    if territory_id is not None:
        found = {row["dealer_id"] for row in await db.fetch(_WITHIN, territory_id, view.as_of, view.moment)}
    if dealer_type is not None:
        typed = {row["dealer_id"] for row in await db.fetch(_OF_TYPE, view.as_of, view.moment, dealer_type)}
        found = typed if found is None else found & typed
    return sorted(found or ())
