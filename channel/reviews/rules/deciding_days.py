"""By which day a review is to be decided."""

from datetime import date, timedelta

_DAY = timedelta(days=1)
_SATURDAY = 5


def decide_by(opened_on: date, days: int) -> date:
    """The day so many working days after the day on which a review was opened."""
    day = opened_on
    while days > 0:
        day += _DAY
        days -= day.weekday() < _SATURDAY
    return day
