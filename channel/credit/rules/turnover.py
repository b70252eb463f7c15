"""The turnover method: mean monthly sales x payment terms in months x grade coefficient; and its seasonal form.

Source: 客户信用等级、信用额度和信用期限管理制度 (授信额度的测算).
"""

from datetime import date
from decimal import Decimal
from functools import lru_cache

from channel.credit.rules.grades import at_most
from channel.credit.rules.inputs import CreditInputs
from channel.credit.rules.policy import Policy
from channel.credit.rules.sales import (
    MonthlySales,
    covered_since_appointment,
    monthly_sales,
    season_step,
)
from channel.credit.rules.steps import EXACT, MethodResult, Withheld, Working, told
from channel.errors import Message, m

_YEAR = 12


def turnover(policy: Policy, inputs: CreditInputs) -> MethodResult | Withheld:
    """The turnover limit of an existing or a new dealer, with the season when the policy says so."""
    if is_new_dealer(policy, inputs):
        return _new_dealer(policy, inputs)
    return _existing(policy, inputs, with_season=policy.season.use)


def seasonal(policy: Policy, inputs: CreditInputs) -> MethodResult | Withheld:
    """The forecast sales inside the credit window that ends in the policy's month x grade coefficient.

    A month's forecast is the mean month x its seasonal index, so this is the turnover limit x the mean index of the
    window. A new dealer has no season yet: his limit is that of the turnover method.
    """
    if is_new_dealer(policy, inputs):
        return _new_dealer(policy, inputs)
    return _existing(policy, inputs, with_season=True)


def is_new_dealer(policy: Policy, inputs: CreditInputs) -> bool:
    """Whether fewer months than the policy's number are covered since the appointment.

    Without a known appointment a dealer is new only when a first-year target was agreed with him: few reports alone
    do not make an old dealer new.
    """
    if inputs.appointed_on is None and inputs.first_year_target is None:
        return False
    enough = policy.new_dealer.fewer_than_months - inputs.earlier_covered_months
    return enough > 0 and covered_since_appointment(inputs, policy.sales.basis) < enough


def counted_grade(policy: Policy, inputs: CreditInputs) -> tuple[str | None, Message | None]:
    """The grade that the policy counts for the dealer, and why when it is not simply the one set."""
    if not is_new_dealer(policy, inputs):
        return inputs.grade, None
    rule = policy.new_dealer
    if inputs.grade is None:
        return rule.grade_unless_set, m("not set: a new dealer counts as %(grade)s", grade=rule.grade_unless_set)
    grade = at_most(inputs.grade, rule.best_grade)
    if grade != inputs.grade:
        return grade, m("%(set)s is set: a new dealer counts at most as %(grade)s", set=inputs.grade, grade=grade)
    return grade, None


def _existing(policy: Policy, inputs: CreditInputs, *, with_season: bool) -> MethodResult | Withheld:
    sales = monthly_sales(policy, inputs)
    if isinstance(sales, Withheld):
        return sales
    working = sales.working
    refused = _terms_step(policy, inputs, working) or _grade_step(policy, inputs, working)
    if refused:
        return refused
    working.subtotal("turnover", m("Turnover limit"))
    if with_season:
        refused = season_step(policy, inputs, _terms_days(policy, inputs) or 0, working)
    return refused or working.result()


def _new_dealer(policy: Policy, inputs: CreditInputs) -> MethodResult | Withheld:
    covered = inputs.earlier_covered_months + covered_since_appointment(inputs, policy.sales.basis)
    since = m("new dealer: %(n)s covered months since appointment", n=str(covered))
    if covered == 1:
        since = m("new dealer: 1 covered month since appointment")
    working = Working()
    if inputs.first_year_target is None:
        working.note("new_dealer", m("New dealer"), since)
        return working.withheld(m("the dealer is new and no first-year target is agreed"))
    monthly = EXACT.divide(inputs.first_year_target, Decimal(_YEAR))
    target = m("agreed target %(target)s ÷ 12", target=told(inputs.first_year_target))
    working.value("target", m("First-year target a month"), monthly, target, since)
    refused = _terms_step(policy, inputs, working) or _grade_step(policy, inputs, working)
    if refused:
        return refused
    working.subtotal("turnover", m("Turnover limit of a new dealer"))
    return working.result()


def monthly_base(policy: Policy, inputs: CreditInputs) -> MonthlySales | Decimal | Withheld:
    """The mean month that ceilings in months of sales multiply: a new dealer's is his target / 12."""
    if not is_new_dealer(policy, inputs):
        return monthly_sales(policy, inputs)
    if inputs.first_year_target is None:
        return Withheld(m("the dealer is new and no first-year target is agreed"))
    return EXACT.divide(inputs.first_year_target, Decimal(_YEAR))


def _terms_days(policy: Policy, inputs: CreditInputs) -> int | None:
    longest = policy.terms.longest_days
    if inputs.terms_days is None or longest is None:
        return inputs.terms_days
    return min(inputs.terms_days, longest)


def _terms_step(policy: Policy, inputs: CreditInputs, working: Working) -> Withheld | None:
    days = _terms_days(policy, inputs)
    if days is None:
        return working.withheld(m("no payment terms are set"))
    month = policy.terms.days_per_month
    reason = None
    if days != inputs.terms_days:
        reason = m("terms of %(days)s days count as %(longest)s", days=str(inputs.terms_days), longest=str(days))
    factor, said = _terms_factor(days, month)
    working.times("terms", m("Payment terms"), factor, said, *_since(inputs.terms_since), reason=reason)
    return None


@lru_cache(maxsize=1024)
def _terms_factor(days: int, month: int) -> tuple[Decimal, Message]:
    # A channel has few terms, and many dealers to tell them of; the same holds of days and of grades.
    said = m("%(days)s days ÷ %(month)s", days=str(days), month=str(month))
    return EXACT.divide(Decimal(days), Decimal(month)), said


@lru_cache(maxsize=4096)
def _since(day: date | None) -> tuple[Message, ...]:
    return () if day is None else (m("since %(on)s", on=day),)


@lru_cache(maxsize=64)
def _grade_name(grade: str) -> Message:
    return m("Grade %(grade)s", grade=grade)


def _grade_step(policy: Policy, inputs: CreditInputs, working: Working) -> Withheld | None:
    grade, reason = counted_grade(policy, inputs)
    if grade is None:
        return working.withheld(m("no grade is set"))
    coefficient = policy.grade_coefficients.of(grade)
    working.times("grade", _grade_name(grade), coefficient, *_since(inputs.grade_since), reason=reason)
    return None
