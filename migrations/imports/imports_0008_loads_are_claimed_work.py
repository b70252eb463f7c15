"""Who carries out a load stands with all work that is claimed."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "imports-0008"
VERSION = "1.38.0"
DESCRIPTION = "loads are claimed work"

SQL = """
-- Loads that wait, or whose worker was stopped for this migration.
INSERT INTO work (kind, key, lane, due_at, asked, attempts)
SELECT 'load a file', id::text, kind, asked_at, 1, 0 FROM import_load WHERE state IN ('queued', 'running') ORDER BY id;

ALTER TABLE import_load DROP COLUMN worker, DROP COLUMN lease_until;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="imports", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
