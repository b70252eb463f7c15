"""Proposals, the words on them, and the runs that they stand for."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import itemgetter

from asyncpg import Record

from channel.consent.queries import COLUMNS, OF_DEALERS, can_come_about, his_to_decide, joined
from channel.consent.rules import Row, State
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

    @property
    def about(self) -> str:
        """Of what one proposal of a dealer may be open: of each kind, and of each raise its end."""
        return self.kind if self.raise_id is None else f"{self.kind} {self.raise_id}"


LIMIT = "limit"
"""What a proposal is among all that waits for a second person's word."""

_STANDING = f"""
SELECT NULL AS state, c.dealer_id, c.id, c.kind, c.amount, c.currency, c.from_on, c.to_on, c.ends_id, NULL AS raise_id
FROM credit_limit c WHERE c.dealer_id = ANY ($1::bigint[])
UNION ALL
SELECT r.state, l.dealer_id, l.id, l.kind, l.amount, l.currency, l.from_on, l.to_on, NULL, l.raise_id
FROM request_dealer r JOIN limit_proposal l ON l.dealer_id = r.dealer_id AND l.id = r.id
WHERE r.dealer_id = ANY ($1::bigint[]) AND r.kind = '{LIMIT}' AND r.state = 'open' ORDER BY dealer_id, id
"""


async def standing(dealer_ids: Sequence[int]) -> list[Record]:
    """The journal of these dealers and what is open for them (`state`), each in order: all that would count."""
    return await db.fetch(_STANDING, dealer_ids)


_NAMES = (
    "dealer_id", "kind", "amount", "currency", "from_on", "to_on", "before_amount", "company_amount",
    "company_rate", "rate_as_of", "change_amount", "policy_version", "assessment_id", "run_id", "raise_id",
)  # fmt: skip
_RECORD = f"""
INSERT INTO limit_proposal (id, {", ".join(_NAMES)})
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::numeric[], $5::text[], $6::date[], $7::date[],
                     $8::numeric[], $9::numeric[], $10::numeric[], $11::date[], $12::numeric[], $13::integer[],
                     $14::bigint[], $15::bigint[], $16::bigint[])
"""


async def record_proposals(proposals: Sequence[NewProposal], numbers: Sequence[int]) -> None:
    """What requests under these numbers, one for each, are about."""
    columns = [[getattr(each, name) for each in proposals] for name in _NAMES]
    await db.execute(_RECORD, numbers, *columns)


async def record_runs(links: Sequence[tuple[int, int | None, int, int | None]]) -> None:
    """Proposals that stand for a run: dealer, run, proposal, and the assessment of the run behind it."""
    columns = [list(column) for column in zip(*links, strict=True)]
    await db.execute(
        "INSERT INTO run_proposal (dealer_id, run_id, proposal_id, assessment_id)"
        " SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])",
        *columns,
    )


# The last run that made or kept the proposal `l`, and the assessment behind it.
_LAST_RUN = """LEFT JOIN LATERAL (
    SELECT r.run_id, r.assessment_id FROM run_proposal r
    WHERE r.dealer_id = l.dealer_id AND r.proposal_id = l.id ORDER BY r.run_id DESC LIMIT 1
) AS last ON true"""
_RESTS_ON = "coalesce(last.assessment_id, l.assessment_id) AS rests_on"

_PROPOSALS = f"""
SELECT r.id, r.dealer_id, d.code AS dealer, d.name, d.type, d.status, d.currency AS dealer_currency,
       l.kind, l.amount, l.currency, l.from_on, l.to_on,
       l.assessment_id, l.run_id, l.before_amount, l.company_amount, l.company_rate, l.rate_as_of, l.change_amount,
       coalesce(r.size, 'Infinity') AS size, l.raise_id, l.policy_version,
       {COLUMNS}, territory.name AS territory_name, {_RESTS_ON}, last.run_id AS last_run
FROM request_dealer r
JOIN limit_proposal l ON l.dealer_id = r.dealer_id AND l.id = r.id
JOIN dealer d ON d.id = r.dealer_id
LEFT JOIN territory ON territory.id = d.territory_id
{joined(OF_DEALERS)}
{_LAST_RUN}
"""

_LINE = ("id", "kind", "amount", "currency", "from_on", "to_on", "ends_id")
_OF_ITS_PROPOSAL = (
    "reason", "proposer", "proposed_at", "assessment_id", "company_amount", "company_rate", "approvals_needed", "votes",
)  # fmt: skip
# A proposal comes with the lines that it brought into the journal, once for each of them.
_HISTORY = f"""
SELECT told.*, (
    SELECT jsonb_agg(jsonb_build_object('person', v.person, 'vote', v.vote, 'reason', v.reason) ORDER BY v.at)
    FROM vote_dealer v JOIN posting p ON p.id = v.posting_id
    WHERE v.dealer_id = told.dealer_id AND v.request_id = told.id AND {known("$2")}
) AS words, (
    SELECT array_agg(v.person || ': ' || v.reason ORDER BY v.at) FROM vote_dealer v
    WHERE v.dealer_id = told.dealer_id AND v.request_id = told.id
) AS votes, {", ".join(f"c.{name} AS line_{name}" for name in _LINE)}, p.recorded_at AS line_recorded_at,
    {known("$2", "opening")} AS known
FROM ({_PROPOSALS} WHERE r.dealer_id = $1) AS told
JOIN request_dealer asked ON asked.dealer_id = told.dealer_id AND asked.id = told.id
JOIN posting opening ON opening.id = asked.posting_id
LEFT JOIN credit_limit c ON c.dealer_id = told.dealer_id AND c.proposal_id = told.id
LEFT JOIN posting p ON p.id = c.posting_id
ORDER BY told.id DESC
"""


