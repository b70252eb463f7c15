"""What several answers of this room are made of: decisions with their steps, in the reader's words."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self, TypeAlias

import msgspec
from litestar import Request

from channel.credit.rules import LimitDecision, LimitDiff, Step
from channel.errors import Message
from channel.web import language_of

AnyRequest: TypeAlias = Request[Any, Any, Any]


class RateUsed(msgspec.Struct):
    """Company currency per unit, as published for the day."""

    currency: str
    rate: Decimal
    on: date


class StepTold(msgspec.Struct):
    """One step: what went in, the running amount before and after, the factor, and whether it decided."""

    key: str
    kind: str
    name: str
    inputs: list[str]
    before: Decimal | None
    after: Decimal | None
    factor: Decimal | None
    reason: str | None
    bound: bool


class Decision(msgspec.Struct):
    """A limit with its steps, or why there is none (`withheld`); amounts in the dealer's currency."""

    dealer: str
    as_of: date
    known_at: datetime | None
    policy_version: int
    policy_name: str
    currency: str
    amount: Decimal | None
    unrounded: Decimal | None
    withheld: str | None
    new_dealer: bool
    first_order_prepaid: bool
    company_currency: str
    company_amount: Decimal | None
    approvals_needed: int | None
    valid_until: date | None
    rates: list[RateUsed]
    steps: list[StepTold]
    notes: list[str]

    @classmethod
    def of(cls, decision: LimitDecision, request: AnyRequest) -> Self:
        """The decision in the words of whoever asked."""
        tell = language_of(request).tell
        plain = {
            name: getattr(decision, name)
            for name in cls.__struct_fields__
            if name not in {"withheld", "rates", "steps", "notes"}
        }
        return cls(
            **plain,
            withheld=None if decision.withheld is None else tell(decision.withheld),
            rates=[RateUsed(rate.currency, rate.rate, rate.on) for rate in decision.rates],
            steps=[told_step(step, request) for step in decision.steps],
            notes=[tell(note) for note in decision.notes],
        )


def told_step(step: Step, request: AnyRequest) -> StepTold:
    """A step in the words of whoever asked."""
    tell = language_of(request).tell
    return StepTold(
        step.key,
        step.kind.value,
        tell(step.name),
        [tell(each) for each in step.inputs],
        step.before,
        step.after,
        step.factor,
        None if step.reason is None else tell(step.reason),
        step.bound,
    )


def told(message: Message | None, request: AnyRequest) -> str | None:
    """A message in the words of whoever asked, None where there is none."""
    return None if message is None else language_of(request).tell(message)


class Part(msgspec.Struct):
    """One cause and by how much it changed the unrounded limit."""

    key: str
    label: str
    amount: Decimal
    before: str | None
    after: str | None


class Difference(msgspec.Struct):
    """Two limits and the parts that sum to their difference; or why there are no parts (`withheld`, `reason`)."""

    before: Decision
    after: Decision
    whole: Decimal | None
    parts: list[Part]
    withheld: str | None
    reason: str | None

    @classmethod
    def of(cls, found: LimitDiff, request: AnyRequest) -> Self:
        """The comparison in the words of whoever asked."""
        tell = language_of(request).tell
        return cls(
            Decision.of(found.before, request),
            Decision.of(found.after, request),
            found.whole,
            [
                Part(part.key, tell(part.label), part.amount, tell(part.before), tell(part.after))
                for part in found.parts
            ],
            told(found.withheld, request),
            told(found.reason, request),
        )


class Done(msgspec.Struct):
    """The state after an act."""

    state: str
