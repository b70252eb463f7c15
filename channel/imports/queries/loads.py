"""Loads as jobs: what is to be done, who does it, how far it is, what came of it, and what was rejected."""

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Record

from channel.database import db
from channel.database.paging import page_of
from channel.imports.lists import LOADS
from channel.lists import Page, Wanted

_COLUMNS = """
l.id, l.kind, l.upload_id, u.file_name, u.size, u.sha256, l.options, l.digest, l.asked_by, l.person_id, l.token_id,
l.by_token_id, l.by_session_id, l.asked_at, l.dry_run, l.partial, l.state, l.phase, l.done, l.total, l.counts,
l.preview, l.problem, l.same_as, l.attempts, l.finished_at, l.posting_id, l.completes, l.dealer_ids,
l.request_id, u.forgotten_at,
is_own(l.person_id, l.token_id) AS own, is_seen(l) AS seen
"""

LOAD = f"SELECT {_COLUMNS} FROM import_load l JOIN upload u ON u.id = l.upload_id"
"""Whole loads with their files, and whether the asker brought them (`own`) and may see them whole (`seen`)."""
_WITHIN = "CASE WHEN scope_is_open() THEN NULL ELSE scope_territories() END"
"""In sight of what the held connection reads."""


async def record_load(
    kind: str,
    upload_id: int,
    options: object,
    digest: str,
    who: str,
    owner: tuple[int | None, int | None],
    door: tuple[int | None, int | None],
    at: datetime,
    flags: Sequence[bool],
    completes: int | None = None,
) -> int:
    """A new load, waiting, of `who` in words and belonging to `owner` (person, token).

    The `door` (token, session) is how he came in; `flags` are dry run and partial.
    """
    load_id: int = await db.fetchval(
        "INSERT INTO import_load (kind, upload_id, options, digest, asked_by, person_id, token_id, by_token_id,"
        " by_session_id, asked_at, dry_run, partial, completes, territory_ids, state, phase, done, counts, attempts)"
        f" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, {_WITHIN}, 'queued', '', 0, '{{}}', 0)"
        " RETURNING id",
        kind,
        upload_id,
        options,
        digest,
        who,
        *owner,
        *door,
        at,
        flags[0],
        flags[1],
        completes,
    )
    return load_id


async def load(load_id: int) -> Record | None:
    """One load with its file, or None."""
    return await db.fetchrow(f"{LOAD} WHERE l.id = $1", load_id)


# Whether the asker may see a load whole is asked once of each; of another one nothing of the file is told.
_LOADS = """
SELECT l.id, l.kind, l.asked_by, l.asked_at, l.state, l.finished_at, t.file_name, t.size, t.sha256, t.dry_run,
       t.partial, coalesce(t.phase, '') AS phase, t.done, t.total, coalesce(t.counts, '{}') AS counts, t.same_as,
       t.completes, (t.counts ->> 'lines')::bigint AS "counts.lines", (t.counts ->> 'loaded')::bigint
       AS "counts.loaded", nullif((t.counts ->> 'rejected')::bigint, 0) AS "counts.rejected"
FROM import_load l CROSS JOIN LATERAL (
    SELECT ((SELECT scope_is_open()) OR is_own(l.person_id, l.token_id)) AND is_seen(l) AS whole OFFSET 0) AS w
LEFT JOIN LATERAL (SELECT u.file_name, u.size, u.sha256, l.* FROM upload u WHERE u.id = l.upload_id AND w.whole)
    AS t ON true
WHERE ($1::text IS NULL OR l.kind = $1) AND (w.whole OR l.id = ANY ($2::bigint[]))
"""


async def loads(kind: str | None, concerning: Sequence[int], wanted: Wanted) -> Page[Record]:
    """The loads that the asker may see whole, and those `concerning` his dealers, by kind, moments and state alone."""
    return await page_of(_LOADS, (kind, concerning), LOADS, wanted)


_OTHERS = """
SELECT l.id, l.kind, NULL AS file_name, NULL AS size, NULL AS sha256, l.asked_by, l.asked_at, NULL AS dry_run,
       NULL AS partial, l.state, '' AS phase, NULL AS done, NULL AS total, '{}'::jsonb AS counts, NULL AS preview,
       NULL AS problem, NULL AS options, NULL AS same_as, l.finished_at, NULL AS completes
FROM import_load l WHERE l.id = ANY ($1::bigint[]) ORDER BY l.id DESC
"""


async def others_loads(load_ids: Sequence[int]) -> list[Record]:
    """Loads as who did not bring them may see them: kind, moments, state and by whom, and nothing of the file."""
    return await db.fetch(_OTHERS, load_ids)


async def progress(load_id: int) -> Record | None:
    """How far a load is, and whether the asker may see it: what is asked every other second while it runs."""
    return await db.fetchrow(
        "SELECT id, state, phase, done, total, is_seen(l) AS seen FROM import_load l WHERE id = $1", load_id
    )


async def queue_checked(load_id: int, *, partial: bool, confirmed: bool, door: tuple[int | None, int | None]) -> bool:
    """Let a checked load go in by a door (token, session); False when it is in another state by now."""
    return (
        await db.execute(
            "UPDATE import_load SET state = 'queued', dry_run = false, partial = $2, phase = '', done = 0,"
            " total = NULL, attempts = 0, problem = NULL, by_token_id = $4, by_session_id = $5,"
            " options = options || jsonb_build_object('confirmed', $3::boolean)"
            " WHERE id = $1 AND state = 'checked'",
            load_id,
            partial,
            confirmed,
            *door,
        )
        == 1
    )


