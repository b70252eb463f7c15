"""What is known at a moment, and the database's clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime, timedelta

from channel import clock
from channel.database import kept
from channel.database.asking import fetchval
from channel.database.holding import Held, in_use
from channel.database.locks import Lock
from channel.database.writing import carried_out, restore_scope, system_scope


@asynccontextmanager
async def known(at: datetime | None = None, *, keep: bool = False, system: bool = False) -> AsyncIterator[datetime]:
    """A snapshot in which exactly what was recorded by K is settled, and K itself (now, if not given).

    Taking the posting lock alone waits for every posting that is already stamped, so that whatever was recorded at
    or before K is committed; and K moves the latest moment, so that whatever comes later is stamped later, even when
    the clock goes back. Inside, the connection stands in a read-only snapshot taken under that lock, so that rollups
    ("as known now") show the same state as the lines at K. With `keep` it is an act as well: what was found may be
    written in the same transaction. What waits to be kept is committed first: it may hold the posting lock, too.
    `system` stands for a system scope around all of it. Inside another snapshot it is that one, as known at its K or
    earlier.
    """
    mine = in_use()
    if mine.known_at is not None and not keep:
        async with system_scope() if system else nullcontext():
            yield mine.known_at if at is None else min(at, mine.known_at)
        return
    if mine.in_transaction:
        raise RuntimeError("what is known is fixed before the transaction that uses it")
    await kept.commit()
    latest = await _alone(mine, at)
    unlock = _UNLOCK
    try:
        work = mine.connection.transaction(isolation="repeatable_read", readonly=not keep)
        await work.start()
        unlock = _UNLOCK_FOR_ALL if system else _UNLOCK
    finally:
        # The first statement of the transaction: its snapshot is taken before the lock is let go.
        await mine.connection.execute(unlock, Lock.POSTINGS)
    mine.known_at, mine.in_system_scope = latest, system
    try:
        async with carried_out(mine, work, keep=keep, joinable=False):
            yield latest if at is None else at
            if system and keep:
                # It may wait to be kept, and what is read after it is read under one's own scope.
                await restore_scope(mine)
    finally:
        mine.known_at, mine.in_system_scope = None, False


async def settle(at: datetime) -> None:
    """Wait until every posting that is stamped can be read, before reading as known at a moment that has passed.

    Afterwards whatever was recorded up to that moment is committed, and nothing is ever recorded up to it again.
    """
    mine = in_use()
    if mine.in_transaction:
        raise RuntimeError("what is known is settled before the transaction that uses it")
    await kept.commit()
    await _alone(mine, at)
    await mine.connection.execute(_UNLOCK, Lock.POSTINGS)


_UNLOCK = "SELECT pg_advisory_unlock($1)"
_UNLOCK_FOR_ALL = "SELECT pg_advisory_unlock($1), set_config('app.scope', 'system', true)"


async def _alone(mine: Held, asked: datetime | None) -> datetime:
    """Take the posting lock alone: the moment up to which all is known from then on, at least the one asked for."""
    # The lock is taken before the function begins, whose statements see what was committed by then.
    latest: datetime = await mine.connection.fetchval(
        "SELECT known_moment($2, $3, $4) FROM (SELECT pg_advisory_lock($1)) AS alone",
        Lock.POSTINGS, clock.held_at(), clock.offset(), asked,
    )  # fmt: skip
    return latest


async def latest_moment() -> datetime:
    """The latest moment that was ever stamped or handed out as known: ahead of the clock where that went back."""
    found: datetime = await fetchval("SELECT latest_moment()")
    return found


CLOCK = "clock"
"""The setting that says how far the clock is moved (`ahead_us`), in a database that was made with one that can be."""
AHEAD = f"SELECT (value->>'ahead_us')::bigint FROM setting WHERE name = '{CLOCK}'"


async def follow_clock() -> None:
    """Learn how far the clock is moved."""
    clock.move(timedelta(microseconds=await fetchval(AHEAD) or 0))


async def measure_clock() -> None:
    """Learn how far the clock is moved, and by how much the database's differs from this machine's.

    Of three tries the quickest tells it best.
    """
    await follow_clock()
    tries = []
    for _ in range(3):
        asked = datetime.now(UTC)
        theirs: datetime = await fetchval("SELECT clock_timestamp()")
        took = datetime.now(UTC) - asked
        tries.append((took, theirs - asked - took / 2))
    clock.follow(min(tries)[1])
