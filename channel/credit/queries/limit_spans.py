"""What the journal of limits puts in force by days, kept for the list of dealers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from asyncpg import Record

from channel.database import db

LIMIT_IN_FORCE = """
SELECT dealer_id, company_amount AS figure FROM limit_span
WHERE from_on <= $1::date AND (to_on IS NULL OR to_on > $1::date)
"""
"""The limit in force on the day `$1` with its raises, in company currency; null where no rate was known."""


@dataclass(frozen=True, slots=True)
class KeptSpan:
    """A stretch of days of one dealer, [from_on, to_on)."""

    dealer_id: int
    from_on: date
    to_on: date | None
    company_amount: Decimal | None


_JOURNAL = """
SELECT c.dealer_id, c.id, c.kind, c.amount, c.currency, c.from_on, c.to_on, c.ends_id, l.company_rate
FROM credit_limit c JOIN limit_proposal l ON l.dealer_id = c.dealer_id AND l.id = c.proposal_id
WHERE c.dealer_id = ANY ($1::bigint[]) ORDER BY c.dealer_id, c.id
"""


async def journal_with_rates(dealer_ids: Sequence[int]) -> list[Record]:
    """The lines of the journal, each with the rate of its approval."""
    return await db.fetch(_JOURNAL, dealer_ids)


async def kept_spans(dealer_ids: Sequence[int]) -> list[KeptSpan]:
    """What is kept of these dealers, in order."""
    rows = await db.fetch(
        "SELECT dealer_id, from_on, to_on, company_amount FROM limit_span WHERE dealer_id = ANY ($1::bigint[])"
        " ORDER BY dealer_id, from_on",
        dealer_ids,
    )
    return [KeptSpan(*row) for row in rows]


# What goes is counted first, so that it is gone before what takes its place, of the same days, comes.
_REPLACE = """
WITH gone AS (DELETE FROM limit_span WHERE dealer_id = ANY ($1::bigint[]) RETURNING dealer_id)
INSERT INTO limit_span (dealer_id, from_on, to_on, company_amount)
SELECT u.* FROM (SELECT count(*) AS gone FROM gone) AS before
CROSS JOIN unnest($2::bigint[], $3::date[], $4::date[], $5::numeric[]) AS u WHERE before.gone >= 0
"""


async def replace_spans(dealer_ids: Sequence[int], spans: Sequence[KeptSpan]) -> None:
    """Keep exactly these of these dealers."""
    await db.execute(
        _REPLACE,
        dealer_ids,
        [span.dealer_id for span in spans],
        [span.from_on for span in spans],
        [span.to_on for span in spans],
        [span.company_amount for span in spans],
    )


_APPROVED = """
SELECT c.dealer_id, d.code, c.id, c.kind, c.amount, c.currency, c.from_on, c.to_on, c.ends_id,
       (SELECT count(*) FROM vote_dealer v WHERE v.dealer_id = c.dealer_id AND v.request_id = c.proposal_id
        AND v.vote = 'approve' AND v.person_id <> r.proposer_id) AS approvals
FROM credit_limit c JOIN request_dealer r ON r.dealer_id = c.dealer_id AND r.id = c.proposal_id
JOIN dealer d ON d.id = c.dealer_id
WHERE c.dealer_id = ANY ($1::bigint[]) ORDER BY c.dealer_id, c.id
"""


async def journal_with_approvals(dealer_ids: Sequence[int]) -> list[Record]:
    """The lines of the journal, each with how many people approved it."""
    return await db.fetch(_APPROVED, dealer_ids)


async def dealers_with_limits(after: int, limit: int) -> list[int]:
    """The next dealers by id of whom there is a journal, or something kept."""
    rows = await db.fetch(
        "SELECT dealer_id FROM (SELECT dealer_id FROM credit_limit WHERE dealer_id > $1"
        " UNION SELECT dealer_id FROM limit_span WHERE dealer_id > $1) AS x ORDER BY dealer_id LIMIT $2",
        after,
        limit,
    )
    return [row["dealer_id"] for row in rows]
