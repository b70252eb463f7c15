"""What comes in and goes out at the client's pace: bodies with a bound, a time and a least rate, answers in pieces.

Nothing here needs a database connection, and whoever holds one lets none of this happen meanwhile.
"""

import asyncio
import tempfile
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import IO, Any, Protocol, cast

from litestar import Request
from litestar.types import HTTPRequestEvent, HTTPResponseStartEvent, Message, Receive, Scope, Send

from channel.digits import whole_number
from channel.errors import Refused, m

LONGEST_BODY = 1 << 20
"""Bytes of the largest form and the largest JSON body: 1 MiB."""

_PIECE = 64 << 10
_KEPT_IN_MEMORY = 256 << 10
"""Bytes of an answer that waits in memory for a slow reader; a longer one waits in a file."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How slowly something may come in: `grace_seconds` and a second more for every `least_rate` bytes, within all."""

    grace_seconds: float = 20
    least_rate: int = 1 << 10
    longest_seconds: float = 120


class Digest(Protocol):
    """What tells one body from another, by all that it is given."""

    def update(self, data: bytes | bytearray, /) -> None:
        """Take in the next bytes."""

    def digest(self) -> bytes:
        """What all of them come to."""


OF_BODIES = Pace()
OF_FILES = Pace(least_rate=16 << 10, longest_seconds=2 * 3600)


class Coming:
    """A body as it comes in: `receive` with a clock, which stands still while nobody waits for more.

    A sender that is too slow is refused with 408. `digest` is brought up to what has come, `is_whole` says whether all
    of it has.
    """

    def __init__(self, receive: Receive, pace: Pace, digest: Digest | None = None) -> None:
        self._receive = receive
        self._pace = pace
        self._digest = digest
        self._waited = 0.0
        self._came = 0
        self.is_whole = False

    async def __call__(self) -> Any:  # noqa: ANN401 - ASGI
        """The next message."""
        if self.is_whole:
            return await self._receive()
        allowed = min(self._pace.longest_seconds, self._pace.grace_seconds + self._came / self._pace.least_rate)
        began = time.monotonic()
        try:
            async with asyncio.timeout(allowed - self._waited):
                message = await self._receive()
        except TimeoutError:
            raise Refused(m("What was sent came too slowly."), status=408) from None
        if message["type"] != "http.request":
            raise Refused(m("The sender left before all of it had come."))
        self._waited += time.monotonic() - began
        self._came += len(message["body"])
        if self._digest is not None:
            self._digest.update(message["body"])
        self.is_whole = not message.get("more_body", False)
        return message

    async def pass_over(self, most: int) -> None:
        """Read what has not come yet, and keep nothing of it; more than so many bytes is not read to its end."""
        while not self.is_whole and self._came <= most:
            await self()


def has_body(scope: Scope) -> bool:
    """Whether something comes behind the headers."""
    headers = dict(scope["headers"])
    return headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers


def kind_of(request: "Request[Any, Any, Any]") -> str:
    """The media type of what comes, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_whole(request: "Request[Any, Any, Any]", coming: Receive) -> Receive:
    """Read a body that is a form or a document to its end; what gives it once more to whoever asks for it."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and whole_number(announced, LONGEST_BODY) is None:
        raise _too_large()
    body, more = bytearray(), True
    while more:
        message = cast("HTTPRequestEvent", await coming())
        body += message["body"]
        if len(body) > LONGEST_BODY:
            raise _too_large()
        more = message.get("more_body", False)
    given = False

    async def again() -> Any:  # noqa: ANN401 - ASGI
        nonlocal given
        if given:
            return await coming()
        given = True
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    return again


def _too_large() -> Refused:
    return Refused(m("A form or a JSON document has 1 MB at most."), status=413)


