"""Whose disputes go to another where another member of staff looks after a dealer: set-based."""

from collections.abc import Sequence

from asyncpg import Record

from channel.database import db

Change = tuple[int, int | None, int | None]

# Of the dealers that change ($1 to $3: dealer, member before, member from now on) the disputes that have not ended and
# are owned by the sign-in of the one before, where that of the other is active, has one of the roles ($4), and reaches
# the dealer.
_GOING = """
SELECT x.dealer_id, x.id, o.due_on, p.id AS owner_id
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS u (dealer_id, was, is_now)
JOIN staff_member b ON b.id = u.was JOIN staff_member n ON n.id = u.is_now
JOIN person p ON p.id = n.person_id AND p.active AND p.role = ANY ($4::text[])
JOIN dealer d ON d.id = u.dealer_id
JOIN dispute x ON x.dealer_id = u.dealer_id
JOIN LATERAL (
    SELECT w.owner_id, w.due_on FROM dispute_owner w
    WHERE w.dealer_id = x.dealer_id AND w.dispute_id = x.id ORDER BY w.id DESC LIMIT 1
) AS o ON o.owner_id = b.person_id AND o.owner_id <> p.id
WHERE NOT EXISTS (SELECT FROM dispute_end e WHERE e.dealer_id = x.dealer_id AND e.dispute_id = x.id)
  AND (NOT EXISTS (SELECT FROM person_territory t WHERE t.person_id = p.id)
       OR EXISTS (SELECT FROM person_territory t JOIN territory_tree a ON a.ancestor_id = t.territory_id
                  WHERE t.person_id = p.id AND a.territory_id = d.territory_id))
"""
# Why another looks after the dealer is why he answers, where that was said.
_HAND_OVER = f"""
INSERT INTO dispute_owner (dealer_id, dispute_id, owner_id, due_on, reason, posting_id)
SELECT g.dealer_id, g.id, g.owner_id, g.due_on, (
           SELECT f.reason FROM dealer_fact f
           WHERE f.dealer_id = g.dealer_id AND f.fact = 'responsible' AND f.posting_id = $5 LIMIT 1), $5
FROM ({_GOING}) AS g
"""


async def going_along(changes: Sequence[Change], roles: Sequence[str]) -> list[Record]:
    """The disputes that go along, each with who would answer for it; `roles` are those that see receivables."""
    return await db.fetch(_GOING, *zip(*changes, strict=True), roles)


async def hand_over(changes: Sequence[Change], roles: Sequence[str], posting_id: int) -> int:
    """Write down who answers for them from now on; how many that are. The accounts are locked."""
    return await db.execute(_HAND_OVER, *zip(*changes, strict=True), roles, posting_id)
