"""Proposals, decisions and limits in force over the API."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Self

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from channel import clock, web
from channel.access.rules import Person, Right, require
from channel.acts import Why
from channel.consent.rules import Row
from channel.consent.service import refuse, withdraw
from channel.credit.acts import ApproveRun, DecideLimit, ProposeLimit
from channel.credit.api.assessments import Skip
from channel.credit.api.decision_told import AnyRequest, Done, told
from channel.credit.lists import IN_FORCE, JOURNAL, PROPOSALS
from channel.credit.queries.limits import InForce, limits_in_force
from channel.credit.rules.choices import TAX_SAID
from channel.credit.service import decisions, limits
from channel.credit.service import proposals as proposing
from channel.credit.service.exposure import Usage
from channel.credit.service.limits import HeldLimit, Queue, Told
from channel.credit.service.weighing import LIMITS
from channel.lists import Page, Wanted
from channel.view import View


class StaleTold(msgspec.Struct):
    """Something that has changed since a limit was computed: by `cause` an approval names it."""

    cause: str
    said: str | None


def stale_told(row: Told, request: AnyRequest) -> list[StaleTold]:
    """What has changed since the limit of a proposal was computed, in the words of whoever asked."""
    return [StaleTold(each.cause, told(each.said, request)) for each in row["stale"]]


class ProposalRow(msgspec.Struct):
    """A proposal; `change_amount` and `company_amount` are in company currency, null without a rate.

    `from_on` is the day it was computed as of, or that was asked for; approved today it would count from
    `takes_force_on`, which is never a day that is over. Null once it is decided: the journal tells from when it counts.
    `status` is the dealer's of today. An end that came with the end of the cooperation needs no approvals.
    `stale` says what has changed since it was computed: grade, terms, currency, policy, reports of its
    months, or statements, scores and targets that give another limit (`figures`).
    `policy_version` is the policy under which it was proposed. `approvals_needed` is counted anew at every vote, under
    the policy of that day (`need_policy`, `need_why`), for the greatest total of any day from its first on, all that is
    in force or open counted: `total_before` without it, `total_after` with it, both in company currency.
    """

    id: int
    dealer: str
    name: str
    status: str
    kind: str
    amount: Decimal | None
    currency: str
    from_on: date
    takes_force_on: date | None
    to_on: date | None
    raise_id: int | None
    reason: str
    before_amount: Decimal | None
    company_amount: Decimal | None
    company_rate: Decimal | None
    change_amount: Decimal | None
    policy_version: int | None
    total_before: Decimal | None
    total_after: Decimal | None
    approvals_needed: int
    need_policy: int | None
    need_why: str | None
    stale: list[StaleTold]
    approvals: list[str]
    state: str
    proposer: str
    proposed_at: datetime
    assessment_id: int | None
    run_id: int | None
    closed_at: datetime | None
    closed_by: str | None

    @classmethod
    def of(cls, row: Told, request: AnyRequest) -> Self:
        """From the proposal as it is told."""
        begin = limits.takes_force(row)
        own: dict[str, Any] = {
            "takes_force_on": begin, "need_why": told(row["need_why"], request),
            "stale": stale_told(row, request),
        }  # fmt: skip
        return cls(**own, **{name: row[name] for name in cls.__struct_fields__ if name not in own})


class Proposed(msgspec.Struct):
    """The number of the new proposal."""

    id: int


class LimitRow(msgspec.Struct):
    """The limit that holds for a dealer on the day, without raises."""

    dealer: str
    name: str
    amount: Decimal
    currency: str
    from_on: date
    to_on: date | None
    company_amount: Decimal | None


class RaiseRow(msgspec.Struct):
    """A raise that holds, by its number in the journal; `to_on` is its early end where it has one."""

    id: int
    amount: Decimal | None
    from_on: date
    to_on: date | None


class OwedPart(msgspec.Struct):
    """What the dealer owes in one currency: open items, money on account, and bills that have not matured."""

    currency: str
    open: Decimal
    on_account: Decimal
    bills: Decimal


class ExposureTold(msgspec.Struct):
    """What the dealer owes, in the currency of the limit, and how much of the limit in force that takes.

    `balance` is open items less money on account; `amount` is the balance and the bills. All three are null where it is
    not known, and `unknown` says why: no receivables are kept, or a currency has no rate. `share` is a fraction of the
    limit with its raises and `headroom` the rest of it, null also where no limit is in force. `basis` says that limits
    come from net sales while exposure has tax.
    """

    currency: str
    amount: Decimal | None
    balance: Decimal | None
    bills: Decimal | None
    share: Decimal | None
    headroom: Decimal | None
    parts: list[OwedPart]
    unknown: str | None
    basis: str | None

    @classmethod
    def of(cls, usage: Usage, currency: str, request: AnyRequest) -> Self:
        """From what of the limit is used."""
        exposure, used = usage.exposure, usage.used
        whole = (None, None, None) if exposure is None else (exposure.amount, exposure.balance, exposure.bills)
        parts = () if exposure is None else exposure.parts
        return cls(
            currency, *whole, None if used is None else used.share, None if used is None else used.headroom,
            [OwedPart(each.currency, each.open, each.on_account, each.bills) for each in parts],
            told(usage.unknown, request), told(TAX_SAID, request),
        )  # fmt: skip


class LimitHeld(msgspec.Struct):
    """What is in force: `base` without raises, `total` with them; both null unless the state is in_force.

    `exposure` is null to whoever may not see receivables.
    """

    dealer: str
    as_of: date
    state: str
    currency: str
    base: Decimal | None
    total: Decimal | None
    raises: list[RaiseRow]
    since: date | None
    until: date | None
    days_left: int | None
    exposure: ExposureTold | None

    @classmethod
    def of(cls, held: HeldLimit, usage: Usage | None, request: AnyRequest) -> Self:
        """From what is in force and what of it is used."""
        state = held.state
        return cls(
            held.code, held.as_of, state.state.value, held.currency, state.base, state.total,
            [RaiseRow(each.place, each.amount, each.from_on, each.to_on) for each in state.raises],
            state.since, state.until, state.days_left(held.as_of),
            None if usage is None else ExposureTold.of(usage, held.currency, request),
        )  # fmt: skip


class JournalRow(msgspec.Struct):
    """A line of the journal: what came into force, who proposed it, who approved it and why."""

    id: int
    kind: str
    amount: Decimal | None
    currency: str
    from_on: date
    to_on: date | None
    recorded_at: datetime
    proposal_id: int
    reason: str
    proposer: str
    votes: list[str]
    assessment_id: int | None
    company_amount: Decimal | None
    company_rate: Decimal | None

    @classmethod
    def of(cls, row: Row) -> Self:
        """From the database's row."""
        plain = {name: row[name] for name in cls.__struct_fields__ if name != "votes"}
        return cls(**plain, votes=row["votes"] or [])


