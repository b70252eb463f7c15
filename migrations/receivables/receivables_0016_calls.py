"""Who is calling which dealer just now."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "receivables-0016"
VERSION = "1.38.0"
DESCRIPTION = "calls under way"

SQL = """
-- Who of those who work the call list has a dealer open, so that nobody else calls him meanwhile. It lapses by itself.
CREATE TABLE call_claim (
    dealer_id  bigint PRIMARY KEY REFERENCES dealer (id),
    owner      text NOT NULL,
    name       text NOT NULL,
    claimed_at timestamptz NOT NULL,
    until      timestamptz NOT NULL
);

ALTER TABLE call_claim ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON call_claim FOR ALL TO channel_app
    USING ((SELECT scope_is_open()) OR EXISTS (SELECT FROM dealer d WHERE d.id = call_claim.dealer_id
           AND d.territory_id = ANY ((SELECT scope_territories())::bigint[])));
GRANT SELECT, INSERT, DELETE, UPDATE (owner, name, claimed_at, until) ON call_claim TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="receivables", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
