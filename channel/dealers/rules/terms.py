"""Payment terms: by days, by a day of a later month, or in parts; as people write them, and as they are told.

`terms_days` is what limits read: terms of another form have it as their equivalent, the mean days from a document's day
to its due day.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from channel.errors import FieldError, Message, m
from channel.money import parse_decimal, round_half_away

LONGEST_DAYS = 720
"""The most days that terms give."""
MOST_MONTHS = 24
"""The most months after the document's own that terms give."""
PERIODS = (1, 3, 6, 12)
"""The lengths in months of what is settled together: monthly, quarterly, half-yearly, yearly."""

_LAST_OF_A_MONTH = 31
_DAYS_OF_A_MONTH = Decimal("30.4375")
_HUNDRED = Decimal(100)


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


def check_terms(terms: Terms) -> tuple[FieldError, ...]:
    """What is wrong with payment terms; nothing when they can be agreed."""
    if isinstance(terms, InDays):
        return _days_refused(terms.days)
    if isinstance(terms, OnDay):
        return _day_refused(terms)
    shares = [share for share, _ in terms.parts]
    days = [each for _, each in terms.parts]
    if not all(share.is_finite() and share > 0 for share in shares) or sum(shares) != 1:
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


_IN_DAYS = re.compile(r"(\d{1,4})\s*(?:days?|天)?", re.ASCII | re.IGNORECASE)
_ON_DAY = re.compile(
    r"day\s*(\d{1,2}),\s*month\s*(\d{1,2})(?:,\s*every\s*(\d{1,2})\s*months?)?", re.ASCII | re.IGNORECASE
)
_NEXT_MONTH = re.compile(r"(?:月结)?次月\s*(\d{1,2})\s*[日号]", re.ASCII)
_PART = re.compile(r"([\d.]{1,12})\s*%\s*(?:in\s*)?(\d{1,4})\s*(?:days?|天)?", re.ASCII | re.IGNORECASE)

EXPECTED = m("Such as: 30 days; day 7, month 1; day 7, month 1, every 3 months; 30% in 0 days, 70% in 60 days")


def read_terms(text: str) -> Terms | FieldError:
    """Terms as people write them, or what is wrong with them: every form of `write_terms`, and 30, 30天, 次月7日."""
    plain = " ".join(text.translate(_AS_WRITTEN).split())
    terms = _terms(plain)
    if terms is None:
        return FieldError("terms", m("%(value)s are no payment terms.", value=text), EXPECTED)
    wrong = check_terms(terms)
    return FieldError("terms", wrong[0].reason, wrong[0].expected) if wrong else terms


_AS_WRITTEN = str.maketrans("，％；", ",%;")


def _terms(plain: str) -> Terms | None:
    if found := _IN_DAYS.fullmatch(plain):
        return InDays(int(found[1]))
    if found := _ON_DAY.fullmatch(plain):
        return OnDay(int(found[1]), int(found[2]), int(found[3] or 1))
    if found := _NEXT_MONTH.fullmatch(plain):
        return OnDay(int(found[1]))
    parts = [each for each in map(_part, plain.split(",")) if each is not None]
    return InParts(tuple(parts)) if len(parts) == plain.count(",") + 1 else None


def _part(written: str) -> tuple[Decimal, int] | None:
    found = _PART.fullmatch(written.strip())
    try:
        return None if found is None else (parse_decimal(found[1]) / _HUNDRED, int(found[2]))
    except ValueError:
        return None


def write_terms(terms: Terms) -> str:
    """The one form in which terms are kept; `read_terms` reads it."""
    match terms:
        case InDays(days):
            return f"{days} days"
        case OnDay(day, months, period):
            return f"day {day}, month {months}" + (f", every {period} months" if period > 1 else "")
        case InParts(parts):
            return ", ".join(f"{(share * _HUNDRED).normalize():f}% in {days} days" for share, days in parts)


def terms_words(terms: Terms) -> Message:
    """Terms as people are told them."""
    match terms:
        case InDays(days):
            return m("%(days)s days", days=str(days))
        case OnDay(day, 1, 1):
            return m("day %(day)s of the next month", day=day)
        case OnDay(day, months, 1):
            return m("day %(day)s of month %(months)s after it", day=day, months=months)
        case OnDay(day, months, period):
            return m(
                "day %(day)s of month %(months)s after each %(period)s months", day=day, months=months, period=period
            )
        case InParts():
            return m("%(value)s", value=write_terms(terms))


def equivalent_days(terms: Terms) -> int:
    """The mean days from a document's day to its due day, rounded half away from zero.

    Documents are taken to lie evenly over the period that is settled together, and months to have 30.4375 days; parts
    count by their share.
    """
    match terms:
        case InDays(days):
            return days
        case OnDay(day, months, period):
            mean = _DAYS_OF_A_MONTH * (Decimal(period) / 2 + months - 1) + day
        case InParts(parts):
            mean = sum((share * days for share, days in parts), start=Decimal(0))
    return int(round_half_away(mean, 0))
