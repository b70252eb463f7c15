"""What the clock sets off: a table of jobs, each a trigger and a service function.

The scheduler only ticks. What is due stands as rows in the database, and the service functions claim it there, so
that any number of replicas carry each thing out once and a crash loses nothing.
"""

import asyncio
import contextvars
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger

from channel import db, presence
from channel.access import service as access
from channel.credit.service.ended import end_limits
from channel.dealers.service.facts import apply_due_facts
from channel.imports.service.uploads import forget_uploads
from channel.sales.service.years import keep_year

STOP_SECONDS = 10.0
"""How long a running job may take to finish when the service stops; then it is cancelled and rolls back."""

ATTEMPTS = 3
"""A run that loses the database so often is left until its next time: it may be what kills it."""
_PAUSE_SECONDS = 1.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Something done at its times, and once at every start, so that what was missed meanwhile is caught up."""

    name: str
    trigger: BaseTrigger
    run: Callable[[], Awaitable[object]]


JOBS: Sequence[Job] = (
    # Facts take effect with the company's day; its midnight lies on some quarter of an hour of UTC.
    Job("facts whose day has come", CronTrigger(minute="0,15,30,45"), apply_due_facts),
    Job("limits of dealers who have ended", CronTrigger(minute="0,15,30,45"), end_limits),
    Job("twelve months of sell-in", CronTrigger(minute="0,15,30,45"), keep_year),
    Job("the database's clock", CronTrigger(minute="*"), db.measure_clock),
    Job("old sign-ins and sessions", CronTrigger(hour="3", minute="10"), access.forget_old),
    Job("uploads past their time", CronTrigger(hour="3", minute="20"), forget_uploads),
)


@asynccontextmanager
async def running(jobs: Sequence[Job] | None = None) -> AsyncIterator[None]:
    """Carry out the jobs (all of them, unless given) while the block lasts; at its end no run is left behind.

    A job never overlaps itself, however long it takes, and a failed run is logged and tried again at its next time;
    one that failed because the database went away, as soon as that is back.
    """
    # A job that takes longer than its interval would otherwise be reported as skipped every second.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    under_way: set[asyncio.Task[None]] = set()
    for job in JOBS if jobs is None else jobs:
        scheduler.add_job(_run, job.trigger, args=(job, under_way), name=job.name, next_run_time=datetime.now(UTC))
    # An empty context: a run must not find the connection that happens to be held where the scheduler is started.
    contextvars.Context().run(scheduler.start)
    try:
        yield
    finally:
        scheduler.pause()
        await _finish(under_way)
        scheduler.shutdown(wait=False)


async def _run(job: Job, under_way: set[asyncio.Task[None]]) -> None:
    # The scheduler cancels its own tasks when it is shut down; this one is ours, to be awaited in peace.
    task = asyncio.create_task(_held_run(job), name=job.name)
    under_way.add(task)
    task.add_done_callback(under_way.discard)
    await asyncio.shield(task)


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


async def _finish(under_way: set[asyncio.Task[None]]) -> None:
    tasks = set(under_way)
    if not tasks:
        return
    # Without the database nothing comes to its end.
    _, late = await asyncio.wait(tasks, timeout=STOP_SECONDS if presence.away_seconds() is None else 0)
    for task in late:
        logger.warning("The job %r was still running and is broken off; its work is rolled back", task.get_name())
        task.cancel()
    if late:
        await asyncio.wait(late)
