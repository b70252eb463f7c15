"""People, tokens and the trail on the command line, as the person who is signed in there."""

import asyncio
import csv
import io
import json
from pathlib import Path

from channel.access import service
from channel.access.rules import OPERATOR, Role
from channel.database import db
from channel.database.embedded import OWNER, EmbeddedPostgres
from tests.cli.installed import PASSWORD, command
from tests.make.access import acting, adding, make_territories


async def test_an_administrator_keeps_people_and_tokens_and_reads_the_trail(
    server: EmbeddedPostgres, database: str, tmp_path: Path
) -> None:
    await make_territories("East", "North")
    async with acting(OPERATOR):
        await service.add_person(OPERATOR, adding("ada", Role.ADMINISTRATOR, password=PASSWORD))
        await service.add_person(OPERATOR, adding("wang", Role.REGIONAL, "East", name="王芳", password=PASSWORD))
        token = (await service.sign_in_for_token("ada", PASSWORD, name="test", days=1, address="192.0.2.1")).text
    here = {
        "CHANNEL_DATABASE_URL": server.dsn(db.APP_ROLE, database),
        "CHANNEL_OWNER_DATABASE_URL": server.dsn(OWNER, database),
        "CHANNEL_TOKEN": token,
    }

    async def say(*words: str) -> str:
        done = await asyncio.to_thread(command, *words, data=tmp_path, **here)
        assert done.returncode == 0, done.stderr
        return done.stdout

    await say("user", "change", "wang", "--territory", "North", "--reason", "new patch")
    listed = csv.DictReader(
        io.StringIO((await say("user", "list", "--role", "regional", "--format", "csv")).lstrip("\ufeff"))
    )
    assert [(row["Sign-in name"], row["Territories"]) for row in listed] == [("wang", "North")]
    machine = (await say("token", "add", "order desk", "--machine", "--territory", "East")).strip()
    async with acting(OPERATOR):
        speaker = await service.person_of_token(machine)
    assert speaker is not None
    assert (speaker.login, speaker.bound) == ("machine:order desk", True)
    lines = json.loads(await say("audit", "--actor", "ada", "--act", "change person", "--format", "json"))
    assert [(line["after"], line["reason"]) for line in lines] == [({"territories": ["North"]}, "new patch")]
    wrong = await asyncio.to_thread(
        command, "login", "--login", "wang", "--password-stdin", data=tmp_path, typed="a guess\n", **here
    )
    assert (wrong.returncode, "password is wrong" in wrong.stderr) == (1, True)
    shown = json.loads(await say("user", "show", "wang", "--format", "json"))
    assert (shown["failed_sign_ins"], len(shown["last_failed"])) == (1, 1)
    assert "127.0.0.1" in await say("user", "show", "wang")
    failed = json.loads(await say("audit", "--act", "fail to sign in", "--format", "json"))
    assert [(line["actor"], line["subject"]) for line in failed] == [("-", "person wang")]
    refused = await asyncio.to_thread(command, "audit", data=tmp_path, **here | {"CHANNEL_TOKEN": machine})
    assert refused.returncode == 1
    assert "Auditor" in refused.stderr
