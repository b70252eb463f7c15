"""The pages of tasks: the list, one with its history, the forms of the acts, and a part of a dealer's page."""

from collections.abc import Mapping
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, TypeVar

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from channel import clock, web
from channel.access.queries.staff import whole_register
from channel.access.rules import Person, Right, require
from channel.access.rules.staff import Standing
from channel.acts import Why
from channel.dealers.queries.dealers import dealer_identity
from channel.dealers.service.facts import dealer_by_code
from channel.errors import invalid, m
from channel.lists import ALL, Page, Wanted
from channel.tasks.acts import AddTask, FinishTask, HandOnTask, HandOnTasks, PutOffTask
from channel.tasks.lists import STEPS, TASKS
from channel.tasks.queries.tasks import TaskFilter
from channel.tasks.rules.tasks import STATE_NAMES, WHOSE_NAMES, TaskState, Whose
from channel.tasks.service import acting
from channel.tasks.service import tasks as service
from channel.tasks.service.kinds import KINDS, seen_by
from channel.web.moments import read_day

AnyRequest = Request[Any, Any, Any]
E = TypeVar("E", bound=StrEnum)
_PAGE = "/tasks"
_NOBODY = -1


def _choice(kind: type[E], text: str, field: str) -> E | None:
    if text and text not in list(kind):
        choices = m("One of: %(choices)s", choices=", ".join(kind))
        raise invalid(field, m("%(value)s is not one of the choices.", value=text), choices)
    return kind(text) if text else None


async def _asked(
    whose: FromQuery[str] = "",
    dealer: FromQuery[str] = "",
    member: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    in_state: Annotated[str, QueryParameter(name="state")] = "",
    due_until: FromQuery[str] = "",
    late: FromQuery[str] = "",
) -> TaskFilter:
    """What the form above the list asks: those still to be done, unless another state is chosen."""
    mine = _choice(Whose, whose, "whose")
    if in_state != "any":
        _choice(TaskState, in_state, "state")
    # While a code is typed nothing is found yet; that is no fault.
    found = await dealer_identity(dealer.strip()) if dealer.strip() else None
    asked = TaskFilter(
        (mine.value,) if mine else (),
        member.strip() or None,
        None if not dealer.strip() else found["id"] if found else _NOBODY,
        kind or None,
        None,
        read_day({"due_until": due_until}, "due_until"),
        late == "yes",
    )
    return service.with_states(asked, in_state)


async def _rows(person: Person, asked: TaskFilter, wanted: Wanted) -> Page[service.Told]:
    return await service.tasks(person, asked, wanted)


async def _beside(request: AnyRequest, person: Person, _asked: TaskFilter) -> Mapping[str, Any]:
    tell = web.language_of(request).tell
    states = [(each.value, tell(name)) for each, name in STATE_NAMES.items() if each is not TaskState.OUTSTANDING]
    return {
        "dense": True,
        "whose": [(each.value, tell(name)) for each, name in WHOSE_NAMES.items()],
        "states": [*states, ("any", tell(m("Every state")))],
        "kinds": [(code, tell(KINDS[code].name)) for code in seen_by(person)],
        "act": HandOnTasks,
        "right": Right.DO_TASKS,
        "choices": {"member": await _members()} if person.may(Right.DO_TASKS) else {},
    }


async def _members() -> list[tuple[str, str]]:
    """Who is with the company today, to choose from."""
    today = clock.today()
    everybody = (await whole_register(today)).values()
    return [(each.code, f"{each.name} ({each.code})") for each in everybody if each.standing(today) is Standing.PRESENT]


async def _again(request: AnyRequest, person: Person) -> Response[str]:
    asked = service.with_states(TaskFilter(), None)
    found = await _rows(person, asked, Wanted(limit=web.A_PAGE))
    return web.list_page(request, TASKS, found, "tasks/tasks.html", await _beside(request, person, asked))


