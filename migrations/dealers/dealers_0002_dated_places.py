"""Dealers are found by a territory that they had at any time."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "dealers-0002"
VERSION = "1.38.0"
DESCRIPTION = "dated places"

SQL = """
CREATE INDEX dealer_fact_territory ON dealer_fact (territory_id, dealer_id) WHERE territory_id IS NOT NULL;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="dealers", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
