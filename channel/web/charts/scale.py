"""The axis of amounts that a chart by month stands on."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

HEIGHT = 216
TOP = 12
FOOT = 34
"""Pixels: the whole chart, the room above the highest rule, and that of the months' names below the lowest."""

_TICKS = 4
_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis of amounts: from `low` to `high`, with a rule at each of `ticks`; zero always lies on it."""

    low: Decimal
    high: Decimal
    ticks: tuple[Decimal, ...]

    def y(self, value: Decimal) -> Decimal:
        """How many pixels from the top a value lies."""
        share = (value - self.low) / (self.high - self.low)
        return TOP + (1 - share) * (HEIGHT - TOP - FOOT)


def scale_of(values: Sequence[Decimal | None]) -> Scale:
    """An axis with some four round steps that holds every known value and zero."""
    known = [value for value in values if value is not None]
    low, high = min([*known, Decimal(0)]), max([*known, Decimal(0)])
    if low == high:
        high = Decimal(1)
    rough = (high - low) / _TICKS
    power = Decimal(1).scaleb(rough.adjusted())
    step = next(power * each for each in _STEPS if power * each >= rough)
    first, last = (low / step).to_integral_value("ROUND_FLOOR"), (high / step).to_integral_value("ROUND_CEILING")
    ticks = tuple(step * n for n in range(int(first), int(last) + 1))
    return Scale(ticks[0], ticks[-1], ticks)
