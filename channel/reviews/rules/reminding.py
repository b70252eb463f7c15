"""When who is to decide a review is reminded, and when it goes to who is above him."""

from datetime import date

from channel.reviews.rules.plan import Deciding
from channel.tasks.rules.working_days import Calendar, add_working_days, late_before


def is_reminded(decide_by: date, today: date, deciding: Deciding, calendar: Calendar) -> bool:
    """Whether the day has come on which is reminded: so many working days before the one by which is to be decided.

    0 reminds on that day itself. A day on which the company does not work is as good as the next one on which it does.
    """
    return add_working_days(today, deciding.remind_days, calendar) >= decide_by


def is_escalated(decide_by: date, today: date, deciding: Deciding, calendar: Calendar) -> bool:
    """Whether so many working days have passed after the one by which is to be decided."""
    return decide_by < late_before(today, deciding.escalate_days, calendar)
