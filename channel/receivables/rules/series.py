"""Figures of a selection by month: from what moved on each day, and from the items settled in each month.

Everything is of one currency. A month's figures are those of its last day, the last one's of the day asked for.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate

import msgspec

from channel.money import round_half_away
from channel.periods import Month, Span
from channel.receivables.rules.documents import EXACT, add_up
from channel.receivables.rules.figures import (
    Behaviour,
    Figure,
    Variant,
    average_days_delinquent,
    collection_effectiveness,
    count_back_spans,
    dso_best_possible,
    dso_count_back,
    dso_simple,
    dso_window,
    figures_of,
)

COUNT_BACK_MONTHS = 36
"""So many months of sales the count-back takes off at most."""

_ZERO = Decimal(0)


class OpenFlow(msgspec.Struct, frozen=True, gc=False):
    """So much more was open of items of one due day from a day on; less where it is negative."""

    effective_on: date
    due_on: date
    amount: Decimal


class Flow(msgspec.Struct, frozen=True, gc=False):
    """So much more money was on account, or so much more was sold, from a day on."""

    effective_on: date
    amount: Decimal


class Summed:
    """Amounts by day, with the sum up to any of them."""

    def __init__(self, flows: Iterable[Flow]) -> None:
        ordered = sorted(flows, key=lambda each: each.effective_on)
        self._days = [each.effective_on for each in ordered]
        self._sums = [_ZERO, *accumulate((each.amount for each in ordered), EXACT.add)]

    def until(self, day: date) -> Decimal:
        """The sum of what holds from the day or an earlier one."""
        return self._sums[bisect_right(self._days, day)]

    def within(self, span: Span) -> Decimal:
        """The sum of what holds from a day of the span."""
        return EXACT.subtract(self.until(span.last), self.until(span.start - timedelta(days=1)))


class Moved:
    """What moved in the books of a selection: what is open, money on account, and sales less credit notes."""

    def __init__(self, open_: Sequence[OpenFlow], on_account: Summed, sales: Summed) -> None:
        self.open, self.on_account, self.sales = open_, on_account, sales
        # Summed once: every month asks for several days, and a selection moves on each pair of days.
        self._opened = Summed(Flow(each.effective_on, each.amount) for each in open_)

    def open_on(self, day: date) -> Decimal:
        """What was open."""
        return self._opened.until(day)

    def not_due_on(self, day: date) -> Decimal:
        """What of it was not overdue: due today is not."""
        return add_up([each.amount for each in self.open if each.effective_on <= day <= each.due_on])

    def balance_on(self, day: date) -> Decimal:
        """What was open less the money on account."""
        return EXACT.subtract(self.open_on(day), self.on_account.until(day))


class MonthFigures(msgspec.Struct, frozen=True, gc=False):
    """The figures of a month, as of its last day or of the day asked for."""

    month: Month
    as_of: date
    figures: tuple[Figure, ...]


def figures_on(moved: Moved, as_of: date, settled: Behaviour) -> tuple[Figure, ...]:
    """The figures as of a day; `settled` are the items settled in its month.

    The CEI is of the day's calendar month, whole or up to the day: with what was open before it, and all its sales.
    """
    balance = moved.balance_on(as_of)
    window = moved.sales.within(dso_window(as_of))
    current = moved.not_due_on(as_of)
    simple, best = dso_simple(balance, window), dso_best_possible(current, window)
    spans = count_back_spans(as_of, COUNT_BACK_MONTHS)
    month = Month.of(as_of)
    return (
        simple,
        dso_count_back(balance, [(moved.sales.within(span), span.days) for span in spans]),
        best,
        average_days_delinquent(simple, best),
        collection_effectiveness(
            moved.open_on(month.first - timedelta(days=1)),
            moved.sales.within(Span(month.first, as_of + timedelta(days=1))),
            moved.open_on(as_of),
            current,
        ),
        *figures_of(settled),
    )


def figures_by_month(
    moved: Moved, settled: Mapping[Month, Behaviour], as_of: date, months: int
) -> tuple[MonthFigures, ...]:
    """The figures of so many months up to the one of the day, the earliest first."""
    last = Month.of(as_of)
    ends = [(last.plus(-back), min(as_of, last.plus(-back).span.last)) for back in reversed(range(months))]
    return tuple(
        MonthFigures(month, end, figures_on(moved, end, settled.get(month, Behaviour()))) for month, end in ends
    )


class FigureRow(msgspec.Struct, frozen=True):
    """The figures of a month in one line, rounded half away from zero to 4 decimals.

    The month is told as JSON has it (2027-03), null for all of them together.
    Days are calendar days, shares fractions, the CEI a percentage. Null is a figure that has no meaning there.
    `workings` holds for each figure by name what it was made of.
    """

    key: str
    currency: str
    month: str | None
    as_of: date
    dso_simple: Decimal | None
    dso_count_back: Decimal | None
    dso_best_possible: Decimal | None
    average_days_delinquent: Decimal | None
    cei_full_period: Decimal | None
    days_beyond_terms: Decimal | None
    days_beyond_terms_weighted: Decimal | None
    days_late: Decimal | None
    days_late_weighted: Decimal | None
    paid_on_time: Decimal | None
    paid_on_time_weighted: Decimal | None
    paydex_like: Decimal | None
    longest_delay: Decimal | None
    workings: Mapping[str, Mapping[str, Decimal]]


def row_of(currency: str, told: MonthFigures, *, together: bool = False) -> FigureRow:
    """The line of a month's figures, or of all months together, of which the CEI says nothing."""
    kept = [each for each in told.figures if not (together and each.variant is Variant.CEI_FULL_PERIOD)]
    values = {each.variant.value: None if each.value is None else round_half_away(each.value) for each in kept}
    return FigureRow(
        key=f"{currency} {'together' if together else told.month}",
        currency=currency,
        month=None if together else str(told.month),
        as_of=told.as_of,
        workings={each.variant.value: dict(each.workings) for each in kept},
        **{variant.value: values.get(variant.value) for variant in Variant},
    )
