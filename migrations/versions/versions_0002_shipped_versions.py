"""A first version of a document that comes with the service is shipped in one way by every room."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "versions-0002"
VERSION = "1.38.0"
DESCRIPTION = "shipped versions"

SQL = """
-- For the migrations of rooms: version 1 of a document that belongs to nothing, approved and always known. How a version
-- is written changes with credit-0009, which writes this anew; a room below it may ship one before and after.
CREATE FUNCTION ship_document(paper text, document jsonb, note text) RETURNS void LANGUAGE sql AS $$
WITH shipped AS (
    INSERT INTO posting (act, actor, recorded_at) VALUES ('ship ' || $1, 'channel', '1900-01-01 00:00:00+00')
    RETURNING id
), version AS (
    INSERT INTO document_version (paper, of, version, effective_from, document, state, note, author_ids, author,
                                  created_at, approved_by)
    SELECT $1, '', 1, DATE '1900-01-01', $2, 'approved', $3, '{}', 'channel', '1900-01-01 00:00:00+00', id FROM shipped
    RETURNING version, approved_by
)
INSERT INTO document_act (paper, of, version, act, person, reason, at, posting_id)
SELECT $1, '', version, 'approve', 'channel', $3, '1900-01-01 00:00:00+00', approved_by FROM version
$$;
REVOKE EXECUTE ON FUNCTION ship_document FROM PUBLIC;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="versions", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
