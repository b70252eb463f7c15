"""The ledger: documents, the items and money they bring, what settles what, and the account row of each dealer."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "receivables-0001"
VERSION = "1.38.0"
DESCRIPTION = "ledger"

SQL = """
-- A document as it was posted; it is never edited. `live` until it is reversed: of one kind a dealer has a number once
-- among the live ones. `value_on` is the bank's day of money, where that is before the day of the books.
CREATE TABLE receivable_document (
    dealer_id           bigint NOT NULL REFERENCES dealer (id),
    id                  bigint GENERATED ALWAYS AS IDENTITY,
    kind                text NOT NULL CONSTRAINT receivable_document_kind
                        CHECK (kind IN ('invoice', 'debit_note', 'credit_note', 'receipt', 'bill', 'write_off')),
    number              text NOT NULL,
    number_key          text NOT NULL,
    currency            text NOT NULL,
    amount              numeric(18, 4) NOT NULL CONSTRAINT receivable_document_amount CHECK (amount > 0),
    tax                 numeric(18, 4) CONSTRAINT receivable_document_tax CHECK (tax >= 0 AND tax <= amount),
    effective_on        date NOT NULL,
    refs                text[] NOT NULL,
    remark              text,
    discount_rate       numeric(9, 8),
    discount_until      date,
    matures_on          date,
    value_on            date,
    payer_account       text,
    stays_on_account    boolean NOT NULL,
    live                boolean NOT NULL,
    load_id             bigint REFERENCES import_load (id),
    posting_id          bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (dealer_id, id),
    CONSTRAINT receivable_document_discount CHECK ((discount_rate IS NULL) = (discount_until IS NULL)),
    CONSTRAINT receivable_document_matures CHECK ((kind = 'bill') = (matures_on IS NOT NULL))
);
CREATE UNIQUE INDEX receivable_document_number_once ON receivable_document (dealer_id, kind, number_key) WHERE live;
CREATE INDEX receivable_document_bills ON receivable_document (matures_on, dealer_id) WHERE kind = 'bill';

-- What a document is about, by product line, with tax; optional.
CREATE TABLE document_line (
    dealer_id   bigint NOT NULL,
    document_id bigint NOT NULL,
    place       integer NOT NULL,
    line_id     bigint NOT NULL REFERENCES product_line (id),
    amount      numeric(18, 4) NOT NULL,
    PRIMARY KEY (dealer_id, document_id, place),
    FOREIGN KEY (dealer_id, document_id) REFERENCES receivable_document (dealer_id, id)
);

-- What a document brings to the books: each instalment of what is owed by its place from 1 with its due day, and the
-- money of what pays at place 0 without one. `touched_on` is the first day from which anything holds that took of it,
-- whenever that was recorded: before it all of it stands. `settled_on` is the day since which nothing of it is left,
-- whatever is asked as known at the moment of `settled_by` or later; null while something is, and again when it is
-- reopened. They only spare looking: what is left is the sum of what was posted.
CREATE TABLE receivable_item (
    dealer_id       bigint NOT NULL,
    document_id     bigint NOT NULL,
    instalment      integer NOT NULL CONSTRAINT receivable_item_instalment CHECK (instalment >= 0),
    currency        text NOT NULL,
    due_on          date,
    effective_on    date NOT NULL,
    amount          numeric(18, 4) NOT NULL CONSTRAINT receivable_item_amount CHECK (amount > 0),
    touched_on      date,
    settled_on      date,
    settled_by      bigint,
    posting_id      bigint NOT NULL,
    PRIMARY KEY (dealer_id, document_id, instalment),
    FOREIGN KEY (dealer_id, document_id) REFERENCES receivable_document (dealer_id, id),
    CONSTRAINT receivable_item_due CHECK ((instalment > 0) = (due_on IS NOT NULL)),
    CONSTRAINT receivable_item_settled CHECK ((settled_on IS NULL) = (settled_by IS NULL))
);
-- Rows lie as they were posted, and most are settled within months: what had not been settled on a day lies together.
CREATE INDEX receivable_item_days ON receivable_item USING brin (effective_on, settled_on, settled_by)
    WITH (pages_per_range = 32, autosummarize = on);

-- What of each item is open, and of each money on account, by everything posted; what is nothing has no row. `moved_on`
-- is the latest day from which anything holds that moved it, `moved_by` what was posted last of that; what it brought
-- (`brought`, by `posting_id`) and `touched_on` stand here as in the item. Kept in the transaction of what moves it.
CREATE TABLE open_item (
    dealer_id       bigint NOT NULL,
    document_id     bigint NOT NULL,
    instalment      integer NOT NULL,
    currency        text NOT NULL,
    due_on          date,
    effective_on    date NOT NULL,
    amount          numeric(18, 4) NOT NULL,
    brought         numeric(18, 4) NOT NULL,
    touched_on      date,
    moved_on        date NOT NULL,
    moved_by        bigint NOT NULL,
    posting_id      bigint NOT NULL,
    PRIMARY KEY (dealer_id, document_id, instalment)
);

-- A document was reversed whole from a day on.
CREATE TABLE document_reversal (
    dealer_id       bigint NOT NULL,
    document_id     bigint NOT NULL,
    effective_on    date NOT NULL,
    reason          text NOT NULL,
    posting_id      bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (dealer_id, document_id),
    FOREIGN KEY (dealer_id, document_id) REFERENCES receivable_document (dealer_id, id)
);

