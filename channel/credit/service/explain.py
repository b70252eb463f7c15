"""Limits explained, computed again, compared and tried out; nothing here is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter

from asyncpg import Record

from channel.access.rules import Person, Right, require
from channel.credit.queries import assessments as queries
from channel.credit.queries import inputs as input_queries
from channel.credit.queries.limits import journal
from channel.credit.rules import (
    POLICY,
    Knob,
    LimitDecision,
    LimitDiff,
    Policy,
    decision_from_document,
    diff_limits,
    knobs,
    with_overrides,
)
from channel.credit.rules.policy import LONGEST_WINDOW
from channel.credit.rules.snapshot import Collected, Needs, asked_as, collected_from_document, decide, needs_of
from channel.credit.service.inputs import Asked, collect, dealer_named
from channel.credit.service.needs import line_in_force
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
        policy = await in_force(POLICY, fixed)
        (now,) = await collect([asked], fixed, needs_of(policy))
        lines = await lines_behind(asked, fixed, policy)
        _, line = line_in_force((await journal(asked.dealer_id, fixed.moment))[::-1], fixed.as_of)
        kept = await queries.documents([] if line is None else [line["assessment_id"]])
        since = await since_kept(asked, fixed, policy, now, kept[0]) if kept else None
    return Explained(decide(policy, now), now, policy, tuple(lines), since)


async def lines_behind(asked: Asked, view: View, policy: Policy) -> list[Record]:
    """The lines' totals behind the months that a policy looks at."""
    months = complete_months_before(view.as_of, needs_of(policy).months)
    return await input_queries.lines_behind(asked.dealer_id, (months[0].first, months[-1].end), view.moment)


async def since_kept(asked: Asked, view: View, policy: Policy, now: Collected, row: Record) -> LimitDiff:
    """What has changed since the assessment (its document) on which the limit in force rests.

    It is taken as it was kept, under its own policy, so that it knows nothing of what came after it: not even the
    limit that it became. Called inside the view in which `now` was collected under `policy`.
    """
    kept = collected_from_document(row["inputs"])
    earlier = policy if row["policy_version"] == policy.version else await numbered(POLICY, row["policy_version"])
    needs, both = needs_of(policy), needs_of(earlier).joined(needs_of(policy))
    if both != needs:
        # On the way from the one to the other the older policy looks at the newer figures.
        (now,) = await collect([asked], view, both)
    found = diff_limits(kept.inputs, earlier, now.inputs, policy)
    return _told(found, [earlier, policy], [kept, now])


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
        (now,) = await collect([asked], view, needs_of(policy))
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
        return await compared(asked, (first, second), await in_force_at(POLICY, (first, second)))


async def compared(asked: Asked, views: tuple[View, View], policies: Sequence[Policy]) -> LimitDiff:
    """The same inside a snapshot under the system scope, with the policy of each view."""
    needs = needs_of(policies[0]).joined(needs_of(policies[1]))
    sides: list[Collected] = []
    for view in views:
        async with computed_on(view) as fixed:
            sides += await collect([asked], fixed, needs)
    return _told(diff_limits(sides[0].inputs, policies[0], sides[1].inputs, policies[1]), policies, sides)


def _told(found: LimitDiff, policies: Sequence[Policy], sides: Sequence[Collected]) -> LimitDiff:
    """The comparison with the decisions as they are told alone; a side that is refused has no parts."""
    before, after = decide(policies[0], sides[0]), decide(policies[1], sides[1])
    refused = sides[0].refused or sides[1].refused
    if refused is None:
        return LimitDiff(before, after, found.parts, found.withheld, found.reason)
    text = m("the first limit is withheld") if sides[0].refused else m("the second limit is withheld")
    return LimitDiff(before, after, (), text, refused)


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
        needs = Needs(LONGEST_WINDOW, tried.sales.basis, sell_through=True, stock=True, own_sales=True)
        (collected,) = await collect([asked], fixed, needs_of(policy).joined(needs))
    return Turnable(policy, tried, collected)
