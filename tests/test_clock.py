"""The clock of the postings never goes back: not with the machine's, not for another process, not after a crash."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from contextvars import Context
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from channel import clock
from channel.access import service as access
from channel.access.rules import OPERATOR
from channel.database import db
from channel.database.embedded import OWNER, EmbeddedPostgres
from channel.errors import Conflict, Invalid
from channel.web.moments import checked_moment, read_moment

HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)


async def _post() -> datetime:
    """An act, and the moment with which it was stamped."""
    async with db.transaction():
        posting_id = await access.open_posting(OPERATOR, "keep rate")
    stamped: datetime = await db.fetchval("SELECT recorded_at FROM posting WHERE id = $1", posting_id)
    return stamped


async def _seen(at: datetime) -> int:
    return int(await db.fetchval("SELECT count(*) FROM posting WHERE recorded_at <= $1", at))


@pytest.fixture
async def everything(database: str) -> AsyncIterator[None]:
    async with db.held(db.EVERYTHING):
        yield


async def _server_time() -> datetime:
    now: datetime = await db.fetchval("SELECT clock_timestamp()")
    return now


async def test_with_the_clock_an_hour_back_a_view_stays_as_it_was(database: str) -> None:
    async with db.held(db.EVERYTHING):
        first = await _post()
        async with db.known() as k:
            then = await _seen(k)
        assert first < k
        with clock.fixed(k - HOUR):
            second = await _post()
            async with db.known() as later:
                now = await _seen(later)
        assert second == k + TICK
        assert (later, now) == (second, then + 1)
        async with db.known(k):
            assert await _seen(k) == then


async def test_what_is_stamped_with_the_clock_back_comes_in_order(database: str) -> None:
    """Nobody looked in between: each act still stands behind the one before it."""
    async with db.held(db.EVERYTHING):
        first = await _post()
        with clock.fixed(first - HOUR):
            assert [await _post() - first for _ in range(3)] == [TICK, 2 * TICK, 3 * TICK]


async def test_a_moment_that_was_handed_out_may_be_asked_again_with_the_clock_back(database: str) -> None:
    async with db.held(db.EVERYTHING):
        async with db.known() as k:
            pass
        with clock.fixed(k - HOUR):
            assert await checked_moment(k, "known_at") == k
            with pytest.raises(Invalid):
                await checked_moment(k + TICK, "known_at")


async def test_a_moment_that_was_asked_for_is_not_posted_into(database: str) -> None:
    """It was nobody's K before: who asks as known at it is promised that it stays so."""
    async with db.held(db.EVERYTHING):
        asked = await _server_time()
        await db.settle(asked)
        with clock.fixed(asked - HOUR):
            assert await _post() > asked
        async with db.known() as k:
            pass
        assert k > asked


async def test_an_act_inside_a_view_is_stamped_after_what_was_handed_out_meanwhile(database: str) -> None:
    """Its snapshot is older than the moment that somebody else has got since."""

    async def another() -> datetime:
        async with db.held(db.EVERYTHING), db.known() as k:
            return k

    async with db.held(db.EVERYTHING):
        start = await _server_time()
        with clock.fixed(start - HOUR):
            async with db.known(keep=True):
                k = await asyncio.create_task(another(), context=Context())
                posting_id = await access.open_posting(OPERATOR, "keep rate")
        assert await db.fetchval("SELECT recorded_at FROM posting WHERE id = $1", posting_id) == k + TICK


async def test_an_act_that_is_rolled_back_moves_nothing(database: str) -> None:
    async with db.held(db.EVERYTHING):
        first = await _post()
        with clock.fixed(first + HOUR), suppress(ZeroDivisionError):
            async with db.transaction():
                await access.open_posting(OPERATOR, "keep rate")
                raise ZeroDivisionError
        assert await db.latest_moment() == first


_OTHER = """
import asyncio, sys
from datetime import datetime
from channel import clock
from channel.database import db
from channel.access import service as access
from channel.access.rules import OPERATOR
from channel.app import ROOMS, use_rooms

async def main():
    use_rooms(ROOMS)
    await db.open_pool(sys.argv[1], size=1)
    with clock.fixed(datetime.fromisoformat(sys.argv[2])):
        async with db.held(db.EVERYTHING):
            async with db.transaction():
                posting_id = await access.open_posting(OPERATOR, "keep rate")
            print((await db.fetchval("SELECT recorded_at FROM posting WHERE id = $1", posting_id)).isoformat())
    await db.close_pool()

asyncio.run(main())
"""


async def test_another_process_with_its_clock_back_stamps_after_what_was_handed_out_here(
    server: EmbeddedPostgres, database: str
) -> None:
    async with db.held(db.EVERYTHING), db.known() as k:
        seen = await _seen(k)
    asked = [sys.executable, "-c", _OTHER, server.dsn(db.APP_ROLE, database), (k - HOUR).isoformat()]
    done = await asyncio.to_thread(subprocess.run, asked, capture_output=True, text=True, check=True)
    assert datetime.fromisoformat(done.stdout.strip()) == k + TICK
    async with db.held(db.EVERYTHING), db.known(k):
        assert await _seen(k) == seen


