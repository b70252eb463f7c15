"""Work that is claimed: what is due, who does it until when, how often it was tried."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "access-0008"
VERSION = "1.38.0"
DESCRIPTION = "claimed work"

SQL = """
-- Something that is to be done, once: what (kind and key: a load, a dealer, a file) and for which period, by its first
-- day; null for what comes once. It is gone when it is done, and the next period takes its place.
CREATE TABLE work (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL,
    key         text NOT NULL,
    period      date,
    -- Of one kind and lane one at a time, in the order in which they came due.
    lane        text,
    due_at      timestamptz NOT NULL,
    -- Counts how often it was asked for: what is asked for while it is under way is done once more.
    asked       integer NOT NULL,
    attempts    integer NOT NULL,
    -- Whoever does it holds the advisory lock of this number, and the lease runs by the database's own clock.
    worker      integer,
    lease_until timestamptz,
    -- Why the latest attempt failed, and when it was given up.
    fault       text,
    failed_at   timestamptz,
    CONSTRAINT work_once UNIQUE NULLS NOT DISTINCT (kind, key, period),
    CONSTRAINT work_leased CHECK ((worker IS NULL) = (lease_until IS NULL))
);
CREATE INDEX work_due ON work (kind, due_at, id) WHERE failed_at IS NULL;
CREATE INDEX work_lane ON work (kind, lane) WHERE worker IS NOT NULL;

GRANT SELECT, INSERT, DELETE, UPDATE (lane, due_at, asked, attempts, worker, lease_until, fault, failed_at)
    ON work TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="access", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
