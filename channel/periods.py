"""Months and spans of days. Every span is half-open: its start belongs to it, its end does not."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import msgspec

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""Days of business: what lies outside can only be a slip of the pen, wherever a day is given."""

_MONTHS = 12
_DAY = timedelta(days=1)
_MONTH_FORM = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_DAY_FORM = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def is_day_of_business(day: date) -> bool:
    """Whether a day can be meant: from `FIRST_DAY` to `LAST_DAY`."""
    return FIRST_DAY <= day <= LAST_DAY


class Month(msgspec.Struct, frozen=True, order=True, array_like=True, gc=False):
    """A calendar month; ordered by time, written `2013-01`. A month that does not exist raises `ValueError`."""

    year: int
    month: int

    def __post_init__(self) -> None:
        date(self.year, self.month, 1)

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month in which the day lies."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> "Month":
        """The month written as `2013-01`; anything else raises `ValueError`."""
        found = _MONTH_FORM.fullmatch(text.strip())
        if not found:
            raise ValueError(f"not a month: {text!r}")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def first(self) -> date:
        """The first day."""
        return date(self.year, self.month, 1)

    @property
    def end(self) -> date:
        """The first day of the next month: the month is [first, end)."""
        return self.plus(1).first

    @property
    def days(self) -> int:
        """How many days the month has."""
        return (self.end - self.first).days

    @property
    def span(self) -> "Span":
        """All days of the month."""
        return Span(self.first, self.end)

    def plus(self, n: int) -> "Month":
        """The month n months later; earlier for a negative n."""
        years, month = divmod(self.year * _MONTHS + self.month - 1 + n, _MONTHS)
        return Month(years, month + 1)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The days from `start` up to and without `end`; it holds at least one day, else `ValueError`."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError(f"a span must end after it starts: {self.start} to {self.end}")

    @property
    def days(self) -> int:
        """How many days the span holds."""
        return (self.end - self.start).days

    @property
    def last(self) -> date:
        """The last day that belongs to the span."""
        return self.end - _DAY

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end


def merge(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same days in the fewest spans, ascending: spans that overlap or touch become one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def subtract(spans: Iterable[Span], taken: Iterable[Span]) -> tuple[Span, ...]:
    """The days of `spans` that are in none of `taken`, in the fewest spans, ascending."""
    left: list[Span] = []
    away = merge(taken)
    for span in merge(spans):
        start = span.start
        for cut in away:
            if cut.end <= start or cut.start >= span.end:
                continue
            if start < cut.start:
                left.append(Span(start, cut.start))
            start = cut.end
        if start < span.end:
            left.append(Span(start, span.end))
    return tuple(left)


def covers(spans: Iterable[Span], month: Month) -> bool:
    """Whether every day of the month lies in the spans."""
    return not subtract((month.span,), spans)


def months_of(span: Span) -> tuple[Month, ...]:
    """The months of which at least one day lies in the span, ascending."""
    months = [Month.of(span.start)]
    last = Month.of(span.last)
    while months[-1] < last:
        months.append(months[-1].plus(1))
    return tuple(months)


def complete_months_before(as_of: date, n: int) -> tuple[Month, ...]:
    """The last n months of which every day is before `as_of`, ascending.

    On 1 December November is complete; on 30 November it is not, though the day is its last.
    """
    current = Month.of(as_of)
    return tuple(current.plus(-back) for back in range(n, 0, -1))


def parse_period(text: str) -> Span:
    """The span of a period as people give it: `2013-02`, `2013-01:2013-03`, `2013-01-05:2013-02-03`, `2013-01-05`.

    Both sides of the colon belong to the period; months count with all their days, and a side may be a month or a
    day. What is not such a form, or ends before it starts, raises `ValueError`.
    """
    first, colon, last = (part.strip() for part in text.partition(":"))
    start = _side(first)
    end = _side(last) if colon else start
    return Span(start.start, end.end)


def _side(text: str) -> Span:
    if _DAY_FORM.fullmatch(text):
        day = date.fromisoformat(text)
        return Span(day, day + _DAY)
    return Month.parse(text).span


@lru_cache(maxsize=256)
def plus_months(day: date, n: int) -> date:
    """The same day n months later, or that month's last day where it is shorter: 31 January + 1 is 28 February."""
    month = Month.of(day).plus(n)
    return date(month.year, month.month, min(day.day, month.days))
