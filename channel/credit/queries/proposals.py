"""Proposals, the words on them, and the runs that they stand for."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime
from decimal import Decimal

from asyncpg import Record

from channel.credit.lists import PROPOSALS
from channel.credit.rules import Need
from channel.credit.rules.cooperation import WITHOUT_LIMIT
from channel.database import db
from channel.database.paging import page_of
from channel.database.posted import known
from channel.lists import ALL, Page, Wanted


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
    policy_version: int
    need: Need
    assessment_id: int | None = None
    run_id: int | None = None
    raise_id: int | None = None


_STANDING = """
SELECT NULL AS state, c.dealer_id, c.id, c.kind, c.amount, c.currency, c.from_on, c.to_on, c.ends_id, NULL AS raise_id
FROM credit_limit c WHERE c.dealer_id = ANY ($1::bigint[])
UNION ALL
SELECT l.state, l.dealer_id, l.id, l.kind, l.amount, l.currency, l.from_on, l.to_on, NULL, l.raise_id
FROM limit_proposal l WHERE l.dealer_id = ANY ($1::bigint[]) AND l.state = 'open' ORDER BY dealer_id, id
"""


async def standing(dealer_ids: Sequence[int]) -> list[Record]:
    """The journal of these dealers and what is open for them (`state`), each in order: all that would count."""
    return await db.fetch(_STANDING, dealer_ids)


_RECORD = """
INSERT INTO limit_proposal (dealer_id, kind, amount, currency, from_on, to_on, reason, before_amount, company_amount,
                            company_rate, rate_as_of, change_amount, policy_version, assessment_id, run_id, raise_id,
                            approvals_needed, total_before, total_after, need_policy,
                            state, proposer_id, proposer, proposed_at, posting_id)
SELECT u.*, 'open', $21, $22, $23, $24
FROM unnest($1::bigint[], $2::text[], $3::numeric[], $4::text[], $5::date[], $6::date[], $7::text[], $8::numeric[],
            $9::numeric[], $10::numeric[], $11::date[], $12::numeric[], $13::integer[], $14::bigint[], $15::bigint[],
            $16::bigint[], $17::integer[], $18::numeric[], $19::numeric[], $20::integer[])
     AS u
RETURNING id, dealer_id
"""
_NAMES = (
    "dealer_id", "kind", "amount", "currency", "from_on", "to_on", "reason", "before_amount", "company_amount",
    "company_rate", "rate_as_of", "change_amount", "policy_version", "assessment_id", "run_id", "raise_id",
)  # fmt: skip


async def record_proposals(
    proposals: Sequence[NewProposal], proposer: tuple[int | None, str], at: datetime, posting_id: int
) -> dict[int, int]:
    """New open proposals; the id of each by its dealer. The proposer is a person or, without an id, a machine."""
    columns = [[getattr(each, name) for each in proposals] for name in _NAMES]
    needs = _columns_of([each.need for each in proposals])
    rows = await db.fetch(_RECORD, *columns, *needs, *proposer, at, posting_id)
    return {row["dealer_id"]: row["id"] for row in rows}


async def record_runs(links: Sequence[tuple[int, int | None, int, int | None]]) -> None:
    """Proposals that stand for a run: dealer, run, proposal, and the assessment of the run behind it."""
    columns = [list(column) for column in zip(*links, strict=True)]
    await db.execute(
        "INSERT INTO run_proposal (dealer_id, run_id, proposal_id, assessment_id)"
        " SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])",
        *columns,
    )


def _columns_of(needs: Sequence[Need | None]) -> list[list[object]]:
    names = ("approvals", "before", "after", "policy_version")
    return [[getattr(need, name, None) for need in needs] for name in names]


# The last run that made or kept the proposal `l`, and the assessment behind it.
_LAST_RUN = """LEFT JOIN LATERAL (
    SELECT r.run_id, r.assessment_id FROM run_proposal r
    WHERE r.dealer_id = l.dealer_id AND r.proposal_id = l.id ORDER BY r.run_id DESC LIMIT 1
) AS last ON true"""
_RESTS_ON = "coalesce(last.assessment_id, l.assessment_id) AS rests_on"

_PROPOSALS = f"""
SELECT l.id, l.dealer_id, d.code AS dealer, d.name, d.type, d.status, d.currency AS dealer_currency,
       l.kind, l.amount, l.currency, l.from_on, l.to_on, l.reason,
       l.assessment_id, l.run_id, l.before_amount, l.company_amount, l.company_rate, l.rate_as_of, l.change_amount,
       coalesce(abs(l.change_amount), 'Infinity') AS size, l.raise_id, l.policy_version,
       l.approvals_needed, l.total_before, l.total_after, l.need_policy, l.state,
       l.proposer_id, l.proposer, l.proposed_at,
       opening.recorded_at, closing.recorded_at AS closed_at, closing.actor AS closed_by,
       coalesce(votes.approvals, '{{}}') AS approvals, coalesce(votes.approver_ids, '{{}}') AS approver_ids,
       territory.name AS territory_name,
       {_RESTS_ON}, last.run_id AS last_run