async def test_after_a_crash_nothing_is_before_what_was_handed_out(server: EmbeddedPostgres, database: str) -> None:
    """A crash empties what is not logged; what is logged is not behind it, and at most a second ahead."""
    async with db.held(db.EVERYTHING), db.known() as k:
        pass
    owner = await asyncpg.connect(server.dsn(OWNER, database))
    try:
        # What PostgreSQL does with an unlogged sequence when it starts again after a crash.
        await owner.execute("ALTER SEQUENCE moment_known RESTART")
    finally:
        await owner.close()
    async with db.held(db.EVERYTHING):
        assert k <= await db.latest_moment() <= k + timedelta(seconds=1)
        with clock.fixed(k - HOUR):
            assert await _post() > k


async def test_the_service_s_own_role_cannot_move_it_back(database: str) -> None:
    async with db.held(db.EVERYTHING):
        for name in ("moment_known", "moment_bound"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await db.execute(f"SELECT setval('{name}', 1)")


async def test_looking_writes_nothing_but_once_a_second(database: str) -> None:
    """A view needs no transaction number, which is what a write would take."""
    async with db.held(db.EVERYTHING):
        async with db.known() as k:
            pass
        with clock.fixed(k):
            before = await db.fetchval("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
            for _ in range(20):
                async with db.known():
                    pass
            after = await db.fetchval("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        assert after == before


@asynccontextmanager
async def _following(difference: timedelta) -> AsyncIterator[None]:
    clock.follow(difference)
    try:
        yield
    finally:
        clock.follow(timedelta())


async def test_the_clock_is_the_database_s(database: str) -> None:
    async with _following(3 * HOUR), db.held(db.EVERYTHING):
        assert abs(clock.now() - datetime.now(UTC) - 3 * HOUR) < timedelta(minutes=1)
        await db.measure_clock()
        before = await _server_time()
        now = clock.now()
        after = await _server_time()
        # Measured to within the time that a question takes.
        slack = timedelta(milliseconds=50)
        assert before - slack < now < after + slack


MARCH = datetime(2027, 3, 1, 8, tzinfo=UTC)


@pytest.fixture
def put_back() -> Iterator[None]:
    yield
    clock.move(timedelta())


async def _moved() -> object:
    return await db.fetchval("SELECT value FROM setting WHERE name = 'clock'")


async def test_a_new_database_gets_a_clock_that_goes_on_from_there(everything: None, put_back: None) -> None:
    await access.begin_clock(MARCH)
    assert timedelta() <= clock.now() - MARCH < timedelta(minutes=1)
    stamped = await _post()
    assert timedelta() <= stamped - MARCH < timedelta(minutes=1)
    # The service that is started again with the same setting goes on; another process learns it from the database.
    await access.begin_clock(MARCH)
    clock.move(timedelta())
    await db.measure_clock()
    assert stamped <= clock.now() < MARCH + timedelta(minutes=1)
    async with db.alone(db.Scope("all", role="auditor")):
        assert await db.fetchval("SELECT after FROM audit_general WHERE act = 'move clock'") == MARCH.isoformat()


async def test_it_is_moved_on_and_never_back(everything: None, put_back: None) -> None:
    await access.begin_clock(MARCH)
    await access.set_clock(MARCH + 24 * HOUR)
    async with db.known() as k:
        assert k >= MARCH + 24 * HOUR
    for earlier in (k, MARCH + HOUR):
        with pytest.raises(Conflict, match="never back"):
            await access.set_clock(earlier)
        with pytest.raises(Conflict, match="never back"):
            await access.begin_clock(earlier)
    await access.set_clock(k + HOUR)
    assert clock.now() >= k + HOUR


async def test_the_clock_of_a_company_is_not_moved(everything: None, put_back: None) -> None:
    await _post()
    for move in (access.begin_clock, access.set_clock):
        with pytest.raises(Conflict):
            await move(MARCH)
    assert clock.offset() == timedelta()
    assert await _moved() is None


async def test_a_date_alone_is_its_end_in_the_companys_zone_and_today_is_now(everything: None) -> None:
    clock.use_zone("Asia/Shanghai")
    try:
        with clock.fixed(datetime(2027, 3, 10, 15, 59, 59, tzinfo=UTC)):  # a second before midnight there
            end = datetime(2027, 3, 9, 16, tzinfo=UTC) - TICK
            assert await read_moment({"known_at": "2027-03-09"}, "known_at") == end
            assert await read_moment({"known_at": "2027-03-10"}, "known_at") is None
            with pytest.raises(Invalid):
                await read_moment({"known_at": "2027-03-11"}, "known_at")
        with clock.fixed(datetime(2027, 3, 10, 16, tzinfo=UTC)):
            assert await read_moment({"known_at": "2027-03-10"}, "known_at") == end + 24 * HOUR
            assert await read_moment({"known_at": "2027-03-11"}, "known_at") is None
    finally:
        clock.use_zone("UTC")


async def test_what_is_recorded_on_a_day_is_known_at_it_and_not_before(everything: None) -> None:
    await _post()
    day = clock.today()
    with clock.fixed(datetime.now(UTC) + 24 * HOUR):
        before, on = [await read_moment({"k": str(each)}, "k") for each in (day - 24 * HOUR, day)]
        assert before is not None
        assert on is not None
        assert await _seen(on) == await _seen(before) + 1
