"""Tasks over the API: listed, shown, written down, and what is done with them."""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from channel import web
from channel.access.rules import Person
from channel.acts import Why
from channel.dealers.service.facts import dealer_by_code
from channel.lists import Page, Wanted
from channel.tasks.acts import AddTask, FinishTask, HandOnTask, HandOnTasks, PutOffTask
from channel.tasks.lists import TASKS
from channel.tasks.queries.tasks import TaskFilter
from channel.tasks.rules.tasks import Step, TaskState, Whose
from channel.tasks.service import acting
from channel.tasks.service import tasks as service

AnyRequest = Request[Any, Any, Any]
_AT = "/api/v1/tasks"
_ONE = f"{_AT}/{{task:int}}"


class TaskRow(msgspec.Struct):
    """A task: `what` is to be done in the reader's language, at `url` where it has a page of its own.

    Without an `owner` it is for anybody who may do it; codes are those of the register of staff. `days_late` is null
    where it is not late. `ends_by` says what ends it where nobody says that it is done.
    """

    id: int
    kind: str
    what: str
    url: str | None
    dealer: str | None
    dealer_name: str | None
    due_on: date
    days_late: int | None
    owner: str | None
    owner_name: str | None
    escalated_to: str | None
    state: TaskState
    opened_on: date | None
    ended_on: date | None
    ends_by: str | None


class TaskStep(msgspec.Struct):
    """What became of a task: who did it and when, until when it was put off, to whom it went, and why."""

    step: Step
    at: datetime | None
    actor: str
    due_on: date | None
    from_member: str | None
    to_member: str | None
    reason: str | None


class TaskSaid(TaskRow):
    """A task with its steps, and who opened it."""

    opened_by: str
    opened_at: datetime | None
    steps: list[TaskStep]


class Added(msgspec.Struct):
    """Under which number the task stands."""

    id: int


def _row(row: service.Told, request: AnyRequest) -> dict[str, Any]:
    tell = web.language_of(request).tell
    said = {"what": tell(row["what"]), "ends_by": None if row["ends_by"] is None else tell(row["ends_by"])}
    return {name: row[name] for name in TaskRow.__struct_fields__} | said


@get(_AT, dependencies=web.list_asked(TASKS, 200))
async def list_tasks(
    request: AnyRequest,
    person: NamedDependency[Person],
    wanted: NamedDependency[Wanted],
    whose: FromQuery[Whose | None] = None,
    dealer: FromQuery[str | None] = None,
    member: FromQuery[str | None] = None,
    kind: FromQuery[str | None] = None,
    in_state: Annotated[TaskState | None, QueryParameter(name="state")] = None,
    due_until: FromQuery[date | None] = None,
    late: FromQuery[bool | None] = None,
) -> Page[TaskRow]:
    """Tasks: of whom, about a dealer, of a member, of a kind, in a state, due until a day, late; or all."""
    asked = TaskFilter(
        (whose.value,) if whose else (),
        member,
        (await dealer_by_code(dealer))["id"] if dealer else None,
        kind,
        in_state,
        due_until,
        late is True,
    )
    page = await service.tasks(person, asked, wanted)
    return Page([TaskRow(**_row(row, request)) for row in page.items], page.next)


@post(_AT)
async def add_task(person: NamedDependency[Person], data: JSONBody[AddTask]) -> Added:
    """Write down what somebody is to do: oneself, or one of one's people."""
    return Added(await acting.add_task(person, data))


@get(_ONE)
async def show_task(request: AnyRequest, person: NamedDependency[Person], task: FromPath[int]) -> TaskSaid:
    """One task with what became of it."""
    found = await service.task_of(person, task)
    steps = [TaskStep(**{name: each[name] for name in TaskStep.__struct_fields__}) for each in found.steps]
    row = found.row
    return TaskSaid(**_row(row, request), opened_by=row["opened_by"], opened_at=row["opened_at"], steps=steps)


@post(f"{_ONE}/done", status_code=204)
async def finish_task(person: NamedDependency[Person], task: FromPath[int], data: JSONBody[FinishTask]) -> None:
    """Say that it is done."""
    await acting.finish_task(person, task, data)


@post(f"{_ONE}/put-off", status_code=204)
async def put_off_task(person: NamedDependency[Person], task: FromPath[int], data: JSONBody[PutOffTask]) -> None:
    """Put it off to a later working day."""
    await acting.put_off_task(person, task, data)


@post(f"{_ONE}/hand-on", status_code=204)
async def hand_on_task(person: NamedDependency[Person], task: FromPath[int], data: JSONBody[HandOnTask]) -> None:
    """Let another do it."""
    await acting.hand_on_task(person, task, data)


@post(f"{_AT}/hand-on", status_code=204)
async def hand_on_tasks(person: NamedDependency[Person], data: JSONBody[HandOnTasks]) -> None:
    """Let another do all of these, or none of them goes."""
    await acting.hand_on_tasks(person, data)


@post(f"{_ONE}/withdraw", status_code=204)
async def withdraw_task(person: NamedDependency[Person], task: FromPath[int], data: JSONBody[Why]) -> None:
    """Withdraw a task that was written by hand."""
    await acting.withdraw_task(person, task, data)


ROUTES = (
    list_tasks,
    add_task,
    show_task,
    finish_task,
    put_off_task,
    hand_on_task,
    hand_on_tasks,
    withdraw_task,
)
