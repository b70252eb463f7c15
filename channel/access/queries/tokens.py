"""API tokens in SQL."""

from collections.abc import Iterable
from datetime import date, datetime

from asyncpg import Record

from channel.access import tables
from channel.access.lists import TOKENS
from channel.database import db
from channel.database.paging import page_of
from channel.lists import Page, Wanted

# A machine's login begins with "machine:", which no person's can: the trail must not mistake one for the other.
_BEARER = """
SELECT p.id AS person_id, coalesce(p.login, 'machine:' || t.name) AS login, coalesce(p.name, t.name) AS name, t.role,
       p.locale, NULL::bigint AS session_id, t.id AS token_id, t.narrowed OR t.role = 'regional' AS bound,
       t.narrowed, rights_of_duties(p.id, $3) AS added,
       CASE WHEN t.narrowed THEN token_reach(t.id)
            ELSE array(SELECT territory_id FROM person_territory x WHERE x.person_id = p.id ORDER BY 1)
       END AS territory_ids
FROM api_token t LEFT JOIN person p ON p.id = t.person_id
WHERE t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $2)
  AND (t.person_id IS NULL OR (p.active AND p.role = t.role))
"""


async def person_of_token(token_hash: bytes, now: datetime, today: date) -> Record | None:
    """Whom this API token speaks for; a token issued for a role its person has lost is dead."""
    return await db.fetchrow(f"{_BEARER} AND t.token_hash = $1", token_hash, now, today)


async def person_behind_token(token_id: int, now: datetime, today: date) -> Record | None:
    """Whom the token of this number speaks for, while it lives."""
    return await db.fetchrow(f"{_BEARER} AND t.id = $1", token_id, now, today)


async def record_token_use(token_id: int, now: datetime) -> None:
    """Keep the last use to the minute: writing it at every request would cost more than it tells."""
    await db.execute(
        "UPDATE api_token SET last_used_at = $2 WHERE id = $1"
        " AND (last_used_at IS NULL OR last_used_at < $2::timestamptz - interval '1 minute')",
        token_id,
        now,
    )


async def record_token(
    token_hash: bytes,
    hint: str,
    name: str,
    person_id: int | None,
    role: str,
    territory_ids: Iterable[int],
    made_by: tuple[int | None, int | None],
    now: datetime,
    expires_at: datetime | None,
) -> int:
    """A new token; territories narrow it. `made_by` is a person, and the token by which he was here."""
    ids = list(territory_ids)
    row = tables.ApiToken(
        token_hash=token_hash,
        hint=hint,
        name=name,
        person_id=person_id,
        role=role,
        narrowed=bool(ids),
        created_by=made_by[0],
        made_by_token_id=made_by[1],
        created_at=now,
        expires_at=expires_at,
    )
    await row.save()
    await db.execute(
        "INSERT INTO api_token_territory (token_id, territory_id) SELECT $1, unnest($2::bigint[])", row.id, ids
    )
    return row.id


_TOKENS = """
SELECT t.id, t.name, t.hint, t.role, t.narrowed, p.login, c.login AS created_by, t.created_at, t.expires_at,
       t.last_used_at, t.revoked_at, t.person_id,
       array(SELECT y.code FROM api_token_territory x JOIN territory y ON y.id = x.territory_id
             WHERE x.token_id = t.id ORDER BY 1) AS territories
FROM api_token t LEFT JOIN person p ON p.id = t.person_id LEFT JOIN person c ON c.id = t.created_by
"""


_LIVE = f"{_TOKENS} WHERE t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $1)"


async def tokens(now: datetime, person_id: int | None, wanted: Wanted) -> Page[Record]:
    """The live tokens of a person, or where None is given all live ones."""
    return await page_of(f"{_LIVE} AND ($2::bigint IS NULL OR t.person_id = $2)", (now, person_id), TOKENS, wanted)


async def token(token_id: int, now: datetime) -> Record | None:
    """One live token."""
    return await db.fetchrow(f"{_LIVE} AND t.id = $2", now, token_id)


async def hold_token(token_id: int, now: datetime) -> Record | None:
    """When a live token ends; nobody ends it before this transaction does."""
    return await db.fetchrow(
        "SELECT expires_at FROM api_token"
        " WHERE id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2) FOR SHARE",
        token_id,
        now,
    )


# UNION, and not ALL: what was found once is not followed again.
_REVOKE_MADE = """
WITH RECURSIVE made AS (
    SELECT id FROM api_token WHERE made_by_token_id = ANY ($1::bigint[])
    UNION SELECT t.id FROM api_token t JOIN made ON t.made_by_token_id = made.id
)
UPDATE api_token t SET revoked_at = $2 FROM made WHERE t.id = made.id AND t.revoked_at IS NULL
"""


async def revoke_token(token_id: int, now: datetime) -> bool:
    """End a token with those that were made by it; False where it has ended already."""
    ended = await db.execute("UPDATE api_token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL", token_id, now)
    # A statement of its own: it sees what was made while the first one waited for the maker.
    await db.execute(_REVOKE_MADE, [token_id], now)
    return ended == 1


async def revoke_tokens(person_id: int, now: datetime, *, but: int | None = None) -> int:
    """End all tokens of a person with those made by them, except one where it is named; tells how many of his lived."""
    rows = await db.fetch(
        "UPDATE api_token SET revoked_at = $2 WHERE person_id = $1 AND revoked_at IS NULL AND id IS DISTINCT FROM $3"
        " RETURNING id, expires_at > $2 AS lived",
        person_id,
        now,
        but,
    )
    await db.execute(_REVOKE_MADE, [row["id"] for row in rows], now)
    return sum(row["lived"] for row in rows)
