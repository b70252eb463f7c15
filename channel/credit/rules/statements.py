"""Limits and judgements from a dealer's financial statements, each refusing where a ratio has no meaning.

Every function that takes figures is a published formula and can be used alone; those that take a policy and a
snapshot choose the statement, convert its amounts at the rate of the as-of date, and tell their steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from channel.credit.rules.inputs import CreditInputs, Statement, company_rate
from channel.credit.rules.parameters import AltmanRule, WorkingAssetsBand
from channel.credit.rules.policy import AltmanVariant, Policy
from channel.credit.rules.sales import mean
from channel.credit.rules.steps import (
    EXACT,
    MethodResult,
    Step,
    StepKind,
    Withheld,
    Working,
    percent,
    settled,
    told,
    total,
)
from channel.errors import Message, m
from channel.periods import plus_months


@dataclass(frozen=True, slots=True)
class WorkingAssets:
    """The working-asset model's score, its base, the share of it, and the risk that the score stands for."""

    score: Decimal
    working_assets: Decimal
    rate: Decimal
    risk: str
    limit: Decimal


def working_assets_model(
    bands: Sequence[WorkingAssetsBand],
    current_assets: Decimal,
    inventory: Decimal,
    current_liabilities: Decimal,
    total_debt: Decimal,
    net_worth: Decimal,
) -> WorkingAssets | Withheld:
    """Score = CA/CL + (CA - inventory)/CL - CL/NW - debt/NW; limit = ((CA - CL) + NW)/2 x the score's share.

    Net worth at or below 0 and current liabilities at or below 0 are refused: the score would divide by nothing or
    turn its sign. 营运资产分析模型.
    """
    if net_worth <= 0:
        return Withheld(m("net worth is %(amount)s, the working-asset score needs one above 0", amount=told(net_worth)))
    if current_liabilities <= 0:
        return Withheld(
            m("current liabilities are %(amount)s, the score needs them above 0", amount=told(current_liabilities))
        )
    liquid = EXACT.divide(EXACT.subtract(EXACT.add(current_assets, current_assets), inventory), current_liabilities)
    burden = EXACT.divide(EXACT.add(current_liabilities, total_debt), net_worth)
    score = EXACT.subtract(liquid, burden)
    base = EXACT.divide(EXACT.add(EXACT.subtract(current_assets, current_liabilities), net_worth), Decimal(2))
    band = working_assets_band(bands, score)
    return WorkingAssets(score, base, band.rate, band.risk, EXACT.multiply(base, band.rate))


def working_assets_band(bands: Sequence[WorkingAssetsBand], score: Decimal) -> WorkingAssetsBand:
    """The last band that begins at or below the score; the first one begins below everything."""
    return [band for band in bands if band.from_score is None or band.from_score <= score][-1]


def altman_score(rule: AltmanRule, ratios: Sequence[Decimal]) -> Decimal:
    """The sum of coefficient x ratio; as many ratios as coefficients, else `ValueError`."""
    return total(EXACT.multiply(c, x) for c, x in zip(rule.coefficients, ratios, strict=True))


def altman_zone(rule: AltmanRule, score: Decimal) -> str:
    """`distress` below the lower cut-off, `safe` above the upper one, `grey` between them, edges included."""
    if score < rule.distress_below:
        return "distress"
    return "safe" if score > rule.safe_above else "grey"


def small_customer_base(net_assets: Decimal, net_profit: Decimal) -> Decimal:
    """(Net assets at year end + net profit) / 2: the base for a small customer."""
    return EXACT.divide(EXACT.add(net_assets, net_profit), Decimal(2))


def working_assets(policy: Policy, inputs: CreditInputs) -> MethodResult | Withheld:
    """The working-asset model on the latest statement."""
    figures = _figures(policy, inputs, "current_assets", "inventory", "current_liabilities", "total_debt", "net_worth")
    if isinstance(figures, Withheld):
        return figures
    model = working_assets_model(policy.parameters.working_assets_bands, *figures.amounts)
    if isinstance(model, Withheld):
        return model
    working = Working()
    working.value("working_assets", m("Working assets"), model.working_assets, figures.source)
    score = m(_RISKS[model.risk].text, score=f"{settled(model.score):.2f}")
    working.times("working_assets_rate", m("Share by score"), model.rate, score)
    working.subtotal("working_assets_limit", m("Working-asset limit"))
    return working.result()


def net_worth(policy: Policy, inputs: CreditInputs) -> MethodResult | Withheld:
    """A share of the net worth of the latest statement."""
    working = Working()
    refused = _net_worth_share(policy, inputs, working)
    return refused or working.result()


