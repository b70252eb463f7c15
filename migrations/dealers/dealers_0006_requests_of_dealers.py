"""What waits for a second person's word about a dealer is seen with him."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "dealers-0006"
VERSION = "1.38.0"
DESCRIPTION = "requests of dealers"

SQL = """
ALTER TABLE request_dealer ADD CONSTRAINT request_dealer_dealer FOREIGN KEY (dealer_id) REFERENCES dealer (id);
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['request_dealer', 'vote_dealer'] LOOP
        EXECUTE format('CREATE POLICY scope ON %I FOR ALL TO channel_app'
            ' USING ((SELECT scope_is_open()) OR EXISTS (SELECT FROM dealer d WHERE d.id = %I.dealer_id'
            '  AND d.territory_id = ANY ((SELECT scope_territories())::bigint[])))', name, name);
    END LOOP;
END $$;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="dealers", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
