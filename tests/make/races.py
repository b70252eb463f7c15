"""Two who act at once, without sleeping: the one is seen to wait for the other before that one goes on."""

import asyncio
from contextvars import Context
from typing import Any

from channel import db

_WAITING = "SELECT EXISTS (SELECT FROM pg_locks l WHERE NOT l.granted)"


async def until_waiting(task: asyncio.Task[Any]) -> None:
    """Return when the task waits for a lock of the database, or is done without having waited."""

    async def look() -> None:
        async with db.held(db.EVERYTHING):
            while not task.done() and not await db.fetchval(_WAITING):
                pass

    await asyncio.create_task(look(), context=Context())
