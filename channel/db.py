"""The database as the rest of the house sees it: one held connection, its scope, its transactions, its clock.

A request, a job or a command holds one connection while it works (`held`); every query of every room runs on it,
Piccolo's as well, so that a pool of one connection is enough and the scope that row-level security reads is set exactly
once. What others pace, a client or a processor, goes on without one (`let_go`, `give_back`). Writing happens inside
`transaction()`, which stamps the postings made in it as its last act.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from weakref import WeakSet

import asyncpg
import msgspec
from asyncpg.pool import PoolConnectionProxy
from asyncpg.transaction import Transaction
from piccolo.engine.postgres import PostgresEngine

from channel import clock, presence
from channel.digits import whole_number
from channel.errors import Message, Unavailable, m
from channel.locks import Lock
from channel.together import Together

T = TypeVar("T")

APP_ROLE = "channel_app"
"""The role the service connects as: neither superuser nor owner, so that row-level security binds it."""


CONNECT_SECONDS = 10.0
"""A server that has not taken a connection by then counts as away; one that is just recovering may forget to answer."""


class _HeldEngine(PostgresEngine):
    """Piccolo's engine; it never connects by itself, because a held connection is always given to it."""

    async def get_version(self) -> float:
        """Not asked of a server: the migrations and the SQL say what they need themselves."""
        return float(self.min_version_number)


PICCOLO = _HeldEngine(config={})
"""The engine that Piccolo's tables and migrations find."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What row-level security lets a connection see.

    `reach` is "all", "territories" (then only dealers at or below `territory_ids`) or "closed". `role` opens the
    part of the audit trail that belongs to no dealer. `owner` is whose own things are the connection's: a person's
    or a token's (`Person.owner`); nobody's where it is empty.
    """

    reach: str = "closed"
    territory_ids: tuple[int, ...] = ()
    role: str = ""
    owner: str = ""


CLOSED = Scope()
EVERYTHING = Scope("all")


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds a connection is waited for, and a statement on it may take; None: as long as it takes."""

    connection: float | None = None
    statement: float | None = None


UNHURRIED = Patience()


@dataclass(slots=True)
class Held:
    """A connection in use, as a Piccolo transaction sees it (`connection`), and what this use has opened and done.

    `doing` are the acts of the open transaction, `done` those that are committed; `unsure` where the connection was
    lost in a commit, so that nobody knows what became of it.
    """

    connection: "PoolConnectionProxy[asyncpg.Record] | asyncpg.Connection[asyncpg.Record]"
    scope: Scope
    patience: Patience = UNHURRIED
    in_transaction: bool = False
    postings: list[int] = field(default_factory=list)
    doing: list[Message] = field(default_factory=list)
    done: list[Message] = field(default_factory=list)
    unsure: bool = False


_held: ContextVar[Held | None] = ContextVar("held_connection", default=None)
_together: ContextVar[Together | None] = ContextVar("asked_together", default=None)
_the_pool: "asyncpg.Pool[asyncpg.Record] | None" = None
_the_dsn = ""
_opened: "WeakSet[asyncpg.Connection[asyncpg.Record]]" = WeakSet()
_SETTINGS = {"application_name": "channel", "timezone": "UTC", "jit": "off"}


async def _prepare(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
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
        init=_prepare,
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


_SCOPE = (
    "SELECT set_config('app.scope', $1, false), set_config('app.territories', $2, false),"
    " set_config('app.role', $3, false), set_config('app.owner', $4, false)"
)


async def _set_scope(held: Held, scope: Scope, statement: float | None = None) -> None:
    """Set what the connection may see and, on one that was just taken, how long its statements may take."""
    held.scope = scope
    sql, args = _SCOPE, [scope.reach, "{" + ",".join(map(str, scope.territory_ids)) + "}", scope.role, scope.owner]
    if statement is not None:
        sql, args = sql + ", set_config('statement_timeout', $5, false)", [*args, str(round(statement * 1000))]
    await held.connection.execute(sql, *args)


@contextmanager
def given_to_piccolo(held: Held) -> Iterator[None]:
    """Have Piccolo's tables and migrations run on this connection."""
    token = PICCOLO.current_transaction.set(held)  # type: ignore[arg-type] # of a transaction it asks the connection only
    try:
        yield
    finally:
        PICCOLO.current_transaction.reset(token)


@contextmanager
def _in_hand(mine: Held) -> Iterator[None]:
    token = _held.set(mine)
    try:
        with given_to_piccolo(mine):
            yield
    finally:
        _held.reset(token)


