"""Asking for work, and carrying out what is due: claimed, leased, tried again, and kept only while it is one's own.

A room declares each kind of its work (`Work`); app.py gives all kinds to the workers. Any number of processes carry
out each due row once: whoever claims one holds a lease, which he lengthens while he lives. A process that dies loses
the lock by which it is seen to live, one that hangs the lease; another then begins it again, and what the first may
still write is refused, because the row is closed in the very transaction that it writes in (`finishing`).
"""

import asyncio
import contextvars
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import asyncpg

from channel import clock
from channel.beside import beside, broken_off
from channel.database import db, presence
from channel.work import queries
from channel.work.rules import CatchUp, Every, Retries, Rhythm

LEASE = timedelta(seconds=60)
"""A worker not heard of for so long is given up, and what it had is begun again."""
AT_ONCE = 3
"""So much is carried out at once in a process, of each kind one."""
STOP_SECONDS = 10.0
"""How long what is under way may take to finish when the service stops; then it is broken off and rolled back."""
_BEAT_SECONDS = 0.5
_LOOK_SECONDS = 2.0
_LARGEST_NUMBER = 2**31 - 1
_LONGEST_FAULT = 1000

logger = logging.getLogger(__name__)


class LeaseLost(Exception):  # noqa: N818 - not an error: another worker has it now
    """It was given to another worker, and nothing of this one's is kept."""


@dataclass(slots=True, eq=False)
class Due:
    """Something that is due and was claimed: of which key and period, and for which time.

    `tell`, where the work sets it, writes down how far it is; it is called twice a second.
    """

    work: "Work"
    key: str
    period: date | None
    claimed: queries.Claimed
    asked: int
    next: tuple[date, datetime] | None
    tell: Callable[[], Awaitable[object]] | None = None

    @property
    def attempt(self) -> int:
        """For which time it is tried; the first is 1."""
        return self.claimed[2]

    def __str__(self) -> str:
        return " ".join(map(str, filter(None, (self.work.kind, self.key, self.period))))


_FEW = Retries()


async def _nothing(_: Due) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Work:
    """A kind of work. `every` is given for what comes again; the rest is asked for (`ask`).

    It is carried out under an open scope in one transaction, which is kept together with the end of its row. Work on
    its `own` holds nothing when it is called, and does what belongs to its end inside `finishing`. `given_up` is what
    is to be done when it failed for the last time.
    """

    kind: str
    carry_out: Callable[[Due], Awaitable[object]]
    every: Every | None = None
    retries: Retries = _FEW
    own: bool = False
    given_up: Callable[[Due], Awaitable[object]] = _nothing


_woken: set[asyncio.Event] = set()


def wake() -> None:
    """Tell the workers of this process that something may be due; those of others look every few seconds."""
    for event in _woken:
        event.set()


async def ask(
    kind: str, key: str = "", *, period: date | None = None, lane: str | None = None, due_at: datetime | None = None
) -> None:
    """Have something done as soon as the act under way is kept, or when its period begins, or from a moment on.

    It is done once, however often it is asked for; once more, where it was under way already. Of one lane one at a time
    is done.
    """
    begins = clock.now() if period is None else Every(Rhythm.DAY).due_at(period, clock.zone())
    await queries.ask(kind, key, period, lane, due_at or begins)
    db.after_commit(wake)


async def ask_each(kind: str, keys: Collection[str]) -> None:
    """Have something done of each of these keys as soon as the act under way is kept, in one statement."""
    if keys:
        await queries.ask_each(kind, keys, clock.now())
        db.after_commit(wake)


@asynccontextmanager
async def finishing(due: Due) -> AsyncIterator[None]:
    """The transaction in which something is done: kept with the end of its row, and not at all when that is lost."""
    async with db.transaction():
        yield
        if not await queries.close(due.claimed, due.asked):
            raise LeaseLost
        await _plan_next(due)
        if due.work.every is not None and due.work.every.catch_up is CatchUp.LAST:
            await queries.forget_failed(due.work.kind, due.key)


async def hold(due: Due) -> None:
    """See that it is still this worker's, to the end of the transaction: before what is written on the way."""
    if not await queries.hold(due.claimed):
        raise LeaseLost


async def _plan_next(due: Due) -> None:
    if due.next is not None:
        await queries.plan(due.work.kind, due.key, *due.next)


@asynccontextmanager
async def working(works: Sequence[Work], ended: Callable[[Due], None] = lambda _: None) -> AsyncIterator[None]:
    """Carry out what is due while the block lasts; at its end what is under way is finished or broken off.

    What is on its own is broken off at once, to be begun again later. `ended` is told of each that is done or given up.
    """
    worker = _Worker({each.kind: each for each in works}, AT_ONCE, ended)
    async with beside(worker.run(), "work", apart=True):
        try:
            yield
        finally:
            await worker.stop()


async def run_due(works: Sequence[Work], ended: Callable[[Due], None] = lambda _: None) -> int:
    """Carry out what is due, one after the other, until nothing is; how many times something was begun."""
    worker = _Worker({each.kind: each for each in works}, 1, ended)
    await worker.shift(until_idle=True)
    return worker.count


