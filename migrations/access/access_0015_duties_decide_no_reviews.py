"""A duty lets nobody decide reviews, nor holds that reviews ask for, nor open reviews for the whole company."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "access-0015"
VERSION = "1.38.0"
DESCRIPTION = "duties decide no reviews"

SQL = """
ALTER TABLE duty DROP CONSTRAINT duty_decides_nothing;
ALTER TABLE duty ADD CONSTRAINT duty_decides_nothing CHECK (NOT rights && ARRAY[
    'decide limit', 'decide policy', 'propose policy', 'keep people', 'keep settings', 'read audit', 'operate',
    'close months', 'write off', 'keep territories', 'keep products', 'keep rates', 'keep unknown money',
    'open reviews', 'decide reviews', 'decide holds']);
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="access", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
