"""From which network addresses people sign in, and their failed sign-ins in the trail."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "access-0007"
VERSION = "1.38.0"
DESCRIPTION = "where people sign in"

SQL = """
-- From where somebody came in last: nobody else's failed tries lock him out there. A place is an address, or of IPv6 the
-- network of 64 bits that one customer has; those of before are learned with the next sign-in.
CREATE TABLE sign_in_place (
    person_id   bigint NOT NULL REFERENCES person (id),
    place       text NOT NULL,
    last_at     timestamptz NOT NULL,
    PRIMARY KEY (person_id, place)
);
INSERT INTO sign_in_place (person_id, place, last_at)
SELECT person_id, address, max(created_at) FROM session WHERE strpos(address, ':') = 0 GROUP BY 1, 2;
GRANT SELECT, INSERT, UPDATE (last_at), DELETE ON sign_in_place TO channel_app;

-- Failed sign-ins of a person, and of a day.
CREATE INDEX audit_general_failed_sign_in ON audit_general (subject, at DESC) WHERE act = 'fail to sign in';
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="access", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
