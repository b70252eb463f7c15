"""The workings of a computed figure: its steps, its refusals, and how figures are told in them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from functools import lru_cache, reduce

import msgspec

from channel.errors import Message
from channel.money import round_half_away
from channel.periods import Month

EXACT = Context(prec=50)
"""Arithmetic of limits: wide enough that no step loses what a later one would give back."""

WORKING_PLACES = 12
"""Decimal places of every told figure before the last rounding; thirds that make a whole again are whole."""

_ZERO = Decimal(0)
_LAST_PLACE = Decimal(1).scaleb(-WORKING_PLACES)
_SETTLING = Context(prec=50, rounding=ROUND_HALF_UP)


class StepKind(StrEnum):
    """How a step is shown: a figure, a factor, a cap or floor, a subtotal, a remark, or the total after rounding."""

    VALUE = "value"
    FACTOR = "factor"
    CAP = "cap"
    SUBTOTAL = "subtotal"
    NOTE = "note"
    TOTAL = "total"


class Step(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One line of the receipt.

    `before` and `after` are the running amount around it, None where there is none; `factor` is what it multiplied
    by. `bound` marks the cap or floor that decided. `key` is stable across languages and versions, for links.
    """

    key: str
    kind: StepKind
    name: Message
    inputs: tuple[Message, ...] = ()
    before: Decimal | None = None
    after: Decimal | None = None
    factor: Decimal | None = None
    reason: Message | None = None
    bound: bool = False


class Withheld(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A figure that cannot be computed, with the reason; the steps tell how far it came."""

    reason: Message
    steps: tuple[Step, ...] = ()


class MethodResult(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What a method gives, unrounded, its steps, and what lowers the trust that it deserves.

    The last step's `after` is the amount.
    """

    amount: Decimal
    steps: tuple[Step, ...]
    notes: tuple[Message, ...] = ()


@dataclass(slots=True)
class Working:
    """A running amount and the steps that led to it."""

    amount: Decimal = Decimal(0)
    steps: list[Step] = field(default_factory=list)
    notes: list[Message] = field(default_factory=list)

    def value(self, key: str, name: Message, amount: Decimal, *inputs: Message, reason: Message | None = None) -> None:
        """Begin with an amount, or replace the running one by another."""
        self.amount = amount
        self.steps.append(Step(key, StepKind.VALUE, name, inputs, None, settled(amount), None, reason))

    def times(self, key: str, name: Message, factor: Decimal, *inputs: Message, reason: Message | None = None) -> None:
        """Multiply the running amount."""
        before = self.amount
        self.amount = EXACT.multiply(before, factor)
        self.steps.append(
            Step(key, StepKind.FACTOR, name, inputs, settled(before), settled(self.amount), settled(factor), reason)
        )

    def subtotal(self, key: str, name: Message, *inputs: Message) -> None:
        """Tell the running amount under a name."""
        told_amount = settled(self.amount)
        self.steps.append(Step(key, StepKind.SUBTOTAL, name, inputs, told_amount, told_amount))

    def note(self, key: str, name: Message, *inputs: Message, reason: Message | None = None) -> None:
        """A remark that leaves the amount alone."""
        self.steps.append(Step(key, StepKind.NOTE, name, inputs, None, None, None, reason))

    def result(self) -> MethodResult:
        """The amount with the steps so far."""
        return MethodResult(self.amount, tuple(self.steps), tuple(self.notes))

    def withheld(self, reason: Message) -> Withheld:
        """The refusal with the steps so far."""
        return Withheld(reason, tuple(self.steps))


def total(values: Iterable[Decimal]) -> Decimal:
    """The sum, exact to fifty digits."""
    return reduce(EXACT.add, values, _ZERO)


def settled(x: Decimal) -> Decimal:
    """The figure at twelve decimal places at most: what is stored and compared."""
    rounded = x.quantize(_LAST_PLACE, None, _SETTLING)
    if not rounded:
        return _ZERO  # the difference of two long figures would be told as 0E-12
    return x if x == rounded else rounded  # a figure that is short already keeps its own form


@lru_cache(maxsize=1024)
def told(x: Decimal) -> str:
    """A figure in a sentence: thousands separated, two decimals unless it is whole."""
    rounded = round_half_away(x, 2)
    return f"{rounded:,.0f}" if rounded == rounded.to_integral_value() else f"{rounded:,.2f}"


def percent(rate: Decimal) -> str:
    """A fraction as a percentage with as many decimals as it needs: 0.5 is 50%, 0.025 is 2.5%."""
    hundredfold = round_half_away(EXACT.multiply(rate, Decimal(100)), 6).normalize()
    return f"{hundredfold:,f}%"


def month_runs(months: tuple[Month, ...]) -> str:
    """Months told shortly, in order: `2013-01, 2013-03 – 2013-05`."""
    runs: list[list[Month]] = []
    for month in months:
        if runs and runs[-1][-1].plus(1) == month:
            runs[-1].append(month)
        else:
            runs.append([month])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} – {run[-1]}" for run in runs)
