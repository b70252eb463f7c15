"""Commands against a service that really runs, on a port of its own in the test's process."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from click.testing import CliRunner
from litestar import Litestar

from channel import clock
from channel.access.rules import Person
from channel.cli import main
from channel.imports.service.worker import LOADING
from channel.work.service import working
from tests.make.access import make_token
from tests.make.limits import AS_OF, noon

_NOON = noon(AS_OF)


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said: its data, its sentences, and its exit code."""

    code: int
    out: str
    err: str

    def json(self) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self.out)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # They belong to the test run.
        yield


@dataclass(slots=True)
class Service:
    """A running service, and which of its operations were asked so far."""

    url: str
    home: Path
    reached: set[tuple[str, str]] = field(default_factory=set)
    tokens: dict[str, str] = field(default_factory=dict)

    async def run(self, person: Person | None, *words: str, typed: str = "", **more: str) -> Said:
        """Run `channel WORDS` as this person, or as nobody."""
        if person is not None and person.login not in self.tokens:
            self.tokens[person.login] = await make_token(person)
        env = {
            "CHANNEL_URL": self.url,
            "CHANNEL_TOKEN": "" if person is None else self.tokens[person.login],
            "CHANNEL_DATA_DIR": str(self.home / "data"),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "LANG": "C.UTF-8",
            "LC_ALL": "",
            "LC_MESSAGES": "",
        }
        runner = CliRunner(env=env | more)
        # The command waits for the service, which answers on this loop and carries out what is loaded meanwhile.
        async with working([LOADING]):
            done = await asyncio.to_thread(runner.invoke, main, words, typed, prog_name="channel")
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Said(done.exit_code, done.stdout, done.stderr)

    async def done(self, person: Person | None, *words: str, typed: str = "", **more: str) -> Said:
        """Run a command that has to succeed."""
        said = await self.run(person, *words, typed=typed, **more)
        assert said.code == 0, f"{' '.join(words)}: {said.err}"
        return said

    async def found(self, person: Person, *words: str) -> Any:  # noqa: ANN401 - JSON
        """What a command answers as JSON."""
        return (await self.done(person, *words, "--format", "json")).json()


@pytest.fixture
async def service(app: Litestar, database: str, tmp_path: Path) -> AsyncIterator[Service]:
    del database
    listener = socket.create_server(("127.0.0.1", 0))
    made = Service(f"http://127.0.0.1:{listener.getsockname()[1]}", tmp_path)

    async def recording(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        async def note(message: Any) -> None:  # noqa: ANN401 - ASGI
            # Before the answer goes out, or the test may be over by then.
            made.reached.add((scope["method"], scope.get("path_template", "")))
            await send(message)

        await app(scope, receive, note)

    config = uvicorn.Config(recording, log_config=None, access_log=False, lifespan="off", ws="none")
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield made
    finally:
        server.should_exit = True
        await task


@pytest.fixture
def december(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody's clock stands on the day as of which is assessed; the service answers in tasks of its own."""
    monkeypatch.setattr(clock, "_fixed", ContextVar("fixed_clock", default=_NOON))
