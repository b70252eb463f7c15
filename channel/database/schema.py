"""The schema: brought up to this version by the database's owner, who is not the role that the service works as."""

import io
from contextlib import redirect_stdout

import asyncpg
from piccolo.apps.migrations.commands.forwards import run_forwards

from channel.database import db
from channel.database.locks import Lock


async def migrate(owner_dsn: str) -> None:
    """Bring the schema up to this version: all migrations in one transaction, one replica at a time.

    The owner's connection is given to Piccolo for that time. The application's role is made where it is missing,
    because the migrations grant to it by name.
    """
    connection = await asyncpg.connect(owner_dsn)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", Lock.MIGRATIONS)
            await _make_role(connection)
            said = io.StringIO()
            held = db.Held(connection, db.CLOSED, in_transaction=True)
            with db.given_to_piccolo(held), redirect_stdout(said):
                result = await run_forwards("all")
            if not result.success:
                raise RuntimeError(f"the migration failed: {result.message}\n{said.getvalue()}")
    finally:
        await connection.close()


async def make_role(owner_dsn: str) -> None:
    """Make the application's role where it is missing: a backup grants to it by name before any migration ran."""
    connection = await asyncpg.connect(owner_dsn)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", Lock.MIGRATIONS)
            await _make_role(connection)
    finally:
        await connection.close()


async def _make_role(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", db.APP_ROLE):
        await connection.execute(f"CREATE ROLE {db.APP_ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE")
