"""Uploaded files, kept mappings, loads with their progress, and rejected lines."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "imports-0001"
VERSION = "1.38.0"
DESCRIPTION = "uploads, profiles, loads, rejects"

SQL = """
-- A file as it came in, kept in pieces so that any replica can read it; its pieces are forgotten after a time.
CREATE TABLE upload (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    file_name       text NOT NULL CONSTRAINT upload_file_name CHECK (file_name <> ''),
    size            bigint NOT NULL CONSTRAINT upload_size CHECK (size >= 0),
    sha256          text NOT NULL CONSTRAINT upload_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    uploaded_by     text NOT NULL,
    uploaded_at     timestamptz NOT NULL,
    forgotten_at    timestamptz
);
CREATE INDEX upload_kept ON upload (uploaded_at) WHERE forgotten_at IS NULL;
CREATE TABLE upload_piece (
    upload_id   bigint NOT NULL REFERENCES upload (id),
    number      integer NOT NULL CONSTRAINT upload_piece_number CHECK (number >= 0),
    bytes       bytea NOT NULL,
    PRIMARY KEY (upload_id, number)
);
-- The bytes of a CSV are mostly read once and soon deleted: packing them would cost more than it saves.
ALTER TABLE upload_piece ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- A mapping kept under a name: the document that says which column is which field.
CREATE TABLE import_profile (
    kind        text NOT NULL,
    name        text NOT NULL CONSTRAINT import_profile_name CHECK (name <> ''),
    document    jsonb NOT NULL,
    kept_by     text NOT NULL,
    kept_at     timestamptz NOT NULL,
    PRIMARY KEY (kind, name)
);

-- A load is its own job: what is to be done, who does it until when, how far it is, and what came of it.
CREATE TABLE import_load (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL,
    upload_id   bigint NOT NULL REFERENCES upload (id),
    options     jsonb NOT NULL,
    digest      text NOT NULL,
    asked_by    text NOT NULL,
    person      jsonb NOT NULL,
    asked_at    timestamptz NOT NULL,
    dry_run     boolean NOT NULL,
    partial     boolean NOT NULL,
    state       text NOT NULL CONSTRAINT import_load_state
                CHECK (state IN ('queued', 'running', 'checked', 'loaded', 'unchanged', 'refused', 'failed')),
    phase       text NOT NULL,
    done        bigint NOT NULL,
    total       bigint,
    counts      jsonb NOT NULL,
    preview     jsonb,
    problem     jsonb,
    same_as     bigint REFERENCES import_load (id),
    attempts    integer NOT NULL,
    worker      text,
    lease_until timestamptz,
    finished_at timestamptz,
    posting_id  bigint REFERENCES posting (id)
);
CREATE INDEX import_load_open ON import_load (id) WHERE state IN ('queued', 'running');
CREATE INDEX import_load_digest ON import_load (kind, digest) WHERE state = 'loaded';
CREATE INDEX import_load_upload ON import_load (upload_id);

-- A line that was not loaded: the cells as they stood in the file, and why.
CREATE TABLE import_reject (
    load_id     bigint NOT NULL REFERENCES import_load (id),
    line_no     bigint NOT NULL,
    cells       text[] NOT NULL,
    reasons     jsonb NOT NULL,
    PRIMARY KEY (load_id, line_no)
);

GRANT SELECT, INSERT, UPDATE (forgotten_at) ON upload TO channel_app;
GRANT SELECT, INSERT, DELETE ON upload_piece, import_reject TO channel_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON import_profile TO channel_app;
GRANT SELECT, INSERT, UPDATE ON import_load TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="imports", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
