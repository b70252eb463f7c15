"""Another person's word on a version of a document is one of the requests that wait, with all words of the past."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "credit-0009"
VERSION = "1.38.0"
DESCRIPTION = "versions are decided by requests"

# It stands in this room because credit-0006 fills the register of documents as it was before.
SQL = """
-- A version that was ever proposed has a request, which says where it stands; of the others somebody may have taken back
-- the draft.
ALTER TABLE document_version
    ADD COLUMN request_id bigint REFERENCES request_general (id) CONSTRAINT document_version_request UNIQUE,
    ADD COLUMN withdrawn_by bigint REFERENCES posting (id),
    ADD CONSTRAINT document_version_proposed_or_withdrawn CHECK (num_nonnulls(request_id, withdrawn_by) <= 1);

-- What came with the service was proposed by nobody: its request has its author for that, and no person.
WITH asked AS (
    INSERT INTO request_general (kind, about, reason, author_ids, needed, counted, state, proposer_id, proposer,
                                 proposed_at, posting_id, closed_by)
    SELECT v.paper, concat_ws(' ', nullif(v.of, ''), v.version), coalesce(p.reason, ''), v.author_ids, 1, '{}',
           CASE v.state WHEN 'proposed' THEN 'open' ELSE v.state END, v.proposer_id, coalesce(p.person, v.author),
           coalesce(p.at, v.created_at), coalesce(p.posting_id, v.approved_by),
           CASE WHEN v.state <> 'proposed' THEN coalesce(v.approved_by, c.posting_id) END
    FROM document_version v
    LEFT JOIN document_act p ON (p.paper, p.of, p.version, p.act) = (v.paper, v.of, v.version, 'propose')
    LEFT JOIN document_act c ON (c.paper, c.of, c.version) = (v.paper, v.of, v.version)
        AND c.act IN ('approve', 'refuse', 'withdraw')
    WHERE v.state = 'approved' OR p.id IS NOT NULL
    ORDER BY coalesce(p.posting_id, v.approved_by)
    RETURNING id, kind, about
)
UPDATE document_version v SET request_id = asked.id
FROM asked WHERE asked.kind = v.paper AND asked.about = concat_ws(' ', nullif(v.of, ''), v.version);
UPDATE document_version v SET withdrawn_by = a.posting_id
FROM document_act a
WHERE v.state = 'withdrawn' AND v.request_id IS NULL
  AND (a.paper, a.of, a.version, a.act) = (v.paper, v.of, v.version, 'withdraw');
WITH said AS (
    INSERT INTO vote_general (request_id, person_id, person, vote, reason, at, posting_id)
    SELECT v.request_id, o.id, a.person, a.act, coalesce(a.reason, ''), a.at, a.posting_id
    FROM document_act a
    JOIN document_version v ON (v.paper, v.of, v.version) = (a.paper, a.of, a.version)
    JOIN person o ON o.login = a.person
    WHERE a.act IN ('approve', 'refuse')
    RETURNING posting_id
)
DELETE FROM document_act a WHERE a.act = 'propose' OR a.act IN ('approve', 'refuse') AND a.posting_id IN (TABLE said);

-- What authors do with a version; that it came with the service, approved, is said here as well.
ALTER TABLE document_act DROP CONSTRAINT document_act_act,
    ADD CONSTRAINT document_act_act CHECK (act IN ('draft', 'edit', 'withdraw', 'approve'));
DROP POLICY drafts ON document_version;
DROP POLICY undecided ON document_version;
ALTER TABLE document_version DROP COLUMN state, DROP COLUMN proposer_id, DROP COLUMN approved_by;
CREATE POLICY drafts ON document_version FOR INSERT TO channel_app
    WITH CHECK (request_id IS NULL AND withdrawn_by IS NULL);
CREATE POLICY undecided ON document_version FOR UPDATE TO channel_app
    USING (withdrawn_by IS NULL AND (request_id IS NULL OR EXISTS (
        SELECT FROM request_general r WHERE r.id = document_version.request_id AND r.state = 'open')))
    WITH CHECK (true);
GRANT UPDATE (request_id, withdrawn_by) ON document_version TO channel_app;

-- A version that comes with the service (versions-0002), as it is written from now on.
CREATE OR REPLACE FUNCTION ship_document(paper text, document jsonb, note text) RETURNS void LANGUAGE sql AS $$
WITH shipped AS (
    INSERT INTO posting (act, actor, recorded_at) VALUES ('ship ' || $1, 'channel', '1900-01-01 00:00:00+00')
    RETURNING id
), asked AS (
    INSERT INTO request_general (kind, about, reason, author_ids, needed, counted, state, proposer, proposed_at,
                                 posting_id, closed_by)
    SELECT $1, '1', '', '{}', 1, '{}', 'approved', 'channel', '1900-01-01 00:00:00+00', id, id FROM shipped
    RETURNING id, posting_id
), version AS (
    INSERT INTO document_version (paper, of, version, effective_from, document, note, author_ids, author, created_at,
                                  request_id)
    SELECT $1, '', 1, DATE '1900-01-01', $2, $3, '{}', 'channel', '1900-01-01 00:00:00+00', id FROM asked
)
INSERT INTO document_act (paper, of, version, act, person, reason, at, posting_id)
SELECT $1, '', 1, 'approve', 'channel', $3, '1900-01-01 00:00:00+00', posting_id FROM asked
$$;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="credit", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