def _pool() -> "asyncpg.Pool[asyncpg.Record]":
    if _the_pool is None:
        raise RuntimeError("the pool is not open")
    return _the_pool


@asynccontextmanager
async def held(scope: Scope = CLOSED, patience: Patience = UNHURRIED) -> AsyncIterator[Held]:
    """Hold one connection of the pool under a scope; the pool's reset clears the scope when it goes back.

    Where none becomes free in time, `Unavailable` says so.
    """
    if _held.get() is not None:
        raise RuntimeError("a connection is held already")
    pool = _pool()
    mine = Held(await _taken(pool, patience), scope, patience)
    try:
        await _set_scope(mine, scope, patience.statement)
        with _in_hand(mine):
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
        with _in_hand(mine):
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
        await _prepare(connection)
        mine = Held(connection, scope)
        await _set_scope(mine, scope)
        yield mine
    finally:
        # An idle connection says goodbye; one in the middle of a statement (a cancelled load) is cut.
        connection.terminate() if connection.is_in_transaction() else await connection.close(timeout=5)


async def narrow(scope: Scope) -> None:
    """Give the held connection the scope of the person who has just become known."""
    await _set_scope(_mine(), scope)


@asynccontextmanager
async def let_go() -> AsyncIterator[None]:
    """Give the held connection back while something slow goes on elsewhere, and take one again afterwards.

    Where nothing is held, or a connection beside the pool, there is nothing to give back.
    """
    if not await _released():
        yield
        return
    mine = _mine()
    try:
        yield
    finally:
        mine.connection = await _taken(_pool(), mine.patience)
        await _set_scope(mine, mine.scope, mine.patience.statement)


async def give_back() -> None:
    """Give the held connection back before its time: what is left to do needs no database."""
    await _released()


async def _released() -> bool:
    mine = _held.get()
    if mine is None or not isinstance(mine.connection, PoolConnectionProxy):
        return False
    if mine.in_transaction:
        raise RuntimeError("a transaction is open")
    await _back(_pool(), mine.connection)
    return True


async def take_time() -> None:
    """Let the statements on the held connection take as long as they need: for acts over the whole channel."""
    mine = _mine()
    mine.patience = Patience(mine.patience.connection)
    await mine.connection.execute("SELECT set_config('statement_timeout', '0', false)")


def _mine() -> Held:
    mine = _held.get()
    if mine is None:
        raise RuntimeError("no connection is held here: wrap the work in `async with db.held(...)`")
    return mine


def connection() -> "PoolConnectionProxy[asyncpg.Record] | asyncpg.Connection[asyncpg.Record]":
    """The held asyncpg connection, for COPY and cursors."""
    return _mine().connection


async def fetch(sql: str, *args: object) -> list[asyncpg.Record]:
    """All rows of a query on the held connection."""
    together = _together.get()
    if together is not None:
        return await together.answer(sql, args)
    return await _mine().connection.fetch(sql, *args)


async def fetchrow(sql: str, *args: object) -> asyncpg.Record | None:
    """The first row of a query, or None."""
    together = _together.get()
    if together is not None:
        rows = await together.answer(sql, args)
        return rows[0] if rows else None
    return await _mine().connection.fetchrow(sql, *args)


async def fetchval(sql: str, *args: object) -> Any:  # noqa: ANN401 - the column's type is the query's affair
    """The first column of the first row, or None."""
    together = _together.get()
    if together is not None:
        rows = await together.answer(sql, args)
        return next(iter(rows[0].values())) if rows else None
    return await _mine().connection.fetchval(sql, *args)


@asynccontextmanager
async def together(*, apart: bool = False) -> AsyncIterator[Together]:
    """Ask several rooms at once: what their questions have to read goes to the database in one statement.

    Inside, `ask(question())` gives a task, whose result is there after the block. A question may read several times,
    one after the other: each time all of them are waiting, everything that they wait for is read together. Only
    reading is possible so; rows come as mappings by column. `apart` reads one after the other all the same: for
    questions with many thousands of rows.
    """
    if _together.get() is not None:
        raise RuntimeError("questions are asked together already")
    asked = Together(apart=apart)
    token = _together.set(asked)
    try:
        yield asked
    except BaseException:
        asked.forget()
        raise
    finally:
        _together.reset(token)
    await asked.run(_mine().connection)


async def execute(sql: str, *args: object) -> int:
    """Carry out a statement and tell how many rows it touched."""
    tag = await _mine().connection.execute(sql, *args)
    last = tag.rsplit(" ", 1)[-1]
    return whole_number(last) or 0