@post(f"{_PAGE}/hand-on", include_in_schema=False)
async def hand_on_chosen(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Let another do those that are ticked in the list."""
    return await web.act(
        request,
        HandOnTasks,
        lambda act: acting.hand_on_tasks(person, act),
        partial(_again, request, person),
        to=_PAGE,
        said=lambda _: m("The tasks are handed on."),
    )


async def _one(request: AnyRequest, person: Person, number: int) -> Response[str]:
    found = await service.task_of(person, number)
    return web.page(
        request,
        "tasks/task.html",
        whole=found,
        row=found.row,
        steps=STEPS,
        states=STATE_NAMES,
        acts={"finish": FinishTask, "put_off": PutOffTask, "hand_on": HandOnTask, "withdraw": Why},
        choices={"member": await _members()} if found.acts else {},
    )


@get(f"{_PAGE}/{{task:int}}", include_in_schema=False)
async def show_task(request: AnyRequest, person: NamedDependency[Person], task: FromPath[int]) -> Response[str]:
    """One task with what became of it, and what can be done with it."""
    return await _one(request, person, task)


@post(f"{_PAGE}/{{task:int}}/done", include_in_schema=False)
async def finish(
    request: AnyRequest, person: NamedDependency[Person], task: FromPath[int]
) -> Response[str] | Response[None]:
    """It is done."""
    return await web.act(
        request,
        FinishTask,
        lambda act: acting.finish_task(person, task, act),
        partial(_one, request, person, task),
        to=f"{_PAGE}/{task}",
        said=m("The task is done."),
    )


@post(f"{_PAGE}/{{task:int}}/put-off", include_in_schema=False)
async def put_off(
    request: AnyRequest, person: NamedDependency[Person], task: FromPath[int]
) -> Response[str] | Response[None]:
    """It is to be done by a later day."""
    return await web.act(
        request,
        PutOffTask,
        lambda act: acting.put_off_task(person, task, act),
        partial(_one, request, person, task),
        to=f"{_PAGE}/{task}",
        said=m("The task is put off until %(until)s."),
    )


@post(f"{_PAGE}/{{task:int}}/hand-on", include_in_schema=False)
async def hand_on(
    request: AnyRequest, person: NamedDependency[Person], task: FromPath[int]
) -> Response[str] | Response[None]:
    """Another is to do it; who hands it on may not see it any more."""
    return await web.act(
        request,
        HandOnTask,
        lambda act: acting.hand_on_task(person, task, act),
        partial(_one, request, person, task),
        to=_PAGE,
        said=m("The task is handed on to %(member)s."),
    )


@post(f"{_PAGE}/{{task:int}}/withdraw", include_in_schema=False)
async def withdraw(
    request: AnyRequest, person: NamedDependency[Person], task: FromPath[int]
) -> Response[str] | Response[None]:
    """It is withdrawn."""
    return await web.act(
        request,
        Why,
        lambda act: acting.withdraw_task(person, task, act),
        partial(_one, request, person, task),
        to=f"{_PAGE}/{task}",
        said=m("The task is withdrawn."),
    )


async def _form(request: AnyRequest, person: Person) -> Response[str]:
    """The form of a new task; of the dealer that the address names."""
    require(person, Right.DO_TASKS)
    values = {"dealer": request.query_params.get("dealer", ""), "within_days": 1}
    reach = await service.reach_of(person)
    members = [each for each in await _members() if service.may_add_for(person, reach, each[0])]
    return web.page(request, "tasks/new.html", act=AddTask, values=values, choices={"member": members})


@get("/dealers/{code:str}/tasks", include_in_schema=False)
async def show_tasks_of_dealer(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]
) -> Response[str]:
    """What is still to be done about a dealer: a part of his page, which comes by itself when that is there."""
    dealer = await dealer_by_code(code)
    asked = TaskFilter(dealer_id=dealer["id"], state=TaskState.OUTSTANDING)
    found = await service.tasks(person, asked, ALL)
    return web.fragment(
        request, "tasks/_dealer_tasks.html", code=dealer["code"], rows=found.items, listed=TASKS, right=Right.DO_TASKS
    )


ROUTES = (
    *web.list_routes(TASKS, _PAGE, _rows, template="tasks/tasks.html", filtered=_asked, context=_beside),
    *web.act_routes(
        "/add-task",
        AddTask,
        _form,
        acting.add_task,
        to=lambda number: f"{_PAGE}/{number}",
        said=m("The task is written down."),
        asks=("dealer",),
    ),
    hand_on_chosen,
    show_task,
    finish,
    put_off,
    hand_on,
    withdraw,
    show_tasks_of_dealer,
)
