"""One open proposal per dealer, kind and raise; the proposals of a run as a relation; the totals that approvals count."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "credit-0002"
VERSION = "1.38.0"
DESCRIPTION = "proposals of runs"

SQL = """
-- Of each raise one end may be open, beside one of another raise.
DROP INDEX limit_proposal_one_open;
CREATE UNIQUE INDEX limit_proposal_one_open ON limit_proposal (dealer_id, kind, raise_id) NULLS NOT DISTINCT
    WHERE state = 'open';

-- `policy_version` is the policy under which it was proposed. The need for approvals is counted anew at every vote:
-- `approvals_needed` was told last, under `need_policy`, for the greatest totals in company currency without the act
-- and with it, all that was in force or open counted (null without a rate, and where it was told before they were kept).
ALTER TABLE limit_proposal
    ADD COLUMN policy_version integer REFERENCES credit_policy (version),
    ADD COLUMN need_policy integer REFERENCES credit_policy (version),
    ADD COLUMN total_before numeric(24, 4),
    ADD COLUMN total_after numeric(24, 4);
UPDATE limit_proposal l SET policy_version = coalesce(
    (SELECT r.policy_version FROM assessment_run r WHERE r.id = l.run_id),
    (SELECT p.version FROM credit_policy p JOIN posting approval ON approval.id = p.approved_by
     WHERE p.state = 'approved' AND p.effective_from <= l.proposed_at::date AND approval.recorded_at <= l.proposed_at
     ORDER BY p.effective_from DESC, approval.recorded_at DESC, p.version DESC LIMIT 1));
GRANT UPDATE (approvals_needed, need_policy, total_before, total_after) ON limit_proposal TO channel_app;

-- The proposals that a run made or found open as it would have made them, each with the run's assessment behind it.
CREATE TABLE run_proposal (
    dealer_id       bigint NOT NULL REFERENCES dealer (id),
    run_id          bigint NOT NULL REFERENCES assessment_run (id),
    proposal_id     bigint NOT NULL,
    assessment_id   bigint NOT NULL,
    PRIMARY KEY (dealer_id, run_id, proposal_id),
    FOREIGN KEY (dealer_id, proposal_id) REFERENCES limit_proposal (dealer_id, id),
    FOREIGN KEY (dealer_id, assessment_id) REFERENCES assessment (dealer_id, id)
);
INSERT INTO run_proposal (dealer_id, run_id, proposal_id, assessment_id)
SELECT dealer_id, run_id, id, assessment_id FROM limit_proposal WHERE run_id IS NOT NULL AND assessment_id IS NOT NULL;
CREATE INDEX run_proposal_of_run ON run_proposal (run_id, dealer_id, proposal_id);
CREATE INDEX run_proposal_of_proposal ON run_proposal (dealer_id, proposal_id, run_id DESC) INCLUDE (assessment_id);
DROP INDEX limit_proposal_of_run;

ALTER TABLE run_proposal ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON run_proposal FOR ALL TO channel_app
    USING ((SELECT scope_is_open()) OR EXISTS (SELECT FROM dealer d WHERE d.id = run_proposal.dealer_id
        AND d.territory_id = ANY ((SELECT scope_territories())::bigint[])));
GRANT SELECT, INSERT ON run_proposal TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="credit", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