@dataclass(slots=True, eq=False)
class _Worker:
    """What a process has under way: `most` at once, of each kind one, claimed on a connection beside the pool."""

    works: dict[str, Work]
    most: int
    ended: Callable[[Due], None]
    number: int = 0
    count: int = 0
    event: asyncio.Event = field(default_factory=asyncio.Event)
    under_way: dict["asyncio.Task[None]", Due] = field(default_factory=dict)

    async def run(self) -> None:
        """Work for ever; when the connection is lost, on another one."""
        _woken.add(self.event)
        try:
            while True:
                await presence.back()
                try:
                    await self.shift()
                except asyncpg.DiskFullError as fault:
                    logger.error("Looking for work failed, and is tried again: %s", fault)  # noqa: TRY400 - no fault of ours
                except Exception as fault:
                    if not presence.is_lost(fault):
                        logger.exception("Looking for work failed; it is tried again")
                await self._woken_within(_LOOK_SECONDS)
        finally:
            _woken.discard(self.event)

    async def shift(self, *, until_idle: bool = False) -> None:
        """Work on one connection, as long as it lasts."""
        outside = contextvars.copy_context()
        self.number = 1 + secrets.randbelow(_LARGEST_NUMBER)
        async with db.alone(db.EVERYTHING):
            await queries.be_present(self.number)
            for kind, work in self.works.items():
                if work.every is not None:
                    period = work.every.latest(clock.now(), clock.zone())
                    await queries.plan(kind, "", period, work.every.due_at(period, clock.zone()))
            try:
                while True:
                    self.event.clear()
                    if clock.offset():
                        # While the service runs it may be moved on, and what comes due by it is not kept waiting.
                        await db.follow_clock()
                    await self._settle()
                    await self._claim(outside)
                    if until_idle and not self.under_way:
                        return
                    await self._woken_within(_BEAT_SECONDS if self.under_way else _LOOK_SECONDS)
                    await self._beat()
            finally:
                tasks = [*self.under_way]
                self.under_way.clear()
                await asyncio.gather(*map(broken_off, tasks), return_exceptions=True)

    async def stop(self) -> None:
        """Begin nothing more, and see what is short to its end."""
        self.most = 0
        short = [task for task, due in self.under_way.items() if not due.work.own]
        if short:
            # Without the database nothing comes to its end.
            _, late = await asyncio.wait(short, timeout=STOP_SECONDS if presence.away_seconds() is None else 0)
            for task in late:
                logger.warning("%r was still running and is broken off; its work is rolled back", task.get_name())

    async def _woken_within(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.event.wait(), seconds)

    async def _claim(self, outside: contextvars.Context) -> None:
        """Begin what is due while there are hands, the kinds in turn: much of one does not keep the others waiting."""
        busy = {due.work.kind for due in self.under_way.values()}
        for kind in await queries.kinds_due([each for each in self.works if each not in busy], clock.now()):
            if len(self.under_way) >= self.most:
                return
            self.works[kind] = work = self.works.pop(kind)
            row = await queries.claim(kind, clock.now(), self.number, LEASE)
            if row is None:
                continue
            self.count += 1
            due = _due(work, row, self.number)
            if due.attempt > work.retries.most:
                await self._put_back(due, "it was broken off each time", None)
                continue
            if due.attempt > 1:
                logger.info("%s is begun again, for the %s. time", due, due.attempt)
            # Outside, the connection of the shift is not held.
            task = asyncio.create_task(_carry_out(due), name=str(due), context=outside.copy())
            task.add_done_callback(lambda _: self.event.set())
            self.under_way[task] = due

    async def _settle(self) -> None:
        """See what came of what has ended."""
        for task in [each for each in self.under_way if each.done()]:
            due = self.under_way.pop(task)
            fault = asyncio.CancelledError() if task.cancelled() else task.exception()
            if fault is None:
                self.ended(due)
            elif isinstance(fault, LeaseLost):
                logger.warning("%s was given to another worker", due)
            elif presence.is_lost(fault):
                # Its own connection was lost; where it is the database, this fails as well, and the lock is gone.
                await self._put_back(due, str(fault), timedelta())
            else:
                pause = due.work.retries.pause_after(due.attempt)
                logger.error("%s failed for the %s. time", due, due.attempt, exc_info=fault)
                await self._put_back(due, f"{type(fault).__name__}: {fault}"[:_LONGEST_FAULT], pause)

    async def _put_back(self, due: Due, fault: str, pause: timedelta | None) -> None:
        """Let it be tried again after a pause, or give it up."""
        now = clock.now()
        async with db.transaction():
            if not await queries.put_back(due.claimed, None if pause is None else now + pause, fault, now):
                return
            if pause is None:
                await due.work.given_up(due)
                await _plan_next(due)
        if pause is None:
            logger.error("%s is given up: %s", due, fault)
            self.ended(due)

    async def _beat(self) -> None:
        """Keep what is under way, and have it tell how far it is."""
        if self.under_way:
            await queries.lengthen([due.claimed[0] for due in self.under_way.values()], self.number, LEASE)
        for due in self.under_way.values():
            if due.tell is not None:
                await due.tell()


def _due(work: Work, row: asyncpg.Record, worker: int) -> Due:
    period, following = row["period"], None
    if work.every is not None and period is not None:
        period = work.every.taken(period, clock.now(), clock.zone())
        after = work.every.rhythm.after(period)
        following = (after, work.every.due_at(after, clock.zone()))
    return Due(work, row["key"], period, (row["id"], worker, row["attempts"]), row["asked"], following)


async def _carry_out(due: Due) -> None:
    if due.work.own:
        await due.work.carry_out(due)
        return
    async with db.held(db.EVERYTHING), finishing(due):
        await due.work.carry_out(due)
