"""Statuses of many dealers around a day, for whoever puts them on hold."""

from collections.abc import Sequence
from datetime import date

from channel.database import db
from channel.dealers.queries.facts import known_facts

_AHEAD = f"""
SELECT DISTINCT ON (dealer_id) dealer_id, value
FROM ({known_facts("f.dealer_id = ANY ($1::bigint[]) AND f.fact = 'status' AND f.effective_on > $2", "NULL")}) AS ahead
ORDER BY dealer_id, effective_on
"""


async def statuses_ahead(dealer_ids: Sequence[int], day: date) -> dict[int, str]:
    """Of these dealers the status that is recorded from the next day after this one; others are not in it."""
    return {row["dealer_id"]: row["value"] for row in await db.fetch(_AHEAD, dealer_ids, day)}
