"""Work that is claimed: done once whoever claims it, taken over, fenced, tried again, caught up, and quickly found."""

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from contextvars import Context
from datetime import date, datetime, timedelta
from typing import TypeAlias

import asyncpg
import pytest
from asyncpg import Record

from channel import clock
from channel.access.queries import record_setting
from channel.database import db
from channel.database.embedded import OWNER, EmbeddedPostgres
from channel.database.locks import Lock
from channel.work import queries, service
from channel.work.rules import CatchUp, Every, Retries, Rhythm
from channel.work.service import Due, LeaseLost, Work, ask, finishing, run_due, working

Connection: TypeAlias = "asyncpg.Connection[Record]"
NOON = datetime.fromisoformat("2027-03-01T12:00:00+00:00")
MANY, FEW_BLOCKS = 1_000_000, 100


async def _ask(kind: str, *keys: str, lane: str | None = None) -> None:
    async with db.held(db.EVERYTHING), db.transaction():
        for key in keys:
            await ask(kind, key, lane=lane)


async def _rows() -> list[Record]:
    async with db.held(db.EVERYTHING):
        return await db.fetch("SELECT * FROM work ORDER BY id")


async def _note(due: Due) -> None:
    """Something that is written by the work itself, and kept only with its end."""
    await db.execute("INSERT INTO setting VALUES ($1, $2)", f"{due} {secrets.token_hex(4)}", due.attempt)


async def _noted() -> Counter[str]:
    async with db.held(db.EVERYTHING):
        rows = await db.fetch("SELECT name FROM setting WHERE name LIKE 'count%'")
    return Counter(row["name"].rpartition(" ")[0] for row in rows)


COUNT = Work("count", _note)


async def test_many_workers_carry_each_out_once(database: str) -> None:
    keys = [str(number) for number in range(40)]
    await _ask("count", *keys)
    counts = await asyncio.gather(*(run_due([COUNT]) for _ in range(4)))
    assert sum(counts) == len(keys)
    assert await _noted() == Counter(f"count {key}" for key in keys)
    assert await _rows() == []


@pytest.fixture
async def other(server: EmbeddedPostgres, database: str) -> AsyncIterator[Connection]:
    """The connection of another process, whose worker is number 7."""
    connection = await asyncpg.connect(server.dsn(db.APP_ROLE, database))
    await connection.execute("SELECT pg_advisory_lock_shared($1, 7)", Lock.WORKERS)
    yield connection
    await connection.close()


async def _claimed(other: Connection, work: Work) -> Due | None:
    """What another worker claims, who does nothing else than to live."""
    row = await other.fetchrow(queries.CLAIM, work.kind, clock.now(), 7, service.LEASE)
    return None if row is None else Due(work, row["key"], None, (row["id"], 7, row["attempts"]), row["asked"], None)


async def test_what_a_hung_worker_had_is_taken_over_and_its_own_commit_is_refused(
    database: str, other: Connection
) -> None:
    begun, wake_up = asyncio.Event(), asyncio.Event()

    async def work(due: Due) -> None:
        await _note(due)
        if due.attempt == 1:
            begun.set()
            await wake_up.wait()

    kind = Work("count", work)
    await _ask("count", "1")
    hung = await _claimed(other, kind)
    assert hung is not None
    carrying = asyncio.create_task(service._carry_out(hung))
    await begun.wait()
    assert await run_due([kind]) == 0, "its lease runs, and it lives"
    # It is not heard of any more, and its lease comes to its end.
    await other.execute("UPDATE work SET lease_until = clock_timestamp()")
    assert await run_due([kind]) == 1
    assert await _noted() == Counter(["count 1"])
    wake_up.set()
    with pytest.raises(LeaseLost):
        await carrying
    async with db.held(db.EVERYTHING):
        with pytest.raises(LeaseLost):
            await service.hold(hung)
    assert await _noted() == Counter(["count 1"])


async def test_what_a_killed_worker_had_does_not_wait_for_the_lease(database: str, other: Connection) -> None:
    await _ask("count", "1")
    await _claimed(other, COUNT)
    assert await run_due([COUNT]) == 0
    await other.close()
    async with db.alone(db.EVERYTHING):
        # PostgreSQL sees the end of the connection in its own time; this waits for exactly that.
        await db.execute("SELECT pg_advisory_lock($1, 7)", Lock.WORKERS)
    assert await run_due([COUNT]) == 1


