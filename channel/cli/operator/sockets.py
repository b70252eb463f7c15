"""The sockets of the service: no client keeps one for nothing, and none takes them all.

Before the headers are whole no application is called, and after the answer is made none is asked: what may happen there
is watched here. How slowly a body may come in is the affair of whoever reads it (channel.web.bodies).
"""

import asyncio
import ipaddress
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from uvicorn import Config
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a socket may take: seconds and bytes of headers, seconds and rate of reading; and how many an address has.

    Of what waits to be read `least_rate` bytes a second must go, after `grace_seconds`.
    """

    per_address: int = 200
    head_seconds: float = 10
    head_bytes: int = 64 << 10
    grace_seconds: float = 20
    least_rate: int = 4 << 10


class Sockets:
    """The sockets that are open, by address. An address of a trusted proxy speaks for many clients and has no limit."""

    def __init__(self, limits: Limits, trusted: Callable[[str], bool]) -> None:
        self.limits = limits
        self._trusted = trusted
        self._open: Counter[str] = Counter()

    def take(self, host: str | None) -> bool:
        """Whether one more of this address is let in; where it is, `leave` takes it out again."""
        place = self._place(host)
        if place is None:
            return True
        if self._open[place] >= self.limits.per_address:
            return False
        self._open[place] += 1
        return True

    def leave(self, host: str | None) -> None:
        """Take out one that was let in."""
        place = self._place(host)
        if place is not None:
            self._open[place] -= 1
            if not self._open[place]:
                del self._open[place]

    def _place(self, host: str | None) -> str | None:
        # On the socket in the data folder nobody has an address.
        if not host or self._trusted(host):
            return None
        address = ipaddress.ip_address(host.partition("%")[0])
        if address.version == 4:  # noqa: PLR2004 - the version's own name
            return host
        if address.ipv4_mapped is not None:
            return self._place(str(address.ipv4_mapped))
        # A single client of IPv6 has a whole network to choose its addresses from.
        return str(ipaddress.ip_network((address, 64), strict=False))


class Watched(HttpToolsProtocol):
    """One connection of uvicorn's, with its limits; `watch` is called once a second."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        sockets: Sockets,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._sockets = sockets
        self._counted = False
        self._waiting_since: float | None = None
        """Since when something was to come that belongs to no request under way: headers, or the rest of a body."""
        self._head_bytes: int | None = None
        self._read_by: float | None = None
        """When what waits to be read has to be read."""

    @property
    def _host(self) -> str | None:
        return self.client[0] if self.client else None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn's
        """Let it in, or cut it where its address has too many."""
        super().connection_made(transport)
        self._waiting_since = self.loop.time()
        self._counted = self._sockets.take(self._host)
        if not self._counted:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it out."""
        super().connection_lost(exc)
        if self._counted:
            self._counted = False
            self._sockets.leave(self._host)

    def on_message_begin(self) -> None:
        """Begin to count the headers."""
        super().on_message_begin()
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        """Nothing is waited for any more but what the application asks for."""
        self._head_bytes = self._waiting_since = None
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Take what came; headers have an end."""
        super().data_received(data)
        if self._head_bytes is not None:
            self._head_bytes += len(data)
            if self._head_bytes > self._sockets.limits.head_bytes:
                self._refuse(_TOO_LARGE)
        if self._waiting_since is None and (self.cycle is None or self.cycle.response_complete):
            self._waiting_since = self.loop.time()

    def resume_writing(self) -> None:
        """The client has read: what is written next has its own time."""
        super().resume_writing()
        self._read_by = None

    def watch(self) -> None:
        """Cut the connection where its client lets it wait too long."""
        now, limits = self.loop.time(), self._sockets.limits
        unread = self.transport.get_write_buffer_size()
        if not unread:
            self._read_by = None
        elif self._read_by is None:
            self._read_by = now + limits.grace_seconds + unread / limits.least_rate
        elif now > self._read_by:
            self.transport.abort()
            return
        if self._waiting_since is not None and now - self._waiting_since > limits.head_seconds and not unread:
            self._refuse(_TOO_SLOW if self._head_bytes is not None else b"")

    def _refuse(self, answer: bytes) -> None:
        if self.transport.is_closing():
            return
        self.transport.write(answer)
        self.transport.close()


def trusted_by(config: Config) -> Callable[[str], bool]:
    """Whether an address is that of a proxy whose word about the client's address is believed."""
    return ProxyHeadersMiddleware(config.loaded_app, config.forwarded_allow_ips).trusted_hosts.__contains__
