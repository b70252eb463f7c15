"""Tasks with a dealer and without, what became of them step by step, and the days on which the company works."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "tasks-0001"
VERSION = "1.38.0"
DESCRIPTION = "tasks and working days"

SQL = """
-- One series of numbers for all tasks, so that a number alone names one.
CREATE SEQUENCE task_number;
GRANT USAGE ON SEQUENCE task_number TO channel_app;

-- What somebody has to do about a dealer by a day. `about` is its cause: of one kind and cause one is outstanding at a
-- time. `told` holds the ids and figures from which its words are made, `what` the words of a person who wrote it.
-- Without a member it is for whoever may do this kind and sees the dealer. `due_on`, `member_id` and `escalated_to` are
-- what holds today; how they came to be so stands in the steps.
CREATE TABLE task_dealer (
    dealer_id       bigint NOT NULL REFERENCES dealer (id),
    id              bigint NOT NULL,
    kind            text NOT NULL,
    about           text NOT NULL,
    told            jsonb NOT NULL,
    what            text,
    due_on          date NOT NULL,
    member_id       bigint REFERENCES staff_member (id),
    author_id       bigint REFERENCES person (id),
    escalated_to    bigint REFERENCES staff_member (id),
    state           text NOT NULL CONSTRAINT task_dealer_state
                    CHECK (state IN ('outstanding', 'done', 'withdrawn', 'dropped')),
    posting_id      bigint NOT NULL REFERENCES posting (id),
    ended_by        bigint REFERENCES posting (id),
    PRIMARY KEY (dealer_id, id),
    CONSTRAINT task_dealer_ended CHECK ((state = 'outstanding') = (ended_by IS NULL))
);
CREATE UNIQUE INDEX task_dealer_one_outstanding ON task_dealer (dealer_id, kind, about) WHERE state = 'outstanding';
CREATE INDEX task_dealer_numbered ON task_dealer (id);
CREATE INDEX task_dealer_due ON task_dealer (due_on, id) WHERE state = 'outstanding';
CREATE INDEX task_dealer_member ON task_dealer (member_id, due_on) WHERE state = 'outstanding';

-- What became of it: put off to a day, handed on, escalated, ended; each with why where somebody said it.
CREATE TABLE task_step_dealer (
    dealer_id       bigint NOT NULL,
    task_id         bigint NOT NULL,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    step            text NOT NULL CONSTRAINT task_step_dealer_step
                    CHECK (step IN ('put off', 'handed on', 'escalated', 'done', 'withdrawn', 'dropped')),
    due_on          date,
    from_member_id  bigint REFERENCES staff_member (id),
    to_member_id    bigint REFERENCES staff_member (id),
    reason          text,
    posting_id      bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (dealer_id, task_id, id),
    FOREIGN KEY (dealer_id, task_id) REFERENCES task_dealer (dealer_id, id)
);

-- The same of what belongs to no dealer.
CREATE TABLE task_general (
    id              bigint PRIMARY KEY,
    kind            text NOT NULL,
    about           text NOT NULL,
    told            jsonb NOT NULL,
    what            text,
    due_on          date NOT NULL,
    member_id       bigint REFERENCES staff_member (id),
    author_id       bigint REFERENCES person (id),
    escalated_to    bigint REFERENCES staff_member (id),
    state           text NOT NULL CONSTRAINT task_general_state
                    CHECK (state IN ('outstanding', 'done', 'withdrawn', 'dropped')),
    posting_id      bigint NOT NULL REFERENCES posting (id),
    ended_by        bigint REFERENCES posting (id),
    CONSTRAINT task_general_ended CHECK ((state = 'outstanding') = (ended_by IS NULL))
);
CREATE UNIQUE INDEX task_general_one_outstanding ON task_general (kind, about) WHERE state = 'outstanding';
CREATE INDEX task_general_due ON task_general (due_on, id) WHERE state = 'outstanding';
CREATE INDEX task_general_member ON task_general (member_id, due_on) WHERE state = 'outstanding';
CREATE TABLE task_step_general (
    task_id         bigint NOT NULL REFERENCES task_general (id),
    id              bigint GENERATED ALWAYS AS IDENTITY,
    step            text NOT NULL CONSTRAINT task_step_general_step
                    CHECK (step IN ('put off', 'handed on', 'escalated', 'done', 'withdrawn', 'dropped')),
    due_on          date,
    from_member_id  bigint REFERENCES staff_member (id),
    to_member_id    bigint REFERENCES staff_member (id),
    reason          text,
    posting_id      bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (task_id, id)
);

-- The days on which the company works though its week says otherwise, or does not; what is taken back is closed.
CREATE TABLE company_day (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    day         date NOT NULL,
    works       boolean NOT NULL,
    words       text NOT NULL,
    closed_at   timestamptz
);
CREATE UNIQUE INDEX company_day_once ON company_day (day) WHERE closed_at IS NULL;
GRANT SELECT, INSERT, UPDATE (closed_at) ON company_day TO channel_app;
ALTER TABLE company_day ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON company_day FOR ALL TO channel_app USING (true);
CREATE POLICY closed_once ON company_day AS RESTRICTIVE FOR UPDATE TO channel_app
    USING (closed_at IS NULL) WITH CHECK (closed_at IS NOT NULL);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['task_dealer', 'task_step_dealer'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY scope ON %I FOR ALL TO channel_app'
            ' USING ((SELECT scope_is_open()) OR EXISTS (SELECT FROM dealer d WHERE d.id = %I.dealer_id'
            '  AND d.territory_id = ANY ((SELECT scope_territories())::bigint[])))', name, name);
    END LOOP;
    -- Whose they are decides who is shown those without a dealer: the queries ask for it.
    ALTER TABLE task_general ENABLE ROW LEVEL SECURITY;
    CREATE POLICY everybody ON task_general FOR ALL TO channel_app USING (true);
    -- What has ended stays so.
    FOREACH name IN ARRAY ARRAY['task_dealer', 'task_general'] LOOP
        EXECUTE format('CREATE POLICY ended_once ON %I AS RESTRICTIVE FOR UPDATE TO channel_app'
            ' USING (state = ''outstanding'') WITH CHECK (true)', name);
    END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE (due_on, member_id, escalated_to, state, ended_by)
    ON task_dealer, task_general TO channel_app;
GRANT SELECT, INSERT ON task_step_dealer, task_step_general TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="tasks", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
