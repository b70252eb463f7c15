"""Where each territory hung when: the tree as known at a moment."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "access-0002"
VERSION = "1.38.0"
DESCRIPTION = "places of territories"

SQL = """
-- Under which node each one was put, by posting; null is the top. Nothing is ever changed: the last place recorded at
-- or before a moment is the one that was known then. `territory.parent_id` and `territory_tree` are today's.
CREATE TABLE territory_place (
    territory_id    bigint NOT NULL REFERENCES territory (id),
    id              bigint GENERATED ALWAYS AS IDENTITY,
    parent_id       bigint REFERENCES territory (id),
    posting_id      bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (territory_id, id)
);

-- What stands already was known always, like the policy that comes with the service.
WITH before AS (
    INSERT INTO posting (act, actor, recorded_at)
    SELECT 'add territory', 'channel', '1900-01-01 00:00:00+00' WHERE EXISTS (SELECT FROM territory) RETURNING id
)
INSERT INTO territory_place (territory_id, parent_id, posting_id)
SELECT t.id, t.parent_id, before.id FROM territory t CROSS JOIN before ORDER BY t.id;

ALTER TABLE territory_place ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON territory_place FOR ALL TO channel_app
    USING ((SELECT scope_is_open()) OR territory_id = ANY ((SELECT scope_lineage())::bigint[]))
    WITH CHECK ((SELECT scope_is_open()));
GRANT SELECT, INSERT ON territory_place TO channel_app;

-- A node and all that lay below it as known at a moment; null: today. It looks as the owner, because where a node hung
-- does not depend on who asks; what of it he may see is decided by the rows of dealers that he reads with it.
CREATE FUNCTION territories_below(node bigint, known_at timestamptz) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER ROWS 100 SET search_path = public, pg_temp AS $$
    SELECT territory_id FROM territory_tree WHERE known_at IS NULL AND ancestor_id = node
    UNION ALL
    (WITH RECURSIVE place AS MATERIALIZED (
        SELECT DISTINCT ON (t.territory_id) t.territory_id, t.parent_id
        FROM territory_place t JOIN posting p ON p.id = t.posting_id
        WHERE known_at IS NOT NULL AND p.recorded_at <= known_at
        ORDER BY t.territory_id, p.recorded_at DESC, t.id DESC
    ), below AS (
        SELECT territory_id FROM place WHERE territory_id = node
        UNION
        SELECT place.territory_id FROM place JOIN below ON place.parent_id = below.territory_id
    ) SELECT territory_id FROM below)
$$;
REVOKE ALL ON FUNCTION territories_below(bigint, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION territories_below(bigint, timestamptz) TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="access", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
