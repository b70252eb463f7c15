"""Builders of the room `tasks`: a staff whose members sign in, and tasks of a kind of their own."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from channel import clock
from channel.access import service as access
from channel.access.acts import EnterAway
from channel.access.rules import SERVICE, Person, Right, Role
from channel.access.service import away
from channel.database import db
from channel.errors import m
from channel.lists import ALL
from channel.tasks.acts import AddTask
from channel.tasks.queries.tasks import TaskFilter
from channel.tasks.queries.writing import NewTask
from channel.tasks.service import kinds
from channel.tasks.service.acting import add_task
from channel.tasks.service.kinds import OWN, TaskKind
from channel.tasks.service.opening import open_tasks
from channel.tasks.service.tasks import Told, tasks
from tests.make.access import acting, make_member
from tests.make.world import World

ended: list[tuple[str, list[str]]] = []
"""Who finished which tasks of the kind below, by what they are about."""


async def _ended(person: Person, rows: Sequence[Mapping[str, Any]], _posting_id: int) -> None:
    ended.append((person.login, [row["about"] for row in rows]))


CALL = TaskKind(
    "call",
    m("call"),
    Right.ENTER_PROMISES,
    lambda row: m("Call %(dealer)s about %(about)s", dealer=row["dealer_name"] or "", about=row["about"]),
    lambda _row: None,
    sees=Right.SEE_RECEIVABLES,
    ended=_ended,
)
WAIT = TaskKind(
    "wait", m("wait"), Right.DO_TASKS, lambda _row: m("Wait"), lambda _row: "/dealers", ends_by=m("when it comes.")
)


@contextmanager
def using_kinds() -> Iterator[None]:
    """The kinds above beside those of the rooms."""
    before = dict(kinds.KINDS)
    ended.clear()
    kinds.use_task_kinds([*(each for each in before.values() if each is not OWN), CALL, WAIT])
    yield
    kinds.use_task_kinds([each for each in before.values() if each is not OWN])


async def make_staff(world: World) -> dict[str, int]:
    """M-1 (manager-1) above R-1 (regional-1, East), R-2 (regional-2, North) and F-1 (finance-1); the ids by code."""
    admin = world.people[Role.ADMINISTRATOR]
    await make_member(admin, "M-1", login="manager-1")
    for code, login in (("R-1", "regional-1"), ("R-2", "regional-2"), ("F-1", "finance-1")):
        await make_member(admin, code, login=login, manager="M-1")
    async with db.held(db.EVERYTHING):
        rows = await db.fetch("SELECT code, id FROM staff_member")
    return {row["code"]: row["id"] for row in rows}


async def opened(kind: TaskKind, *new: NewTask) -> list[int]:
    """Open tasks as the service does in its work; their numbers."""
    async with db.held(db.EVERYTHING), db.transaction():
        return await open_tasks(kind, new, await access.open_posting(SERVICE, "open tasks"))


async def written(person: Person, what: str = "Call him", **said: Any) -> int:  # noqa: ANN401 - as the act has it
    """A task written by hand, due on the next working day unless said otherwise."""
    given = said if "due_on" in said or "within_days" in said else {"within_days": 1, **said}
    async with acting(person):
        return await add_task(person, AddTask(what=what, **given))


async def seen(person: Person, **asked: Any) -> list[Told]:  # noqa: ANN401 - as the filter has it
    """The tasks that a person finds."""
    async with acting(person):
        return (await tasks(person, TaskFilter(**asked), ALL)).items


async def numbers(person: Person, **asked: Any) -> list[int]:  # noqa: ANN401 - see above
    """Their numbers."""
    return [row["id"] for row in await seen(person, **asked)]


async def send_off(administrator: Person, member: str, deputy: str) -> None:
    """A member away from today for a month."""
    today: date = clock.today()
    async with acting(administrator):
        act = EnterAway(from_on=today, to_on=today + timedelta(days=30), deputy=deputy)
        await away.enter_away(administrator, member, act)
