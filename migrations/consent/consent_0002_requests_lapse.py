"""A request may lapse on a day."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "consent-0002"
VERSION = "1.38.0"
DESCRIPTION = "requests lapse"

SQL = """
-- From this day on it cannot come about any more, whoever approves it; null where no day ends it. What still waits is
-- counted by it, whatever the room keeps of the matter.
ALTER TABLE request_dealer ADD COLUMN lapses_on date;
ALTER TABLE request_general ADD COLUMN lapses_on date;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="consent", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
