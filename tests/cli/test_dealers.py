"""Dealers and masters on the command line."""

import asyncio
import json
from datetime import date
from pathlib import Path

from channel.access.rules import Role
from channel.database import db
from channel.database.embedded import OWNER, EmbeddedPostgres
from tests.cli.installed import command
from tests.make.access import make_person, make_territories, make_token
from tests.make.dealers import make_dealer, make_line


async def test_a_manager_keeps_dealers(server: EmbeddedPostgres, database: str, tmp_path: Path) -> None:
    await make_territories("East/Harbour")
    here = {
        "CHANNEL_DATABASE_URL": server.dsn(db.APP_ROLE, database),
        "CHANNEL_OWNER_DATABASE_URL": server.dsn(OWNER, database),
        "CHANNEL_TOKEN": await make_token(await make_person(Role.MANAGER)),
    }

    async def say(*words: str, code: int = 0) -> str:
        done = await asyncio.to_thread(command, *words, data=tmp_path, **here)
        assert done.returncode == code, done.stderr
        return done.stdout if code == 0 else done.stderr

    await make_line("R", wanted_type="terminal")
    made = {"type": "wholesale", "territory": "Harbour", "grade": None, "lines": ["R"]}
    await make_dealer("D 1", **made, effective_on=date(2020, 1, 1))
    await say("dealer", "set", "D 1", "grade", "AA", "--effective-on", "2021-01-01", "--reason", "paid early")
    assert "A reason is needed" in await say("dealer", "set", "D 1", "grade", "A", code=1)
    found = json.loads(await say("dealer", "list", "--territory", "East", "--format", "json"))
    assert [(row["code"], row["grade"], row["mismatch"]) for row in found] == [("D 1", "AA", True)]
    then = json.loads(await say("dealer", "show", "D 1", "--as-of", "2020-06-01", "--format", "json"))
    assert then["facts"]["grade"] is None
