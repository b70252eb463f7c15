"""Disputes and promises as people are told them."""

from collections.abc import Sequence

from asyncpg import Record

from channel.database import db

_DISPUTES = """
SELECT x.id, x.amount, d.currency, d.number, x.reason, o.due_on, o.name AS owner, e.outcome, e.reason AS ended_for
FROM dispute x JOIN receivable_document d ON d.dealer_id = x.dealer_id AND d.id = x.document_id
CROSS JOIN LATERAL (
    SELECT w.due_on, p.name FROM dispute_owner w JOIN person p ON p.id = w.owner_id
    WHERE w.dealer_id = x.dealer_id AND w.dispute_id = x.id ORDER BY w.id DESC LIMIT 1) AS o
LEFT JOIN dispute_end e ON e.dealer_id = x.dealer_id AND e.dispute_id = x.id
WHERE x.id = ANY ($1::bigint[])
"""


async def disputes_told(numbers: Sequence[int]) -> list[Record]:
    """Disputes with their document, who answers until when, and how they ended, if they did."""
    return await db.fetch(_DISPUTES, numbers)


_PROMISES = """
SELECT x.id, i.place, i.due_on, i.amount, x.currency, x.promised_by, j.kept, j.came, i.promised
FROM promise x JOIN promise_instalment i ON i.dealer_id = x.dealer_id AND i.promise_id = x.id
LEFT JOIN promise_judgement j ON j.dealer_id = i.dealer_id AND j.promise_id = i.promise_id AND j.place = i.place
WHERE x.id = ANY ($1::bigint[]) ORDER BY x.id, i.place
"""


async def promises_in_words(numbers: Sequence[int]) -> list[Record]:
    """The instalments of promises with what they were judged to have come to, if they were."""
    return await db.fetch(_PROMISES, numbers)
