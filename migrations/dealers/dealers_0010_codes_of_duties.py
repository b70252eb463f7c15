"""The codes of duties are looked up as all codes are."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "dealers-0010"
VERSION = "1.38.0"
DESCRIPTION = "codes of duties"

SQL = """
CREATE UNIQUE INDEX duty_code_key ON duty (code_key(code));
CREATE FUNCTION duties_alike(asked text[]) RETURNS TABLE (spelled text, code text)
LANGUAGE sql STABLE STRICT SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
    SELECT s, t.code FROM unnest(asked) s JOIN duty t ON code_key(t.code) = code_key(s)
    WHERE NOT EXISTS (SELECT FROM duty e WHERE e.code = s)
$$;
CREATE FUNCTION duty_meant(asked text) RETURNS text LANGUAGE sql STABLE STRICT
SET search_path = public, pg_temp AS $$
    SELECT coalesce((SELECT t.code FROM duty t WHERE code_key(t.code) = code_key(asked)), asked)
$$;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="dealers", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
