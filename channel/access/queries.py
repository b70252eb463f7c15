"""All SQL of the room `access`."""

from collections.abc import Iterable
from datetime import datetime

from asyncpg import Record

from channel import db

_SIGNED_IN = """
SELECT p.id AS person_id, p.login, p.name, p.role, p.locale, s.id AS session_id, NULL::bigint AS token_id,
       array(SELECT territory_id FROM person_territory t WHERE t.person_id = p.id ORDER BY 1) AS territory_ids,
       '{}'::bigint[] AS token_territory_ids
FROM session s JOIN person p ON p.id = s.person_id
WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND p.active
"""

_BEARER = """
SELECT p.id AS person_id, coalesce(p.login, t.name) AS login, coalesce(p.name, t.name) AS name, t.role, p.locale,
       NULL::bigint AS session_id, t.id AS token_id,
       array(SELECT territory_id FROM person_territory x WHERE x.person_id = p.id ORDER BY 1) AS territory_ids,
       array(SELECT territory_id FROM api_token_territory x WHERE x.token_id = t.id ORDER BY 1) AS token_territory_ids
FROM api_token t LEFT JOIN person p ON p.id = t.person_id
WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND t.expires_at > $2
  AND (t.person_id IS NULL OR (p.active AND p.role = t.role))
"""


async def person_of_session(token_hash: bytes, now: datetime) -> Record | None:
    """Who is signed in under this session, if it is live and the person is active."""
    return await db.fetchrow(_SIGNED_IN, token_hash, now)


async def person_of_token(token_hash: bytes, now: datetime) -> Record | None:
    """Whom this API token speaks for; a token issued for a role its person has lost is dead."""
    return await db.fetchrow(_BEARER, token_hash, now)


async def record_token_use(token_id: int, now: datetime) -> None:
    """Keep the last use to the minute: writing it at every request would cost more than it tells."""
    await db.execute(
        "UPDATE api_token SET last_used_at = $2 WHERE id = $1"
        " AND (last_used_at IS NULL OR last_used_at < $2::timestamptz - interval '1 minute')",
        token_id,
        now,
    )


async def record_posting(act: str, actor: str) -> int:
    """A new posting, not yet stamped."""
    posting_id: int = await db.fetchval("INSERT INTO posting (act, actor) VALUES ($1, $2) RETURNING id", act, actor)
    return posting_id


_AUDIT_DEALER = """
INSERT INTO audit_dealer (dealer_id, at, actor, actor_role, via, act, subject, before, after, reason, posting_id)
SELECT id, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 FROM unnest($1::bigint[]) AS id
"""
_AUDIT_GENERAL = """
INSERT INTO audit_general (at, actor, actor_role, via, act, subject, before, after, reason, posting_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""


async def record_audit(
    dealer_ids: Iterable[int],
    at: datetime,
    actor: tuple[str, str, str],
    act: str,
    subject: str,
    before: object,
    after: object,
    reason: str | None,
    posting_id: int | None,
) -> None:
    """One line of the trail for each dealer concerned, or one general line where there is none.

    `actor` is who, in which role, by which door.
    """
    rest = (act, subject, before, after, reason, posting_id)
    ids = list(dealer_ids)
    if ids:
        await db.execute(_AUDIT_DEALER, ids, at, *actor, *rest)
    else:
        await db.execute(_AUDIT_GENERAL, at, *actor, *rest)


async def territory_by_code(code: str) -> Record | None:
    """A node of the tree that the asker may see."""
    return await db.fetchrow("SELECT id, code, name, level, parent_id FROM territory WHERE code = $1", code)


_TERRITORIES = """
SELECT t.id, t.code, t.name, t.level, t.parent_id, p.code AS parent_code,
       (SELECT max(depth) FROM territory_tree x WHERE x.territory_id = t.id) AS depth,
       (SELECT string_agg(a.name, ' / ' ORDER BY x.depth DESC) FROM territory_tree x
        JOIN territory a ON a.id = x.ancestor_id WHERE x.territory_id = t.id) AS path
FROM territory t LEFT JOIN territory p ON p.id = t.parent_id
ORDER BY path
"""


async def territories() -> list[Record]:
    """The whole visible tree, each node with its depth and the names from the root down to it."""
    return await db.fetch(_TERRITORIES)


async def record_territory(code: str, name: str, level: str, parent_id: int | None) -> int:
    """A new node with its place in the tree."""
    territory_id: int = await db.fetchval(
        "INSERT INTO territory (code, name, level, parent_id) VALUES ($1, $2, $3, $4) RETURNING id",
        code,
        name,
        level,
        parent_id,
    )
    await db.execute(
        "INSERT INTO territory_tree (ancestor_id, territory_id, depth)"
        " SELECT ancestor_id, $1::bigint, depth + 1 FROM territory_tree WHERE territory_id = $2::bigint"
        " UNION ALL SELECT $1::bigint, $1::bigint, 0",
        territory_id,
        parent_id,
    )
    return territory_id


async def is_at_or_below(territory_id: int, ancestor_id: int) -> bool:
    """Whether the first node is the second one or lies under it."""
    found: bool = await db.fetchval(
        "SELECT EXISTS (SELECT 1 FROM territory_tree WHERE territory_id = $1 AND ancestor_id = $2)",
        territory_id,
        ancestor_id,
    )
    return found


async def move_territory(territory_id: int, parent_id: int | None) -> None:
    """Hang a node with all below it under another parent; the caller has made sure that it is not below itself."""
    await db.execute("UPDATE territory SET parent_id = $2 WHERE id = $1", territory_id, parent_id)
    await db.execute(
        "DELETE FROM territory_tree up USING territory_tree down"
        " WHERE down.ancestor_id = $1 AND up.territory_id = down.territory_id"
        " AND up.ancestor_id NOT IN (SELECT territory_id FROM territory_tree WHERE ancestor_id = $1)",
        territory_id,
    )
    await db.execute(
        "INSERT INTO territory_tree (ancestor_id, territory_id, depth)"
        " SELECT up.ancestor_id, down.territory_id, up.depth + down.depth + 1"
        " FROM territory_tree up, territory_tree down WHERE up.territory_id = $2 AND down.ancestor_id = $1",
        territory_id,
        parent_id,
    )


async def rename_territory(territory_id: int, name: str, level: str) -> None:
    """Another name or level for a node."""
    await db.execute("UPDATE territory SET name = $2, level = $3 WHERE id = $1", territory_id, name, level)


async def setting(name: str) -> object:
    """A setting of the company, or None where it was never set."""
    return await db.fetchval("SELECT value FROM setting WHERE name = $1", name)


async def record_setting(name: str, value: object) -> None:
    """Set or change a setting."""
    await db.execute(
        "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name,
        value,
    )
