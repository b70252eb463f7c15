"""Runs and the assessments they made, kept for good."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from asyncpg import Record

from channel.credit import tables
from channel.credit.lists import ASSESSMENTS, RUNS
from channel.credit.rules import POLICY
from channel.database import db
from channel.database.paging import page_of
from channel.lists import ALL, Page, Wanted


async def record_run(
    as_of: date, known: tuple[datetime, bool], policy_version: int, asked: str, person: str, posting_id: int
) -> int:
    """A run that begins; `known` is its K and whether that was asked for."""
    row = tables.AssessmentRun(
        as_of=as_of,
        known_at=known[0],
        known_past=known[1],
        policy_version=policy_version,
        asked=asked,
        person=person,
        posting_id=posting_id,
    )
    await row.save()
    return row.id


async def count_run(run_id: int, computed: int, withheld: int) -> None:
    """What a run came to, when all of it is decided."""
    await tables.AssessmentCount(run_id=run_id, computed=computed, withheld=withheld).save()


_RECORD = """
INSERT INTO assessment (dealer_id, run_id, currency, amount, unrounded, company_amount, in_force, withheld, inputs,
                        decision)
SELECT u.dealer_id, $10, u.currency, u.amount, u.unrounded, u.company_amount, u.in_force, u.withheld::jsonb,
       u.inputs::json, u.decision::json
FROM unnest($1::bigint[], $2::text[], $3::numeric[], $4::numeric[], $5::numeric[], $6::numeric[], $7::text[],
            $8::text[], $9::text[])
     AS u (dealer_id, currency, amount, unrounded, company_amount, in_force, withheld, inputs, decision)
RETURNING dealer_id, id
"""


async def record_assessments(columns: Sequence[Sequence[Any]], run_id: int) -> dict[int, int]:
    """Many assessments of one run, given column by column; the id of each by its dealer."""
    rows = await db.fetch(_RECORD, *columns, run_id)
    return {row["dealer_id"]: row["id"] for row in rows}


# Bound people see of a run what they may see of its assessments, and no run that has none of theirs.
# What is open is counted once for all runs, from the open proposals: a run may stand for a hundred thousand that are
# decided, and every open one for many runs.
_RUNS = """
SELECT r.id, r.as_of, r.known_at, r.known_past, r.asked, r.person, p.recorded_at,
       CASE WHEN (SELECT scope_is_open()) THEN c.computed
            ELSE (SELECT count(*) FROM assessment a WHERE a.run_id = r.id AND a.amount IS NOT NULL) END AS computed,
       CASE WHEN (SELECT scope_is_open()) THEN c.withheld
            ELSE (SELECT count(*) FROM assessment a WHERE a.run_id = r.id AND a.amount IS NULL) END AS withheld,
       coalesce(waiting.proposals, 0) AS open_proposals
FROM assessment_run r JOIN assessment_count c ON c.run_id = r.id JOIN posting p ON p.id = r.posting_id
LEFT JOIN (
    SELECT o.run_id, count(*) AS proposals
    FROM request_dealer r JOIN run_proposal o ON o.dealer_id = r.dealer_id AND o.proposal_id = r.id
    WHERE r.state = 'open' AND ($1::bigint IS NULL OR o.run_id = $1) GROUP BY o.run_id
) AS waiting ON waiting.run_id = r.id
WHERE ($1::bigint IS NULL OR r.id = $1)
  AND ((SELECT scope_is_open()) OR EXISTS (SELECT 1 FROM assessment a WHERE a.run_id = r.id))
"""


async def runs(wanted: Wanted) -> Page[Record]:
    """Runs, the latest first."""
    return await page_of(_RUNS, (None,), RUNS, wanted)


async def run(run_id: int) -> Record | None:
    """One run, if the asker may know of it."""
    return await db.fetchrow(_RUNS, run_id)


_OF_RUN = """
SELECT a.id, a.dealer_id, d.code AS dealer, d.name, a.currency, a.amount, a.unrounded, a.company_amount, a.in_force,
       a.withheld, a.inputs -> 'inputs' ->> 'status' AS status, r.policy_version
FROM assessment a JOIN assessment_run r ON r.id = a.run_id JOIN dealer d ON d.id = a.dealer_id
WHERE a.run_id = $1 AND ($2::boolean IS NULL OR (a.amount IS NULL) = $2)
"""


async def assessments_of_run(run_id: int, wanted: Wanted = ALL, *, withheld: bool | None = None) -> Page[Record]:
    """The assessments of a run by dealer code, all or only the withheld ones or only the others.

    The status is that of the as-of day, as it was known then; null where it was no input yet.
    """
    return await page_of(_OF_RUN, (run_id, withheld), ASSESSMENTS, wanted)


_WHOLE = """
SELECT a.id, a.dealer_id, d.code, d.name, a.run_id, r.as_of, r.known_at, r.known_past, r.policy_version, a.currency,
       a.amount, a.unrounded, a.company_amount, a.in_force, a.inputs, a.decision, p.recorded_at, p.actor
FROM assessment a JOIN dealer d ON d.id = a.dealer_id JOIN assessment_run r ON r.id = a.run_id
JOIN posting p ON p.id = r.posting_id
"""


async def assessment(assessment_id: int) -> Record | None:
    """One assessment with its inputs and its decision."""
    return await db.fetchrow(f"{_WHOLE} WHERE a.id = $1", assessment_id)


_DOCUMENTS = f"""
SELECT a.id, a.dealer_id, a.currency, a.inputs, r.as_of, r.policy_version,
       CASE WHEN row_number() OVER (PARTITION BY r.policy_version ORDER BY a.id) = 1 THEN v.document END AS policy
FROM assessment a JOIN assessment_run r ON r.id = a.run_id
JOIN document_version v ON (v.paper, v.of, v.version) = ('{POLICY.code}', '', r.policy_version)
WHERE a.id = ANY ($1::bigint[])
"""


async def documents(assessment_ids: Sequence[int]) -> list[Record]:
    """What these assessments were computed from, each with its day and the version of its policy.

    The first one under each version bears what the `policy` says.
    """
    if not assessment_ids:
        return []
    return await db.fetch(_DOCUMENTS, assessment_ids)
