"""What months of sales, settled items and covered days say of a dealer, for the snapshot of a review."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from decimal import Decimal
from functools import lru_cache

from channel.credit.rules.inputs import MonthSales
from channel.dealers.rules import first_whole_month
from channel.money import STORED_PLACES, round_half_away
from channel.periods import Month
from channel.receivables.rules.documents import EXACT, add_up
from channel.reviews.rules.snapshot import TREND_MONTHS, Sold, Turned


def compute_sold(figures: Iterable[Decimal | None]) -> Sold:
    """The last covered months against as many before; `figures` are net sums by month, None of one not covered."""
    known = [each for each in figures if each is not None]
    now, before = known[-TREND_MONTHS:], known[-2 * TREND_MONTHS : -TREND_MONTHS]
    return Sold(
        TREND_MONTHS,
        add_up(now) if len(now) == TREND_MONTHS else None,
        add_up(before) if len(before) == TREND_MONTHS else None,
    )


def compute_turned(months: Iterable[MonthSales]) -> Turned | None:
    """What went in and through in the last months that both reports cover; None where there are too few."""
    both = [each for each in months if each.sell_in_covered and each.sell_through_covered][-TREND_MONTHS:]
    if len(both) < TREND_MONTHS:
        return None
    return Turned(
        TREND_MONTHS,
        add_up([each.net_sell_in for each in both if each.net_sell_in is not None]),
        add_up([each.net_sell_through for each in both if each.net_sell_through is not None]),
    )


def sold_in(months: Iterable[MonthSales]) -> list[Decimal | None]:
    """Net sell-in by month, None of months that are not covered."""
    return [each.net_sell_in if each.sell_in_covered else None for each in months]


def sold_through(months: Iterable[MonthSales]) -> list[Decimal | None]:
    """Net sell-through by month, None of months that are not covered."""
    return [each.net_sell_through if each.sell_through_covered else None for each in months]


def weighted_days(settled: Iterable[tuple[str, Decimal, Decimal]], rates: Mapping[str, Decimal]) -> Decimal | None:
    """Days beyond terms weighted by amount: sum of amount x days / sum of amounts, each brought by its rate.

    `settled` are currency, sum of amounts, and sum of amount x days. One currency needs no rate. None where nothing was
    settled, or a rate lacks.
    """
    parts = list(settled)
    if len({currency for currency, _, _ in parts}) == 1:
        rates = {parts[0][0]: Decimal(1)}
    if any(currency not in rates for currency, _, _ in parts):
        return None
    amount = add_up([EXACT.multiply(each, rates[currency]) for currency, each, _ in parts])
    if amount <= 0:
        return None
    weighted = add_up([EXACT.multiply(each, rates[currency]) for currency, _, each in parts])
    return round_half_away(EXACT.divide(weighted, amount), STORED_PLACES)


@lru_cache(maxsize=4096)
def whole_months(spans: tuple[tuple[date, date], ...]) -> frozenset[date]:
    """The first days of the months of which every day lies in one of the half-open spans; most dealers share theirs."""
    found = []
    for start, end in spans:
        month = Month.of(start) if start.day == 1 else Month.of(start).plus(1)
        while month.end <= end:
            found.append(month.first)
            month = month.plus(1)
    return frozenset(found)


def count_missing(
    months: Sequence[date],
    appointed_on: date | None,
    owed: Mapping[str, frozenset[date]],
    counted: AbstractSet[date],
) -> int | None:
    """In how many of the months a report that is owed is not in; None for who was never appointed.

    A month is its first day. `owed` has the months that reports cover whole, of each kind that is owed; stock that was
    `counted` in a month is in.
    """
    if appointed_on is None:
        return None
    since = first_whole_month(appointed_on).first
    return sum(
        any(month not in whole and not (kind == "stock" and month in counted) for kind, whole in owed.items())
        for month in months
        if month >= since
    )
