"""A report of one count out of several of a load has its own numbers of lines."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "sales-0003"
VERSION = "1.38.0"
DESCRIPTION = "counts of a day"

SQL = """
-- Where a load was written as several reports (counts of stock on several days, without a period), the lines that are
-- in this one and those that it superseded; null where the load is this one report, and its counts say both.
ALTER TABLE sales_report ADD COLUMN lines bigint, ADD COLUMN superseded bigint;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="sales", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
