"""Months that finance has closed, and what waits for a second person's word before it moves the ledger."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "receivables-0003"
VERSION = "1.38.0"
DESCRIPTION = "closed months"

SQL = """
-- A month was closed, or opened again: of each the last word counts.
CREATE TABLE month_closing (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    month       date NOT NULL CONSTRAINT month_closing_month CHECK (extract(day FROM month) = 1),
    closed      boolean NOT NULL,
    reason      text NOT NULL,
    posting_id  bigint NOT NULL REFERENCES posting (id)
);
CREATE INDEX month_closing_last ON month_closing (month, id DESC);

-- An act on a dealer's account as it was asked for, while the request of its number waits for a second person; with the
-- last approval it is carried out as it stands here. `target` is the number of what it is about: of the document, the
-- allocation, or 0.
CREATE TABLE waiting_act (
    dealer_id   bigint NOT NULL,
    request_id  bigint NOT NULL,
    act         text NOT NULL,
    target      bigint NOT NULL,
    body        jsonb NOT NULL,
    PRIMARY KEY (dealer_id, request_id),
    FOREIGN KEY (dealer_id, request_id) REFERENCES request_dealer (dealer_id, id)
);
ALTER TABLE waiting_act ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON waiting_act FOR ALL TO channel_app
    USING ((SELECT scope_is_open()) OR EXISTS (SELECT FROM dealer d WHERE d.id = waiting_act.dealer_id
           AND d.territory_id = ANY ((SELECT scope_territories())::bigint[])));
GRANT SELECT, INSERT ON month_closing, waiting_act TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="receivables", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
