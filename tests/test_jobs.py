"""The scheduler: own connections, no overlap, faults that end nothing, an end that leaves nothing behind."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from apscheduler.triggers.interval import IntervalTrigger

from channel import clock, jobs
from channel.database import db
from channel.jobs import Job

TICK = timedelta(microseconds=1)
MOMENT = timedelta(milliseconds=5)


def every_moment() -> IntervalTrigger:
    return IntervalTrigger(seconds=timedelta(milliseconds=10).total_seconds())


async def test_a_job_sees_everything_on_a_connection_of_its_own(database: str) -> None:
    seen: asyncio.Queue[tuple[str, bool]] = asyncio.Queue()
    async with db.held(db.CLOSED) as mine:

        async def look() -> None:
            scope = await db.fetchval("SELECT current_setting('app.scope')")
            await seen.put((scope, db.connection() is mine.connection))

        async with jobs.running([Job("look", MOMENT, look)], every_moment()):
            assert await seen.get() == ("all", False)
            assert await seen.get() == ("all", False)


async def test_a_failed_run_is_logged_and_tried_again(database: str, caplog: pytest.LogCaptureFixture) -> None:
    runs: asyncio.Queue[int] = asyncio.Queue()

    async def fail() -> None:
        await runs.put(1)
        raise ValueError("no luck today")

    async with jobs.running([Job("luckless", MOMENT, fail)], every_moment()):
        await runs.get()
        await runs.get()
    assert "The job 'luckless' failed" in caplog.text
    assert "no luck today" in caplog.text


async def test_a_job_never_overlaps_itself(database: str) -> None:
    begun, let_go = 0, asyncio.Event()
    others: asyncio.Queue[int] = asyncio.Queue()

    async def wait() -> None:
        nonlocal begun
        begun += 1
        await let_go.wait()

    async def tick() -> None:
        await others.put(1)

    async with jobs.running([Job("slow", MOMENT, wait), Job("quick", MOMENT, tick)], every_moment()):
        for _ in range(5):
            await others.get()
        assert begun == 1
        let_go.set()


async def test_a_run_under_way_is_finished_before_the_end(database: str) -> None:
    begun, finished = asyncio.Event(), []

    async def work() -> None:
        begun.set()
        finished.append(await db.fetchval("SELECT count(*) FROM generate_series(1, 100000)"))

    async with jobs.running([Job("work", timedelta(hours=1), work)]):
        await begun.wait()
    assert finished == [100_000]


async def test_a_run_that_will_not_end_is_broken_off_and_rolled_back(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "STOP_SECONDS", 0.01)
    begun = asyncio.Event()

    async def never() -> None:
        async with db.transaction():
            await db.execute("INSERT INTO setting VALUES ('half', '1')")
            begun.set()
            await asyncio.Event().wait()

    async with jobs.running([Job("never", timedelta(hours=1), never)]):
        await begun.wait()
    async with db.held(db.EVERYTHING):
        assert await db.fetchval("SELECT count(*) FROM setting WHERE name = 'half'") == 0


def test_a_period_begins_at_its_time_of_the_companys_clock() -> None:
    async def nothing() -> None:
        return None

    daily = Job("daily", timedelta(days=1), nothing, past=timedelta(hours=3, minutes=10))
    at = datetime(2027, 3, 1, 3, 10, tzinfo=UTC)
    assert daily.period(at) == daily.period(at + timedelta(hours=23, minutes=59)) == daily.period(at - TICK) + 1
    quarterly = Job("quarterly", timedelta(minutes=15), nothing)
    noon = datetime(2027, 3, 1, 12, tzinfo=UTC)
    assert quarterly.period(noon) == quarterly.period(noon - TICK) + 1 == quarterly.period(noon + timedelta(minutes=14))


async def test_what_has_come_due_by_a_clock_that_is_moved_is_set_off(database: str) -> None:
    runs: asyncio.Queue[date] = asyncio.Queue()

    async def run() -> None:
        await runs.put(clock.today())

    try:
        async with jobs.running([Job("daily", timedelta(days=1), run)], every_moment()):
            first = await runs.get()
            clock.move(timedelta(days=40))
            assert await runs.get() == first + timedelta(days=40)
            assert runs.empty()
    finally:
        clock.move(timedelta())
