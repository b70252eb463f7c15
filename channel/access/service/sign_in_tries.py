"""How often somebody may try to sign in: a try is counted as failed before the password is looked at."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from channel import clock
from channel.access import queries
from channel.access.rules import Person
from channel.access.rules.signing_in import wait_until
from channel.access.service.trail import audit, audit_stranger
from channel.database import db
from channel.errors import TooMany, m

_ACT = "fail to sign in"

_turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
"""Whose turn it is at each place, in this process."""


@asynccontextmanager
async def one_try(login: str, place: str) -> AsyncIterator[None]:
    """One try to sign in, counted beforehand, so that many at once do not get past the limit; or TooMany.

    Those from one place come one after the other, so that of many right ones at once none meets a limit for tries that
    are only under way. Nobody holds a connection while he waits for his turn.
    """
    turn = _turns.setdefault(place, asyncio.Lock())
    async with AsyncExitStack() as mine:
        async with db.let_go():
            await mine.enter_async_context(turn)
        await _count(login, place, clock.now())
        yield
        # Whose turn is next sees what came of this one.
        await db.commit()


async def _count(login: str, place: str, now: datetime) -> None:
    async with db.transaction():
        await queries.lock_tries(login, place)
        wait = wait_until(await queries.tries_of(login, place, now), now)
        if wait is not None:
            minutes, seconds = (-(-(wait - now) // timedelta(seconds=unit)) for unit in (60, 1))
            raise TooMany(
                m("Too many tries to sign in. The next one is let through in %(minutes)s min.", minutes=minutes),
                after_seconds=seconds,
            )
        await queries.record_failure(login, place, now)


async def tell_failed(login: str | None, address: str, by: Person | None) -> None:
    """Write a failed try into the trail: as whom, from where, and by whom where that is known.

    A sign-in name that nobody has (None) is not written down as it was typed: it may be a password.
    """
    subject = "nobody" if login is None else f"person {login}"
    async with db.transaction():
        if by is None:
            await audit_stranger(_ACT, subject, after={"address": address})
        else:
            await audit(by, _ACT, subject, after={"address": address})
