"""A posting is stamped once, and what has ended does not come back."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "access-0006"
VERSION = "1.38.0"
DESCRIPTION = "what was recorded stays"

SQL = """
-- When something was recorded is said once, by the act itself at its end: never from outside, and never again.
REVOKE INSERT, UPDATE ON posting FROM channel_app;
GRANT INSERT (act, actor), UPDATE (recorded_at) ON posting TO channel_app;
ALTER TABLE posting ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON posting FOR ALL TO channel_app USING (true);
CREATE POLICY stamped_once ON posting AS RESTRICTIVE FOR UPDATE TO channel_app
    USING (recorded_at IS NULL) WITH CHECK (recorded_at IS NOT NULL);

-- A session or a token that has ended does not come back, and neither lasts longer than was said when it was made.
REVOKE UPDATE ON session, api_token, territory, person, setting FROM channel_app;
GRANT UPDATE (revoked_at) ON session TO channel_app;
ALTER TABLE session ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON session FOR ALL TO channel_app USING (true);
CREATE POLICY ended_once ON session AS RESTRICTIVE FOR UPDATE TO channel_app
    USING (revoked_at IS NULL) WITH CHECK (revoked_at IS NOT NULL);
GRANT UPDATE (last_used_at, revoked_at) ON api_token TO channel_app;
ALTER TABLE api_token ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON api_token FOR ALL TO channel_app USING (true);
CREATE POLICY ended_once ON api_token AS RESTRICTIVE FOR UPDATE TO channel_app
    USING (revoked_at IS NULL) WITH CHECK (true);

-- Codes and logins stay: whatever was written down names them.
GRANT UPDATE (name, level, parent_id) ON territory TO channel_app;
GRANT UPDATE (name, role, password_hash, locale, active) ON person TO channel_app;
GRANT UPDATE (value) ON setting TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="access", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
