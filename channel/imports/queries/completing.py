"""Loads that complete an earlier one: what belongs together, which rejected lines wait, which count by now."""

from collections.abc import Iterable, Sequence

from asyncpg import Record

from channel.database import db
from channel.imports.queries.loads import LOAD
from channel.imports.rules.reasons import LINE_COLUMN, REASONS

_FAMILY = f"{LOAD} WHERE l.id = $1 OR l.completes = $1 ORDER BY l.id"


async def family(load_id: int) -> list[Record]:
    """A load and those that complete it, in the order in which they were asked for."""
    return await db.fetch(_FAMILY, load_id)


async def completed_by(load_id: int) -> list[int]:
    """The loads by which rejected lines of this one count."""
    rows = await db.fetch("SELECT id FROM import_load WHERE completes = $1 AND state = 'loaded' ORDER BY id", load_id)
    return [row["id"] for row in rows]


# Who mends the rejects of a load that came to nothing says again only what was still wrong in it.
_CONTINUED = """
SELECT l.id FROM import_load l
WHERE l.completes = $1 AND l.state IN ('checked', 'refused')
  AND NOT EXISTS (SELECT unnest($2::bigint[]) EXCEPT SELECT line_no FROM import_reject WHERE load_id = l.id)
ORDER BY l.id DESC LIMIT 1
"""


async def continued(load_id: int, lines: Iterable[int]) -> int | None:
    """The latest load completing this one that rejected all these lines and did not go in: its good ones wait too."""
    found: int | None = await db.fetchval(_CONTINUED, load_id, list(lines))
    return found


async def rejected_lines(load_id: int) -> frozenset[int]:
    """The numbers of a load's rejected lines."""
    return frozenset(
        row["line_no"] for row in await db.fetch("SELECT line_no FROM import_reject WHERE load_id = $1", load_id)
    )


async def counted_lines(loads: Sequence[int]) -> frozenset[int]:
    """The numbers of the lines that some of these loads rejected and that count by now."""
    rows = await db.fetch(
        "SELECT line_no FROM import_reject WHERE load_id = ANY ($1::bigint[]) AND completed_by IS NOT NULL", loads
    )
    return frozenset(row["line_no"] for row in rows)


_NOT_WAITING = """
INSERT INTO fault
SELECT i.line_no, $4, jsonb_build_object(
    'text', CASE WHEN r.by_id IS NULL THEN $5::text ELSE $6 END,
    'params', jsonb_build_object('line', i.line_no::text, 'load', $1::text, 'by', r.by_id::text))
FROM incoming i CROSS JOIN LATERAL (
    SELECT count(*) AS times, max(completed_by) AS by_id FROM import_reject
    WHERE load_id = ANY ($2::bigint[]) AND line_no = i.line_no) r
WHERE i.line_no = ANY ($3::bigint[]) AND (r.times = 0 OR r.by_id IS NOT NULL)
"""


async def refuse_not_waiting(load_id: int, loads: Sequence[int], lines: Iterable[int]) -> None:
    """A fault for each of these lines that none of the loads rejected, or that counts by now."""
    sentences = (REASONS["not-rejected"].text, REASONS["counted-line"].text)
    await db.execute(_NOT_WAITING, str(load_id), loads, list(lines), LINE_COLUMN, *sentences)


_WAITING = """
FROM import_reject r JOIN incoming i ON i.line_no = r.line_no
WHERE r.load_id = ANY ($1::bigint[]) AND r.completed_by IS NULL
"""
_COUNTED = f"""
UPDATE import_reject u SET completed_by = $2 {_WAITING} AND u.load_id = r.load_id AND u.line_no = r.line_no
"""


async def record_counted(loads: Sequence[int], by_id: int) -> None:
    """The lines of `incoming` count from now on by this load, whichever of the loads rejected them."""
    waiting: int = await db.fetchval(f"SELECT count(*) {_WAITING}", loads)
    await db.change_exactly(waiting, _COUNTED, loads, by_id)
