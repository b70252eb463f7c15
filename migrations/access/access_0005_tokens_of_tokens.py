"""Which token made a token."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "access-0005"
VERSION = "1.38.0"
DESCRIPTION = "tokens made by tokens"

SQL = """
-- The token by which this one was made: it ends with that one. Null where somebody made it who had signed in, and of
-- what was made before this was written down.
ALTER TABLE api_token ADD COLUMN made_by_token_id bigint REFERENCES api_token (id);
CREATE INDEX api_token_made_by ON api_token (made_by_token_id) WHERE made_by_token_id IS NOT NULL;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="access", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
