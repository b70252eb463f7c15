"""The tree of territories in SQL."""

from collections.abc import Iterable

from asyncpg import Record

from channel.access import tables
from channel.database import db
from channel.database.locks import Lock
from channel.database.posted import last_first


async def hold_tree(*, alone: bool) -> None:
    """Keep the tree as it is (or from everybody else) to the end of the transaction.

    Whoever changes it holds it alone and looks afterwards, whoever grants holds it shared: a grant misses no node.
    """
    lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    await db.execute(f"SELECT {lock}($1)", Lock.TREE)


async def territory_by_code(code: str) -> Record | None:
    """A node of the tree that the asker may see."""
    return await db.fetchrow(
        "SELECT id, code, name, level, parent_id FROM territory WHERE code = (SELECT territory_meant($1))", code
    )


VISIBLE = """
SELECT t.id, t.code, t.name, t.level, t.parent_id, p.code AS parent_code, up.depth, up.path
FROM territory t
LEFT JOIN territory p ON p.id = t.parent_id
LEFT JOIN (
    SELECT x.territory_id, max(x.depth) AS depth, string_agg(a.name, ' / ' ORDER BY x.depth DESC) AS path
    FROM territory_tree x JOIN territory a ON a.id = x.ancestor_id GROUP BY x.territory_id
) AS up ON up.territory_id = t.id
"""
"""SQL: the nodes that the asker may see, each with its depth and the names from the root down to it."""


async def territories() -> list[Record]:
    """The whole visible tree, each node with its depth and the names from the root down to it."""
    return await db.fetch(f"{VISIBLE} ORDER BY up.path")


async def record_territory(code: str, name: str, level: str, parent_id: int | None, posting_id: int) -> int:
    """A new node with its place in the tree."""
    row = tables.Territory(code=code, name=name, level=level, parent_id=parent_id)
    await row.save()
    await db.execute(
        "INSERT INTO territory_tree (ancestor_id, territory_id, depth)"
        " SELECT ancestor_id, $1::bigint, depth + 1 FROM territory_tree WHERE territory_id = $2::bigint"
        " UNION ALL SELECT $1::bigint, $1::bigint, 0",
        row.id,
        parent_id,
    )
    await tables.TerritoryPlace(territory_id=row.id, parent_id=parent_id, posting_id=posting_id).save()
    return row.id


async def is_at_or_below(territory_id: int, ancestor_id: int) -> bool:
    """Whether the first node is the second one or lies under it."""
    found: bool = await db.fetchval(
        "SELECT EXISTS (SELECT 1 FROM territory_tree WHERE territory_id = $1 AND ancestor_id = $2)",
        territory_id,
        ancestor_id,
    )
    return found


async def move_territory(territory_id: int, parent_id: int | None, posting_id: int) -> None:
    """Hang a node with all below it under another parent; the caller has made sure that it is not below itself."""
    await db.execute("UPDATE territory SET parent_id = $2 WHERE id = $1", territory_id, parent_id)
    await tables.TerritoryPlace(territory_id=territory_id, parent_id=parent_id, posting_id=posting_id).save()
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


async def nodes_of(codes: Iterable[str]) -> dict[str, int]:
    """The ids of these codes, as far as the asker sees them."""
    rows = await db.fetch(
        "SELECT s AS asked, t.id FROM unnest($1::text[]) s JOIN territory t ON t.code = territory_meant(s)", list(codes)
    )
    return {row["asked"]: row["id"] for row in rows}


async def nodes_below(ancestor_ids: Iterable[int]) -> list[int]:
    """These nodes and all below them."""
    rows = await db.fetch(
        "SELECT DISTINCT territory_id FROM territory_tree WHERE ancestor_id = ANY ($1::bigint[])", list(ancestor_ids)
    )
    return [row["territory_id"] for row in rows]


async def outside(territory_ids: Iterable[int], ancestor_ids: Iterable[int]) -> list[str]:
    """The codes of those nodes that are neither one of the ancestors nor below one."""
    rows = await db.fetch(
        "SELECT code FROM territory WHERE id = ANY ($1::bigint[]) AND NOT EXISTS (SELECT 1 FROM territory_tree x"
        " WHERE x.territory_id = territory.id AND x.ancestor_id = ANY ($2::bigint[])) ORDER BY code",
        list(territory_ids),
        list(ancestor_ids),
    )
    return [row["code"] for row in rows]


_TRUE_TREE = """
WITH RECURSIVE up AS (
    SELECT id AS ancestor_id, id AS territory_id, 0 AS depth FROM territory
    UNION ALL
    SELECT t.parent_id, up.territory_id, up.depth + 1 FROM up JOIN territory t ON t.id = up.ancestor_id
    WHERE t.parent_id IS NOT NULL
) CYCLE ancestor_id SET goes_round USING way
, wanted AS (SELECT ancestor_id, territory_id, depth FROM up WHERE NOT goes_round)
"""
_KEPT_TREE = "SELECT ancestor_id, territory_id, depth FROM territory_tree"


async def tree_differences() -> int:
    """In how many places the kept tree is not what the nodes' parents make of it."""
    found: int = await db.fetchval(
        f"{_TRUE_TREE} SELECT count(*) FROM ("
        f" (TABLE wanted EXCEPT {_KEPT_TREE}) UNION ALL ({_KEPT_TREE} EXCEPT TABLE wanted)) x"
    )
    return found


_MISPLACED = f"""
FROM territory t LEFT JOIN LATERAL (
    SELECT x.id, x.parent_id FROM territory_place x JOIN posting p ON p.id = x.posting_id WHERE x.territory_id = t.id
    ORDER BY {last_first("x")} LIMIT 1
) AS last ON true
WHERE last.id IS NULL OR last.parent_id IS DISTINCT FROM t.parent_id
"""


async def misplaced() -> int:
    """How many nodes hang elsewhere than where they were last put, or have never been put anywhere."""
    found: int = await db.fetchval(f"SELECT count(*) {_MISPLACED}")
    return found


async def record_places(posting_id: int) -> None:
    """Put those nodes where they hang, from this posting on."""
    await db.execute(
        f"INSERT INTO territory_place (territory_id, parent_id, posting_id) SELECT t.id, t.parent_id, $1 {_MISPLACED}",
        posting_id,
    )


async def rebuild_tree() -> None:
    """Make the kept tree what the nodes' parents make of it."""
    await db.execute("DELETE FROM territory_tree")
    await db.execute(f"{_TRUE_TREE} INSERT INTO territory_tree (ancestor_id, territory_id, depth) TABLE wanted")
