"""The connections of Piccolo's own command (`piccolo shell run`, `piccolo migrations check`) in a checkout."""

import asyncio
import atexit
from contextlib import ExitStack
from functools import cache

import asyncpg

from channel.cli.operator.installation import Place, make_database, started
from channel.cli.terminal.environment import chosen_settings
from channel.database import schema
from channel.database.pool import prepare

_AT_ONCE = 8
"""Piccolo looks at all tables at once, each by a connection of its own: more than a server takes."""


@cache
def _place() -> Place:
    """The database of the data folder, whose server is started or joined until the command ends, or the one set."""
    stay = ExitStack()
    atexit.register(stay.close)
    return stay.enter_context(started(chosen_settings()))


@cache
def _turns(_: asyncio.AbstractEventLoop) -> asyncio.Semaphore:
    return asyncio.Semaphore(_AT_ONCE)


async def connect_as_owner() -> "asyncpg.Connection[asyncpg.Record]":
    """A connection of the database's owner: neither scope nor what must stay as it was recorded binds it."""
    place, turns = _place(), _turns(asyncio.get_running_loop())
    if place.owner_url is None:
        raise SystemExit("Piccolo's commands work as the owner of the database: set CHANNEL_OWNER_DATABASE_URL.")
    await turns.acquire()
    if place.server is not None:
        await make_database(place.server)
    await schema.make_role(place.owner_url)
    connection = await asyncpg.connect(place.owner_url)
    connection.add_termination_listener(lambda _: turns.release())
    await prepare(connection)
    return connection
