"""A load of staff names who signs in as whom, and is seen by those who may know that."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "imports-0010"
VERSION = "1.38.0"
DESCRIPTION = "files of staff"

SQL = """
-- Sign-in names are for who keeps people and who reads the trail, and so are the lines of a file that holds them.
CREATE OR REPLACE FUNCTION is_seen(l import_load) RETURNS boolean LANGUAGE sql STABLE COST 1000 AS $$
    SELECT CASE WHEN l.kind = 'staff'
        THEN coalesce(current_setting('app.scope', true), '') = 'system' OR (scope_is_open()
             AND coalesce(current_setting('app.role', true), '') IN ('auditor', 'administrator', 'operator'))
        ELSE scope_is_open() OR (is_own(l.person_id, l.token_id)
            AND coalesce(l.territory_ids <@ scope_territories(), false)
            AND NOT EXISTS (SELECT FROM unnest(l.dealer_ids) AS named (id)
                            WHERE NOT EXISTS (SELECT FROM dealer d WHERE d.id = named.id)))
        END
$$;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="imports", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