FROM limit_proposal l
JOIN dealer d ON d.id = l.dealer_id
LEFT JOIN territory ON territory.id = d.territory_id
JOIN posting opening ON opening.id = l.posting_id
LEFT JOIN posting closing ON closing.id = l.closed_by
LEFT JOIN LATERAL (
    SELECT array_agg(v.person ORDER BY v.at) AS approvals, array_agg(v.person_id ORDER BY v.at) AS approver_ids
    FROM limit_vote v WHERE v.dealer_id = l.dealer_id AND v.proposal_id = l.id AND v.vote = 'approve'
) AS votes ON true
{_LAST_RUN}
"""


_OF_DEALER = f"""
SELECT told.*, (
    SELECT jsonb_agg(jsonb_build_object('person', v.person, 'vote', v.vote, 'reason', v.reason) ORDER BY v.at)
    FROM limit_vote v JOIN posting p ON p.id = v.posting_id
    WHERE v.dealer_id = told.dealer_id AND v.proposal_id = told.id AND {known("$2")}
) AS words
FROM ({_PROPOSALS} WHERE l.dealer_id = $1 AND {known("$2", "opening")}) AS told ORDER BY told.id DESC
"""


async def proposals_of(proposal_ids: Sequence[int]) -> list[Record]:
    """These proposals with their approvals, as far as the asker may know of their dealers."""
    return await db.fetch(f"{_PROPOSALS} WHERE l.id = ANY ($1::bigint[])", proposal_ids)


async def proposals_of_dealer(dealer_id: int, known_at: datetime | None) -> list[Record]:
    """All proposals of a dealer that were known at the moment, the latest first, each as it stands now.

    `words` are the votes on it that were known then, in order; null where there was none.
    """
    return await db.fetch(_OF_DEALER, dealer_id, known_at)


async def open_limits(dealer_ids: Sequence[int]) -> list[Record]:
    """The open proposals of a limit for these dealers, with their approvals."""
    return await db.fetch(
        f"{_PROPOSALS} WHERE l.dealer_id = ANY ($1::bigint[]) AND l.kind = 'base' AND l.state = 'open'", dealer_ids
    )


_LAST_REFUSED = f"""
SELECT l.dealer_id, l.id, l.amount, l.currency, {_RESTS_ON}, v.person, v.reason
FROM (
    SELECT DISTINCT ON (l.dealer_id) l.dealer_id, l.id, l.amount, l.currency, l.assessment_id, l.state
    FROM limit_proposal l
    WHERE l.dealer_id = ANY ($1::bigint[]) AND l.kind = 'base' AND l.state IN ('approved', 'refused')
    ORDER BY l.dealer_id, l.id DESC
) AS l
JOIN limit_vote v ON v.dealer_id = l.dealer_id AND v.proposal_id = l.id AND v.vote = 'refuse'
{_LAST_RUN}
WHERE l.state = 'refused' AND l.assessment_id IS NOT NULL
"""


async def last_refused(dealer_ids: Sequence[int]) -> list[Record]:
    """Of those dealers whose last decided proposal of a computed limit was refused: it, by whom and why.

    What it rested on is what the last run gave that kept it: these figures were refused.
    """
    return await db.fetch(_LAST_REFUSED, dealer_ids)


def can_come_into_force(proposal: str, dealer: str, today: str) -> str:
    """SQL: approving this open proposal today is not in vain by the dealer's status or by the day of its end."""
    refused = ", ".join(f"'{status}'" for status in WITHOUT_LIMIT)
    return f"""(
      ({proposal}.to_on IS NULL OR {proposal}.to_on > greatest({proposal}.from_on, {today}))
      AND ({proposal}.kind NOT IN ('base', 'temporary') OR {proposal}.from_on > {today}
           OR {dealer}.status NOT IN ({refused})))"""


