"""Credit policies, statements, assessments, proposals and the journal of limits."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "credit-0001"
VERSION = "1.38.0"
DESCRIPTION = "policies and limits"

SQL = """
-- A version of the policy. Drafts can be edited; what was proposed cannot, and what was decided never changes again:
-- row-level security lets the service update only rows that are still a draft or proposed.
CREATE TABLE credit_policy (
    version         integer PRIMARY KEY CONSTRAINT credit_policy_version CHECK (version > 0),
    effective_from  date NOT NULL,
    document        jsonb NOT NULL,
    state           text NOT NULL CONSTRAINT credit_policy_state
                    CHECK (state IN ('draft', 'proposed', 'approved', 'refused', 'withdrawn')),
    note            text NOT NULL,
    author_ids      bigint[] NOT NULL,
    author          text NOT NULL,
    proposer_id     bigint REFERENCES person (id),
    created_at      timestamptz NOT NULL,
    approved_by     bigint REFERENCES posting (id),
    CONSTRAINT credit_policy_approval CHECK ((state = 'approved') = (approved_by IS NOT NULL))
);
CREATE INDEX credit_policy_in_force ON credit_policy (effective_from DESC, version DESC) WHERE state = 'approved';
-- What was done with a version: drafted, proposed, approved, refused, withdrawn; by whom and why.
CREATE TABLE credit_policy_decision (
    version     integer NOT NULL REFERENCES credit_policy (version),
    id          bigint GENERATED ALWAYS AS IDENTITY,
    act         text NOT NULL CONSTRAINT credit_policy_decision_act
                CHECK (act IN ('draft', 'edit', 'propose', 'approve', 'refuse', 'withdraw')),
    person      text NOT NULL,
    reason      text,
    at          timestamptz NOT NULL,
    posting_id  bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (version, id)
);

-- Figures of a balance sheet and of the months that end with it. Of several postings for one period the last one
-- counts; `void` says that the period has none after all.
CREATE TABLE financial_statement (
    dealer_id           bigint NOT NULL REFERENCES dealer (id),
    id                  bigint GENERATED ALWAYS AS IDENTITY,
    period_end          date NOT NULL,
    period_months       integer NOT NULL CONSTRAINT financial_statement_months CHECK (period_months BETWEEN 1 AND 24),
    currency            text NOT NULL CONSTRAINT financial_statement_currency CHECK (currency ~ '^[A-Z]{3}$'),
    total_assets        numeric(18, 4),
    current_assets      numeric(18, 4),
    inventory           numeric(18, 4),
    current_liabilities numeric(18, 4),
    total_debt          numeric(18, 4),
    net_worth           numeric(18, 4),
    retained_earnings   numeric(18, 4),
    ebit                numeric(18, 4),
    sales               numeric(18, 4),
    net_profit          numeric(18, 4),
    market_equity       numeric(18, 4),
    void                boolean NOT NULL,
    posting_id          bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (dealer_id, id)
);
CREATE INDEX financial_statement_period ON financial_statement (dealer_id, period_end, posting_id DESC);

-- What people know of a dealer's credit, effective from a day until a later value of the same kind: a score of one
-- factor (1 to 10), the limits that others grant, the stated need, the best high credit. No amount: no longer known.
CREATE TABLE credit_fact (
    dealer_id       bigint NOT NULL REFERENCES dealer (id),
    id              bigint GENERATED ALWAYS AS IDENTITY,
    fact            text NOT NULL CONSTRAINT credit_fact_kind
                    CHECK (fact IN ('score', 'reference_limits', 'stated_need', 'best_high_credit')),
    factor          text NOT NULL,
    amounts         numeric(18, 4)[] NOT NULL,
    currency        text,
    effective_on    date NOT NULL,
    reason          text,
    posting_id      bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (dealer_id, id),
    CONSTRAINT credit_fact_factor CHECK ((fact = 'score') = (factor <> '')),
    CONSTRAINT credit_fact_money CHECK ((fact = 'score') = (currency IS NULL))
);
CREATE INDEX credit_fact_latest ON credit_fact (dealer_id, fact, factor, effective_on DESC, posting_id DESC, id DESC);

