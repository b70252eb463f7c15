"""The sockets of the service: how long they may wait for a client, and how many one address may have."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

import pytest
import uvicorn

from channel.cli.operator import serve
from channel.cli.operator.sockets import Limits, Sockets, Watched, trusted_by

PATIENCE = 20
LARGE = b"x" * (8 << 20)


async def _app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
    """Answers /large with much and anything else with little, without a look at the body."""
    del receive
    body = LARGE if scope["path"] == "/large" else b"ok"
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for at in range(0, len(body), 1 << 16):
        await send({"type": "http.response.body", "body": body[at : at + (1 << 16)], "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


class _Server(serve._Server):
    """The service's server in the tests' own loop, which looks at its connections ten times a second."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override] # pytest keeps the signals
        return nullcontext()

    async def on_tick(self, counter: int) -> bool:
        del counter
        return await super().on_tick(0)


Start = Callable[[Limits], Awaitable[tuple[_Server, int]]]


@pytest.fixture
async def server() -> AsyncIterator[Start]:
    async with contextlib.AsyncExitStack() as stack:

        async def start(limits: Limits) -> tuple[_Server, int]:
            listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            config = uvicorn.Config(_app, lifespan="off", log_config=None, ws="none", timeout_graceful_shutdown=1)
            config.load()
            sockets = Sockets(limits, trusted_by(config))
            config.http_protocol_class = partial(Watched, sockets=sockets)  # type: ignore[assignment]
            there = asyncio.Event()
            one = _Server(config, there.set)
            task = asyncio.create_task(one.serve([listening]))

            async def stop() -> None:
                one.should_exit = True
                await task

            stack.push_async_callback(stop)
            await there.wait()
            return one, listening.getsockname()[1]

        yield start


Client = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Opened = Callable[..., Awaitable[Client]]


@pytest.fixture
async def opened() -> AsyncIterator[Opened]:
    writers: list[asyncio.StreamWriter] = []

    async def opened(port: int, address: str = "127.0.0.9", **options: int) -> Client:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0), **options)
        writers.append(writer)
        return reader, writer

    yield opened
    for each in writers:
        each.close()
        with contextlib.suppress(ConnectionError):
            await each.wait_closed()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - the server tells nobody what comes and goes
            await asyncio.sleep(0)


async def read_to_end(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the server ends the connection, in order or not."""
    came = b""
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(PATIENCE):
            while piece := await reader.read(1 << 16):
                came += piece
    return came


GET = b"GET / HTTP/1.1\r\nhost: channel.test\r\n\r\n"


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (b"", b""),
        (b"GET / HTTP/1.1\r\nhost: chan", b"HTTP/1.1 408 "),
        (GET + b"GET / HTTP/1.1\r\nhost: chan", b"HTTP/1.1 200 "),
        (b"POST / HTTP/1.1\r\nhost: channel.test\r\ncontent-length: 500\r\n\r\nx", b"HTTP/1.1 200 "),
    ],
)
async def test_nobody_waits_for_what_is_never_whole(
    server: Start, opened: Opened, sent: bytes, answered: bytes
) -> None:
    _, port = await server(Limits(head_seconds=0.2))
    reader, writer = await opened(port)
    writer.write(sent)
    assert (await read_to_end(reader)).startswith(answered)


async def test_headers_have_an_end(server: Start, opened: Opened) -> None:
    _, port = await server(Limits(head_bytes=10_000))
    reader, writer = await opened(port)
    writer.write(b"GET / HTTP/1.1\r\n" + b"".join(b"x-%d: %s\r\n" % (n, b"y" * 100) for n in range(1000)))
    assert (await read_to_end(reader)).startswith(b"HTTP/1.1 431 ")


async def test_who_does_not_read_is_cut(server: Start, opened: Opened) -> None:
    one, port = await server(Limits(grace_seconds=0.2, least_rate=10 << 20))
    reader, writer = await opened(port, limit=1 << 10)
    writer.write(GET.replace(b"/ ", b"/large "))
    await until(lambda: len(one.server_state.tasks) > 0)
    await until(lambda: not one.server_state.connections)
    assert len(await read_to_end(reader)) < len(LARGE)


async def test_who_reads_slowly_but_steadily_gets_it_all(server: Start, opened: Opened) -> None:
    _, port = await server(Limits(grace_seconds=1, least_rate=1 << 20))
    reader, writer = await opened(port, limit=1 << 10)
    writer.write(GET.replace(b"/ ", b"/large ").replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"))
    assert (await read_to_end(reader)).endswith(LARGE)


async def test_an_address_has_so_many_sockets_and_another_one_its_own(server: Start, opened: Opened) -> None:
    one, port = await server(Limits(per_address=2))
    kept = [await opened(port), await opened(port)]
    for reader, writer in (*kept, await opened(port, "127.0.0.8")):
        writer.write(GET)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    reader, writer = await opened(port)
    assert await read_to_end(reader) == b""
    # This machine is the proxy that is trusted unless another one is named, and speaks for many.
    for _ in range(3):
        reader, writer = await opened(port, "127.0.0.1")
        writer.write(GET)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    # Who leaves makes room.
    before = len(one.server_state.connections)
    kept[0][1].close()
    await until(lambda: len(one.server_state.connections) < before)
    reader, writer = await opened(port)
    writer.write(GET)
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("host", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
    ],
)
def test_an_address_of_ipv6_is_its_network(host: str, other: str, same: bool) -> None:
    sockets = Sockets(Limits(per_address=1), lambda _: False)
    assert sockets.take(host)
    assert sockets.take(other) is not same
    sockets.leave(host)
    assert sockets.take(host) is True or not same