async def test_it_is_tried_again_after_pauses_up_to_the_last_and_then_told(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []

    async def fail(due: Due) -> None:
        await _note(due)
        raise ValueError(f"no luck for the {due.attempt}. time")

    async def given_up(due: Due) -> None:
        told.append(due.key)
        await db.execute("INSERT INTO setting VALUES ('given up', '1')")

    kind = Work("count", fail, retries=Retries(3, timedelta(minutes=1), timedelta(hours=1)), given_up=given_up)
    now = NOON
    with clock.fixed(now):
        await _ask("count", "1")
        assert await run_due([kind]) == 1
    for attempt, pause in ((1, 1), (2, 2)):
        (row,) = await _rows()
        assert (row["fault"], row["failed_at"]) == (f"ValueError: no luck for the {attempt}. time", None)
        now += timedelta(minutes=pause)
        with clock.fixed(now - timedelta(seconds=1)):
            assert await run_due([kind]) == 0
        with clock.fixed(now):
            assert await run_due([kind]) == 1
    (row,) = await _rows()
    assert (row["attempts"], row["fault"], row["failed_at"]) == (3, "ValueError: no luck for the 3. time", now)
    assert told == ["1"]
    assert "count 1 is given up" in caplog.text
    assert await _noted() == Counter(), "of what failed nothing is kept"
    with clock.fixed(now + timedelta(days=1)):
        assert await run_due([kind]) == 0
        await _ask("count", "1")
        assert await run_due([COUNT]) == 1, "whoever asks again has it tried again"
    assert await _rows() == []


async def test_what_kills_its_workers_is_given_up_without_being_tried_again(database: str) -> None:
    await _ask("count", "1")
    async with db.held(db.EVERYTHING):
        await db.execute("UPDATE work SET attempts = $1", COUNT.retries.most)
    await run_due([COUNT])
    (row,) = await _rows()
    assert (row["fault"], row["failed_at"] is None) == ("it was broken off each time", False)
    assert await _noted() == Counter()


@pytest.mark.parametrize(("catch_up", "days"), [(CatchUp.EACH, (1, 2, 3, 4)), (CatchUp.LAST, (1, 4))])
async def test_missed_periods_are_caught_up_as_the_kind_says(
    database: str, catch_up: CatchUp, days: tuple[int, ...]
) -> None:
    kind = Work("count", _note, Every(Rhythm.DAY, catch_up=catch_up))
    with clock.fixed(NOON):
        assert await run_due([kind]) == 1
        assert await run_due([kind]) == 0, "of a period that is done nothing is left"
    with clock.fixed(NOON + timedelta(days=3)):
        await asyncio.gather(*(run_due([kind]) for _ in range(3)))
    assert await _noted() == Counter(f"count 2027-03-{day:02}" for day in days)
    (row,) = await _rows()
    assert (row["period"], row["attempts"]) == (date(2027, 3, 5), 0)


@pytest.mark.parametrize(("catch_up", "kept"), [(CatchUp.EACH, [date(2027, 3, 1)]), (CatchUp.LAST, [])])
async def test_a_period_that_is_given_up_stays_told_until_a_later_one_makes_it_good(
    database: str, catch_up: CatchUp, kept: list[date]
) -> None:
    async def fail(due: Due) -> None:
        if due.period == NOON.date():
            raise ValueError("no luck today")

    kind = Work("count", fail, Every(Rhythm.DAY, catch_up=catch_up), Retries(most=1))
    with clock.fixed(NOON):
        assert await run_due([kind]) == 1
    assert [row["period"] for row in await _rows()] == [date(2027, 3, 1), date(2027, 3, 2)]
    with clock.fixed(NOON + timedelta(days=1)):
        assert await run_due([kind]) == 1
    assert [row["period"] for row in await _rows() if row["failed_at"]] == kept


async def test_what_is_asked_for_while_it_is_under_way_is_done_once_more(database: str) -> None:
    runs: list[str] = []

    async def ask_more(due: Due) -> None:
        await _note(due)
        runs.append(due.key)
        if len(runs) == 1:
            await asyncio.create_task(_ask("count", "1", "1"), context=Context())

    await _ask("count", "1", "1")
    assert await run_due([Work("count", ask_more)]) == 2
    assert await _noted() == Counter({"count 1": 2})
    assert await _rows() == []


async def test_of_one_lane_one_at_a_time_is_done_in_the_order_in_which_they_were_asked(
    database: str, other: Connection
) -> None:
    await _ask("count", "1", "2", lane="a")
    await _ask("count", "3", lane="b")
    found = [await _claimed(other, COUNT) for _ in range(3)]
    assert [due and due.key for due in found] == ["1", "3", None]


async def test_much_of_one_kind_does_not_keep_another_waiting(database: str) -> None:
    done: list[str] = []
    await _ask("count", *map(str, range(10)))
    await _ask("other", "late")
    await run_due([COUNT, Work("other", _note)], lambda due: done.append(due.work.kind))
    assert done[:3] == ["count", "other", "count"]


async def test_what_is_asked_for_is_done_at_once_when_the_act_is_kept(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_LOOK_SECONDS", 3600.0)
    done: asyncio.Queue[str] = asyncio.Queue()
    begun = Work("begun", _note, Every(Rhythm.DAY))
    async with asyncio.timeout(60), working([begun, COUNT], lambda due: done.put_nowait(due.key)):
        await done.get()
        await _ask("count", "1")
        assert await done.get() == "1"


async def test_each_sees_everything_on_a_connection_of_the_pool(database: str) -> None:
    seen: asyncio.Queue[tuple[str, bool]] = asyncio.Queue()
    async with db.held(db.CLOSED) as mine:

        async def look(_: Due) -> None:
            scope = await db.fetchval("SELECT current_setting('app.scope')")
            await seen.put((scope, db.connection() is mine.connection))

        async with working([Work("look", look, Every(Rhythm.DAY))]):
            assert await seen.get() == ("all", False)


async def test_none_overlaps_itself_and_others_go_on_beside_it(database: str) -> None:
    begun, let_go = 0, asyncio.Event()
    done: asyncio.Queue[str] = asyncio.Queue()

    async def wait(_: Due) -> None:
        nonlocal begun
        begun += 1
        await let_go.wait()

    await _ask("slow", "1", "2")
    async with working([Work("slow", wait), COUNT], lambda due: done.put_nowait(due.work.kind)):
        for number in range(5):
            await _ask("count", str(number))
            assert await done.get() == "count"
        assert begun == 1
        let_go.set()
        assert [await done.get(), await done.get()] == ["slow", "slow"]


async def test_what_is_under_way_is_finished_before_the_end(database: str) -> None:
    begun, finished = asyncio.Event(), []

    async def work(_: Due) -> None:
        begun.set()
        finished.append(await db.fetchval("SELECT count(*) FROM generate_series(1, 100000)"))

    async with working([Work("work", work, Every(Rhythm.DAY))]):
        await begun.wait()
    assert finished == [100_000]


@pytest.mark.parametrize("own", [False, True])
async def test_what_will_not_end_is_broken_off_and_rolled_back(
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    own: bool,
) -> None:
    monkeypatch.setattr(service, "STOP_SECONDS", 3600.0 if own else 0.01)
    begun = asyncio.Event()

    async def never(due: Due) -> None:
        if own:
            async with db.alone(db.EVERYTHING), finishing(due):
                await half()
        await half()

    async def half() -> None:
        await db.execute("INSERT INTO setting VALUES ('half', '1')")
        begun.set()
        await asyncio.Event().wait()

    await _ask("never", "1")
    async with asyncio.timeout(60), working([Work("never", never, own=own)]):
        await begun.wait()
    async with db.held(db.EVERYTHING):
        assert await db.fetchval("SELECT count(*) FROM setting WHERE name = 'half'") == 0
        assert await db.fetchval("SELECT count(*) FROM work WHERE failed_at IS NULL") == 1


async def _moved_elsewhere(days: int) -> None:
    """The clock of the database as another process moves it."""
    async with db.held(db.EVERYTHING), db.transaction():
        await record_setting(db.CLOCK, {"ahead_us": timedelta(days=days) // timedelta(microseconds=1)})


async def test_what_has_come_due_by_a_clock_that_another_process_moved_is_done(database: str) -> None:
    runs: asyncio.Queue[date | None] = asyncio.Queue()

    async def run(due: Due) -> None:
        await runs.put(due.period)

    await _moved_elsewhere(1)
    clock.move(timedelta(days=1))
    try:
        async with working([Work("daily", run, Every(Rhythm.DAY))]):
            first = await runs.get()
            assert first == clock.today()
            await _moved_elsewhere(41)
            service.wake()
            assert await runs.get() == first + timedelta(days=40)
            assert runs.empty()
    finally:
        clock.move(timedelta())


async def test_among_a_million_the_next_is_found_by_the_index(
    server: EmbeddedPostgres, database: str, other: Connection
) -> None:
    owner = await asyncpg.connect(server.dsn(OWNER, database))
    await owner.execute(
        "INSERT INTO work (kind, key, due_at, asked, attempts)"
        " SELECT 'count', n::text, now() - interval '1 day' + n * interval '1 microsecond', 1, 0"
        f" FROM generate_series(1, {MANY}) n; ANALYZE work"
    )
    await owner.close()
    explained = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {queries.CLAIM}"
    (plan,) = json.loads(await other.fetchval(explained, "count", clock.now(), 7, service.LEASE))
    assert plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"] < FEW_BLOCKS, plan
    due = await _claimed(other, COUNT)
    assert due is not None
    assert due.key == "2"
