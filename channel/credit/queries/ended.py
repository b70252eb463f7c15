"""Limits and proposals of dealers with whom the cooperation ends: found and ended in sets."""

from collections.abc import Iterable
from datetime import date

from channel.consent.queries import Key
from channel.credit.queries.proposals import LIMIT
from channel.database import db

_OPEN = f"""
SELECT l.dealer_id, l.id
FROM unnest($1::bigint[], $2::date[]) AS u (dealer_id, begin)
JOIN request_dealer r ON r.dealer_id = u.dealer_id AND r.kind = '{LIMIT}' AND r.state = 'open'
JOIN limit_proposal l ON l.dealer_id = r.dealer_id AND l.id = r.id
WHERE greatest(l.from_on, $3) >= u.begin ORDER BY l.id
"""


async def open_proposals_from(begins: Iterable[tuple[int, date]], today: date) -> list[Key]:
    """The open proposals that, approved today, would count from each dealer's day or a later one."""
    wanted = list(begins)
    rows = await db.fetch(_OPEN, [dealer_id for dealer_id, _ in wanted], [day for _, day in wanted], today)
    return [(row["dealer_id"], row["id"]) for row in rows]


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


_STANDING = f"""
SELECT d.id FROM dealer d WHERE d.status = 'ended' AND (
    EXISTS (SELECT FROM limit_span s WHERE s.dealer_id = d.id AND (s.to_on IS NULL OR s.to_on > $1))
    OR EXISTS (SELECT FROM request_dealer r WHERE r.dealer_id = d.id AND r.kind = '{LIMIT}' AND r.state = 'open')
) ORDER BY d.id
"""


async def ended_with_limits(today: date) -> list[int]:
    """Dealers who have ended and yet have a limit today or later, or a proposal that waits."""
    return [row["id"] for row in await db.fetch(_STANDING, today)]
