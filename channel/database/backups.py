"""Backups of the embedded PostgreSQL: a database written to a file, and read back whole or not at all."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from channel.database.embedded import OWNER, EmbeddedPostgres
from channel.database.programs import DatabaseFault, dump, load, open_archive
from channel.database.seat import try_lock


class _UnderWay(DatabaseFault):
    pass


def backup(server: EmbeddedPostgres, database: str, file: Path) -> None:
    """Write a database to a file, as `programs.dump` does."""
    dump(server.dsn(OWNER, database), file, bins=server.bins())


def restore(
    server: EmbeddedPostgres,
    database: str,
    file: Path,
    *,
    replace: bool = False,
    prepare: Callable[[str], None] = lambda _: None,
) -> None:
    """Read a backup into a database that does not exist yet, or with `replace` in place of the one that does.

    The backup is read into a database beside it, `prepare` makes that one (by its name) fit to be used, and the
    two change places when it is whole, so that a fault leaves everything as it was, and a restore that is killed
    has happened whole or not at all. While someone is connected to the database it is not replaced. Roles must
    exist.
    """
    with open_archive(file):
        pass
    incoming, outgoing = _copies(database)
    with _alone(server):
        exists = server.sql(f"SELECT 1 FROM pg_database WHERE datname = {_literal(database)}") == "1"
        if exists and not replace:
            raise DatabaseFault(f"The database {database} exists already and was not replaced.")
        clients = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
        users = server.sql(f"{clients} AND datname = {_literal(database)}")
        if users != "0":
            raise DatabaseFault(f"The database {database} is in use ({users} connections): stop the service first.")
        server.sql(_drop(incoming), f"CREATE DATABASE {_name(incoming)} TEMPLATE template0")
        try:
            load(server.dsn(OWNER, incoming), file, bins=server.bins())
            prepare(incoming)
            if exists:
                server.sql(
                    _drop(outgoing),
                    f"BEGIN; ALTER DATABASE {_name(database)} RENAME TO {_name(outgoing)};"
                    f" ALTER DATABASE {_name(incoming)} RENAME TO {_name(database)}; COMMIT",
                    _drop(outgoing),
                )
            else:
                server.sql(f"ALTER DATABASE {_name(incoming)} RENAME TO {_name(database)}")
        finally:
            server.sql(_drop(incoming))


def clear(server: EmbeddedPostgres, database: str) -> list[str]:
    """Remove the copies that a killed restore of a database has left, and name them; not while one is under way."""
    with suppress(_UnderWay), _alone(server):
        names = ", ".join(map(_literal, _copies(database)))
        left = server.sql(f"SELECT datname FROM pg_database WHERE datname IN ({names})").split()
        if left:
            server.sql(*map(_drop, left))
        return left
    return []


@contextmanager
def _alone(server: EmbeddedPostgres) -> Iterator[None]:
    """One restore at a time, told by a lock that the kernel frees when its holder is killed."""
    lock = try_lock(server.place / "restore.lock")
    if lock is None:
        raise _UnderWay("Another restore is under way: wait until it is done.")
    try:
        yield
    finally:
        os.close(lock)


def _copies(database: str) -> tuple[str, str]:
    """What stands beside a database while it is restored: what is to take its place, and what had it."""
    return f"{database}_incoming", f"{database}_outgoing"


def _drop(database: str) -> str:
    # By force: a program that reads a backup in outlives a restore that was killed.
    return f"DROP DATABASE IF EXISTS {_name(database)} WITH (FORCE)"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
