"""The database falls, for real, while the service works: it is brought up again, and what was under way is done."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from litestar import Litestar

from channel.access.rules import Role
from channel.app import ROOMS, use_rooms
from channel.beside import beside
from channel.database import db, keeper, presence, schema
from channel.database.embedded import OWNER, EmbeddedPostgres
from channel.database.keeper import keeping
from channel.database.presence import Away
from channel.imports.service.worker import LOADING
from channel.work.rules import Every, Retries, Rhythm
from channel.work.service import Due, Work, working
from tests.make.access import make_person, make_token
from tests.make.falls import WAYS, kill, postmaster_of, wait_for_the_end
from tests.make.sales import asked, csv_of, load_now, make_loader, make_masters

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc to look into")

PATIENCE = 60
DAILY = Every(Rhythm.DAY)
LOSSES = (Away, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
REPORT = csv_of("dealer,date,product,quantity,amount", "D1,2025-01-05,P1,2,200.00")


@pytest.fixture(scope="module")
def fallible() -> Iterator[EmbeddedPostgres]:
    """A server of these tests' own, with a database at this version."""

    async def make(server: EmbeddedPostgres) -> None:
        owner = await asyncpg.connect(server.dsn(OWNER, "postgres"))
        await owner.execute("CREATE DATABASE channel")
        await owner.close()
        await schema.migrate(server.dsn(OWNER, "channel"))
        owner = await asyncpg.connect(server.dsn(OWNER, "channel"))
        await owner.execute("INSERT INTO setting (name, value) VALUES ('company_currency', '\"USD\"')")
        await owner.close()

    # As a service's own, but for the disk: what was kept is kept when processes are killed.
    conf = {"fsync": "off", "shared_buffers": "64MB", "client_connection_check_interval": "100ms"}
    with EmbeddedPostgres.temporary(conf) as server:
        asyncio.run(make(server))
        yield server


@pytest.fixture
async def pool(fallible: EmbeddedPostgres) -> AsyncIterator[str]:
    """The address of the database, with the pool open on it."""
    use_rooms(ROOMS)
    fallible.start()
    dsn = fallible.dsn(db.APP_ROLE, "channel")
    await db.open_pool(dsn, size=3)
    yield dsn
    presence.found()
    await db.close_pool()


@pytest.fixture
async def kept(fallible: EmbeddedPostgres, pool: str) -> AsyncIterator[None]:
    """The keeper sees to it, as in a service that runs."""

    def give_up(why: str) -> None:
        pytest.fail(why)

    async with keeping(pool, fallible, give_up):
        await _seen()
        yield


async def _seen() -> None:
    """Until the keeper holds its connection."""
    async with asyncio.timeout(PATIENCE):
        while not await _ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'channel keeper'"):
            pass


async def _ask(question: str) -> Any:  # noqa: ANN401 - the column's type is the question's affair
    async with db.held(db.EVERYTHING):
        return await db.fetchval(question)


