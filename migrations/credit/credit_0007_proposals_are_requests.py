"""A proposal of a limit is one of the requests that wait for a second person's word, with all words of the past."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "credit-0007"
VERSION = "1.38.0"
DESCRIPTION = "proposals are requests"

SQL = """
-- What a proposal shares with everything else that waits is a request under the same number. It superseded what was
-- closed by its own posting, of its kind and about its raise.
INSERT INTO request_dealer (dealer_id, id, kind, about, reason, size, author_ids, replaces, needed, counted, state,
                            proposer_id, proposer, proposed_at, posting_id, closed_by, lapses_on)
OVERRIDING SYSTEM VALUE
SELECT l.dealer_id, l.id, 'limit', concat_ws(' ', l.kind, l.raise_id), l.reason, abs(l.change_amount), '{}', older.id,
       l.approvals_needed, jsonb_build_object('total_before', l.total_before::text, 'total_after', l.total_after::text,
                                              'need_policy', l.need_policy),
       l.state, l.proposer_id, l.proposer, l.proposed_at, l.posting_id, l.closed_by, l.to_on
FROM limit_proposal l LEFT JOIN limit_proposal older
    ON older.dealer_id = l.dealer_id AND older.kind = l.kind AND older.raise_id IS NOT DISTINCT FROM l.raise_id
    AND older.state = 'superseded' AND older.closed_by = l.posting_id;
SELECT setval('request_dealer_id_seq', last_value, is_called) FROM limit_proposal_id_seq;
INSERT INTO vote_dealer (dealer_id, request_id, person_id, person, vote, reason, at, posting_id)
SELECT dealer_id, proposal_id, person_id, person, vote, reason, at, posting_id FROM limit_vote;

DROP TABLE limit_vote;
DROP POLICY decided_once ON limit_proposal;
ALTER TABLE limit_proposal
    ALTER COLUMN id DROP IDENTITY,
    DROP COLUMN reason,
    DROP COLUMN approvals_needed,
    DROP COLUMN total_before,
    DROP COLUMN total_after,
    DROP COLUMN need_policy,
    DROP COLUMN state,
    DROP COLUMN proposer_id,
    DROP COLUMN proposer,
    DROP COLUMN proposed_at,
    DROP COLUMN posting_id,
    DROP COLUMN closed_by,
    ADD CONSTRAINT limit_proposal_request FOREIGN KEY (dealer_id, id) REFERENCES request_dealer (dealer_id, id);
ANALYZE request_dealer, vote_dealer;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="credit", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
