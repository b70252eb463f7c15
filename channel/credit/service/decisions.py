"""Deciding about proposals, one or all of a run: the accounts are locked before anything is looked at."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import itemgetter

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.queries import DealerAct
from channel.access.rules import Person, Right, require
from channel.acts import Why
from channel.consent.rules import the_person
from channel.credit.acts import ApproveRun, DecideLimit
from channel.credit.queries import limits as limit_queries
from channel.credit.queries import proposals as queries
from channel.credit.queries.limits import JournalLine
from channel.credit.queries.proposals import Voted
from channel.credit.rules import Need, approvals_missing, refused_approver, takes_force_on
from channel.credit.rules.stale import Stale
from channel.credit.service.limit_spans import keep_spans
from channel.credit.service.limits import Told, told
from channel.credit.service.needs import JOURNAL_KINDS, Counted, Row, counted
from channel.credit.service.proposals import Skipped, refused_by_status, runs_on, state_of
from channel.credit.service.stale import stale_of_these
from channel.database import db
from channel.errors import Conflict, FieldError, Forbidden, Message, NotFound, Refused, m

_BATCH = 500
_NOBODY = 0
"""The number of no person."""
# The acts by their names in the trail, which is read in either language.
_APPROVE, _REFUSE, _WITHDRAW = "approve limit", "refuse limit", "withdraw limit"


@dataclass(frozen=True, slots=True)
class Approved:
    """What an approval came to: `in_force` by it, or another one is needed.

    `held` and `stale` are what it rested on: the proposal is told from them as it stands now (`as_told`).
    """

    proposal_id: int
    in_force: bool
    held: Counted
    stale: Mapping[int, tuple[Stale, ...]]

    async def as_told(self) -> Told:
        """The proposal after the approval."""
        (row,) = await told(await queries.proposals_of([self.proposal_id]), self.held, self.stale)
        return row


async def approve_proposal(person: Person, proposal_id: int, act: DecideLimit) -> Approved:
    """Approve; `in_force` when that was the last approval needed and the journal has a new line.

    How many are needed is counted anew under the lock, see `rules.need_of`. Refused to the proposer, to whoever has
    approved already, when the proposal is no longer open, and when the limit in force or the dealer's currency has
    changed since it was proposed. It counts from its day, but never from one that is over at the last approval; what
    would have ended by then is refused. A limit that was computed from what has changed since is approved only by
    whoever names what has (`act.although`).
    """
    require(person, Right.DECIDE_LIMIT)
    (outcome,), held, stale = await _approve(person, [proposal_id], act.reason, act.although)
    if isinstance(outcome, Refused):
        raise outcome
    return Approved(proposal_id, outcome, held, stale)


async def refuse_proposal(person: Person, proposal_id: int, act: Why) -> Record:
    """Refuse; one refusal is enough. The proposal as it was."""
    require(person, Right.DECIDE_LIMIT)
    person_id, _ = the_person(person)
    async with db.transaction():
        row = await _locked(proposal_id)
        if person_id == row["proposer_id"]:
            raise Forbidden(m("Nobody refuses what he proposed; withdraw it."))
        if person_id in row["approver_ids"]:
            raise Conflict(m("You have approved this already."))
        posting_id = await access.open_posting(person, _REFUSE)
        votes = [Voted(row["dealer_id"], row["id"], "refused")]
        await queries.record_votes(votes, "refuse", the_person(person), act.reason, clock.now(), posting_id)
        await access.audit_each(person, _REFUSE, [_line(row, act.reason, "refused")], posting_id)
    return row


async def withdraw_proposal(person: Person, proposal_id: int, act: Why) -> Record:
    """Take back what one has proposed. The proposal as it was."""
    require(person, Right.PROPOSE_LIMIT)
    person_id, _ = the_person(person)
    async with db.transaction():
        row = await _locked(proposal_id)
        if person_id != row["proposer_id"]:
            raise Forbidden(m("Only the proposer takes a proposal back; another person refuses it."))
        posting_id = await access.open_posting(person, _WITHDRAW)
        await queries.close_proposals([row["dealer_id"]], [row["id"]], "withdrawn", posting_id)
        await access.audit_each(person, _WITHDRAW, [_line(row, act.reason, "withdrawn")], posting_id)
    return row


@dataclass(frozen=True, slots=True)
class Bulk:
    """What the approval of a run would do: the proposals that this person may approve.

    `stale` are others that he might, but one by one: what they were computed from has changed since. `closed` are those
    that nobody can approve any more, with `why`. By `mark` the act knows that they are the ones that were looked at.
    """

    proposals: tuple[Told, ...]
    mark: str
    change: Decimal | None
    come_into_force: int
    left: int
    stale: tuple[Told, ...]
    closed: tuple[Told, ...]

    @property
    def second_needed(self) -> int:
        """How many would wait for another approval afterwards."""
        return len(self.proposals) - self.come_into_force


async def bulk_of(person: Person, run_id: int) -> Bulk:
    """What this person's approval of a run's open proposals would do."""
    require(person, Right.DECIDE_LIMIT)
    person_id, _ = the_person(person)
    rows = await queries.open_of_run(run_id)
    held = await counted(sorted({row["dealer_id"] for row in rows}))
    every = await told(rows, held)
    decidable = [row for row in every if refused_approver(row["proposer_id"], row["approver_ids"], person_id) is None]
    refused = await _refusals(decidable, person_id, held)
    alive = [row for row in decidable if row["id"] not in refused]
    mine = [row for row in alive if not row["stale"]]
    changes = [row["change_amount"] for row in mine]
    return Bulk(
        tuple(mine),
        _mark(mine),
        None if None in changes else sum(changes, Decimal(0)),
        sum(len(row["approver_ids"]) + 1 >= row["approvals_needed"] for row in mine),
        len(every) - len(decidable),
        tuple(row for row in alive if row["stale"]),
        tuple(row | {"why": refused[row["id"]].title} for row in decidable if row["id"] in refused),
    )


def _mark(rows: Iterable[Told]) -> str:
    looked_at = sorted((row["id"], len(row["approver_ids"]), row["approvals_needed"]) for row in rows)
    return hashlib.sha256(repr(looked_at).encode()).hexdigest()[:16]


async def approve_run(person: Person, run_id: int, act: ApproveRun) -> tuple[int, list[Skipped]]:
    """Approve the proposals of a reviewed run, each for itself, locked and audited like a single one, in one act.

    `act.mark` is that of the review: when the proposals are no longer the ones that were looked at, nothing is done.
    How many were approved, and which were not and why.
    """
    bulk = await bulk_of(person, run_id)
    if bulk.mark != act.mark:
        raise Conflict(m("The proposals of this run have changed since you looked at them: look again."))
    approved, skipped = 0, []
    # In the order of the dealers, in which everybody locks their accounts.
    rows = sorted(bulk.proposals, key=itemgetter("dealer_id"))
    db.note_dealers(row["dealer_id"] for row in rows)
    async with db.transaction():
        for start in range(0, len(rows), _BATCH):
            batch = rows[start : start + _BATCH]
            outcomes, _, _ = await _approve(person, [row["id"] for row in batch], act.reason)
            for row, outcome in zip(batch, outcomes, strict=True):
                if isinstance(outcome, Refused):
                    skipped.append(Skipped(row["dealer"], outcome.title))
                else:
                    approved += 1
    return approved, skipped


async def _approve(
    person: Person, proposal_ids: Sequence[int], reason: str, although: Collection[str] = ()
) -> tuple[list[bool | Refused], Counted, Mapping[int, tuple[Stale, ...]]]:
    """One person's approval of these, each for itself: whether it is in force by that, or why it was not given.

    Everything is read under the lock of all their accounts, in a handful of statements whatever their number.
    """
    person_id, _ = the_person(person)
    async with db.transaction():
        await limit_queries.lock_accounts_of(proposal_ids)
        rows = {row["id"]: row for row in await queries.proposals_of(proposal_ids)}
        held = await counted(sorted({row["dealer_id"] for row in rows.values()}))
        refused = await _refusals(rows.values(), person_id, held)
        stale = await stale_of_these(rows.values(), held.policy)
        found = [
            refused.get(each)
            or (NotFound(m("There is no proposal %(id)s.", id=str(each))) if each not in rows else None)
            or _unsaid(stale.get(each, ()), although)
            or held.need_of_open(rows[each])
            for each in proposal_ids
        ]
        agreed = [
            _Agreed(rows[each], need, person_id, held)
            for each, need in zip(proposal_ids, found, strict=True)
            if isinstance(need, Need)
        ]
        await _write(person, agreed, reason)
    complete = {each.row["id"]: each.complete for each in agreed}
    outcomes = [each if isinstance(each, Refused) else complete[n] for n, each in zip(proposal_ids, found, strict=True)]
    return outcomes, held, stale


@dataclass(frozen=True, slots=True)
class _Agreed:
    """A proposal to which this person says yes, and what is needed of it."""

    row: Record
    need: Need
    person_id: int
    held: Counted

    @property
    def complete(self) -> bool:
        """Whether this is the last approval that it needs."""
        approvers = [*self.row["approver_ids"], self.person_id]
        return approvals_missing(self.need.approvals, self.row["proposer_id"], approvers) == 0

    @property
    def line(self) -> JournalLine:
        """What it puts into the journal."""
        row = self.row
        begin = takes_force_on(row["from_on"], self.held.today)
        return JournalLine(
            row["dealer_id"], JOURNAL_KINDS[row["kind"]], row["amount"], row["currency"], begin, row["to_on"],
            row["id"], row["raise_id"],
        )  # fmt: skip


async def _write(person: Person, agreed: Sequence[_Agreed], reason: str) -> None:
    if not agreed:
        return
    posting_id = await access.open_posting(person, _APPROVE)
    votes = [
        Voted(each.row["dealer_id"], each.row["id"], "approved" if each.complete else "open", each.need)
        for each in agreed
    ]
    await queries.record_votes(votes, "approve", the_person(person), reason, clock.now(), posting_id)
    lines = [each.line for each in agreed if each.complete]
    if lines:
        await limit_queries.record_limits(lines, posting_id)
        await keep_spans(sorted({line.dealer_id for line in lines}))
    said = [_line(each.row, reason, "in force" if each.complete else "one approval more", each.need) for each in agreed]
    await access.audit_each(person, _APPROVE, said, posting_id)


async def _locked(proposal_id: int) -> Record:
    """The open proposal as it stands under the lock of the dealer's account."""
    await limit_queries.lock_accounts_of([proposal_id])
    found = await queries.proposals_of([proposal_id])
    if not found:
        raise NotFound(m("There is no proposal %(id)s.", id=str(proposal_id)))
    if found[0]["state"] != "open":
        raise _closed(found[0])
    return found[0]


