"""Tasks as they stand, with a dealer and without, and the steps by which they came there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from asyncpg import Record

from channel.database import db
from channel.database.paging import page_of
from channel.lists import Page, Wanted
from channel.tasks.lists import TASKS

_COLUMNS = """
x.kind, x.about, x.told, x.what, x.due_on, x.state, x.member_id, x.author_id, x.posting_id,
o.code AS owner, o.name AS owner_name, e.code AS escalated_to, e.name AS escalated_to_name,
CASE WHEN x.state = 'outstanding' THEN nullif(greatest($1::date - x.due_on, 0), 0) END AS days_late,
p.recorded_at AS opened_at, (p.recorded_at AT TIME ZONE $2)::date AS opened_on, p.actor AS opened_by,
z.recorded_at AS ended_at, (z.recorded_at AT TIME ZONE $2)::date AS ended_on, z.actor AS ended_by
"""
_JOINED = """
LEFT JOIN staff_member o ON o.id = x.member_id LEFT JOIN staff_member e ON e.id = x.escalated_to
JOIN posting p ON p.id = x.posting_id LEFT JOIN posting z ON z.id = x.ended_by
"""
# $3 the kinds that the asker may see; $4 his own tasks' owners, $5 all of whom he sees also what is about no dealer,
# $6 who he is, $7 whether he sees everybody's.
_SEEN = """
SELECT x.id, x.dealer_id, d.code AS dealer, d.name AS dealer_name, {columns}
FROM task_dealer x JOIN dealer d ON d.id = x.dealer_id {joined}
WHERE x.kind = ANY ($3::text[]) AND {where}
UNION ALL
SELECT x.id, NULL, NULL, NULL, {columns}
FROM task_general x {joined}
WHERE x.kind = ANY ($3::text[])
  AND ($7::boolean OR x.member_id IS NULL OR x.author_id = $6::bigint
       OR o.code = ANY ($4::text[]) OR o.code = ANY ($5::text[])) AND {general}
"""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who looks at tasks: on which day in which zone, which kinds he may see and do, and whose are his, by code."""

    today: date
    zone: str
    kinds: Sequence[str]
    mine: Sequence[str]
    people: Sequence[str]
    person_id: int | None
    everybody: bool
    does: Sequence[str]

    @property
    def args(self) -> tuple[object, ...]:
        """The arguments of the query in their order."""
        return (
            self.today,
            self.zone,
            list(self.kinds),
            list(self.mine),
            list(self.people),
            self.person_id,
            self.everybody,
        )


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks are wanted; None leaves a question open.

    `whose` are one's own, one's people's or those of nobody, as `Whose` names them, several at once. `member` is the
    code of an owner, `state` one state, `kind` one kind. `late` are those that are outstanding after their day.
    """

    whose: tuple[str, ...] = ()
    member: str | None = None
    dealer_id: int | None = None
    kind: str | None = None
    state: str | None = None
    due_until: date | None = None
    late: bool = False
    numbers: Sequence[int] | None = None


_WHOSE = {
    "mine": "o.code = ANY ($4::text[])",
    "people": "o.code = ANY ($5::text[])",
    "escalated": "e.code = ANY ($4::text[])",
    "pool": "(x.member_id IS NULL AND x.kind = ANY (${does}::text[]))",
}


def _asked(asker: Asker, asked: TaskFilter) -> tuple[str, tuple[object, ...]]:
    args: list[object] = [*asker.args]

    def place(value: object) -> str:
        args.append(value)
        return f"${len(args)}"

    parts = []
    if asked.whose:
        whose = [
            _WHOSE[each].replace("${does}", place(list(asker.does)) if each == "pool" else "") for each in asked.whose
        ]
        parts.append(f"({' OR '.join(whose)})")
    for value, part in (
        (asked.member, "o.code = (SELECT staff_member_meant({}::text))"),
        (asked.kind, "x.kind = {}::text"),
        (asked.state, "x.state = {}::text"),
        (asked.due_until, "x.due_on <= {}::date"),
        (asked.numbers, "x.id = ANY ({}::bigint[])"),
    ):
        if value is not None:
            parts.append(part.format(place(value)))
    if asked.late:
        parts.append("x.state = 'outstanding' AND x.due_on < $1::date")
    general = "false" if asked.dealer_id is not None else " AND ".join(parts) or "true"
    if asked.dealer_id is not None:
        parts.append(f"x.dealer_id = {place(asked.dealer_id)}::bigint")
    sql = _SEEN.format(columns=_COLUMNS, joined=_JOINED, where=" AND ".join(parts) or "true", general=general)
    return sql, tuple(args)


async def tasks_listed(asker: Asker, asked: TaskFilter, wanted: Wanted) -> Page[Record]:
    """Tasks that the asker may see, the first due first."""
    sql, args = _asked(asker, asked)
    return await page_of(sql, args, TASKS, wanted)


async def tasks_counted(asker: Asker, asked: TaskFilter, limit: int) -> list[Record]:
    """The first so many of them by their day, each with how many there are (`found`)."""
    sql, args = _asked(asker, asked)
    return await db.fetch(
        f"SELECT *, count(*) OVER () AS found FROM ({sql}) AS t ORDER BY due_on, id LIMIT {limit:d}", *args
    )


_STEPS = """
SELECT s.id, p.recorded_at AS at, s.step, p.actor, s.due_on, f.code AS from_member, f.name AS from_member_name,
       t.code AS to_member, t.name AS to_member_name, s.reason
FROM {table} s JOIN posting p ON p.id = s.posting_id
LEFT JOIN staff_member f ON f.id = s.from_member_id LEFT JOIN staff_member t ON t.id = s.to_member_id
WHERE s.task_id = $1 {of_dealer} ORDER BY s.id
"""


async def steps_of(task_id: int, dealer_id: int | None) -> list[Record]:
    """What became of a task, in order."""
    if dealer_id is None:
        return await db.fetch(_STEPS.format(table="task_step_general", of_dealer=""), task_id)
    sql = _STEPS.format(table="task_step_dealer", of_dealer="AND s.dealer_id = $2")
    return await db.fetch(sql, task_id, dealer_id)