async def _ask_again(question: str) -> Any:  # noqa: ANN401 - see _ask
    """The answer as soon as there is one; until then every refusal says that the database is away."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await _ask(question)
            except LOSSES as fault:
                assert presence.is_lost(fault), repr(fault)  # noqa: PT017 - it is tried again
                await asyncio.sleep(0)


async def _busy(fallible: EmbeddedPostgres, waits: str) -> int:
    """The backend that waits so."""
    owner = await asyncpg.connect(fallible.dsn(OWNER, "channel"))
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                found: int | None = await owner.fetchval(
                    "SELECT pid FROM pg_stat_activity WHERE usename = 'channel_app' AND wait_event = $1", waits
                )
                if found is not None:
                    return found
    finally:
        await owner.close()


@pytest.mark.parametrize("way", WAYS)
async def test_what_is_killed_is_brought_up_again(
    fallible: EmbeddedPostgres, kept: None, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    await _ask("INSERT INTO setting VALUES ('kept', '1') ON CONFLICT (name) DO NOTHING")
    before = postmaster_of(fallible)

    async def act() -> None:
        async with db.held(db.EVERYTHING):
            working = await db.fetchval("SELECT pg_backend_pid()")
            kill(fallible, way, working)
            await db.fetchval("SELECT pg_sleep(60)")

    with pytest.raises(LOSSES) as lost:
        await act()
    assert presence.is_lost(lost.value)
    assert await _ask_again("SELECT count(*) FROM setting WHERE name = 'kept'") == 1
    assert (postmaster_of(fallible) == before) == (way == "backend")
    assert "Traceback" not in caplog.text


async def test_a_server_killed_while_unlogged_tables_were_made_is_brought_up(fallible: EmbeddedPostgres) -> None:
    fallible.start()
    making, other = [await asyncpg.connect(fallible.dsn(OWNER, "channel")) for _ in range(2)]
    await making.execute("BEGIN; CREATE UNLOGGED TABLE half_made (id bigint)")
    working = await making.fetchval("SELECT pg_backend_pid()")
    # What the other one keeps writes the log of both to the disk, where the end of the first one never comes.
    await other.execute("INSERT INTO setting VALUES ('other', '1') ON CONFLICT (name) DO NOTHING")
    kill(fallible, "postmaster")
    wait_for_the_end(working)
    making.terminate()
    other.terminate()
    fallible.start()
    again = await asyncpg.connect(fallible.dsn(OWNER, "channel"))
    assert await again.fetchval("SELECT to_regclass('half_made') IS NULL")
    await again.close()


@pytest.mark.parametrize("when", ["early", "at the end"])
async def test_what_was_done_stands_when_its_connection_turns_out_lost_as_it_goes_back(
    fallible: EmbeddedPostgres, kept: None, when: str
) -> None:
    async with db.held(db.EVERYTHING):
        working = await db.fetchval("SELECT pg_backend_pid()")
        kill(fallible, "backend", working)
        # The loop has no turn meanwhile, so that nobody has noticed when it goes back.
        wait_for_the_end(working)
        if when == "early":
            await db.give_back()
    assert await _ask_again("SELECT 1") == 1


async def test_whoever_is_broken_off_as_his_own_connection_is_lost_has_ended(
    fallible: EmbeddedPostgres, kept: None
) -> None:
    """Otherwise whoever goes on after a loss, as the pulse of a load, would go on for ever."""

    async def lose() -> None:
        async with db.alone(db.EVERYTHING):
            working = await db.fetchval("SELECT pg_backend_pid()")
            kill(fallible, "backend", working)
            wait_for_the_end(working)
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await lose()
    assert await _ask_again("SELECT 1") == 1


async def test_what_goes_on_after_any_fault_is_broken_off_all_the_same() -> None:
    begun: asyncio.Queue[None] = asyncio.Queue()
    told = 0

    async def go_on() -> None:
        nonlocal told
        while told < 2:
            begun.put_nowait(None)
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                told += 1

    async with asyncio.timeout(PATIENCE), beside(go_on(), "stubborn"):
        await begun.get()
    assert told == 2


async def test_a_statement_that_outlives_its_server_does_not_keep_the_next_away(
    fallible: EmbeddedPostgres, kept: None
) -> None:
    running = asyncio.create_task(_ask("SELECT count(*) FROM generate_series(1, 100000000000)"))
    owner = await asyncpg.connect(fallible.dsn(OWNER, "channel"))
    others = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%series%' AND pid <> pg_backend_pid()"
    while not await owner.fetchval(others):
        pass
    owner.terminate()
    kill(fallible, "postmaster")
    with suppress(*LOSSES):
        await asyncio.wait_for(running, PATIENCE)
    assert await _ask_again("SELECT 1") == 1


@pytest.mark.parametrize("way", [*WAYS, "ended"])
async def test_a_load_that_lost_the_database_is_begun_again(fallible: EmbeddedPostgres, kept: None, way: str) -> None:
    await _emptied(fallible)
    await make_masters()
    carried_out: asyncio.Queue[Due] = asyncio.Queue()
    blocker = await asyncpg.connect(fallible.dsn(OWNER, "channel"))
    await blocker.execute("BEGIN; LOCK TABLE sales_line IN ACCESS EXCLUSIVE MODE")
    async with working([LOADING], carried_out.put_nowait):
        load_id = await asked(await make_loader(), "sell-in", REPORT)
        backend = await _busy(fallible, "relation")
        if way == "ended":
            # Somebody ends this one connection: the database itself stays.
            await blocker.execute("SELECT pg_terminate_backend($1)", backend)
            await blocker.execute("ROLLBACK")
        else:
            kill(fallible, way, backend)
        blocker.terminate()
        assert (await asyncio.wait_for(carried_out.get(), PATIENCE)).key == str(load_id)
    done = await load_now(load_id)
    assert (done["state"], done["attempts"], done["counts"].get("loaded")) == ("loaded", 2, 1), done


async def _emptied(fallible: EmbeddedPostgres) -> None:
    """Each load of these tests finds a database without dealers."""
    owner = await asyncpg.connect(fallible.dsn(OWNER, "channel"))
    await owner.execute("TRUNCATE territory, dealer, product_line, product, import_load, upload, posting, work CASCADE")
    await owner.close()


@pytest.mark.parametrize("way", WAYS)
async def test_a_job_that_lost_the_database_runs_again(
    fallible: EmbeddedPostgres, kept: None, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    runs, done = 0, asyncio.Event()

    async def work(_: Due) -> None:
        nonlocal runs
        runs += 1
        backend = await db.fetchval("SELECT pg_backend_pid()")
        if runs == 1:
            kill(fallible, way, backend)
            await db.fetchval("SELECT pg_sleep(60)")

    with caplog.at_level(logging.INFO):
        async with working([Work(f"unlucky {way}", work, DAILY)], lambda _: done.set()):
            await asyncio.wait_for(done.wait(), PATIENCE)
    assert runs == 2
    assert "is begun again, for the 2. time" in caplog.text
    assert "failed" not in caplog.text


async def test_a_job_that_fells_the_database_each_time_is_given_up_for_this_time(
    fallible: EmbeddedPostgres, kept: None, caplog: pytest.LogCaptureFixture
) -> None:
    runs: asyncio.Queue[int] = asyncio.Queue()

    given_up = asyncio.Event()

    async def work(_: Due) -> None:
        await runs.put(1)
        kill(fallible, "backend", await db.fetchval("SELECT pg_backend_pid()"))
        await db.fetchval("SELECT pg_sleep(60)")

    deadly = Work("deadly", work, DAILY, Retries(most=2))
    async with working([deadly], lambda _: given_up.set()), asyncio.timeout(PATIENCE):
        await given_up.wait()
    assert runs.qsize() == deadly.retries.most
    assert "is given up" in caplog.text
    assert (
        await _ask_again("SELECT count(*) FROM work WHERE kind = 'deadly' AND failed_at IS NULL AND attempts = 0") == 1
    )


async def test_a_commit_without_an_answer_is_told_as_uncertain(fallible: EmbeddedPostgres, kept: None) -> None:
    owner = await asyncpg.connect(fallible.dsn(OWNER, "channel"))
    await owner.execute(
        "CREATE OR REPLACE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60);"
        " RETURN NULL; END $$;"
        "CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON setting DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION dawdle()"
    )
    try:

        async def act() -> None:
            async with db.held(db.EVERYTHING) as mine:
                held.append(mine)
                async with db.transaction():
                    await db.execute("INSERT INTO setting VALUES ('slow', '1')")

        held: list[db.Held] = []
        acting = asyncio.create_task(act())
        kill(fallible, "backend", await _busy(fallible, "PgSleep"))
        with pytest.raises(LOSSES):
            await acting
        assert held[0].unsure
        assert await _ask_again("SELECT count(*) FROM setting WHERE name = 'slow'") == 0
    finally:
        owner.terminate()
        owner = await asyncpg.connect(fallible.dsn(OWNER, "channel"))
        await owner.execute("DROP FUNCTION dawdle() CASCADE")
        await owner.close()


async def test_a_job_that_is_broken_off_without_the_database_is_no_fault(
    fallible: EmbeddedPostgres, pool: str, caplog: pytest.LogCaptureFixture
) -> None:
    begun = asyncio.Event()

    async def work(_: Due) -> None:
        begun.set()
        await asyncio.Event().wait()

    async with asyncio.timeout(PATIENCE), working([Work("endless", work, DAILY)]):
        await begun.wait()
        presence.gone("it was killed")
    assert "is broken off" in caplog.text
    assert "Traceback" not in caplog.text


@pytest.fixture
async def endless_commits(fallible: EmbeddedPostgres, pool: str) -> AsyncIterator[str]:
    """A commit is done, but waits for a standby that there is not before it says so; a token from before."""
    token = await make_token(await make_person(Role.MANAGER))
    owner = await asyncpg.connect(fallible.dsn(OWNER, "channel"))
    await owner.execute(f"ALTER ROLE {db.APP_ROLE} SET synchronous_commit = 'off'")
    await owner.execute(
        "CREATE FUNCTION waits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " PERFORM set_config('synchronous_commit', 'on', true); RETURN NULL; END $$;"
        "CREATE TRIGGER waits AFTER INSERT ON territory FOR EACH ROW EXECUTE FUNCTION waits()"
    )
    await owner.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    await owner.execute("SELECT pg_reload_conf()")
    await db.close_pool()
    await db.open_pool(pool, size=3)
    yield token
    await owner.execute("ALTER SYSTEM RESET synchronous_standby_names")
    await owner.execute("SELECT pg_reload_conf()")
    await owner.execute("DROP FUNCTION waits() CASCADE")
    await owner.execute(f"ALTER ROLE {db.APP_ROLE} RESET synchronous_commit")
    await owner.close()


async def test_an_act_whose_commit_lost_its_answer_is_told_as_not_known(
    app: Litestar, fallible: EmbeddedPostgres, endless_commits: str
) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://channel.test") as client:
        node = {"code": "Lost", "name": "Lost", "level": "region"}
        signed = {"authorization": f"Bearer {endless_commits}"}
        asking = asyncio.create_task(client.post("/api/v1/territories", json=node, headers=signed))
        owner = await asyncpg.connect(fallible.dsn(OWNER, "channel"))
        await owner.execute("SELECT pg_terminate_backend($1)", await _busy(fallible, "SyncRep"))
        answer = await asking
        there = await owner.fetchval("SELECT count(*) FROM territory WHERE code = 'Lost'")
        await owner.close()
    assert (answer.status_code, there) == (500, 1)
    assert "it is not known whether this was done" in answer.json()["title"]


async def test_an_embedded_server_that_stays_away_is_given_up_with_the_reason(
    fallible: EmbeddedPostgres, pool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "GIVEN_UP_SECONDS", 0.0)
    reasons: asyncio.Queue[str] = asyncio.Queue()
    assert fallible._seat is not None
    control = fallible._seat.data / "global" / "pg_control"
    async with keeping(pool, fallible, reasons.put_nowait):
        await _seen()
        control.rename(control.with_suffix(".away"))
        try:
            kill(fallible, "whole")
            why = await asyncio.wait_for(reasons.get(), PATIENCE)
        finally:
            control.with_suffix(".away").rename(control)
    assert "PostgreSQL did not start" in why
    assert "pg_control" in why
    assert "\n" not in why


async def test_a_server_of_somebody_else_is_waited_for(
    fallible: EmbeddedPostgres, pool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "GIVEN_UP_SECONDS", 0.0)
    monkeypatch.setattr(keeper, "_AGAIN_SECONDS", 0.01)
    async with keeping(pool, None, pytest.fail):
        await _seen()
        kill(fallible, "whole")
        with pytest.raises(LOSSES):
            await _ask("SELECT 1")
        await asyncio.to_thread(fallible.start)
        await asyncio.wait_for(presence.back(), PATIENCE)
        assert await _ask("SELECT 1") == 1


async def test_every_answer_meanwhile_says_when_to_come_again(
    app: Litestar, pool: str, caplog: pytest.LogCaptureFixture
) -> None:
    token = await make_token(await make_person(Role.MANAGER))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://channel.test") as client:
        signed = {"authorization": f"Bearer {token}"}
        assert (await client.get("/api/v1/me", headers=signed)).status_code == 200
        assert (await client.get("/health/ready")).json() == {"database": "there"}
        presence.gone("it was killed")
        problem = await client.get("/api/v1/me", headers=signed)
        assert (problem.status_code, problem.headers["content-type"]) == (503, "application/problem+json")
        assert "comes back by itself" in problem.json()["title"]
        page = await client.get("/sign-in", headers={"accept-language": "zh-CN"})
        assert (page.status_code, "数据库" in page.text) == (503, True)
        nowhere = await client.get("/nowhere", headers={"cookie": "session=x"})
        assert nowhere.status_code == 404
        unready, alive = await client.get("/health/ready"), await client.get("/health/live")
        assert (unready.status_code, unready.json()) == (503, {"database": "away", "away_seconds": 0})
        assert (alive.status_code, alive.json()["database"]) == (200, "away")
        for answer in (problem, page, unready):
            assert int(answer.headers["retry-after"]) > 0
        presence.found()
        assert (await client.get("/api/v1/me", headers=signed)).status_code == 200
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


async def test_a_refusal_for_another_reason_is_not_taken_for_a_loss(pool: str) -> None:
    with pytest.raises(asyncpg.PostgresError) as refused:
        await _ask("SELECT 1 / 0")
    assert not presence.is_lost(refused.value)
    assert not presence.is_lost(asyncpg.InterfaceError("cannot perform operation: another operation is in progress"))
    assert not presence.is_lost(FileNotFoundError())


async def test_a_connection_to_elsewhere_that_breaks_is_no_loss_of_the_database() -> None:
    """The system says the same of a mail server as of the database: it counts who had asked."""
    with pytest.raises(ConnectionRefusedError) as elsewhere:
        await asyncio.open_connection("127.0.0.1", 1)
    with pytest.raises(ConnectionRefusedError) as ours:
        await asyncpg.connect("postgresql://somebody@127.0.0.1:1/channel", ssl=False)
    for fault in (elsewhere.value, ConnectionResetError(), BrokenPipeError()):
        assert not presence.is_lost(fault)
    assert presence.is_lost(ours.value)


async def test_a_time_that_ran_out_in_the_driver_is_no_loss(pool: str) -> None:
    with pytest.raises(TimeoutError) as late:
        async with db.alone(db.EVERYTHING) as mine:
            await mine.connection.fetchval("SELECT pg_sleep(60)", timeout=0.05)
    assert not presence.is_lost(late.value)
