"""Changes of limits as people are told them."""

from collections.abc import Sequence

from asyncpg import Record

from channel.database import db

_CHANGES = """
SELECT DISTINCT ON (c.dealer_id, c.proposal_id) c.dealer_id, c.proposal_id, c.kind, c.amount, c.currency, c.from_on
FROM credit_limit c JOIN unnest($1::bigint[], $2::bigint[]) AS u (dealer_id, proposal_id)
  ON u.dealer_id = c.dealer_id AND u.proposal_id = c.proposal_id
ORDER BY c.dealer_id, c.proposal_id, c.from_on, c.id
"""


async def changes_told(proposals: Sequence[tuple[int, int]]) -> list[Record]:
    """What these proposals, each behind its dealer, brought into the journal."""
    return await db.fetch(_CHANGES, [dealer_id for dealer_id, _ in proposals], [number for _, number in proposals])
