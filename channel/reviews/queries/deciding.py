"""Decisions on reviews in SQL: what is to be decided, under lock, and what was decided of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from asyncpg import Record

from channel.consent.queries import COLUMNS, OF_DEALERS, joined
from channel.database import db
from channel.dealers.rules import ALLOWED_STATUS_CHANGES, Status

# What was decided already is not found by a lock: no policy lets anybody change it.
_LOCK = """
SELECT r.dealer_id, r.number, r.plan, r.as_of, r.currency, r.weight, r.proposal, r.proposed_amount, r.proposed_until,
       r.snapshot->'policy' AS policy, r.member_id, d.responsible_id, x.plan_version,
       d.code AS dealer, d.name AS dealer_name,
       d.currency AS dealer_currency, d.status AS dealer_status,
       d.territory_id, s.code AS member
FROM review r JOIN review_run x ON x.id = r.run_id JOIN dealer d ON d.id = r.dealer_id
LEFT JOIN staff_member s ON s.id = r.member_id
WHERE r.number = ANY ($1::bigint[]) AND r.decided_by IS NULL ORDER BY r.dealer_id, r.number
"""


async def undecided(numbers: Sequence[int]) -> list[Record]:
    """Those of these reviews that nobody has decided, with what is proposed, in the order of their dealers."""
    return await db.fetch(_LOCK, numbers)


async def lock_undecided(numbers: Sequence[int]) -> list[Record]:
    """The same, held to the end of the transaction."""
    return await db.fetch(f"{_LOCK} FOR UPDATE OF r", numbers)


async def decided_by(number: int) -> Record | None:
    """Who decided a review, when and what; None where nobody has, or there is none in scope."""
    return await db.fetchrow(
        "SELECT c.act, c.decided_on, p.actor FROM review_decision c JOIN posting p ON p.id = c.posting_id"
        " WHERE c.number = $1",
        number,
    )


async def is_there(code: str, number: int) -> bool:
    """Whether a dealer in scope has a review of this number."""
    found: bool = await db.fetchval(
        "SELECT EXISTS (SELECT FROM review r JOIN dealer d ON d.id = r.dealer_id"
        " WHERE d.code = (SELECT dealer_meant($1)) AND r.number = $2)",
        code,
        number,
    )
    return found


@dataclass(frozen=True, slots=True)
class NewDecision:
    """A decision to be written: what was chosen (`told`), why, and what came of it (`outcome`)."""

    dealer_id: int
    number: int
    act: str
    told: Mapping[str, Any]
    reason: str
    outcome: Mapping[str, Any]


async def record_decisions(
    decisions: Sequence[NewDecision], person_id: int | None, decided_on: date, posting_id: int
) -> None:
    """Write decisions on reviews that are locked; each is there for good."""
    await db.execute(
        """
INSERT INTO review_decision (dealer_id, number, act, told, reason, outcome, person_id, decided_on, posting_id)
SELECT u.dealer_id, u.number, u.act, u.told::jsonb, u.reason, u.outcome::jsonb, $7, $8, $9
FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[])
     AS u (dealer_id, number, act, told, reason, outcome)
""",
        [each.dealer_id for each in decisions],
        [each.number for each in decisions],
        [each.act for each in decisions],
        [_json(each.told) for each in decisions],
        [each.reason for each in decisions],
        [_json(each.outcome) for each in decisions],
        person_id,
        decided_on,
        posting_id,
    )
    await db.change_exactly(
        len(decisions),
        "UPDATE review r SET decided_by = $3 FROM unnest($1::bigint[], $2::bigint[]) AS u (dealer_id, number)"
        " WHERE r.dealer_id = u.dealer_id AND r.number = u.number AND r.decided_by IS NULL",
        [each.dealer_id for each in decisions],
        [each.number for each in decisions],
        posting_id,
    )


def _json(value: Mapping[str, Any]) -> str:
    return msgspec.json.encode(dict(value)).decode()


HOLD = "hold of a review"
"""What the request of a hold is among all that waits for a second person's word; it is about the review's number."""

_HOLDS = f"""
SELECT r.id, r.dealer_id, r.about, r.about::bigint AS number, d.code AS dealer, d.name AS dealer_name,
       v.plan, v.as_of, {COLUMNS}
FROM request_dealer r JOIN dealer d ON d.id = r.dealer_id
JOIN review v ON v.dealer_id = r.dealer_id AND v.number = r.about::bigint
{joined(OF_DEALERS)}
WHERE r.kind = '{HOLD}'
"""


async def holds_asked(ids: Sequence[int]) -> list[Record]:
    """These requests of holds, with the reviews by which they were asked for."""
    return await db.fetch(f"{_HOLDS} AND r.id = ANY ($1::bigint[])", ids)


async def hold_of_review(code: str, number: int) -> Record | None:
    """The request of a hold that a dealer's review asked for; None where it asked for none."""
    return await db.fetchrow(
        f"{_HOLDS} AND d.code = (SELECT dealer_meant($1)) AND r.about = $2::text", code, str(number)
    )


async def open_holds(dealer_ids: Sequence[int]) -> dict[int, int]:
    """Of these dealers the number of the open request of a hold."""
    rows = await db.fetch(
        f"SELECT dealer_id, max(id) AS id FROM request_dealer WHERE kind = '{HOLD}' AND state = 'open'"
        " AND dealer_id = ANY ($1::bigint[]) GROUP BY 1",
        dealer_ids,
    )
    return {row["dealer_id"]: row["id"] for row in rows}


async def lock_dealers_of(ids: Sequence[int]) -> None:
    """Wait for whoever else changes the dealers of these requests, to the end of the transaction."""
    await db.fetch(
        "SELECT id FROM dealer WHERE id IN (SELECT dealer_id FROM request_dealer WHERE id = ANY ($1::bigint[]))"
        " ORDER BY id FOR NO KEY UPDATE",
        ids,
    )


_HELD_FROM = tuple(sorted(each.value for each, to in ALLOWED_STATUS_CHANGES.items() if Status.ON_HOLD in to))


def can_be_held(_today: str) -> str:
    """SQL: that the dealer of the request `r` can be put on hold, as his status stands."""
    allowed = ", ".join(f"'{each}'" for each in _HELD_FROM)
    return f"EXISTS (SELECT FROM dealer d WHERE d.id = r.dealer_id AND d.status IN ({allowed}))"


_DECISION = """
SELECT c.act, c.told, c.reason, c.outcome, c.decided_on, p.actor, p.recorded_at AS at,
       w.id AS limit_id, w.state AS limit_state, h.id AS hold_id, h.state AS hold_state,
       t.id AS task_id, t.state AS task_state, t.due_on AS task_due_on, o.name AS task_owner
FROM review_decision c JOIN posting p ON p.id = c.posting_id
LEFT JOIN request_dealer w ON w.dealer_id = c.dealer_id AND w.id = (c.outcome->>'limit')::bigint
LEFT JOIN request_dealer h ON h.dealer_id = c.dealer_id AND h.id = (c.outcome->>'hold')::bigint
LEFT JOIN task_dealer t ON t.dealer_id = c.dealer_id AND t.id = (c.outcome->>'task')::bigint
LEFT JOIN staff_member o ON o.id = t.member_id
WHERE c.dealer_id = $1 AND c.number = $2
"""


async def decision(dealer_id: int, number: int) -> Record | None:
    """What was decided of a review, by whom, and how what it set off stands."""
    return await db.fetchrow(_DECISION, dealer_id, number)
