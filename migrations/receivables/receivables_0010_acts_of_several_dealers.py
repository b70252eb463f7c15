"""An act that waits for a second person may concern several dealers."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "receivables-0010"
VERSION = "1.38.0"
DESCRIPTION = "acts of several dealers"

SQL = """
-- `others` are the dealers whom the act concerns beside the one of its request. Whoever may not know of each of them does
-- not know of the act.
ALTER TABLE waiting_act ADD COLUMN others bigint[] NOT NULL DEFAULT '{}';
ALTER TABLE waiting_act ALTER COLUMN others DROP DEFAULT;
CREATE POLICY others ON waiting_act AS RESTRICTIVE FOR ALL TO channel_app
    USING ((SELECT scope_is_open()) OR NOT EXISTS (
        SELECT FROM unnest(others) AS o (id)
        WHERE NOT EXISTS (SELECT FROM dealer d WHERE d.id = o.id
                          AND d.territory_id = ANY ((SELECT scope_territories())::bigint[]))));
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="receivables", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
