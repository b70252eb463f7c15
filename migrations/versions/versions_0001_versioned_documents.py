"""Versions of documents, of whatever kind, and what was done with them."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "versions-0001"
VERSION = "1.38.0"
DESCRIPTION = "versioned documents"

SQL = """
-- A version of a document of some kind (`paper`), and of what it belongs to (`of`), where it belongs to something.
-- Drafts can be edited; what was proposed cannot, and what was decided never changes again: row-level security lets the
-- service update only rows that are still a draft or proposed.
CREATE TABLE document_version (
    paper           text NOT NULL,
    of              text NOT NULL CONSTRAINT document_version_of CHECK (length(of) <= 200),
    version         integer NOT NULL CONSTRAINT document_version_version CHECK (version > 0),
    effective_from  date NOT NULL,
    document        jsonb NOT NULL,
    state           text NOT NULL CONSTRAINT document_version_state
                    CHECK (state IN ('draft', 'proposed', 'approved', 'refused', 'withdrawn')),
    note            text NOT NULL,
    author_ids      bigint[] NOT NULL,
    author          text NOT NULL,
    proposer_id     bigint REFERENCES person (id),
    created_at      timestamptz NOT NULL,
    approved_by     bigint REFERENCES posting (id),
    PRIMARY KEY (paper, of, version),
    CONSTRAINT document_version_approval CHECK ((state = 'approved') = (approved_by IS NOT NULL))
);
CREATE INDEX document_version_in_force ON document_version (paper, of, effective_from DESC, version DESC)
    WHERE state = 'approved';
-- What was done with a version: drafted, edited, proposed, approved, refused, withdrawn; by whom and why.
CREATE TABLE document_act (
    paper       text NOT NULL,
    of          text NOT NULL,
    version     integer NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    act         text NOT NULL CONSTRAINT document_act_act
                CHECK (act IN ('draft', 'edit', 'propose', 'approve', 'refuse', 'withdraw')),
    person      text NOT NULL,
    reason      text,
    at          timestamptz NOT NULL,
    posting_id  bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (paper, of, version, id),
    FOREIGN KEY (paper, of, version) REFERENCES document_version (paper, of, version)
);

ALTER TABLE document_version ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON document_version FOR SELECT TO channel_app USING (true);
CREATE POLICY drafts ON document_version FOR INSERT TO channel_app WITH CHECK (state = 'draft');
CREATE POLICY undecided ON document_version FOR UPDATE TO channel_app
    USING (state IN ('draft', 'proposed')) WITH CHECK (true);
GRANT SELECT, INSERT ON document_act TO channel_app;
GRANT SELECT, INSERT, UPDATE (effective_from, document, state, note, author_ids, proposer_id, approved_by)
    ON document_version TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="versions", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
