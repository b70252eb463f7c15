"""Dealers with their dated facts, products, rates, contacts and exclusivity."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "dealers-0001"
VERSION = "1.38.0"
DESCRIPTION = "dealers and masters"

SQL = """
CREATE TABLE product_line (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code        text NOT NULL CONSTRAINT product_line_code_once UNIQUE,
    name        text NOT NULL,
    -- Which type of dealer the line should be sold through; null where either will do.
    wanted_type text CONSTRAINT product_line_wanted_type CHECK (wanted_type IN ('wholesale', 'terminal'))
);
CREATE TABLE product (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code        text NOT NULL CONSTRAINT product_code_once UNIQUE,
    name        text NOT NULL,
    line_id     bigint NOT NULL REFERENCES product_line (id),
    unit        text
);
CREATE INDEX product_line_products ON product (line_id);

-- Company currency per unit of the other. A later posting for the same day corrects an earlier one; none is changed.
CREATE TABLE exchange_rate (
    currency    text NOT NULL CONSTRAINT exchange_rate_currency CHECK (currency ~ '^[A-Z]{3}$'),
    on_date     date NOT NULL,
    posting_id  bigint NOT NULL REFERENCES posting (id),
    rate        numeric(24, 12) NOT NULL
                CONSTRAINT exchange_rate_is_a_rate CHECK (rate > 0 AND rate < 1000000000),
    PRIMARY KEY (currency, on_date, posting_id)
);
-- The latest rate on or before the day and at most 7 days old, as known at a moment (null: as known now);
-- the company's own currency is always 1, and no rate is null.
CREATE FUNCTION rate_on(asked text, day date, known_at timestamptz, company text) RETURNS numeric
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN asked = company THEN 1::numeric ELSE (
        SELECT r.rate FROM exchange_rate r JOIN posting p ON p.id = r.posting_id
        WHERE r.currency = asked AND r.on_date <= day AND r.on_date >= day - 7
          AND (known_at IS NULL OR p.recorded_at <= known_at)
        ORDER BY r.on_date DESC, coalesce(p.recorded_at, 'infinity') DESC, r.posting_id DESC
        LIMIT 1) END
$$;

-- The columns from `type` on hold what is effective today as known now: a cache of dealer_fact, kept in the same
-- transaction and, for facts that become effective later, by a daily job.
CREATE TABLE dealer (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code                text NOT NULL CONSTRAINT dealer_code_once UNIQUE
                        CONSTRAINT dealer_code CHECK (code ~ '^[^/?#%\\s\\\\][^/?#%\\\\[:cntrl:]]{0,39}$'),
    name                text NOT NULL CONSTRAINT dealer_name CHECK (name <> ''),
    selling_way         text CONSTRAINT dealer_selling_way CHECK (selling_way IN ('passive', 'active')),
    assortment          text CONSTRAINT dealer_assortment CHECK (assortment IN ('best-sellers', 'broad', 'few select')),
    margin_level        text CONSTRAINT dealer_margin_level CHECK (margin_level IN ('thin', 'usual', 'high')),
    price_level         text CONSTRAINT dealer_price_level CHECK (price_level IN ('low', 'middle', 'high')),
    price_transparency  text CONSTRAINT dealer_price_transparency
                        CHECK (price_transparency IN ('open', 'partly', 'closed')),
    brands_carried      integer CONSTRAINT dealer_brands CHECK (brands_carried >= 0),
    exclusivity_wanted  boolean,
    type                text NOT NULL CONSTRAINT dealer_type CHECK (type IN ('wholesale', 'terminal')),
    territory_id        bigint NOT NULL REFERENCES territory (id),
    parent_id           bigint REFERENCES dealer (id),
    grade               text CONSTRAINT dealer_grade CHECK (grade IN ('AAA', 'AA', 'A', 'B', 'C')),
    status              text NOT NULL
                        CONSTRAINT dealer_status CHECK (status IN ('prospect', 'active', 'on hold', 'ended')),
    currency            text NOT NULL CONSTRAINT dealer_currency CHECK (currency ~ '^[A-Z]{3}$'),
    terms_days          integer NOT NULL CONSTRAINT dealer_terms CHECK (terms_days BETWEEN 0 AND 365),
    -- What a text is looked for in, and the place of the grade in their order: kept, so that a search and a sort by
    -- grade compare plain columns.
    search              text NOT NULL GENERATED ALWAYS AS (lower(code || ' ' || name)) STORED,
    grade_rank          integer NOT NULL GENERATED ALWAYS AS (CASE grade WHEN 'AAA' THEN 1 WHEN 'AA' THEN 2
                            WHEN 'A' THEN 3 WHEN 'B' THEN 4 WHEN 'C' THEN 5 ELSE 9 END) STORED,
    CONSTRAINT dealer_is_not_its_own_parent CHECK (parent_id <> id)
);
CREATE INDEX dealer_territory ON dealer (territory_id);
CREATE INDEX dealer_parent ON dealer (parent_id);
CREATE INDEX dealer_text ON dealer USING gin (search gin_trgm_ops);
-- A page of the list is read in its order, however many dealers there are.
CREATE INDEX dealer_by_name ON dealer (name, id);
CREATE INDEX dealer_by_type ON dealer (type, id);
CREATE INDEX dealer_by_grade ON dealer (grade_rank, id);
CREATE INDEX dealer_by_status ON dealer (status, id);
CREATE INDEX dealer_by_currency ON dealer (currency, id);
CREATE INDEX dealer_by_terms ON dealer (terms_days, id);
-- What terms dealers have that are alike.
CREATE INDEX dealer_alike ON dealer (type, grade_rank, status, terms_days) INCLUDE (id, territory_id);
CREATE INDEX territory_by_name ON territory (name);

