"""The days on which the company works: its week, and by date the days off and the further days of work."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType

from channel.errors import Message, m

WEEKDAYS: Mapping[int, Message] = MappingProxyType(
    {
        1: m("Monday"),
        2: m("Tuesday"),
        3: m("Wednesday"),
        4: m("Thursday"),
        5: m("Friday"),
        6: m("Saturday"),
        7: m("Sunday"),
    }
)
"""The days of the week by their numbers, Monday first."""
SHIPPED_WEEK = (1, 2, 3, 4, 5)
MOST_DAYS = 366
"""So many working days can be counted on from a day."""
LONGEST_WORDS = 200
"""Characters of what a day off is called."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """On which weekdays (Monday is 1) the company works, at least one of them, and on which dates it is otherwise."""

    weekdays: frozenset[int] = frozenset(SHIPPED_WEEK)
    otherwise: Mapping[date, bool] = field(default_factory=dict)

    def works(self, day: date) -> bool:
        """Whether the company works on a day."""
        return self.otherwise.get(day, day.isoweekday() in self.weekdays)


def working_day_on_or_after(day: date, calendar: Calendar) -> date:
    """The day itself, where the company works on it, or the next one on which it does."""
    while not calendar.works(day):
        day += _DAY
    return day


def add_working_days(day: date, count: int, calendar: Calendar) -> date:
    """The count-th working day after a day, which itself is not counted; for 0 the day, or the next working day.

    From a Friday on, 1 is the Monday.
    """
    if count == 0:
        return working_day_on_or_after(day, calendar)
    for _ in range(count):
        day = working_day_on_or_after(day + _DAY, calendar)
    return day


def late_before(today: date, count: int, calendar: Calendar) -> date:
    """What was due before this day is late by at least so many working days today; for 0 that is today itself.

    A task is late by the working days after its day, today among them: due on a Friday it is on Monday late by 1.
    """
    day = today + _DAY if count else today
    for _ in range(count):
        day -= _DAY
        while not calendar.works(day):
            day -= _DAY
    return day
