"""Months that finance has closed: what an act would change in them, and which may be closed or opened."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import date, datetime

import msgspec

from channel.errors import FieldError, m
from channel.periods import Month


class Closing(msgspec.Struct, frozen=True, gc=False):
    """A month was closed, or opened again where `closed` is false."""

    month: Month
    closed: bool
    recorded_at: datetime


def closed_months(closings: Iterable[Closing], known_at: datetime) -> frozenset[Month]:
    """The months that are closed as known at a moment: of each the last word counts."""
    last: dict[Month, Closing] = {}
    for each in closings:
        if each.recorded_at <= known_at and (
            each.month not in last or last[each.month].recorded_at <= each.recorded_at
        ):
            last[each.month] = each
    return frozenset(month for month, each in last.items() if each.closed)


def closed_months_touched(days: Iterable[date], closed: AbstractSet[Month]) -> tuple[Month, ...]:
    """The closed months whose figures an act with these effective days would change, ascending; none asks for more.

    What takes effect on a day holds on every day after it: a month that stayed closed while an earlier one was opened
    is touched as well. A bill's maturity is no such day: it was known when the bill came.
    """
    first = min(days, default=None)
    if first is None:
        return ()
    return tuple(sorted(month for month in closed if month >= Month.of(first)))


def refused_closing(month: Month, today: date, closed: AbstractSet[Month]) -> tuple[FieldError, ...]:
    """Why a month cannot be closed; nothing when it can be. A month is closed when it is over."""
    if month in closed:
        return (FieldError("month", m("The month is closed already.")),)
    if today < month.end:
        last = m("%(month)s or earlier", month=Month.of(today).plus(-1))
        return (FieldError("month", m("A month is closed when it is over."), last),)
    return ()


def refused_opening(month: Month, closed: AbstractSet[Month]) -> tuple[FieldError, ...]:
    """Why a month cannot be opened; nothing when it can be."""
    return () if month in closed else (FieldError("month", m("The month is not closed.")),)
