"""Deciding about proposals, and what is in force: the account row is locked before anything is looked at."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from asyncpg import Record

from channel import clock, db
from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.credit.queries import inputs as input_queries
from channel.credit.queries import limits as queries
from channel.credit.queries.limits import Queue
from channel.credit.rules import LimitInForce, approvals_missing, refused_approver, takes_force_on
from channel.credit.service.policies import the_person
from channel.credit.service.proposals import Skipped, refused_by_status, runs_on, state_of
from channel.credit.service.spans import keep_spans
from channel.errors import Conflict, Forbidden, Invalid, NotFound, Refused, m

__all__ = [
    "Bulk", "Held", "Queue", "approve_proposal", "approve_run", "bulk_of", "history", "last_reasons", "limit_of",
    "limits_in_force", "open_count", "proposal_of", "proposals", "refuse_proposal", "takes_force", "withdraw_proposal",
]  # fmt: skip

_JOURNAL_KINDS = {"base": "limit", "temporary": "raise", "end": "withdrawal", "raise_end": "raise_end"}


@dataclass(frozen=True, slots=True)
class Held:
    """What is in force for a dealer on a day, in which currency."""

    dealer_id: int
    code: str
    as_of: date
    state: LimitInForce
    currency: str


# The acts by their names in the trail, which is read in either language.
_APPROVE, _REFUSE, _WITHDRAW = "approve limit", "refuse limit", "withdraw limit"


async def limit_of(person: Person, code: str, as_of: date | None = None, known_at: datetime | None = None) -> Held:
    """The limit in force and the raises on top of it, on a day as known at a moment."""
    require(person, Right.SEE_CREDIT)
    dealer = await _dealer(code)
    on = as_of or clock.today()
    state, currency = state_of(await queries.limit_events([dealer["id"]], known_at), on)
    return Held(dealer["id"], code, on, state, currency or dealer["currency"])


async def limits_in_force(
    person: Person, as_of: date | None, ends_before: date | None, after: str | None, limit: int
) -> list[Record]:
    """The limits that hold on a day, or those of them that end before another."""
    require(person, Right.SEE_CREDIT)
    return await queries.limits_in_force(as_of or clock.today(), ends_before, after, limit)


async def proposals(person: Person, asked: Queue, limit: int | None) -> list[Record]:
    """Proposals, the biggest change first."""
    require(person, Right.SEE_CREDIT)
    return await queries.proposals(asked, limit)


async def proposal_of(person: Person, proposal_id: int) -> Record:
    """One proposal."""
    require(person, Right.SEE_CREDIT)
    row = await queries.proposal(proposal_id)
    if row is None:
        raise NotFound(m("There is no proposal %(id)s.", id=proposal_id))
    return row


def takes_force(row: Record) -> date | None:
    """From which day an open proposal would count if it were approved today; None for one that is decided."""
    return takes_force_on(row["from_on"], clock.today()) if row["state"] == "open" else None


async def open_count(person: Person) -> int:
    """How many proposals wait for a decision."""
    require(person, Right.SEE_CREDIT)
    return await queries.open_count()


async def last_reasons(person: Person) -> list[str]:
    """The reasons this person gave last."""
    return [] if person.person_id is None else await queries.last_reasons(person.person_id)


async def history(person: Person, code: str) -> tuple[list[Record], list[Record], list[Record]]:
    """The journal of a dealer's limits, all his proposals, and the words on them: who and why."""
    require(person, Right.SEE_CREDIT)
    dealer = await _dealer(code)
    proposed = await queries.proposals(Queue(state=None, dealer=code), None)
    proposed.sort(key=lambda row: -row["id"])
    spoken = await queries.votes(dealer["id"], [row["id"] for row in proposed])
    return await queries.journal(dealer["id"]), proposed, spoken


