"""Days on which members of staff are away, and who is their deputy."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "access-0012"
VERSION = "1.38.0"
DESCRIPTION = "days away"

SQL = """
-- A member is away on the days [from_on, to_on), and the deputy does the work. What is corrected or ended is closed, and
-- what holds in its place is another row: what was said before stays.
CREATE TABLE staff_away (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    member_id   bigint NOT NULL REFERENCES staff_member (id),
    deputy_id   bigint NOT NULL REFERENCES staff_member (id),
    from_on     date NOT NULL,
    to_on       date NOT NULL,
    closed_at   timestamptz,
    CONSTRAINT staff_away_days CHECK (to_on > from_on),
    CONSTRAINT staff_away_another CHECK (deputy_id <> member_id),
    CONSTRAINT staff_away_once EXCLUDE USING gist (member_id WITH =, daterange(from_on, to_on) WITH &&)
        WHERE (closed_at IS NULL)
);
CREATE INDEX staff_away_deputy ON staff_away (deputy_id);
GRANT SELECT, INSERT, UPDATE (closed_at) ON staff_away TO channel_app;
ALTER TABLE staff_away ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON staff_away FOR ALL TO channel_app USING (true);
CREATE POLICY closed_once ON staff_away AS RESTRICTIVE FOR UPDATE TO channel_app
    USING (closed_at IS NULL) WITH CHECK (closed_at IS NOT NULL);
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="access", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
