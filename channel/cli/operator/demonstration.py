"""The demonstration's data folder: filled once, whole or not at all, and kept ever after."""

import asyncio
from dataclasses import replace

import asyncpg
import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from channel import clock
from channel.access import queries as access
from channel.access.rules import ROLE_NAMES, Role
from channel.cli.operator.installation import DATABASE, Place, make_ready
from channel.cli.terminal.output import inform, pass_on
from channel.database import db
from channel.database.embedded import OWNER, EmbeddedPostgres
from channel.demo.company import ACCOUNTS, PASSWORD, territories
from channel.demo.fill import MARK, fill, keep_up
from channel.errors import Refused
from channel.settings import Settings

_FILLING = f"{DATABASE}_filling"
_POOL = 4


def fill_if_empty(settings: Settings, place: Place) -> None:
    """Fill the folder's database with the demonstration where it holds nothing; data that is there is left alone.

    It is filled under another name, which is changed when it is whole: a filling broken off leaves nothing behind.
    """
    if place.server is None:
        raise click.ClickException(
            "The demonstration brings its own PostgreSQL: unset CHANNEL_DATABASE_URL, which names one of yours."
        )
    clock.use_zone(settings.timezone)
    if not asyncio.run(_is_empty(place)):
        asyncio.run(_keep_up(place))
        return
    inform("Filling the demonstration: two years of 150 dealers. This is done once and takes a minute or two.")
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        asyncio.run(_fill(place.server, bars, bars.add_task("", total=1.0)))


async def _is_empty(place: Place) -> bool:
    if place.owner_url is None:
        raise RuntimeError("the embedded PostgreSQL has an owner")
    try:
        owner = await asyncpg.connect(place.owner_url)
    except asyncpg.InvalidCatalogNameError:
        return True
    try:
        if await owner.fetchval("SELECT to_regclass('public.person')") is None:
            return True
        return not await owner.fetchval("SELECT EXISTS (SELECT 1 FROM person) OR EXISTS (SELECT 1 FROM territory)")
    finally:
        await owner.close()


async def _fill(server: EmbeddedPostgres, bars: Progress, bar: TaskID) -> None:
    owner = await asyncpg.connect(server.dsn(OWNER, "postgres"))
    try:
        await owner.execute(f"DROP DATABASE IF EXISTS {_FILLING} WITH (FORCE)")
        await owner.execute(f"CREATE DATABASE {_FILLING}")
        filled = Place(server.dsn(db.APP_ROLE, _FILLING), server.dsn(OWNER, _FILLING), server)
        await make_ready(replace(filled, server=None))
        await db.open_pool(filled.service_url, size=_POOL)
        try:
            await fill(lambda what, part: bars.update(bar, description=what, completed=part))
        finally:
            await db.close_pool()
        await owner.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        await owner.execute(f"ALTER DATABASE {_FILLING} RENAME TO {DATABASE}")
    finally:
        await owner.close()


async def _keep_up(place: Place) -> None:
    """A month or two without a start leave the exchange rates behind; the service refuses those past a week."""
    await make_ready(place)
    await db.open_pool(place.service_url, size=_POOL)
    try:
        await keep_up()
    # Whoever changed the demonstration's people or its password keeps his own rates.
    except Refused:
        return
    finally:
        await db.close_pool()


async def is_demonstration() -> bool:
    """Whether the held connection's database is the demonstration, whose passwords may be shown to everybody."""
    return await access.setting(MARK) is not None


def tell_accounts() -> None:
    """Print who can sign in to the demonstration."""
    inform('\nSign in with the password "%(password)s" as one of these:', password=PASSWORD)
    names = {node.code: node.name for node in territories()}
    for account in ACCOUNTS:
        where = f", {' and '.join(names[code] for code in account.territories)} only" if account.territories else ""
        pass_on(f"  {account.login:<8} {account.name}, {str(ROLE_NAMES[Role(account.role)]).lower()}{where}")
