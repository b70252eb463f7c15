"""A dealer's credit limit under a policy: methods, how they combine, gates, floor, caps, one rounding at the end."""

from collections.abc import Callable
from decimal import Decimal

from channel.credit.rules.approval import approvals_needed
from channel.credit.rules.caps import apply_caps, caps_of
from channel.credit.rules.cooperation import status_refused, status_step
from channel.credit.rules.decision import LimitDecision
from channel.credit.rules.incident_gate import gate_incidents, reads_incidents
from channel.credit.rules.inputs import CreditInputs, company_rate
from channel.credit.rules.owed import gate_overdue, reads_overdue
from channel.credit.rules.policy import AltmanVariant, Combine, Method, Policy
from channel.credit.rules.sales import mean
from channel.credit.rules.scores import best_high_credit, characteristic_gate, expected_loss_limit
from channel.credit.rules.statements import (
    altman_gate,
    net_worth,
    small_customer,
    three_calculation_average,
    two_ten,
    working_assets,
)
from channel.credit.rules.steps import EXACT, MethodResult, Step, StepKind, Withheld, Working, settled, told
from channel.credit.rules.turnover import is_new_dealer, seasonal, turnover
from channel.errors import Message, m
from channel.money import STORED_PLACES, round_down, round_half_away
from channel.periods import plus_months

_MethodRule = Callable[[Policy, CreditInputs], MethodResult | Withheld]

METHODS: dict[Method, tuple[Message, _MethodRule]] = {
    Method.TURNOVER: (m("Turnover"), turnover),
    Method.SEASONAL: (m("Seasonal turnover"), seasonal),
    Method.WORKING_ASSETS: (m("Working assets"), working_assets),
    Method.NET_WORTH: (m("Share of net worth"), net_worth),
    Method.TWO_TEN_PERCENT: (m("Two ten-percent rules"), two_ten),
    Method.THREE_CALCULATIONS: (m("Mean of three calculations"), three_calculation_average),
    Method.SMALL_CUSTOMER: (m("Small customer"), small_customer),
    Method.BEST_HIGH_CREDIT: (m("Best high credit"), best_high_credit),
    Method.EXPECTED_LOSS: (m("Expected loss"), expected_loss_limit),
}
"""Every method with its name and its rule."""


def compute_limit(policy: Policy, inputs: CreditInputs) -> LimitDecision:
    """The limit with every step that led to it, or the reason why it is withheld.

    Of a dealer whose status forbids a limit nothing is computed. Methods are computed in the policy's order and
    combined; gates multiply; the floor lifts what is above 0; the lowest cap holds; the result is rounded down to the
    policy's unit. Nothing else is rounded.
    """
    working = Working()
    if inputs.status is not None:
        working.steps.append(status_step(inputs.status))
    refused = status_refused(inputs.status) or _combined(policy, inputs, working) or _gates(policy, inputs, working)
    if refused is None:
        _floor(policy, working)
        refused = _caps(policy, inputs, working)
    if refused is not None:
        return _decision(policy, inputs, Withheld(refused, tuple(working.steps)), None)
    unrounded = settled(working.amount)
    amount = round_down(unrounded, policy.rounding_unit)
    said = m("rounded down to %(unit)s", unit=told(policy.rounding_unit))
    working.steps.append(Step("limit", StepKind.TOTAL, m("Limit"), (said,), unrounded, amount))
    result = MethodResult(unrounded, tuple(working.steps), tuple(working.notes))
    return _decision(policy, inputs, result, amount)


def _combined(policy: Policy, inputs: CreditInputs, working: Working) -> Message | None:
    """Compute the policy's methods and make one amount of those that could be computed."""
    results: list[tuple[Message, Decimal]] = []
    first_reason: Message | None = None
    for use in policy.methods:
        name, rule = METHODS[use.method]
        result = rule(policy, inputs)
        if isinstance(result, Withheld):
            working.steps.extend(result.steps)
            if use.required:
                return result.reason
            first_reason = first_reason or result.reason
            working.note(f"left_out_{use.method.value}", name, m("left out"), reason=result.reason)
            continue
        working.steps.extend(result.steps)
        working.notes.extend(note for note in result.notes if note not in working.notes)
        working.amount = result.amount
        results.append((name, result.amount))
        if policy.combine is Combine.FIRST:
            break
    if not results:
        return first_reason
    if len(results) > 1:
        _combine_step(policy.combine, results, working)
    return None


