"""What is still to be done about an ending stands with all work that is claimed."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "dealers-0007"
VERSION = "1.38.0"
DESCRIPTION = "endings are claimed work"

SQL = """
-- What was to be looked at at once, and once more on its day. Noon of UTC is never before the company's midnight.
INSERT INTO work (kind, key, period, due_at, asked, attempts)
SELECT 'what ends with a cooperation', e.posting_id::text, w.period,
       (min(w.day) + time '12:00') AT TIME ZONE 'UTC', 1, 0
FROM dealer_ended e CROSS JOIN LATERAL (VALUES (NULL::date, e.due_on), (e.ends_on, e.ends_on)) AS w (period, day)
WHERE e.due_on IS NOT NULL AND (w.period IS NOT NULL OR e.due_on <> e.ends_on)
GROUP BY e.posting_id, w.period;

-- An ending is never changed any more.
DROP POLICY done_once ON dealer_ended;
ALTER TABLE dealer_ended DROP COLUMN due_on;
-- What one act ended is found by its posting.
CREATE INDEX dealer_ended_posting ON dealer_ended (posting_id);
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="dealers", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
