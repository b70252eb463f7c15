"""Documents by day and by posting, as lists and desks read them."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "receivables-0002"
VERSION = "1.38.0"
DESCRIPTION = "reading"

SQL = """
CREATE INDEX receivable_document_days ON receivable_document (effective_on, id);
CREATE INDEX receivable_document_posted ON receivable_document (posting_id);
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="receivables", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
