"""The story of reviews: the plans that come with the service open them on the Mondays of the last weeks.

Finance decides what is to be kept or called by the end of each week but the last; what would change a limit or hold a
dealer waits, and the oldest of it stands before the manager.
"""

from datetime import timedelta
from functools import partial

from channel.access.rules import Person
from channel.demo.filling import Filling
from channel.reviews.acts import DecideReviews, ManyReviews
from channel.reviews.service.deciding import decide_reviews, preview_of
from channel.reviews.service.opening import OPENING
from channel.reviews.service.planning import PLANNING
from channel.reviews.service.reminding import REMINDING
from channel.work.service import run_due

_WEEKS = 4
_DAY = timedelta(days=1)
_THURSDAY = 3
_WHY = {"keep": "Looked through, nothing to be done", "call": "To be called this week"}


def plan(filling: Filling) -> None:
    """Plan it: from the Monday four weeks back on, each Monday morning and each first of a month."""
    today = filling.now.date()
    day = today - (today.weekday() + 7 * _WEEKS) * _DAY
    while day <= today:
        if day.weekday() == 0 or day.day == 1:
            filling.plan(filling.moment(day), _open)
        if day.weekday() == _THURSDAY and day < today - 7 * _DAY:
            filling.plan(filling.moment(day), partial(_decide, filling))
        day += _DAY


async def _open() -> None:
    await run_due([PLANNING, OPENING, REMINDING])


async def _decide(filling: Filling) -> None:
    person: Person = filling.people["fang"]
    for proposal, why in _WHY.items():
        async with filling.acting("fang"):
            shown = await preview_of(person, ManyReviews(proposal=proposal))
            if shown.able:
                await decide_reviews(person, DecideReviews(proposal=proposal, mark=shown.mark, reason=why))
