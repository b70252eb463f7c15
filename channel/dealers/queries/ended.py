"""Endings of a cooperation, written down for rooms above."""

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
INSERT INTO dealer_ended (dealer_id, posting_id, ends_on, reason, person_id, role, token_id, session_id)
SELECT u.dealer_id, $3, u.ends_on, $4, $5, $6, $7, $8
FROM unnest($1::bigint[], $2::date[]) AS u (dealer_id, ends_on)
"""


async def record_endings(
    person: Person, endings: Sequence[tuple[int, date]], reason: str | None, posting_id: int
) -> None:
    """That the cooperation with these dealers ends on these days."""
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
    )


_ENDINGS = """
SELECT e.dealer_id, e.ends_on, e.reason, e.person_id, e.role, e.token_id, e.session_id, p.actor, p.recorded_at
FROM dealer_ended e JOIN posting p ON p.id = e.posting_id
WHERE e.posting_id = $1 AND ($2::date IS NULL OR e.ends_on = $2) ORDER BY e.ends_on, e.dealer_id
"""


async def endings_of(posting_id: int, day: date | None) -> list[Ending]:
    """The endings that one posting recorded: all, or those on a day."""
    return [
        Ending(
            row["dealer_id"],
            row["ends_on"],
            row["recorded_at"],
            Person(row["actor"], row["actor"], Role(row["role"]), row["person_id"], row["token_id"], row["session_id"]),
            row["reason"],
        )
        for row in await db.fetch(_ENDINGS, posting_id, day)
    ]
