"""Acts on tasks: done, put off, handed on, written down by hand and withdrawn."""

from collections.abc import Sequence
from typing import Any

from channel import clock
from channel.access import service as access
from channel.access.queries.staff import member_meant
from channel.access.rules import Person, Right, require
from channel.acts import Why
from channel.database import db
from channel.dealers.service.facts import dealer_by_code
from channel.errors import Conflict, Forbidden, Invalid, Message, invalid, m
from channel.tasks.acts import AddTask, FinishTask, HandOnTask, HandOnTasks, PutOffTask
from channel.tasks.queries import writing
from channel.tasks.queries.calendar import calendar
from channel.tasks.queries.roster import roster_on, territories_of
from channel.tasks.queries.writing import Key, Move, NewTask
from channel.tasks.rules.receiver import Reach, compute_reach
from channel.tasks.rules.tasks import Step, TaskState, off_fault, put_off_fault
from channel.tasks.rules.working_days import add_working_days
from channel.tasks.service.kinds import KINDS, OWN, TaskKind
from channel.tasks.service.moved import tell_moved
from channel.tasks.service.opening import owners_for
from channel.tasks.service.tasks import Told, may_act, may_add_for, may_withdraw, reach_of, seen_task, seen_tasks

_FINISH, _PUT_OFF, _HAND_ON, _ADD, _WITHDRAW = (
    "finish task",
    "put off task",
    "hand on task",
    "add task",
    "withdraw task",
)
_NOT_YOURS = m(
    "This task is somebody else's: it is done by its owner, by who stands in for him, or by who is above him."
)


async def _outstanding(person: Person, reach: Reach, number: int) -> tuple[Key, Told]:
    """A task that a person sees and that is still to be done, under its lock."""
    keys = await writing.lock_tasks([number])
    row = await seen_task(person, reach, number)
    if not keys:
        raise Conflict(m("The task has ended already."))
    return keys[0], row


async def _to_act_on(person: Person, number: int) -> tuple[Key, Told, TaskKind]:
    require(person, Right.DO_TASKS)
    reach = await reach_of(person)
    key, row = await _outstanding(person, reach, number)
    if not may_act(person, reach, row):
        raise Forbidden(_NOT_YOURS)
    return key, row, KINDS[row["kind"]]


async def _audit(
    person: Person, act: str, key: Key, posting_id: int, reason: str | None, **told: dict[str, Any]
) -> None:
    dealer_id, number = key
    await access.audit(
        person,
        act,
        f"task {number}",
        dealer_ids=[dealer_id] if dealer_id else (),
        reason=reason,
        posting_id=posting_id,
        **told,
    )


async def finish_task(person: Person, number: int, act: FinishTask) -> None:
    """It is done; what its kind sets off then is done with it. Refused where it ends by its cause alone."""
    async with db.transaction():
        key, row, kind = await _to_act_on(person, number)
        if kind.ends_by is not None:
            raise Conflict(m("It ends by itself: %(how)s", how=kind.ends_by))
        posting_id = await access.open_posting(person, _FINISH)
        await writing.record_ends(TaskState.DONE, [key], act.note, posting_id)
        if kind.ended is not None:
            await kind.ended(person, [row], posting_id)
        await _audit(person, _FINISH, key, posting_id, act.note)


async def put_off_task(person: Person, number: int, act: PutOffTask) -> None:
    """It is to be done by a later working day."""
    async with db.transaction():
        key, row, _ = await _to_act_on(person, number)
        fault = put_off_fault(row["due_on"], act.until, clock.today(), await calendar())
        if fault is not None:
            raise Invalid(m("It cannot be put off so."), (fault,))
        posting_id = await access.open_posting(person, _PUT_OFF)
        move = Move(key, Step.PUT_OFF, due_on=act.until, reason=act.reason)
        await writing.record_moves(Step.PUT_OFF, [move], posting_id)
        before, after = {"due_on": row["due_on"]}, {"due_on": act.until}
        await _audit(person, _PUT_OFF, key, posting_id, act.reason, before=before, after=after)


async def hand_on_task(person: Person, number: int, act: HandOnTask) -> None:
    """Another is to do it; refused where he may not see the dealer, or may not do tasks of its kind."""
    await _hand_on(person, [number], act)


async def hand_on_tasks(person: Person, act: HandOnTasks) -> None:
    """Another is to do all of these, or none of them is handed on."""
    await _hand_on(person, list(dict.fromkeys(act.tasks)), act)


