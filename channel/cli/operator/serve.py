"""The service on a port: one process, one small access line, and an orderly end."""

import asyncio
import contextlib
import errno
import gc
import logging
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from http import HTTPStatus
from typing import Any

import click
import uvicorn

from channel import jobs
from channel.app import create_app
from channel.cli.operator.installation import Place
from channel.cli.operator.sockets import Limits, Sockets, Watched, trusted_by
from channel.database import presence
from channel.database.keeper import keeping
from channel.settings import Settings

if sys.platform != "win32":
    import resource

_GRACE_SECONDS = 3
"""How long an answer under way may take to finish when the service stops; a live progress page never would."""

_OPEN_FILES = 16_384

_access = logging.getLogger("channel.access_log")


def listen(host: str, port: int) -> socket.socket:
    """The socket to serve on, taken before anything is started; a refusal names what to change."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror:
        raise click.ClickException(f"There is no address {host!r} to listen on: choose another with HOST=.") from None
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(2048)
    except OSError as fault:
        listener.close()
        raise click.ClickException(_why_not(fault, host, port)) from None
    listener.set_inheritable(False)
    return listener


def _why_not(fault: OSError, host: str, port: int) -> str:
    if fault.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is in use by another program (another `channel run`, perhaps): "
            f"choose another with PORT=, as in: make run PORT={port + 1}"
        )
    if fault.errno == errno.EACCES:
        return f"Port {port} is not for ordinary users: choose one above 1023 with PORT=."
    if fault.errno == errno.EADDRNOTAVAIL:
        return f"{host} is not an address of this machine: choose another with HOST=."
    return f"{host}:{port} cannot be listened on: {fault.strerror}."


def serve(settings: Settings, place: Place, listeners: list[socket.socket], ready: Callable[[], None]) -> None:
    """Serve on these sockets until told to stop; `ready` is called when the first request can come.

    Where the embedded database stays away the end is a fault that says why.
    """
    given_up: list[str] = []

    def give_up(why: str) -> None:
        given_up.append(why)
        server.should_exit = True

    @contextlib.asynccontextmanager
    async def beside() -> AsyncIterator[None]:
        async with keeping(place.service_url, place.server, give_up), jobs.running():
            yield

    app = create_app(settings, dsn=place.service_url, background=beside)
    _raise_open_files()
    config = uvicorn.Config(
        _AccessLine(app),
        # Nothing here speaks over a web socket; a connection that was handed over would be watched no more.
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        lifespan="on",
        # Whom to believe about the client's address is FORWARDED_ALLOW_IPS' matter: this machine, unless set.
        proxy_headers=True,
        # A reader that waited in the middle of an upload goes on in that request's context, and the next requests of
        # the connection would be born in it, with a database connection held already.
        reset_contextvars=True,
    )
    config.load()
    sockets = Sockets(Limits(per_address=settings.sockets_per_address), trusted_by(config))
    config.http_protocol_class = partial(Watched, sockets=sockets)  # type: ignore[assignment] # it is only called
    server = _Server(config, ready)
    collect_seldom()
    with _ended_by_signals(server):
        asyncio.run(server.serve(sockets=listeners))
    if given_up:
        if place.server is not None:
            # Should it only be slow, whoever starts the service anew waits for it.
            place.server.leave()
        raise click.ClickException(f"The service ends, to be started anew: {given_up[0]}")
    if not server.started:
        raise click.ClickException("The service could not start; what is wrong stands above.")


def collect_seldom() -> None:
    """Let the collector of cycles look at new objects only, and after many of them, for this process's lifetime.

    An assessment makes hundreds of thousands of values without a cycle among them; by default the collector walks
    over all of them, and over the whole program, again and again, which is a quarter of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _raise_open_files() -> None:
    """Have as many files and sockets as the system grants for the asking: by default it may be 1,024 for all."""
    if sys.platform != "win32":
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second; once a second all connections are looked at."""
        if counter % 10 == 0:
            for each in list(self.server_state.connections):
                if isinstance(each, Watched):
                    each.watch()
        return await super().on_tick(counter)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn's own would raise the signal again at the end, and so cut off our way out through the database.
        yield


@contextlib.contextmanager
def _ended_by_signals(server: _Server) -> Iterator[None]:
    """Let the usual signals end the service in order, and a second one at once."""

    def end(number: int, frame: object) -> None:
        del frame
        if server.should_exit:
            server.force_exit = True
        server.should_exit = True
        _access.info("Stopping (%s)", signal.Signals(number).name)

    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _AccessLine:
    """One line for each answer: method, path, status, time; never a query, a header or a body.

    Who is refused because the database is away is counted instead, and told with its absence, once a second.
    """

    def __init__(self, app: Callable[[Any, Any, Any], Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        """Pass it on and tell what came of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0
        began = time.perf_counter()

        async def note(message: Any) -> None:  # noqa: ANN401 - ASGI
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            if status != HTTPStatus.SERVICE_UNAVAILABLE or not presence.count_refused():
                took = (time.perf_counter() - began) * 1000
                # A path may hold anything that was typed; a line of the log stays a line.
                path = scope["path"].encode("unicode_escape").decode()
                _access.info("%s %s %s %.0f ms", scope["method"], path, status or "-", took)


def log_to_stderr() -> None:
    """The service's log: ours from INFO on, everybody else's from WARNING on."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname).1s %(message)s", datefmt="%H:%M:%S"
    )
    logging.getLogger("channel").setLevel(logging.INFO)
