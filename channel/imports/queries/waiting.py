"""Loads that wait for a second person, with what was asked about them."""

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Record

from channel.consent.queries import COLUMNS, GENERAL, joined
from channel.database import db

_TOLD = f"""
SELECT r.id, r.about, l.id AS load_id, l.kind AS load_kind, l.state AS load_state, l.preview, u.file_name, {COLUMNS}
FROM request_general r JOIN import_load l ON l.request_id = r.id JOIN upload u ON u.id = l.upload_id
{joined(GENERAL)} WHERE r.id = ANY ($1::bigint[]) AND is_seen(l)
"""


async def waiting_loads(ids: Sequence[int]) -> list[Record]:
    """What was asked about loads under these numbers, as far as the asker may see the loads whole."""
    return await db.fetch(_TOLD, ids)


def seen_and_waiting(_today: str) -> str:
    """SQL: that the load of the open request `r` waits, and whoever asks may see it whole."""
    return "EXISTS (SELECT FROM import_load l WHERE l.request_id = r.id AND l.state = 'waiting' AND is_seen(l))"


async def let_wait(load_id: int, request_id: int) -> None:
    """What was asked of a second person about a load that has just been closed as waiting."""
    await db.change_exactly(1, "UPDATE import_load SET request_id = $2 WHERE id = $1", load_id, request_id)


async def queue_approved(load_id: int, approved: object) -> None:
    """Let a load go in that was approved; `approved` is why that was needed."""
    await db.change_exactly(
        1,
        "UPDATE import_load SET state = 'queued', phase = '', done = 0, total = NULL, attempts = 0, finished_at = NULL,"
        " options = options || jsonb_build_object('approved', $2::jsonb) WHERE id = $1 AND state = 'waiting'",
        load_id,
        approved,
    )


async def end_waiting(load_id: int, problem: object, at: datetime) -> None:
    """Nothing of a load that waited is loaded."""
    await db.change_exactly(
        1,
        "UPDATE import_load SET state = 'refused', problem = $2, finished_at = $3 WHERE id = $1 AND state = 'waiting'",
        load_id,
        problem,
        at,
    )
