"""Reviews that are reminded of and shown to a manager, each once."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "reviews-0003"
VERSION = "1.38.0"
DESCRIPTION = "reminding"

SQL = """
-- On which day a review that nobody decided was shown to a manager, and to whom: null is any manager who may see it.
ALTER TABLE review ADD escalated_on date, ADD escalated_to bigint REFERENCES staff_member (id);
ALTER TABLE review ADD CONSTRAINT review_escalated CHECK (escalated_to IS NULL OR escalated_on IS NOT NULL);
CREATE INDEX review_escalated_to ON review (escalated_to) WHERE decided_by IS NULL;
-- However many remind of it and however often, it is done once.
CREATE UNIQUE INDEX review_step_once ON review_step (dealer_id, number, step) WHERE step IN ('remind', 'escalate');
GRANT UPDATE (escalated_on, escalated_to) ON review TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="reviews", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
