"""The clock's ticks, each minute: by them the workers look what is due.

What is due stands as rows in the database, computed from the company's clock, and any worker claims it (`work`).
"""

import asyncio
import contextvars
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger

from channel.database import db, presence
from channel.work.service import wake

EACH_MINUTE: BaseTrigger = CronTrigger(minute="*")

logger = logging.getLogger(__name__)


@asynccontextmanager
async def running(ticks: BaseTrigger = EACH_MINUTE) -> AsyncIterator[None]:
    """Tick while the block lasts."""
    # A tick that comes late would otherwise be reported every time.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    scheduler.add_job(_tick, ticks, next_run_time=datetime.now(UTC))
    # An empty context: a tick must not find the connection that happens to be held where the scheduler is started.
    contextvars.Context().run(scheduler.start)
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)


async def _tick() -> None:
    """Learn the database's time, and have the workers look what is due by it."""
    try:
        async with db.held(db.EVERYTHING):
            await db.measure_clock()
    except asyncio.CancelledError:
        # The scheduler is shut down, and would tell of this as of a fault.
        return
    except Exception as fault:
        # Whatever goes wrong in one tick must not end the next ones, nor the service.
        if not presence.is_lost(fault):
            logger.exception("The database's time could not be learned")
    wake()