def two_ten(policy: Policy, inputs: CreditInputs) -> MethodResult | Withheld:
    """The two ten-percent rules: a share of net worth, and no dealer above a share of own yearly sales."""
    working = Working()
    refused = _net_worth_share(policy, inputs, working)
    if refused:
        return refused
    rate = company_rate(inputs, inputs.currency)
    if inputs.own_annual_sales is None:
        return working.withheld(m("the company's own sales of the last twelve months are not known"))
    if rate is None:
        return working.withheld(_no_rate(inputs.currency, inputs))
    own = EXACT.divide(inputs.own_annual_sales, rate.rate)
    share = policy.parameters.own_sales_rate
    amount = min(working.amount, EXACT.multiply(own, share))
    said = m("%(rate)s of own sales %(sales)s", rate=percent(share), sales=told(own))
    working.value("two_ten_percent", m("Smaller of the two shares"), amount, said)
    return working.result()


def three_calculation_average(policy: Policy, inputs: CreditInputs) -> MethodResult | Withheld:
    """The mean of three calculations; withheld while one of the three is not known."""
    working = Working()
    refused = _net_worth_share(policy, inputs, working)
    if refused:
        return refused
    if not inputs.reference_limits:
        return working.withheld(m("no trade-reference limits are known"))
    if inputs.stated_need is None:
        return working.withheld(m("the dealer has not stated a need"))
    references = median(inputs.reference_limits)
    amount = mean((working.amount, references, inputs.stated_need))
    working.value(
        "three_calculations",
        m("Mean of three calculations"),
        amount,
        m("share of net worth %(amount)s", amount=told(working.amount)),
        m("median of %(n)s references %(amount)s", n=str(len(inputs.reference_limits)), amount=told(references)),
        m("stated need %(amount)s", amount=told(inputs.stated_need)),
    )
    return working.result()


def small_customer(policy: Policy, inputs: CreditInputs) -> MethodResult | Withheld:
    """A share of the small customer's base."""
    figures = _figures(policy, inputs, "net_worth", "net_profit")
    if isinstance(figures, Withheld):
        return figures
    working = Working()
    base = small_customer_base(*figures.amounts)
    said = m("(net assets %(assets)s + net profit %(profit)s) ÷ 2", **_told(figures, "assets", "profit"))
    working.value("small_customer", m("Base of a small customer"), base, said, figures.source)
    rate = policy.parameters.small_customer_rate
    working.times("small_customer_rate", m("Share of the base"), rate, m("%(rate)s", rate=percent(rate)))
    return working.result()


def altman_gate(policy: Policy, inputs: CreditInputs) -> Step | Withheld:
    """The factor of Altman's zone on the latest statement, as a step without running amounts."""
    variant = policy.gates.altman
    ratios = _altman_ratios(policy, inputs, variant)
    if isinstance(ratios, Withheld):
        return ratios
    rule = altman_rule(policy, variant)
    score = altman_score(rule, ratios.amounts)
    zone = altman_zone(rule, score)
    factor = {"distress": policy.gates.distress_factor, "grey": policy.gates.grey_factor, "safe": Decimal(1)}[zone]
    names = {
        AltmanVariant.Z: m("Altman Z"),
        AltmanVariant.Z_PRIME: m("Altman Z'"),
        AltmanVariant.Z_DOUBLE_PRIME: m("Altman Z''"),
    }
    zones = {"distress": m("distress"), "grey": m("grey zone"), "safe": m("safe")}
    cuts = {"score": f"{settled(score):.3f}", "low": f"{rule.distress_below:f}", "high": f"{rule.safe_above:f}"}
    said = m("score %(score)s, distress below %(low)s, safe above %(high)s", **cuts)
    return Step("altman", StepKind.FACTOR, names[variant], (zones[zone], said, ratios.source), factor=factor)


def altman_rule(policy: Policy, variant: AltmanVariant) -> AltmanRule:
    """The policy's coefficients and cut-offs for a variant."""
    parameters = policy.parameters
    if variant is AltmanVariant.Z:
        return parameters.altman_z
    return parameters.altman_z_prime if variant is AltmanVariant.Z_PRIME else parameters.altman_z_double_prime


@dataclass(frozen=True, slots=True)
class _Figures:
    amounts: tuple[Decimal, ...]
    source: Message


_NOT_SHOWN = {
    "total_assets": m("the statement of %(on)s does not show total assets"),
    "current_assets": m("the statement of %(on)s does not show current assets"),
    "inventory": m("the statement of %(on)s does not show inventory"),
    "current_liabilities": m("the statement of %(on)s does not show current liabilities"),
    "total_debt": m("the statement of %(on)s does not show total debt"),
    "net_worth": m("the statement of %(on)s does not show net worth"),
    "retained_earnings": m("the statement of %(on)s does not show retained earnings"),
    "ebit": m("the statement of %(on)s does not show earnings before interest and tax"),
    "sales": m("the statement of %(on)s does not show sales"),
    "net_profit": m("the statement of %(on)s does not show net profit"),
    "market_equity": m("the statement of %(on)s does not show the market value of equity"),
}
_RISKS = {
    "high": m("score %(score)s, high risk"),
    "limited": m("score %(score)s, limited risk"),
    "low": m("score %(score)s, low risk"),
}


