"""Which dealers are meant: those of a territory, type or responsible as they were on a day as known at a moment."""

from channel.database import db
from channel.dealers.queries.facts import fact_spans, looked_after, stays_within
from channel.dealers.rules import Fact
from channel.view import View

_WITHIN = f"""
SELECT s.dealer_id FROM ({stays_within("$1", "true", "$3")}) AS s WHERE s.from_on <= $2::date AND s.to_on > $2::date
"""
_OF_TYPE = f"""
SELECT s.dealer_id FROM ({fact_spans(Fact.TYPE, "true", "$2")}) AS s
WHERE s.from_on <= $1::date AND s.to_on > $1::date AND s.value = $3
"""
_OF_RESPONSIBLE = f"""
SELECT d.id AS dealer_id FROM dealer d LEFT JOIN (
    SELECT * FROM ({looked_after("true", "$2")}) AS s WHERE s.from_on <= $1::date AND s.to_on > $1::date
) AS h ON h.dealer_id = d.id WHERE coalesce(h.responsible_id, 0) = $3
"""


async def dealers_selected(
    territory_id: int | None, dealer_type: str | None, view: View, responsible: int | None = None
) -> list[int] | None:
    """The dealers in scope who stood in the territory or below it, were of the type, and whom the member looked after.

    With 0 as `responsible` nobody did. None means all of them.
    """
    questions = [
        (_WITHIN, (territory_id, view.as_of, view.moment), territory_id),
        (_OF_TYPE, (view.as_of, view.moment, dealer_type), dealer_type),
        (_OF_RESPONSIBLE, (view.as_of, view.moment, responsible), responsible),
    ]
    found: set[int] | None = None
    for sql, args, asked in questions:
        if asked is not None:
            these = {row["dealer_id"] for row in await db.fetch(sql, *args)}
            found = these if found is None else found & these
    return None if found is None else sorted(found)