async def approve_proposal(person: Person, proposal_id: int, reason: str) -> bool:
    """Approve; True when that was the last approval needed and the journal has a new line.

    Refused to the proposer, to whoever has approved already, when the proposal is no longer open, and when the limit
    in force or the dealer's currency has changed since it was proposed. It counts from its day, but never from one
    that is over at the last approval; what would have ended by then is refused.
    """
    row = await _decidable(person, proposal_id, reason)
    person_id, _ = the_person(person)
    async with db.transaction():
        row = await _locked(row)
        refused = refused_approver(row["proposer_id"], row["approver_ids"], person_id)
        if refused is not None:
            raise Forbidden(refused)
        begin = takes_force_on(row["from_on"], clock.today())
        await _check_current(row, begin)
        posting_id = await access.open_posting(person, _APPROVE)
        await _vote(person, row, "approve", reason, posting_id)
        approvers = [*row["approver_ids"], person_id]
        complete = approvals_missing(row["approvals_needed"], row["proposer_id"], approvers) == 0
        if complete:
            await queries.close_proposal(row["dealer_id"], row["id"], "approved", posting_id)
            await queries.record_limit(
                row["dealer_id"],
                _JOURNAL_KINDS[row["kind"]],
                row["amount"],
                row["currency"],
                (begin, row["to_on"]),
                row["id"],
                posting_id,
                row["raise_id"],
            )
            await keep_spans([row["dealer_id"]])
        await _audit(person, _APPROVE, row, reason, posting_id, "in force" if complete else "one approval more")
    return complete


async def refuse_proposal(person: Person, proposal_id: int, reason: str) -> None:
    """Refuse; one refusal is enough."""
    row = await _decidable(person, proposal_id, reason)
    person_id, _ = the_person(person)
    async with db.transaction():
        row = await _locked(row)
        if person_id == row["proposer_id"]:
            raise Forbidden(m("Nobody refuses what he proposed; withdraw it."))
        if person_id in row["approver_ids"]:
            raise Conflict(m("You have approved this already."))
        posting_id = await access.open_posting(person, _REFUSE)
        await _vote(person, row, "refuse", reason, posting_id)
        await queries.close_proposal(row["dealer_id"], row["id"], "refused", posting_id)
        await _audit(person, _REFUSE, row, reason, posting_id, "refused")


async def withdraw_proposal(person: Person, proposal_id: int, reason: str) -> None:
    """Take back what one has proposed."""
    require(person, Right.PROPOSE_LIMIT)
    row = await proposal_of(person, proposal_id)
    person_id, _ = the_person(person)
    if not reason.strip():
        raise Invalid(m("A reason is needed."))
    async with db.transaction():
        row = await _locked(row)
        if person_id != row["proposer_id"]:
            raise Forbidden(m("Only the proposer takes a proposal back; another person refuses it."))
        posting_id = await access.open_posting(person, _WITHDRAW)
        await queries.close_proposal(row["dealer_id"], row["id"], "withdrawn", posting_id)
        await _audit(person, _WITHDRAW, row, reason, posting_id, "withdrawn")


@dataclass(frozen=True, slots=True)
class Bulk:
    """What the approval of a run would do: the proposals that this person may approve.

    By `mark` the act knows that they are the ones that were looked at.
    """

    proposals: tuple[Record, ...]
    mark: str
    change: Decimal | None
    come_into_force: int
    left: int

    @property
    def second_needed(self) -> int:
        """How many would wait for another approval afterwards."""
        return len(self.proposals) - self.come_into_force


async def bulk_of(person: Person, run_id: int) -> Bulk:
    """What this person's approval of a run's open proposals would do."""
    require(person, Right.DECIDE_LIMIT)
    person_id, _ = the_person(person)
    every = await queries.proposals(Queue(run_id=run_id), None)
    mine = [row for row in every if refused_approver(row["proposer_id"], row["approver_ids"], person_id) is None]
    ids = ",".join(f"{row['id']}:{len(row['approver_ids'])}" for row in sorted(mine, key=lambda row: row["id"]))
    changes = [row["change_amount"] for row in mine]
    return Bulk(
        tuple(mine),
        hashlib.sha256(ids.encode()).hexdigest()[:16],
        None if None in changes else sum(changes, Decimal(0)),
        sum(len(row["approver_ids"]) + 1 >= row["approvals_needed"] for row in mine),
        len(every) - len(mine),
    )


