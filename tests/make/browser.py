"""A served app and a browser to look at it with."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field

import uvicorn
from litestar import Litestar
from playwright.async_api import Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
)


@dataclass
class Looked:
    """A page and what went wrong on it: script errors, refused content, failed requests of its parts."""

    page: Page
    faults: list[str] = field(default_factory=list)


Look = Callable[..., Awaitable[Looked]]


def find_chromium() -> str | None:
    """The Chromium of this machine: the one named by CHANNEL_CHROMIUM, else one on the path."""
    named = os.environ.get("CHANNEL_CHROMIUM")
    return named or next((found for found in map(shutil.which, NAMES) if found), None)


def arguments() -> list[str]:
    """Chromium refuses its sandbox to root; it opens no connections of its own."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*ARGUMENTS, "--no-sandbox"] if root else [*ARGUMENTS]


class _Server(uvicorn.Server):
    """A server in the tests' own loop, which says when it is there and leaves the signals to pytest."""

    def __init__(self, app: Litestar) -> None:
        super().__init__(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2))
        self.there = asyncio.Event()

    def capture_signals(self) -> AbstractContextManager[None]:
        return nullcontext()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.there.set()


@asynccontextmanager
async def serve(app: Litestar) -> AsyncIterator[str]:
    """The address under which the app answers for as long as this is held; its port is one that was free."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = _Server(app)
        task = asyncio.create_task(server.serve([listening]))
        there = asyncio.create_task(server.there.wait())
        await asyncio.wait({task, there}, return_when=asyncio.FIRST_COMPLETED)
        if not server.there.is_set():
            task.result()
            raise RuntimeError("the app did not start")
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task
