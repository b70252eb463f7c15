"""Disputes: what of a document a dealer contests, why, who answers for it, and how it ended."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "receivables-0012"
VERSION = "1.38.0"
DESCRIPTION = "disputes"

SQL = """
-- Why something is contested: a closed list. The names are for reports that read the database; the service tells them in
-- the reader's language.
CREATE TABLE dispute_reason (
    code    text PRIMARY KEY,
    place   integer NOT NULL CONSTRAINT dispute_reason_place UNIQUE,
    name    text NOT NULL
);
INSERT INTO dispute_reason (code, place, name) VALUES
    ('price', 1, 'Price'), ('quantity', 2, 'Quantity'), ('quality', 3, 'Quality'), ('delivery', 4, 'Delivery'),
    ('return', 5, 'Return of goods'), ('promised', 6, 'Promised discount or rebate'),
    ('document', 7, 'Wrong document'), ('other', 8, 'Other');

-- So much of a document is contested from a day on; it is never edited.
CREATE TABLE dispute (
    dealer_id       bigint NOT NULL,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    document_id     bigint NOT NULL,
    amount          numeric(18, 4) NOT NULL CONSTRAINT dispute_amount CHECK (amount > 0),
    reason          text NOT NULL REFERENCES dispute_reason (code),
    effective_on    date NOT NULL,
    remark          text,
    posting_id      bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (dealer_id, id),
    FOREIGN KEY (dealer_id, document_id) REFERENCES receivable_document (dealer_id, id)
);
CREATE INDEX dispute_numbered ON dispute (id);
CREATE INDEX dispute_document ON dispute (dealer_id, document_id);

-- Who answers for it, and until which day; the last row counts. The first one came with the dispute, without a reason.
CREATE TABLE dispute_owner (
    dealer_id   bigint NOT NULL,
    dispute_id  bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    owner_id    bigint NOT NULL REFERENCES person (id),
    due_on      date NOT NULL,
    reason      text,
    posting_id  bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (dealer_id, dispute_id, id),
    FOREIGN KEY (dealer_id, dispute_id) REFERENCES dispute (dealer_id, id)
);

-- How it ended, once: from that day on nothing is contested by it. `reversed` is said of one whose document is gone.
CREATE TABLE dispute_end (
    dealer_id       bigint NOT NULL,
    dispute_id      bigint NOT NULL,
    effective_on    date NOT NULL,
    outcome         text NOT NULL CONSTRAINT dispute_end_outcome
                    CHECK (outcome IN ('credited', 'agreed', 'refused', 'reversed')),
    credit_note_id  bigint,
    reason          text NOT NULL,
    posting_id      bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (dealer_id, dispute_id),
    FOREIGN KEY (dealer_id, dispute_id) REFERENCES dispute (dealer_id, id),
    FOREIGN KEY (dealer_id, credit_note_id) REFERENCES receivable_document (dealer_id, id),
    CONSTRAINT dispute_end_credited CHECK ((outcome = 'credited') = (credit_note_id IS NOT NULL))
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['dispute', 'dispute_owner', 'dispute_end'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY scope ON %I FOR ALL TO channel_app'
            ' USING ((SELECT scope_is_open()) OR EXISTS (SELECT FROM dealer d WHERE d.id = %I.dealer_id'
            '  AND d.territory_id = ANY ((SELECT scope_territories())::bigint[])))', name, name);
    END LOOP;
END $$;
GRANT SELECT ON dispute_reason TO channel_app;
GRANT SELECT, INSERT ON dispute, dispute_owner, dispute_end TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="receivables", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
