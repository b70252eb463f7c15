"""What was decided about a proposal stays."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "credit-0004"
VERSION = "1.38.0"
DESCRIPTION = "decided proposals stay"

SQL = """
CREATE POLICY decided_once ON limit_proposal AS RESTRICTIVE FOR UPDATE TO channel_app
    USING (state = 'open') WITH CHECK (true);
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="credit", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