@dataclass(frozen=True, slots=True)
class LimitHistory:
    """A dealer's journal of limits, who proposed and approved each line and why, and his proposals; the latest first.

    All are as they stand now. `words` of a proposal are the votes on it that were known at the moment for which the
    history was asked, in order, null where there was none; it and a line were known then if they are `known`.
    """

    journal: tuple[Row, ...]
    proposals: tuple[Row, ...]

    @property
    def known(self) -> "LimitHistory":
        """What of it was known at the moment."""
        return LimitHistory(
            tuple(row for row in self.journal if row["known"]), tuple(row for row in self.proposals if row["known"])
        )

    @property
    def open(self) -> list[Row]:
        """The proposals that wait now."""
        return [row for row in self.proposals if row["state"] == State.OPEN]

    @property
    def standing(self) -> list[Row]:
        """All that would count now, as `standing` tells it."""
        return [*self.journal[::-1], *self.open[::-1]]


async def proposals_of(proposal_ids: Sequence[int]) -> list[Record]:
    """These proposals with their approvals, as far as the asker may know of their dealers."""
    return await db.fetch(f"{_PROPOSALS} WHERE r.id = ANY ($1::bigint[])", proposal_ids)


async def history_of(dealer_id: int, known_at: datetime | None) -> LimitHistory:
    """The history of a dealer's limits, with what of it was known at the moment."""
    rows = await db.fetch(_HISTORY, dealer_id, known_at)
    lines = sorted((row for row in rows if row["line_id"] is not None), key=itemgetter("line_id"), reverse=True)
    return LimitHistory(
        tuple(_line(row, known_at) for row in lines), tuple({row["id"]: _proposal(row) for row in rows}.values())
    )


def _proposal(row: Record) -> Row:
    return {name: value for name, value in row.items() if not name.startswith("line_")}


def _line(row: Record, known_at: datetime | None) -> Row:
    at = row["line_recorded_at"]
    return {
        "state": None,
        "dealer_id": row["dealer_id"],
        **{name: row[f"line_{name}"] for name in _LINE},
        "recorded_at": at,
        "known": known_at is None or (at is not None and at <= known_at),
        "proposal_id": row["id"],
        **{name: row[name] for name in _OF_ITS_PROPOSAL},
    }


async def open_limits(dealer_ids: Sequence[int]) -> list[Record]:
    """The open proposals of a limit for these dealers, with their approvals."""
    return await db.fetch(
        f"{_PROPOSALS} WHERE r.dealer_id = ANY ($1::bigint[]) AND r.kind = '{LIMIT}' AND r.about = 'base'"
        " AND r.state = 'open'",
        dealer_ids,
    )


_LAST_REFUSED = f"""
SELECT l.dealer_id, l.id, l.amount, l.currency, {_RESTS_ON}, v.person, v.reason
FROM (
    SELECT DISTINCT ON (r.dealer_id) r.dealer_id, r.id, l.amount, l.currency, l.assessment_id, r.state
    FROM request_dealer r JOIN limit_proposal l ON l.dealer_id = r.dealer_id AND l.id = r.id
    WHERE r.dealer_id = ANY ($1::bigint[]) AND r.kind = '{LIMIT}' AND r.about = 'base'
      AND r.state IN ('approved', 'refused')
    ORDER BY r.dealer_id, r.id DESC
) AS l
JOIN vote_dealer v ON v.dealer_id = l.dealer_id AND v.request_id = l.id AND v.vote = 'refuse'
{_LAST_RUN}
WHERE l.state = 'refused' AND l.assessment_id IS NOT NULL
"""


async def last_refused(dealer_ids: Sequence[int]) -> list[Record]:
    """Of those dealers whose last decided proposal of a computed limit was refused: it, by whom and why.

    What it rested on is what the last run gave that kept it: these figures were refused.
    """
    return await db.fetch(_LAST_REFUSED, dealer_ids)


def allowed_by_status(today: str) -> str:
    """SQL: that the status of the dealer is none that would make approving the open request `r` today vain."""
    refused = ", ".join(f"'{status}'" for status in WITHOUT_LIMIT)
    return (
        f"EXISTS (SELECT FROM dealer o WHERE o.id = r.dealer_id AND (o.status NOT IN ({refused})"
        " OR EXISTS (SELECT FROM limit_proposal w WHERE w.dealer_id = r.dealer_id AND w.id = r.id"
        f" AND (w.kind NOT IN ('base', 'temporary') OR w.from_on > {today}))))"
    )


_QUEUE = f"""
{_PROPOSALS}
WHERE r.kind = '{LIMIT}' AND ($1::text IS NULL OR r.state = $1) AND ($2::text IS NULL OR l.kind = $2)
  AND ($3::bigint IS NULL OR EXISTS (SELECT FROM run_proposal o
       WHERE o.run_id = $3 AND o.dealer_id = r.dealer_id AND o.proposal_id = r.id))
  AND ($4::text IS NULL OR d.code = (SELECT dealer_meant($4)))
  AND ($5::bigint IS NULL OR d.territory_id IN (SELECT territory_id FROM territory_tree WHERE ancestor_id = $5))
  AND ($6::text IS NULL OR strpos(lower(d.code || ' ' || d.name), lower($6)) > 0
       OR strpos(lower(d.code), (SELECT code_key($6))) > 0)
  AND ($7::bigint IS NULL OR {his_to_decide(OF_DEALERS, "$7")})
  AND ($8::boolean IS NULL OR {can_come_about("$9::date", allowed_by_status)} = $8)
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
