"""What has changed since a limit that waits was computed: it would come into force on figures that no longer hold."""

from dataclasses import dataclass
from enum import StrEnum

from channel.credit.rules.inputs import CreditInputs
from channel.errors import Message, m


class StaleCause(StrEnum):
    """What a computed limit rests on and is known to change."""

    CURRENCY = "currency"
    GRADE = "grade"
    TERMS = "terms"
    MONTHS = "months"
    POLICY = "policy"


CAUSES = tuple(each.value for each in StaleCause)


@dataclass(frozen=True, slots=True)
class Stale:
    """One thing that is no longer as it was computed with."""

    cause: StaleCause
    said: Message


@dataclass(frozen=True, slots=True)
class Today:
    """What holds for the dealer on the day on which somebody decides."""

    currency: str | None
    grade: str | None
    terms_days: int | None
    policy_version: int


def stale_of(then: CreditInputs, policy_version: int, again: CreditInputs, today: Today) -> tuple[Stale, ...]:
    """What has changed since a limit was computed from `then` under a policy.

    `again` is the same snapshot collected once more, as of the same day, as known now: it tells whether the months of
    that time were reported anew. That a further month is over is no change of what was computed: the policy says how
    long a limit is valid. Months of another currency are not compared.
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
    if today.policy_version != policy_version:
        text = m(
            "it was computed under policy %(before)s, and policy %(now)s is in force",
            before=str(policy_version),
            now=str(today.policy_version),
        )
        found.append(Stale(StaleCause.POLICY, text))
    return tuple(found)


def _or_none(value: object | None) -> object:
    return m("not set") if value is None else str(value)


def _months_changed(then: CreditInputs, again: CreditInputs) -> list[str]:
    before = {each.month: each for each in then.months}
    now = {each.month: each for each in again.months}
    return [str(month) for month in sorted({*before, *now}) if before.get(month) != now.get(month)]
