"""Restores that are killed, and a backup of the embedded PostgreSQL for an older one."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from channel.cli.operator.installation import RESTORING, mark_restoring
from channel.database import backups, db
from channel.database.embedded import OWNER, EmbeddedPostgres
from tests.cli.installed import PASSWORD, PATIENCE, command, environment

KILLED = """
import os, signal, sys
from channel.cli import main
from channel.database.embedded import EmbeddedPostgres

WHERE, before = sys.argv[1], EmbeddedPostgres.sql


def sql(self, *statements):
    for statement in statements:
        if WHERE == "before" and "RENAME" in statement:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = before(self, statement)
        if WHERE == "after" and "RENAME" in statement:
            os.kill(os.getpid(), signal.SIGKILL)
    return answer


EmbeddedPostgres.sql = sql
main(["restore", sys.argv[2], "--yes"])
"""
OLDER = sorted(Path("/usr/lib/postgresql").glob("1[56]/bin/postgres"))


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A folder with an administrator in it, whose database stays up meanwhile."""
    with tempfile.TemporaryDirectory(prefix="channel-restores-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        with EmbeddedPostgres(folder / "postgres"):
            added = command("user", "add", "ada", "--password-stdin", data=folder, typed=f"{PASSWORD}\n")
            assert added.returncode == 0, added.stderr
            yield folder


@pytest.fixture(scope="module")
def backup(data: Path) -> Path:
    """A backup of it."""
    file = data / "channel.backup"
    saved = command("backup", str(file), data=data)
    assert saved.returncode == 0, saved.stderr
    return file


def asked(url: str, question: str) -> Any:  # noqa: ANN401 - the column's type is the question's affair
    async def ask() -> Any:  # noqa: ANN401 - see asked
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    return asyncio.run(ask())


@pytest.mark.parametrize(("where", "left"), [("before", "channel_incoming"), ("after", "channel_outgoing")])
def test_a_killed_restore_has_happened_whole_or_not_at_all_and_its_copy_is_removed(
    data: Path, backup: Path, where: str, left: str
) -> None:
    script = [sys.executable, "-c", KILLED, where, str(backup)]
    with EmbeddedPostgres(data / "postgres") as server:
        url = server.dsn(OWNER, "channel")
        restores = "SELECT count(*) FROM audit_general WHERE act = 'restore'"
        before = asked(url, restores)
        killed = subprocess.run(
            script, env=environment(data), capture_output=True, text=True, timeout=PATIENCE, check=False, cwd="/"
        )
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        copies = "SELECT string_agg(datname, ' ') FROM pg_database WHERE datname LIKE 'channel\\_%'"
        assert asked(server.dsn(OWNER, "postgres"), copies) == left
        told = command("migrate", data=data)
        assert (told.returncode, f"copy {left}; it is removed" in told.stderr) == (0, True), told.stderr
        assert asked(server.dsn(OWNER, "postgres"), copies) is None
        # What was restored says so itself: the backup's own trail and this one entry, or the trail as it was.
        assert asked(url, restores) == (1 if where == "after" else before)
        assert "removed" not in command("migrate", data=data).stderr


def test_the_copy_of_a_restore_under_way_is_left_to_it(data: Path) -> None:
    with EmbeddedPostgres(data / "postgres") as server:
        server.sql("CREATE DATABASE other_incoming")
        with backups._alone(server):
            assert backups.clear(server, "other") == []
        assert backups.clear(server, "other") == ["other_incoming"]
        assert backups.clear(server, "other") == []


@pytest.fixture
def older() -> Iterator[str]:
    """The socket folder of an older PostgreSQL of this machine, started for the test."""
    bins = OLDER[0].parent
    folder = Path("/tmp") / f"channel-older-{uuid.uuid4().hex[:8]}"  # noqa: S108 - pytest's own folders are closed to others
    folder.mkdir(mode=0o700)
    account = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
    if account:
        subprocess.run(["chown", "nobody:nogroup", folder], check=True)
    quiet: dict[str, Any] = {"cwd": "/", "stdout": subprocess.DEVNULL, **account}
    subprocess.run(
        [bins / "initdb", "-D", folder / "data", "-U", "super", "-A", "trust", "-E", "UTF8"], check=True, **quiet
    )
    options = f"-c listen_addresses= -c fsync=off -k {folder}"
    subprocess.run(
        [bins / "pg_ctl", "start", "-w", "-D", folder / "data", "-l", folder / "log", "-o", options],
        check=True,
        **quiet,
    )
    yield str(folder)
    subprocess.run([bins / "pg_ctl", "stop", "-m", "immediate", "-D", folder / "data"], check=True, **quiet)
    subprocess.run(["rm", "-rf", folder], check=True)


@pytest.mark.skipif(not OLDER, reason="there is no older PostgreSQL on this machine")
def test_a_backup_of_the_embedded_one_is_restored_into_an_older_one(
    data: Path, backup: Path, older: str, tmp_path: Path
) -> None:
    async def make() -> None:
        superuser = await asyncpg.connect(f"postgresql://super@/postgres?host={older}")
        await superuser.execute(f"CREATE ROLE {db.APP_ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS")
        await superuser.execute("CREATE ROLE company LOGIN")
        await superuser.execute("CREATE DATABASE mine OWNER company")
        await superuser.close()

    asyncio.run(make())
    urls = {
        "CHANNEL_OWNER_DATABASE_URL": f"postgresql://company@/mine?host={older}",
        "CHANNEL_DATABASE_URL": f"postgresql://{db.APP_ROLE}@/mine?host={older}",
    }
    owner = urls["CHANNEL_OWNER_DATABASE_URL"]
    torn = tmp_path / "torn"
    torn.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])
    refused = command("restore", str(torn), "--yes", data=tmp_path, **urls)
    assert (refused.returncode, "pg_restore failed" in refused.stderr) == (1, True), refused.stderr
    assert asked(owner, "SELECT to_regclass('public.person')") is None, "all or nothing"
    restored = command("restore", str(backup), "--yes", data=tmp_path, **urls)
    assert restored.returncode == 0, restored.stderr
    assert asked(owner, "SELECT login FROM person") == "ada"
    assert asked(owner, "SELECT count(*) FROM audit_general WHERE act = 'restore'") == 1
    assert asked(owner, "SHOW server_version_num") < "170000"
    # As a restore leaves it that is killed when everything was read and nothing told yet.
    asyncio.run(mark_restoring(owner, f"{RESTORING}{backup}"))
    told = command("migrate", data=tmp_path, **urls)
    assert (told.returncode, f"restore from {backup} was broken off" in told.stderr) == (0, True), told.stderr
    assert "broken off" not in command("migrate", data=tmp_path, **urls).stderr
    assert asked(owner, "SELECT count(*) FROM audit_general WHERE act = 'restore'") == 2


def test_what_is_no_backup_is_told_before_anything_is_asked_or_started(tmp_path: Path) -> None:
    file = tmp_path / "note.txt"
    file.write_text("no backup")
    refused = command("restore", str(file), data=tmp_path / "data")
    assert (refused.returncode, "is not a backup of a database" in refused.stderr) == (1, True), refused.stderr
    assert "Replace all of it?" not in refused.stderr
    assert not (tmp_path / "data" / "postgres").exists()
