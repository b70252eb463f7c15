"""Uploaded files and kept mappings."""

from collections.abc import AsyncIterator
from datetime import datetime

from asyncpg import Record

from channel.database import db
from channel.database.locks import Lock
from channel.imports import tables

Owner = tuple[int | None, int | None]
"""Person and token to whom something belongs: to the token alone where there is one."""


async def record_upload(file_name: str, size: int, sha256: str, who: str, owner: Owner, at: datetime) -> int:
    """A new upload whose pieces follow, told to be of `who` and belonging to `owner` (person, token); its id."""
    row = tables.Upload(
        file_name=file_name,
        size=size,
        sha256=sha256,
        uploaded_by=who,
        person_id=owner[0],
        token_id=owner[1],
        uploaded_at=at,
    )
    await row.save()
    return row.id


async def record_piece(upload_id: int, number: int, piece: bytes) -> None:
    """One piece of the file; they are numbered from 0."""
    await db.execute(
        "INSERT INTO upload_piece (upload_id, number, bytes) VALUES ($1, $2, $3)", upload_id, number, piece
    )


async def upload(upload_id: int) -> Record | None:
    """What is known of a file, and whether it is the asker's `own`; or None."""
    return await db.fetchrow(
        "SELECT id, file_name, size, sha256, uploaded_at, forgotten_at, is_own(person_id, token_id) AS own"
        " FROM upload WHERE id = $1",
        upload_id,
    )


async def pieces(upload_id: int) -> AsyncIterator[bytes]:
    """The file's bytes in order, one piece in memory at a time; nothing of a forgotten file."""
    number = 0
    while True:
        piece: bytes | None = await db.fetchval(
            "SELECT bytes FROM upload_piece WHERE upload_id = $1 AND number = $2", upload_id, number
        )
        if piece is None:
            return
        yield piece
        number += 1


async def may_hold(upload_id: int, *texts: str) -> bool:
    """Whether any of some texts may stand in the header of a file: a workbook has to be opened to know."""
    async for piece in pieces(upload_id):
        wanted = [text.encode(codec) for text in texts for codec in ("ascii", "utf-16-le", "utf-16-be")]
        return piece.startswith(b"PK") or any(each in piece for each in wanted)
    return False


async def hold_uploads_of(owner: Owner) -> None:
    """Have files of one person, or one machine, come one after the other, to the end of the transaction."""
    await db.execute("SELECT pg_advisory_xact_lock($1, hashtext($2))", Lock.UPLOADS, str(owner))


async def oldest_kept(owner: Owner, limit: int) -> list[Record]:
    """The files of a person or a machine that are kept, the oldest first; `kept` are the bytes of all of them."""
    return await db.fetch(
        "SELECT file_name, size, uploaded_at, sum(size) OVER ()::bigint AS kept FROM upload"
        " WHERE forgotten_at IS NULL AND (person_id = $1 OR token_id = $2) ORDER BY uploaded_at, id LIMIT $3",
        *owner,
        limit,
    )


# Kept while a load that still needs it is open; the loads themselves keep only the digest.
_FORGETTABLE = """
UPDATE upload u SET forgotten_at = $1
WHERE u.forgotten_at IS NULL AND u.uploaded_at < $2
  AND NOT EXISTS (SELECT 1 FROM import_load l WHERE l.state IN ('queued', 'running', 'waiting')
                  AND (l.upload_id = u.id OR l.options -> 'files' @> to_jsonb(array[u.id])))
RETURNING u.id
"""


async def forget_uploads(now: datetime, before: datetime) -> int:
    """Delete the bytes of files that came before a moment and that no open load needs; how many files."""
    rows = await db.fetch(_FORGETTABLE, now, before)
    await db.execute("DELETE FROM upload_piece WHERE upload_id = ANY($1::bigint[])", [row["id"] for row in rows])
    return len(rows)


# What belongs to somebody whose sign-in or token has ended is nobody's any more.
_MAY_CHANGE = """
(is_own(o.person_id, o.token_id)
 OR NOT CASE WHEN o.token_id IS NULL THEN EXISTS (SELECT FROM person p WHERE p.id = o.person_id AND p.active)
             ELSE EXISTS (SELECT FROM api_token t WHERE t.id = o.token_id AND t.revoked_at IS NULL
                          AND coalesce(t.expires_at > $3, true)) END)
"""
_RECORD_PROFILE = f"""
INSERT INTO import_profile AS o (kind, name, kept_at, document, kept_by, person_id, token_id)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (kind, name) DO UPDATE SET document = excluded.document, kept_by = excluded.kept_by,
    kept_at = excluded.kept_at, person_id = excluded.person_id, token_id = excluded.token_id
WHERE {_MAY_CHANGE}
"""


async def record_profile(kind: str, name: str, document: object, who: str, owner: Owner, at: datetime) -> bool:
    """Keep a mapping under a name, in place of the asker's own or nobody's; False where it is somebody else's."""
    return await db.execute(_RECORD_PROFILE, kind, name, at, document, who, *owner) == 1


async def keeps_profile(kind: str, name: str, document: object) -> bool:
    """Whether the asker keeps exactly this mapping under the name."""
    kept: bool = await db.fetchval(
        "SELECT EXISTS (SELECT FROM import_profile WHERE kind = $1 AND name = $2 AND document = $3"
        " AND is_own(person_id, token_id))",
        kind,
        name,
        document,
    )
    return kept


async def profiles(kind: str | None = None) -> list[Record]:
    """The kept mappings of a kind, or of all kinds, by kind and name, and whether they are the asker's `own`."""
    return await db.fetch(
        "SELECT kind, name, document, kept_by, kept_at, is_own(person_id, token_id) AS own FROM import_profile"
        " WHERE $1::text IS NULL OR kind = $1 ORDER BY kind, name",
        kind,
    )


async def remove_profile(kind: str, name: str, now: datetime) -> bool:
    """Forget a kept mapping of the asker's, or of nobody; whether it was one."""
    sql = f"DELETE FROM import_profile o WHERE kind = $1 AND name = $2 AND {_MAY_CHANGE}"
    return await db.execute(sql, kind, name, now) == 1
