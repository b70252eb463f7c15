"""Acts: what is written is kept whole or not at all, and stamped with when that was."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from asyncpg.transaction import Transaction

from channel import clock
from channel.database import kept
from channel.database.asking import change_exactly
from channel.database.holding import Held, in_use
from channel.database.locks import Lock


@asynccontextmanager
async def transaction(*, reading: bool = False) -> AsyncIterator[None]:
    """One act: all of it is kept or none. An inner transaction joins the outer one; `reading` changes nothing.

    The last statement stamps `recorded_at` on the postings made inside, under the posting lock, which PostgreSQL lets
    go only after the commit is visible: nobody can fix what is known between stamp and commit. When it is committed
    says `kept`; behind an act that waits it is a part of the same transaction that can fail for itself.
    """
    mine = in_use()
    if mine.in_transaction:
        yield
        return
    if mine.waiting is not None and not mine.waiting.joinable:
        await kept.commit()
    work = mine.connection.transaction(readonly=reading)
    await work.start()
    async with carried_out(mine, work, keep=not reading, joinable=True):
        yield


@asynccontextmanager
async def carried_out(mine: Held, work: Transaction, *, keep: bool, joinable: bool) -> AsyncIterator[None]:
    """What is done inside belongs to this transaction, which ends with it, or without `keep` is rolled back.

    A `joinable` one may be joined by further acts while it waits to be kept.
    """
    mine.in_transaction = True
    try:
        yield
        await _stamp(mine)
    except BaseException:
        await work.rollback()
        raise
    else:
        await (kept.end(mine, work, joinable=joinable) if keep else work.rollback())
    finally:
        mine.in_transaction = False
        mine.postings.clear()
        mine.doing.clear()
        mine.afterwards.clear()


async def _stamp(mine: Held) -> None:
    if mine.postings:
        await mine.connection.execute("SELECT pg_advisory_xact_lock_shared($1)", Lock.POSTINGS)
        # In a subquery, so that it is one moment for all of them.
        stamp = "UPDATE posting SET recorded_at = (SELECT stamp_moment($2, $3)) WHERE id = ANY($1::bigint[])"
        await change_exactly(len(mine.postings), stamp, mine.postings, clock.held_at(), clock.offset())


def note_posting(posting_id: int) -> None:
    """Remember a posting of this transaction so that it is stamped at its end."""
    mine = in_use()
    if not mine.in_transaction:
        raise RuntimeError("a posting needs a transaction")
    mine.postings.append(posting_id)


@asynccontextmanager
async def system_scope() -> AsyncIterator[None]:
    """Compute over all that counts, whoever asks; only after the person's right to the matter was checked.

    Needs a transaction (of either kind), to whose end PostgreSQL would keep the setting; it is put back here. Inside
    another one it is that one.
    """
    mine = in_use()
    if not mine.in_transaction:
        raise RuntimeError("the system scope needs a transaction")
    if mine.in_system_scope:
        yield
        return
    await mine.connection.execute("SELECT set_config('app.scope', 'system', true)")
    mine.in_system_scope = True
    try:
        yield
    finally:
        mine.in_system_scope = False
        if not mine.connection.is_closed():
            await restore_scope(mine)


async def restore_scope(mine: Held) -> None:
    """Put back, to the end of the transaction, what the connection may see."""
    # After a failed statement the transaction is lost and with it the local setting: nothing is left to restore.
    try:
        await mine.connection.execute("SELECT set_config('app.scope', $1, true)", mine.scope.reach)
    except asyncpg.InFailedSQLTransactionError:
        return
