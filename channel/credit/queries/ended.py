"""Limits and proposals of dealers with whom the cooperation ends: found and ended in sets."""

from collections.abc import Iterable, Sequence
from datetime import date

from channel.database import db

_OPEN = """
SELECT l.id FROM limit_proposal l JOIN unnest($1::bigint[], $2::date[]) AS u (dealer_id, begin) USING (dealer_id)
WHERE l.state = 'open' AND greatest(l.from_on, $3) >= u.begin ORDER BY l.id
"""


async def open_proposals_from(begins: Iterable[tuple[int, date]], today: date) -> list[int]:
    """The open proposals that, approved today, would count from each dealer's day or a later one."""
    wanted = list(begins)
    rows = await db.fetch(_OPEN, [dealer_id for dealer_id, _ in wanted], [day for _, day in wanted], today)
    return [row["id"] for row in rows]


async def close_proposals(ids: Sequence[int], state: str, posting_id: int) -> list[int]:
    """Nothing more is decided about these open proposals; their dealers."""
    rows = await db.fetch(
        "UPDATE limit_proposal SET state = $2, closed_by = $3 WHERE id = ANY ($1::bigint[]) AND state = 'open'"
        " RETURNING dealer_id",
        ids,
        state,
        posting_id,
    )
    db.check_changed(len(ids), len(rows))
    return [row["dealer_id"] for row in rows]


_ENDS = """
INSERT INTO credit_limit (dealer_id, kind, currency, from_on, proposal_id, posting_id)
SELECT l.dealer_id, 'withdrawal', l.currency, u.from_on, l.id, $3
FROM unnest($1::bigint[], $2::date[]) WITH ORDINALITY AS u (proposal_id, from_on, place)
JOIN limit_proposal l ON l.id = u.proposal_id ORDER BY u.place
"""


async def record_ends(ends: Iterable[tuple[int, date]], posting_id: int) -> None:
    """Lines of the journal that end the limit on a day, each by its proposal."""
    lines = list(ends)
    await db.execute(_ENDS, [proposal_id for proposal_id, _ in lines], [day for _, day in lines], posting_id)


_STANDING = """
SELECT d.id FROM dealer d WHERE d.status = 'ended' AND (
    EXISTS (SELECT FROM limit_span s WHERE s.dealer_id = d.id AND (s.to_on IS NULL OR s.to_on > $1))
    OR EXISTS (SELECT FROM limit_proposal l WHERE l.dealer_id = d.id AND l.state = 'open')
) ORDER BY d.id
"""


async def ended_with_limits(today: date) -> list[int]:
    """Dealers who have ended and yet have a limit today or later, or a proposal that waits."""
    return [row["id"] for row in await db.fetch(_STANDING, today)]
