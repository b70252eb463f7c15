"""The credit policy is one of the versioned documents, with all that was done with it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "credit-0006"
VERSION = "1.38.0"
DESCRIPTION = "policies are documents"

SQL = """
INSERT INTO document_version (paper, of, version, effective_from, document, state, note, author_ids, author,
                              proposer_id, created_at, approved_by)
SELECT 'credit policy', '', version, effective_from, document, state, note, author_ids, author, proposer_id, created_at,
       approved_by
FROM credit_policy;
INSERT INTO document_act (paper, of, version, act, person, reason, at, posting_id)
SELECT 'credit policy', '', version, act, person, reason, at, posting_id FROM credit_policy_decision ORDER BY id;

-- What is computed and proposed under a version of the policy keeps referring to one that there is: by this number, which
-- of all documents only policies have.
ALTER TABLE document_version ADD COLUMN credit_policy integer
    GENERATED ALWAYS AS (CASE WHEN paper = 'credit policy' THEN version END) STORED
    CONSTRAINT document_version_credit_policy UNIQUE;
DO $$
DECLARE one record;
BEGIN
    FOR one IN
        SELECT c.conrelid::regclass AS rel, c.conname AS name, a.attname AS col
        FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'f' AND c.confrelid = 'credit_policy'::regclass
          AND c.conrelid <> 'credit_policy_decision'::regclass
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I FOREIGN KEY (%I)'
            ' REFERENCES document_version (credit_policy)', one.rel, one.name, one.name, one.col);
    END LOOP;
END $$;
DROP TABLE credit_policy_decision;
DROP TABLE credit_policy;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="credit", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
