"""Statements of account as they were given, the series of their numbers, and runs that give many."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "receivables-0006"
VERSION = "1.38.0"
DESCRIPTION = "statements of account"

SQL = """
-- The last number that was given in a series. Whoever takes one holds the row to the end of his transaction, and with
-- what he does not keep the number is free again: a series has no gaps.
CREATE TABLE number_series (
    series  text PRIMARY KEY,
    last    bigint NOT NULL CONSTRAINT number_series_last CHECK (last >= 0)
);
INSERT INTO number_series (series, last) VALUES ('statement of account', 0);

-- Statements that are given in one run: of which days, as known at which moment, and who asked for them by which door.
-- `ended_at` stands when all are given, or with `problem` when they are given up.
CREATE TABLE statement_run (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    from_on         date NOT NULL,
    as_of           date NOT NULL CONSTRAINT statement_run_days CHECK (as_of >= from_on),
    known_at        timestamptz NOT NULL,
    territory       text,
    type            text,
    asked_by        text NOT NULL,
    person_id       bigint,
    by_token_id     bigint,
    by_session_id   bigint,
    ended_at        timestamptz,
    problem         jsonb,
    posting_id      bigint NOT NULL REFERENCES posting (id)
);

-- The accounts of which a run gives a statement.
CREATE TABLE statement_run_account (
    dealer_id   bigint NOT NULL REFERENCES dealer (id),
    run_id      bigint NOT NULL REFERENCES statement_run (id),
    currency    text NOT NULL,
    PRIMARY KEY (dealer_id, run_id, currency)
);
CREATE INDEX statement_run_account_of_run ON statement_run_account (run_id);

-- A statement as it was given: what it tells, and the sheet that tells it; the checksum is over both.
CREATE TABLE account_statement (
    dealer_id   bigint NOT NULL REFERENCES dealer (id),
    number      bigint NOT NULL CONSTRAINT account_statement_number CHECK (number > 0),
    currency    text NOT NULL,
    from_on     date NOT NULL,
    as_of       date NOT NULL CONSTRAINT account_statement_days CHECK (as_of >= from_on),
    known_at    timestamptz NOT NULL,
    opening     numeric(24, 4) NOT NULL,
    closing     numeric(24, 4) NOT NULL,
    content     text NOT NULL,
    sheet       text NOT NULL,
    checksum    text NOT NULL,
    run_id      bigint,
    posting_id  bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (dealer_id, number),
    FOREIGN KEY (dealer_id, run_id, currency) REFERENCES statement_run_account (dealer_id, run_id, currency)
);
-- That a number is given once holds by the series alone.
CREATE INDEX account_statement_numbered ON account_statement (number);
CREATE UNIQUE INDEX account_statement_once_in_run ON account_statement (dealer_id, run_id, currency);
CREATE INDEX account_statement_of_run ON account_statement (run_id);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['statement_run_account', 'account_statement'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY scope ON %I FOR ALL TO channel_app'
            ' USING ((SELECT scope_is_open()) OR EXISTS (SELECT FROM dealer d WHERE d.id = %I.dealer_id'
            '  AND d.territory_id = ANY ((SELECT scope_territories())::bigint[])))', name, name);
    END LOOP;
END $$;
GRANT SELECT, UPDATE (last) ON number_series TO channel_app;
GRANT SELECT, INSERT, UPDATE (ended_at, problem) ON statement_run TO channel_app;
GRANT SELECT, INSERT ON statement_run_account, account_statement TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="receivables", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
