"""Who of the staff looks after a dealer: a dated fact, and its cache."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "dealers-0011"
VERSION = "1.38.0"
DESCRIPTION = "responsible member of staff"

SQL = """
ALTER TABLE dealer_fact DROP CONSTRAINT dealer_fact_kind, ADD CONSTRAINT dealer_fact_kind CHECK (fact IN (
    'type', 'territory', 'parent', 'grade', 'status', 'currency', 'terms_days', 'terms', 'first_year_target',
    'reports_owed', 'reports_due_day', 'responsible'));
ALTER TABLE dealer_fact ADD responsible_id bigint REFERENCES staff_member (id);
ALTER TABLE dealer ADD responsible_id bigint REFERENCES staff_member (id);
CREATE INDEX dealer_responsible ON dealer (responsible_id);
-- Few facts are of this kind where nobody is responsible yet: whoever asks who looks after whom reads these alone.
CREATE INDEX dealer_fact_responsible ON dealer_fact (dealer_id, effective_on) WHERE fact = 'responsible';
GRANT UPDATE (responsible_id) ON dealer TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="dealers", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
