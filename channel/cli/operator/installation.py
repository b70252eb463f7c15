"""An installation on this machine: its settings and its database, brought up and up to date."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import asyncpg
import click

from channel.access import service as access
from channel.access.rules import OPERATOR
from channel.app import ROOMS, use_rooms
from channel.cli.terminal.output import inform
from channel.database import backups, db, schema
from channel.database.embedded import OWNER, EmbeddedPostgres
from channel.database.programs import DatabaseFault
from channel.errors import Refused
from channel.settings import Settings

T = TypeVar("T")

DATABASE = "channel"
"""The name of the database in the embedded PostgreSQL."""

_ROLE_SQL = f"""\
  CREATE ROLE channel_owner LOGIN PASSWORD '...';
  CREATE ROLE {db.APP_ROLE} LOGIN PASSWORD '...' NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  CREATE DATABASE channel OWNER channel_owner;

and then set
  CHANNEL_OWNER_DATABASE_URL=postgresql://channel_owner:...@host/channel
  CHANNEL_DATABASE_URL=postgresql://{db.APP_ROLE}:...@host/channel"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the database of an installation is: as the service reaches it, and as its owner does."""

    service_url: str
    owner_url: str | None
    server: EmbeddedPostgres | None


@contextmanager
def started(settings: Settings) -> Iterator[Place]:
    """The database server: the embedded one is started or joined, and left again; an external one is only named."""
    if settings.database_url is not None:
        yield Place(settings.database_url, settings.owner_database_url, None)
        return
    server = EmbeddedPostgres(settings.folder() / "postgres")
    try:
        server.start()
    except DatabaseFault as fault:
        raise click.ClickException(str(fault)) from None
    try:
        yield Place(server.dsn(db.APP_ROLE, DATABASE), server.dsn(OWNER, DATABASE), server)
    finally:
        server.stop()


@contextmanager
def opened(settings: Settings) -> Iterator[Place]:
    """The database server with a database on it that is at this version and fit to serve from."""
    with started(settings) as place:
        restored = asyncio.run(_restored_untold(place))
        asyncio.run(make_ready(place))
        if restored is not None:
            as_operator(place, lambda: tell_restored(place, restored))
            inform(
                "A restore from %(file)s was broken off when everything was read in; now the trail tells it.",
                file=restored,
            )
        _fix_clock(settings, place)
        _fix_currency(settings, place)
        yield place


async def mark_restoring(owner_url: str, file: str | None) -> None:
    """Let a database of the operator's own say what is being read into it, in case nobody comes to tell it."""
    owner = await asyncpg.connect(owner_url)
    try:
        statement = "SELECT format('COMMENT ON DATABASE %I IS %L', current_database(), $1::text)"
        await owner.execute(await owner.fetchval(statement, file))
    finally:
        await owner.close()


async def _restored_untold(place: Place) -> str | None:
    """The file that was read whole into a database of the operator's own, by a restore killed before its end."""
    if place.server is not None or place.owner_url is None:
        return None
    await _reach(place.owner_url)
    owner = await asyncpg.connect(place.owner_url)
    try:
        said: str | None = await owner.fetchval(_SAID)
    finally:
        await owner.close()
    return said.removeprefix(RESTORING) if said is not None and said.startswith(RESTORING) else None


async def tell_restored(place: Place, file: str) -> None:
    """Write into the trail that a backup was read in; a database of the operator's own need no longer say so."""
    async with db.transaction():
        await access.audit(OPERATOR, "restore", file)
    if place.server is None and place.owner_url is not None:
        await mark_restoring(place.owner_url, None)


async def make_ready(place: Place) -> None:
    """Make the database where it is missing, migrate it, and see that the service's role is bound by its rules."""
    if place.server is not None:
        await make_database(place.server)
        for name in await asyncio.to_thread(backups.clear, place.server, DATABASE):
            inform("A restore that was broken off had left the copy %(name)s; it is removed.", name=name)
    if place.owner_url is not None:
        await _reach(place.owner_url)
        await schema.migrate(place.owner_url)
    _check(await _reach(place.service_url))


