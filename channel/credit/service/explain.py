"""Limits explained, computed again, compared and tried out; nothing here is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from asyncpg import Record

from channel.access.rules import Person, Right, require
from channel.credit.queries import assessments as queries
from channel.credit.queries import inputs as input_queries
from channel.credit.rules import (
    Knob,
    LimitDecision,
    LimitDiff,
    Policy,
    decision_from_document,
    diff_limits,
    knobs,
    with_overrides,
)
from channel.credit.rules.collected import (
    Collected,
    Needs,
    asked_as,
    collected_from_document,
    decide,
    needs_of,
)
from channel.credit.rules.policy import LONGEST_WINDOW
from channel.credit.service.assess import asked_dealers, seen
from channel.credit.service.inputs import Asked, View, collect
from channel.credit.service.policies import policy_at, policy_numbered
from channel.errors import Invalid, Message, NotFound, m
from channel.periods import complete_months_before


@dataclass(frozen=True, slots=True)
class Explained:
    """A limit with what it was computed from; `lines` are the lines' totals behind the months.

    `since` tells what has changed since the limit in force; None where that rests on no assessment, or none is.
    """

    dealer_id: int
    decision: LimitDecision
    collected: Collected
    policy: Policy
    lines: tuple[Record, ...]
    since: LimitDiff | None


async def explain(person: Person, code: str, as_of: date | None = None, known_at: datetime | None = None) -> Explained:
    """A dealer's limit on a day as known at a moment, computed here and now, with everything behind it."""
    (asked,) = await asked_dealers(code, None)
    async with seen(person, as_of, known_at) as view:
        policy = await policy_at(view.as_of, view.known_at)
        needs = needs_of(policy)
        (collected,) = await collect([asked], view, needs)
        lines = await _lines(asked, view, needs)
        since = await since_in_force(asked, view, policy, collected)
    return Explained(asked.dealer_id, decide(policy, collected), collected, policy, tuple(lines), since)


async def since_in_force(asked: Asked, view: View, policy: Policy, now: Collected) -> LimitDiff | None:
    """What has changed since the assessment on which the limit in force rests; None where it rests on none.

    That assessment is taken as it was kept, under its own policy, so that it knows nothing of what came after it: not
    even the limit that it became. Called inside the view in which `now` was collected under `policy`.
    """
    row = await queries.assessment_behind_limit(asked.dealer_id, view.as_of, view.moment)
    if row is None:
        return None
    kept = collected_from_document(row["inputs"])
    earlier = policy if row["policy_version"] == policy.version else await policy_numbered(row["policy_version"])
    needs, both = needs_of(policy), needs_of(earlier).joined(needs_of(policy))
    if both != needs:
        # On the way from the one to the other the older policy looks at the newer figures.
        (now,) = await collect([asked], view, both)
    found = diff_limits(kept.inputs, earlier, now.inputs, policy)
    return _told(found, [earlier, policy], [kept, now])


async def _lines(asked: Asked, view: View, needs: Needs) -> list[Record]:
    months = complete_months_before(view.as_of, needs.months)
    return await input_queries.lines_behind(asked.dealer_id, (months[0].first, months[-1].end), view.moment)


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A kept assessment beside the same computed again; `differs` says in what, None when it is the same."""

    kept: LimitDecision
    again: LimitDecision
    from_kept_inputs: LimitDecision
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
    policy = await policy_numbered(row["policy_version"])
    async with seen(person, row["as_of"], row["known_at"]) as view:
        (now,) = await collect([asked], view, needs_of(policy))
    from_kept, again = decide(policy, collected), decide(policy, asked_as(collected, now))
    differs = None
    if from_kept != kept:
        differs = m("the rules give another limit for the figures that were kept")
    elif again != kept:
        differs = m("the books as known then give other figures than those that were kept")
    return Recomputed(kept, again, from_kept, differs)


@dataclass(frozen=True, slots=True)
class Moment:
    """One side of a comparison: a business date as known at a moment (None: now)."""

    as_of: date | None = None
    known_at: datetime | None = None


async def diff(person: Person, code: str, first: Moment, second: Moment) -> LimitDiff:
    """Why a dealer's limit on one day differs from that on another, cause by cause."""
    (asked,) = await asked_dealers(code, None)
    policies: list[Policy] = []
    for side in (first, second):
        async with seen(person, side.as_of, side.known_at) as view:
            policies.append(await policy_at(view.as_of, view.known_at))
    needs = needs_of(policies[0]).joined(needs_of(policies[1]))
    sides: list[Collected] = []
    for side in (first, second):
        async with seen(person, side.as_of, side.known_at) as view:
            (collected,) = await collect([asked], view, needs)
            sides.append(collected)
    return _told(diff_limits(sides[0].inputs, policies[0], sides[1].inputs, policies[1]), policies, sides)


def _told(found: LimitDiff, policies: list[Policy], sides: list[Collected]) -> LimitDiff:
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
    knobs: tuple[Knob, ...]

    @property
    def change(self) -> Decimal | None:
        """The limit with the knobs turned less the limit without."""
        if self.before.amount is None or self.after.amount is None:
            return None
        return self.after.amount - self.before.amount


async def what_if(
    person: Person,
    code: str,
    overrides: Mapping[str, str],
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
    version: int | None = None,
) -> Tried:
    """The limit under a policy with knobs turned (`policy.` and a path) or other inputs (`inputs.` and a field).

    `version` tries another version of the policy, a draft among them, in place of the one that counts.
    """
    (asked,) = await asked_dealers(code, None)
    async with seen(person, as_of, known_at) as view:
        policy = await policy_at(view.as_of, view.known_at)
        tried = policy if version is None else await policy_numbered(version)
        needs = Needs(LONGEST_WINDOW, tried.sales.basis, sell_through=True, stock=True, own_sales=True)
        (collected,) = await collect([asked], view, needs_of(policy).joined(needs))
    changed = with_overrides(tried, collected.inputs, overrides)
    if isinstance(changed, list):
        raise Invalid(m("These knobs cannot be turned so."), tuple(changed))
    other = Collected(collected.dealer_id, changed[1], collected.conversions, collected.refused)
    return Tried(decide(policy, collected), decide(changed[0], other), knobs(tried, collected.inputs))
