"""Plans of reviews: which there are, up to where they have been planned, and when they were paused."""

from collections.abc import Sequence
from datetime import date

from asyncpg import Record

from channel.database import db
from channel.reviews import tables

_PLANS = """
SELECT x.code, x.planned_until,
       (SELECT max(r.period) FROM review_run r WHERE r.plan = x.code) AS opened_on,
       coalesce((SELECT u.paused FROM review_plan_pause u WHERE u.plan = x.code AND u.from_on <= $1
                 ORDER BY u.from_on DESC, u.id DESC LIMIT 1), false) AS paused
FROM review_plan x
"""


async def plans(today: date) -> list[Record]:
    """Every plan by its code, with the last period that was opened, and whether it is paused on a day."""
    return await db.fetch(f"{_PLANS} ORDER BY x.code", today)


async def plan(code: str, today: date) -> Record | None:
    """One plan, in the form of `plans`."""
    return await db.fetchrow(f"{_PLANS} WHERE x.code = $2", today, code)


async def exists(code: str) -> bool:
    """Whether there is a plan of this code."""
    return await db.fetchval("SELECT true FROM review_plan WHERE code = $1", code) is True


async def lock_plans() -> list[Record]:
    """Every plan, held against whoever else plans to the end of the transaction."""
    return await db.fetch("SELECT code, planned_until FROM review_plan ORDER BY code FOR UPDATE")


async def lock_plan(code: str) -> Record | None:
    """One plan, held to the end of the transaction."""
    return await db.fetchrow("SELECT code, planned_until FROM review_plan WHERE code = $1 FOR UPDATE", code)


async def record_plan(code: str, planned_until: date, posting_id: int) -> bool:
    """A new plan, planned from the next day on; False where there is one of this code."""
    return bool(
        await db.execute(
            "INSERT INTO review_plan (code, planned_until, posting_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            code,
            planned_until,
            posting_id,
        )
    )


async def keep_planned(codes: Sequence[str], until: date) -> None:
    """Up to which day the periods of these plans have been asked for."""
    await db.execute("UPDATE review_plan SET planned_until = $2 WHERE code = ANY ($1::text[])", codes, until)


_PAUSES = """
SELECT u.plan, u.from_on, u.paused, u.reason, p.actor, p.recorded_at
FROM review_plan_pause u JOIN posting p ON p.id = u.posting_id
WHERE u.plan = ANY ($1::text[]) ORDER BY u.plan, u.id
"""


async def pauses(codes: Sequence[str]) -> list[Record]:
    """When these plans were paused and went on, in the order in which it was said."""
    return await db.fetch(_PAUSES, codes)


async def record_pause(plan: str, from_on: date, reason: str, posting_id: int, *, paused: bool) -> None:
    """A plan is paused from a day on, or goes on."""
    await tables.ReviewPlanPause(plan=plan, from_on=from_on, paused=paused, reason=reason, posting_id=posting_id).save()
