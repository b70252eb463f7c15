"""A data folder of a version before is brought up with what it holds."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import asyncpg
import pytest

from channel import clock
from channel.credit.queries.proposals import history_of
from channel.credit.rules import POLICY, Policy
from channel.credit.service.explain import recompute
from channel.database import db
from channel.database.embedded import EmbeddedPostgres
from channel.database.snapshots import view_of
from channel.errors import Forbidden
from channel.versions.queries import acts, versions
from channel.versions.rules import written
from channel.versions.service import Version, in_force, read_version
from migrations.credit.credit_0002_proposals_of_runs import SQL as PROPOSALS_OF_RUNS
from migrations.credit.credit_0006_policies_are_documents import SQL as POLICIES_ARE_DOCUMENTS
from migrations.credit.credit_0007_proposals_are_requests import SQL as PROPOSALS_ARE_REQUESTS
from migrations.credit.credit_0009_versions_are_decided_by_requests import SQL as VERSIONS_ARE_REQUESTS
from tests.make.access import acting
from tests.make.credit import DEFAULT_POLICY
from tests.make.limits import (
    AS_OF,
    Desk,
    approve_policy,
    approve_proposal,
    assess,
    draft_policy,
    edit_policy,
    make_dealer_selling,
    make_desk,
    noon,
    on_day,
    propose_limit,
    propose_policy,
    put_in_force,
    refuse_policy,
    refuse_proposal,
    withdraw_policy,
    withdraw_proposal,
)

# The schema before a version of a document was decided by a request, over the data of now.
BEFORE_VERSIONS_WERE_REQUESTS = """
ALTER TABLE document_version ADD COLUMN state text, ADD COLUMN proposer_id bigint REFERENCES person (id),
    ADD COLUMN approved_by bigint REFERENCES posting (id);
UPDATE document_version SET state = CASE WHEN withdrawn_by IS NULL THEN 'draft' ELSE 'withdrawn' END;
UPDATE document_version v SET state = CASE r.state WHEN 'open' THEN 'proposed' ELSE r.state END,
    proposer_id = r.proposer_id, approved_by = CASE WHEN r.state = 'approved' THEN r.closed_by END
FROM request_general r WHERE r.id = v.request_id;
ALTER TABLE document_version ALTER COLUMN state SET NOT NULL;
ALTER TABLE document_act DROP CONSTRAINT document_act_act;
INSERT INTO document_act (paper, of, version, act, person, reason, at, posting_id)
SELECT v.paper, v.of, v.version, said.* FROM document_version v JOIN request_general r ON r.id = v.request_id
CROSS JOIN LATERAL (
    SELECT 'propose', r.proposer, r.reason, r.proposed_at, r.posting_id WHERE r.proposer_id IS NOT NULL
    UNION ALL SELECT w.vote, w.person, w.reason, w.at, w.posting_id FROM vote_general w WHERE w.request_id = r.id
) AS said ORDER BY said.posting_id;
ALTER TABLE document_act ADD CONSTRAINT document_act_act
    CHECK (act IN ('draft', 'edit', 'propose', 'approve', 'refuse', 'withdraw'));
DROP POLICY drafts ON document_version;
DROP POLICY undecided ON document_version;
ALTER TABLE document_version DROP COLUMN request_id, DROP COLUMN withdrawn_by;
DELETE FROM vote_general;
DELETE FROM request_general;
CREATE POLICY drafts ON document_version FOR INSERT TO channel_app WITH CHECK (state = 'draft');
CREATE POLICY undecided ON document_version FOR UPDATE TO channel_app
    USING (state IN ('draft', 'proposed')) WITH CHECK (true);
"""
# Before that: the schema before a proposal was a request.
BEFORE_REQUESTS = """
ALTER TABLE limit_proposal DROP CONSTRAINT limit_proposal_request, ADD COLUMN reason text,
    ADD COLUMN approvals_needed integer, ADD COLUMN total_before numeric(24, 4), ADD COLUMN total_after numeric(24, 4),
    ADD COLUMN need_policy integer, ADD COLUMN state text, ADD COLUMN proposer_id bigint, ADD COLUMN proposer text,
    ADD COLUMN proposed_at timestamptz, ADD COLUMN posting_id bigint, ADD COLUMN closed_by bigint,
    ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;
UPDATE limit_proposal l SET reason = r.reason, approvals_needed = r.needed,
    total_before = (r.counted ->> 'total_before')::numeric, total_after = (r.counted ->> 'total_after')::numeric,
    need_policy = (r.counted ->> 'need_policy')::integer, state = r.state, proposer_id = r.proposer_id,
    proposer = r.proposer, proposed_at = r.proposed_at, posting_id = r.posting_id, closed_by = r.closed_by
