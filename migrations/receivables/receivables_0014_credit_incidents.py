"""Credit incidents: broken promises, write-offs, dishonoured bills, holds."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "receivables-0014"
VERSION = "1.38.0"
DESCRIPTION = "credit incidents"

SQL = """
-- What speaks against a dealer's credit, once each: on which day it was, and by what. A broken promise is known by its
-- instalment, a write-off and a dishonoured bill by the document, a hold by the posting that recorded it.
CREATE TABLE credit_incident (
    dealer_id       bigint NOT NULL REFERENCES dealer (id),
    id              bigint GENERATED ALWAYS AS IDENTITY,
    kind            text NOT NULL CONSTRAINT credit_incident_kind
                    CHECK (kind IN ('broken_promise', 'write_off', 'dishonoured_bill', 'hold')),
    incident_on     date NOT NULL,
    promise_id      bigint,
    place           integer,
    document_id     bigint,
    hold_posting_id bigint REFERENCES posting (id),
    posting_id      bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (dealer_id, id),
    FOREIGN KEY (dealer_id, promise_id, place) REFERENCES promise_judgement (dealer_id, promise_id, place),
    FOREIGN KEY (dealer_id, document_id) REFERENCES receivable_document (dealer_id, id),
    CONSTRAINT credit_incident_source CHECK (
        (kind = 'broken_promise') = (promise_id IS NOT NULL AND place IS NOT NULL)
        AND (kind IN ('write_off', 'dishonoured_bill')) = (document_id IS NOT NULL)
        AND (kind = 'hold') = (hold_posting_id IS NOT NULL))
);
CREATE UNIQUE INDEX credit_incident_promise_once ON credit_incident (dealer_id, promise_id, place);
CREATE UNIQUE INDEX credit_incident_document_once ON credit_incident (dealer_id, document_id);
CREATE UNIQUE INDEX credit_incident_hold_once ON credit_incident (dealer_id, hold_posting_id, incident_on);
CREATE INDEX credit_incident_days ON credit_incident (incident_on);

-- What is in the books from before, recorded by whatever recorded it there.
INSERT INTO credit_incident (dealer_id, kind, incident_on, document_id, posting_id)
SELECT dealer_id, kind, incident_on, document_id, posting_id FROM (
    SELECT dealer_id, 'write_off' AS kind, effective_on AS incident_on, id AS document_id, posting_id
    FROM receivable_document WHERE kind = 'write_off'
    UNION ALL
    SELECT r.dealer_id, 'dishonoured_bill', r.effective_on, r.document_id, r.posting_id
    FROM document_reversal r JOIN receivable_document d ON d.dealer_id = r.dealer_id AND d.id = r.document_id
    WHERE d.kind = 'bill'
) AS before ORDER BY posting_id, dealer_id, document_id;

ALTER TABLE credit_incident ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON credit_incident FOR ALL TO channel_app
    USING ((SELECT scope_is_open()) OR EXISTS (SELECT FROM dealer d WHERE d.id = credit_incident.dealer_id
           AND d.territory_id = ANY ((SELECT scope_territories())::bigint[])));
GRANT SELECT, INSERT ON credit_incident TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="receivables", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
