"""A line of sales is superseded once."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "sales-0004"
VERSION = "1.38.0"
DESCRIPTION = "superseded lines stay"

SQL = """
CREATE POLICY closed_once ON sales_line AS RESTRICTIVE FOR UPDATE TO channel_app
    USING (closed_by IS NULL) WITH CHECK (closed_by IS NOT NULL);

-- The sums of a month are written anew, never changed.
REVOKE UPDATE ON sales_month FROM channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="sales", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
