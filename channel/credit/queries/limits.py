"""The account row, proposals, votes, and the journal of limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from asyncpg import Record

from channel import db


async def lock_accounts(dealer_ids: Sequence[int]) -> None:
    """Make whoever else acts on these dealers' limits wait to the end of this transaction; always in one order."""
    ids = sorted(dealer_ids)
    await db.execute(
        "INSERT INTO credit_account (dealer_id, acts) SELECT id, 0 FROM unnest($1::bigint[]) AS id ORDER BY id"
        " ON CONFLICT DO NOTHING",
        ids,
    )
    await db.fetch(
        "SELECT 1 FROM credit_account WHERE dealer_id = ANY ($1::bigint[]) ORDER BY dealer_id FOR UPDATE", ids
    )
    await db.execute("UPDATE credit_account SET acts = acts + 1 WHERE dealer_id = ANY ($1::bigint[])", ids)


_EVENTS = """
SELECT c.dealer_id, c.id, c.kind, c.amount, c.currency, c.from_on, c.to_on, c.ends_id, c.proposal_id
FROM credit_limit c JOIN posting p ON p.id = c.posting_id
WHERE c.dealer_id = ANY ($1::bigint[]) AND ($2::timestamptz IS NULL OR p.recorded_at <= $2)
ORDER BY c.dealer_id, c.id
"""


async def limit_events(dealer_ids: Sequence[int], known_at: datetime | None) -> list[Record]:
    """The journal of these dealers as known at the moment, in the order of approval."""
    return await db.fetch(_EVENTS, dealer_ids, known_at)


@dataclass(frozen=True, slots=True)
class NewProposal:
    """A proposal to be written; amounts in `currency`, but company and change amounts in company currency."""

    dealer_id: int
    kind: str
    amount: Decimal | None
    currency: str
    from_on: date
    to_on: date | None
    reason: str
    before_amount: Decimal | None
    company_amount: Decimal | None
    company_rate: Decimal | None
    rate_as_of: date
    change_amount: Decimal | None
    approvals_needed: int
    assessment_id: int | None = None
    run_id: int | None = None
    raise_id: int | None = None


async def supersede_open(dealer_ids: Sequence[int], kind: str, raise_id: int | None, posting_id: int) -> list[Record]:
    """Close the open proposals of this kind (and about this raise) that newer ones take the place of."""
    return await db.fetch(
        "UPDATE limit_proposal SET state = 'superseded', closed_by = $3"
        " WHERE dealer_id = ANY ($1::bigint[]) AND kind = $2 AND state = 'open'"
        " AND raise_id IS NOT DISTINCT FROM $4 RETURNING dealer_id, id",
        dealer_ids,
        kind,
        posting_id,
        raise_id,
    )


_RECORD = """
INSERT INTO limit_proposal (dealer_id, kind, amount, currency, from_on, to_on, reason, before_amount, company_amount,
                            company_rate, rate_as_of, change_amount, approvals_needed, assessment_id, run_id,
                            raise_id, state, proposer_id, proposer, proposed_at, posting_id)
SELECT u.*, 'open', $17, $18, $19, $20
FROM unnest($1::bigint[], $2::text[], $3::numeric[], $4::text[], $5::date[], $6::date[], $7::text[], $8::numeric[],
            $9::numeric[], $10::numeric[], $11::date[], $12::numeric[], $13::integer[], $14::bigint[], $15::bigint[],
            $16::bigint[])
     AS u
RETURNING id, dealer_id
"""


async def record_proposals(
    proposals: Sequence[NewProposal], proposer: tuple[int | None, str], at: datetime, posting_id: int
) -> dict[int, int]:
    """New open proposals; the id of each by its dealer. The proposer is a person or, without an id, a machine."""
    names = (
        "dealer_id", "kind", "amount", "currency", "from_on", "to_on", "reason", "before_amount", "company_amount",
        "company_rate", "rate_as_of", "change_amount", "approvals_needed", "assessment_id", "run_id", "raise_id",
    )  # fmt: skip
    columns = [[getattr(each, name) for each in proposals] for name in names]
    rows = await db.fetch(_RECORD, *columns, *proposer, at, posting_id)
    return {row["dealer_id"]: row["id"] for row in rows}


