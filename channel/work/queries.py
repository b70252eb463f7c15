"""Due rows: asked for, claimed under a lease, put back, done. One is a worker's while no other has claimed it since."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from asyncpg import Record

from channel.database import db
from channel.database.locks import Lock

_ASK = """
INSERT INTO work (kind, key, period, lane, due_at, asked, attempts) {asked}
ON CONFLICT ON CONSTRAINT work_once DO UPDATE SET asked = work.asked + 1, failed_at = NULL,
    due_at = least(work.due_at, excluded.due_at),
    attempts = CASE WHEN work.failed_at IS NULL THEN work.attempts ELSE 0 END
"""
_ASK_ONE = _ASK.format(asked="VALUES ($1, $2, $3, $4, $5, 1, 0)")
# In one order: two who ask for the same at once do not wait for each other.
_ASK_EACH = _ASK.format(asked="SELECT $1, key, NULL, NULL, $3, 1, 0 FROM unnest($2::text[]) AS u (key) ORDER BY key")


async def ask(kind: str, key: str, period: date | None, lane: str | None, due_at: datetime) -> None:
    """Something is to be done; where it waits already it waits once, and what was given up is tried anew."""
    await db.execute(_ASK_ONE, kind, key, period, lane, due_at)


async def ask_each(kind: str, keys: Collection[str], due_at: datetime) -> None:
    """The same of many keys at once, none of them twice."""
    await db.execute(_ASK_EACH, kind, sorted(set(keys)), due_at)


_PLAN = """
INSERT INTO work (kind, key, period, due_at, asked, attempts) SELECT $1, $2, $3, $4, 1, 0
WHERE NOT EXISTS (SELECT FROM work WHERE kind = $1 AND key = $2 AND failed_at IS NULL) ON CONFLICT DO NOTHING
"""


async def plan(kind: str, key: str, period: date, due_at: datetime) -> None:
    """The period that is due next of something that comes again, unless one waits already."""
    await db.execute(_PLAN, kind, key, period, due_at)


async def be_present(worker: int) -> None:
    """Hold the lock by which everybody sees that this worker lives, until the held connection is gone.

    PostgreSQL lets it go when the connection ends, however the process ended: no lease has to run out for that.
    """
    await db.execute("SELECT pg_advisory_lock_shared($1, $2)", Lock.WORKERS, worker)


async def kinds_due(kinds: Sequence[str], now: datetime) -> list[str]:
    """Those of the kinds of which something is due, whoever may be at work on it, in the same order."""
    rows = await db.fetch(
        "SELECT k.kind FROM unnest($1::text[]) WITH ORDINALITY AS k (kind, place)"
        " WHERE EXISTS (SELECT FROM work w WHERE w.kind = k.kind AND w.failed_at IS NULL AND w.due_at <= $2)"
        " ORDER BY k.place",
        kinds,
        now,
    )
    return [row["kind"] for row in rows]


def _alive(row: str) -> str:
    """SQL: the lease of the row runs, and its worker holds its lock of presence in this database."""
    return f"({row}.lease_until >= clock_timestamp() AND {row}.worker::oid IN (SELECT p.worker FROM present p))"


CLAIM = f"""
WITH present AS MATERIALIZED (
    SELECT h.objid AS worker FROM pg_locks h JOIN pg_database d ON d.oid = h.database AND d.datname = current_database()
    WHERE h.locktype = 'advisory' AND h.classid = {Lock.WORKERS.value} AND h.objsubid = 2 AND h.granted
), free AS (
    SELECT w.id FROM work w
    WHERE w.kind = $1 AND w.failed_at IS NULL AND w.due_at <= $2 AND (w.worker IS NULL OR NOT {_alive("w")})
      AND NOT EXISTS (SELECT FROM work o WHERE o.kind = w.kind AND o.lane = w.lane AND o.id <> w.id
                      AND o.worker IS NOT NULL AND {_alive("o")})
    ORDER BY w.due_at, w.id LIMIT 1 FOR UPDATE OF w SKIP LOCKED
)
UPDATE work w SET worker = $3, attempts = w.attempts + 1, lease_until = clock_timestamp() + $4::interval
FROM free WHERE w.id = free.id
RETURNING w.id, w.key, w.period, w.attempts, w.asked
"""


async def claim(kind: str, now: datetime, worker: int, lease: timedelta) -> Record | None:
    """The longest due of a kind that waits, or whose worker is gone or was given up; now it is this worker's.

    It stays so while the lease runs and the worker is present (`be_present`).
    """
    return await db.fetchrow(CLAIM, kind, now, worker, lease)


async def lengthen(ids: Collection[int], worker: int, lease: timedelta) -> None:
    """Longer leases for what this worker has under way; a row that is locked is just being done."""
    await db.execute(
        "UPDATE work SET lease_until = clock_timestamp() + $3::interval WHERE id IN"
        " (SELECT id FROM work WHERE id = ANY ($1::bigint[]) AND worker = $2 FOR UPDATE SKIP LOCKED)",
        list(ids),
        worker,
        lease,
    )


_MINE = "id = $1 AND worker = $2 AND attempts = $3"
Claimed = tuple[int, int, int]
"""The id, the worker and the attempt: by these a row is somebody's, and only his."""


async def hold(claimed: Claimed) -> bool:
    """Keep others from claiming it to the end of the transaction; False where one has."""
    return await db.fetchval(f"SELECT true FROM work WHERE {_MINE} FOR NO KEY UPDATE", *claimed) is True


async def close(claimed: Claimed, asked: int) -> bool:
    """It is done, or waits once more where it was asked for since it was claimed; False where another has it."""
    if await db.execute(f"DELETE FROM work WHERE {_MINE} AND asked = $4", *claimed, asked):
        return True
    again = f"UPDATE work SET worker = NULL, lease_until = NULL, attempts = 0, fault = NULL WHERE {_MINE}"
    return await db.execute(again, *claimed) == 1


async def forget_failed(kind: str, key: str) -> None:
    """What was given up of earlier periods is made good by a later one."""
    await db.execute("DELETE FROM work WHERE kind = $1 AND key = $2 AND failed_at IS NOT NULL", kind, key)


async def put_back(claimed: Claimed, due_at: datetime | None, fault: str, at: datetime) -> bool:
    """It failed: it waits until it is due again, or is given up where it is not; False where another has it."""
    done = await db.execute(
        "UPDATE work SET worker = NULL, lease_until = NULL, fault = $4, due_at = coalesce($5, due_at),"
        f" failed_at = CASE WHEN $5::timestamptz IS NULL THEN $6::timestamptz END WHERE {_MINE}",
        *claimed,
        fault,
        due_at,
        at,
    )
    return done == 1
