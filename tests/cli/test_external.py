"""A PostgreSQL of one's own: its owner is no superuser, and `channel` neither starts nor stops it."""

import asyncio
import re
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import httpx
import pytest

from channel.access.rules import Role
from channel.database import db
from channel.database.embedded import OWNER, EmbeddedPostgres
from tests.cli.conftest import Service
from tests.cli.installed import PASSWORD, PATIENCE, command, free_port, running
from tests.make.access import make_person

COMPANY = "company_owner"


NAMES = ("company_one", "company_two")
APP = f"CREATE ROLE {db.APP_ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS"


@pytest.fixture
def own(server: EmbeddedPostgres) -> Iterator[dict[str, str]]:
    """Two empty databases of an ordinary role, made as docs/operations.md says; the settings that name the first."""

    async def do(*statements: str) -> None:
        superuser = await asyncpg.connect(server.dsn(OWNER, "postgres"))
        try:
            for statement in statements:
                with suppress(asyncpg.DuplicateObjectError):
                    await superuser.execute(statement)
        finally:
            await superuser.close()

    asyncio.run(do(APP, f"CREATE ROLE {COMPANY} LOGIN", *(f"CREATE DATABASE {name} OWNER {COMPANY}" for name in NAMES)))
    yield _urls(server, NAMES[0])
    asyncio.run(do(*(f"DROP DATABASE {name} WITH (FORCE)" for name in NAMES), f"DROP ROLE {COMPANY}"))


def _urls(server: EmbeddedPostgres, name: str) -> dict[str, str]:
    return {
        "CHANNEL_OWNER_DATABASE_URL": server.dsn(COMPANY, name),
        "CHANNEL_DATABASE_URL": server.dsn(db.APP_ROLE, name),
    }


def test_the_service_runs_on_it_and_is_backed_up_and_restored(
    server: EmbeddedPostgres, own: dict[str, str], tmp_path: Path
) -> None:
    port, file = free_port(), tmp_path / "all.dump"
    with running(tmp_path, port, **own) as process:
        assert httpx.get(f"http://127.0.0.1:{port}/api/v1/me").status_code == 401
        added = command("user", "add", "ada", "--password-stdin", data=tmp_path, typed=f"{PASSWORD}\n", **own)
        assert added.returncode == 0, added.stderr
        wish = {"login": "ada", "password": PASSWORD, "name": "a test", "days": 1}
        signed = httpx.post(f"http://127.0.0.1:{port}/api/v1/sign-in", json=wish)
        assert signed.status_code == 201, signed.text
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    assert not (tmp_path / "postgres").exists(), "no server of its own"
    token = signed.json()["token"]

    served = {"CHANNEL_DATABASE_URL": own["CHANNEL_DATABASE_URL"]}
    unknown = command("backup", str(file), data=tmp_path, **served)
    assert (unknown.returncode, "set CHANNEL_OWNER_DATABASE_URL" in unknown.stderr) == (1, True), unknown.stderr
    saved = command("backup", str(file), data=tmp_path, **own)
    assert saved.returncode == 0, saved.stderr
    refused = command("restore", str(file), "--yes", data=tmp_path, **own)
    assert refused.returncode == 1
    assert re.search(r"company_one is not empty: \d+ tables.*Nothing was changed", refused.stderr), refused.stderr
    assert "CREATE DATABASE company_one_restored" in refused.stderr
    assert "pg_restore" not in refused.stderr

    other = _urls(server, "company_two")
    restored = command("restore", str(file), "--yes", data=tmp_path, **other)
    assert restored.returncode == 0, restored.stderr
    me = command("whoami", "--format", "json", data=tmp_path, CHANNEL_TOKEN=token, **other)
    assert '"ada"' in me.stdout, me.stderr


async def test_whoever_signs_in_wrongly_is_told_what_to_look_at(service: Service) -> None:
    await make_person(Role.MANAGER, login="li.wei")
    wrong = await service.run(None, "login", "--login", "li.wei", "--password-stdin", typed="another one\n")
    assert (wrong.code, "is wrong" in wrong.err, "channel user password" in wrong.err) == (1, True, True), wrong.err
    assert "channel login" not in wrong.err, "that is what was just tried"
    token = await service.run(None, "login", "--with-token", typed="nobody's\n")
    assert (token.code, "Make another token" in token.err) == (1, True), token.err
