"""Kept mappings belong to who made them."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "imports-0007"
VERSION = "1.38.0"
DESCRIPTION = "owners of kept mappings"

SQL = """
-- Whose a mapping is: a person's; and of a token alone that is a machine's, or narrowed to territories. The login in
-- kept_by is what is told of it, and decides nothing.
ALTER TABLE import_profile
    ADD COLUMN person_id bigint REFERENCES person (id),
    ADD COLUMN token_id bigint REFERENCES api_token (id);
-- No two people have one login; two machines may.
UPDATE import_profile o SET person_id = p.id FROM person p WHERE p.login = o.kept_by;
UPDATE import_profile o SET token_id = t.id
FROM (SELECT 'machine:' || name AS login, min(id) AS id FROM api_token WHERE person_id IS NULL
      GROUP BY name HAVING count(*) = 1) t
WHERE t.login = o.kept_by AND o.person_id IS NULL;

GRANT UPDATE (person_id, token_id) ON import_profile TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="imports", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
