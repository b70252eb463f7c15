"""Limits explained, computed again, compared and tried out; nothing here is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter

from asyncpg import Record

from channel.access.rules import Person, Right, require
from channel.credit.queries import assessments as queries
from channel.credit.queries import inputs as input_queries
from channel.credit.queries.proposals import LimitHistory, history_of
from channel.credit.rules import (
    POLICY,
    Knob,
    LimitDecision,
    LimitDiff,
    Policy,
    decision_from_document,
    knobs,
    with_overrides,
)
from channel.credit.rules.policy import LONGEST_WINDOW
from channel.credit.rules.snapshot import Collected, Needs, asked_as, collected_from_document, decide, needs_of
from channel.credit.service.dealer import limit_in_view, policies_of
from channel.credit.service.differences import both_need, compared
from channel.credit.service.inputs import all_collected, collect
from channel.credit.service.looks import Asked, Look, dealer_named, find
from channel.database.snapshots import computed_on, view_of
from channel.errors import Invalid, Message, NotFound, m
from channel.periods import complete_months_before
from channel.versions.service import in_force, in_force_at, numbered
from channel.view import View


@dataclass(frozen=True, slots=True)
class Explained:
    """A limit with what it was computed from; `lines` are the lines' totals behind the months.

    `since` tells what has changed since the limit in force; None where that rests on no assessment, or none is.
    """

    decision: LimitDecision
    collected: Collected
    policy: Policy
    lines: tuple[Record, ...]
    since: LimitDiff | None


async def explain(person: Person, code: str, view: View) -> Explained:
    """A dealer's limit on the day as known at the moment, computed here and now, with everything behind it."""
    require(person, Right.SEE_CREDIT)
    asked = Asked.of(await dealer_named(code))
    async with computed_on(view) as fixed:
        policies = await policies_of(fixed)
        journal = (await history_of(asked.dealer_id, fixed.moment)).journal
        limit = await limit_in_view(asked, policies, LimitHistory(journal, ()))
        months = complete_months_before(fixed.as_of, needs_of(limit.policy).months)
        stretch = (months[0].first, months[-1].end)
        lines = await input_queries.lines_behind(asked.dealer_id, stretch, fixed.moment)
    return Explained(limit.decision, limit.collected, limit.policy, tuple(lines), limit.since)


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A kept assessment beside the same computed again; `differs` says in what, None when it is the same."""

    kept: LimitDecision
    again: LimitDecision
    differs: Message | None


async def assessment_of(person: Person, assessment_id: int) -> tuple[Record, LimitDecision, Collected]:
    """A kept assessment with its decision and what it was computed from."""
    require(person, Right.SEE_CREDIT)
    row = await queries.assessment(assessment_id)
    if row is None:
        raise NotFound(m("There is no assessment %(id)s.", id=str(assessment_id)))
    return row, decision_from_document(row["decision"]), collected_from_document(row["inputs"])


async def recompute(person: Person, assessment_id: int) -> Recomputed:
    """Compute a kept assessment again, as of its day as known at its moment, under its policy.

    It is computed from the figures that were kept, and from the books asked as known then; both must give the kept
    decision to the cent.
    """
    row, kept, collected = await assessment_of(person, assessment_id)
    asked = Asked(row["dealer_id"], row["code"], collected.inputs.dealer_type, row["currency"])
    async with computed_on(view_of(row["as_of"], row["known_at"])) as view:
        policy = await numbered(POLICY, row["policy_version"])
        (now,) = await collect(Look([asked], view, needs_of(policy)))
    from_kept, again = decide(policy, collected), decide(policy, asked_as(collected, now))
    differs = None
    if from_kept != kept:
        differs = m("the rules give another limit for the figures that were kept")
    elif again != kept:
        differs = m("the books as known then give other figures than those that were kept")
    return Recomputed(kept, again, differs)


async def diff(person: Person, code: str, first: View, second: View) -> LimitDiff:
    """Why a dealer's limit in one view differs from that in another, cause by cause."""
    require(person, Right.SEE_CREDIT)
    asked = Asked.of(await dealer_named(code))
    async with computed_on(max(first, second, key=attrgetter("known_at"))):
        policies = await in_force_at(POLICY, (first, second))
        needs, looks = both_need(*policies), []
        for view in (first, second):
            async with computed_on(view) as fixed:
                looks.append(Look([asked], fixed, needs))
        sides = [all_collected(each)[0] for each in await find(looks)]
    return compared(policies, sides)


@dataclass(frozen=True, slots=True)
class Tried:
    """A limit with some knobs turned beside the limit without; nothing of it is kept."""

    before: LimitDecision
    after: LimitDecision

    @property
    def change(self) -> Decimal | None:
        """The limit with the knobs turned less the limit without."""
        if self.before.amount is None or self.after.amount is None:
            return None
        return self.after.amount - self.before.amount


@dataclass(frozen=True, slots=True)
class Turnable:
    """What is known of a dealer, and the policies: the one that counts, and the one whose knobs are turned."""

    policy: Policy
    tried: Policy
    collected: Collected

    @property
    def knobs(self) -> tuple[Knob, ...]:
        """Everything that can be turned, with its present value."""
        return knobs(self.tried, self.collected.inputs)

    def turned(self, overrides: Mapping[str, str]) -> Tried:
        """The limit with knobs turned: of the policy (`policy.` and a path) or of what is known (`inputs.`)."""
        changed = with_overrides(self.tried, self.collected.inputs, overrides)
        if isinstance(changed, list):
            raise Invalid(m("These knobs cannot be turned so."), tuple(changed))
        other = Collected(self.collected.dealer_id, changed[1], self.collected.conversions, self.collected.refused)
        return Tried(decide(self.policy, self.collected), decide(changed[0], other))


async def what_if(person: Person, code: str, view: View, *, version: int | None = None) -> Turnable:
    """A dealer's limit with all that can be turned of it; nothing is kept.

    `version` tries another version of the policy, a draft among them, in place of the one that counts.
    """
    require(person, Right.SEE_CREDIT)
    asked = Asked.of(await dealer_named(code))
    async with computed_on(view) as fixed:
        policy = await in_force(POLICY, fixed)
        tried = policy if version is None else await numbered(POLICY, version)
        needs = Needs(
            LONGEST_WINDOW,
            tried.sales.basis,
            sell_through=True,
            stock=True,
            own_sales=True,
            overdue=True,
            high_credit=True,
        )
        (collected,) = await collect(Look([asked], fixed, needs_of(policy).joined(needs)))
    return Turnable(policy, tried, collected)
