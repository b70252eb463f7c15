"""Tasks told: lists of them, one with its steps, and what stands on the desk of whoever looks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.rules import Person, Right, Role, require
from channel.database import db
from channel.errors import Message, NotFound, m
from channel.lists import Page, Wanted
from channel.tasks.queries import tasks as queries
from channel.tasks.queries.roster import roster_on
from channel.tasks.queries.tasks import Asker, TaskFilter
from channel.tasks.rules.receiver import Reach, compute_reach
from channel.tasks.rules.tasks import TaskState, Whose
from channel.tasks.service.kinds import KINDS, OWN, can_do, done_by, seen_by

Told = dict[str, Any]
"""A task with its words, where it is done and what its kind is called."""


def told(row: Record) -> Told:
    """A task's row with its words."""
    kind = KINDS.get(row["kind"])
    if kind is None:
        return {**row, "what": m("%(kind)s", kind=row["kind"]), "url": None, "kind_name": row["kind"], "ends_by": None}
    return {
        **row,
        "what": kind.words(row),
        "url": kind.url(row),
        "kind_name": kind.name,
        "ends_by": kind.ends_by,
    }


def asker(person: Person, reach: Reach) -> Asker:
    """Who looks, and what he may be shown."""
    return Asker(
        clock.today(),
        clock.zone().key,
        seen_by(person),
        sorted(reach.mine),
        sorted(reach.people),
        person.person_id,
        everybody=person.role is Role.MANAGER and not person.bound,
        does=done_by(person),
    )


async def reach_of(person: Person) -> Reach:
    """Whose tasks are his own, and whose those of his people."""
    return compute_reach(person.person_id, await roster_on(clock.today()))


async def tasks(person: Person, asked: TaskFilter, wanted: Wanted) -> Page[Told]:
    """Tasks that a person may see, the first due first.

    About a dealer whoever sees him sees them; about none whoever owns them, stands in or above, or wrote them.
    """
    require(person, Right.SEE_DEALERS)
    page = await queries.tasks_listed(asker(person, await reach_of(person)), asked, wanted)
    return Page([told(row) for row in page.items], page.next)


@dataclass(frozen=True, slots=True)
class WholeTask:
    """A task with its steps, and what whoever looks may do with it."""

    row: Told
    steps: Sequence[Record]
    acts: bool
    finishes: bool
    withdraws: bool


async def task_of(person: Person, number: int) -> WholeTask:
    """One task with its history; `NotFound` where there is none that the person may see."""
    require(person, Right.SEE_DEALERS)
    roster = await roster_on(clock.today())
    reach = compute_reach(person.person_id, roster)
    row = await seen_task(person, reach, number)
    kind, still = KINDS.get(row["kind"]), row["state"] == TaskState.OUTSTANDING
    acts = still and may_act(person, reach, row)
    return WholeTask(
        row,
        await queries.steps_of(number, row["dealer_id"]),
        acts,
        acts and kind is not None and kind.ends_by is None,
        still and may_withdraw(person, reach, row),
    )


async def seen_task(person: Person, reach: Reach, number: int) -> Told:
    """One task as it stands; `NotFound` where there is none that the person may see."""
    return (await seen_tasks(person, reach, [number]))[number]


async def seen_tasks(person: Person, reach: Reach, numbers: Sequence[int]) -> dict[int, Told]:
    """Tasks as they stand, by their numbers; `NotFound` where the person may not see one of them."""
    page = await queries.tasks_listed(asker(person, reach), TaskFilter(numbers=numbers), Wanted())
    found = {row["id"]: told(row) for row in page.items}
    if found.keys() != set(numbers):
        raise NotFound(m("There is no such task."))
    return found


def may_act(person: Person, reach: Reach, row: Told) -> bool:
    """Whether a person may act on a task that he sees: its owner, who stands in or is above, or of a pool who may."""
    kind = KINDS.get(row["kind"])
    if kind is None or not can_do(person, kind):
        return False
    return row["owner"] is None or row["owner"] in reach.all


def may_withdraw(person: Person, reach: Reach, row: Told) -> bool:
    """Whether a person may withdraw a task: one that was written by hand, by him, or on which he may act."""
    return row["kind"] == OWN.code and (may_act(person, reach, row) or _wrote(person, row))


def _wrote(person: Person, row: Told) -> bool:
    return person.may(Right.DO_TASKS) and row["author_id"] is not None and row["author_id"] == person.person_id


def may_add_for(person: Person, reach: Reach, code: str) -> bool:
    """Whether a person may write a task down for a member: himself, one beneath, or as manager of all for anybody."""
    return code in reach.all or (person.role is Role.MANAGER and not person.bound)


async def looking() -> tuple[Person, Reach] | None:
    """Who looks at a desk, with what he looks after: nothing, where he is no member of staff; a machine has no desk."""
    kind, _, number = db.scope().owner.partition(" ")
    if kind != "person":
        return None
    roster = await roster_on(clock.today())
    reach = compute_reach(int(number), roster)
    person = roster.people[reach.me] if reach.me else await access.person_behind(int(number), None, None)
    return None if person is None else (person, reach)


async def _on_desk(whose: Iterable[Whose], count: int) -> list[Told]:
    found = await looking()
    if found is None:
        return []
    person, reach = found
    asked = TaskFilter(tuple(whose), state=TaskState.OUTSTANDING, due_until=clock.today())
    return [told(row) for row in await queries.tasks_counted(asker(person, reach), asked, count)]


async def due_of_mine(count: int) -> Sequence[Told]:
    """What is late or due today of whoever looks, what is escalated to him, and what anybody who may is to do.

    What is of those in whose place he is today is his own.
    """
    return await _on_desk((Whose.MINE, Whose.ESCALATED, Whose.POOL), count)


async def due_of_people(count: int) -> Sequence[Told]:
    """What is late or due today of the people beneath whoever looks, the latest first."""
    return await _on_desk((Whose.PEOPLE,), count)


def words_of(row: Told) -> Message:
    """What is to be done."""
    what: Message = row["what"]
    return what


def with_states(asked: TaskFilter, state: str | None) -> TaskFilter:
    """The filter with a state: those that are outstanding, unless another is asked for; `any` is every state."""
    return replace(asked, state=None if state == "any" else state or TaskState.OUTSTANDING.value)
