"""A snapshot as it was collected, with what had to be converted and what forbids a limit, and the decision on it."""

from dataclasses import dataclass
from typing import Any

from msgspec import Struct, structs

from channel.credit.rules.decision import LimitDecision
from channel.credit.rules.incident_gate import reads_incidents
from channel.credit.rules.inputs import CreditInputs
from channel.credit.rules.json_values import from_stored, to_stored
from channel.credit.rules.limit import compute_limit
from channel.credit.rules.owed import reads_overdue
from channel.credit.rules.policy import Basis, Method, Policy, months_needed
from channel.credit.rules.steps import Step, StepKind
from channel.errors import Message, m

NO_STATUS = m("no status was known of the dealer on %(on)s")
"""Told of a dealer of whom something was known on the day, but not yet whether he is active."""


class Collected(Struct, frozen=True, omit_defaults=True, gc=False):
    """What was found out about a dealer, ready to decide on.

    `conversions` tell which figures were kept in an older currency of the dealer's and how they were brought into the
    present one. `refused` says why no limit can be computed whatever the policy: nothing known of the dealer on that
    day, or a figure without a rate to convert it.
    """

    dealer_id: int
    inputs: CreditInputs
    conversions: tuple[Message, ...] = ()
    refused: Message | None = None


@dataclass(frozen=True, slots=True)
class Needs:
    """What has to be collected for a policy: how many complete months, and of which kinds; and what of the ledger.

    `exposure` is what the limit in force is held against; no policy computes from it.
    """

    months: int
    basis: Basis = Basis.SELL_IN
    sell_through: bool = False
    stock: bool = False
    own_sales: bool = False
    overdue: bool = False
    high_credit: bool = False
    exposure: bool = False
    incidents: bool = False

    def joined(self, other: "Needs") -> "Needs":
        """What both need together, on the other's basis."""
        return Needs(
            max(self.months, other.months),
            other.basis,
            self.sell_through or other.sell_through,
            self.stock or other.stock,
            self.own_sales or other.own_sales,
            self.overdue or other.overdue,
            self.high_credit or other.high_credit,
            self.exposure or other.exposure,
            self.incidents or other.incidents,
        )


def needs_of(policy: Policy) -> Needs:
    """What the policy reads."""
    basis = policy.sales.basis
    own = policy.caps.own_sales_rate is not None or any(use.method is Method.TWO_TEN_PERCENT for use in policy.methods)
    best = policy.parameters.high_credit_from_ledger and any(
        use.method is Method.BEST_HIGH_CREDIT for use in policy.methods
    )
    return Needs(
        months_needed(policy),
        basis,
        basis is not Basis.SELL_IN,
        basis is Basis.SMALLER,
        own,
        overdue=reads_overdue(policy),
        high_credit=best,
        incidents=reads_incidents(policy),
    )


def decide(policy: Policy, collected: Collected) -> LimitDecision:
    """The limit on what was collected; conversions are its first steps, and a refusal withholds it."""
    decision = compute_limit(policy, collected.inputs)
    if collected.conversions:
        said = tuple(Step("conversion", StepKind.NOTE, m("Converted"), (each,)) for each in collected.conversions)
        decision = structs.replace(decision, steps=(*said, *decision.steps))
    if collected.refused is None:
        return decision
    return structs.replace(
        decision,
        amount=None,
        unrounded=None,
        withheld=collected.refused,
        company_amount=None,
        approvals_needed=None,
        valid_until=None,
        steps=tuple(step for step in decision.steps if step.kind is not StepKind.TOTAL),
    )


def asked_as(kept: Collected, now: Collected) -> Collected:
    """What is collected now, of the facts that were asked for when the other was kept: its status was none once."""
    if kept.inputs.status is not None or _is_without_status(kept):
        return now
    refused = None if _is_without_status(now) else now.refused
    return structs.replace(now, inputs=structs.replace(now.inputs, status=None), refused=refused)


def _is_without_status(collected: Collected) -> bool:
    return collected.refused is not None and collected.refused.text == NO_STATUS.text


def collected_to_document(collected: Collected) -> dict[str, Any]:
    """What was collected, as JSON values."""
    document: dict[str, Any] = to_stored(collected)
    return document


def collected_from_document(document: dict[str, Any]) -> Collected:
    """What was collected then."""
    collected: Collected = from_stored(Collected, document)
    return collected
