"""Tasks written down, moved and ended, in sets: with a dealer and without."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec
from asyncpg import Record

from channel.database import db
from channel.tasks.rules.tasks import Step, TaskState

Key = tuple[int, int]
"""The dealer of a task, 0 where it has none, and its number."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Where tasks stand and their steps; with a dealer, he comes first in their keys."""

    task: str
    step: str
    dealer: bool

    @property
    def key(self) -> str:
        """The dealer's column before another one."""
        return "dealer_id, " if self.dealer else ""

    def same(self, one: str, other: str) -> str:
        """That two rows are of one dealer, before a further condition."""
        return f"{one}.dealer_id = {other}.dealer_id AND " if self.dealer else ""


OF_DEALERS = Tables("task_dealer", "task_step_dealer", dealer=True)
GENERAL = Tables("task_general", "task_step_general", dealer=False)


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to be written down: about which dealer (0: none), from which cause, due when, for which member.

    `about` tells the cause from all others of its kind and dealer. `told` is from what the kind makes its words: ids
    and figures, no words. `what` are those of a person. Without a member it is for anybody who may do it; who may not
    do it is passed over for the next above who may.
    """

    about: str
    due_on: date
    dealer_id: int = 0
    member_id: int | None = None
    told: Mapping[str, Any] = field(default_factory=dict)
    what: str | None = None
    author_id: int | None = None


def _split(keys: Sequence[Key]) -> list[tuple[Tables, list[int]]]:
    """By table the places of what belongs to it."""
    places: dict[bool, list[int]] = {True: [], False: []}
    for place, (dealer_id, _) in enumerate(keys):
        places[bool(dealer_id)].append(place)
    return [(tables, places[tables.dealer]) for tables in (OF_DEALERS, GENERAL) if places[tables.dealer]]


async def record_tasks(kind: str, new: Sequence[NewTask], posting_id: int) -> list[int]:
    """Write down those of which none of their cause is outstanding; their numbers."""
    made = []
    for tables, places in _split([(each.dealer_id, 0) for each in new]):
        some = [new[place] for place in places]
        on = "dealer_id, kind, about" if tables.dealer else "kind, about"
        rows = await db.fetch(
            f"""
INSERT INTO {tables.task} ({tables.key}id, kind, about, told, what, due_on, member_id, author_id, state, posting_id)
SELECT {tables.key}nextval('task_number'), $1, about, told::jsonb, what, due_on, member_id, author_id, 'outstanding', $2
FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::date[], $8::bigint[], $9::bigint[])
     AS u (dealer_id, about, told, what, due_on, member_id, author_id)
ON CONFLICT ({on}) WHERE state = 'outstanding' DO NOTHING
RETURNING id
""",
            kind,
            posting_id,
            [each.dealer_id for each in some],
            [each.about for each in some],
            [msgspec.json.encode(each.told).decode() for each in some],
            [each.what for each in some],
            [each.due_on for each in some],
            [each.member_id for each in some],
            [each.author_id for each in some],
        )
        made += [row["id"] for row in rows]
    return made


async def lock_tasks(numbers: Sequence[int]) -> list[Key]:
    """Let nobody else change these tasks to the end of the transaction, those that are outstanding; their keys."""
    found: list[Key] = []
    for tables in (OF_DEALERS, GENERAL):
        rows = await db.fetch(
            f"SELECT {tables.key}id FROM {tables.task} WHERE id = ANY ($1::bigint[]) AND state = 'outstanding'"
            f" ORDER BY {tables.key}id FOR UPDATE",
            numbers,
        )
        found += [(row.get("dealer_id", 0), row["id"]) for row in rows]
    return found


@dataclass(frozen=True, slots=True)
class Move:
    """A step of a task that stays outstanding: put off to a day, handed on, or escalated to a member.

    `to_member_id` None hands it on to anybody who may.
    """

    key: Key
    step: Step
    due_on: date | None = None
    from_member_id: int | None = None
    to_member_id: int | None = None
    reason: str | None = None


# What a step changes: a new day or owner makes it a task that can be escalated anew.
_MOVED = {
    Step.PUT_OFF: "due_on = u.due_on, escalated_to = NULL",
    Step.HANDED_ON: "member_id = u.to_member_id, escalated_to = NULL",
    Step.ESCALATED: "escalated_to = u.to_member_id",
}


async def record_moves(step: Step, moves: Sequence[Move], posting_id: int) -> None:
    """Carry out steps of one sort; each must be of a task that is outstanding and locked."""
    for tables, places in _split([each.key for each in moves]):
        some = [moves[place] for place in places]
        columns = [
            [each.key[0] for each in some],
            [each.key[1] for each in some],
            [each.due_on for each in some],
            [each.from_member_id for each in some],
            [each.to_member_id for each in some],
            [each.reason for each in some],
        ]
        await db.change_exactly(
            len(some),
            f"""
WITH u AS MATERIALIZED (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::date[], $4::bigint[], $5::bigint[], $6::text[])
        AS u (dealer_id, task_id, due_on, from_member_id, to_member_id, reason)
), told AS (
    INSERT INTO {tables.step} ({tables.key}task_id, step, due_on, from_member_id, to_member_id, reason, posting_id)
    SELECT {tables.key}task_id, $7, due_on, from_member_id, to_member_id, reason, $8 FROM u
)
UPDATE {tables.task} x SET {_MOVED[step]} FROM u WHERE {tables.same("x", "u")}x.id = u.task_id
""",
            *columns,
            step.value,
            posting_id,
        )


async def record_ends(state: TaskState, keys: Sequence[Key], reason: str | None, posting_id: int) -> None:
    """End these tasks, which are outstanding and locked."""
    for tables, places in _split(keys):
        some = [keys[place] for place in places]
        await db.change_exactly(
            len(some),
            f"""