def _combine_step(combine: Combine, results: list[tuple[Message, Decimal]], working: Working) -> None:
    names = tuple(name for name, _ in results)
    amounts = [amount for _, amount in results]
    if combine is Combine.MEAN:
        working.value("combined", m("Mean of the methods"), mean(amounts), *names)
        return
    smallest = min(amounts)
    working.value("combined", m("Smallest of the methods"), smallest, names[amounts.index(smallest)])


def _gates(policy: Policy, inputs: CreditInputs, working: Working) -> Message | None:
    gates = policy.gates
    asked = []
    if gates.altman is not AltmanVariant.NONE:
        asked.append((m("Altman score"), gates.altman_required, altman_gate))
    if gates.characteristic:
        asked.append((m("Characteristic analysis"), gates.characteristic_required, characteristic_gate))
    for name, required, gate in asked:
        step = gate(policy, inputs)
        if not isinstance(step, Withheld) and step.factor is not None:
            working.times(step.key, step.name, step.factor, *step.inputs)
        elif isinstance(step, Withheld) and required:
            return step.reason
        elif isinstance(step, Withheld):
            working.note("left_out_gate", name, m("left out"), reason=step.reason)
    refused = gate_overdue(policy, inputs, working) if reads_overdue(policy) else None
    return refused or (gate_incidents(policy, inputs, working) if reads_incidents(policy) else None)


def _floor(policy: Policy, working: Working) -> None:
    """Lift to 0 what is below it, and to the policy's floor what is above 0 and below that."""
    before = working.amount
    floor = policy.floor if before > 0 else Decimal(0)
    if before >= floor:
        return
    working.amount = floor
    said = m("never below %(floor)s", floor=told(floor))
    working.steps.append(
        Step("floor", StepKind.CAP, m("Floor"), (said,), settled(before), floor, None, None, bound=True)
    )


def _caps(policy: Policy, inputs: CreditInputs, working: Working) -> Message | None:
    caps = caps_of(policy, inputs)
    if isinstance(caps, Withheld):
        return caps.reason
    apply_caps(caps, working)
    return None


def _decision(
    policy: Policy, inputs: CreditInputs, outcome: MethodResult | Withheld, amount: Decimal | None
) -> LimitDecision:
    new = is_new_dealer(policy, inputs)
    notes, withheld, unrounded = [], None, None
    if isinstance(outcome, MethodResult):
        notes, unrounded = list(outcome.notes), outcome.amount
    else:
        withheld = outcome.reason
    if new and policy.new_dealer.first_order_prepaid:
        notes.append(m("new dealer: the first order is prepaid"))
    company = approvals = valid_until = None
    if amount is not None:
        rate = company_rate(inputs, inputs.currency)
        if rate is None:
            pair = {"currency": inputs.currency, "company": inputs.company_currency, "on": inputs.as_of}
            notes.append(
                m("no rate from %(currency)s to %(company)s for %(on)s: the most approvals are needed", **pair)
            )
        else:
            company = round_half_away(EXACT.multiply(amount, rate.rate), STORED_PLACES)
        approvals = approvals_needed(policy, company)
        valid_until = plus_months(inputs.as_of, policy.validity_months)
        if inputs.exposure is not None and inputs.exposure > amount:
            notes.append(m("exposure %(exposure)s is above this limit", exposure=told(inputs.exposure)))
    return LimitDecision(
        dealer=inputs.dealer,
        as_of=inputs.as_of,
        known_at=inputs.known_at,
        policy_version=policy.version,
        policy_name=policy.name,
        currency=inputs.currency,
        amount=amount,
        unrounded=unrounded,
        steps=outcome.steps,
        withheld=withheld,
        new_dealer=new,
        first_order_prepaid=new and policy.new_dealer.first_order_prepaid,
        company_currency=inputs.company_currency,
        company_amount=company,
        approvals_needed=approvals,
        valid_until=valid_until,
        rates=inputs.rates,
        notes=tuple(notes),
    )
