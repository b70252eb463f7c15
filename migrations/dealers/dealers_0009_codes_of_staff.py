"""The codes of members of staff are looked up as all codes are."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "dealers-0009"
VERSION = "1.38.0"
DESCRIPTION = "codes of staff"

SQL = """
-- What codes share that are one code is said in this room, so that the index of the lower room's table stands here.
-- The register began with it: no two codes of staff differ only in how they are written.
CREATE UNIQUE INDEX staff_member_code_key ON staff_member (code_key(code));
CREATE FUNCTION staff_members_alike(asked text[]) RETURNS TABLE (spelled text, code text)
LANGUAGE sql STABLE STRICT SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
    SELECT s, t.code FROM unnest(asked) s JOIN staff_member t ON code_key(t.code) = code_key(s)
    WHERE NOT EXISTS (SELECT FROM staff_member e WHERE e.code = s)
$$;
-- The stored code that an asked one means; a code that there is not stays as it was asked.
CREATE FUNCTION staff_member_meant(asked text) RETURNS text LANGUAGE sql STABLE STRICT
SET search_path = public, pg_temp AS $$
    SELECT coalesce((SELECT t.code FROM staff_member t WHERE code_key(t.code) = code_key(asked)), asked)
$$;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="dealers", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