async def open_load(load_id: int) -> Record | None:
    """A load that waits to be carried out, or whose worker is gone; None for one that has ended."""
    return await db.fetchrow(f"{LOAD} WHERE l.id = $1 AND l.state IN ('queued', 'running')", load_id)


# What an earlier check told in sight of other territories is not kept: it would be taken for what this reading tells.
_BEGIN = f"""
WITH mine AS MATERIALIZED (
    SELECT id, territory_ids IS NOT DISTINCT FROM w.within AS same, w.within
    FROM import_load CROSS JOIN (SELECT {_WITHIN} AS within) w WHERE id = $1
), stale AS (DELETE FROM import_reject r USING mine WHERE r.load_id = mine.id AND NOT mine.same)
UPDATE import_load l SET state = 'running', attempts = $2, phase = 'reading', done = 0, total = u.size, digest = $3,
       territory_ids = mine.within, preview = CASE WHEN mine.same THEN l.preview END,
       dealer_ids = CASE WHEN mine.same THEN l.dealer_ids ELSE '{{}}' END
FROM mine, upload u WHERE l.id = mine.id AND u.id = l.upload_id RETURNING {_COLUMNS}
"""


async def begin_reading(load_id: int, attempt: int, digest: str) -> Record:
    """The load as it is read now, in sight of what the held connection sees."""
    (row,) = await db.fetch(_BEGIN, load_id, attempt, digest)
    return row


async def record_dealers(load_id: int, dealer_ids: Sequence[int]) -> None:
    """Of which dealers the load may tell."""
    await db.execute("UPDATE import_load SET dealer_ids = $2 WHERE id = $1", load_id, dealer_ids)


async def record_progress(load_id: int, phase: str, done: int, total: int | None) -> None:
    """How far it is; not told while the load itself writes its row."""
    await db.execute(
        "UPDATE import_load SET phase = $2, done = $3, total = $4 WHERE id ="
        " (SELECT id FROM import_load WHERE id = $1 AND state = 'running' FOR UPDATE SKIP LOCKED)",
        load_id,
        phase,
        done,
        total,
    )


async def close_load(
    load_id: int,
    state: str,
    *,
    counts: object = None,
    preview: object = None,
    problem: object = None,
    same_as: int | None = None,
    posting_id: int | None = None,
    at: datetime,
) -> None:
    """What came of it."""
    await db.change_exactly(
        1,
        "UPDATE import_load SET state = $2, counts = coalesce($3, counts), preview = coalesce($4, preview),"
        " problem = $5, same_as = $6, posting_id = $7, finished_at = $8, phase = ''"
        " WHERE id = $1 AND state IN ('queued', 'running')",
        load_id,
        state,
        counts,
        preview,
        problem,
        same_as,
        posting_id,
        at,
    )


async def loaded_alike(kind: str, digest: str, except_id: int) -> Record | None:
    """The latest load of the same file in the same way that went in whole, or None."""
    return await db.fetchrow(
        "SELECT id, posting_id, counts FROM import_load WHERE kind = $1 AND digest = $2 AND id <> $3"
        " AND state = 'loaded' AND coalesce((counts ->> 'rejected')::bigint, 0) = 0 ORDER BY posting_id DESC LIMIT 1",
        kind,
        digest,
        except_id,
    )


async def earlier_encodings(dealers: Sequence[str]) -> list[str]:
    """In which encodings the asker's own latest files, or those for dealers named in asking, went in."""
    rows = await db.fetch(
        "SELECT preview #>> '{read_as,encoding}' AS encoding FROM import_load"
        " WHERE state = 'loaded' AND (is_own(person_id, token_id) OR options -> 'dealers' ?| $1::text[])"
        " ORDER BY id DESC LIMIT 20",
        list(dealers),
    )
    return list(dict.fromkeys(row["encoding"] for row in rows if row["encoding"]))


async def clear_rejects(load_id: int) -> None:
    """Forget what an earlier check of the same load had rejected."""
    await db.execute("DELETE FROM import_reject WHERE load_id = $1", load_id)


async def record_rejects(rows: Sequence[tuple[int, int, Sequence[str], object]]) -> None:
    """Rejected lines: load, line number, cells, reasons."""
    await db.execute_many("INSERT INTO import_reject (load_id, line_no, cells, reasons) VALUES ($1, $2, $3, $4)", rows)


_REJECTS = """
SELECT line_no, cells, reasons FROM (
    SELECT line_no, cells, reasons, sum(octet_length(array_to_string(cells, ''))) OVER (ORDER BY line_no)
        - octet_length(array_to_string(cells, '')) AS before
    FROM (SELECT line_no, cells, reasons FROM import_reject WHERE load_id = $1 AND line_no > $2
          ORDER BY line_no LIMIT $3) few) counted
WHERE before < 8 * 1024 * 1024 ORDER BY line_no
"""


async def rejects(load_id: int, after_line: int, limit: int) -> list[Record]:
    """Rejected lines in order, after a line number: so many, or fewer where they are long."""
    return await db.fetch(_REJECTS, load_id, after_line, limit)
