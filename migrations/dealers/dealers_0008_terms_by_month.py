"""Payment terms by a day of a later month, or in parts, beside those in days."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "dealers-0008"
VERSION = "1.38.0"
DESCRIPTION = "terms by month"

SQL = """
ALTER TABLE dealer_fact DROP CONSTRAINT dealer_fact_kind, ADD CONSTRAINT dealer_fact_kind CHECK (fact IN (
    'type', 'territory', 'parent', 'grade', 'status', 'currency', 'terms_days', 'terms', 'first_year_target',
    'reports_owed', 'reports_due_day'));
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="dealers", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