WITH u AS MATERIALIZED (SELECT * FROM unnest($1::bigint[], $2::bigint[]) AS u (dealer_id, task_id)), told AS (
    INSERT INTO {tables.step} ({tables.key}task_id, step, reason, posting_id)
    SELECT {tables.key}task_id, $3, $4, $5 FROM u
)
UPDATE {tables.task} x SET state = $3, ended_by = $5 FROM u WHERE {tables.same("x", "u")}x.id = u.task_id
""",
            [key[0] for key in some],
            [key[1] for key in some],
            state.value,
            reason,
            posting_id,
        )


async def outstanding_about(kind: str, abouts: Sequence[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """The numbers of the outstanding tasks of a kind from these causes, each with its dealer (0: none)."""
    rows = await db.fetch(
        """
WITH u AS (SELECT * FROM unnest($2::bigint[], $3::text[]) AS u (dealer_id, about))
SELECT dealer_id, about, x.id FROM task_dealer x JOIN u USING (dealer_id, about)
WHERE x.kind = $1 AND x.state = 'outstanding'
UNION ALL
SELECT 0, x.about, x.id FROM task_general x JOIN u ON u.about = x.about AND u.dealer_id = 0
WHERE x.kind = $1 AND x.state = 'outstanding'
""",
        kind,
        [dealer_id for dealer_id, _ in abouts],
        [about for _, about in abouts],
    )
    return {(row["dealer_id"], row["about"]): row["id"] for row in rows}


async def outstanding_of(kind: str) -> list[Record]:
    """All outstanding tasks of a kind: number, dealer (0: none), cause and what is told."""
    return await db.fetch(
        """
SELECT id, dealer_id, about, told FROM task_dealer WHERE kind = $1 AND state = 'outstanding'
UNION ALL SELECT id, 0, about, told FROM task_general WHERE kind = $1 AND state = 'outstanding' ORDER BY id
""",
        kind,
    )


async def owned() -> list[Record]:
    """By kind, owner and territory of the dealer (None: about no dealer) what is outstanding and has an owner."""
    return await db.fetch(
        """
SELECT x.kind, x.member_id, d.territory_id FROM task_dealer x JOIN dealer d ON d.id = x.dealer_id
WHERE x.state = 'outstanding' AND x.member_id IS NOT NULL GROUP BY 1, 2, 3
UNION ALL
SELECT kind, member_id, NULL FROM task_general WHERE state = 'outstanding' AND member_id IS NOT NULL GROUP BY 1, 2
"""
    )


async def owned_by(kind: str, member_id: int, territory_id: int | None) -> list[Key]:
    """The outstanding tasks of a kind, owner and territory, locked."""
    if territory_id is None:
        rows = await db.fetch(
            "SELECT 0::bigint AS dealer_id, id FROM task_general"
            " WHERE state = 'outstanding' AND kind = $1 AND member_id = $2 ORDER BY id FOR UPDATE",
            kind,
            member_id,
        )
    else:
        rows = await db.fetch(
            "SELECT x.dealer_id, x.id FROM task_dealer x JOIN dealer d ON d.id = x.dealer_id"
            " WHERE x.state = 'outstanding' AND x.kind = $1 AND x.member_id = $2 AND d.territory_id = $3"
            " ORDER BY x.dealer_id, x.id FOR UPDATE OF x",
            kind,
            member_id,
            territory_id,
        )
    return [(row["dealer_id"], row["id"]) for row in rows]


async def late_tasks(before: date) -> list[Record]:
    """Tasks with an owner that were due before a day and are not escalated yet, with the territory of the dealer."""
    of_dealers = await db.fetch(
        """
SELECT x.dealer_id, x.id, x.kind, x.member_id, d.territory_id FROM task_dealer x JOIN dealer d ON d.id = x.dealer_id
WHERE x.state = 'outstanding' AND x.due_on < $1 AND x.escalated_to IS NULL AND x.member_id IS NOT NULL
ORDER BY x.dealer_id, x.id FOR UPDATE OF x
""",
        before,
    )
    general = await db.fetch(
        """
SELECT 0::bigint AS dealer_id, id, kind, member_id, NULL::bigint AS territory_id FROM task_general
WHERE state = 'outstanding' AND due_on < $1 AND escalated_to IS NULL AND member_id IS NOT NULL ORDER BY id FOR UPDATE
""",
        before,
    )
    return [*of_dealers, *general]


async def owned_of_dealers(changes: Sequence[tuple[int, int | None]], *, but: str | None = None) -> list[Record]:
    """The outstanding tasks about these dealers that these members own (None: nobody), without those of a kind."""
    return await db.fetch(
        """
SELECT x.dealer_id, x.id, x.kind, x.member_id, d.territory_id
FROM unnest($1::bigint[], $2::bigint[]) AS u (dealer_id, member_id)
JOIN task_dealer x ON x.dealer_id = u.dealer_id AND x.member_id IS NOT DISTINCT FROM u.member_id
JOIN dealer d ON d.id = x.dealer_id
WHERE x.state = 'outstanding' AND x.kind IS DISTINCT FROM $3 ORDER BY x.dealer_id, x.id
""",
        [dealer_id for dealer_id, _ in changes],
        [member_id for _, member_id in changes],
        but,
    )
