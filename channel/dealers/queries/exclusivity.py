"""Grants of exclusivity, one row for each node at and below the granted one, and the tree they stand on."""

from collections.abc import Sequence
from datetime import date

from asyncpg import Record

from channel.database import db
from channel.database.paging import page_of
from channel.database.posted import live
from channel.dealers import tables
from channel.dealers.lists import GRANTS
from channel.dealers.rules import Grant
from channel.lists import ALL, Page, Wanted
from channel.view import View

_NODES = """
INSERT INTO exclusivity_node (dealer_id, exclusivity_id, line_id, territory_id, during)
SELECT e.dealer_id, e.id, e.line_id, t.territory_id, daterange(e.from_on, e.to_on)
FROM exclusivity e JOIN territory_tree t ON t.ancestor_id = e.territory_id
WHERE e.closed_by IS NULL AND e.id = ANY ($1::bigint[])
"""


async def record_grant(grant: Grant, reason: str, posting_id: int) -> int:
    """A grant with its nodes; the constraint raises `ExclusionViolationError` where it meets another one."""
    row = tables.Exclusivity(
        dealer_id=grant.dealer_id,
        line_id=grant.line_id,
        territory_id=grant.territory_id,
        from_on=grant.from_on,
        to_on=grant.to_on,
        reason=reason,
        posting_id=posting_id,
    )
    await row.save()
    await db.execute(_NODES, [row.id])
    return row.id


async def close_grant(dealer_id: int, grant_id: int, posting_id: int) -> bool:
    """A grant that counts no longer, with its nodes; False when it was closed already."""
    closed = await db.execute(
        "UPDATE exclusivity SET closed_by = $3 WHERE dealer_id = $1 AND id = $2 AND closed_by IS NULL",
        dealer_id,
        grant_id,
        posting_id,
    )
    await db.execute("DELETE FROM exclusivity_node WHERE dealer_id = $1 AND exclusivity_id = $2", dealer_id, grant_id)
    return closed == 1


_MEETING = """
SELECT DISTINCT e.dealer_id, e.id, e.from_on, e.to_on, t.name AS territory_name
FROM exclusivity_node n
JOIN exclusivity e ON e.dealer_id = n.dealer_id AND e.id = n.exclusivity_id
JOIN territory t ON t.id = e.territory_id
WHERE n.line_id = $1 AND n.during && daterange($3, $4)
  AND n.territory_id IN (SELECT territory_id FROM territory_tree WHERE ancestor_id = $2)
ORDER BY e.from_on, e.id
"""


async def grants_meeting(line_id: int, territory_id: int, from_on: date, to_on: date | None) -> list[Record]:
    """The grants with which one for this line, node and days would overlap; asked under the system scope."""
    return await db.fetch(_MEETING, line_id, territory_id, from_on, to_on)


async def dealer_in_scope(dealer_id: int) -> Record | None:
    """Code and name of a dealer by its id, if the asker may know of it."""
    return await db.fetchrow("SELECT code, name FROM dealer WHERE id = $1", dealer_id)


_GRANTS = f"""
SELECT e.id, d.code AS dealer, d.name AS dealer_name, l.code AS line, l.name AS line_name,
       t.code AS territory, t.name AS territory_name, e.from_on, e.to_on, e.reason, p.recorded_at, p.actor,
       e.closed_by IS NOT NULL AS closed
FROM exclusivity e
JOIN dealer d ON d.id = e.dealer_id
JOIN product_line l ON l.id = e.line_id
LEFT JOIN territory t ON t.id = e.territory_id
JOIN posting p ON p.id = e.posting_id
LEFT JOIN posting closed ON closed.id = e.closed_by
WHERE ($1::bigint IS NULL OR e.dealer_id = $1)
  AND ($2::date IS NULL OR (e.from_on <= $2 AND (e.to_on IS NULL OR e.to_on > $2)))
  AND CASE WHEN $3::timestamptz IS NULL THEN e.closed_by IS NULL ELSE {live("$3", "p")} END
  AND ($4::text IS NULL OR l.code = (SELECT product_line_meant($4)))
"""


async def grants(
    dealer_id: int | None = None, view: View | None = None, line: str | None = None, wanted: Wanted = ALL
) -> Page[Record]:
    """The grants of a dealer, or of all dealers in scope; those that hold on a day that is asked for, or all."""
    day, moment = (None, None) if view is None else (view.day, view.moment)
    return await page_of(_GRANTS, (dealer_id, day, moment, line), GRANTS, wanted)


async def grant(dealer_id: int, grant_id: int) -> Record | None:
    """A grant that counts."""
    return await db.fetchrow(
        "SELECT id, line_id, territory_id, from_on, to_on, reason FROM exclusivity"
        " WHERE dealer_id = $1 AND id = $2 AND closed_by IS NULL",
        dealer_id,
        grant_id,
    )


async def grants_above(territory_id: int) -> list[int]:
    """The grants that reach this node from a node above it."""
    rows = await db.fetch(
        "SELECT e.id FROM exclusivity e JOIN territory_tree t ON t.ancestor_id = e.territory_id"
        " WHERE e.closed_by IS NULL AND t.territory_id = $1 AND t.depth > 0",
        territory_id,
    )
    return [row["id"] for row in rows]


async def drop_nodes(grant_ids: Sequence[int]) -> None:
    """Take away the rows of these grants, to be written anew."""
    await db.execute("DELETE FROM exclusivity_node WHERE exclusivity_id = ANY ($1::bigint[])", grant_ids)


async def write_nodes(grant_ids: Sequence[int]) -> None:
    """Write the rows of these grants from the tree as it stands."""
    await db.execute(_NODES, grant_ids)


_OVERLAPPING = """
SELECT a.dealer_id AS a_dealer_id, b.dealer_id AS b_dealer_id, ta.name AS a_territory, tb.name AS b_territory,
       l.name AS line_name, a.from_on AS a_from, a.to_on AS a_to, b.from_on AS b_from, b.to_on AS b_to
FROM exclusivity a
JOIN exclusivity b ON b.line_id = a.line_id AND b.id > a.id AND b.closed_by IS NULL
                  AND daterange(b.from_on, b.to_on) && daterange(a.from_on, a.to_on)
JOIN product_line l ON l.id = a.line_id
JOIN territory ta ON ta.id = a.territory_id
JOIN territory tb ON tb.id = b.territory_id
WHERE a.closed_by IS NULL AND EXISTS (
    SELECT 1 FROM territory_tree t WHERE (t.ancestor_id, t.territory_id) = (a.territory_id, b.territory_id)
                                      OR (t.ancestor_id, t.territory_id) = (b.territory_id, a.territory_id))
ORDER BY a.id, b.id LIMIT 1
"""


async def first_overlap() -> Record | None:
    """Two grants that overlap on the tree as it stands, if any do; asked under the system scope."""
    return await db.fetchrow(_OVERLAPPING)
