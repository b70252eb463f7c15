"""A data folder of the version before is brought up with what it holds."""

import asyncpg
import pytest

from channel.credit.rules import POLICY
from channel.credit.service.explain import recompute
from channel.database import db
from channel.database.embedded import EmbeddedPostgres
from channel.database.snapshots import view_of
from channel.versions.rules import written
from channel.versions.service import in_force
from migrations.credit.credit_0002_proposals_of_runs import SQL
from migrations.credit.credit_0006_policies_are_documents import SQL as POLICIES_ARE_DOCUMENTS
from tests.make.access import acting
from tests.make.credit import DEFAULT_POLICY
from tests.make.limits import (
    AS_OF,
    approve_policy,
    assess,
    draft_policy,
    make_dealer_selling,
    make_desk,
    on_day,
    propose_policy,
    put_in_force,
)

# The schema before, over the data of now.
BEFORE = """
CREATE TABLE credit_policy AS SELECT version, effective_from, state, approved_by FROM document_version;
ALTER TABLE credit_policy ADD PRIMARY KEY (version);
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


VERSIONS = """
SELECT version, effective_from, document, state, note, author_ids, author, proposer_id, created_at, approved_by
FROM {} ORDER BY version
"""
ACTS = "SELECT version, act, person, reason, at, posting_id FROM {} ORDER BY id"
REFERRING = """
SELECT conrelid::regclass::text, conname::text FROM pg_constraint
WHERE contype = 'f' AND confrelid = '{}'::regclass AND conrelid <> '{}'::regclass ORDER BY 1, 2
"""
POLICIES_BY_THEMSELVES = """
CREATE TABLE credit_policy AS SELECT version, effective_from, document, state, note, author_ids, author, proposer_id,
    created_at, approved_by FROM document_version;
ALTER TABLE credit_policy ADD PRIMARY KEY (version);
CREATE TABLE credit_policy_decision AS SELECT version, id, act, person, reason, at, posting_id FROM document_act;
ALTER TABLE credit_policy_decision ADD FOREIGN KEY (version) REFERENCES credit_policy (version);
DELETE FROM document_act;
ALTER TABLE assessment_run DROP CONSTRAINT assessment_run_policy_version_fkey,
    ADD CONSTRAINT assessment_run_policy_version_fkey FOREIGN KEY (policy_version) REFERENCES credit_policy (version);
ALTER TABLE limit_proposal DROP CONSTRAINT limit_proposal_policy_version_fkey,
    ADD CONSTRAINT limit_proposal_policy_version_fkey FOREIGN KEY (policy_version) REFERENCES credit_policy (version);
ALTER TABLE document_version DROP COLUMN credit_policy CASCADE;
DELETE FROM document_version;
"""


@on_day(AS_OF)
async def test_versions_of_the_policy_become_documents_with_all_that_was_done_with_them(
    server: EmbeddedPostgres, database: str
) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 60_000)
    async with acting(desk.manager):
        version = await draft_policy(desk.manager, written(DEFAULT_POLICY) | {"floor": "250"}, AS_OF, "higher")
        await propose_policy(desk.manager, version, "agreed")
        await draft_policy(desk.manager, {}, AS_OF, "another")
    async with acting(desk.finance):
        await approve_policy(desk.finance, version, "sound")
        run = await assess(desk.finance, view=view_of(AS_OF))
    owner = await asyncpg.connect(server.dsn("channel_owner", database))
    try:
        await owner.execute(POLICIES_BY_THEMSELVES)
        before = await owner.fetch(VERSIONS.format("credit_policy"))
        acts = await owner.fetch(ACTS.format("credit_policy_decision"))
        referring = await owner.fetch(REFERRING.format("credit_policy", "credit_policy_decision"))
        assert (len(before), len(acts)) == (3, 5)
        await owner.execute(POLICIES_ARE_DOCUMENTS)
        assert await owner.fetch(VERSIONS.format("document_version")) == before
        assert await owner.fetch(ACTS.format("document_act")) == acts
        assert await owner.fetch(REFERRING.format("document_version", "document_act")) == referring
        assert {row[0] for row in referring} == {"assessment_run", "limit_proposal"}
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await owner.execute("UPDATE assessment_run SET policy_version = 99 WHERE id = $1", run.run_id)
    finally:
        await owner.close()
    async with acting(desk.finance):
        assert (await in_force(POLICY, view_of(AS_OF))).floor == 250
        assert (await recompute(desk.finance, run.run_id)).differs is None
