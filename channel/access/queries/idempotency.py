"""Requests under an Idempotency-Key in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from channel.database import db
from channel.database.locks import Lock
from channel.errors import Message


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it is given again: its status, the headers that say how to read it, and its body."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


_HOLD = """
SELECT pg_try_advisory_lock($3, hashtext($1 || ' ' || $2)) AS is_mine,
       (SELECT at FROM keyed_request WHERE owner = $1 AND at > $4 ORDER BY at DESC OFFSET $5 - 1 LIMIT 1) AS full_since
"""


async def hold_key(owner: str, key: str, since: datetime, most: int) -> tuple[bool, datetime | None]:
    """Whether the key is free to be worked under, by this connection alone until it is given back.

    Beside it the moment of the `most`-last request under keys of this owner `since` then; None where there were fewer.
    """
    is_mine, full_since = await db.fetchrow(_HOLD, owner, key, Lock.KEYED_REQUESTS, since, most) or (False, None)
    return is_mine, full_since


# What may be seen is as `is_seen()` says it of a load.
_KEYED = """
SELECT at, digest, state, acts, status, headers, body,
       scope_is_open() OR (coalesce(k.territory_ids <@ scope_territories(), false)
           AND NOT EXISTS (SELECT FROM unnest(k.dealer_ids) AS named (id)
                           WHERE NOT EXISTS (SELECT FROM dealer d WHERE d.id = named.id))) AS is_seen
FROM keyed_request k WHERE owner = $1 AND key = $2 AND at > $3
"""


async def keyed_request(owner: str, key: str, since: datetime) -> Record | None:
    """What was carried out under a key `since` then, and whether the asker reaches all of which its answer may tell."""
    return await db.fetchrow(_KEYED, owner, key, since)


async def record_keyed(
    owner: str,
    key: str,
    now: datetime,
    digest: bytes,
    acts: Sequence[Message],
    reach: tuple[Sequence[int] | None, Sequence[int]],
    state: str,
    answer: KeptAnswer | None,
) -> bool:
    """Keep a request under its key; False where another one is kept under it.

    The answer may tell of the territories (None: of all there are) and dealers of its `reach`.
    """
    told = (None, None, None) if answer is None else (answer.status, answer.headers, answer.body)
    touched = await db.execute(
        "INSERT INTO keyed_request"
        " (owner, key, at, digest, acts, territory_ids, dealer_ids, state, status, headers, body)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING",
        owner,
        key,
        now,
        digest,
        [each.as_json() for each in acts],
        *reach,
        state,
        *told,
    )
    return touched > 0


async def forget_keyed(owner: str, key: str, until: datetime) -> None:
    """Let a key be used anew, where it was used up to then."""
    await db.execute("DELETE FROM keyed_request WHERE owner = $1 AND key = $2 AND at <= $3", owner, key, until)


async def forget_all_keyed(until: datetime) -> int:
    """Let all keys be used anew that were used up to then; how many."""
    return await db.execute("DELETE FROM keyed_request WHERE at <= $1", until)
