"""Work beside other work, in a task of its own, which has ended when that has."""

import asyncio
import contextvars
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

T = TypeVar("T")
_AGAIN_SECONDS = 1.0


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None], name: str, *, apart: bool = False) -> AsyncIterator[None]:
    """Carry something out while the block lasts; at its end it is broken off.

    `apart` in an empty context: there it does not find a connection that happens to be held where it is started.
    """
    task = asyncio.create_task(work, name=name, context=contextvars.Context() if apart else None)
    try:
        yield
    finally:
        await broken_off(task)


@asynccontextmanager
async def meanwhile(work: Coroutine[Any, Any, T]) -> AsyncIterator["asyncio.Task[T]"]:
    """Work that waits for the database while the block computes or writes; it is given up when the block fails."""
    task = asyncio.create_task(work)
    try:
        yield task
    except BaseException:
        task.cancel()
        await asyncio.wait([task])
        raise


async def broken_off(task: "asyncio.Task[None]") -> None:
    """Break a task off and wait until it has ended; a fault by which it had ended already is raised.

    It is told again and again: what cleans up after a task may fail in its turn, and takes the place of having been
    broken off, so that whoever carries on after faults would carry on for ever. And whoever is broken off himself while
    he waits here ends.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=_AGAIN_SECONDS)
    if not task.cancelled() and (fault := task.exception()) is not None:
        raise fault