async def _reach(url: str) -> asyncpg.Record | None:
    """What the database says of itself and of the role that asks, or a sentence why nothing can be asked."""
    try:
        connection = await asyncpg.connect(url)
    except (OSError, asyncpg.CannotConnectNowError) as fault:
        raise click.ClickException(f"The database cannot be reached: {fault}") from None
    except asyncpg.InvalidAuthorizationSpecificationError as fault:
        raise click.ClickException(f"The database does not let us in: {fault}. Its roles:\n{_ROLE_SQL}") from None
    except asyncpg.InvalidCatalogNameError as fault:
        raise click.ClickException(f"{fault}. To make it, as a superuser:\n{_ROLE_SQL}") from None
    try:
        return await connection.fetchrow(_FITNESS)
    finally:
        await connection.close()


RESTORING = "channel restores "
"""How a database says what is being read into it."""

_SAID = """
SELECT shobj_description(d.oid, 'pg_database') FROM pg_database d
WHERE d.datname = current_database() AND to_regclass('public.person') IS NOT NULL
"""


async def see_empty(owner_url: str) -> None:
    """Refuse a database in which anything stands already: a backup is read into an empty one alone."""
    await _reach(owner_url)
    owner = await asyncpg.connect(owner_url)
    try:
        name, there = await owner.fetchval("SELECT current_database()"), await owner.fetchval(_THERE)
    finally:
        await owner.close()
    if there:
        raise click.ClickException(
            f"The database {name} is not empty: {there} tables stand in it. Nothing was changed. A backup is read into"
            " an empty database; as a superuser:\n"
            f"  CREATE DATABASE {name}_restored OWNER channel_owner;\n"
            "Set CHANNEL_OWNER_DATABASE_URL and CHANNEL_DATABASE_URL to it, restore, and let the service run on it."
        )


_THERE = """
SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
"""


async def make_database(server: EmbeddedPostgres) -> None:
    """Make our database in the embedded server; of several that try at once one succeeds and all are content."""
    owner = await asyncpg.connect(server.dsn(OWNER, "postgres"))
    try:
        if not await owner.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
            await owner.execute(f"CREATE DATABASE {DATABASE}")
    except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
        return
    finally:
        await owner.close()


_FITNESS = f"""
SELECT (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user) AS above_rules,
       EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = 'public' AND c.relkind = 'r' AND pg_has_role(current_user, c.relowner, 'USAGE')
              ) AS owns,
       to_regclass('public.audit_general') IS NOT NULL AS migrated,
       CASE WHEN EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{db.APP_ROLE}')
            THEN pg_has_role(current_user, '{db.APP_ROLE}', 'USAGE') ELSE false END AS member
"""


def _check(found: asyncpg.Record | None) -> None:
    if found is None:
        raise RuntimeError("a query of constants gave no row")
    if not found["migrated"]:
        raise click.ClickException(
            "The database has no tables yet: set CHANNEL_OWNER_DATABASE_URL, so that they can be made."
        )
    if found["above_rules"] or found["owns"]:
        raise click.ClickException(
            "CHANNEL_DATABASE_URL names a superuser or the owner of the tables, whom row-level security does not"
            f" bind. Serve as another role, made by:\n{_ROLE_SQL}"
        )
    if not found["member"]:
        raise click.ClickException(
            f"The user of CHANNEL_DATABASE_URL does not belong to the role {db.APP_ROLE}. Either connect as that role,"
            f" or: GRANT {db.APP_ROLE} TO ...;"
        )


def as_operator(place: Place, act: Callable[[], Awaitable[T]]) -> T:
    """Carry out a service act as the operator, on a connection of its own."""
    use_rooms(ROOMS)

    async def work() -> T:
        await db.open_pool(place.service_url, size=1)
        try:
            async with db.held(access.scope_of(OPERATOR)):
                return await act()
        finally:
            await db.close_pool()

    return asyncio.run(work())


def _fix_clock(settings: Settings, place: Place) -> None:
    """Let a database that is made with `CHANNEL_NOW` have a clock that begins there."""
    if settings.now is not None:
        wanted = settings.now
        try:
            as_operator(place, lambda: access.begin_clock(wanted))
        except Refused as refused:
            raise click.ClickException(str(refused)) from None


def _fix_currency(settings: Settings, place: Place) -> None:
    """Set the company's currency where one is chosen; without a choice there is none, or the one chosen before."""

    async def fix() -> None:
        if settings.company_currency is None:
            return
        has_lines = bool(await db.fetchval("SELECT EXISTS (SELECT 1 FROM sales_line)"))
        await access.fix_company_currency(settings.company_currency, has_lines=has_lines)

    try:
        as_operator(place, fix)
    except Refused as refused:
        raise click.ClickException(str(refused)) from None
