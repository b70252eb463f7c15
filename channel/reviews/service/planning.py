"""What is due: each day the periods of every plan that have come are asked for, each once.

A plan remembers up to which day it was planned, so that nobody asks for a period twice and a service that was down
asks for what it missed: each period, or only the last, as the plan says.
"""

from datetime import timedelta

from channel import clock
from channel.reviews.queries import plans as queries
from channel.reviews.rules.periods import kept_of_missed, periods_between
from channel.reviews.service.plans import pauses_of, versions_of
from channel.work.rules import Every, Rhythm
from channel.work.service import Due, Work, ask

OPEN = "open reviews"
"""The kind of work that opens the reviews of a plan (its key) and period."""


async def plan_periods(_: Due) -> None:
    """Ask for every period that has come since each plan was planned last; a plan seen first begins with today."""
    today, rows = clock.today(), await queries.lock_plans()
    pauses = await queries.pauses([row["code"] for row in rows])
    behind = [row for row in rows if row["planned_until"] is None or row["planned_until"] < today]
    for row in behind:
        code = row["code"]
        after = row["planned_until"] or today - timedelta(days=1)
        versions = await versions_of(code)
        for day in kept_of_missed(periods_between(versions.on, pauses_of(pauses, code), after, today)):
            await ask(OPEN, code, period=day, lane=code)
    await queries.keep_planned([row["code"] for row in behind], today)


PLANNING = Work("plan reviews", plan_periods, Every(Rhythm.DAY))