async def change_exactly(rows: int, sql: str, *args: object) -> None:
    """Carry out a change of exactly so many rows: one that row-level security refuses passes over the row in silence.

    For what is written once. That another number was touched is a fault of ours, and nothing of the act is kept.
    """
    check_changed(rows, await execute(sql, *args))


def check_changed(rows: int, touched: int) -> None:
    """That a change touched as many rows as it was to; another number is a fault of ours."""
    if touched != rows:
        raise RuntimeError(f"a change of {rows} rows touched {touched}")


async def execute_many(sql: str, rows: Iterable[Sequence[object]]) -> None:
    """Carry out one statement for each row of arguments."""
    await _mine().connection.executemany(sql, rows)


@asynccontextmanager
async def transaction(*, reading: bool = False) -> AsyncIterator[None]:
    """One act: all of it is kept or none. An inner transaction joins the outer one; `reading` changes nothing.

    The last statement before COMMIT stamps `recorded_at` on the postings made inside, under the posting lock, which
    PostgreSQL lets go only after the commit is visible: nobody can fix what is known between stamp and commit.
    """
    mine = _mine()
    if mine.in_transaction:
        yield
        return
    work = mine.connection.transaction(readonly=reading)
    await work.start()
    async with _carried_out(mine, work, keep=not reading):
        yield


@asynccontextmanager
async def _carried_out(mine: Held, work: Transaction, *, keep: bool) -> AsyncIterator[None]:
    """What is done inside belongs to this transaction, which is committed at the end, or without `keep` rolled back."""
    mine.in_transaction = True
    mine.postings.clear()
    mine.doing.clear()
    try:
        yield
        await _stamp(mine)
    except BaseException:
        await work.rollback()
        raise
    else:
        await (_commit(mine, work) if keep else work.rollback())
    finally:
        mine.in_transaction = False
        mine.postings.clear()
        mine.doing.clear()


async def _commit(mine: Held, work: Transaction) -> None:
    """Commit, and note what is done by it: an answer that fails afterwards must not say that nothing was."""
    mine.unsure = True
    try:
        await work.commit()
    except asyncpg.PostgresError as fault:
        # The database itself refused, unless it went away.
        mine.unsure = isinstance(fault, asyncpg.PostgresConnectionError | asyncpg.OperatorInterventionError)
        raise
    mine.unsure = False
    mine.done += mine.doing or [_SOMETHING]


_SOMETHING = m("a change that has no name")


def note_act(told: Message) -> None:
    """Tell what the open transaction does, in words for whoever may get no other answer."""
    _mine().doing.append(told)


def acts_done() -> tuple[Sequence[Message], bool]:
    """What has been committed on the held connection, and whether more may have been; nothing where none is held."""
    mine = _held.get()
    return ((), False) if mine is None else (mine.done, mine.unsure)


async def _stamp(mine: Held) -> None:
    if mine.postings:
        await mine.connection.execute("SELECT pg_advisory_xact_lock_shared($1)", Lock.POSTINGS)
        # In a subquery, so that it is one moment for all of them.
        stamp = "UPDATE posting SET recorded_at = (SELECT stamp_moment($2, $3)) WHERE id = ANY($1::bigint[])"
        await change_exactly(len(mine.postings), stamp, mine.postings, clock.held_at(), clock.offset())


def scope() -> Scope:
    """What the held connection may see: for a query to help itself with, never for what it must leave out."""
    return _mine().scope


def in_transaction() -> bool:
    """Whether an act is under way on the held connection."""
    return _mine().in_transaction


def note_posting(posting_id: int) -> None:
    """Remember a posting of this transaction so that it is stamped at its end."""
    mine = _mine()
    if not mine.in_transaction:
        raise RuntimeError("a posting needs a transaction")
    mine.postings.append(posting_id)


@asynccontextmanager
async def system_scope() -> AsyncIterator[None]:
    """Compute over all that counts, whoever asks; only after the person's right to the matter was checked.

    Needs a transaction (of either kind), to whose end PostgreSQL would keep the setting; it is put back here.
    """
    mine = _mine()
    if not mine.in_transaction:
        raise RuntimeError("the system scope needs a transaction")
    await mine.connection.execute("SELECT set_config('app.scope', 'system', true)")
    try:
        yield
    finally:
        if not mine.connection.is_closed():
            await _restore_scope(mine)


async def _restore_scope(mine: Held) -> None:
    # After a failed statement the transaction is lost and with it the local setting: nothing is left to restore.
    try:
        await mine.connection.execute("SELECT set_config('app.scope', $1, true)", mine.scope.reach)
    except asyncpg.InFailedSQLTransactionError:
        return


