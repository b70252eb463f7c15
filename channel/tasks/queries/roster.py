"""The register of staff as tasks need it, and where dealers stand in the tree of territories; all in one read each."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from channel.access.rules import Person, Right, Role
from channel.access.rules.away import Away
from channel.access.rules.staff import Member
from channel.database import db
from channel.tasks.rules.receiver import Roster

_ROSTER = """
SELECT s.id, s.code, s.name, s.first_on, s.last_on, m.code AS manager, a.deputy, a.from_on AS away_from,
       a.to_on AS away_to, p.id AS person_id, p.login, p.name AS person_name, p.role, p.locale,
       array(SELECT territory_id FROM person_territory t WHERE t.person_id = p.id ORDER BY 1) AS territory_ids,
       CASE WHEN p.id IS NOT NULL THEN rights_of_duties(p.id, $1) END AS added
FROM staff_member s LEFT JOIN staff_member m ON m.id = s.manager_id
LEFT JOIN person p ON p.id = s.person_id AND p.active
LEFT JOIN LATERAL (
    SELECT d.code AS deputy, x.from_on, x.to_on FROM staff_away x JOIN staff_member d ON d.id = x.deputy_id
    WHERE x.member_id = s.id AND x.closed_at IS NULL AND x.from_on <= $1 AND x.to_on > $1
) AS a ON true
ORDER BY s.name, s.code
"""


async def roster_on(day: date) -> Roster:
    """Everybody of the register, who is away on the day, and who signs in with which rights and bounds."""
    rows = await db.fetch(_ROSTER, day)
    return Roster(
        day,
        {
            row["code"]: Member(row["code"], row["name"], row["first_on"], row["last_on"], row["manager"])
            for row in rows
        },
        [Away(row["code"], row["deputy"], row["away_from"], row["away_to"]) for row in rows if row["deputy"]],
        {row["code"]: _person(row) for row in rows if row["person_id"] is not None},
        {row["code"]: row["id"] for row in rows},
    )


def _person(row: Any) -> Person:  # noqa: ANN401 - a row
    return Person(
        login=row["login"],
        name=row["person_name"],
        role=Role(row["role"]),
        person_id=row["person_id"],
        bound=row["role"] == Role.REGIONAL,
        territory_ids=tuple(row["territory_ids"]),
        locale=row["locale"],
        added=frozenset(right for right in Right if right in row["added"]),
    )


async def territories_of(dealer_ids: Sequence[int]) -> dict[int, int]:
    """In which territory each of these dealers stands today."""
    rows = await db.fetch("SELECT id, territory_id FROM dealer WHERE id = ANY ($1::bigint[])", dealer_ids)
    return {row["id"]: row["territory_id"] for row in rows}


async def responsible_of(dealer_ids: Sequence[int]) -> dict[int, int]:
    """Which member of staff looks after each of these dealers today; without those whom nobody does."""
    rows = await db.fetch(
        "SELECT id, responsible_id FROM dealer WHERE id = ANY ($1::bigint[]) AND responsible_id IS NOT NULL", dealer_ids
    )
    return {row["id"]: row["responsible_id"] for row in rows}


async def lineages(territory_ids: Sequence[int]) -> Mapping[int, frozenset[int]]:
    """Each of these territories with all above it."""
    rows = await db.fetch(
        "SELECT territory_id, array_agg(ancestor_id) AS above FROM territory_tree"
        " WHERE territory_id = ANY ($1::bigint[]) GROUP BY 1",
        territory_ids,
    )
    return {row["territory_id"]: frozenset(row["above"]) for row in rows}
