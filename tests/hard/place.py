# ruff: noqa: ASYNC220, ASYNC221, ASYNC240, T201
"""What the hard scripts share: the service as a user starts it, on a demonstration channel of its own."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx

from channel.cli.operator.installation import DATABASE
from channel.database.embedded import OWNER, EmbeddedPostgres
from channel.demo.company import PASSWORD
from tests.cli.installed import environment, free_port

FILLED = "HARD_FILLED"
"""The variable that names a folder where the filled demonstration is kept to be copied; without it each fills its own.

Whoever runs one script again and again sets it to a folder of his.
"""
PATIENCE = 300.0
"""Seconds until the service has started; a filling takes a minute or two."""


class Service:
    """`channel run` in a process of its own over the data folder `data`; it may be stopped, killed and started again.

    What it says goes to the file `log`.
    """

    def __init__(self, data: Path, **settings: str) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data.parent / "service.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._settings = settings
        self._joined: EmbeddedPostgres | None = None

    @property
    def pid(self) -> int:
        """The process of the service."""
        assert self.process is not None
        return self.process.pid

    async def start(self, *words: str) -> None:
        """Start it and wait until it says where it is."""
        said_from = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "channel.cli", "run", *words],
                env=environment(self.data, CHANNEL_PORT=str(self.port), **self._settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
            )
        async with asyncio.timeout(PATIENCE):
            while self.url.encode() not in self.log.read_bytes()[said_from:]:
                if self.process.poll() is not None:
                    raise RuntimeError("the service ended instead of starting:\n" + self.said()[-3000:])
                await asyncio.sleep(0.1)

    async def stop(self, number: int = signal.SIGTERM) -> int:
        """Send it a signal and wait until it is gone; its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return await asyncio.to_thread(self.process.wait, PATIENCE)

    def said(self) -> str:
        """All that it has said so far."""
        return self.log.read_text(errors="replace")

    def rss(self) -> float:
        """The memory that the service's process holds now, in MiB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024

    def sockets(self) -> int:
        """How many sockets the service's process holds now."""
        held = Path(f"/proc/{self.pid}/fd")
        return sum(str(each.readlink()).startswith("socket:") for each in held.iterdir() if each.is_symlink())

    async def database(self) -> "asyncpg.Connection[asyncpg.Record]":
        """A connection of its owner's to the service's database, as soon as that is up."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    return await asyncpg.connect(self.postgres().dsn(OWNER, DATABASE))
                except (OSError, asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError):
                    await asyncio.sleep(0.1)

    def postgres(self) -> EmbeddedPostgres:
        """The embedded server, joined: it stays up until this process ends or stops it too."""
        if self._joined is None:
            self._joined = EmbeddedPostgres(self.data / "postgres")
            self._joined.start()
        return self._joined

    async def token(self, login: str, *, password: str = PASSWORD) -> str:
        """An API token of one of the demonstration's people."""
        wish = {"login": login, "password": password, "name": "hard", "days": 1}
        async with httpx.AsyncClient(base_url=self.url, timeout=PATIENCE) as client:
            answer = await client.post("/api/v1/sign-in", json=wish)
            token: str = answer.raise_for_status().json()["token"]
            return token

    async def end(self) -> None:
        """Stop the service if it still runs, and the database with it, whoever was killed before."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                await asyncio.to_thread(self.process.wait, 30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if (self.data / "postgres").exists():
            # A killed service leaves its server behind, which ends with its last user.
            self.postgres().start()
            self.postgres().stop()


@asynccontextmanager
async def service(**settings: str) -> AsyncIterator[Service]:
    """The service on a free port over a demonstration of its own in a temporary folder, removed at the end.

    `settings` are variables for it, such as CHANNEL_POOL_SIZE="2".
    """
    with tempfile.TemporaryDirectory(prefix="hard-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        kept = Path(os.environ.get(FILLED) or folder / "filled")
        if not kept.exists():
            await _fill(kept)
        subprocess.run(["cp", "-a", str(kept), str(folder / "data")], check=True)
        running = Service(folder / "data", **settings)
        try:
            await running.start()
            yield running
        finally:
            await running.end()


async def _fill(kept: Path) -> None:
    """Fill a demonstration beside the folder and rename it: it is there whole or not at all."""
    with tempfile.TemporaryDirectory(prefix="filling-", dir=kept.parent, ignore_cleanup_errors=True) as name:
        aside = Path(name)
        aside.chmod(0o711)
        print("filling the demonstration, a minute or two ...", flush=True)
        filling = Service(aside / "data")
        try:
            await filling.start("--demo")
        finally:
            await filling.end()
        (aside / "data").rename(kept)
