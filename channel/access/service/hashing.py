"""Where passwords are hashed: slow on purpose, so beside everything else, few at a time and without a connection."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from channel.database import db
from channel.errors import Unavailable

T = TypeVar("T")

_MOST_WAITING = 200
"""Passwords that wait for their turn; whoever comes then is asked to come again."""
_NICE = 10


def _give_way() -> None:
    """Let whoever waits for a page go first, where a thread can be told so."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


# One hash keeps several cores busy by itself.
_threads = ThreadPoolExecutor(max(1, (os.cpu_count() or 1) // 4), "hashing", _give_way)
_waiting = 0


async def hashed_beside(work: Callable[..., T], *args: object) -> T:
    """What the work gives; meanwhile the held connection serves others."""
    global _waiting  # noqa: PLW0603 - the process has one queue
    if _waiting >= _MOST_WAITING:
        raise Unavailable
    _waiting += 1
    try:
        async with db.let_go():
            return await asyncio.get_running_loop().run_in_executor(_threads, work, *args)
    finally:
        _waiting -= 1