class LimitHistory(msgspec.Struct):
    """The journal, and every proposal whatever became of it, both the latest first."""

    journal: list[JournalRow]
    proposals: list[ProposalRow]


class BulkTold(msgspec.Struct):
    """What approving a run would do: how many proposals, how many limits come into force by it, the sum of changes.

    `stale` are left out, to be decided one by one: what they were computed from has changed since. `skipped` are left
    out because they cannot come into force any more. `mark` is to be sent with the approval, so that nothing is
    approved but what was looked at.
    """

    run: int
    mark: str
    proposals: int
    come_into_force: int
    second_needed: int
    left: int
    change: Decimal | None
    items: list[ProposalRow]
    stale: list[ProposalRow]
    skipped: list[Skip]


class BulkDone(msgspec.Struct):
    """How many were approved, and which were not and why."""

    approved: int
    skipped: list[Skip]


@get("/api/v1/credit/proposals", dependencies=web.list_asked(PROPOSALS))
async def list_proposals(
    request: AnyRequest,
    person: NamedDependency[Person],
    wanted: NamedDependency[Wanted],
    of_state: Annotated[str, QueryParameter(name="state")] = "open",
    kind: FromQuery[str | None] = None,
    run: FromQuery[int | None] = None,
    dealer: FromQuery[str | None] = None,
    q: FromQuery[str | None] = None,
    *,
    mine_to_decide: FromQuery[bool] = False,
) -> Page[ProposalRow]:
    """The queue of proposals, the biggest change first; `state=any` shows decided ones too.

    `mine_to_decide` leaves away those that cannot come into force any more, by the dealer's status or by their end.
    """
    asked = Queue(
        state=None if of_state == "any" else of_state,
        kind=kind,
        run_id=run,
        dealer=dealer,
        text=q,
        decidable_by=person.person_id if mine_to_decide else None,
        alive=True if mine_to_decide else None,
    )
    found = await limits.proposals(person, asked, wanted)
    return Page([ProposalRow.of(row, request) for row in found.items], found.next)


@get("/api/v1/credit/proposals/{proposal:int}")
async def show_proposal(request: AnyRequest, person: NamedDependency[Person], proposal: FromPath[int]) -> ProposalRow:
    """One proposal."""
    return ProposalRow.of(await limits.proposal_of(person, proposal), request)


