"""Two who act at once, without sleeping: the one is seen to wait for the other before that one goes on."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Any

from channel.access.rules import Person
from channel.database import db
from channel.errors import Refused
from tests.make.access import acting

_WAITING = "SELECT EXISTS (SELECT FROM pg_locks l WHERE NOT l.granted)"


async def until_waiting(task: asyncio.Task[Any]) -> None:
    """Return when the task waits for a lock of the database, or is done without having waited."""

    async def look() -> None:
        async with db.held(db.EVERYTHING):
            while not task.done() and not await db.fetchval(_WAITING):
                pass

    await asyncio.create_task(look(), context=Context())


async def second_of(
    person: Person, first: Callable[[], Awaitable[Any]], second: Callable[[], Awaitable[Any]]
) -> object:
    """What comes of the second act, or its refusal, when it is begun while the first is done and not yet committed."""
    acted, go_on = asyncio.Event(), asyncio.Event()

    async def begin() -> None:
        async with acting(person), db.transaction():
            await first()
            acted.set()
            await go_on.wait()

    async def follow() -> object:
        async with acting(person):
            try:
                return await second()
            except Refused as refused:
                return refused

    beginning = asyncio.create_task(begin())
    await asyncio.wait([beginning, asyncio.create_task(acted.wait())], return_when=asyncio.FIRST_COMPLETED)
    following = asyncio.create_task(follow())
    await until_waiting(following)
    go_on.set()
    await beginning
    return await following
