"""Why two limits differ: one cause after another is put in place of the old one, and each change is its part."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from msgspec import Struct, structs

from channel.credit.rules.decision import LimitDecision
from channel.credit.rules.inputs import CreditInputs
from channel.credit.rules.limit import compute_limit
from channel.credit.rules.owed import owed_said
from channel.credit.rules.policy import Policy
from channel.credit.rules.steps import EXACT, StepKind, settled, told
from channel.errors import Message, m

CAUSES: dict[str, tuple[str, ...]] = {
    "sales": (
        "as_of", "known_at", "dealer", "dealer_type", "currency", "company_currency", "appointed_on",
        "first_year_target", "months", "earlier_covered_months", "statements", "scores", "best_high_credit",
        "reference_limits", "stated_need", "exposure", "status",
    ),
    "receivables": ("owed", "incidents"),
    "rates": ("rates",),
    "terms": ("terms_days", "terms_since"),
    "grade": ("grade", "grade_since"),
    "policy": (),
    "caps": ("limit_in_force", "own_annual_sales"),
}  # fmt: skip
"""The causes in the order of their replacement, and the fields of the snapshot that belong to each."""

_LABELS = {
    "sales": m("Sales"),
    "receivables": m("Receivables"),
    "rates": m("Rates"),
    "terms": m("Payment terms"),
    "grade": m("Grade"),
    "policy": m("Policy"),
    "caps": m("Caps"),
    "rounding": m("Rounding"),
}


class DiffPart(Struct, frozen=True, gc=False):
    """One cause: by how much it changed the unrounded limit, and what it was on either side."""

    key: str
    label: Message
    amount: Decimal
    before: Message
    after: Message


class LimitDiff(Struct, frozen=True, gc=False):
    """Two limits and the parts of their difference, which sum to it exactly; or why there are no parts.

    `withheld` says that there are none, `reason` repeats the refusal that caused it.
    """

    before: LimitDecision
    after: LimitDecision
    parts: tuple[DiffPart, ...]
    withheld: Message | None
    reason: Message | None = None

    @property
    def whole(self) -> Decimal | None:
        """The limit after less the limit before; None when parts are withheld."""
        if self.withheld or self.before.amount is None or self.after.amount is None:
            return None
        return EXACT.subtract(self.after.amount, self.before.amount)


def diff_limits(inputs1: CreditInputs, policy1: Policy, inputs2: CreditInputs, policy2: Policy) -> LimitDiff:
    """The second limit less the first: sales, receivables, rates, terms, grade, policy, caps, rounding, in this order.

    Each part is the change of the unrounded limit when that cause alone is replaced, all earlier ones being replaced
    already; rounding is what is left. "Sales" are all that the dealer did and showed: reports, dates, statements,
    scores, history; "caps" are the limit in force and the company's own sales, which nothing but caps reads.
    Receivables are no cause where neither side read any. Both snapshots must hold the months that either policy looks
    at (`months_needed`). Where a side is withheld, where the currencies differ, or where the way between them cannot
    be computed, it says so and gives no parts.
    """
    before, after = compute_limit(policy1, inputs1), compute_limit(policy2, inputs2)
    refused = _refused(before, after)
    if refused:
        return LimitDiff(before, after, (), *refused)
    parts: list[DiffPart] = []
    last = before
    for cause, inputs, policy in _replacements(inputs1, policy1, inputs2, policy2):
        now = compute_limit(policy, inputs)
        if now.unrounded is None or last.unrounded is None:
            return LimitDiff(
                before, after, (), m("a limit on the way from the one to the other cannot be computed"), now.withheld
            )
        change = settled(EXACT.subtract(now.unrounded, last.unrounded))
        sides = _sides(cause, (inputs1, policy1, before), (inputs2, policy2, after))
        parts.append(DiffPart(cause, _LABELS[cause], change, *sides))
        last = now
    parts.append(_rounding(before, after))
    return LimitDiff(before, after, tuple(parts), None)


def _refused(before: LimitDecision, after: LimitDecision) -> tuple[Message, Message | None] | None:
    if before.withheld and after.withheld:
        return m("both limits are withheld"), before.withheld
    if before.withheld:
        return m("the first limit is withheld"), before.withheld
    if after.withheld:
        return m("the second limit is withheld"), after.withheld
    if (before.currency, before.company_currency) != (after.currency, after.company_currency):
        text = m("the limits are in %(before)s and in %(after)s", before=before.currency, after=after.currency)
        return text, None
    return None


def _replacements(
    inputs1: CreditInputs, policy1: Policy, inputs2: CreditInputs, policy2: Policy
) -> Iterator[tuple[str, CreditInputs, Policy]]:
    inputs, policy = inputs1, policy1
    for cause, names in CAUSES.items():
        if cause == "receivables" and not any(_reads_ledger(each) for each in (inputs1, inputs2)):
            continue
        changes: dict[str, Any] = {name: getattr(inputs2, name) for name in names}
        inputs = structs.replace(inputs, **changes)
        policy = policy2 if cause == "policy" else policy
        yield cause, inputs, policy


def _reads_ledger(inputs: CreditInputs) -> bool:
    return inputs.owed is not None or inputs.incidents is not None


_Side = tuple[CreditInputs, Policy, LimitDecision]


def _sides(cause: str, before: _Side, after: _Side) -> tuple[Message, Message]:
    return _said(cause, before), _said(cause, after)


def _said(cause: str, side: _Side) -> Message:
    """What a cause was on one side, in words."""
    inputs, policy, decision = side
    if cause == "sales":
        return _first_figure(decision)
    if cause == "receivables":
        return owed_said(policy, inputs)
    if cause == "terms":
        return m("%(days)s days", days=str(inputs.terms_days)) if inputs.terms_days is not None else m("not set")
    if cause == "grade":
        return m("%(grade)s", grade=inputs.grade) if inputs.grade else m("not set")
    if cause == "policy":
        return m("version %(version)s", version=str(policy.version)) if policy.version else m("draft")
    return _rates_said(inputs) if cause == "rates" else _bound(decision)


def _first_figure(decision: LimitDecision) -> Message:
    first = next((step for step in decision.steps if step.kind is StepKind.VALUE and step.after is not None), None)
    if first is None or first.after is None:
        return m("none")
    if first.key.startswith("mean_"):
        return m("mean %(mean)s a month", mean=told(first.after))
    return m("%(amount)s", amount=told(first.after))


def _rates_said(inputs: CreditInputs) -> Message:
    foreign = [rate for rate in inputs.rates if rate.currency != inputs.company_currency]
    if not foreign:
        return m("none used")
    return m("%(rates)s", rates=", ".join(f"{rate.currency} {rate.rate:f} ({rate.on})" for rate in foreign))


def _bound(decision: LimitDecision) -> Message:
    bound = [step for step in decision.steps if step.bound]
    return bound[-1].name if bound else m("none reached")


def _rounding(before: LimitDecision, after: LimitDecision) -> DiffPart:
    amounts = [EXACT.subtract(d.amount or Decimal(0), d.unrounded or Decimal(0)) for d in (before, after)]
    said = [m("%(amount)s", amount=told(amount)) for amount in amounts]
    return DiffPart("rounding", _LABELS["rounding"], settled(EXACT.subtract(amounts[1], amounts[0])), said[0], said[1])
