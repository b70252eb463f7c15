"""Sales reports, their lines and coverage, and the monthly rollups."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "sales-0001"
VERSION = "1.38.0"
DESCRIPTION = "lines and rollups"

SQL = """
-- One loaded report of one kind. Its days are half-open: covers [covers_from, covers_to).
CREATE TABLE sales_report (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL CONSTRAINT sales_report_kind CHECK (kind IN ('sell-in', 'sell-through', 'stock')),
    load_id     bigint REFERENCES import_load (id),
    file_name   text NOT NULL,
    covers_from date NOT NULL,
    covers_to   date NOT NULL,
    posting_id  bigint NOT NULL REFERENCES posting (id),
    CONSTRAINT sales_report_has_days CHECK (covers_to > covers_from),
    -- So that a line's report and posting are held by one key: a million lines are checked once for both.
    CONSTRAINT sales_report_posting UNIQUE (id, posting_id)
);
CREATE INDEX sales_report_load ON sales_report (load_id);

-- Which days of which dealer a report speaks for; within them no line means zero.
CREATE TABLE coverage (
    dealer_id   bigint NOT NULL REFERENCES dealer (id),
    id          bigint GENERATED ALWAYS AS IDENTITY,
    kind        text NOT NULL CONSTRAINT coverage_kind CHECK (kind IN ('sell-in', 'sell-through', 'stock')),
    from_on     date NOT NULL,
    to_on       date NOT NULL,
    report_id   bigint NOT NULL,
    posting_id  bigint NOT NULL,
    PRIMARY KEY (dealer_id, id),
    CONSTRAINT coverage_report_once UNIQUE (dealer_id, report_id, posting_id),
    FOREIGN KEY (report_id, posting_id) REFERENCES sales_report (id, posting_id),
    CONSTRAINT coverage_has_days CHECK (to_on > from_on)
);
CREATE INDEX coverage_days ON coverage (dealer_id, kind, from_on);
CREATE INDEX coverage_report ON coverage (report_id);

-- A line of a report as posted: its own amount, and the same in the dealer's and the company's currency with the
-- rates used (company currency per unit). `closed_by` is the posting that superseded it; null while it is live.
-- A line belongs to what its report covers: that one key holds dealer, report and posting together, and a million
-- lines are checked once for the three. `line_id` is the product's line on the day of the load, held by the rollup.
CREATE TABLE sales_line (
    dealer_id       bigint NOT NULL,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    kind            text NOT NULL CONSTRAINT sales_line_kind CHECK (kind IN ('sell-in', 'sell-through', 'stock')),
    on_date         date NOT NULL,
    month           date NOT NULL,
    product_id      bigint NOT NULL REFERENCES product (id),
    line_id         bigint NOT NULL,
    quantity        numeric(18, 4) NOT NULL,
    amount          numeric(18, 4),
    currency        text NOT NULL,
    cost            numeric(18, 4),
    document        text,
    line_number     text,
    second_tier_id  bigint,
    rate            numeric(24, 12) NOT NULL,
    company_amount  numeric(18, 4),
    dealer_currency text NOT NULL,
    dealer_rate     numeric(24, 12) NOT NULL,
    dealer_amount   numeric(18, 4),
    report_id       bigint NOT NULL,
    posting_id      bigint NOT NULL,
    closed_by       bigint REFERENCES posting (id),
    PRIMARY KEY (dealer_id, id),
    FOREIGN KEY (dealer_id, report_id, posting_id) REFERENCES coverage (dealer_id, report_id, posting_id),
    FOREIGN KEY (dealer_id, second_tier_id) REFERENCES second_tier (dealer_id, id),
    CONSTRAINT sales_line_month CHECK (month = date_trunc('month', on_date::timestamp)::date),
    CONSTRAINT sales_line_amount CHECK (amount IS NOT NULL OR kind = 'stock')
);
CREATE INDEX sales_line_days ON sales_line (dealer_id, kind, on_date);
CREATE UNIQUE INDEX sales_line_document_once ON sales_line (dealer_id, kind, document, line_number)
    WHERE closed_by IS NULL AND document IS NOT NULL AND line_number IS NOT NULL;

-- What is live now, by month: for sell-in and sell-through the sums of the live lines, for stock the lines of the
-- last counted day of the month (`counted_on`). Kept in the transaction of the load.
CREATE TABLE sales_month (
    dealer_id               bigint NOT NULL REFERENCES dealer (id),
    kind                    text NOT NULL,
    month                   date NOT NULL,
    line_id                 bigint NOT NULL REFERENCES product_line (id),
    dealer_currency         text NOT NULL,
    quantity                numeric(24, 4) NOT NULL,
    dealer_amount           numeric(24, 4),
    company_amount          numeric(24, 4),
    returned_quantity       numeric(24, 4) NOT NULL,
    returned_dealer_amount  numeric(24, 4),
    returned_company_amount numeric(24, 4),
    cost                    numeric(24, 4),
    lines                   bigint NOT NULL,
    counted_on              date,
    PRIMARY KEY (dealer_id, kind, month, line_id, dealer_currency)
);
CREATE INDEX sales_month_by_month ON sales_month (kind, month);

-- What the list of dealers is sorted by: net sell-in in company currency of those of twelve months that reports cover
-- whole, of dealers with one such month at least. `ends_on` is the first day after the twelve. Kept in the transaction
-- of the load for the years that sell_in_year_kept names, which a job moves on when a month is over.
CREATE TABLE sell_in_year (
    dealer_id       bigint NOT NULL REFERENCES dealer (id),
    ends_on         date NOT NULL,
    company_amount  numeric(24, 4) NOT NULL,
    PRIMARY KEY (dealer_id, ends_on)
);
CREATE INDEX sell_in_year_order ON sell_in_year (ends_on, company_amount, dealer_id);
CREATE TABLE sell_in_year_kept (
    ends_on date PRIMARY KEY
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['sales_line', 'coverage', 'sales_month', 'sell_in_year'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY scope ON %I FOR ALL TO channel_app'
            ' USING ((SELECT scope_is_open()) OR EXISTS (SELECT FROM dealer d WHERE d.id = %I.dealer_id'
            '  AND d.territory_id = ANY ((SELECT scope_territories())::bigint[])))', name, name);
    END LOOP;
END $$;

GRANT SELECT, INSERT ON sales_report, coverage TO channel_app;
GRANT SELECT, INSERT, UPDATE (closed_by) ON sales_line TO channel_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON sales_month TO channel_app;
GRANT SELECT, INSERT, UPDATE (company_amount), DELETE ON sell_in_year TO channel_app;
GRANT SELECT, INSERT, DELETE ON sell_in_year_kept TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="sales", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
