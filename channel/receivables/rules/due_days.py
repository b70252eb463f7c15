"""When what is owed falls due: by days, by a day of a later month, or in parts; and the items that come of it.

The terms are those in effect on the document's day. A due day that was posted never moves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from channel.errors import FieldError, Message, m
from channel.money import round_half_away
from channel.periods import Month
from channel.receivables.rules.documents import EXACT, Instalment, add_up

LONGEST_DAYS = 720
"""The most days that terms give."""
MOST_MONTHS = 24
"""The most months after the document's own that terms give."""
PERIODS = (1, 3, 6, 12)
"""The lengths in months of what is settled together: monthly, quarterly, half-yearly, yearly."""

_LAST_OF_A_MONTH = 31


@dataclass(frozen=True, slots=True)
class InDays:
    """Due so many days after the document's day; 0 is due on the day itself."""

    days: int


@dataclass(frozen=True, slots=True)
class OnDay:
    """Due on day `day` of the `months`-th month after the period in which the document's day lies.

    Monthly settlement (月结) by the 7th of the next month is `OnDay(7)`; quarterly by the 7th of the first month of
    the next quarter is `OnDay(7, period_months=3)`. A month that is shorter than the day ends on its last.
    """

    day: int
    months: int = 1
    period_months: int = 1


@dataclass(frozen=True, slots=True)
class InParts:
    """Due in parts: a fraction of the amount each (0.3), with its own days after the document's day."""

    parts: tuple[tuple[Decimal, int], ...]


Terms = InDays | OnDay | InParts


def due_on(terms: InDays | OnDay, effective_on: date) -> date:
    """The day on which a document of the day falls due."""
    if isinstance(terms, InDays):
        return effective_on + timedelta(days=terms.days)
    month = Month.of(effective_on)
    last = month.plus(-(month.month % -terms.period_months))
    due = last.plus(terms.months)
    return date(due.year, due.month, min(terms.day, due.days))


def compute_instalments(terms: Terms, amount: Decimal, effective_on: date, digits: int) -> tuple[Instalment, ...]:
    """The items of what is owed: one, or of terms in parts one for each part, in the order of their days.

    A part is rounded half away from zero to the `digits` of the currency and takes no more than is left; the last one
    takes the rest, so that the items always make the amount. A part that comes to nothing is left out.
    """
    if not isinstance(terms, InParts):
        return (Instalment(due_on(terms, effective_on), amount),)
    items: list[Instalment] = []
    left = amount
    for place, (share, days) in enumerate(terms.parts, 1):
        whole = place == len(terms.parts)
        part = left if whole else min(left, round_half_away(EXACT.multiply(share, amount), digits))
        if part:
            items.append(Instalment(effective_on + timedelta(days=days), part))
        left -= part
    return tuple(items)


def instalments_of(
    own: Sequence[Instalment], terms: Terms | None, amount: Decimal, effective_on: date, digits: int
) -> tuple[Instalment, ...]:
    """The document's own due days where it has any, else those of the dealer's terms on its day; else none."""
    if own:
        return tuple(own)
    return () if terms is None else compute_instalments(terms, amount, effective_on, digits)


def check_terms(terms: Terms) -> tuple[FieldError, ...]:
    """What is wrong with payment terms; nothing when they can be agreed."""
    if isinstance(terms, InDays):
        return _days_refused(terms.days)
    if isinstance(terms, OnDay):
        return _day_refused(terms)
    shares = [share for share, _ in terms.parts]
    days = [each for _, each in terms.parts]
    if not all(share.is_finite() and share > 0 for share in shares) or add_up(shares) != 1:
        return (FieldError("parts", m("The parts do not make the whole."), m("Fractions above 0 that make 1")),)
    if days != sorted(set(days)):
        return (FieldError("parts", m("Each instalment is due after the one before it.")),)
    return tuple(error for each in days for error in _days_refused(each))


def _days_refused(days: int) -> tuple[FieldError, ...]:
    if 0 <= days <= LONGEST_DAYS:
        return ()
    return (FieldError("days", m("The days of payment terms are out of range."), _whole(0, LONGEST_DAYS)),)


def _day_refused(terms: OnDay) -> tuple[FieldError, ...]:
    errors = []
    if not 1 <= terms.day <= _LAST_OF_A_MONTH:
        errors.append(FieldError("day", m("No month has that day."), _whole(1, _LAST_OF_A_MONTH)))
    if not 1 <= terms.months <= MOST_MONTHS:
        later = m("The day lies in a month after the document's own.")
        errors.append(FieldError("months", later, _whole(1, MOST_MONTHS)))
    if terms.period_months not in PERIODS:
        several = m("One of: %(choices)s", choices=", ".join(map(str, PERIODS)))
        errors.append(FieldError("period_months", m("No year is made of such periods."), several))
    return tuple(errors)


def _whole(low: int, high: int) -> Message:
    return m("A whole number from %(low)s to %(high)s", low=low, high=high)
