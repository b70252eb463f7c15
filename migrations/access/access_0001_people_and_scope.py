"""People, sessions, tokens, territories, postings and the audit trail, with the scope that row-level security reads."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "access-0001"
VERSION = "1.38.0"
DESCRIPTION = "people, scope, postings, audit"

SQL = """
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
GRANT USAGE ON SCHEMA public TO channel_app;
DO $$ BEGIN EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO channel_app', current_database()); END $$;

CREATE TABLE territory (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code        text NOT NULL CONSTRAINT territory_code_once UNIQUE,
    name        text NOT NULL,
    level       text NOT NULL,
    parent_id   bigint REFERENCES territory (id)
);
CREATE INDEX territory_parent ON territory (parent_id);

-- Every node with itself (depth 0) and with each node above it.
CREATE TABLE territory_tree (
    ancestor_id     bigint NOT NULL REFERENCES territory (id),
    territory_id    bigint NOT NULL REFERENCES territory (id),
    depth           integer NOT NULL CONSTRAINT territory_tree_depth CHECK (depth >= 0),
    PRIMARY KEY (ancestor_id, territory_id)
);
CREATE INDEX territory_tree_up ON territory_tree (territory_id);

CREATE TABLE person (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login           text NOT NULL CONSTRAINT person_login_once UNIQUE
                    CONSTRAINT person_login_is_lower CHECK (login = lower(login) AND login <> ''),
    name            text NOT NULL,
    role            text NOT NULL CONSTRAINT person_role
                    CHECK (role IN ('manager', 'finance', 'regional', 'auditor', 'administrator')),
    password_hash   text,
    locale          text CONSTRAINT person_locale CHECK (locale IN ('en', 'zh')),
    active          boolean NOT NULL,
    created_at      timestamptz NOT NULL
);
CREATE TABLE person_territory (
    person_id       bigint NOT NULL REFERENCES person (id),
    territory_id    bigint NOT NULL REFERENCES territory (id),
    PRIMARY KEY (person_id, territory_id)
);
CREATE TABLE session (
    token_hash      bytea PRIMARY KEY,
    id              bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT session_id_once UNIQUE,
    person_id       bigint NOT NULL REFERENCES person (id),
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    revoked_at      timestamptz,
    address         text NOT NULL,
    agent           text NOT NULL
);
CREATE INDEX session_person ON session (person_id);

-- A token of a person never reaches further than the person; one without a person is a machine's (role system).
CREATE TABLE api_token (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token_hash      bytea NOT NULL CONSTRAINT api_token_once UNIQUE,
    hint            text NOT NULL,
    name            text NOT NULL,
    person_id       bigint REFERENCES person (id),
    role            text NOT NULL CONSTRAINT api_token_role
                    CHECK (role IN ('manager', 'finance', 'regional', 'auditor', 'administrator', 'system')),
    -- Kept apart from the nodes: a narrowed token that has lost all of its nodes reaches nothing, not everything.
    narrowed        boolean NOT NULL DEFAULT false,
    created_by      bigint REFERENCES person (id),
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz,
    last_used_at    timestamptz,
    revoked_at      timestamptz,
    CONSTRAINT api_token_system_is_a_machine CHECK ((role = 'system') = (person_id IS NULL)),
    CONSTRAINT api_token_of_a_person_expires CHECK (expires_at IS NOT NULL OR person_id IS NULL)
);
CREATE INDEX api_token_person ON api_token (person_id);
CREATE TABLE api_token_territory (
    token_id        bigint NOT NULL REFERENCES api_token (id),
    territory_id    bigint NOT NULL REFERENCES territory (id),
    PRIMARY KEY (token_id, territory_id)
);
CREATE TABLE sign_in_failure (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login       text NOT NULL,
    address     text NOT NULL,
    at          timestamptz NOT NULL
);
CREATE INDEX sign_in_failure_login ON sign_in_failure (login, at);
CREATE INDEX sign_in_failure_address ON sign_in_failure (address, at);

CREATE TABLE setting (
    name    text PRIMARY KEY,
    value   jsonb NOT NULL
);