FROM request_dealer r WHERE r.dealer_id = l.dealer_id AND r.id = l.id;
SELECT setval('limit_proposal_id_seq', (SELECT max(id) FROM limit_proposal) + 7);
CREATE TABLE limit_vote AS SELECT dealer_id, request_id AS proposal_id, person_id, person, vote, reason, at, posting_id
    FROM vote_dealer;
CREATE POLICY decided_once ON limit_proposal AS RESTRICTIVE FOR UPDATE TO channel_app
    USING (state = 'open') WITH CHECK (true);
DELETE FROM vote_dealer;
DELETE FROM request_dealer;
"""
# And before that: before the proposals of runs.
BEFORE_RUNS = """
CREATE TABLE credit_policy AS SELECT version, effective_from, state, approved_by FROM document_version
    WHERE paper = 'credit policy';
ALTER TABLE credit_policy ADD PRIMARY KEY (version);
DROP TABLE run_proposal;
ALTER TABLE limit_proposal DROP COLUMN policy_version, DROP COLUMN need_policy, DROP COLUMN total_before,
    DROP COLUMN total_after;
CREATE UNIQUE INDEX limit_proposal_one_open ON limit_proposal (dealer_id, kind) WHERE state = 'open';
CREATE INDEX limit_proposal_of_run ON limit_proposal (run_id, state);
"""


async def _world() -> tuple[Desk, list[int]]:
    """A desk with two dealers, and a proposal of every state, the last of them a run's."""
    desk = await make_desk()
    dealers = [await make_dealer_selling(desk, f"D-{n}", 50_000 + n * 10_000) for n in (1, 2)]
    await put_in_force(desk, "D-2", 110_000)
    async with acting(desk.manager):
        first = await propose_limit(desk.manager, "D-1", "base", amount=Decimal(900), reason="asked")
        second = await propose_limit(
            desk.manager, "D-1", "base", amount=Decimal(200_000), reason="asked anew", replaces=first
        )
        ended = await propose_limit(desk.manager, "D-2", "end", reason="too much")
        raised = await propose_limit(
            desk.manager, "D-2", "temporary", amount=Decimal(10), to_on=AS_OF.replace(month=12, day=20), reason="season"
        )
        await withdraw_proposal(desk.manager, raised, "not needed")
    async with acting(desk.finance):
        await refuse_proposal(desk.finance, ended, "no")
        assert not await approve_proposal(desk.finance, second, "fine")
    async with acting(desk.manager):
        await assess(desk.manager, dealer="D-2", view=view_of(AS_OF), propose=True)
    return desk, dealers


async def _told(dealers: list[int]) -> list[object]:
    """Every proposal with its words, and every line of the journal with its votes."""
    async with db.held(db.EVERYTHING):
        return [
            [dict(row) for row in rows]
            for each in dealers
            for found in [await history_of(each, None)]
            for rows in (found.proposals, found.journal)
        ]


@on_day(AS_OF)
async def test_a_proposal_becomes_a_request_with_all_its_words(server: EmbeddedPostgres, database: str) -> None:
    desk, dealers = await _world()
    before = await _told(dealers)
    owner = await asyncpg.connect(server.dsn("channel_owner", database))
    try:
        requests = [dict(row) for row in await owner.fetch("SELECT * FROM request_dealer ORDER BY id")]
        votes = [dict(row) for row in await owner.fetch("SELECT * FROM vote_dealer ORDER BY request_id, at")]
        await owner.execute(BEFORE_REQUESTS)
        await owner.execute(PROPOSALS_ARE_REQUESTS)
        assert [dict(row) for row in await owner.fetch("SELECT * FROM request_dealer ORDER BY id")] == requests
        assert [dict(row) for row in await owner.fetch("SELECT * FROM vote_dealer ORDER BY request_id, at")] == votes
    finally:
        await owner.close()
    assert {row["state"] for row in requests} == {"open", "approved", "refused", "withdrawn", "superseded"}
    assert [(row["id"], row["replaces"]) for row in requests if row["replaces"] is not None]
    assert await _told(dealers) == before
    async with acting(desk.second):
        waiting = next(row["id"] for row in requests if row["state"] == "open" and row["reason"] == "asked anew")
        assert await approve_proposal(desk.second, waiting, "fine as well"), "with the word of before"
    async with acting(desk.manager):
        number = await propose_limit(desk.manager, "D-1", "end", reason="over")
    assert number > max(row["id"] for row in requests) + 7, "no number is given twice"


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
        await owner.execute(BEFORE_VERSIONS_WERE_REQUESTS)
        await owner.execute(BEFORE_REQUESTS)
        await owner.execute(BEFORE_RUNS)
        await owner.execute(PROPOSALS_OF_RUNS)
        await owner.execute(PROPOSALS_ARE_REQUESTS)
        assert [tuple(row) for row in await owner.fetch(held)] == [tuple(row) for row in linked]
        told = await owner.fetch("SELECT run_id, policy_version FROM limit_proposal ORDER BY id")
        counted = await owner.fetch("SELECT DISTINCT counted FROM request_dealer")
    finally:
        await owner.close()
    assert len(linked) == 2
    assert [tuple(row) for row in told] == [(None, 1), (run.run_id, 1), (run.run_id, 1)]
    assert [row[0] for row in counted] == ['{"need_policy": null, "total_after": null, "total_before": null}']
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
    created_at, approved_by FROM document_version WHERE paper = 'credit policy';
