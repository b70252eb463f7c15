"""The runs that open the reviews of a plan and period."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from asyncpg import Record

from channel.database import db
from channel.database.paging import page_of
from channel.lists import Page, Wanted
from channel.reviews import tables
from channel.reviews.lists import RUNS

_COLUMNS = """
r.id, r.plan, r.period, r.plan_version, r.policy_version, r.known_at, r.compared_on, r.since_on, r.since_known_at,
r.looked_until, r.looked_at, r.opened, r.ended_at, r.problem
"""


async def run_of(plan: str, period: date) -> Record | None:
    """The run of a plan and period."""
    return await db.fetchrow(f"SELECT {_COLUMNS} FROM review_run r WHERE r.plan = $1 AND r.period = $2", plan, period)


async def run_before(plan: str, period: date) -> Record | None:
    """The last run of a plan of a period before, which has ended."""
    return await db.fetchrow(
        f"SELECT {_COLUMNS} FROM review_run r WHERE r.plan = $1 AND r.period < $2 AND r.ended_at IS NOT NULL"
        " AND r.problem IS NULL ORDER BY r.period DESC LIMIT 1",
        plan,
        period,
    )


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run that begins: of which plan and period, by which versions, as known at which moment, compared with what."""

    plan: str
    period: date
    plan_version: int
    policy_version: int
    known_at: datetime
    compared_on: date
    since_on: date | None
    since_known_at: datetime | None


async def record_run(new: NewRun, posting_id: int) -> int:
    """Write it down, with nothing opened yet; its number."""
    row = tables.ReviewRun(
        plan=new.plan,
        period=new.period,
        plan_version=new.plan_version,
        policy_version=new.policy_version,
        known_at=new.known_at,
        compared_on=new.compared_on,
        since_on=new.since_on,
        since_known_at=new.since_known_at,
        looked_until=0,
        looked_at=0,
        opened=0,
        posting_id=posting_id,
    )
    await row.save()
    return row.id


async def go_on(run_id: int, looked_until: int, looked_at: int, opened: int) -> None:
    """The dealers up to this one are done: so many were looked at in the batch, and of so many a review was opened."""
    await db.change_exactly(
        1,
        "UPDATE review_run SET looked_until = $2, looked_at = looked_at + $3, opened = opened + $4"
        " WHERE id = $1 AND ended_at IS NULL AND looked_until < $2",
        run_id,
        looked_until,
        looked_at,
        opened,
    )


async def end_run(run_id: int, at: datetime) -> None:
    """All of it is opened."""
    await db.execute("UPDATE review_run SET ended_at = $2, problem = NULL WHERE id = $1", run_id, at)


async def give_up(plan: str, period: date, problem: Mapping[str, Any]) -> None:
    """It is not gone on with, until somebody opens it by hand."""
    await db.execute("UPDATE review_run SET problem = $3 WHERE plan = $1 AND period = $2", plan, period, problem)


# How many reviews were opened is told of those in scope.
_LISTED = """
SELECT r.id, r.plan, r.period, r.plan_version, r.known_at, r.ended_at, r.problem, p.recorded_at, p.actor,
       coalesce(c.opened, 0) AS opened, coalesce(c.undecided, 0) AS undecided,
       CASE WHEN r.problem IS NOT NULL THEN 'given_up' WHEN r.ended_at IS NULL THEN 'under_way' ELSE 'opened' END
       AS state
FROM review_run r JOIN posting p ON p.id = r.posting_id
LEFT JOIN LATERAL (
    SELECT count(*) AS opened, count(*) FILTER (WHERE x.decided_by IS NULL) AS undecided
    FROM review x WHERE x.run_id = r.id) AS c ON true
WHERE ($1::text IS NULL OR r.plan = $1) AND ($2::bigint IS NULL OR r.id = $2)
"""


async def runs_listed(plan: str | None, wanted: Wanted) -> Page[Record]:
    """Runs, of a plan or all, the latest period first."""
    return await page_of(_LISTED, (plan, None), RUNS, wanted)


async def run(run_id: int) -> Record | None:
    """One run, in the form of the list."""
    return await db.fetchrow(_LISTED, None, run_id)


_WAITING = """
SELECT w.key AS plan, w.period, w.due_at, w.worker IS NOT NULL AS under_way, w.failed_at
FROM work w WHERE w.kind = $1 ORDER BY w.period, w.key
"""


async def waiting_runs(kind: str) -> list[Record]:
    """What is due to be opened and not ended yet."""
    return await db.fetch(_WAITING, kind)