-- One assessment of some dealers, under one policy. `known_at` is the K of the view.
CREATE TABLE assessment_run (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    as_of           date NOT NULL,
    known_at        timestamptz NOT NULL,
    known_past      boolean NOT NULL,
    policy_version  integer NOT NULL REFERENCES credit_policy (version),
    asked           text NOT NULL,
    person          text NOT NULL,
    posting_id      bigint NOT NULL REFERENCES posting (id)
);
-- What the whole run came to: written when all of it is decided, in the transaction that began it.
CREATE TABLE assessment_count (
    run_id      bigint PRIMARY KEY REFERENCES assessment_run (id),
    computed    integer NOT NULL,
    withheld    integer NOT NULL
);
-- A decision with all that it was computed from, so that it can be computed again to the cent; its day, its moment, its
-- policy and its posting are the run's. Its documents are only kept and given back, never searched: as json they are
-- stored as they come, in half the time of jsonb.
CREATE TABLE assessment (
    dealer_id       bigint NOT NULL REFERENCES dealer (id),
    id              bigint GENERATED ALWAYS AS IDENTITY,
    run_id          bigint NOT NULL REFERENCES assessment_run (id),
    currency        text NOT NULL,
    amount          numeric(24, 4),
    unrounded       numeric(38, 12),
    company_amount  numeric(24, 4),
    in_force        numeric(24, 4),
    withheld        jsonb,
    inputs          json NOT NULL,
    decision        json NOT NULL,
    PRIMARY KEY (dealer_id, id),
    CONSTRAINT assessment_is_decided CHECK ((amount IS NULL) = (withheld IS NOT NULL))
);
CREATE INDEX assessment_by_id ON assessment (id);
CREATE INDEX assessment_of_run ON assessment (run_id, dealer_id);

-- Whoever acts on a dealer's limit locks this row first, so that acts on one dealer come one after the other.
CREATE TABLE credit_account (
    dealer_id   bigint PRIMARY KEY REFERENCES dealer (id),
    acts        bigint NOT NULL
);
-- A limit (or an end, or a raise on top for a time) that somebody proposes and others decide. `before_amount` is the
-- limit in force then, `change_amount` what the proposal changes, in company currency, null without a rate.
CREATE TABLE limit_proposal (
    dealer_id           bigint NOT NULL REFERENCES dealer (id),
    id                  bigint GENERATED ALWAYS AS IDENTITY,
    kind                text NOT NULL CONSTRAINT limit_proposal_kind CHECK (kind IN ('base', 'temporary', 'end', 'raise_end')),
    amount              numeric(24, 4),
    currency            text NOT NULL,
    from_on             date NOT NULL,
    to_on               date,
    reason              text NOT NULL,
    assessment_id       bigint,
    run_id              bigint REFERENCES assessment_run (id),
    before_amount       numeric(24, 4),
    company_amount      numeric(24, 4),
    company_rate        numeric(24, 12),
    rate_as_of          date NOT NULL,
    change_amount       numeric(24, 4),
    raise_id            bigint,
    approvals_needed    integer NOT NULL CONSTRAINT limit_proposal_needs CHECK (approvals_needed > 0),
    state               text NOT NULL CONSTRAINT limit_proposal_state
                        CHECK (state IN ('open', 'approved', 'refused', 'withdrawn', 'superseded')),
    proposer_id         bigint NOT NULL REFERENCES person (id),
    proposer            text NOT NULL,
    proposed_at         timestamptz NOT NULL,
    posting_id          bigint NOT NULL REFERENCES posting (id),
    closed_by           bigint REFERENCES posting (id),
    PRIMARY KEY (dealer_id, id),
    FOREIGN KEY (dealer_id, assessment_id) REFERENCES assessment (dealer_id, id),
    CONSTRAINT limit_proposal_amount CHECK (CASE WHEN kind IN ('end', 'raise_end') THEN amount IS NULL
        WHEN kind = 'temporary' THEN amount > 0 AND to_on IS NOT NULL ELSE amount >= 0 END),
    CONSTRAINT limit_proposal_raise CHECK ((kind = 'raise_end') = (raise_id IS NOT NULL)),
    CONSTRAINT limit_proposal_has_days CHECK (to_on > from_on),
    CONSTRAINT limit_proposal_closed CHECK ((state = 'open') = (closed_by IS NULL))
);
CREATE UNIQUE INDEX limit_proposal_one_open ON limit_proposal (dealer_id, kind) WHERE state = 'open';
CREATE INDEX limit_proposal_queue ON limit_proposal ((coalesce(abs(change_amount), 'Infinity')) DESC, id DESC)
    WHERE state = 'open';
