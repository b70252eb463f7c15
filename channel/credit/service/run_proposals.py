"""Proposals from an assessment: what is open and says the same is kept with its votes, and nothing is lost unsaid."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from operator import attrgetter

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.rules import Person, Right
from channel.consent.rules import mark_of
from channel.credit.queries import assessments as assessment_queries
from channel.credit.queries import proposals as queries
from channel.credit.rules import POLICY, LimitDecision, LimitInForce, Policy, diff_limits, takes_force_on
from channel.credit.rules.inputs import company_rate
from channel.credit.rules.proposing import Fate, Wish, fate_of, rests_on_the_same
from channel.credit.rules.snapshot import Collected, collected_from_document
from channel.credit.rules.steps import EXACT
from channel.credit.service.needs import Counted, counted, refused_by_status, state_of
from channel.credit.service.proposals import PROPOSE, Skipped, in_company, record
from channel.database import db
from channel.errors import Conflict, FieldError, Message, m
from channel.own_words import reason_of_run
from channel.receivables.queries.accounts import lock_accounts
from channel.versions.service import numbered

_BATCH = 500
_NAMED = 20
"""So many proposals whose approvals would be lost are named in a refusal."""


@dataclass(frozen=True, slots=True)
class Computed:
    """What a proposal needs of a computed limit, without its steps."""

    dealer_id: int
    dealer: str
    as_of: date
    amount: Decimal | None
    currency: str
    company_amount: Decimal | None
    company_rate: Decimal | None
    valid_until: date | None
    in_force: Decimal | None
    withheld: Message | None
    assessment_id: int = 0
    run_id: int = 0

    @classmethod
    def of(cls, collected: Collected, decision: LimitDecision) -> "Computed":
        """The part of a decision that a proposal is made of."""
        rate = company_rate(collected.inputs, decision.currency)
        return cls(
            collected.dealer_id,
            decision.dealer,
            decision.as_of,
            decision.amount,
            decision.currency,
            decision.company_amount,
            None if rate is None else rate.rate,
            decision.valid_until,
            collected.inputs.limit_in_force,
            decision.withheld,
        )

    def is_over(self, today: date) -> bool:
        """Whether the limit, however soon it is approved, would not be valid any more."""
        return self.valid_until is not None and self.valid_until <= today

    def with_ids(self, assessment_id: int, run_id: int) -> "Computed":
        """The same, kept under these numbers."""
        return replace(self, assessment_id=assessment_id, run_id=run_id)


@dataclass(frozen=True, slots=True)
class Plan:
    """What proposing the limits of a run would do.

    `fates` are by dealer; `standing` are the open proposals of the dealers as they were looked at, by dealer.
    """

    policy: Policy
    wanted: tuple[Computed, ...]
    fates: dict[int, Fate]
    standing: dict[int, Record]
    skipped: tuple[Skipped, ...]

    @property
    def replaced(self) -> list[Record]:
        """The open proposals that would be closed for others, those with approvals first."""
        rows = [row for dealer_id, row in self.standing.items() if self.fates.get(dealer_id) is Fate.REPLACES]
        return sorted(rows, key=lambda row: (-len(row["approvals"]), row["dealer"]))

    @property
    def mark(self) -> str:
        """By it the act knows that what would be replaced is what was looked at."""
        looked_at = sorted(_looked_at(row) for row in self.replaced)
        return mark_of(looked_at)


class Replaces(Conflict):
    """A run would replace open proposals, and nobody has confirmed these."""

    def __init__(self, person: Person, plan: Plan) -> None:
        self.rows = plan.replaced
        self.mark = plan.mark
        voted = [row for row in self.rows if row["approvals"]]
        super().__init__(
            m(
                "Open proposals that would be replaced: %(count)s, approved by somebody already: %(voted)s.",
                count=len(self.rows),
                voted=len(voted),
            ),
            (FieldError("confirmed", loses(person), m("%(mark)s", mark=self.mark)), *map(_named, voted[:_NAMED])),
        )


def loses(person: Person) -> Message:
    """What whoever replaces proposals has to know."""
    if person.may(Right.DECIDE_LIMIT):
        text = m("Approvals given would be lost; %(who)s would be the proposer and could decide none of them any more.")
        return m(text.text, who=person.login)
    return m("Approvals given would be lost; %(who)s would be the proposer.", who=person.login)


def _named(row: Record) -> FieldError:
    text = m(
        "proposal %(id)s for %(dealer)s by %(who)s, approved by %(names)s",
        id=str(row["id"]),
        dealer=row["dealer"],
        who=row["proposer"],
        names=", ".join(row["approvals"]),
    )
    return FieldError("replaces", text)


def _looked_at(row: Record) -> tuple[int, list[int]]:
    return row["id"], sorted(row["approver_ids"])


async def plan_proposals(computed: Sequence[Computed], policy: Policy, *, again: bool) -> Plan:
    """What would become of each limit that was computed and differs from the one in force; nothing is written.

    `again` proposes what was refused on the same figures once more.
    """
    today = clock.today()
    skipped = [Skipped(each.dealer, each.withheld) for each in computed if each.withheld is not None]
    wanted = [each for each in computed if each.amount is not None and each.amount != each.in_force]
    over = m("its validity would be over already")
    skipped += [Skipped(each.dealer, over) for each in wanted if each.is_over(today)]
    wanted = [each for each in wanted if not each.is_over(today)]
    standing = await _standing([each.dealer_id for each in wanted])
    refused = {} if again else await _refused(wanted)
    closed = await refused_by_status(
        {each.dealer_id: takes_force_on(each.as_of, today) for each in wanted if each.dealer_id in standing}
    )
    fates = {
        each.dealer_id: _fate(each, standing.get(each.dealer_id), policy, refused=each.dealer_id in refused)
        for each in wanted
    }
    for each in wanted:
        if fates[each.dealer_id] is Fate.STAYS_REFUSED:
            skipped.append(Skipped(each.dealer, refused[each.dealer_id], stays_refused=True))
        elif each.dealer_id in closed:
            skipped.append(Skipped(each.dealer, closed[each.dealer_id]))
    left = [each for each in wanted if each.dealer_id not in closed and fates[each.dealer_id] is not Fate.STAYS_REFUSED]
    return Plan(policy, tuple(left), {each.dealer_id: fates[each.dealer_id] for each in left}, standing, tuple(skipped))


async def _standing(dealer_ids: Sequence[int]) -> dict[int, Record]:
    return {row["dealer_id"]: row for row in await queries.open_limits(dealer_ids)}


def _fate(each: Computed, row: Record | None, policy: Policy, *, refused: bool) -> Fate:
    open_wish = None
    if row is not None:
        open_wish = Wish(row["amount"], row["currency"], row["policy_version"], row["before_amount"], row["to_on"])
    wish = Wish(each.amount, each.currency, policy.version, each.in_force)
    return fate_of(wish, open_wish, clock.today(), refused=refused)


async def _refused(wanted: Sequence[Computed]) -> dict[int, Message]:
    """The dealers whose limit was refused last on the figures of now, each with who refused it, when and why."""
    last = {row["dealer_id"]: row for row in await queries.last_refused([each.dealer_id for each in wanted])}
    same = [
        each for each in wanted
        if each.dealer_id in last
        and (last[each.dealer_id]["amount"], last[each.dealer_id]["currency"]) == (each.amount, each.currency)
    ]  # fmt: skip
    ids = [each.assessment_id for each in same] + [last[each.dealer_id]["rests_on"] for each in same]
    kept = {row["id"]: row for row in await assessment_queries.documents(ids)}
    policies = {row["policy_version"] for row in kept.values()}
    read = {version: await numbered(POLICY, version) for version in policies}
    found: dict[int, Message] = {}
    for each in same:
        row = last[each.dealer_id]
        sides = (kept[row["rests_on"]], kept[each.assessment_id])
        old, new = (collected_from_document(side["inputs"]).inputs for side in sides)
        before, after = (read[side["policy_version"]] for side in sides)
        if rests_on_the_same(diff_limits(old, before, new, after)):
            text = m("%(who)s refused it on the same figures: %(reason)s", who=row["person"], reason=row["reason"])
            found[each.dealer_id] = text
    return found


@dataclass(frozen=True, slots=True)
class Proposed:
    """What proposing came to: how many are new, how many of these took the place of others, how many were kept."""

    made: int = 0
    replaced: int = 0
    kept: int = 0
    skipped: tuple[Skipped, ...] = ()


async def propose_computed(person: Person, plan: Plan, reason: str) -> Proposed:
    """Carry out the plan: a proposal for each limit, or the open one that says the same is the run's, too.

    What is open and in force is read again under the lock of the accounts: where it is no longer what was looked at,
    nothing is proposed for the dealer.
    """
    done = Proposed(skipped=plan.skipped)
    if not plan.wanted:
        return done
    said = reason.strip() or reason_of_run(plan.wanted[0].as_of, plan.policy.version)
    # In the order of the dealers, in which everybody locks their accounts.
    wanted = sorted(plan.wanted, key=attrgetter("dealer_id"))
    async with db.transaction():
        for start in range(0, len(wanted), _BATCH):
            more = await _propose_batch(person, plan, wanted[start : start + _BATCH], said)
            done = Proposed(
                done.made + more.made, done.replaced + more.replaced, done.kept + more.kept, done.skipped + more.skipped
            )
    return done


async def _propose_batch(person: Person, plan: Plan, wanted: Sequence[Computed], reason: str) -> Proposed:
    ids = [each.dealer_id for each in wanted]
    await lock_accounts(ids)
    held = await counted(ids, {each.currency for each in wanted})
    standing = await _standing(ids)
    closed = await refused_by_status({each.dealer_id: takes_force_on(each.as_of, clock.today()) for each in wanted})
    proposals: list[queries.NewProposal] = []
    kept: list[Computed] = []
    skipped: list[Skipped] = []
    for each in wanted:
        state, currency = state_of(held.journal.get(each.dealer_id, ()), each.as_of)
        if each.dealer_id in closed:
            skipped.append(Skipped(each.dealer, closed[each.dealer_id]))
        elif currency in {None, each.currency} and state.base != each.in_force:
            skipped.append(Skipped(each.dealer, m("the limit in force has changed meanwhile")))
        elif not _as_looked_at(plan.standing.get(each.dealer_id), standing.get(each.dealer_id)):
            skipped.append(Skipped(each.dealer, m("what is open for the dealer has changed meanwhile")))
        elif plan.fates[each.dealer_id] is Fate.KEPT:
            kept.append(each)
        else:
            proposals.append(_of_computed(each, state, reason, plan.policy, held))
    made: dict[int, int] = {}
    if proposals:
        made = await record(person, proposals, held, await access.open_posting(person, PROPOSE))
    stand = made | {each.dealer_id: standing[each.dealer_id]["id"] for each in kept}
    links = [(each.dealer_id, each.run_id, stand[each.dealer_id], each.assessment_id) for each in wanted
             if each.dealer_id in stand]  # fmt: skip
    if links:
        await queries.record_runs(links)
    replaced = sum(plan.fates[dealer_id] is Fate.REPLACES for dealer_id in made)
    return Proposed(len(made), replaced, len(kept), tuple(skipped))


def _as_looked_at(before: Record | None, now: Record | None) -> bool:
    if before is None or now is None:
        return before is now
    return _looked_at(before) == _looked_at(now)


def _of_computed(
    each: Computed, state: LimitInForce, reason: str, policy: Policy, held: Counted
) -> queries.NewProposal:
    before = each.in_force or Decimal(0)
    change = None
    if each.company_amount is not None and each.company_rate is not None:
        change = EXACT.subtract(each.company_amount, in_company(before, each.company_rate))
    act = {"kind": "base", "amount": each.amount, "currency": each.currency, "from_on": each.as_of,
           "to_on": each.valid_until, "raise_id": None}  # fmt: skip
    return queries.NewProposal(
        each.dealer_id,
        "base",
        each.amount,
        each.currency,
        each.as_of,
        each.valid_until,
        reason,
        state.base,
        each.company_amount,
        each.company_rate,
        each.as_of,
        change,
        policy.version,
        held.need(each.dealer_id, act, replaces=held.in_place_of(each.dealer_id, act)),
        each.assessment_id,
        each.run_id,
    )
