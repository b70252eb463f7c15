"""When what was done is kept: an act at its end or, where an answer is made of it, when that answer is whole.

Who makes an answer does so inside `until_answered()`: acts wait there, each with its stamp, in one transaction that
reading goes on in. `commit()` keeps them, before the answer goes out; where it is not called, nothing of them is left.
An act that fails takes nothing with it that ended well before. What sees only what is kept commits what waits first:
a snapshot, the posting lock alone (`moments`), a connection that is lent back (`pool`).
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager

import asyncpg
from asyncpg.transaction import Transaction

from channel.database import presence
from channel.database.holding import Held, Unkept, held_now, in_use
from channel.errors import Message, m

_SOMETHING = m("a change that has no name")


@asynccontextmanager
async def until_answered() -> AsyncIterator[None]:
    """Acts on the held connection wait inside until `commit()`; what still waits at the end is rolled back."""
    mine = in_use()
    mine.answering = True
    try:
        yield
    finally:
        mine.answering, mine.beside = False, None
        await roll_back()


async def commit() -> None:
    """Keep what waits, if anything does; where the commit fails, its fault is raised and nothing of it is kept."""
    mine = held_now()
    if mine is None or mine.waiting is None:
        return
    try:
        if mine.beside is not None:
            await mine.beside([each for each in mine.waiting.acts if each is not _SOMETHING])
        # What is checked at the end only is checked here, and whether a statement failed in the meantime: that the
        # database refuses is known then, and only a connection that is lost in the commit itself leaves it open.
        await mine.connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except BaseException:
        await roll_back()
        raise
    waiting, mine.waiting = mine.waiting, None
    await _commit(mine, waiting)


async def roll_back() -> None:
    """Undo what waits, if anything does."""
    mine = held_now()
    if mine is None or mine.waiting is None:
        return
    waiting, mine.waiting = mine.waiting, None
    try:
        await waiting.work.rollback()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as fault:
        # With its connection the transaction is lost, too.
        if not presence.is_lost(fault):
            raise


async def end(mine: Held, work: Transaction, *, joinable: bool) -> None:
    """The transaction of an act has come to its end: it is kept, or waits, alone or with what waits already."""
    acts = mine.doing or [_SOMETHING]
    done = Unkept(work, joinable, [*acts], [*mine.afterwards])
    if not mine.answering:
        await _commit(mine, done)
    elif mine.waiting is None:
        mine.waiting = done
    else:
        await work.commit()
        mine.waiting.acts += done.acts
        mine.waiting.afterwards += done.afterwards


async def _commit(mine: Held, done: Unkept) -> None:
    """Commit, and note what is done by it: an answer that fails afterwards must not say that nothing was."""
    mine.unsure = True
    try:
        await done.work.commit()
    except asyncpg.PostgresError as fault:
        # The database itself refused, unless it went away.
        mine.unsure = isinstance(fault, asyncpg.PostgresConnectionError | asyncpg.OperatorInterventionError)
        raise
    mine.unsure = False
    mine.done += done.acts
    for each in done.afterwards:
        each()


def after_commit(act: Callable[[], None]) -> None:
    """Have something done when the act under way is kept, and not at all where it is not; at once where none is."""
    mine = held_now()
    if mine is not None and mine.in_transaction:
        mine.afterwards.append(act)
    elif mine is not None and mine.waiting is not None:
        mine.waiting.afterwards.append(act)
    else:
        act()


def note_act(told: Message) -> None:
    """Tell what the open transaction does, in words for whoever may get no other answer."""
    in_use().doing.append(told)


def keep_beside(write: Callable[[Sequence[Message]], Awaitable[None]]) -> None:
    """Have this written whenever acts of the request are kept, in their transaction; it is given their words."""
    in_use().beside = write


def note_dealers(dealer_ids: Iterable[int]) -> None:
    """Tell whom the act under way concerns; where everybody is seen, nobody asks for it."""
    mine = in_use()
    if mine.scope.reach == "territories":
        mine.dealers.update(dealer_ids)


def dealers_noted() -> Sequence[int]:
    """Whom the acts on the held connection concern, where it does not see everybody."""
    return sorted(in_use().dealers)


def acts_done() -> tuple[Sequence[Message], bool]:
    """What has been committed on the held connection, and whether more may have been; nothing where none is held."""
    mine = held_now()
    return ((), False) if mine is None else (mine.done, mine.unsure)
