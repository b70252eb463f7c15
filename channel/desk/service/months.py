"""Figures by month laid out for a chart: one value a month, None where nothing is known of it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal

from channel.dealers.rules import is_before_appointment
from channel.periods import Month
from channel.sales.queries.months import MonthFigures


def months_in_order(
    figures: Iterable[MonthFigures], months: Sequence[Month], currency: str | None
) -> dict[str, list[Decimal | None]]:
    """By kind, a figure for each month: None where the month is not covered or the value was not told.

    In the dealer's `currency`, or in the company's where it is None; quantities have their own function.
    """
    return _in_order(figures, months, lambda each: each.company_amount if currency is None else each.amount)


def quantities_in_order(figures: Iterable[MonthFigures], months: Sequence[Month]) -> dict[str, list[Decimal | None]]:
    """By kind, the quantity of each month; None where the month is not covered."""
    return _in_order(figures, months, lambda each: each.quantity)


def _in_order(
    figures: Iterable[MonthFigures], months: Sequence[Month], of: Callable[[MonthFigures], Decimal | None]
) -> dict[str, list[Decimal | None]]:
    found: dict[str, dict[Month, list[Decimal | None]]] = {}
    for each in figures:
        if each.covered:
            found.setdefault(each.kind, {}).setdefault(each.month, []).append(of(each))
    return {kind: [_sum(by_month.get(month)) for month in months] for kind, by_month in found.items()}


def _sum(parts: Sequence[Decimal | None] | None) -> Decimal | None:
    if parts is None or None in parts:
        return None
    return sum((part for part in parts if part is not None), Decimal(0))


def shown_currency(figures: Iterable[MonthFigures], own: str) -> str | None:
    """The dealer's own currency when all figures are kept in it, else None: then they are shown in the company's."""
    return own if {each.currency for each in figures} <= {own, None} else None


def months_before(months: Sequence[Month], appointed_on: date | None) -> int:
    """How many of the months, in ascending order, lie before the dealer's appointment: they are not missing."""
    return sum(is_before_appointment(month, appointed_on) for month in months)
