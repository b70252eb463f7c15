"""The service inside a command's own process, over the database of the data folder."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal

from channel import jobs
from channel.app import create_app
from channel.cli.operator.installation import opened
from channel.settings import Settings


class _Inside(httpx.BaseTransport):
    """Requests of a waiting client, answered by an application that runs on the loop of another thread."""

    def __init__(self, transport: httpx.AsyncBaseTransport, portal: BlockingPortal) -> None:
        self._transport = transport
        self._portal = portal

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The application's answer, whole."""
        return self._portal.call(self._answer, request)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._transport.handle_async_request(request)
        if not isinstance(answer.stream, httpx.AsyncByteStream):
            raise TypeError("the application's answer is no stream")
        # Not aread(): the client decompresses what it gets by itself.
        body = b"".join([piece async for piece in answer.stream])
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(body))


@contextmanager
def opened_inside(settings: Settings) -> Iterator[httpx.BaseTransport]:
    """The service of the data folder, opened for this command with its worker and closed after it."""
    with opened(settings) as place, start_blocking_portal() as portal:
        app = create_app(settings, dsn=place.service_url, background=jobs.running)
        fault: BaseException | None = None
        with portal.wrap_async_context_manager(app.lifespan()):
            # The service inside would wrap a fault of the command into a group of its own; it is kept past its end.
            try:
                yield _Inside(httpx.ASGITransport(app=app), portal)  # type: ignore[arg-type] # two spellings of ASGI
            except BaseException as raised:  # noqa: BLE001 - raised again below
                fault = raised
        if fault is not None:
            raise fault
