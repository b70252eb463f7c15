"""What happens to reviews until they are decided: reminded, escalated, handed on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from asyncpg import Record

from channel.database import db


async def waiting_versions() -> list[Record]:
    """By plan, its version and the day by which is to be decided: what nobody has decided and is not escalated yet."""
    return await db.fetch(
        "SELECT DISTINCT x.plan, x.plan_version, r.decide_by FROM review r JOIN review_run x ON x.id = r.run_id"
        " WHERE r.decided_by IS NULL AND r.escalated_on IS NULL ORDER BY 1, 2, 3"
    )


_TO_TELL = """
SELECT r.dealer_id, r.number, r.plan, r.member_id, r.decide_by, d.territory_id
FROM review r JOIN review_run x ON x.id = r.run_id JOIN dealer d ON d.id = r.dealer_id
WHERE r.decided_by IS NULL AND r.escalated_on IS NULL AND x.plan = $1 AND x.plan_version = $2
  AND r.decide_by = ANY ($3::date[]) AND r.number > $4
  AND NOT EXISTS (SELECT FROM review_step s WHERE s.dealer_id = r.dealer_id AND s.number = r.number AND s.step = $5)
ORDER BY r.number LIMIT $6 FOR UPDATE OF r
"""


async def to_tell(
    plan: str, version: int, decide_by: Sequence[date], step: str, after: int, limit: int
) -> list[Record]:
    """The next reviews of a plan's version to be decided by these days of which the step has not been taken, locked."""
    return await db.fetch(_TO_TELL, plan, version, decide_by, after, step, limit)


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a review: from whom and to whom it goes (None: anybody who may), and what was said."""

    dealer_id: int
    number: int
    from_id: int | None = None
    to_id: int | None = None
    said: str | None = None


async def record_steps(step: str, steps: Sequence[Step], on: date, posting_id: int) -> None:
    """Write down steps of one sort."""
    await db.execute(
        "INSERT INTO review_step (dealer_id, number, step, step_on, from_id, to_id, said, posting_id)"
        " SELECT u.dealer_id, u.number, $1, $2, u.from_id, u.to_id, u.said, $3"
        " FROM unnest($4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[])"
        " AS u (dealer_id, number, from_id, to_id, said)",
        step,
        on,
        posting_id,
        [each.dealer_id for each in steps],
        [each.number for each in steps],
        [each.from_id for each in steps],
        [each.to_id for each in steps],
        [each.said for each in steps],
    )


async def keep_escalated(steps: Sequence[Step], on: date) -> None:
    """From now on these reviews stand before a manager (None: any who may)."""
    await db.change_exactly(
        len(steps),
        "UPDATE review r SET escalated_on = $1, escalated_to = u.to_id"
        " FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS u (dealer_id, number, to_id)"
        " WHERE r.dealer_id = u.dealer_id AND r.number = u.number",
        on,
        [each.dealer_id for each in steps],
        [each.number for each in steps],
        [each.to_id for each in steps],
    )


_GOING_ALONG = """
SELECT r.dealer_id, r.number, r.member_id, u.to_id, d.territory_id
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS u (dealer_id, from_id, to_id)
JOIN review r ON r.dealer_id = u.dealer_id AND r.member_id = u.from_id AND r.decided_by IS NULL
JOIN dealer d ON d.id = r.dealer_id ORDER BY r.number FOR UPDATE OF r
"""


async def going_along(changes: Sequence[tuple[int, int | None, int | None]]) -> list[Record]:
    """The undecided reviews, locked, of whom looked after a dealer: each with who does from now on."""
    dealers, before, after = zip(*changes, strict=True) if changes else ((), (), ())
    return await db.fetch(_GOING_ALONG, dealers, before, after)


async def keep_members(steps: Sequence[Step]) -> None:
    """From now on these members are to decide these reviews (None: whoever may)."""
    await db.change_exactly(
        len(steps),
        "UPDATE review r SET member_id = u.to_id FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])"
        " AS u (dealer_id, number, to_id) WHERE r.dealer_id = u.dealer_id AND r.number = u.number",
        [each.dealer_id for each in steps],
        [each.number for each in steps],
        [each.to_id for each in steps],
    )


async def reviews_of(numbers: Sequence[int]) -> list[Record]:
    """These reviews with their dealers, as far as the asker may know of them."""
    return await db.fetch(
        "SELECT r.number, r.as_of, r.decide_by, d.code AS dealer, d.name AS dealer_name"
        " FROM review r JOIN dealer d ON d.id = r.dealer_id WHERE r.number = ANY ($1::bigint[])",
        numbers,
    )


_STEPS = """
SELECT s.id, s.step, s.step_on, s.said, p.recorded_at AS at, p.actor, f.code AS from_member, f.name AS from_member_name,
       t.code AS to_member, t.name AS to_member_name
FROM review_step s JOIN posting p ON p.id = s.posting_id
LEFT JOIN staff_member f ON f.id = s.from_id LEFT JOIN staff_member t ON t.id = s.to_id
WHERE s.dealer_id = $1 AND s.number = $2 ORDER BY s.id
"""


async def steps_of(dealer_id: int, number: int) -> list[Record]:
    """What happened to a review, in its order."""
    return await db.fetch(_STEPS, dealer_id, number)
