"""Versions of documents and what was done with them. A document that belongs to nothing has '' for `of`."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from asyncpg import Record

from channel.consent.queries import COLUMNS, GENERAL, joined
from channel.database import db
from channel.database.locks import Lock
from channel.database.posted import known
from channel.view import View

Key = tuple[str, str, int]
"""The kind of document by its code, what it belongs to, and the version."""

_COLUMNS = """
v.of, v.version, v.effective_from, v.document, v.note, v.author, v.author_ids, v.created_at, v.request_id,
CASE WHEN r.state = 'open' THEN 'proposed' WHEN r.state IS NOT NULL THEN r.state
     WHEN v.withdrawn_by IS NOT NULL THEN 'withdrawn' ELSE 'draft' END AS state,
r.proposer_id, approval.recorded_at AS approved_at, approval.actor AS approver
"""
_FROM = """
FROM document_version v LEFT JOIN request_general r ON r.id = v.request_id
LEFT JOIN posting approval ON approval.id = r.closed_by AND r.state = 'approved'
"""
_THIS = " WHERE (v.paper, v.of, v.version) = ($1, $2, $3)"

IN_FORCE = f"""
SELECT found.* FROM unnest($3::date[], $4::timestamptz[]) WITH ORDINALITY AS asked (as_of, known_at, place)
LEFT JOIN LATERAL (
    SELECT {_COLUMNS} {_FROM}
    WHERE v.paper = $1 AND v.of = $2 AND r.state = 'approved' AND v.effective_from <= asked.as_of
      AND {known("asked.known_at", "approval")}
    ORDER BY v.effective_from DESC, approval.recorded_at DESC, v.version DESC LIMIT 1
) AS found ON true ORDER BY asked.place
"""
"""SQL: for each of these days and moments the version that counts; its arguments are those of `asked_at`."""


def asked_at(paper: str, of: str, views: Sequence[View]) -> tuple[object, ...]:
    """The arguments of `IN_FORCE`."""
    return paper, of, [view.as_of for view in views], [view.moment for view in views]


async def in_force(paper: str, of: str, views: Sequence[View]) -> list[Record]:
    """For each view the approved version that is effective on its day as known at its moment; null before the first."""
    return await db.fetch(IN_FORCE, *asked_at(paper, of, views))


async def version(key: Key) -> Record | None:
    """One version, whatever its state."""
    return await db.fetchrow(f"SELECT {_COLUMNS} {_FROM} {_THIS}", *key)


async def versions(paper: str, of: str = "") -> list[Record]:
    """Every version, the latest first."""
    return await db.fetch(
        f"SELECT {_COLUMNS} {_FROM} WHERE v.paper = $1 AND v.of = $2 ORDER BY v.version DESC", paper, of
    )


async def lock_version(key: Key) -> Record | None:
    """One version, held against everybody else's changes to the end of the transaction."""
    await db.execute(f"SELECT 1 FROM document_version v {_THIS} FOR UPDATE", *key)
    return await version(key)


async def lock_numbers() -> None:
    """Let one person at a time take the next number, or approve: held to the end of the transaction."""
    await db.execute("SELECT pg_advisory_xact_lock($1)", Lock.DOCUMENT_NUMBERS)


_RECORD = """
INSERT INTO document_version (paper, of, version, effective_from, document, note, author_ids, author, created_at)
SELECT $1, $2, coalesce(max(version), 0) + 1, $3, $4, $5, ARRAY[$6::bigint], $7, $8
FROM document_version WHERE paper = $1 AND of = $2 RETURNING version
"""


async def record_draft(
    paper: str,
    of: str,
    effective_from: date,
    document: dict[str, Any],
    note: str,
    author: tuple[int, str],
    at: datetime,
) -> int:
    """A new draft under the next number; `author` is the person's id and login."""
    number: int = await db.fetchval(_RECORD, paper, of, effective_from, document, note, *author, at)
    return number


async def change_draft(
    key: Key, effective_from: date, document: dict[str, Any], note: str, author_ids: Sequence[int]
) -> None:
    """Another text of a draft."""
    await db.change_exactly(
        1,
        "UPDATE document_version v SET effective_from = $4, document = $5, note = $6, author_ids = $7"
        f"{_THIS} AND v.request_id IS NULL",
        *key,
        effective_from,
        document,
        note,
        author_ids,
    )


async def postpone(key: Key, effective_from: date) -> None:
    """Another day for a proposed version; nothing else of it changes."""
    await db.change_exactly(
        1,
        f"UPDATE document_version v SET effective_from = $4 {_THIS} AND v.request_id IS NOT NULL",
        *key,
        effective_from,
    )


async def keep_request(key: Key, request_id: int) -> None:
    """The request by which a draft was put before another person, and which says from now on where it stands."""
    await db.change_exactly(
        1, f"UPDATE document_version v SET request_id = $4 {_THIS} AND v.request_id IS NULL", *key, request_id
    )


async def withdraw_draft(key: Key, posting_id: int) -> None:
    """A draft is taken back before it was proposed."""
    await db.change_exactly(
        1, f"UPDATE document_version v SET withdrawn_by = $4 {_THIS} AND v.request_id IS NULL", *key, posting_id
    )


_PROPOSED = f"""
SELECT r.id, r.about, v.of, v.version, v.effective_from, {COLUMNS}
FROM request_general r JOIN document_version v ON v.request_id = r.id {joined(GENERAL)}
WHERE v.paper = $1 AND r.id = ANY ($2::bigint[])
"""


async def proposed(paper: str, request_ids: Sequence[int]) -> list[Record]:
    """The requests under these numbers that are about versions of this kind, each with its version."""
    return await db.fetch(_PROPOSED, paper, request_ids)


async def record_act(key: Key, act: str, person: str, reason: str | None, at: datetime, posting_id: int) -> None:
    """What one of its authors did with a version."""
    await db.execute(
        "INSERT INTO document_act (paper, of, version, act, person, reason, at, posting_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        *key,
        act,
        person,
        reason,
        at,
        posting_id,
    )


_ACTS = f"""
SELECT act, person, reason, at FROM (
    SELECT v.act, v.person, v.reason, v.at, v.posting_id FROM document_act v {_THIS}
    UNION ALL
    SELECT said.act, said.person, said.reason, said.at, said.posting_id
    FROM document_version v JOIN request_general r ON r.id = v.request_id CROSS JOIN LATERAL (
        SELECT 'propose' AS act, r.proposer AS person, r.reason, r.proposed_at AS at, r.posting_id
        WHERE r.proposer_id IS NOT NULL
        UNION ALL
        SELECT w.vote, w.person, w.reason, w.at, w.posting_id FROM vote_general w WHERE w.request_id = r.id
    ) AS said {_THIS}
) AS done ORDER BY posting_id
"""


async def acts(key: Key) -> list[Record]:
    """What was done with a version, in order: by its authors, and by others when it was proposed."""
    return await db.fetch(_ACTS, *key)
