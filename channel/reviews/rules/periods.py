"""The days on which a plan opens reviews: its periods, each known by its day.

A period's day is a day of the company's calendar, whatever its clocks do on it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from channel.periods import FIRST_DAY, LAST_DAY, Month, plus_months
from channel.reviews.rules.plan import Missed, ReviewPlan, Rhythm, Weekday, When
from channel.reviews.rules.plan_paper import day_of

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_QUARTER, _YEAR = 3, 12
_AHEAD_DAYS = 400


def is_period(when: When, day: date) -> bool:
    """Whether reviews are opened on a day; by events each day is looked at."""
    match when.rhythm:
        case Rhythm.EVENT:
            return True
        case Rhythm.ONCE:
            return when.once_on is not None and day == day_of(when.once_on)
        case Rhythm.WEEKLY:
            return list(Weekday)[day.weekday()] is when.weekday
        case Rhythm.MONTHLY:
            return day == _day_in(Month.of(day), when.day)
        case Rhythm.QUARTERLY:
            return (day.month - when.month) % _QUARTER == 0 and day == _day_in(Month.of(day), when.day)
        case Rhythm.YEARLY:
            return day.month == when.month and day == _day_in(Month.of(day), when.day)


def _day_in(month: Month, day: int) -> date:
    """The day of a month, or its last one where it is shorter."""
    return date(month.year, month.month, min(day, month.days))


def day_before(when: When, day: date) -> date:
    """The day with which what is seen on a day is compared: that of the period before, as the rhythm goes."""
    match when.rhythm:
        case Rhythm.WEEKLY:
            return day - _WEEK
        case Rhythm.MONTHLY:
            return _day_in(Month.of(day).plus(-1), when.day)
        case Rhythm.QUARTERLY:
            return _day_in(Month.of(day).plus(-_QUARTER), when.day)
        case Rhythm.YEARLY:
            return _day_in(Month.of(day).plus(-_YEAR), when.day)
        case Rhythm.ONCE | Rhythm.EVENT:
            return plus_months(day, -1)


@dataclass(frozen=True, slots=True)
class Pause:
    """From which day on a plan is paused, or goes on again."""

    from_on: date
    paused: bool


def is_paused(pauses: Iterable[Pause], day: date) -> bool:
    """Whether a plan is paused on a day; `pauses` stand in the order in which they were said, and the last counts."""
    said = [each for each in pauses if each.from_on <= day]
    return bool(said) and max(enumerate(said), key=lambda each: (each[1].from_on, each[0]))[1].paused


def periods_between(
    in_force: Callable[[date], ReviewPlan | None], pauses: Sequence[Pause], after: date, until: date
) -> list[tuple[date, ReviewPlan]]:
    """The periods of a plan on the days after one and up to another, each with the version that counts on its day.

    What the version says on a day decides whether that day is one of its periods, so that a change opens nothing of
    the days before it. Days on which the plan is paused open nothing, also later on.
    """
    found = []
    for day in _days(after, until):
        plan = in_force(day)
        if plan is not None and is_period(plan.when, day) and not is_paused(pauses, day):
            found.append((day, plan))
    return found


def _days(after: date, until: date) -> Iterator[date]:
    day = after
    while day < until:
        day += _DAY
        yield day


def kept_of_missed(periods: Sequence[tuple[date, ReviewPlan]]) -> list[date]:
    """Which of the periods that have come are opened: each, or only the last, as the plan of the last one says."""
    if not periods:
        return []
    _, plan = periods[-1]
    days = [day for day, _ in periods]
    return days if plan.when.missed is Missed.EACH else days[-1:]


def next_days(
    in_force: Callable[[date], ReviewPlan | None], pauses: Sequence[Pause], after: date, count: int
) -> list[date]:
    """The next periods after a day, at most so many and not much more than a year ahead."""
    found: list[date] = []
    for day in _days(after, min(after + timedelta(days=_AHEAD_DAYS), LAST_DAY)):
        plan = in_force(day)
        if plan is not None and day >= FIRST_DAY and is_period(plan.when, day) and not is_paused(pauses, day):
            found.append(day)
            if len(found) == count:
                break
    return found