-- A dated fact: `fact` says which, `value` what (for territory and parent the id column beside it), effective from
-- `effective_on` until the next later one of the same fact; of several for one day the last recorded counts.
CREATE TABLE dealer_fact (
    dealer_id       bigint NOT NULL REFERENCES dealer (id),
    id              bigint GENERATED ALWAYS AS IDENTITY,
    fact            text NOT NULL CONSTRAINT dealer_fact_kind CHECK (fact IN (
                        'type', 'territory', 'parent', 'grade', 'status', 'currency', 'terms_days',
                        'first_year_target', 'reports_owed', 'reports_due_day')),
    value           text,
    territory_id    bigint REFERENCES territory (id),
    parent_id       bigint REFERENCES dealer (id),
    effective_on    date NOT NULL,
    reason          text,
    posting_id      bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (dealer_id, id)
);
CREATE INDEX dealer_fact_latest ON dealer_fact (dealer_id, fact, effective_on DESC, posting_id DESC, id DESC);
CREATE INDEX dealer_fact_coming ON dealer_fact (effective_on);

CREATE TABLE dealer_line (
    dealer_id   bigint NOT NULL REFERENCES dealer (id),
    line_id     bigint NOT NULL REFERENCES product_line (id),
    PRIMARY KEY (dealer_id, line_id)
);
CREATE TABLE contact (
    dealer_id   bigint NOT NULL REFERENCES dealer (id),
    id          bigint GENERATED ALWAYS AS IDENTITY,
    name        text NOT NULL,
    role        text,
    phone       text,
    email       text,
    PRIMARY KEY (dealer_id, id)
);
CREATE INDEX contact_phone ON contact (phone text_pattern_ops);
CREATE TABLE second_tier (
    dealer_id   bigint NOT NULL REFERENCES dealer (id),
    id          bigint GENERATED ALWAYS AS IDENTITY,
    code        text NOT NULL,
    name        text NOT NULL,
    kind        text NOT NULL CONSTRAINT second_tier_kind CHECK (kind IN ('direct', 'indirect', 'mixed')),
    PRIMARY KEY (dealer_id, id),
    CONSTRAINT second_tier_code_once UNIQUE (dealer_id, code)
);

