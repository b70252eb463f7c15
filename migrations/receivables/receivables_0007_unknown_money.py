"""Money whose payer is not known, kept apart until somebody says whose it is."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "receivables-0007"
VERSION = "1.38.0"
DESCRIPTION = "unknown money"

SQL = """
-- A bank line without a dealer, as it came; `booked_on` is the bank's day. `ended_by` is the posting by which it was
-- assigned to a dealer or sent back, null while it waits. Only the whole company sees it.
CREATE TABLE unknown_money (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    number          text NOT NULL,
    number_key      text NOT NULL,
    currency        text NOT NULL,
    amount          numeric(18, 4) NOT NULL CONSTRAINT unknown_money_amount CHECK (amount > 0),
    booked_on       date NOT NULL,
    remark          text NOT NULL,
    payer_account   text,
    posting_id      bigint NOT NULL REFERENCES posting (id),
    ended_by        bigint REFERENCES posting (id)
);
CREATE UNIQUE INDEX unknown_money_number_once ON unknown_money (number_key) WHERE ended_by IS NULL;
ALTER TABLE unknown_money ENABLE ROW LEVEL SECURITY;
CREATE POLICY whole_company ON unknown_money FOR ALL TO channel_app USING ((SELECT scope_is_open()));
CREATE POLICY ended_once ON unknown_money AS RESTRICTIVE FOR UPDATE TO channel_app
    USING (ended_by IS NULL) WITH CHECK (true);

-- To which dealer it was assigned: the receipt that it became.
CREATE TABLE money_assigned (
    dealer_id   bigint NOT NULL,
    document_id bigint NOT NULL,
    money_id    bigint NOT NULL REFERENCES unknown_money (id),
    PRIMARY KEY (dealer_id, document_id),
    FOREIGN KEY (dealer_id, document_id) REFERENCES receivable_document (dealer_id, id)
);
CREATE INDEX money_assigned_money ON money_assigned (money_id);
ALTER TABLE money_assigned ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON money_assigned FOR ALL TO channel_app
    USING ((SELECT scope_is_open()) OR EXISTS (SELECT FROM dealer d WHERE d.id = money_assigned.dealer_id
           AND d.territory_id = ANY ((SELECT scope_territories())::bigint[])));
-- An account from which a dealer has paid before speaks for him.
CREATE INDEX receivable_document_account ON receivable_document (payer_account) WHERE payer_account IS NOT NULL;

GRANT SELECT, INSERT, UPDATE (ended_by) ON unknown_money TO channel_app;
GRANT SELECT, INSERT ON money_assigned TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="receivables", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
