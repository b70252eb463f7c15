"""The connection that is held, by whom it is read, and what it may see."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from asyncpg.transaction import Transaction
from piccolo.engine.postgres import PostgresEngine

from channel.errors import Message


class _HeldEngine(PostgresEngine):
    """Piccolo's engine; it never connects by itself, because a held connection is always given to it.

    Only where Piccolo's own command runs (piccolo_conf.py) there is none, and `connect` makes it one.
    """

    connect: "Callable[[], Awaitable[asyncpg.Connection[asyncpg.Record]]] | None" = None

    async def get_new_connection(self) -> "asyncpg.Connection[asyncpg.Record]":
        """What Piccolo asks for where nothing was given to it."""
        if self.connect is None:
            raise RuntimeError("no connection is held here: wrap the work in `async with db.held(...)`")
        return await self.connect()

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
class Unkept:
    """What is done and waits to be kept: its transaction, its acts in words, and what is to be done afterwards.

    Further acts may join a `joinable` one; another one has a snapshot of its own.
    """

    work: Transaction
    joinable: bool
    acts: list[Message]
    afterwards: list[Callable[[], None]]


@dataclass(slots=True)
class Held:
    """A connection in use, as a Piccolo transaction sees it (`connection`), and what this use has opened and done.

    `doing` are the acts of the open transaction and `afterwards` what is to be done when they are kept, `waiting` what
    is done and waits for the answer that is made (`answering`), `done` the acts that are committed; `unsure` where the
    connection was lost in a commit, so that nobody knows what became of it. `known_at` is the K of the snapshot that
    is open.
    """

    connection: "PoolConnectionProxy[asyncpg.Record] | asyncpg.Connection[asyncpg.Record]"
    scope: Scope
    patience: Patience = UNHURRIED
    in_transaction: bool = False
    in_system_scope: bool = False
    known_at: datetime | None = None
    postings: list[int] = field(default_factory=list)
    doing: list[Message] = field(default_factory=list)
    afterwards: list[Callable[[], None]] = field(default_factory=list)
    answering: bool = False
    waiting: Unkept | None = None
    done: list[Message] = field(default_factory=list)
    unsure: bool = False
    beside: Callable[[Sequence[Message]], Awaitable[None]] | None = None
    dealers: set[int] = field(default_factory=set)


_held: ContextVar[Held | None] = ContextVar("held_connection", default=None)


def held_now() -> Held | None:
    """The held connection, or None where none is held."""
    return _held.get()


def in_use() -> Held:
    """The held connection, with what this use has opened and done."""
    mine = held_now()
    if mine is None:
        raise RuntimeError("no connection is held here: wrap the work in `async with db.held(...)`")
    return mine


@contextmanager
def given_to_piccolo(held: Held) -> Iterator[None]:
    """Have Piccolo's tables and migrations run on this connection."""
    token = PICCOLO.current_transaction.set(held)  # type: ignore[arg-type] # of a transaction it asks the connection only
    try:
        yield
    finally:
        PICCOLO.current_transaction.reset(token)


@contextmanager
def in_hand(mine: Held) -> Iterator[None]:
    """Have everything inside work on this connection, whatever was held outside."""
    token = _held.set(mine)
    try:
        with given_to_piccolo(mine):
            yield
    finally:
        _held.reset(token)


def connection() -> "PoolConnectionProxy[asyncpg.Record] | asyncpg.Connection[asyncpg.Record]":
    """The held asyncpg connection, for COPY and cursors."""
    return in_use().connection


def scope() -> Scope:
    """What the held connection may see: for a query to help itself with, never for what it must leave out."""
    return in_use().scope


def in_transaction() -> bool:
    """Whether an act is under way on the held connection."""
    return in_use().in_transaction


_SCOPE = (
    "SELECT set_config('app.scope', $1, false), set_config('app.territories', $2, false),"
    " set_config('app.role', $3, false), set_config('app.owner', $4, false)"
)


async def set_scope(held: Held, scope: Scope, statement: float | None = None) -> None:
    """Set what the connection may see and, on one that was just taken, how long its statements may take."""
    held.scope = scope
    sql, args = _SCOPE, [scope.reach, "{" + ",".join(map(str, scope.territory_ids)) + "}", scope.role, scope.owner]
    if statement is not None:
        sql, args = sql + ", set_config('statement_timeout', $5, false)", [*args, str(round(statement * 1000))]
    await held.connection.execute(sql, *args)