-- A grant of exclusivity covers [from_on, to_on); to_on null means without an end.
CREATE TABLE exclusivity (
    dealer_id       bigint NOT NULL REFERENCES dealer (id),
    id              bigint GENERATED ALWAYS AS IDENTITY,
    line_id         bigint NOT NULL REFERENCES product_line (id),
    territory_id    bigint NOT NULL REFERENCES territory (id),
    from_on         date NOT NULL,
    to_on           date,
    reason          text NOT NULL,
    posting_id      bigint NOT NULL REFERENCES posting (id),
    closed_by       bigint REFERENCES posting (id),
    PRIMARY KEY (dealer_id, id),
    CONSTRAINT exclusivity_has_days CHECK (to_on > from_on)
);
CREATE INDEX exclusivity_line ON exclusivity (line_id, territory_id);
-- One row for each node at and below the granted one: so two grants for one line meet in a common node exactly
-- when one territory is or contains the other, and the constraint refuses them whatever the service overlooked.
CREATE TABLE exclusivity_node (
    dealer_id       bigint NOT NULL,
    exclusivity_id  bigint NOT NULL,
    line_id         bigint NOT NULL,
    territory_id    bigint NOT NULL REFERENCES territory (id),
    during          daterange NOT NULL,
    PRIMARY KEY (dealer_id, exclusivity_id, territory_id),
    FOREIGN KEY (dealer_id, exclusivity_id) REFERENCES exclusivity (dealer_id, id),
    CONSTRAINT exclusivity_does_not_overlap
        EXCLUDE USING gist (line_id WITH =, territory_id WITH =, during WITH &&)
);

ALTER TABLE audit_dealer ADD CONSTRAINT audit_dealer_dealer FOREIGN KEY (dealer_id) REFERENCES dealer (id);

ALTER TABLE dealer ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON dealer FOR ALL TO channel_app
    USING ((SELECT scope_is_open()) OR territory_id = ANY ((SELECT scope_territories())::bigint[]));
-- What belongs to a dealer is seen with him. His own policy says as much, but its OR finds no index: the territories are
-- named once more, so that the dealers in reach are found by theirs.
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['dealer_fact', 'dealer_line', 'contact', 'second_tier', 'audit_dealer'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY scope ON %I FOR ALL TO channel_app'
            ' USING ((SELECT scope_is_open()) OR EXISTS (SELECT FROM dealer d WHERE d.id = %I.dealer_id'
            '  AND d.territory_id = ANY ((SELECT scope_territories())::bigint[])))', name, name);
    END LOOP;
END $$;

-- A LIKE may not come near rows that row-level security has not let through yet (it is not leakproof), and so finds
-- no index. These two look as the owner, and give nothing beyond the asker's scope either: the ids of at most `most`
-- dealers whose code and name, or whose contact's phone, are like the pattern.
CREATE FUNCTION dealers_named(pattern text, most integer) RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
    SELECT id FROM dealer WHERE search LIKE pattern
      AND ((SELECT scope_is_open()) OR territory_id = ANY ((SELECT scope_territories())::bigint[])) LIMIT most
$$;
CREATE FUNCTION dealers_phoned(pattern text, most integer) RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
    SELECT d.id FROM contact c JOIN dealer d ON d.id = c.dealer_id WHERE c.phone LIKE pattern
      AND ((SELECT scope_is_open()) OR d.territory_id = ANY ((SELECT scope_territories())::bigint[])) LIMIT most
$$;
REVOKE ALL ON FUNCTION dealers_named(text, integer), dealers_phoned(text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dealers_named(text, integer), dealers_phoned(text, integer) TO channel_app;

GRANT SELECT, INSERT, UPDATE ON product_line, product, dealer TO channel_app;
GRANT SELECT, INSERT ON exchange_rate, dealer_fact TO channel_app;
GRANT SELECT, INSERT, DELETE ON dealer_line TO channel_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON contact, second_tier TO channel_app;
GRANT SELECT, INSERT, UPDATE (closed_by) ON exclusivity TO channel_app;
GRANT SELECT, INSERT, DELETE ON exclusivity_node TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="dealers", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