@post("/api/v1/credit/dealers/{code:str}/proposals")
async def propose_limit(person: NamedDependency[Person], code: FromPath[str], data: JSONBody[ProposeLimit]) -> Proposed:
    """Propose a limit, a raise or an end by hand; it takes the place of the open proposal that it names."""
    return Proposed(await proposing.propose_limit(person, code, data))


@post("/api/v1/credit/proposals/{proposal:int}/approve", status_code=200)
async def approve_proposal(
    request: AnyRequest, person: NamedDependency[Person], proposal: FromPath[int], data: JSONBody[DecideLimit]
) -> ProposalRow:
    """Approve; the proposal as it stands afterwards, open still when it needs another approval."""
    return ProposalRow.of(await decisions.approve_proposal(person, proposal, data), request)


@post("/api/v1/credit/proposals/{proposal:int}/refuse", status_code=200)
async def refuse_proposal(person: NamedDependency[Person], proposal: FromPath[int], data: JSONBody[Why]) -> Done:
    """Refuse."""
    await refuse(LIMITS, person, proposal, data)
    return Done("refused")


@post("/api/v1/credit/proposals/{proposal:int}/withdraw", status_code=200)
async def withdraw_proposal(person: NamedDependency[Person], proposal: FromPath[int], data: JSONBody[Why]) -> Done:
    """Take back one's own proposal."""
    await withdraw(LIMITS, person, proposal, data)
    return Done("withdrawn")


@get("/api/v1/credit/runs/{run:int}/approval")
async def review_run(request: AnyRequest, person: NamedDependency[Person], run: FromPath[int]) -> BulkTold:
    """What approving the open proposals of a run would do."""
    bulk = await decisions.bulk_of(person, run)
    return BulkTold(
        run, bulk.mark, len(bulk.proposals), bulk.come_into_force, bulk.second_needed, bulk.left, bulk.change,
        [ProposalRow.of(row, request) for row in bulk.proposals], [ProposalRow.of(row, request) for row in bulk.stale],
        [Skip(row["dealer"], told(row["in_vain"], request)) for row in bulk.closed],
    )  # fmt: skip


@post("/api/v1/credit/runs/{run:int}/approval", status_code=200)
async def approve_run(
    request: AnyRequest, person: NamedDependency[Person], run: FromPath[int], data: JSONBody[ApproveRun]
) -> BulkDone:
    """Approve the reviewed proposals of a run, each for itself."""
    approved, skipped = await decisions.approve_run(person, run, data)
    return BulkDone(approved, [Skip(each.dealer, told(each.reason, request)) for each in skipped])


@get("/api/v1/credit/limits", dependencies=web.list_asked(IN_FORCE, 200))
async def list_limits(
    person: NamedDependency[Person],
    as_of_day: NamedDependency[date | None],
    wanted: NamedDependency[Wanted],
    at_work: FromQuery[bool | None] = None,
    ends_before: FromQuery[date | None] = None,
) -> Page[LimitRow]:
    """The limits that hold on a day, or those of them that end before another.

    `at_work` leaves out limits of 0 and those of dealers who have ended: what the desk counts.
    """
    require(person, Right.SEE_CREDIT)
    asked = InForce(as_of_day or clock.today(), ends_before, bool(at_work))
    found = await limits_in_force(asked, wanted)
    return found.as_(LimitRow)


@get("/api/v1/credit/dealers/{code:str}/limit")
async def show_limit(
    request: AnyRequest,
    person: NamedDependency[Person],
    code: FromPath[str],
    view: NamedDependency[View],
) -> LimitHeld:
    """What is in force for a dealer on a day as known at a moment, and how much of it is used."""
    return LimitHeld.of(*await limits.limit_used(person, code, view), request)


@get("/api/v1/credit/dealers/{code:str}/limits")
async def show_history(request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]) -> LimitHistory:
    """The history of a dealer's limits: who and why."""
    journal, proposed = await limits.history(person, code)
    return LimitHistory([JournalRow.of(row) for row in journal], [ProposalRow.of(row, request) for row in proposed])


@get("/api/v1/credit/dealers/{code:str}/journal", dependencies=web.list_asked(JOURNAL, 200))
async def list_journal(
    person: NamedDependency[Person], code: FromPath[str], wanted: NamedDependency[Wanted]
) -> Page[JournalRow]:
    """What came into force for a dealer, the latest first: who and why."""
    found = await limits.journal_of(person, code, wanted)
    return Page([JournalRow.of(row) for row in found.items], found.next)


ROUTES = (
    list_proposals, show_proposal, propose_limit, approve_proposal, refuse_proposal, withdraw_proposal, review_run,
    approve_run, list_limits, show_limit, show_history, list_journal,
)  # fmt: skip
