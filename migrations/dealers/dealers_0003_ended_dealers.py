"""Endings of a cooperation, for the rooms above to claim."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "dealers-0003"
VERSION = "1.38.0"
DESCRIPTION = "ended dealers"

SQL = """
-- Somebody recorded that the cooperation with a dealer ends on `ends_on`: what else it ends is looked at on `due_on`, at
-- once and on the day itself; null when nothing is left to be done. Whoever recorded it is the posting's actor; his
-- number, role and door stand here, because what follows is done in his name.
CREATE TABLE dealer_ended (
    dealer_id   bigint NOT NULL REFERENCES dealer (id),
    posting_id  bigint NOT NULL REFERENCES posting (id),
    ends_on     date NOT NULL,
    reason      text,
    person_id   bigint REFERENCES person (id),
    role        text NOT NULL,
    token_id    bigint,
    session_id  bigint,
    due_on      date,
    PRIMARY KEY (dealer_id, posting_id)
);
CREATE INDEX dealer_ended_due ON dealer_ended (due_on) WHERE due_on IS NOT NULL;

ALTER TABLE dealer_ended ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON dealer_ended FOR ALL TO channel_app
    USING ((SELECT scope_is_open()) OR EXISTS (SELECT FROM dealer d WHERE d.id = dealer_ended.dealer_id
           AND d.territory_id = ANY ((SELECT scope_territories())::bigint[])));
GRANT SELECT, INSERT, UPDATE (due_on) ON dealer_ended TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="dealers", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
