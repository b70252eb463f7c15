"""Sees that the service's database is there; the embedded one is brought up again when it fell.

One connection beside the pool tells by its end that the server ended. What falls is told once a second until it is
back. After a minute in which an embedded server could not be brought up the service gives up, so that whoever
supervises it starts it anew; a server of somebody else's is waited for as long as it takes.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import asyncpg

from channel import clock
from channel.beside import beside
from channel.database import db, presence
from channel.database.embedded import EmbeddedPostgres
from channel.database.programs import DatabaseFault

GIVEN_UP_SECONDS = 60.0
"""How long the embedded server may stay away."""
_AGAIN_SECONDS = 1.0
_LOOK_SECONDS = 5.0
_PATIENCE_SECONDS = 10.0
"""A server that lives and does not answer for so long counts as away."""
_START_SECONDS = 3.0
"""One try to start: a server that recovers for longer is joined by the next."""

_FAULTS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

logger = logging.getLogger(__name__)


@asynccontextmanager
async def keeping(dsn: str, server: EmbeddedPostgres | None, give_up: Callable[[str], None]) -> AsyncIterator[None]:
    """Keep the database there while the block lasts; `give_up` is told why, once, when the embedded one stays away."""
    try:
        async with beside(_keep(dsn, server, give_up), "keeper", apart=True):
            yield
    finally:
        presence.found()


async def _keep(dsn: str, server: EmbeddedPostgres | None, give_up: Callable[[str], None]) -> None:
    while True:
        began = time.monotonic()
        fault = await _watch(dsn)
        # A server that has no connection left to give is there.
        if fault is not None and not isinstance(fault, asyncpg.TooManyConnectionsError):
            if presence.gone(str(fault) or "it does not answer"):
                # What outlived its server would work on for nobody, and keep the next one from starting.
                db.cut()
            if server is not None and await _started(server):
                continue
            logger.warning("%s", presence.told())
            away = presence.away_seconds()
            if server is not None and away is not None and away > GIVEN_UP_SECONDS:
                give_up(presence.told())
                return
        if fault is not None or time.monotonic() - began < _AGAIN_SECONDS:
            await asyncio.sleep(_AGAIN_SECONDS)


async def _watch(dsn: str) -> Exception | None:
    """Hold a connection until it is lost; the fault where none is to be had."""
    ended = asyncio.Event()
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            connection = await asyncpg.connect(dsn, server_settings={"application_name": "channel keeper"})
    except _FAULTS as fault:
        return fault
    if presence.away_seconds() is not None:
        logger.warning("%s; it is back", presence.told())
    presence.found()
    connection.add_termination_listener(lambda _: ended.set())
    try:
        while not ended.is_set():
            # By the way it sees within a second that the clock was moved.
            ahead = await connection.fetchval(db.AHEAD, timeout=_PATIENCE_SECONDS)
            clock.move(timedelta(microseconds=ahead or 0))
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), _LOOK_SECONDS)
    except _FAULTS:
        # Whether more than this connection is lost is seen by the next.
        return None
    finally:
        connection.terminate()
    return None


async def _started(server: EmbeddedPostgres) -> bool:
    try:
        await asyncio.to_thread(server.start, _START_SECONDS)
    except DatabaseFault as fault:
        presence.gone(str(fault))
        return False
    return True
