"""Endings of a cooperation, written down for rooms above, which claim them when they are due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from channel.access.rules import Person, Role
from channel.database import db


@dataclass(frozen=True, slots=True)
class Ending:
    """The cooperation with a dealer ends on a day, as `person` recorded it at a moment (None: in this transaction)."""

    dealer_id: int
    ends_on: date
    recorded_at: datetime | None
    person: Person
    reason: str | None = None


_RECORD = """
INSERT INTO dealer_ended (dealer_id, posting_id, ends_on, reason, person_id, role, token_id, session_id, due_on)
SELECT u.dealer_id, $3, u.ends_on, $4, $5, $6, $7, $8, $9
FROM unnest($1::bigint[], $2::date[]) AS u (dealer_id, ends_on)
"""


async def record_endings(
    person: Person, endings: Sequence[tuple[int, date]], reason: str | None, posting_id: int, today: date
) -> None:
    """That the cooperation with these dealers ends on these days; due today, to be claimed at once."""
    await db.execute(
        _RECORD,
        [dealer_id for dealer_id, _ in endings],
        [day for _, day in endings],
        posting_id,
        reason,
        person.person_id,
        person.role.value,
        person.token_id,
        person.session_id,
        today,
    )


# One that lies ahead is due a second time on its day.
_CLAIM = """
WITH due AS (
    SELECT dealer_id, posting_id FROM dealer_ended WHERE due_on <= $1 AND ($3::bigint IS NULL OR posting_id = $3)
    ORDER BY due_on, dealer_id, posting_id LIMIT $2 FOR UPDATE SKIP LOCKED
)
UPDATE dealer_ended e SET due_on = CASE WHEN e.ends_on > $1 THEN e.ends_on END
FROM due JOIN posting p ON p.id = due.posting_id
WHERE e.dealer_id = due.dealer_id AND e.posting_id = due.posting_id
RETURNING e.dealer_id, e.ends_on, e.reason, e.person_id, e.role, e.token_id, e.session_id, p.actor, p.recorded_at
"""


async def claim_endings(today: date, posting_id: int | None, limit: int) -> list[Ending]:
    """The next endings that are due, all or those of one posting; nobody else is given them, unless this act fails."""
    return [
        Ending(
            row["dealer_id"],
            row["ends_on"],
            row["recorded_at"],
            Person(row["actor"], row["actor"], Role(row["role"]), row["person_id"], row["token_id"], row["session_id"]),
            row["reason"],
        )
        for row in await db.fetch(_CLAIM, today, limit, posting_id)
    ]
