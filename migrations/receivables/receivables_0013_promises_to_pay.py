"""Promises to pay, and what each of their instalments was judged to have come to."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "receivables-0013"
VERSION = "1.38.0"
DESCRIPTION = "promises to pay"

SQL = """
-- What a dealer promised to pay; it is never edited. `share` of what is promised by a day is enough to keep it, if it
-- comes by `grace_days` later; both stand here as they were when it was given.
CREATE TABLE promise (
    dealer_id   bigint NOT NULL REFERENCES dealer (id),
    id          bigint GENERATED ALWAYS AS IDENTITY,
    currency    text NOT NULL,
    given_on    date NOT NULL,
    promised_by text NOT NULL,
    remark      text,
    grace_days  integer NOT NULL CONSTRAINT promise_grace_days CHECK (grace_days BETWEEN 0 AND 30),
    share       numeric(9, 8) NOT NULL CONSTRAINT promise_share CHECK (share > 0 AND share <= 1),
    posting_id  bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (dealer_id, id)
);
CREATE INDEX promise_numbered ON promise (id);

-- Its instalments in the order of their days; `promised` is what is promised up to this one. On `judged_from` it is over,
-- the day after the last day of grace. `ended_by` is the posting by which it was judged or cancelled, null while open.
CREATE TABLE promise_instalment (
    dealer_id   bigint NOT NULL,
    promise_id  bigint NOT NULL,
    place       integer NOT NULL CONSTRAINT promise_instalment_place CHECK (place > 0),
    due_on      date NOT NULL,
    judged_from date NOT NULL CONSTRAINT promise_instalment_judged_from CHECK (judged_from > due_on),
    amount      numeric(18, 4) NOT NULL CONSTRAINT promise_instalment_amount CHECK (amount > 0),
    promised    numeric(24, 4) NOT NULL CONSTRAINT promise_instalment_promised CHECK (promised >= amount),
    ended_by    bigint REFERENCES posting (id),
    PRIMARY KEY (dealer_id, promise_id, place),
    FOREIGN KEY (dealer_id, promise_id) REFERENCES promise (dealer_id, id)
);
CREATE INDEX promise_instalment_open ON promise_instalment (judged_from, dealer_id) WHERE ended_by IS NULL;

-- What an instalment was judged to have come to when it was over: so much had come for the promise by its last day.
CREATE TABLE promise_judgement (
    dealer_id   bigint NOT NULL,
    promise_id  bigint NOT NULL,
    place       integer NOT NULL,
    judged_on   date NOT NULL,
    kept        boolean NOT NULL,
    came        numeric(24, 4) NOT NULL CONSTRAINT promise_judgement_came CHECK (came >= 0),
    posting_id  bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (dealer_id, promise_id, place),
    FOREIGN KEY (dealer_id, promise_id, place) REFERENCES promise_instalment (dealer_id, promise_id, place)
);
CREATE INDEX promise_judgement_judged ON promise_judgement (judged_on, dealer_id);

-- What of a promise was open on a day was cancelled.
CREATE TABLE promise_cancellation (
    dealer_id       bigint NOT NULL,
    promise_id      bigint NOT NULL,
    cancelled_on    date NOT NULL,
    reason          text NOT NULL,
    posting_id      bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (dealer_id, promise_id),
    FOREIGN KEY (dealer_id, promise_id) REFERENCES promise (dealer_id, id)
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['promise', 'promise_instalment', 'promise_judgement', 'promise_cancellation'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY scope ON %I FOR ALL TO channel_app'
            ' USING ((SELECT scope_is_open()) OR EXISTS (SELECT FROM dealer d WHERE d.id = %I.dealer_id'
            '  AND d.territory_id = ANY ((SELECT scope_territories())::bigint[])))', name, name);
    END LOOP;
END $$;
-- What was judged or cancelled once stays so.
CREATE POLICY ended_once ON promise_instalment AS RESTRICTIVE FOR UPDATE TO channel_app
    USING (ended_by IS NULL) WITH CHECK (true);

GRANT SELECT, INSERT ON promise, promise_judgement, promise_cancellation TO channel_app;
GRANT SELECT, INSERT, UPDATE (ended_by) ON promise_instalment TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="receivables", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