async def _hand_on(person: Person, numbers: Sequence[int], act: HandOnTask) -> None:
    require(person, Right.DO_TASKS)
    async with db.transaction():
        keys = {number: (dealer_id, number) for dealer_id, number in await writing.lock_tasks(numbers)}
        reach = await reach_of(person)
        rows = await seen_tasks(person, reach, numbers)
        placed = await territories_of([dealer_id for dealer_id, _ in keys.values() if dealer_id])
        owners = await owners_for(placed.values())
        code = await member_meant(act.member)
        moves = []
        for number, row in rows.items():
            if number not in keys:
                raise Conflict(m("The task %(number)s has ended already.", number=str(number)))
            if not may_act(person, reach, row):
                raise Forbidden(_NOT_YOURS)
            key = keys[number]
            if not owners.may(code, KINDS[row["kind"]], placed.get(key[0])):
                raise invalid("member", _may_not(code, row))
            if row["owner"] != code:
                to = owners.roster.ids[code]
                moves.append(Move(key, Step.HANDED_ON, None, row["member_id"], to, act.reason))
        if not moves:
            return
        posting_id = await access.open_posting(person, _HAND_ON)
        await writing.record_moves(Step.HANDED_ON, moves, posting_id)
        await tell_moved(Step.HANDED_ON, moves, posting_id)
        for move in moves:
            before, after = {"owner": rows[move.key[1]]["owner"]}, {"owner": code}
            await _audit(person, _HAND_ON, move.key, posting_id, act.reason, before=before, after=after)


def _may_not(code: str, row: Told) -> Message:
    """In one sentence whatever he lacks: nobody finds out by it who sees which dealer."""
    return m(
        "%(code)s cannot do the task %(number)s: nobody of this code is there who signs in and may see and do it.",
        code=code,
        number=str(row["id"]),
    )


async def add_task(person: Person, act: AddTask) -> int:
    """Write down what somebody is to do; the task's number. For oneself, or for one of one's people who may do it."""
    require(person, Right.DO_TASKS)
    async with db.transaction():
        roster = await roster_on(clock.today())
        reach = compute_reach(person.person_id, roster)
        dealer = await dealer_by_code(act.dealer) if act.dealer else None
        code = await member_meant(act.member) if act.member else reach.me
        if code is None:
            raise invalid("member", m("You are not in the register of staff, so it must be somebody else's task."))
        if not may_add_for(person, reach, code):
            raise invalid("member", m("Tasks are written for oneself or for one of one's people."))
        placed = await territories_of([dealer["id"]]) if dealer else {}
        owners = await owners_for(placed.values())
        key = dealer["id"] if dealer else 0
        if not owners.may(code, OWN, placed.get(key)):
            raise invalid("member", _cannot(code))
        days = await calendar()
        due_on = act.due_on or add_working_days(clock.today(), act.within_days or 0, days)
        if due_on < clock.today():
            raise invalid("due_on", m("The day has passed."))
        if (fault := off_fault("due_on", due_on, days)) is not None:
            raise Invalid(m("The input cannot be used."), (fault,))
        posting_id = await access.open_posting(person, _ADD)
        # Each is a cause of its own.
        new = NewTask(f"by hand {posting_id}", due_on, key, owners.roster.ids[code], {}, act.what, person.person_id)
        (number,) = await writing.record_tasks(OWN.code, [new], posting_id)
        after = {"what": act.what, "due_on": due_on, "owner": code}
        await _audit(person, _ADD, (key, number), posting_id, None, after=after)
    return number


def _cannot(code: str) -> Message:
    return m("Nobody of the code %(code)s is there who signs in and may see and do it.", code=code)


async def withdraw_task(person: Person, number: int, act: Why) -> None:
    """Withdraw a task that somebody wrote by hand: who wrote it, or who may act on it."""
    require(person, Right.DO_TASKS)
    async with db.transaction():
        reach = await reach_of(person)
        key, row = await _outstanding(person, reach, number)
        if row["kind"] != OWN.code:
            raise Conflict(m("Only what was written by hand can be withdrawn; this task ends with its cause."))
        if not may_withdraw(person, reach, row):
            raise Forbidden(_NOT_YOURS)
        posting_id = await access.open_posting(person, _WITHDRAW)
        await writing.record_ends(TaskState.WITHDRAWN, [key], act.reason, posting_id)
        await _audit(person, _WITHDRAW, key, posting_id, act.reason)