async def in_vain(row: Told) -> Message | None:
    """Why an open proposal cannot come into force any more, whoever approves it; None where it can, or is decided."""
    if row["state"] != "open":
        return None
    found = await _refusals([row], _NOBODY, await counted([row["dealer_id"]]))
    return found[row["id"]].title if found else None


_STATES = {
    "approved": m("approved"),
    "refused": m("refused"),
    "withdrawn": m("withdrawn"),
    "superseded": m("superseded by a newer proposal"),
    "ended": m("closed, because the cooperation with the dealer has ended"),
}


def _closed(row: Row) -> Conflict:
    return Conflict(m("This proposal is no longer open: it is %(state)s.", state=_STATES[row["state"]]))


async def _refusals(rows: Collection[Row], person_id: int, held: Counted) -> dict[int, Refused]:
    """Which of these this person may not approve, or cannot come into force any more, and why.

    The review asks it as the act does, so that it promises nothing which the act would leave out.
    """
    rising = [row for row in rows if row["kind"] in {"base", "temporary"}]
    closed = await refused_by_status({row["dealer_id"]: takes_force_on(row["from_on"], held.today) for row in rising})
    found = ((row["id"], _refusal(row, person_id, held, closed)) for row in rows)
    return {proposal_id: refused for proposal_id, refused in found if refused is not None}