CREATE INDEX limit_proposal_by_id ON limit_proposal (id);
CREATE INDEX limit_proposal_of_run ON limit_proposal (run_id, state);
CREATE TABLE limit_vote (
    dealer_id   bigint NOT NULL,
    proposal_id bigint NOT NULL,
    person_id   bigint NOT NULL REFERENCES person (id),
    person      text NOT NULL,
    vote        text NOT NULL CONSTRAINT limit_vote_vote CHECK (vote IN ('approve', 'refuse')),
    reason      text NOT NULL,
    at          timestamptz NOT NULL,
    posting_id  bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (dealer_id, proposal_id, person_id),
    FOREIGN KEY (dealer_id, proposal_id) REFERENCES limit_proposal (dealer_id, id)
);
-- The journal: what an approved proposal put in force over [from_on, to_on). Among limits and ends the one that began
-- last holds, and of those of one day the one approved last (the greater id); raises add to it while they last, or
-- until another line ends them early (`ends_id` is the raise's).
CREATE TABLE credit_limit (
    dealer_id   bigint NOT NULL REFERENCES dealer (id),
    id          bigint GENERATED ALWAYS AS IDENTITY,
    kind        text NOT NULL CONSTRAINT credit_limit_kind CHECK (kind IN ('limit', 'raise', 'withdrawal', 'raise_end')),
    amount      numeric(24, 4),
    currency    text NOT NULL,
    from_on     date NOT NULL,
    to_on       date,
    ends_id     bigint,
    proposal_id bigint NOT NULL,
    posting_id  bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (dealer_id, id),
    FOREIGN KEY (dealer_id, proposal_id) REFERENCES limit_proposal (dealer_id, id),
    FOREIGN KEY (dealer_id, ends_id) REFERENCES credit_limit (dealer_id, id),
    CONSTRAINT credit_limit_ends CHECK ((kind = 'raise_end') = (ends_id IS NOT NULL)),
    CONSTRAINT credit_limit_amount CHECK ((kind IN ('withdrawal', 'raise_end')) = (amount IS NULL))
);
CREATE INDEX credit_limit_days ON credit_limit (dealer_id, from_on DESC, id DESC);
-- What the journal puts in force, raises included, over [from_on, to_on), in company currency at the rate with which
-- the limit was approved (null without one): what the list of dealers is sorted by, on whatever day. Written anew in
-- the transaction that adds to the journal.
CREATE TABLE limit_span (
    dealer_id       bigint NOT NULL REFERENCES dealer (id),
    from_on         date NOT NULL,
    to_on           date,
    company_amount  numeric,
    PRIMARY KEY (dealer_id, from_on),
    CONSTRAINT limit_span_has_days CHECK (to_on > from_on)
);
CREATE INDEX limit_span_order ON limit_span (company_amount, dealer_id) INCLUDE (from_on, to_on);

ALTER TABLE credit_policy ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON credit_policy FOR SELECT TO channel_app USING (true);
CREATE POLICY drafts ON credit_policy FOR INSERT TO channel_app WITH CHECK (state = 'draft');
CREATE POLICY undecided ON credit_policy FOR UPDATE TO channel_app
    USING (state IN ('draft', 'proposed')) WITH CHECK (true);
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['financial_statement', 'credit_fact', 'assessment', 'credit_account',
                                'limit_proposal', 'limit_vote', 'credit_limit', 'limit_span'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY scope ON %I FOR ALL TO channel_app'
            ' USING ((SELECT scope_is_open()) OR EXISTS (SELECT FROM dealer d WHERE d.id = %I.dealer_id'
            '  AND d.territory_id = ANY ((SELECT scope_territories())::bigint[])))', name, name);
    END LOOP;
END $$;

GRANT SELECT, INSERT ON credit_policy_decision, financial_statement, credit_fact, assessment_run, assessment_count,
    assessment, limit_vote, credit_limit TO channel_app;
GRANT SELECT, INSERT, UPDATE (effective_from, document, state, note, author_ids, proposer_id, approved_by)
    ON credit_policy TO channel_app;
GRANT SELECT, INSERT, UPDATE (acts) ON credit_account TO channel_app;
GRANT SELECT, INSERT, UPDATE (state, closed_by) ON limit_proposal TO channel_app;
GRANT SELECT, INSERT, DELETE ON limit_span TO channel_app;

-- The shipped policy has always been known.
WITH shipped AS (
    INSERT INTO posting (act, actor, recorded_at) VALUES ('ship credit policy', 'channel', '1900-01-01 00:00:00+00')
    RETURNING id
), policy AS (
    INSERT INTO credit_policy (version, effective_from, document, state, note, author_ids, author, created_at,
                               approved_by)
    SELECT 1, DATE '1900-01-01', '{
  "name": "Turnover on sell-in",
  "methods": [
    {
      "method": "turnover",
      "required": true
    }
  ],
  "combine": "smallest",
  "sales": {
    "basis": "sell_in",
    "wanted_weeks_of_supply": null,
    "stock_change_months": 3,
    "window_months": 12,
    "months_counted": "covered",
    "least_covered_months": 3,
    "trim": "none",
    "trim_highest": 1,
    "trim_lowest": 1
  },
  "season": {
    "use": false,
    "window_months": 24,
    "month": "as_of",
    "band_rate": "0.5"
  },
  "grade_coefficients": {
    "AAA": "2.0",
    "AA": "1.0",
    "A": "0.8",
    "B": "0.6",
    "C": "0"
  },
  "terms": {
    "days_per_month": 30,
    "longest_days": null
  },
  "gates": {
    "altman": "none",
    "altman_required": true,
    "distress_factor": "0",
    "grey_factor": "0.5",
    "characteristic": false,
    "characteristic_required": true
  },
  "caps": {
    "rise_rate": "0.5",
    "own_sales_rate": null,
    "grade_ceiling_months": {
      "AAA": null,
      "AA": null,
      "A": null,
      "B": null,
      "C": null
    },
    "grade_ceiling_amounts": {
      "AAA": null,
      "AA": null,
      "A": null,
      "B": null,
      "C": null
    }
  },
  "floor": "0",
  "rounding_unit": "100",
  "validity_months": 12,
  "approvals": [
    {
      "up_to": "100000",
      "approvals": 1
    },
    {
      "up_to": null,
      "approvals": 2
    }
  ],
  "new_dealer": {
    "fewer_than_months": 3,
    "grade_unless_set": "B",
    "best_grade": "A",
    "first_order_prepaid": true
  },
  "parameters": {
    "statement_max_age_months": 18,
    "net_worth_rate": "0.10",
    "own_sales_rate": "0.10",
    "small_customer_rate": "1",
    "high_credit_growth_factor": "1",
    "default_rates": {
      "AAA": "0.001",
      "AA": "0.005",
      "A": "0.02",
      "B": "0.05",
      "C": "0.20"
    },
    "loss_given_default_rate": "0.45",
    "expected_loss_ceiling": "10000",
    "working_assets_version": "published table, holes closed",
    "working_assets_bands": [
      {
        "from_score": null,
        "rate": "0",
        "risk": "high"
      },
      {
        "from_score": "-4.59",
        "rate": "0.025",
        "risk": "high"
      },
      {
        "from_score": "-3.89",
        "rate": "0.05",
        "risk": "high"
      },
      {
        "from_score": "-3.19",
        "rate": "0.075",
        "risk": "high"
      },
      {
        "from_score": "-2.49",
        "rate": "0.10",
        "risk": "high"
      },
      {
        "from_score": "-1.79",
        "rate": "0.125",
        "risk": "limited"
      },
      {
        "from_score": "-1.09",
        "rate": "0.15",
        "risk": "limited"
      },
      {
        "from_score": "-0.39",
        "rate": "0.175",
        "risk": "limited"
      },
      {
        "from_score": "0.31",
        "rate": "0.20",
        "risk": "limited"
      },
      {
        "from_score": "1.0",
        "rate": "0.25",
        "risk": "low"
      }
    ],
    "characteristic_weights": [
      {
        "factor": "appearance",
        "group": "own",
        "weight": "1"
      },
      {
        "factor": "organisation",
        "group": "own",
        "weight": "1"
      },
      {
        "factor": "product_and_market",
        "group": "own",
        "weight": "1"
      },
      {
        "factor": "competitiveness",
        "group": "own",
        "weight": "1"
      },
      {
        "factor": "operating_state",
        "group": "own",
        "weight": "1"
      },
      {
        "factor": "prospects",
        "group": "own",
        "weight": "1"
      },
      {
        "factor": "deal_margin",
        "group": "priority",
        "weight": "1"
      },
      {
        "factor": "product_demands",
        "group": "priority",
        "weight": "1"
      },
      {
        "factor": "effect_on_appeal",
        "group": "priority",
        "weight": "1"
      },
      {
        "factor": "effect_on_strength",
        "group": "priority",
        "weight": "1"
      },
      {
        "factor": "security",
        "group": "priority",
        "weight": "1"
      },
      {
        "factor": "replaceability",
        "group": "priority",
        "weight": "1"
      },
      {
        "factor": "payment_record",
        "group": "credit",
        "weight": "1"
      },
      {
        "factor": "bank_credit",
        "group": "credit",
        "weight": "1"
      },
      {
        "factor": "profitability",
        "group": "credit",
        "weight": "1"
      },
      {
        "factor": "balance_sheet",
        "group": "credit",
        "weight": "1"
      },
      {
        "factor": "solvency",
        "group": "credit",
        "weight": "1"
      },
      {
        "factor": "total_capital",
        "group": "credit",
        "weight": "1"
      }
    ],
    "characteristic_bands": [
      {
        "from_percent": "0",
        "meaning": "no credit",
        "factor": "0"
      },
      {
        "from_percent": "21",
        "meaning": "watch closely",
        "factor": "0.5"
      },
      {
        "from_percent": "46",
        "meaning": "normal",
        "factor": "1"
      },
      {
        "from_percent": "66",
        "meaning": "larger limit",
        "factor": "1.25"
      }
    ],
    "characteristic_known_rate": "0.5",
    "altman_z": {
      "version": "Altman 1968",
      "coefficients": [
        "1.2",
        "1.4",
        "3.3",
        "0.6",
        "1.0"
      ],
      "distress_below": "1.81",
      "safe_above": "2.99"
    },
    "altman_z_prime": {
      "version": "Altman 1983",
      "coefficients": [
        "0.717",
        "0.847",
        "3.107",
        "0.420",
        "0.998"
      ],
      "distress_below": "1.23",
      "safe_above": "2.90"
    },
    "altman_z_double_prime": {
      "version": "Altman 1993",
      "coefficients": [
        "6.56",
        "3.26",
        "6.72",
        "1.05"
      ],
      "distress_below": "1.1",
      "safe_above": "2.6"
    }
  }
}', 'approved', 'The policy that comes with the service', '{}', 'channel',
           '1900-01-01 00:00:00+00', id FROM shipped
    RETURNING version, approved_by
)
INSERT INTO credit_policy_decision (version, act, person, reason, at, posting_id)
SELECT 1, 'approve', 'channel', 'The policy that comes with the service', '1900-01-01 00:00:00+00', id FROM shipped;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="credit", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
