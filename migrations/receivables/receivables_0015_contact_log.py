"""The contact log: calls, mails, visits and meetings with dealers."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "receivables-0015"
VERSION = "1.38.0"
DESCRIPTION = "the contact log"

SQL = """
-- A contact with a dealer as it took place; it is never edited, and one that is wrong is superseded by another. The time
-- is that of the company's clock, null where nobody said it. `contact_id` is whom of the dealer's contacts it was with;
-- he can be taken out of these later, so that his name stands here as it was.
CREATE TABLE contact_entry (
    dealer_id     bigint NOT NULL REFERENCES dealer (id),
    id            bigint GENERATED ALWAYS AS IDENTITY,
    kind          text NOT NULL CONSTRAINT contact_entry_kind
                  CHECK (kind IN ('call', 'mail', 'visit', 'meeting', 'other')),
    outcome       text NOT NULL CONSTRAINT contact_entry_outcome CHECK (outcome IN ('by_us', 'by_dealer', 'not_reached')),
    took_place_on date NOT NULL,
    at_time       text CONSTRAINT contact_entry_at_time CHECK (at_time ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
    contact_id    bigint,
    with_whom     text,
    said          text,
    next_step     text,
    next_on       date,
    supersedes_id bigint,
    reason        text,
    posting_id    bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (dealer_id, id),
    FOREIGN KEY (dealer_id, supersedes_id) REFERENCES contact_entry (dealer_id, id),
    CONSTRAINT contact_entry_reached CHECK (outcome = 'not_reached' OR (with_whom IS NOT NULL AND said IS NOT NULL)),
    CONSTRAINT contact_entry_next CHECK ((next_step IS NULL) = (next_on IS NULL) AND next_on >= took_place_on),
    CONSTRAINT contact_entry_corrects CHECK ((supersedes_id IS NULL) = (reason IS NULL))
);
CREATE INDEX contact_entry_numbered ON contact_entry (id);
CREATE INDEX contact_entry_days ON contact_entry (dealer_id, took_place_on);
CREATE INDEX contact_entry_all_days ON contact_entry (took_place_on);
CREATE UNIQUE INDEX contact_entry_superseded_once ON contact_entry (dealer_id, supersedes_id);

ALTER TABLE contact_entry ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON contact_entry FOR ALL TO channel_app
    USING ((SELECT scope_is_open()) OR EXISTS (SELECT FROM dealer d WHERE d.id = contact_entry.dealer_id
           AND d.territory_id = ANY ((SELECT scope_territories())::bigint[])));
GRANT SELECT, INSERT ON contact_entry TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="receivables", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