@asynccontextmanager
async def known(at: datetime | None = None, *, keep: bool = False) -> AsyncIterator[datetime]:
    """A snapshot in which exactly what was recorded by K is settled, and K itself (now, if not given).

    Taking the posting lock alone waits for every posting that is already stamped, so that whatever was recorded at
    or before K is committed; and K moves the latest moment, so that whatever comes later is stamped later, even when
    the clock goes back. Inside, the connection stands in a read-only snapshot taken under that lock, so that rollups
    ("as known now") show the same state as the lines at K. With `keep` it is an act as well: what was found may be
    written in the same transaction, which is then committed.
    """
    mine = _mine()
    if mine.in_transaction:
        raise RuntimeError("what is known is fixed before the transaction that uses it")
    await mine.connection.execute("SELECT pg_advisory_lock($1)", Lock.POSTINGS)
    try:
        latest = await _latest_known(mine, at)
        work = mine.connection.transaction(isolation="repeatable_read", readonly=not keep)
        await work.start()
    finally:
        # The first statement of the transaction: its snapshot is taken before the lock is let go.
        await mine.connection.execute("SELECT pg_advisory_unlock($1)", Lock.POSTINGS)
    async with _carried_out(mine, work, keep=keep):
        yield latest if at is None else at


@dataclass(frozen=True, slots=True)
class Reader:
    """A second connection that sees what the held one saw when its transaction began."""

    _held: Held

    async def read(self, question: Coroutine[Any, Any, T]) -> T:
        """The answer to a question that reads, all of it on this connection, under the system scope."""
        with _in_hand(self._held):
            return await question


@asynccontextmanager
async def reader() -> AsyncIterator[Reader]:
    """Read on while the held connection writes: for a task beside it, inside `known()` and the system scope.

    Both see one state, that of `known()`, which what the held one writes meanwhile does not change.
    """
    mine = _mine()
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


@asynccontextmanager
async def planned_anew() -> AsyncIterator[None]:
    """Have each statement planned for the very values that it is given: for reading of a thousand dealers at a time.

    A plan made for any list of dealers reads every dealer's rows instead. And what is wanted of them is read in the
    order of the indexes, without sorting. It needs a transaction and ends with the block, as what is written is
    planned once for all its rows: the check of a foreign key would be planned for each of them.
    """
    if not in_transaction():
        raise RuntimeError("plans are chosen for a transaction")
    before = await fetchrow(
        "SELECT current_setting('plan_cache_mode'), current_setting('random_page_cost'),"
        " set_config('plan_cache_mode', 'force_custom_plan', true), set_config('random_page_cost', '1.1', true)"
    )
    yield
    # When the block fails, the transaction is lost and the settings with it.
    kept = tuple(before or ())[:2]
    await execute("SELECT set_config('plan_cache_mode', $1, true), set_config('random_page_cost', $2, true)", *kept)


async def settle(at: datetime) -> None:
    """Wait until every posting that is stamped can be read, before reading as known at a moment that has passed.

    Afterwards whatever was recorded up to that moment is committed, and nothing is ever recorded up to it again.
    """
    mine = _mine()
    if mine.in_transaction:
        raise RuntimeError("what is known is settled before the transaction that uses it")
    await mine.connection.execute("SELECT pg_advisory_lock($1)", Lock.POSTINGS)
    try:
        await _latest_known(mine, at)
    finally:
        await mine.connection.execute("SELECT pg_advisory_unlock($1)", Lock.POSTINGS)


async def _latest_known(mine: Held, asked: datetime | None) -> datetime:
    """The moment up to which all is known from now on. Needs the posting lock alone, and a statement begun under it."""
    found: datetime = await mine.connection.fetchval(
        "SELECT known_moment($1, $2, $3)", clock.held_at(), clock.offset(), asked
    )
    return found


async def latest_moment() -> datetime:
    """The latest moment that was ever stamped or handed out as known: ahead of the clock where that went back."""
    found: datetime = await fetchval("SELECT latest_moment()")
    return found


async def measure_clock() -> None:
    """Learn by how much the database's clock differs from this machine's; of three tries the quickest tells it best."""
    tries = []
    for _ in range(3):
        asked = datetime.now(UTC)
        theirs: datetime = await fetchval("SELECT clock_timestamp()")
        took = datetime.now(UTC) - asked
        tries.append((took, theirs - asked - took / 2))
    clock.follow(min(tries)[1])
