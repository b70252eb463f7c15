"""The register of staff: the people of the company behind the work, beside those who sign in."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "access-0010"
VERSION = "1.38.0"
DESCRIPTION = "register of staff"

SQL = """
-- Who works for the company, under whom and where; without a territory for the whole company. First and last day are
-- both days of work. The sign-in is at most one member's, and who signs in nowhere has none.
CREATE TABLE staff_member (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code            text NOT NULL CONSTRAINT staff_member_code_once UNIQUE,
    name            text NOT NULL,
    manager_id      bigint REFERENCES staff_member (id),
    territory_id    bigint REFERENCES territory (id),
    person_id       bigint CONSTRAINT staff_member_person_once UNIQUE REFERENCES person (id),
    first_on        date NOT NULL,
    last_on         date,
    CONSTRAINT staff_member_days CHECK (last_on >= first_on),
    CONSTRAINT staff_member_under_another CHECK (manager_id <> id)
);
CREATE INDEX staff_member_manager ON staff_member (manager_id);
CREATE INDEX staff_member_territory ON staff_member (territory_id);
GRANT SELECT, INSERT, UPDATE (name, manager_id, territory_id, person_id, first_on, last_on)
    ON staff_member TO channel_app;

-- Whoever sees dealers sees of every member where he works, also outside of his own territories: he is to know whom
-- to ask. Nothing else is told of those territories, and nothing of one that no member has.
CREATE FUNCTION staff_places() RETURNS TABLE (id bigint, code text, name text) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT t.id, t.code, t.name FROM territory t WHERE t.id IN (SELECT s.territory_id FROM staff_member s)
$$;
REVOKE ALL ON FUNCTION staff_places() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION staff_places() TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="access", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