async def approve_run(person: Person, run_id: int, mark: str, reason: str) -> tuple[int, list[Skipped]]:
    """Approve the proposals of a reviewed run, each in its own transaction, locked and audited like a single one.

    `mark` is that of the review: when the proposals are no longer the ones that were looked at, nothing is done.
    How many were approved, and which were not and why.
    """
    bulk = await bulk_of(person, run_id)
    if not reason.strip():
        raise Invalid(m("A reason is needed."))
    if bulk.mark != mark:
        raise Conflict(m("The proposals of this run have changed since you looked at them: look again."))
    approved, skipped = 0, []
    for row in bulk.proposals:
        try:
            await approve_proposal(person, row["id"], reason)
        except Refused as refused:
            skipped.append(Skipped(row["code"], refused.title))
        else:
            approved += 1
    return approved, skipped


async def _dealer(code: str) -> Record:
    rows = await input_queries.dealers_asked([code], None)
    if not rows:
        raise NotFound(m("There is no dealer %(code)s.", code=code))
    return rows[0]


async def _decidable(person: Person, proposal_id: int, reason: str) -> Record:
    row = await proposal_of(person, proposal_id)
    require(person, Right.DECIDE_LIMIT)
    if not reason.strip():
        raise Invalid(m("A reason is needed."))
    return row


async def _locked(row: Record) -> Record:
    """The proposal as it stands under the lock of the dealer's account."""
    await queries.lock_accounts([row["dealer_id"]])
    found = await queries.proposal(row["id"])
    if found is None:
        raise NotFound(m("There is no proposal %(id)s.", id=row["id"]))
    if found["state"] != "open":
        raise Conflict(m("This proposal is no longer open: it is %(state)s.", state=_STATES[found["state"]]))
    return found


_STATES = {
    "approved": m("approved"),
    "refused": m("refused"),
    "withdrawn": m("withdrawn"),
    "superseded": m("superseded by a newer proposal"),
    "ended": m("closed, because the cooperation with the dealer has ended"),
}


async def _check_current(row: Record, begin: date) -> None:
    dealer = await _dealer(row["code"])
    if row["kind"] != "end" and dealer["currency"] != row["currency"]:
        raise Conflict(
            m("The dealer now trades in %(currency)s: propose the limit again.", currency=dealer["currency"])
        )
    closed = await refused_by_status({row["dealer_id"]: begin}) if row["kind"] in {"base", "temporary"} else {}
    if closed:
        raise Conflict(m("No limit can come into force: %(why)s.", why=closed[row["dealer_id"]]))
    events = await queries.limit_events([row["dealer_id"]], None)
    state, _ = state_of(events, begin)
    if state.base != row["before_amount"]:
        raise Conflict(m("The limit in force has changed since this was proposed: propose it again."))
    if row["kind"] == "temporary" and row["to_on"] <= begin:
        raise Conflict(m("The raise would have ended already."))
    if row["to_on"] is not None and row["to_on"] <= begin:
        text = m("The limit would be valid until before %(to)s only, which is over: assess it again.", to=row["to_on"])
        raise Conflict(text)
    if row["kind"] == "raise_end" and not any(
        each["id"] == row["raise_id"] and runs_on(events, each, begin) for each in events if each["kind"] == "raise"
    ):
        raise Conflict(m("The raise has ended already."))


async def _vote(person: Person, row: Record, vote: str, reason: str, posting_id: int) -> None:
    await queries.record_vote(
        row["dealer_id"], row["id"], the_person(person), vote, reason.strip(), clock.now(), posting_id
    )


async def _audit(person: Person, act: str, row: Record, reason: str, posting_id: int, after: str) -> None:
    await access.audit(
        person,
        act,
        f"limit proposal {row['id']}",
        dealer_ids=[row["dealer_id"]],
        before={"in_force": row["before_amount"], "state": row["state"]},
        after={"kind": row["kind"], "amount": row["amount"], "currency": row["currency"], "state": after},
        reason=reason.strip(),
        posting_id=posting_id,
    )