-- So much of an item is settled from a day on: paid with the money of `money_id`, or by a discount or a difference that
-- belongs to that payment and takes nothing from the money.
CREATE TABLE allocation (
    dealer_id       bigint NOT NULL,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    money_id        bigint NOT NULL,
    document_id     bigint NOT NULL,
    instalment      integer NOT NULL CONSTRAINT allocation_instalment CHECK (instalment > 0),
    amount          numeric(18, 4) NOT NULL CONSTRAINT allocation_amount CHECK (amount > 0),
    effective_on    date NOT NULL,
    settles         text NOT NULL CONSTRAINT allocation_settles
                    CHECK (settles IN ('payment', 'discount', 'difference')),
    why             text NOT NULL CONSTRAINT allocation_why CHECK (why IN ('reference', 'exact', 'oldest', 'by_hand')),
    reason          text,
    posting_id      bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (dealer_id, id),
    FOREIGN KEY (dealer_id, money_id) REFERENCES receivable_document (dealer_id, id),
    FOREIGN KEY (dealer_id, document_id, instalment) REFERENCES receivable_item (dealer_id, document_id, instalment)
);
CREATE INDEX allocation_of_item ON allocation (dealer_id, document_id, instalment);
CREATE INDEX allocation_of_money ON allocation (dealer_id, money_id);

-- An allocation no longer holds from a day on. What was taken back can be taken back from an earlier day: then that day
-- takes the place of the one before, which is `moved_from`.
CREATE TABLE allocation_end (
    dealer_id       bigint NOT NULL,
    allocation_id   bigint NOT NULL,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    effective_on    date NOT NULL,
    moved_from      date CONSTRAINT allocation_end_earlier CHECK (moved_from > effective_on),
    reason          text,
    posting_id      bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (dealer_id, allocation_id, id),
    FOREIGN KEY (dealer_id, allocation_id) REFERENCES allocation (dealer_id, id)
);

-- The account row: whoever consumes or frees headroom, or moves anything in the ledger of a dealer, locks it before he
-- looks. Beside it stands by currency what is open and on account, and what of bills matures on which day; kept in the
-- transaction of what moves it.
CREATE TABLE dealer_account (
    dealer_id   bigint PRIMARY KEY REFERENCES dealer (id),
    acts        bigint NOT NULL
);
CREATE TABLE account_balance (
    dealer_id   bigint NOT NULL REFERENCES dealer (id),
    currency    text NOT NULL,
    open        numeric(24, 4) NOT NULL,
    on_account  numeric(24, 4) NOT NULL,
    PRIMARY KEY (dealer_id, currency)
);
CREATE TABLE account_bill (
    dealer_id   bigint NOT NULL REFERENCES dealer (id),
    currency    text NOT NULL,
    matures_on  date NOT NULL,
    amount      numeric(24, 4) NOT NULL,
    PRIMARY KEY (dealer_id, currency, matures_on)
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['receivable_document', 'document_line', 'receivable_item', 'open_item',
                                'document_reversal', 'allocation', 'allocation_end', 'dealer_account',
                                'account_balance', 'account_bill'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY scope ON %I FOR ALL TO channel_app'
            ' USING ((SELECT scope_is_open()) OR EXISTS (SELECT FROM dealer d WHERE d.id = %I.dealer_id'
            '  AND d.territory_id = ANY ((SELECT scope_territories())::bigint[])))', name, name);
    END LOOP;
END $$;
-- What was reversed once never lives again, and what else stands in a document is for good.
CREATE POLICY reversed_once ON receivable_document AS RESTRICTIVE FOR UPDATE TO channel_app
    USING (live) WITH CHECK (NOT live);

-- The shipped rules have always been known: nothing is let go, and every write-off needs two.
WITH shipped AS (
    INSERT INTO posting (act, actor, recorded_at) VALUES ('ship ledger rules', 'channel', '1900-01-01 00:00:00+00')
    RETURNING id
), version AS (
    INSERT INTO document_version (paper, of, version, effective_from, document, state, note, author_ids, author,
                                  created_at, approved_by)
    SELECT 'ledger rules', '', 1, DATE '1900-01-01',
           '{"name": "Standard", "currencies": [], "edges": ["30", "60", "90", "180"]}', 'approved',
           'The rules that come with the service', '{}', 'channel', '1900-01-01 00:00:00+00', id
    FROM shipped
    RETURNING version, approved_by
)
INSERT INTO document_act (paper, of, version, act, person, reason, at, posting_id)
SELECT 'ledger rules', '', version, 'approve', 'channel', 'The rules that come with the service',
       '1900-01-01 00:00:00+00', approved_by
FROM version;

GRANT USAGE ON SEQUENCE receivable_document_id_seq TO channel_app;
GRANT SELECT, INSERT ON document_line, document_reversal, allocation, allocation_end TO channel_app;
GRANT SELECT, INSERT, UPDATE (live) ON receivable_document TO channel_app;
GRANT SELECT, INSERT, UPDATE (touched_on, settled_on, settled_by) ON receivable_item TO channel_app;
GRANT SELECT, INSERT, UPDATE (amount, touched_on, moved_on, moved_by), DELETE ON open_item TO channel_app;
GRANT SELECT, INSERT, UPDATE (acts) ON dealer_account TO channel_app;
GRANT SELECT, INSERT, UPDATE (open, on_account), DELETE ON account_balance TO channel_app;
GRANT SELECT, INSERT, UPDATE (amount), DELETE ON account_bill TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="receivables", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