def _refusal(row: Row, person_id: int, held: Counted, closed: Mapping[int, Message]) -> Refused | None:
    """Why this person may not approve this proposal, or why it cannot come into force any more.

    `closed` says of which dealers the status lets no limit come into force, and why.
    """
    if row["state"] != "open":
        return _closed(row)
    refused = refused_approver(row["proposer_id"], row["approver_ids"], person_id)
    if refused is not None:
        return Forbidden(refused)
    if row["kind"] in {"base", "temporary"} and row["dealer_id"] in closed:
        return Conflict(m("No limit can come into force: %(why)s.", why=closed[row["dealer_id"]]))
    return _out_of_date(row, held)


def _unsaid(stale: Sequence[Stale], although: Collection[str]) -> Conflict | None:
    """The refusal of what has changed since and is not named."""
    unsaid = [each for each in stale if each.cause not in although]
    if not unsaid:
        return None
    causes = ", ".join(each.cause for each in stale)
    return Conflict(
        m("This was computed from what has changed since: assess it again, or approve it although it has."),
        tuple(FieldError("although", each.said, m("%(causes)s", causes=causes)) for each in unsaid),
    )


def _out_of_date(row: Row, held: Counted) -> Conflict | None:
    begin = takes_force_on(row["from_on"], held.today)
    if row["kind"] != "end" and row["dealer_currency"] != row["currency"]:
        text = m("The dealer now trades in %(currency)s: propose the limit again.", currency=row["dealer_currency"])
        return Conflict(text)
    events = held.journal.get(row["dealer_id"], ())
    state, _ = state_of(events, begin)
    if state.base != row["before_amount"]:
        return Conflict(m("The limit in force has changed since this was proposed: propose it again."))
    if row["kind"] == "temporary" and row["to_on"] <= begin:
        return Conflict(m("The raise would have ended already."))
    if row["to_on"] is not None and row["to_on"] <= begin:
        text = m("The limit would be valid until before %(to)s only, which is over: assess it again.", to=row["to_on"])
        return Conflict(text)
    if row["kind"] == "raise_end" and not any(
        each["id"] == row["raise_id"] and runs_on(events, each, begin) for each in events if each["kind"] == "raise"
    ):
        return Conflict(m("The raise has ended already."))
    return None


def _line(row: Row, reason: str, after: str, need: Need | None = None) -> DealerAct:
    counted_on = {} if need is None else {"needs": need.approvals, "total": need.after, "policy": need.policy_version}
    return DealerAct(
        row["dealer_id"],
        f"limit proposal {row['id']}",
        {"in_force": row["before_amount"], "state": row["state"]},
        {"kind": row["kind"], "amount": row["amount"], "currency": row["currency"], "state": after, **counted_on},
        reason,
    )
