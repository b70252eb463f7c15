"""The clock's ticks: the workers look by them what is due, and the end of the service breaks one off in peace."""

import asyncio

import asyncpg
import pytest

from channel import jobs
from channel.database.embedded import OWNER, EmbeddedPostgres
from channel.work import service


async def test_a_tick_has_the_workers_look(database: str) -> None:
    event = asyncio.Event()
    service._woken.add(event)
    try:
        async with asyncio.timeout(60), jobs.running():
            await event.wait()
    finally:
        service._woken.discard(event)


async def test_a_tick_that_is_broken_off_is_no_fault(
    server: EmbeddedPostgres, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    owner = await asyncpg.connect(server.dsn(OWNER, database))
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'relation'"
    async with asyncio.timeout(60), owner.transaction():
        await owner.execute("LOCK TABLE setting IN ACCESS EXCLUSIVE MODE")
        async with jobs.running():
            while not await owner.fetchval(waiting):
                pass
        # All that was broken off comes to its end.
        while beside := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(beside)
    await owner.close()
    assert "Traceback" not in caplog.text