ALTER TABLE credit_policy ADD PRIMARY KEY (version);
CREATE TABLE credit_policy_decision AS SELECT version, id, act, person, reason, at, posting_id FROM document_act
    WHERE paper = 'credit policy';
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
        await owner.execute(BEFORE_VERSIONS_WERE_REQUESTS)
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
        await owner.execute(VERSIONS_ARE_REQUESTS)
    finally:
        await owner.close()
    async with acting(desk.finance):
        assert (await in_force(POLICY, view_of(AS_OF))).floor == 250
        assert (await recompute(desk.finance, run.run_id)).differs is None


async def _versions() -> list[tuple[Version[Policy], list[dict[str, object]]]]:
    """Every version of the policy but for the number of its request, with what was done with it."""
    async with db.held(db.EVERYTHING):
        return [
            (replace(each, request_id=0), [dict(act) for act in await acts((POLICY.code, "", each.version))])
            for each in [read_version(POLICY, row) for row in await versions(POLICY.code)]
        ]


@on_day(AS_OF)
async def test_words_on_versions_of_before_are_words_on_requests_and_open_ones_go_on(
    server: EmbeddedPostgres, database: str
) -> None:
    desk = await make_desk()
    async with acting(desk.manager):
        numbers = [await draft_policy(desk.manager, {}, AS_OF, f"the {n}.") for n in range(6)]
    approved, refused, withdrawn, dropped, waiting, _draft = numbers
    async with acting(desk.second):
        await edit_policy(desk.second, waiting, {"floor": "10"}, AS_OF, "higher")
    async with acting(desk.manager):
        for number in (approved, refused, withdrawn, waiting):
            await propose_policy(desk.manager, number, f"propose {number}")
        for number in (withdrawn, dropped):
            await withdraw_policy(desk.manager, number, f"withdraw {number}")
    before = clock.now()
    with clock.fixed(noon(AS_OF) + timedelta(hours=1)):
        async with acting(desk.finance):
            await approve_policy(desk.finance, approved, "sound")
            await refuse_policy(desk.finance, refused, "too mild")
    told = await _versions()
    held = "SELECT kind, about, reason, author_ids, needed, counted, state, proposer_id, proposer, proposed_at,"
    held += " posting_id, closed_by, lapses_on FROM request_general ORDER BY kind, length(about), about"
    owner = await asyncpg.connect(server.dsn("channel_owner", database))
    try:
        requests = await owner.fetch(held)
        await owner.execute(BEFORE_VERSIONS_WERE_REQUESTS)
        await owner.execute(VERSIONS_ARE_REQUESTS)
        assert await owner.fetch(held) == requests
        left = await owner.fetch("SELECT DISTINCT act FROM document_act ORDER BY act")
        assert [row[0] for row in left] == ["approve", "draft", "edit", "withdraw"]
    finally:
        await owner.close()
    assert sorted(row["state"] for row in requests) == [
        *["approved"] * 6,
        "approved",
        "approved",
        "approved",
        "open",
        "refused",
        "withdrawn",
    ], "eight of them came with the service, six as plans of reviews"
    assert await _versions() == told
    with clock.fixed(noon(AS_OF) + timedelta(hours=2)):
        async with acting(desk.finance):
            found = [await in_force(POLICY, view) for view in (view_of(AS_OF, before), view_of(AS_OF))]
            assert [each.version for each in found] == [1, approved]
        async with acting(desk.second):
            with pytest.raises(Forbidden):
                await approve_policy(desk.second, waiting, "mine")
        async with acting(desk.third):
            await approve_policy(desk.third, waiting, "agreed")
            assert (await in_force(POLICY, view_of(AS_OF))).version == waiting
