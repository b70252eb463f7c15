"""A data folder of the version before is brought up with what it holds."""

import asyncpg

from channel.database import db
from channel.database.embedded import EmbeddedPostgres
from channel.database.snapshots import view_of
from migrations.credit.credit_0002_proposals_of_runs import SQL
from tests.make.access import acting
from tests.make.limits import AS_OF, assess, make_dealer_selling, make_desk, on_day, put_in_force

# The schema before, over the data of now.
BEFORE = """
DROP TABLE run_proposal;
ALTER TABLE limit_proposal DROP COLUMN policy_version, DROP COLUMN need_policy, DROP COLUMN total_before,
    DROP COLUMN total_after;
DROP INDEX limit_proposal_one_open;
CREATE UNIQUE INDEX limit_proposal_one_open ON limit_proposal (dealer_id, kind) WHERE state = 'open';
CREATE INDEX limit_proposal_of_run ON limit_proposal (run_id, state);
"""


@on_day(AS_OF)
async def test_proposals_of_the_version_before_keep_their_run_and_get_their_policy(
    server: EmbeddedPostgres, database: str
) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 60_000)
    await make_dealer_selling(desk, "D-2", 70_000)
    await put_in_force(desk, "D-2", 10_000)
    async with acting(desk.manager):
        run = await assess(desk.manager, view=view_of(AS_OF), propose=True)
    held = "SELECT dealer_id, run_id, proposal_id, assessment_id FROM run_proposal ORDER BY dealer_id"
    owner = await asyncpg.connect(server.dsn("channel_owner", database))
    try:
        linked = await owner.fetch(held)
        await owner.execute(BEFORE)
        await owner.execute(SQL)
        assert [tuple(row) for row in await owner.fetch(held)] == [tuple(row) for row in linked]
        told = await owner.fetch("SELECT run_id, policy_version, total_after FROM limit_proposal ORDER BY id")
    finally:
        await owner.close()
    assert len(linked) == 2
    assert [tuple(row) for row in told] == [(None, 1, None), (run.run_id, 1, None), (run.run_id, 1, None)]
    async with db.held(db.EVERYTHING):
        assert await db.fetchval("SELECT count(*) FROM run_proposal") == 2