_PROPOSALS = """
SELECT l.id, l.dealer_id, d.code, d.name, d.type, d.status, l.kind, l.amount, l.currency, l.from_on, l.to_on, l.reason,
       l.assessment_id, l.run_id, l.before_amount, l.company_amount, l.company_rate, l.rate_as_of, l.change_amount,
       l.raise_id, l.approvals_needed, l.state, l.proposer_id, l.proposer, l.proposed_at,
       closing.recorded_at AS closed_at, closing.actor AS closed_by, coalesce(votes.approvals, '{}') AS approvals,
       coalesce(votes.approver_ids, '{}') AS approver_ids, territory.name AS territory_name
FROM limit_proposal l
JOIN dealer d ON d.id = l.dealer_id
LEFT JOIN territory ON territory.id = d.territory_id
LEFT JOIN posting closing ON closing.id = l.closed_by
LEFT JOIN LATERAL (
    SELECT array_agg(v.person ORDER BY v.at) AS approvals, array_agg(v.person_id ORDER BY v.at) AS approver_ids
    FROM limit_vote v WHERE v.dealer_id = l.dealer_id AND v.proposal_id = l.id AND v.vote = 'approve'
) AS votes ON true
"""


async def proposal(proposal_id: int) -> Record | None:
    """One proposal with its approvals, if the asker may know of its dealer."""
    return await db.fetchrow(f"{_PROPOSALS} WHERE l.id = $1", proposal_id)


_QUEUE = f"""
{_PROPOSALS}
WHERE ($1::text IS NULL OR l.state = $1) AND ($2::text IS NULL OR l.kind = $2)
  AND ($3::bigint IS NULL OR l.run_id = $3) AND ($4::text IS NULL OR d.code = $4)
  AND ($5::bigint IS NULL OR d.territory_id IN (SELECT territory_id FROM territory_tree WHERE ancestor_id = $5))
  AND ($6::text IS NULL OR strpos(lower(d.code || ' ' || d.name), lower($6)) > 0)
  AND ($7::bigint IS NULL OR (l.proposer_id <> $7 AND NOT $7 = ANY (coalesce(votes.approver_ids, '{{}}'))))
  AND ($8::numeric IS NULL OR (coalesce(abs(l.change_amount), 'Infinity'), l.id) < ($8, $9::bigint))
ORDER BY coalesce(abs(l.change_amount), 'Infinity') DESC, l.id DESC LIMIT $10
"""


@dataclass(frozen=True, slots=True)
class Queue:
    """Which proposals are asked for; None leaves a question open.

    `decidable_by` leaves away what this person proposed or has approved; `after` is the change and id behind which
    to go on.
    """

    state: str | None = "open"
    kind: str | None = None
    run_id: int | None = None
    dealer: str | None = None
    territory_id: int | None = None
    text: str | None = None
    decidable_by: int | None = None
    after: tuple[Decimal, int] | None = None


async def proposals(asked: Queue, limit: int | None) -> list[Record]:
    """Proposals, the biggest change in company currency first, those without a rate before all."""
    return await db.fetch(
        _QUEUE,
        asked.state,
        asked.kind,
        asked.run_id,
        asked.dealer,
        asked.territory_id,
        asked.text,
        asked.decidable_by,
        *(asked.after or (None, None)),
        limit,
    )


async def open_count() -> int:
    """How many proposals in scope wait for a decision."""
    count: int = await db.fetchval("SELECT count(*) FROM limit_proposal WHERE state = 'open'")
    return count


async def record_vote(
    dealer_id: int,
    proposal_id: int,
    person: tuple[int, str],
    vote: str,
    reason: str,
    at: datetime,
    posting_id: int,
) -> None:
    """One person's word on a proposal."""
    await db.execute(
        "INSERT INTO limit_vote (dealer_id, proposal_id, person_id, person, vote, reason, at, posting_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        dealer_id,
        proposal_id,
        *person,
        vote,
        reason,
        at,
        posting_id,
    )