_QUEUE = f"""
{_PROPOSALS}
WHERE ($1::text IS NULL OR l.state = $1) AND ($2::text IS NULL OR l.kind = $2)
  AND ($3::bigint IS NULL OR EXISTS (SELECT FROM run_proposal r
       WHERE r.run_id = $3 AND r.dealer_id = l.dealer_id AND r.proposal_id = l.id))
  AND ($4::text IS NULL OR d.code = (SELECT dealer_meant($4)))
  AND ($5::bigint IS NULL OR d.territory_id IN (SELECT territory_id FROM territory_tree WHERE ancestor_id = $5))
  AND ($6::text IS NULL OR strpos(lower(d.code || ' ' || d.name), lower($6)) > 0
       OR strpos(lower(d.code), (SELECT code_key($6))) > 0)
  AND ($7::bigint IS NULL OR (l.proposer_id <> $7 AND NOT $7 = ANY (coalesce(votes.approver_ids, '{{}}'))))
  AND ($8::boolean IS NULL OR {can_come_into_force("l", "d", "$9::date")} = $8)
"""


@dataclass(frozen=True, slots=True)
class Queue:
    """Which proposals are asked for; None leaves a question open.

    `decidable_by` leaves away what this person proposed or has approved; `alive` asks for those that can still come
    into force when they are approved `today`, or for the others.
    """

    state: str | None = "open"
    kind: str | None = None
    run_id: int | None = None
    dealer: str | None = None
    territory_id: int | None = None
    text: str | None = None
    decidable_by: int | None = None
    alive: bool | None = None
    today: date | None = None


async def proposals(asked: Queue, wanted: Wanted = ALL) -> Page[Record]:
    """Proposals, the biggest change in company currency first, those without a rate before all."""
    return await page_of(_QUEUE, astuple(asked), PROPOSALS, wanted)


async def open_of_run(run_id: int) -> list[Record]:
    """All open proposals that stand for a run, in the same order, however many."""
    return await db.fetch(f"{_QUEUE} ORDER BY size DESC, id DESC", *astuple(Queue(run_id=run_id)))


_WAITING = f"""
SELECT count(*) FROM limit_proposal l JOIN dealer d ON d.id = l.dealer_id
WHERE l.state = 'open' AND {can_come_into_force("l", "d", "$1::date")}
"""


async def open_count(today: date) -> int:
    """How many proposals in scope wait for a decision that can put them into force."""
    count: int = await db.fetchval(_WAITING, today)
    return count


_VOTE = """
WITH given AS MATERIALIZED (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::integer[], $5::numeric[], $6::numeric[],
                         $7::integer[]) AS u (dealer_id, id, state, needed, before, after, policy)
), voted AS (
    INSERT INTO limit_vote (dealer_id, proposal_id, person_id, person, vote, reason, at, posting_id)
    SELECT dealer_id, id, $8, $9, $10, $11, $12, $13 FROM given
)
UPDATE limit_proposal l SET
    state = g.state, closed_by = CASE WHEN g.state <> 'open' THEN $13::bigint END,
    approvals_needed = coalesce(g.needed, l.approvals_needed), need_policy = coalesce(g.policy, l.need_policy),
    total_before = CASE WHEN g.needed IS NULL THEN l.total_before ELSE g.before END,
    total_after = CASE WHEN g.needed IS NULL THEN l.total_after ELSE g.after END
FROM given g WHERE l.dealer_id = g.dealer_id AND l.id = g.id AND l.state = 'open'
"""


@dataclass(frozen=True, slots=True)
class Voted:
    """An open proposal that is voted on: its state afterwards, and what was counted for it, if anything was."""

    dealer_id: int
    proposal_id: int
    state: str
    need: Need | None = None


async def record_votes(
    votes: Sequence[Voted], vote: str, person: tuple[int, str], reason: str, at: datetime, posting_id: int
) -> None:
    """One person's word on these proposals, each of which is closed by it or waits on; what was counted is kept."""
    given = [[each.dealer_id for each in votes], [each.proposal_id for each in votes], [each.state for each in votes]]
    counts = _columns_of([each.need for each in votes])
    await db.change_exactly(len(votes), _VOTE, *given, *counts, *person, vote, reason, at, posting_id)


async def close_proposals(dealer_ids: Sequence[int], proposal_ids: Sequence[int], state: str, posting_id: int) -> None:
    """Nothing more is decided about these open proposals."""
    await db.change_exactly(
        len(proposal_ids),
        "UPDATE limit_proposal l SET state = $3, closed_by = $4"
        " FROM unnest($1::bigint[], $2::bigint[]) AS u (dealer_id, id)"
        " WHERE l.dealer_id = u.dealer_id AND l.id = u.id AND l.state = 'open'",
        dealer_ids,
        proposal_ids,
        state,
        posting_id,
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
