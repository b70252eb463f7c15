"""What the clock sets off: the jobs that the rooms bring, each a period and a service function.

The scheduler only ticks, each minute; what is due is computed from the company's clock. What is due stands as rows in
the database, and the service functions claim it there, so that any number of replicas carry each thing out once and a
crash loses nothing.
"""

import asyncio
import contextvars
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger

from channel import clock
from channel.beside import broken_off
from channel.database import db, presence

STOP_SECONDS = 10.0
"""How long a running job may take to finish when the service stops; then it is cancelled and rolls back."""

ATTEMPTS = 3
"""A run that loses the database so often is left until its next time: it may be what kills it."""
_PAUSE_SECONDS = 1.0

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Something done once in each of its periods, and at every start, so that what was missed meanwhile is caught up.

    Periods are `every` long, counted from midnight of UTC and `past`. They are those of the company's clock: one that
    is moved on sets off whatever has come due by it.
    """

    name: str
    every: timedelta
    run: Callable[[], Awaitable[object]]
    past: timedelta = timedelta()

    def period(self, now: datetime) -> int:
        """The number of the period in which a moment lies."""
        return (now - _EPOCH - self.past) // self.every


QUARTER = timedelta(minutes=15)
"""For what takes effect with the company's day, whose midnight lies on some quarter of an hour of UTC."""
DAY = timedelta(days=1)
EACH_MINUTE: BaseTrigger = CronTrigger(minute="*")


@asynccontextmanager
async def running(jobs: Sequence[Job], ticks: BaseTrigger = EACH_MINUTE) -> AsyncIterator[None]:
    """Carry out the jobs while the block lasts; at its end no run is left behind.

    A job never overlaps itself, however long it takes, and a failed run is logged and tried again in its next period;
    one that failed because the database went away, as soon as that is back.
    """
    # A tick that comes late would otherwise be reported every time.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    under_way: dict[str, asyncio.Task[None]] = {}
    scheduler.add_job(_tick, ticks, args=(jobs, {}, under_way), next_run_time=datetime.now(UTC))
    # An empty context: a run must not find the connection that happens to be held where the scheduler is started.
    contextvars.Context().run(scheduler.start)
    try:
        yield
    finally:
        scheduler.pause()
        await _finish(set(under_way.values()))
        scheduler.shutdown(wait=False)


async def _tick(jobs: Sequence[Job], done: dict[str, int], under_way: dict[str, asyncio.Task[None]]) -> None:
    """Begin whatever has come to a new period and is not under way still."""
    for job in jobs:
        period = job.period(clock.now())
        if job.name not in under_way and done.get(job.name) != period:
            done[job.name] = period
            # The scheduler cancels its own tasks when it is shut down; this one is ours, to be awaited in peace.
            task = under_way[job.name] = asyncio.create_task(_held_run(job), name=job.name)
            task.add_done_callback(lambda ended: under_way.pop(ended.get_name(), None))


async def _held_run(job: Job) -> None:
    attempts = 0
    while True:
        try:
            async with db.held(db.EVERYTHING):
                attempts += 1
                await job.run()
        except Exception as fault:
            if not presence.is_lost(fault) or attempts == ATTEMPTS:
                # Whatever goes wrong in one run must not end the others, nor the service.
                logger.exception("The job %r failed", job.name)
                return
        else:
            return
        # The end of a connection is often seen before the end of the server.
        await asyncio.sleep(_PAUSE_SECONDS)
        await presence.back()
        logger.info("The job %r runs again, since the database had gone away", job.name)


async def _finish(tasks: set[asyncio.Task[None]]) -> None:
    if not tasks:
        return
    # Without the database nothing comes to its end.
    _, late = await asyncio.wait(tasks, timeout=STOP_SECONDS if presence.away_seconds() is None else 0)
    for task in late:
        logger.warning("The job %r was still running and is broken off; its work is rolled back", task.get_name())
    await asyncio.gather(*map(broken_off, late))
