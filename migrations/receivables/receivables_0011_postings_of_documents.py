"""Which posting brought documents of which dealer, so that one key holds both for each of them."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "receivables-0011"
VERSION = "1.38.0"
DESCRIPTION = "postings of documents"

SQL = """
-- A posting brought documents of a dealer. Each of these refers to it by one key, which holds dealer and posting together:
-- a file has hundreds of thousands of documents, and all those of a dealer say the same of both. What else is posted in
-- the ledger has its dealer from the document that it is about, and one key for its posting.
CREATE TABLE document_posting (
    dealer_id   bigint NOT NULL,
    posting_id  bigint NOT NULL
);
INSERT INTO document_posting (dealer_id, posting_id)
SELECT DISTINCT dealer_id, posting_id FROM receivable_document ORDER BY posting_id, dealer_id;
ALTER TABLE document_posting
    ADD PRIMARY KEY (dealer_id, posting_id),
    ADD FOREIGN KEY (dealer_id) REFERENCES dealer (id),
    ADD FOREIGN KEY (posting_id) REFERENCES posting (id);
CREATE INDEX document_posting_posted ON document_posting (posting_id);

-- The load that brought a document is that of its posting (`import_load.posting_id`), and is written there alone. An
-- item is written with its document, under the same posting, and `open_item` repeats it: neither has a key for that.
ALTER TABLE receivable_document
    DROP COLUMN load_id,
    DROP CONSTRAINT receivable_document_dealer_id_fkey,
    DROP CONSTRAINT receivable_document_posting_id_fkey,
    ADD FOREIGN KEY (dealer_id, posting_id) REFERENCES document_posting (dealer_id, posting_id);

ALTER TABLE document_posting ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON document_posting FOR ALL TO channel_app
    USING ((SELECT scope_is_open()) OR EXISTS (SELECT FROM dealer d WHERE d.id = document_posting.dealer_id
           AND d.territory_id = ANY ((SELECT scope_territories())::bigint[])));
GRANT SELECT, INSERT ON document_posting TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="receivables", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