def latest_statement(policy: Policy, inputs: CreditInputs) -> Statement | Withheld:
    """The latest statement whose period ended before the as-of date; withheld when it is older than allowed."""
    ended = [statement for statement in inputs.statements if statement.period_end < inputs.as_of]
    if not ended:
        return Withheld(m("no financial statement is known"))
    latest = max(ended, key=lambda statement: statement.period_end)
    oldest = policy.parameters.statement_max_age_months
    if plus_months(latest.period_end, oldest) < inputs.as_of:
        text = m("the latest statement, %(on)s, is more than %(n)s months old", on=latest.period_end, n=str(oldest))
        return Withheld(text)
    return latest


def _figures(policy: Policy, inputs: CreditInputs, *names: str) -> _Figures | Withheld:
    """Amounts of the latest statement in the dealer's currency."""
    statement = latest_statement(policy, inputs)
    if isinstance(statement, Withheld):
        return statement
    raw = _raw(statement, *names)
    if isinstance(raw, Withheld):
        return raw
    source = m("statement of %(on)s", on=statement.period_end)
    if statement.currency == inputs.currency:
        return _Figures(raw, source)
    theirs, ours = company_rate(inputs, statement.currency), company_rate(inputs, inputs.currency)
    if theirs is None or ours is None:
        return Withheld(_no_rate(statement.currency if theirs is None else inputs.currency, inputs))
    cross = EXACT.divide(theirs.rate, ours.rate)
    rates = {"currency": statement.currency, "rate": f"{cross:.6f}", "mine": inputs.currency}
    source = m("statement of %(on)s, 1 %(currency)s = %(rate)s %(mine)s", on=statement.period_end, **rates)
    return _Figures(tuple(EXACT.multiply(amount, cross) for amount in raw), source)


def _raw(statement: Statement, *names: str) -> tuple[Decimal, ...] | Withheld:
    amounts: list[Decimal] = []
    for name in names:
        amount: Decimal | None = getattr(statement, name)
        if amount is None:
            return Withheld(m(_NOT_SHOWN[name].text, on=statement.period_end))
        amounts.append(amount)
    return tuple(amounts)


def _altman_ratios(policy: Policy, inputs: CreditInputs, variant: AltmanVariant) -> _Figures | Withheld:
    """Altman's ratios in their order.

    X1 working capital, X2 retained earnings, X3 EBIT, each over total assets; X4 equity (market value for Z, book
    value for the others) over liabilities; X5 sales over total assets, which Z'' does not have.
    """
    statement = latest_statement(policy, inputs)
    if isinstance(statement, Withheld):
        return statement
    raw = _raw(
        statement, "total_assets", "current_assets", "current_liabilities", "retained_earnings", "ebit", "net_worth"
    )
    if isinstance(raw, Withheld):
        return raw
    assets, current, owed, retained, ebit, worth = raw
    liabilities = EXACT.subtract(assets, worth) if statement.total_debt is None else statement.total_debt
    if assets <= 0 or liabilities <= 0:
        return Withheld(m("the Altman score needs total assets and liabilities above 0"))
    equity = _raw(statement, "market_equity") if variant is AltmanVariant.Z else (worth,)
    turnover = (Decimal(0),) if variant is AltmanVariant.Z_DOUBLE_PRIME else _raw(statement, "sales")
    if isinstance(equity, Withheld):
        return equity
    if isinstance(turnover, Withheld):
        return turnover
    over_assets = [EXACT.divide(part, assets) for part in (EXACT.subtract(current, owed), retained, ebit)]
    ratios = [*over_assets, EXACT.divide(equity[0], liabilities)]
    if variant is not AltmanVariant.Z_DOUBLE_PRIME:
        ratios.append(EXACT.divide(turnover[0], assets))
    return _Figures(tuple(ratios), m("statement of %(on)s", on=statement.period_end))


def _net_worth_share(policy: Policy, inputs: CreditInputs, working: Working) -> Withheld | None:
    figures = _figures(policy, inputs, "net_worth")
    if isinstance(figures, Withheld):
        return figures
    worth = figures.amounts[0]
    if worth <= 0:
        return Withheld(m("net worth is %(amount)s, a share of it needs one above 0", amount=told(worth)))
    rate = policy.parameters.net_worth_rate
    working.value("net_worth", m("Net worth"), worth, figures.source)
    working.times("net_worth_rate", m("Share of net worth"), rate, m("%(rate)s", rate=percent(rate)))
    return None


def _told(figures: _Figures, *names: str) -> dict[str, str]:
    return {name: told(amount) for name, amount in zip(names, figures.amounts, strict=True)}


def _no_rate(currency: str, inputs: CreditInputs) -> Message:
    return m(
        "no rate from %(currency)s to %(company)s for %(on)s",
        currency=currency,
        company=inputs.company_currency,
        on=inputs.as_of,
    )
