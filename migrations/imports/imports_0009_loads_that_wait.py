"""A load may wait for a second person's word."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "imports-0009"
VERSION = "1.38.0"
DESCRIPTION = "loads that wait"

SQL = """
-- `request_id` is what was last asked of a second person about this load; while its state is 'waiting' nothing of it is
-- loaded, and with his approval it is queued again.
ALTER TABLE import_load ADD COLUMN request_id bigint REFERENCES request_general (id);
CREATE UNIQUE INDEX import_load_request ON import_load (request_id) WHERE request_id IS NOT NULL;
ALTER TABLE import_load DROP CONSTRAINT import_load_state;
ALTER TABLE import_load ADD CONSTRAINT import_load_state
    CHECK (state IN ('queued', 'running', 'checked', 'waiting', 'loaded', 'unchanged', 'refused', 'failed'));
DROP POLICY ended_once ON import_load;
CREATE POLICY ended_once ON import_load AS RESTRICTIVE FOR UPDATE TO channel_app
    USING (state IN ('queued', 'running', 'checked', 'waiting')) WITH CHECK (true);
GRANT UPDATE (request_id) ON import_load TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="imports", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