-- What was recorded when: facts carry the id of the posting that wrote them. `recorded_at` is stamped by the last
-- statement before the commit, so an open transaction's posting has none yet.
CREATE TABLE posting (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    act         text NOT NULL,
    actor       text NOT NULL,
    recorded_at timestamptz
);
CREATE INDEX posting_recorded ON posting (recorded_at, id);

-- Two trails of one shape: what concerns a dealer is seen by whoever sees the dealer, the rest by those who audit.
CREATE TABLE audit_general (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL,
    actor       text NOT NULL,
    actor_role  text NOT NULL,
    via         text NOT NULL,
    act         text NOT NULL,
    subject     text NOT NULL,
    before      jsonb,
    after       jsonb,
    reason      text,
    posting_id  bigint REFERENCES posting (id)
);
CREATE INDEX audit_general_at ON audit_general (at DESC, id DESC);

CREATE TABLE audit_dealer (
    dealer_id   bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    at          timestamptz NOT NULL,
    actor       text NOT NULL,
    actor_role  text NOT NULL,
    via         text NOT NULL,
    act         text NOT NULL,
    subject     text NOT NULL,
    before      jsonb,
    after       jsonb,
    reason      text,
    posting_id  bigint REFERENCES posting (id),
    PRIMARY KEY (dealer_id, id)
);
CREATE INDEX audit_dealer_at ON audit_dealer (at DESC, id DESC);

CREATE FUNCTION scope_is_open() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(current_setting('app.scope', true), '') IN ('all', 'system') $$;

-- These three read the tree as its owner: a policy that read it as the asker would ask itself.
CREATE FUNCTION scope_territories() RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT territory_id), '{}') FROM territory_tree
    WHERE coalesce(current_setting('app.scope', true), '') = 'territories'
      AND ancestor_id = ANY (coalesce(nullif(current_setting('app.territories', true), ''), '{}')::bigint[])
$$;
CREATE FUNCTION scope_lineage() RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT up.ancestor_id), '{}') FROM territory_tree up
    WHERE up.territory_id = ANY (scope_territories())
$$;

-- What a narrowed token reaches now: where its nodes and the present nodes of its person (those of regional staff;
-- everybody else and every machine reaches all) lie in one branch, the lower of the two. It must be known before
-- the scope is, and so reads the tree as its owner too.
CREATE FUNCTION token_reach(token bigint) RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT low), '{}') FROM (
        SELECT x.territory_id AS low FROM api_token_territory x JOIN api_token t ON t.id = x.token_id
        WHERE t.id = token AND t.role <> 'regional'
        UNION ALL
        SELECT tree.territory_id FROM api_token t
        JOIN api_token_territory x ON x.token_id = t.id
        JOIN person_territory p ON p.person_id = t.person_id
        JOIN territory_tree tree ON (tree.ancestor_id, tree.territory_id)
            IN ((x.territory_id, p.territory_id), (p.territory_id, x.territory_id))
        WHERE t.id = token AND t.role = 'regional'
    ) AS both_reach
$$;

ALTER TABLE territory ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON territory FOR ALL TO channel_app
    USING ((SELECT scope_is_open()) OR id = ANY ((SELECT scope_lineage())::bigint[]))
    WITH CHECK ((SELECT scope_is_open()));
ALTER TABLE territory_tree ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON territory_tree FOR ALL TO channel_app
    USING ((SELECT scope_is_open()) OR territory_id = ANY ((SELECT scope_lineage())::bigint[]))
    WITH CHECK ((SELECT scope_is_open()));

ALTER TABLE audit_general ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON audit_general FOR SELECT TO channel_app
    USING (coalesce(current_setting('app.role', true), '') IN ('auditor', 'administrator', 'operator'));
CREATE POLICY writers ON audit_general FOR INSERT TO channel_app WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE ON territory, person, session, api_token, setting TO channel_app;
GRANT SELECT, INSERT, UPDATE (recorded_at) ON posting TO channel_app;
GRANT SELECT, INSERT, DELETE ON territory_tree, person_territory, api_token_territory, sign_in_failure TO channel_app;
GRANT DELETE ON session TO channel_app;
-- No UPDATE and no DELETE: what was written down stays. The dealers' room adds the policy of audit_dealer.
GRANT SELECT, INSERT ON audit_general, audit_dealer TO channel_app;
ALTER TABLE audit_dealer ENABLE ROW LEVEL SECURITY;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="access", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
