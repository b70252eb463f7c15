"""What came of a load, what it rejected and what was forgotten stays."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "imports-0005"
VERSION = "1.38.0"
DESCRIPTION = "ended loads stay"

SQL = """
-- What was asked for stays as it was asked for, and what came of a load is its last word. One that was only checked may
-- still go in.
REVOKE UPDATE ON import_load FROM channel_app;
GRANT UPDATE (options, person, dry_run, partial, state, phase, done, total, counts, preview, problem, same_as, attempts,
              worker, lease_until, finished_at, posting_id)
    ON import_load TO channel_app;
ALTER TABLE import_load ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON import_load FOR ALL TO channel_app USING (true);
CREATE POLICY ended_once ON import_load AS RESTRICTIVE FOR UPDATE TO channel_app
    USING (state IN ('queued', 'running', 'checked')) WITH CHECK (true);

-- A rejected line counts once, by one load; only while its load is at work the lines are collected anew.
ALTER TABLE import_reject ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON import_reject FOR ALL TO channel_app USING (true);
CREATE POLICY counted_once ON import_reject AS RESTRICTIVE FOR UPDATE TO channel_app
    USING (completed_by IS NULL) WITH CHECK (completed_by IS NOT NULL);
CREATE POLICY of_a_load_at_work ON import_reject AS RESTRICTIVE FOR DELETE TO channel_app
    USING (EXISTS (SELECT FROM import_load l WHERE l.id = load_id AND l.state = 'running'));

ALTER TABLE upload ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON upload FOR ALL TO channel_app USING (true);
CREATE POLICY forgotten_once ON upload AS RESTRICTIVE FOR UPDATE TO channel_app
    USING (forgotten_at IS NULL) WITH CHECK (forgotten_at IS NOT NULL);

REVOKE UPDATE ON import_profile FROM channel_app;
GRANT UPDATE (document, kept_by, kept_at) ON import_profile TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="imports", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