class Answer:
    """An answer that is kept until `send_on`, so that whoever makes it waits for no reader.

    What is large lies in a temporary file meanwhile, however slowly it is read.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._status = 0
        self._held: list[bytes] = []
        self._size = 0
        self._file: IO[bytes] | None = None
        self._whole = asyncio.Event()

    @property
    def is_fault(self) -> bool:
        """Whether it says that something went wrong on our side, or that it is to be had later."""
        return self._status >= HTTPStatus.INTERNAL_SERVER_ERROR

    @property
    def is_done(self) -> bool:
        """Whether it says that what was asked for is done."""
        return self._status < HTTPStatus.BAD_REQUEST

    async def give(self, status: int, headers: Sequence[tuple[str, str]], body: bytes) -> None:
        """Make it of these; one that by its status has no body tells no length of it either."""
        length = [] if status == HTTPStatus.NO_CONTENT else [("content-length", str(len(body)))]
        told = [*headers, *length]
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in told]
        await self.keep({"type": "http.response.start", "status": status, "headers": raw})
        await self.keep({"type": "http.response.body", "body": body, "more_body": False})

    def told(self, wanted: Collection[str], most: int) -> tuple[int, list[tuple[str, str]], bytes] | None:
        """Its status, the wanted of its headers, and its body; None where that has more than `most` bytes."""
        if self._size > most or self._start is None:
            return None
        start = cast("HTTPResponseStartEvent", self._start)
        if self._file is not None:
            self._file.seek(0)
        body = b"" if self._file is None else self._file.read()
        headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in start["headers"]]
        return self._status, [each for each in headers if each[0] in wanted], body + b"".join(self._held)

    def begin_anew(self) -> None:
        """Forget what was kept, and keep another answer."""
        self.close()
        self._start, self._status, self._file, self._size = None, 0, None, 0

    def heard(self, receive: Receive) -> Receive:
        """`receive` for who makes the answer, who may listen for the client to leave until it is made."""
        came = False

        async def hear() -> Any:  # noqa: ANN401 - ASGI
            nonlocal came
            if not came:
                message = await receive()
                came = not message.get("more_body", False)
                return message
            ways = [asyncio.ensure_future(receive()), asyncio.ensure_future(self._whole.wait())]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                return ways[0].result() if ways[0].done() else {"type": "http.disconnect"}
            finally:
                for way in ways:
                    way.cancel()

        return hear

    async def keep(self, message: Message) -> None:
        """`send` for who makes the answer."""
        if message["type"] == "http.response.start":
            self._start, self._status = message, message["status"]
            return
        if message["type"] != "http.response.body":
            return
        body = message["body"]
        self._size += len(body)
        self._held.append(body)
        if not message.get("more_body", False):
            self._whole.set()
        elif self._size > _KEPT_IN_MEMORY:
            # A body that is whole in memory already is not written while its maker waits.
            await self._put_down()

    async def send_on(self) -> None:
        """Send what was kept, at the reader's pace."""
        if self._start is None:
            return
        if self._size <= _KEPT_IN_MEMORY:
            await self._send(self._start)
            await self._send({"type": "http.response.body", "body": b"".join(self._held), "more_body": False})
            return
        file = await self._put_down()
        await self._send(self._start)
        file.seek(0)
        while piece := file.read(_PIECE):
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _put_down(self) -> IO[bytes]:
        """Move what waits in memory to the file."""
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="channel-answer-")  # noqa: SIM115 - closed by `close`
        held, self._held = self._held, []
        await asyncio.to_thread(self._file.writelines, held)
        return self._file

    def close(self) -> None:
        """Forget what was kept."""
        self._held = []
        if self._file is not None:
            self._file.close()


def in_pieces(send: Send) -> Send:
    """`send` that hands a long body on piece by piece, as it is read; the whole lies in memory once for all readers."""

    async def pieces(message: Message) -> None:
        if message["type"] == "http.response.body" and len(message["body"]) > _KEPT_IN_MEMORY:
            body, more = message["body"], message.get("more_body", False)
            for at in range(0, len(body), _PIECE):
                last = at + _PIECE >= len(body)
                piece = body[at : at + _PIECE]
                await send({"type": "http.response.body", "body": piece, "more_body": more or not last})
        else:
            await send(message)

    return pieces
