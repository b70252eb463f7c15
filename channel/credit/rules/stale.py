"""What has changed since a limit that waits was computed: it would come into force on figures that no longer hold."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from msgspec import structs

from channel.consent.rules import Stale
from channel.credit.rules.inputs import CreditInputs
from channel.credit.rules.limit import compute_limit
from channel.credit.rules.policy import Policy
from channel.errors import m


class StaleCause(StrEnum):
    """What a computed limit rests on and is known to change."""

    CURRENCY = "currency"
    GRADE = "grade"
    TERMS = "terms"
    MONTHS = "months"
    FIGURES = "figures"
    POLICY = "policy"


CAUSES = tuple(each.value for each in StaleCause)


@dataclass(frozen=True, slots=True)
class Today:
    """What holds for the dealer on the day on which somebody decides."""

    currency: str | None
    grade: str | None
    terms_days: int | None
    policy_version: int
    first_year_target: Decimal | None = None


def stale_of(then: CreditInputs, policy: Policy, again: CreditInputs, today: Today) -> tuple[Stale, ...]:
    """What has changed since a limit was computed from `then` under a policy.

    `again` is the same snapshot collected once more, as of the same day, as known now: it tells whether the months of
    that time were reported anew, and whether statements, scores, receivables and the like give another limit. That a
    further month is over is no change of what was computed: the policy says how long a limit is valid. Months and
    figures of another currency are not compared.
    """
    found: list[Stale] = []
    if today.currency is not None and today.currency != then.currency:
        text = m("the dealer traded in %(before)s and now trades in %(now)s", before=then.currency, now=today.currency)
        found.append(Stale(StaleCause.CURRENCY, text))
    if today.grade != then.grade:
        text = m("the grade was %(before)s and is %(now)s", before=_or_none(then.grade), now=_or_none(today.grade))
        found.append(Stale(StaleCause.GRADE, text))
    if today.terms_days != then.terms_days:
        text = m(
            "payment terms were %(before)s days and are %(now)s",
            before=_or_none(then.terms_days),
            now=_or_none(today.terms_days),
        )
        found.append(Stale(StaleCause.TERMS, text))
    if again.currency == then.currency and (changed := _months_changed(then, again)):
        found.append(Stale(StaleCause.MONTHS, m("reported since or anew: %(months)s", months=", ".join(changed))))
    if _figures_changed(then, policy, again, today):
        text = m("statements, scores, targets or receivables of the dealer have changed, and the limit with them")
        found.append(Stale(StaleCause.FIGURES, text))
    if today.policy_version != policy.version:
        text = m(
            "it was computed under policy %(before)s, and policy %(now)s is in force",
            before=str(policy.version),
            now=str(today.policy_version),
        )
        found.append(Stale(StaleCause.POLICY, text))
    return tuple(found)


def _figures_changed(then: CreditInputs, policy: Policy, again: CreditInputs, today: Today) -> bool:
    """Whether what is kept of the dealer beside his reports gives another limit: a policy need not read all of it."""
    known_now = structs.replace(
        then,
        first_year_target=today.first_year_target,
        statements=again.statements,
        scores=again.scores,
        best_high_credit=again.best_high_credit,
        reference_limits=again.reference_limits,
        stated_need=again.stated_need,
        owed=again.owed,
        incidents=again.incidents,
    )
    if again.currency != then.currency or known_now == then:
        return False
    before, after = compute_limit(policy, then), compute_limit(policy, known_now)
    return (before.amount, before.withheld) != (after.amount, after.withheld)


def _or_none(value: object | None) -> object:
    return m("not set") if value is None else str(value)


def _months_changed(then: CreditInputs, again: CreditInputs) -> list[str]:
    before = {each.month: each for each in then.months}
    now = {each.month: each for each in again.months}
    return [str(month) for month in sorted({*before, *now}) if before.get(month) != now.get(month)]
