"""Limits end with the cooperation, without a second person."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "credit-0003"
VERSION = "1.38.0"
DESCRIPTION = "limits of ended dealers"

SQL = """
-- An open proposal is closed as `ended` when the cooperation with its dealer ends. The end of the limit itself is a
-- proposal that needs nobody's approval, in the name of who ended the cooperation: a machine, where a file did.
ALTER TABLE limit_proposal
    DROP CONSTRAINT limit_proposal_state,
    ADD CONSTRAINT limit_proposal_state
        CHECK (state IN ('open', 'approved', 'refused', 'withdrawn', 'superseded', 'ended')),
    DROP CONSTRAINT limit_proposal_needs,
    ADD CONSTRAINT limit_proposal_needs CHECK (approvals_needed > 0 OR (approvals_needed = 0 AND kind = 'end')),
    ALTER COLUMN proposer_id DROP NOT NULL;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="credit", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
