"""Where people are written to, and when."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "access-0014"
VERSION = "1.38.0"
DESCRIPTION = "mail"

SQL = """
-- Nothing in an address can end a line of a message's head.
ALTER TABLE person
    ADD COLUMN email text CONSTRAINT person_email CHECK (email LIKE '%_@_%' AND email !~ '[[:cntrl:][:space:]<>]'),
    ADD COLUMN messages text NOT NULL DEFAULT 'daily'
        CONSTRAINT person_messages CHECK (messages IN ('at-once', 'daily', 'none'));
GRANT UPDATE (email, messages) ON person TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="access", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
