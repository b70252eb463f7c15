"""What can become of a task, and whose tasks somebody looks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from channel.errors import FieldError, Message, m
from channel.tasks.rules.working_days import Calendar, working_day_on_or_after


class TaskState(StrEnum):
    """Whether a task is still to be done, or how it ended."""

    OUTSTANDING = "outstanding"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    DROPPED = "dropped"
    """Its cause is gone."""


STATE_NAMES: Mapping[TaskState, Message] = MappingProxyType(
    {
        TaskState.OUTSTANDING: m("still to be done"),
        TaskState.DONE: m("done"),
        TaskState.WITHDRAWN: m("withdrawn"),
        TaskState.DROPPED: m("no longer needed"),
    }
)


class Step(StrEnum):
    """What became of a task, step by step."""

    PUT_OFF = "put off"
    HANDED_ON = "handed on"
    ESCALATED = "escalated"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    DROPPED = "dropped"


STEP_NAMES: Mapping[Step, Message] = MappingProxyType(
    {
        Step.PUT_OFF: m("put off"),
        Step.HANDED_ON: m("handed on"),
        Step.ESCALATED: m("escalated"),
        Step.DONE: m("done"),
        Step.WITHDRAWN: m("withdrawn"),
        Step.DROPPED: m("no longer needed"),
    }
)


class Whose(StrEnum):
    """Whose tasks are looked for: one's own and of whom one stands in for, of whoever is beneath, or anybody's.

    Those that are escalated to one are late ones of one's people.
    """

    MINE = "mine"
    PEOPLE = "people"
    POOL = "pool"
    ESCALATED = "escalated"


WHOSE_NAMES: Mapping[Whose, Message] = MappingProxyType(
    {
        Whose.MINE: m("mine"),
        Whose.PEOPLE: m("of my people"),
        Whose.POOL: m("for anybody who may"),
        Whose.ESCALATED: m("escalated to me"),
    }
)


@dataclass(frozen=True, slots=True)
class TaskRules:
    """After how many working days a late task is shown to the manager."""

    escalate_days: int = 2


def put_off_fault(due_on: date, until: date, today: date, calendar: Calendar) -> FieldError | None:
    """Why a task due on a day cannot be put off until another one."""
    if until <= due_on or until < today:
        later = m("It is due on %(day)s; a later day is needed, today at the earliest.", day=due_on)
        return FieldError("until", later)
    return off_fault("until", until, calendar)


def off_fault(field: str, day: date, calendar: Calendar) -> FieldError | None:
    """Why nothing can be due on a day: the company does not work on it."""
    if calendar.works(day):
        return None
    following = working_day_on_or_after(day, calendar)
    return FieldError(field, m("Nobody works on that day. The next working day is %(day)s.", day=following))
