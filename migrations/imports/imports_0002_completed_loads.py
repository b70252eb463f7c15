"""Loads that complete an earlier one with its rejected lines, mended."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "imports-0002"
VERSION = "1.38.0"
DESCRIPTION = "loads that complete another"

SQL = """
-- The load whose rejected lines this one brings: always the first of them, whose file gave the lines their numbers.
ALTER TABLE import_load ADD COLUMN completes bigint REFERENCES import_load (id);
CREATE INDEX import_load_completes ON import_load (completes) WHERE completes IS NOT NULL;

-- The load by which a rejected line counts after all.
ALTER TABLE import_reject ADD COLUMN completed_by bigint REFERENCES import_load (id);

GRANT UPDATE (completed_by) ON import_reject TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="imports", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
