"""The connections: one pool for each process, those beside it, and how one is held, lent back and lost."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakSet

import asyncpg
import msgspec
from asyncpg.pool import PoolConnectionProxy

from channel.database import kept, presence
from channel.database.asking import fetchval
from channel.database.holding import CLOSED, UNHURRIED, Held, Patience, Scope, held_now, in_hand, in_use, set_scope
from channel.database.moments import measure_clock
from channel.errors import Unavailable

T = TypeVar("T")

APP_ROLE = "channel_app"
"""The role the service connects as: neither superuser nor owner, so that row-level security binds it."""


CONNECT_SECONDS = 10.0
"""A server that has not taken a connection by then counts as away; one that is just recovering may forget to answer."""

_the_pool: "asyncpg.Pool[asyncpg.Record] | None" = None
_the_dsn = ""
_opened: "WeakSet[asyncpg.Connection[asyncpg.Record]]" = WeakSet()
_SETTINGS = {"application_name": "channel", "timezone": "UTC", "jit": "off"}


async def prepare(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """JSON columns come and go as Python values; a Decimal or a date goes in as its exact text."""
    for kind in ("jsonb", "json"):
        await connection.set_type_codec(kind, encoder=_encode_json, decoder=msgspec.json.decode, schema="pg_catalog")
    _opened.add(connection)


def _encode_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


async def open_pool(dsn: str, *, size: int) -> None:
    """Open the one pool of this process."""
    global _the_pool, _the_dsn  # noqa: PLW0603 - a process has one pool
    if _the_pool is not None:
        raise RuntimeError("the pool is open already")
    _the_pool = await asyncpg.create_pool(
        dsn,
        # What is lost is opened again by whoever needs it next, not by the pool behind our back.
        min_size=0,
        max_size=size,
        timeout=CONNECT_SECONDS,
        init=prepare,
        server_settings=_SETTINGS,
    )
    _the_dsn = dsn
    async with held():
        # What is wrong with the address is seen at once.
        await measure_clock()


async def close_pool() -> None:
    """Close the pool; a connection still in use is given a few seconds to come back."""
    global _the_pool
    pool, _the_pool = _the_pool, None
    if pool is not None:
        await pool.close()


def cut() -> None:
    """Cut every connection of this process, whatever goes on in it: the server that they led to has ended."""
    for each in list(_opened):
        each.terminate()


def _pool() -> "asyncpg.Pool[asyncpg.Record]":
    if _the_pool is None:
        raise RuntimeError("the pool is not open")
    return _the_pool


@asynccontextmanager
async def held(scope: Scope = CLOSED, patience: Patience = UNHURRIED) -> AsyncIterator[Held]:
    """Hold one connection of the pool under a scope; the pool's reset clears the scope when it goes back.

    Where none becomes free in time, `Unavailable` says so.
    """
    if held_now() is not None:
        raise RuntimeError("a connection is held already")
    pool = _pool()
    mine = Held(await _taken(pool, patience), scope, patience)
    try:
        await set_scope(mine, scope, patience.statement)
        with in_hand(mine):
            yield mine
    finally:
        # Not always the connection of the beginning: see `let_go`.
        if isinstance(mine.connection, PoolConnectionProxy):
            await _back(pool, mine.connection)


async def _back(pool: "asyncpg.Pool[asyncpg.Record]", lent: "PoolConnectionProxy[asyncpg.Record]") -> None:
    """Give a connection back. One that turns out to be lost is cut by the pool, and what was done on it stands."""
    try:
        await asyncio.shield(pool.release(lent))
    except Exception as fault:
        if not presence.is_lost(fault):
            raise


async def _taken(pool: "asyncpg.Pool[asyncpg.Record]", patience: Patience) -> "PoolConnectionProxy[asyncpg.Record]":
    presence.see()
    try:
        async with asyncio.timeout(patience.connection):
            return await pool.acquire()
    except TimeoutError:
        raise Unavailable from None
    except (OSError, asyncpg.CannotConnectNowError) as fault:
        raise presence.Away from fault


@asynccontextmanager
async def alone(scope: Scope) -> AsyncIterator[Held]:
    """Hold a connection of its own beside the pool, for work that runs long: a load must not take a request's.

    It is closed afterwards with all its temporary tables. Inside, it is the held one, whatever was held outside.
    """
    async with _beside_the_pool(scope) as mine:
        with in_hand(mine):
            yield mine


@asynccontextmanager
async def _beside_the_pool(scope: Scope) -> AsyncIterator[Held]:
    if _the_pool is None:
        raise RuntimeError("the pool is not open")
    presence.see()
    try:
        connection = await asyncpg.connect(_the_dsn, timeout=CONNECT_SECONDS, server_settings=_SETTINGS)
    except (OSError, asyncpg.CannotConnectNowError) as fault:
        raise presence.Away from fault
    try:
        await prepare(connection)
        mine = Held(connection, scope)
        await set_scope(mine, scope)
        yield mine
    finally:
        await _closed(connection)


async def _closed(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """An idle connection says goodbye; one in the middle of a statement (a cancelled load) is cut.

    One that turns out to be lost is closed, and whatever ends its use is told instead, a breaking off above all.
    """
    if connection.is_in_transaction():
        connection.terminate()
        return
    try:
        await connection.close(timeout=5)
    except Exception as fault:
        if not isinstance(fault, TimeoutError) and not presence.is_lost(fault):
            raise


async def narrow(scope: Scope) -> None:
    """Give the held connection the scope of the person who has just become known."""
    await set_scope(in_use(), scope)


@asynccontextmanager
async def let_go() -> AsyncIterator[None]:
    """Give the held connection back while something slow goes on elsewhere, and take one again afterwards.

    Where nothing is held, or a connection beside the pool, there is nothing to give back. What waits to be kept is
    committed before.
    """
    if not await _released():
        yield
        return
    mine = in_use()
    try:
        yield
    finally:
        mine.connection = await _taken(_pool(), mine.patience)
        await set_scope(mine, mine.scope, mine.patience.statement)


async def give_back() -> None:
    """Give the held connection back before its time, all kept: what is left to do needs no database."""
    await _released()


async def _released() -> bool:
    mine = held_now()
    if mine is None or not isinstance(mine.connection, PoolConnectionProxy):
        return False
    if mine.in_transaction:
        raise RuntimeError("a transaction is open")
    await kept.commit()
    await _back(_pool(), mine.connection)
    return True


async def take_time() -> None:
    """Let the statements on the held connection take as long as they need: for acts over the whole channel."""
    mine = in_use()
    mine.patience = Patience(mine.patience.connection)
    await mine.connection.execute("SELECT set_config('statement_timeout', '0', false)")


@dataclass(frozen=True, slots=True)
class Reader:
    """A second connection that sees what the held one saw when its transaction began."""

    _held: Held

    async def read(self, question: Coroutine[Any, Any, T]) -> T:
        """The answer to a question that reads, all of it on this connection, under the system scope."""
        with in_hand(self._held):
            return await question


@asynccontextmanager
async def reader() -> AsyncIterator[Reader]:
    """Read on while the held connection writes: for a task beside it, inside `known()` and the system scope.

    Both see one state, that of `known()`, which what the held one writes meanwhile does not change.
    """
    mine = in_use()
    if await fetchval("SELECT current_setting('app.scope')") != "system":
        raise RuntimeError("a reader reads under the system scope")
    snapshot = await fetchval("SELECT pg_export_snapshot()")
    async with _beside_the_pool(mine.scope) as beside:
        work = beside.connection.transaction(isolation="repeatable_read", readonly=True)
        await work.start()
        await beside.connection.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
        await beside.connection.execute("SELECT set_config('app.scope', 'system', true)")
        beside.in_transaction = True
        yield Reader(beside)
        await work.rollback()
