"""Ends of limits are found by their day."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "credit-0003-2"
VERSION = "1.38.0"
DESCRIPTION = "ends of limits"

SQL = """
-- Ends of limits that lie ahead are few, and looked for wherever limits in force are told with their last day.
CREATE INDEX credit_limit_ends ON credit_limit (from_on, dealer_id) WHERE kind = 'withdrawal';
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="credit", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