async def close_proposal(dealer_id: int, proposal_id: int, state: str, posting_id: int) -> None:
    """Nothing more is decided about an open proposal."""
    await db.execute(
        "UPDATE limit_proposal SET state = $3, closed_by = $4 WHERE dealer_id = $1 AND id = $2 AND state = 'open'",
        dealer_id,
        proposal_id,
        state,
        posting_id,
    )


async def record_limit(
    dealer_id: int,
    kind: str,
    amount: Decimal | None,
    currency: str,
    days: tuple[date, date | None],
    proposal_id: int,
    posting_id: int,
    ends_id: int | None = None,
) -> None:
    """A line of the journal; `ends_id` is the line of the raise that it ends."""
    await db.execute(
        "INSERT INTO credit_limit (dealer_id, kind, amount, currency, from_on, to_on, proposal_id, posting_id,"
        " ends_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        dealer_id,
        kind,
        amount,
        currency,
        *days,
        proposal_id,
        posting_id,
        ends_id,
    )


_HISTORY = """
SELECT c.id, c.kind, c.amount, c.currency, c.from_on, c.to_on, c.ends_id, p.recorded_at, l.id AS proposal_id, l.reason,
       l.proposer, l.proposed_at, l.assessment_id, l.company_amount, l.company_rate, l.approvals_needed,
       (SELECT array_agg(v.person || ': ' || v.reason ORDER BY v.at) FROM limit_vote v
        WHERE v.dealer_id = l.dealer_id AND v.proposal_id = l.id) AS votes
FROM credit_limit c JOIN posting p ON p.id = c.posting_id
JOIN limit_proposal l ON l.dealer_id = c.dealer_id AND l.id = c.proposal_id
WHERE c.dealer_id = $1 ORDER BY c.id DESC
"""


async def journal(dealer_id: int) -> list[Record]:
    """What came into force for a dealer, the latest first, with who proposed and approved it and why."""
    return await db.fetch(_HISTORY, dealer_id)


async def votes(dealer_id: int, proposal_ids: Sequence[int]) -> list[Record]:
    """The words on these proposals, in order."""
    return await db.fetch(
        "SELECT proposal_id, person, vote, reason, at FROM limit_vote"
        " WHERE dealer_id = $1 AND proposal_id = ANY ($2::bigint[]) ORDER BY at",
        dealer_id,
        proposal_ids,
    )


_REASONS = """
SELECT reason FROM (
    SELECT reason, max(at) AS at
    FROM (SELECT reason, at FROM limit_vote WHERE person_id = $1 ORDER BY at DESC LIMIT 200) AS own GROUP BY reason
) AS latest ORDER BY at DESC LIMIT 8
"""


async def last_reasons(person_id: int) -> list[str]:
    """The reasons that a person gave last, to be offered again."""
    return [row["reason"] for row in await db.fetch(_REASONS, person_id)]


_IN_FORCE = """
SELECT DISTINCT ON (c.dealer_id) c.dealer_id, d.code, d.name, c.kind, c.amount, c.currency, c.from_on, c.to_on,
       l.company_amount, l.company_rate
FROM credit_limit c JOIN dealer d ON d.id = c.dealer_id
JOIN limit_proposal l ON l.dealer_id = c.dealer_id AND l.id = c.proposal_id
WHERE c.kind IN ('limit', 'withdrawal') AND c.from_on <= $1
ORDER BY c.dealer_id, c.from_on DESC, c.id DESC
"""
_LIMITS = f"""
SELECT * FROM ({_IN_FORCE}) AS held
WHERE kind = 'limit' AND (to_on IS NULL OR to_on > $1)
  AND ($2::date IS NULL OR to_on < $2) AND ($3::text IS NULL OR code > $3)
ORDER BY code LIMIT $4
"""


async def limits_in_force(as_of: date, ends_before: date | None, after: str | None, limit: int) -> list[Record]:
    """The limits that hold on the day, without raises, by dealer code; all, or those that end before a day."""
    return await db.fetch(_LIMITS, as_of, ends_before, after, limit)
