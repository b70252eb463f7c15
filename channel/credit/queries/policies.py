"""Versions of the credit policy and what was decided about them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from asyncpg import Record

from channel.database import db
from channel.database.locks import Lock
from channel.database.posted import known
from channel.dealers.queries.masters import COMPANY_CURRENCY
from channel.view import View

_COLUMNS = """
p.version, p.effective_from, p.document, p.state, p.note, p.author, p.author_ids, p.proposer_id, p.created_at,
approval.recorded_at AS approved_at, approval.actor AS approver
"""
_FROM = " FROM credit_policy p LEFT JOIN posting approval ON approval.id = p.approved_by "

_AT = f"""
SELECT found.*, (SELECT value FROM setting WHERE name = '{COMPANY_CURRENCY}') AS company_currency
FROM unnest($1::date[], $2::timestamptz[]) WITH ORDINALITY AS asked (as_of, known_at, place)
LEFT JOIN LATERAL (
    SELECT {_COLUMNS} {_FROM}
    WHERE p.state = 'approved' AND p.effective_from <= asked.as_of AND {known("asked.known_at", "approval")}
    ORDER BY p.effective_from DESC, approval.recorded_at DESC, p.version DESC LIMIT 1
) AS found ON true ORDER BY asked.place
"""


async def policies_at(views: Sequence[View]) -> list[Record]:
    """For each view the approved version that is effective on its day as known at its moment; null before the first.

    `company_currency` is beside it, null where none was chosen.
    """
    return await db.fetch(_AT, [view.as_of for view in views], [view.moment for view in views])


async def policy(version: int) -> Record | None:
    """One version, whatever its state."""
    return await db.fetchrow(f"SELECT {_COLUMNS} {_FROM} WHERE p.version = $1", version)


async def policies() -> list[Record]:
    """Every version, the latest first."""
    return await db.fetch(f"SELECT {_COLUMNS} {_FROM} ORDER BY p.version DESC")


async def lock_policy(version: int) -> Record | None:
    """One version, held against everybody else's changes to the end of the transaction."""
    await db.execute("SELECT 1 FROM credit_policy WHERE version = $1 FOR UPDATE", version)
    return await policy(version)


async def lock_numbers() -> None:
    """Let one person at a time take the next version number, or approve: held to the end of the transaction."""
    await db.execute("SELECT pg_advisory_xact_lock($1)", Lock.POLICY_NUMBERS)


_RECORD = """
INSERT INTO credit_policy (version, effective_from, document, state, note, author_ids, author, created_at)
SELECT max(version) + 1, $1, $2, 'draft', $3, ARRAY[$4::bigint], $5, $6 FROM credit_policy RETURNING version
"""


async def record_draft(
    effective_from: date, document: dict[str, Any], note: str, author: tuple[int, str], at: datetime
) -> int:
    """A new draft under the next number; `author` is the person's id and login."""
    version: int = await db.fetchval(_RECORD, effective_from, document, note, *author, at)
    return version


async def change_draft(
    version: int, effective_from: date, document: dict[str, Any], note: str, author_ids: Sequence[int]
) -> None:
    """Another text of a draft."""
    await db.change_exactly(
        1,
        "UPDATE credit_policy SET effective_from = $2, document = $3, note = $4, author_ids = $5"
        " WHERE version = $1 AND state = 'draft'",
        version,
        effective_from,
        document,
        note,
        author_ids,
    )


async def postpone(version: int, effective_from: date) -> None:
    """Another day for a proposed version; nothing else of it changes."""
    await db.change_exactly(
        1,
        "UPDATE credit_policy SET effective_from = $2 WHERE version = $1 AND state = 'proposed'",
        version,
        effective_from,
    )


async def change_state(
    version: int, state: str, *, proposer_id: int | None = None, approved_by: int | None = None
) -> None:
    """Bring an undecided version on: row-level security leaves decided ones alone."""
    await db.change_exactly(
        1,
        "UPDATE credit_policy SET state = $2, proposer_id = coalesce($3, proposer_id), approved_by = $4"
        " WHERE version = $1",
        version,
        state,
        proposer_id,
        approved_by,
    )


async def record_decision(
    version: int, act: str, person: str, reason: str | None, at: datetime, posting_id: int
) -> None:
    """What somebody did with a version."""
    await db.execute(
        "INSERT INTO credit_policy_decision (version, act, person, reason, at, posting_id)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        version,
        act,
        person,
        reason,
        at,
        posting_id,
    )


async def decisions(version: int) -> list[Record]:
    """What was done with a version, in order."""
    return await db.fetch(
        "SELECT act, person, reason, at FROM credit_policy_decision WHERE version = $1 ORDER BY id", version
    )
