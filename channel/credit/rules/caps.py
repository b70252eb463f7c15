"""What no limit passes: the rise over the limit in force, the share of own sales, the ceilings of the grade."""

from dataclasses import dataclass
from decimal import Decimal

from channel.credit.rules.inputs import CreditInputs, company_rate
from channel.credit.rules.policy import Policy
from channel.credit.rules.sales import seasonal_band, seasonal_indices
from channel.credit.rules.steps import EXACT, Step, StepKind, Withheld, Working, percent, settled, told
from channel.credit.rules.turnover import counted_grade, monthly_base
from channel.errors import Message, m


@dataclass(frozen=True, slots=True)
class Cap:
    """A cap's name, what it is made of, and its amount; without an amount it does not apply to this dealer."""

    key: str
    name: Message
    said: Message
    amount: Decimal | None


def caps_of(policy: Policy, inputs: CreditInputs) -> tuple[Cap, ...] | Withheld:
    """The policy's caps for this dealer. A cap that cannot be computed withholds the limit: it cannot be left out."""
    found: list[Cap] = []
    for rule in (_own_sales, _mean_month, _ceiling_months, _ceiling_amount, _rise):
        cap = rule(policy, inputs)
        if isinstance(cap, Withheld):
            return cap
        if cap is not None:
            found.append(cap)
    return tuple(found)


def apply_caps(caps: tuple[Cap, ...], working: Working) -> None:
    """Bring the running amount down to the lowest cap below it, which alone is marked as the one that bound."""
    amounts = [cap.amount for cap in caps if cap.amount is not None]
    lowest = min(amounts, default=None)
    for cap in caps:
        before = settled(working.amount)
        if cap.amount is None:
            working.note(cap.key, cap.name, cap.said, reason=m("does not apply"))
        elif cap.amount == lowest and cap.amount < working.amount:
            working.amount = cap.amount
            working.steps.append(
                Step(cap.key, StepKind.CAP, cap.name, (cap.said,), before, settled(cap.amount), None, None, bound=True)
            )
        else:
            reached = cap.amount < working.amount
            reason = m("a lower cap holds") if reached else m("not reached")
            working.steps.append(Step(cap.key, StepKind.CAP, cap.name, (cap.said,), before, before, None, reason))


def _own_sales(policy: Policy, inputs: CreditInputs) -> Cap | Withheld | None:
    share = policy.caps.own_sales_rate
    if share is None:
        return None
    if inputs.own_annual_sales is None:
        return Withheld(m("the company's own sales of the last twelve months are not known"))
    amount = _in_dealer_currency(EXACT.multiply(max(inputs.own_annual_sales, Decimal(0)), share), inputs)
    if isinstance(amount, Withheld):
        return amount
    sales = f"{told(inputs.own_annual_sales)} {inputs.company_currency}"
    said = m("%(cap)s is %(rate)s of company sales %(sales)s", cap=told(amount), rate=percent(share), sales=sales)
    return Cap("own_sales_cap", m("Own-sales cap"), said, amount)


def _mean_month(policy: Policy, inputs: CreditInputs) -> Cap | Withheld | None:
    rate = policy.caps.mean_month_season_rate
    if rate is None:
        return None
    base = monthly_base(policy, inputs)
    if isinstance(base, Withheld):
        return base
    name = m("Mean-month cap")
    if isinstance(base, Decimal):
        return Cap("mean_month_cap", name, m("target month %(mean)s, no season yet", mean=told(base)), base)
    indices = seasonal_indices(policy, inputs)
    if isinstance(indices, Withheld):
        return indices
    index = indices[inputs.as_of.month]
    low, high = seasonal_band(base.mean, rate)
    amount = max(min(max(EXACT.multiply(base.mean, index), low), high), Decimal(0))
    params = {"cap": told(amount), "mean": told(base.mean), "index": told(index), "band": percent(rate)}
    said = m("%(cap)s is the mean month %(mean)s at index %(index)s, within %(band)s of it", **params)
    return Cap("mean_month_cap", name, said, amount)


def _ceiling_months(policy: Policy, inputs: CreditInputs) -> Cap | Withheld | None:
    if policy.caps.grade_ceiling_months.is_empty():
        return None
    grade, _ = counted_grade(policy, inputs)
    if grade is None:
        return Withheld(m("no grade is set"))
    months = policy.caps.grade_ceiling_months.of(grade)
    name = m("Ceiling of grade %(grade)s in months of sales", grade=grade)
    if months is None:
        return Cap("grade_ceiling_months", name, m("none is set"), None)
    base = monthly_base(policy, inputs)
    if isinstance(base, Withheld):
        return base
    monthly = base if isinstance(base, Decimal) else base.mean
    amount = max(EXACT.multiply(monthly, months), Decimal(0))
    said = m("%(cap)s is %(n)s months of %(mean)s", cap=told(amount), n=told(months), mean=told(monthly))
    return Cap("grade_ceiling_months", name, said, amount)


def _ceiling_amount(policy: Policy, inputs: CreditInputs) -> Cap | Withheld | None:
    if policy.caps.grade_ceiling_amounts.is_empty():
        return None
    grade, _ = counted_grade(policy, inputs)
    if grade is None:
        return Withheld(m("no grade is set"))
    ceiling = policy.caps.grade_ceiling_amounts.of(grade)
    name = m("Ceiling of grade %(grade)s", grade=grade)
    if ceiling is None:
        return Cap("grade_ceiling_amount", name, m("none is set"), None)
    amount = _in_dealer_currency(ceiling, inputs)
    if isinstance(amount, Withheld):
        return amount
    said = m("%(amount)s %(company)s", amount=told(ceiling), company=inputs.company_currency)
    return Cap("grade_ceiling_amount", name, said, amount)


def _rise(policy: Policy, inputs: CreditInputs) -> Cap | None:
    rate, in_force = policy.caps.rise_rate, inputs.limit_in_force
    if rate is None:
        return None
    name = m("Rise cap")
    if in_force is None:
        return Cap("rise_cap", name, m("no approved limit is in force"), None)
    amount = EXACT.multiply(in_force, 1 + rate)
    if in_force == 0:
        # A share of nothing is nothing: such a dealer rises again only by a proposal that a person makes.
        said = m("the limit in force is 0, and +%(rate)s over it is 0", rate=percent(rate))
        return Cap("rise_cap", name, said, amount)
    params = {"cap": told(amount), "rate": percent(rate), "limit": told(in_force)}
    return Cap("rise_cap", name, m("%(cap)s is +%(rate)s over %(limit)s", **params), amount)


def _in_dealer_currency(company_amount: Decimal, inputs: CreditInputs) -> Decimal | Withheld:
    rate = company_rate(inputs, inputs.currency)
    if rate is None:
        currencies = {"currency": inputs.currency, "company": inputs.company_currency, "on": inputs.as_of}
        return Withheld(m("no rate from %(currency)s to %(company)s for %(on)s", **currencies))
    return EXACT.divide(company_amount, rate.rate)
