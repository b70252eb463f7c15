"""The story of reviews: the plans that come with the service open them on the Mondays of the last weeks."""

from datetime import timedelta

from channel.demo.filling import Filling
from channel.reviews.service.opening import OPENING
from channel.reviews.service.planning import PLANNING
from channel.work.service import run_due

_WEEKS = 4
_DAY = timedelta(days=1)


def plan(filling: Filling) -> None:
    """Plan it: from the Monday four weeks back on, each Monday morning and each first of a month."""
    today = filling.now.date()
    day = today - (today.weekday() + 7 * _WEEKS) * _DAY
    while day <= today:
        if day.weekday() == 0 or day.day == 1:
            filling.plan(filling.moment(day), _open)
        day += _DAY


async def _open() -> None:
    await run_due([PLANNING, OPENING])
