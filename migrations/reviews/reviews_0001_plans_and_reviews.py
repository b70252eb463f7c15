"""Plans of reviews, the runs that open them, the reviews with what was seen, and what became of each."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "reviews-0001"
VERSION = "1.38.0"
DESCRIPTION = "plans and reviews"

SQL = """
-- A plan of reviews; what it says stands in its versions (`document_version`, of the plan's code). `planned_until` is
-- the day up to which its periods have been asked for, null until somebody has looked for the first time.
CREATE TABLE review_plan (
    code            text PRIMARY KEY,
    planned_until   date,
    posting_id      bigint NOT NULL REFERENCES posting (id)
);
-- From a day on it is paused, or goes on again.
CREATE TABLE review_plan_pause (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan        text NOT NULL REFERENCES review_plan (code),
    from_on     date NOT NULL,
    paused      boolean NOT NULL,
    reason      text NOT NULL,
    posting_id  bigint NOT NULL REFERENCES posting (id)
);
CREATE INDEX review_plan_pause_plan ON review_plan_pause (plan);

-- The reviews of one plan and period, each once. What is seen is as of the period's day as known at `known_at`, which
-- stands before the first review is opened; whoever takes the run over goes on with it behind the dealer
-- `looked_until`. `since_on` and `since_known_at` are day and moment of the plan's run before, from which what came to
-- pass is counted.
CREATE TABLE review_run (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan            text NOT NULL REFERENCES review_plan (code),
    period          date NOT NULL,
    plan_version    integer NOT NULL,
    policy_version  integer NOT NULL,
    known_at        timestamptz NOT NULL,
    compared_on     date NOT NULL CONSTRAINT review_run_compared CHECK (compared_on < period),
    since_on        date,
    since_known_at  timestamptz,
    looked_until    bigint NOT NULL CONSTRAINT review_run_looked CHECK (looked_until >= 0),
    looked_at       integer NOT NULL CONSTRAINT review_run_looked_at CHECK (looked_at >= 0),
    opened          integer NOT NULL CONSTRAINT review_run_opened CHECK (opened BETWEEN 0 AND looked_at),
    ended_at        timestamptz,
    problem         jsonb,
    posting_id      bigint NOT NULL REFERENCES posting (id),
    CONSTRAINT review_run_once UNIQUE (plan, period)
);

-- A review of a dealer: all that was seen of him (`snapshot`), what was found in it with its weight, and what is
-- proposed. The columns before tell parts of it again, for lists. `member_id` is who is to decide, null while it is for
-- whoever of the role may; `decide_by` the day by which. `decided_by` is the posting of the decision.
CREATE TABLE review (
    dealer_id       bigint NOT NULL REFERENCES dealer (id),
    number          bigint GENERATED ALWAYS AS IDENTITY,
    run_id          bigint NOT NULL REFERENCES review_run (id),
    plan            text NOT NULL,
    as_of           date NOT NULL,
    kind            text NOT NULL,
    currency        text NOT NULL,
    overdue         numeric(24, 4),
    exposure        numeric(24, 4),
    limit_amount    numeric(24, 4),
    limit_until     date,
    used            numeric(24, 4),
    finding_kinds   text[] NOT NULL,
    weight          integer NOT NULL CONSTRAINT review_weight CHECK (weight >= 0),
    proposal        text NOT NULL,
    proposed_amount numeric(24, 4),
    proposed_until  date,
    snapshot        jsonb NOT NULL,
    findings        jsonb NOT NULL,
    role            text NOT NULL,
    member_id       bigint REFERENCES staff_member (id),
    decide_by       date NOT NULL,
    decided_by      bigint REFERENCES posting (id),
    posting_id      bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (dealer_id, number),
    CONSTRAINT review_once UNIQUE (dealer_id, run_id)
);
CREATE INDEX review_numbered ON review (number);
CREATE INDEX review_of_run ON review (run_id);
CREATE INDEX review_by_day ON review (as_of, number);
CREATE INDEX review_of_dealer_and_plan ON review (dealer_id, plan, as_of);
CREATE INDEX review_undecided ON review (weight DESC, number) WHERE decided_by IS NULL;
CREATE INDEX review_member ON review (member_id) WHERE decided_by IS NULL;

-- What was decided of a review, once: the act, what it was done with (`told`), why, and what came of it.
CREATE TABLE review_decision (
    dealer_id   bigint NOT NULL,
    number      bigint NOT NULL,
    act         text NOT NULL,
    told        jsonb NOT NULL,
    reason      text NOT NULL,
    person_id   bigint REFERENCES person (id),
    outcome     jsonb NOT NULL,
    decided_on  date NOT NULL,
    posting_id  bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (dealer_id, number),
    FOREIGN KEY (dealer_id, number) REFERENCES review (dealer_id, number)
);

-- What else happened to a review until it was decided: noted, reminded, escalated, handed on.
CREATE TABLE review_step (
    dealer_id   bigint NOT NULL,
    number      bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    step        text NOT NULL CONSTRAINT review_step_step CHECK (step IN ('note', 'remind', 'escalate', 'hand on')),
    step_on     date NOT NULL,
    from_id     bigint REFERENCES staff_member (id),
    to_id       bigint REFERENCES staff_member (id),
    said        text,
    posting_id  bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (dealer_id, id),
    FOREIGN KEY (dealer_id, number) REFERENCES review (dealer_id, number)
);
CREATE INDEX review_step_of_review ON review_step (dealer_id, number);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['review', 'review_decision', 'review_step'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY scope ON %I FOR ALL TO channel_app'
            ' USING ((SELECT scope_is_open()) OR EXISTS (SELECT FROM dealer d WHERE d.id = %I.dealer_id'
            '  AND d.territory_id = ANY ((SELECT scope_territories())::bigint[])))', name, name);
    END LOOP;
END $$;
-- What was decided once stays so, and a run that has ended.
CREATE POLICY decided_once ON review AS RESTRICTIVE FOR UPDATE TO channel_app
    USING (decided_by IS NULL) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE (planned_until) ON review_plan TO channel_app;
GRANT SELECT, INSERT ON review_plan_pause, review_decision, review_step TO channel_app;
GRANT SELECT, INSERT, UPDATE (looked_until, looked_at, opened, ended_at, problem) ON review_run TO channel_app;
GRANT SELECT, INSERT, UPDATE (member_id, decided_by) ON review TO channel_app;

-- As `ship_document` (credit-0009), of a document that belongs to something.
CREATE FUNCTION ship_document_of(paper text, of text, document jsonb, note text) RETURNS void LANGUAGE sql AS $$
WITH shipped AS (
    INSERT INTO posting (act, actor, recorded_at) VALUES ('ship ' || $1, 'channel', '1900-01-01 00:00:00+00')
    RETURNING id
), asked AS (
    INSERT INTO request_general (kind, about, reason, author_ids, needed, counted, state, proposer, proposed_at,
                                 posting_id, closed_by)
    SELECT $1, $2 || ' 1', '', '{}', 1, '{}', 'approved', 'channel', '1900-01-01 00:00:00+00', id, id FROM shipped
    RETURNING id, posting_id
), version AS (
    INSERT INTO document_version (paper, of, version, effective_from, document, note, author_ids, author, created_at,
                                  request_id)
    SELECT $1, $2, 1, DATE '1900-01-01', $3, $4, '{}', 'channel', '1900-01-01 00:00:00+00', id FROM asked
)
INSERT INTO document_act (paper, of, version, act, person, reason, at, posting_id)
SELECT $1, $2, 1, 'approve', 'channel', $4, '1900-01-01 00:00:00+00', posting_id FROM asked
$$;
REVOKE EXECUTE ON FUNCTION ship_document_of FROM PUBLIC;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="reviews", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
