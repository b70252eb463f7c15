"""Plans of reviews as versioned documents: each plan has its own versions, and another person decides on them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from channel.access.rules import Right
from channel.acts import A_DAY, day_fault
from channel.dealers.rules import is_currency_code
from channel.errors import FieldError, m
from channel.reviews.rules.plan import EDGES, Conditions, FindingRule, ReviewPlan, Rhythm, When
from channel.versions.rules import Paper

_QUARTER = 3


def day_of(text: str) -> date | None:
    """The day that a text names, None where it names none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def check_plan(plan: ReviewPlan) -> Sequence[FieldError]:
    """Every contradiction between fields."""
    return [
        *_check_when(plan.when),
        *_check_conditions(plan.when, plan.conditions),
        *_check_dealers(plan),
        *_check_findings(plan.findings),
        *(
            [FieldError("deciding.remind_days", m("The reminder would come before the review is opened."))]
            if plan.deciding.remind_days > plan.deciding.days
            else []
        ),
    ]


def _check_when(when: When) -> Iterator[FieldError]:
    if when.rhythm is Rhythm.QUARTERLY and when.month > _QUARTER:
        yield FieldError("when.month", m("A quarter has three months."), m("a whole number from 1 to 3"))
    if when.rhythm is Rhythm.ONCE:
        day = None if when.once_on is None else day_of(when.once_on)
        if day is None:
            yield FieldError("when.once_on", m("A day is needed."), A_DAY)
        elif fault := day_fault("when.once_on", day):
            yield fault
    elif when.once_on is not None:
        yield FieldError("when.once_on", m("Only what is opened once has one day."))


def _check_conditions(when: When, asked: Conditions) -> Iterator[FieldError]:
    by_event = when.rhythm is Rhythm.EVENT
    if by_event and asked == Conditions(days_above_days=asked.days_above_days):
        yield FieldError("when.rhythm", m("It is to be said what has to come to pass: nothing applies to anybody."))
    for name in ("hold_placed", "promise_broken"):
        if getattr(asked, name) and not by_event:
            yield FieldError(f"conditions.{name}", m("This is looked at each day, when it comes to pass."))


def _check_dealers(plan: ReviewPlan) -> Iterator[FieldError]:
    asked = plan.dealers
    if asked.currency is not None and not is_currency_code(asked.currency):
        yield FieldError(
            "dealers.currency",
            m("%(value)s is not a currency code.", value=asked.currency),
            m("Three capital letters of ISO 4217, such as USD"),
        )
    yield from _twice("dealers.statuses", "status", [each.status for each in asked.statuses])
    yield from _twice("dealers.territories", "territory", [each.territory for each in asked.territories])
    yield from _twice("dealers.grades", "grade", [each.grade for each in asked.grades])


def _twice(path: str, name: str, values: Sequence[str]) -> Iterator[FieldError]:
    for place, value in enumerate(values):
        if value in values[:place]:
            yield FieldError(f"{path}.{place}.{name}", m("This is named twice."))


def _check_findings(rules: Iterable[FindingRule]) -> Iterator[FieldError]:
    seen = set()
    for place, each in enumerate(rules):
        if each.finding in seen:
            yield FieldError(f"findings.{place}.finding", m("This is named twice."))
        seen.add(each.finding)
        _, usual, greatest = EDGES[each.finding]
        if usual is None and each.edge is not None:
            yield FieldError(f"findings.{place}.edge", m("This finding has no edge."))
        elif usual is not None and (each.edge is None or each.edge > greatest):
            expected = m("a number from %(low)s to %(high)s", low="0", high=f"{greatest:f}")
            yield FieldError(f"findings.{place}.edge", m("This finding needs an edge."), expected)


REVIEW_PLANS: Paper[ReviewPlan] = Paper(
    code="review plan",
    model=ReviewPlan,
    address="/reviews/plans/{of:str}/versions",
    see=Right.SEE_REVIEWS,
    propose=Right.PROPOSE_POLICY,
    decide=Right.DECIDE_POLICY,
    title=m("Versions of a review plan"),
    kind=m("Review plan"),
    one=m("a review plan"),
    named=m("Plan %(of)s, version %(number)s"),
    within=m("plan %(of)s, version %(number)s"),
    check=check_plan,
    wrong=m("The plan has errors: please correct them."),
    missing=m("No version of the plan is effective on %(on)s."),
    from_then_on=m("From %(day)s on reviews are opened by it."),
    effect=m("Reviews of this day and later are opened by it, once another person has approved it."),
)
"""Who reads or writes a version is told of an unknown plan by the service (`service.plans.PAPER`)."""
