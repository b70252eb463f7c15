"""Files and loads belong to people and tokens, and are seen by who reaches all that they tell of."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "imports-0006"
VERSION = "1.38.0"
DESCRIPTION = "owners of files and loads"

SQL = """
-- Whose a file or a load is: a person's; and of a token alone that is a machine's, or narrowed to territories. The
-- person behind a narrowed token has what it brought, the token nothing else of the person's. Neither: nobody's.
-- The logins beside them are what is told of it, and decide nothing.
ALTER TABLE upload
    ADD COLUMN person_id bigint REFERENCES person (id),
    ADD COLUMN token_id bigint REFERENCES api_token (id);
ALTER TABLE import_load
    ADD COLUMN person_id bigint REFERENCES person (id),
    ADD COLUMN token_id bigint REFERENCES api_token (id),
    -- The door by which it was asked to go in: a token, or a session (which is cleared away when it is long over).
    ADD COLUMN by_token_id bigint REFERENCES api_token (id),
    ADD COLUMN by_session_id bigint,
    -- What it was read in sight of, and so may tell of: territories with all below them, and dealers by name. Null
    -- territories are all there are. It gives nobody a right: who sees it must reach all of this on the day.
    ADD COLUMN territory_ids bigint[],
    ADD COLUMN dealer_ids bigint[] NOT NULL DEFAULT '{}',
    -- A copy of the person with his rights as they were: written and read no more.
    ALTER COLUMN person DROP NOT NULL;

-- The copies say exactly who asked, by which door and within which bounds.
UPDATE import_load l SET
    person_id = p.id,
    token_id = CASE WHEN p.id IS NULL OR (l.person ->> 'narrowed')::boolean THEN t.id END,
    by_token_id = t.id,
    by_session_id = (l.person ->> 'session_id')::bigint,
    territory_ids = CASE WHEN (l.person ->> 'bound')::boolean THEN coalesce((
        SELECT array_agg(DISTINCT tree.territory_id) FROM territory_tree tree
        WHERE tree.ancestor_id IN (SELECT jsonb_array_elements_text(l.person -> 'territory_ids')::bigint)), '{}') END
FROM import_load o
LEFT JOIN person p ON p.id = (o.person ->> 'person_id')::bigint
LEFT JOIN api_token t ON t.id = (o.person ->> 'token_id')::bigint
WHERE o.id = l.id;

-- A file is whose its loads are. One that nobody asked to load says its owner by name: no two people have the same,
-- tokens may.
UPDATE upload u SET person_id = l.person_id, token_id = l.token_id
FROM (SELECT upload_id, min(person_id) AS person_id, min(token_id) AS token_id FROM import_load GROUP BY upload_id
      HAVING count(DISTINCT (person_id, token_id)) = 1) l
WHERE l.upload_id = u.id;
UPDATE upload u SET person_id = p.id FROM person p WHERE p.login = u.uploaded_by AND u.person_id IS NULL;
UPDATE upload u SET token_id = t.id
FROM (SELECT 'machine:' || name AS login, min(id) AS id FROM api_token WHERE person_id IS NULL
      GROUP BY name HAVING count(*) = 1) t
WHERE t.login = u.uploaded_by AND u.person_id IS NULL AND u.token_id IS NULL;

-- Dealers of reports that went in; those that others tell of are not known any more. On a new database there are none.
DO $$ BEGIN
    IF to_regclass('coverage') IS NOT NULL THEN
        UPDATE import_load l SET dealer_ids = c.dealer_ids
        FROM (SELECT r.load_id, array_agg(DISTINCT c.dealer_id) AS dealer_ids
              FROM sales_report r JOIN coverage c ON c.report_id = r.id
              WHERE r.load_id IN (SELECT id FROM import_load WHERE territory_ids IS NOT NULL) GROUP BY r.load_id) c
        WHERE c.load_id = l.id;
    END IF;
END $$;

-- Whose a load is stays. By which door it goes in is said with that; the rest is told of each reading.
REVOKE UPDATE (person) ON import_load FROM channel_app;
GRANT UPDATE (by_token_id, by_session_id, digest, territory_ids, dealer_ids) ON import_load TO channel_app;

CREATE INDEX upload_person ON upload (person_id) WHERE forgotten_at IS NULL;
CREATE INDEX upload_token ON upload (token_id) WHERE token_id IS NOT NULL AND forgotten_at IS NULL;
CREATE INDEX import_load_person ON import_load (person_id, id);
CREATE INDEX import_load_token ON import_load (token_id, id) WHERE token_id IS NOT NULL;

-- Whether what belongs to this person, or to this token, is the asker's own.
CREATE FUNCTION is_own(person_id bigint, token_id bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(current_setting('app.owner', true) IN ('person ' || person_id, 'token ' || token_id), false)
$$;
-- Whether the asker may see a load whole, with its file, its preview and its rejects: who sees everything does, others
-- what is their own while they reach all that it tells of. Dealers are those whom row-level security lets them see.
CREATE FUNCTION is_seen(l import_load) RETURNS boolean LANGUAGE sql STABLE COST 1000 AS $$
    SELECT scope_is_open() OR (is_own(l.person_id, l.token_id)
        AND coalesce(l.territory_ids <@ scope_territories(), false)
        AND NOT EXISTS (SELECT FROM unnest(l.dealer_ids) AS named (id)
                        WHERE NOT EXISTS (SELECT FROM dealer d WHERE d.id = named.id)))
$$;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="imports", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
