"""The account row of a dealer is the ledger's: see receivables-0001."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "credit-0008"
VERSION = "1.38.0"
DESCRIPTION = "the account row moved"

SQL = """
-- It held nothing but the count of acts, on which nothing rests.
DROP TABLE credit_account;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="credit", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
