"""Figures of receivables: each names its variant, carries what it was made of, and is None where it has no meaning.

Nothing is rounded here. Days are calendar days, shares fractions, CEI a percentage. Amounts of one figure are all of
one currency.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

import msgspec

from channel.periods import Month, Span
from channel.receivables.rules.allocation import Item
from channel.receivables.rules.documents import EXACT, Document, DocumentKind, add_up
from channel.receivables.rules.movements import Allocation
from channel.receivables.rules.paydex import score_of_days

DSO_DAYS = 90
"""The days ending on the day asked for, whose sales the simple DSO divides by."""

_ZERO = Decimal(0)
_HUNDRED = Decimal(100)
_PAID_WITH = frozenset({DocumentKind.RECEIPT, DocumentKind.BILL})


class Variant(StrEnum):
    """Which figure it is, and in which of its ways of counting."""

    DSO_SIMPLE = "dso_simple"
    DSO_COUNT_BACK = "dso_count_back"
    DSO_BEST_POSSIBLE = "dso_best_possible"
    AVERAGE_DAYS_DELINQUENT = "average_days_delinquent"
    CEI_FULL_PERIOD = "cei_full_period"
    DAYS_BEYOND_TERMS = "days_beyond_terms"
    DAYS_BEYOND_TERMS_WEIGHTED = "days_beyond_terms_weighted"
    DAYS_LATE = "days_late"
    DAYS_LATE_WEIGHTED = "days_late_weighted"
    PAID_ON_TIME = "paid_on_time"
    PAID_ON_TIME_WEIGHTED = "paid_on_time_weighted"
    PAYDEX_LIKE = "paydex_like"
    LONGEST_DELAY = "longest_delay"


class Figure(msgspec.Struct, frozen=True, gc=False):
    """A figure, None where it has no meaning, and by name what it was made of."""

    variant: Variant
    value: Decimal | None
    workings: tuple[tuple[str, Decimal], ...] = ()


def dso_window(as_of: date, days: int = DSO_DAYS) -> Span:
    """The days whose sales the simple DSO divides by: so many, ending with the day."""
    return Span(as_of - timedelta(days=days - 1), as_of + timedelta(days=1))


def dso_simple(receivables: Decimal, sales: Decimal, days: int = DSO_DAYS) -> Figure:
    """Closing receivables / sales x days: sales are the invoices and debit notes of the days less the credit notes.

    None without sales, and where we owe the dealer.
    """
    return _of_days(Variant.DSO_SIMPLE, ("receivables", receivables), sales, days)


def dso_best_possible(current: Decimal, sales: Decimal, days: int = DSO_DAYS) -> Figure:
    """What is not due / sales x days: the DSO if everybody paid on the day."""
    return _of_days(Variant.DSO_BEST_POSSIBLE, ("current", current), sales, days)


def average_days_delinquent(dso: Figure, best: Figure) -> Figure:
    """DSO - best possible DSO, of the same days; None where either is. Not the mean days late of items."""
    if dso.value is None or best.value is None:
        return Figure(Variant.AVERAGE_DAYS_DELINQUENT, None)
    workings = ((dso.variant.value, dso.value), (best.variant.value, best.value))
    return Figure(Variant.AVERAGE_DAYS_DELINQUENT, EXACT.subtract(dso.value, best.value), workings)


def count_back_spans(as_of: date, months: int) -> tuple[Span, ...]:
    """The days whose sales the count-back takes off, newest first: the month up to the day, then whole months."""
    month = Month.of(as_of)
    whole = (month.plus(-back).span for back in range(1, months))
    return (Span(month.first, as_of + timedelta(days=1)), *whole)


def dso_count_back(receivables: Decimal, newest_first: Sequence[tuple[Decimal, int]]) -> Figure:
    """How many days of the newest sales the closing receivables are: pairs of sales and their days are taken off.

    The last pair counts pro rata. It stops at a month without sales above 0; where something is left then, or after
    the last pair, the figure is None, and `days` in its workings is what it is at least. None as well where we owe
    the dealer; 0 where nothing is open.
    """
    left, days = receivables, _ZERO
    for sales, length in newest_first:
        if left <= 0 or sales <= 0:
            break
        share = min(Decimal(1), EXACT.divide(left, sales))
        days = EXACT.add(days, EXACT.multiply(Decimal(length), share))
        left = EXACT.subtract(left, min(left, sales))
    workings = (("receivables", receivables), ("days", days), ("left", max(left, _ZERO)))
    return Figure(Variant.DSO_COUNT_BACK, days if left == 0 else None, workings)


def collection_effectiveness(begin: Decimal, sales: Decimal, end: Decimal, end_current: Decimal) -> Figure:
    """CEI = (begin + sales - end) / (begin + sales - end not due) x 100, with the sales of the whole period.

    `begin` and `end` are the open items before and at the end of a calendar month. 100 is everything collected that
    was due; None where nothing could be collected. With the sales of a part of the period it would mean nothing.
    """
    collectable = EXACT.subtract(EXACT.add(begin, sales), end_current)
    collected = EXACT.subtract(EXACT.add(begin, sales), end)
    workings = (("begin", begin), ("sales", sales), ("end", end), ("end_current", end_current))
    value = EXACT.divide(EXACT.multiply(collected, _HUNDRED), collectable) if collectable > 0 else None
    return Figure(Variant.CEI_FULL_PERIOD, value, workings)


class Settled(msgspec.Struct, frozen=True, gc=False):
    """An item of which nothing is open: its amount, its due day, and the day on which the last money for it was there.

    `closed_on` is the day since which it is settled in the books; by it the item belongs to a period.
    """

    amount: Decimal
    due_on: date
    paid_on: date
    closed_on: date

    @property
    def days_beyond_terms(self) -> int:
        """Days from the due day to the money; below 0 when it was early."""
        return (self.paid_on - self.due_on).days


def settled_item(item: Item, allocations: Iterable[Allocation], money: Mapping[int, Document]) -> Settled | None:
    """How an item was settled by the allocations that hold; None where it is open, or no money paid any of it.

    Only receipts and bills tell how promptly a dealer pays; credit notes and write-offs are our own acts. Money that
    was there before its invoice counts as paid on the invoice's day.
    """
    held = [each for each in allocations if each.item == item.key and each.holds]
    paid = [money[each.money_id] for each in held if money[each.money_id].kind in _PAID_WITH]
    if not paid or add_up([each.amount for each in held]) != item.amount:
        return None
    paid_on = max(item.effective_on, *(document.paid_on for document in paid))
    return Settled(item.amount, item.due_on, paid_on, max(each.effective_on for each in held))


class Behaviour(msgspec.Struct, frozen=True, gc=False):
    """Sums over settled items, from which the figures of any selection of dealers are made: they can be added up.

    `beyond` are days beyond terms, `late` the same with early ones as 0; `weighted_` is times the amount. `longest` is
    the most days late of one item, None without items.
    """

    count: int = 0
    amount: Decimal = _ZERO
    beyond: int = 0
    weighted_beyond: Decimal = _ZERO
    late: int = 0
    weighted_late: Decimal = _ZERO
    on_time: int = 0
    amount_on_time: Decimal = _ZERO
    weighted_score: Decimal = _ZERO
    longest: int | None = None

    def plus(self, other: "Behaviour") -> "Behaviour":
        """The sums of both."""
        longest = [each for each in (self.longest, other.longest) if each is not None]
        return Behaviour(
            self.count + other.count,
            EXACT.add(self.amount, other.amount),
            self.beyond + other.beyond,
            EXACT.add(self.weighted_beyond, other.weighted_beyond),
            self.late + other.late,
            EXACT.add(self.weighted_late, other.weighted_late),
            self.on_time + other.on_time,
            EXACT.add(self.amount_on_time, other.amount_on_time),
            EXACT.add(self.weighted_score, other.weighted_score),
            max(longest, default=None),
        )


def behaviour_of(item: Settled) -> Behaviour:
    """The sums of one settled item. Paid on the due day is on time."""
    days, amount = item.days_beyond_terms, item.amount
    late = max(days, 0)
    return Behaviour(
        1,
        amount,
        days,
        EXACT.multiply(amount, Decimal(days)),
        late,
        EXACT.multiply(amount, Decimal(late)),
        0 if late else 1,
        _ZERO if late else amount,
        EXACT.multiply(amount, score_of_days(days)),
        late,
    )


def figures_of(sums: Behaviour) -> tuple[Figure, ...]:
    """The figures of payment behaviour, each weighted by amount and not; all None without a settled item."""
    count, amount = Decimal(sums.count), sums.amount
    longest = None if sums.longest is None else Decimal(sums.longest)
    return (
        _mean(Variant.DAYS_BEYOND_TERMS, Decimal(sums.beyond), count),
        _mean(Variant.DAYS_BEYOND_TERMS_WEIGHTED, sums.weighted_beyond, amount),
        _mean(Variant.DAYS_LATE, Decimal(sums.late), count),
        _mean(Variant.DAYS_LATE_WEIGHTED, sums.weighted_late, amount),
        _mean(Variant.PAID_ON_TIME, Decimal(sums.on_time), count),
        _mean(Variant.PAID_ON_TIME_WEIGHTED, sums.amount_on_time, amount),
        _mean(Variant.PAYDEX_LIKE, sums.weighted_score, amount),
        Figure(Variant.LONGEST_DELAY, longest, (("items", count),)),
    )


def _mean(variant: Variant, total: Decimal, weight: Decimal) -> Figure:
    value = EXACT.divide(total, weight) if weight else None
    return Figure(variant, value, (("total", total), ("weight", weight)))


def _of_days(variant: Variant, part: tuple[str, Decimal], sales: Decimal, days: int) -> Figure:
    value = None
    if sales > 0 and part[1] >= 0:
        value = EXACT.divide(EXACT.multiply(part[1], Decimal(days)), sales)
    return Figure(variant, value, (part, ("sales", sales), ("days", Decimal(days))))
