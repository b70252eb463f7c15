"""Commands of the operator: they work on the data folder of this machine, not through the API.

Whoever may read that folder may do all of this anyway; what they change is audited as done by 'operator'.
"""

import asyncio
import contextlib
import signal
import socket
import sys
from pathlib import Path

import asyncpg
import click

from channel.access import service as access
from channel.access.rules import OPERATOR
from channel.cli.operator.demonstration import fill_if_empty, is_demonstration, tell_accounts
from channel.cli.operator.first_administrator import nobody_yet, offer_first_administrator
from channel.cli.operator.installation import (
    DATABASE,
    RESTORING,
    Place,
    as_operator,
    make_ready,
    mark_restoring,
    opened,
    see_empty,
    started,
    tell_restored,
)
from channel.cli.operator.serve import listen, log_to_stderr, serve
from channel.cli.terminal.environment import chosen_settings
from channel.cli.terminal.local_socket import listening_nearby
from channel.cli.terminal.output import inform
from channel.database import backups, db, programs, schema
from channel.database.embedded import OWNER, EmbeddedPostgres
from channel.database.programs import DatabaseFault
from channel.dealers.queries.masters import company_currency
from channel.settings import Settings


@click.command()
@click.option("--demo", is_flag=True, help="Fill an empty database with the demonstration channel first.")
def run(*, demo: bool) -> None:
    """Run the service: its database, its scheduler and its pages, until Ctrl-C."""
    settings = chosen_settings(demo=demo)
    log_to_stderr()
    # Until the server has its own way of stopping, a request to stop must still pass through the database's end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with listen(settings.host, settings.port) as listener, started(settings) as server:
        if demo:
            fill_if_empty(settings, server)
        with opened(settings) as place:
            _serve(settings, place, listener)
    inform("Stopped.")


def _serve(settings: Settings, place: Place, listener: socket.socket) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    url = f"http://{host}:{listener.getsockname()[1]}"
    made_up = as_operator(place, is_demonstration)

    def ready() -> None:
        if made_up:
            tell_accounts()
        inform("\nchannel is at %(url)s   (Ctrl-C stops it)", url=url)
        if place.server:
            inform("The data is in %(folder)s", folder=settings.data_dir)
        else:
            inform("The data is where CHANNEL_DATABASE_URL says.")

    if as_operator(place, company_currency) is None:
        inform("The company has no currency yet. It is set by a start with CHANNEL_COMPANY_CURRENCY, such as EUR.")
    if nobody_yet(place):
        offer_first_administrator(place)
    with contextlib.ExitStack() as stack:
        near = stack.enter_context(listening_nearby(settings.data_dir)) if place.server else None
        serve(settings, place, [each for each in (listener, near) if each is not None], ready)


@click.command()
def migrate() -> None:
    """Bring the database up to this version; `run` does it by itself."""
    with opened(chosen_settings()):
        inform("The database is up to date.")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write the whole database into FILE, while the service runs or not.

    FILE appears when it is whole, readable for its owner only. It holds everything but the folder's `secret`.
    """
    with opened(chosen_settings()) as place:
        try:
            if place.server is not None:
                backups.backup(place.server, DATABASE, file)
            else:
                programs.dump(_owner_of(place, "backed up"), file)
        except (DatabaseFault, OSError) as fault:
            raise click.ClickException(str(fault)) from None
        as_operator(place, lambda: _note("back up", str(file)))
    inform("Backed up into %(file)s.", file=file)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Replace what is there without asking.")
def restore(file: Path, *, yes: bool) -> None:
    """Read a backup in place of the database that is there; the service must not be running.

    A fault on the way leaves everything as it was. An older backup is brought up to this version.
    """
    try:
        # Before anything is started or asked.
        with programs.open_archive(file):
            pass
    except (DatabaseFault, OSError) as fault:
        raise click.ClickException(str(fault)) from None
    with started(chosen_settings()) as place:
        if place.server is None:
            asyncio.run(see_empty(_owner_of(place, "restored")))
        try:
            asyncio.run(_make_role(place))
            if place.server is None:
                owner = _owner_of(place, "restored")
                asyncio.run(mark_restoring(owner, f"{RESTORING}{file}"))
                programs.load(owner, file)
            else:
                if asyncio.run(_has_people(place)) and not yes:
                    click.confirm("There is data in this folder. Replace all of it?", abort=True, err=True)
                _replace(place.server, file)
        except (DatabaseFault, OSError, asyncpg.PostgresError) as fault:
            raise click.ClickException(str(fault)) from None
        asyncio.run(make_ready(place))
        if place.server is None:
            as_operator(place, lambda: tell_restored(place, str(file)))
    inform("Restored from %(file)s.", file=file)


def _replace(server: EmbeddedPostgres, file: Path) -> None:
    """Let a backup take the database's place once it is at this version and its own trail says that it was restored."""

    def prepare(name: str) -> None:
        # Without its server: what is done to that one is done to the database that is there.
        incoming = Place(server.dsn(db.APP_ROLE, name), server.dsn(OWNER, name), None)
        asyncio.run(make_ready(incoming))
        as_operator(incoming, lambda: tell_restored(incoming, str(file)))

    for name in backups.clear(server, DATABASE):
        inform("A restore that was broken off had left the copy %(name)s; it is removed.", name=name)
    backups.restore(server, DATABASE, file, replace=True, prepare=prepare)


def _owner_of(place: Place, what: str) -> str:
    """The owner's address: row-level security hides from everybody else what a backup has to hold."""
    if place.owner_url is None:
        raise click.ClickException(f"A database of your own is {what} by its owner: set CHANNEL_OWNER_DATABASE_URL.")
    return place.owner_url


async def _note(act: str, subject: str) -> None:
    async with db.transaction():
        await access.audit(OPERATOR, act, subject)


async def _make_role(place: Place) -> None:
    """The role that a backup grants to; on a fresh server it does not exist yet."""
    url = place.server.dsn(OWNER, "postgres") if place.server is not None else place.owner_url
    if url is not None:
        await schema.make_role(url)


async def _has_people(place: Place) -> bool:
    if place.server is None:
        return True
    try:
        owner = await asyncpg.connect(place.server.dsn(OWNER, DATABASE))
    except asyncpg.InvalidCatalogNameError:
        return False
    try:
        if await owner.fetchval("SELECT to_regclass('public.person')") is None:
            return False
        return bool(await owner.fetchval("SELECT EXISTS (SELECT 1 FROM person)"))
    finally:
        await owner.close()
