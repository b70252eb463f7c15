"""Tasks on PostgreSQL: each cause once, done, put off, handed on, by hand; nobody is told of another's dealer."""

from datetime import date, timedelta

import pytest

from channel import clock
from channel.access import service as access
from channel.access.acts import ChangePerson
from channel.access.rules import SERVICE, Person, Role
from channel.access.service import change_person
from channel.acts import Why
from channel.database import db
from channel.dealers.rules import Fact
from channel.dealers.service.responsible import goes_along
from channel.errors import Conflict, Forbidden, Invalid, NotFound
from channel.tasks.acts import FinishTask, HandOnTask, HandOnTasks, PutOffTask
from channel.tasks.queries.writing import NewTask
from channel.tasks.rules.tasks import TaskState
from channel.tasks.service import acting as service
from channel.tasks.service.daily import FOLLOWING, LOOKING_AFTER, counted_along, hand_over
from channel.tasks.service.kinds import TaskKind
from channel.tasks.service.opening import end_tasks, open_tasks
from channel.tasks.service.tasks import due_of_mine, due_of_people, task_of
from channel.work.service import run_due
from tests.make.access import acting, make_member, make_person
from tests.make.dealers import change_fact
from tests.make.races import second_of
from tests.make.tasks import CALL, WAIT, ended, numbers, opened, seen, send_off, written
from tests.make.world import World

DUE = date(2025, 3, 5)
Staff = dict[str, int]


def call(world: World, dealer: str, member: int | None, about: str = "x", due_on: date = DUE) -> NewTask:
    return NewTask(about, due_on, world.dealer_ids[dealer], member)


async def owner(person: Person, number: int) -> str | None:
    (row,) = await seen(person, numbers=[number])
    found: str | None = row["owner"]
    return found


async def end(kind: TaskKind, dealer_id: int, about: str, state: TaskState = TaskState.DROPPED) -> int:
    async with db.held(db.EVERYTHING), db.transaction():
        return await end_tasks(kind, [(dealer_id, about)], await access.open_posting(SERVICE, "end tasks"), state)


async def test_a_cause_has_one_task_however_often_it_is_told(world: World, staff: Staff) -> None:
    manager = world.people[Role.MANAGER]
    first = await opened(CALL, call(world, "D-1", staff["R-1"]), call(world, "D-2", staff["R-2"]))
    again = await opened(CALL, call(world, "D-1", staff["F-1"]), call(world, "D-1", None, "y"), NewTask("x", DUE))
    assert (len(first), len(again)) == (2, 2)
    assert sorted(await numbers(manager)) == sorted([*first, *again])
    assert await owner(manager, first[0]) == "R-1"
    assert await end(CALL, world.dealer_ids["D-1"], "x") == 1
    assert await end(CALL, world.dealer_ids["D-1"], "x") == 0
    (row,) = await seen(manager, numbers=[first[0]])
    assert (row["state"], ended) == (TaskState.DROPPED, [])
    assert len(await opened(CALL, call(world, "D-1", staff["R-1"]))) == 1, "its cause is there again"


async def test_two_at_once_open_one(world: World, staff: Staff) -> None:
    async def open_one() -> object:
        async with db.transaction():
            return await open_tasks(
                CALL, [call(world, "D-1", staff["R-1"])], await access.open_posting(SERVICE, "open tasks")
            )

    await second_of(world.people[Role.MANAGER], open_one, open_one)
    assert len(await numbers(world.people[Role.MANAGER])) == 1


@pytest.mark.parametrize(
    ("dealer", "meant", "owns"),
    [("D-1", "R-1", "R-1"), ("D-2", "R-1", "M-1"), ("D-1", "S-2", None), ("D-1", "F-1", "F-1"), ("D-1", None, None)],
)
async def test_a_task_is_for_the_next_above_who_may(
    world: World, staff: Staff, dealer: str, meant: str | None, owns: str | None
) -> None:
    (number,) = await opened(CALL, call(world, dealer, staff[meant] if meant else None))
    assert await owner(world.people[Role.MANAGER], number) == owns


async def test_of_whom_another_territory_is_nobody_is_told(world: World, staff: Staff) -> None:
    east, north, manager = world.people[Role.REGIONAL], world.elsewhere, world.people[Role.MANAGER]
    (of_east,) = await opened(CALL, call(world, "D-1", staff["R-1"], due_on=clock.today()))
    (pooled,) = await opened(CALL, call(world, "D-1", None, "pool", clock.today()))
    assert await numbers(east) == await numbers(manager) == [of_east, pooled]
    assert await numbers(north) == []
    async with acting(north):
        assert await due_of_mine(9) == await due_of_people(9) == []
        for act in (
            lambda: task_of(north, of_east),
            lambda: service.finish_task(north, of_east, FinishTask()),
            lambda: service.put_off_task(north, of_east, PutOffTask(until=DUE, reason="x")),
            lambda: service.hand_on_task(north, pooled, HandOnTask(member="R-2", reason="x")),
            lambda: service.hand_on_tasks(north, HandOnTasks(tasks=[of_east], member="R-2", reason="x")),
        ):
            with pytest.raises(NotFound):
                await act()
        assert await db.fetchval("SELECT count(*) FROM task_step_dealer") == 0
    async with acting(east):
        assert [row["id"] for row in await due_of_mine(9)] == [of_east, pooled]
        with pytest.raises(Invalid) as refused:
            await service.hand_on_task(east, of_east, HandOnTask(member="R-2", reason="away"))
        unknown = HandOnTask(member="X-9", reason="away")
        with pytest.raises(Invalid) as nobody:
            await service.hand_on_task(east, of_east, unknown)
    assert [each.field for each in (*refused.value.errors, *nobody.value.errors)] == ["member", "member"]
    assert str(refused.value.errors[0].reason).replace("R-2", "X-9") == str(nobody.value.errors[0].reason)
    async with acting(manager):
        assert [row["id"] for row in await due_of_people(9)] == [of_east]


async def test_after_a_dealer_moves_his_tasks_go_to_who_may_see_him(world: World, staff: Staff) -> None:
    manager, east = world.people[Role.MANAGER], world.people[Role.REGIONAL]
    (number,) = await opened(CALL, call(world, "D-1", staff["R-1"]))
    async with acting(manager):
        await change_fact(manager, "D-1", Fact.TERRITORY, "Lake District")
    assert await numbers(east) == []
    await run_due([FOLLOWING])
    assert await owner(manager, number) == "M-1"
    async with acting(manager):
        (step,) = (await task_of(manager, number)).steps
    assert (step["step"], step["from_member"], step["to_member"], step["actor"]) == (
        "handed on", "R-1", "M-1", "channel",
    )  # fmt: skip


async def test_who_has_left_or_signs_in_no_more_keeps_no_task(world: World, staff: Staff) -> None:
    manager = world.people[Role.MANAGER]
    (number,) = await opened(CALL, call(world, "D-1", staff["R-1"]))
    (other,) = await opened(CALL, call(world, "D-2", staff["R-2"]))
    admin = world.people[Role.ADMINISTRATOR]
    async with acting(admin):
        await change_person(admin, "regional-1", ChangePerson(active=False))
    await run_due([LOOKING_AFTER])
    assert [await owner(manager, each) for each in (number, other)] == ["M-1", "R-2"]


async def test_it_is_done_by_whoever_may_and_once(world: World, staff: Staff) -> None:
    east, manager, finance = world.people[Role.REGIONAL], world.people[Role.MANAGER], world.people[Role.FINANCE]
    mine, boss, pooled = [
        number
        for member in ("R-1", "M-1", None)
        for number in await opened(CALL, call(world, "D-1", staff[member] if member else None, str(member)))
    ]
    async with acting(finance):
        with pytest.raises(Forbidden):
            await service.finish_task(finance, mine, FinishTask())
        await service.finish_task(finance, pooled, FinishTask(note="he pays"))
    async with acting(east):
        with pytest.raises(Forbidden):
            await service.finish_task(east, boss, FinishTask())
    async with acting(manager):
        await service.finish_task(manager, mine, FinishTask())
        with pytest.raises(Conflict):
            await service.finish_task(manager, mine, FinishTask())
        with pytest.raises(NotFound):
            await service.finish_task(manager, 999, FinishTask())
        told = await task_of(manager, pooled)
    assert ended == [("finance-1", ["None"]), ("manager-1", ["R-1"])]
    assert [(each["step"], each["reason"], each["actor"]) for each in told.steps] == [("done", "he pays", "finance-1")]
    assert (told.row["state"], told.row["ended_by"], told.acts, told.finishes) == ("done", "finance-1", False, False)


async def test_what_ends_by_its_cause_is_not_finished_by_hand(world: World, staff: Staff) -> None:
    east = world.people[Role.REGIONAL]
    (number,) = await opened(WAIT, call(world, "D-1", staff["R-1"]))
    async with acting(east):
        with pytest.raises(Conflict):
            await service.finish_task(east, number, FinishTask())
        told = await task_of(east, number)
        assert (told.acts, told.finishes) == (True, False)
    assert await end(WAIT, world.dealer_ids["D-1"], "x", TaskState.DONE) == 1


@pytest.mark.parametrize(
    ("until", "taken"),
    [(date(2025, 3, 5), False), (date(2025, 3, 6), True), (date(2025, 3, 8), False), (date(2025, 3, 10), True)],
)
async def test_it_is_put_off_to_a_later_working_day(world: World, staff: Staff, until: date, taken: bool) -> None:
    east = world.people[Role.REGIONAL]
    (number,) = await opened(CALL, call(world, "D-1", staff["R-1"]))
    async with acting(east):
        act = PutOffTask(until=until, reason="he is away")
        if taken:
            await service.put_off_task(east, number, act)
        else:
            with pytest.raises(Invalid) as refused:
                await service.put_off_task(east, number, act)
            assert [each.field for each in refused.value.errors] == ["until"]
        assert (await task_of(east, number)).row["due_on"] == (until if taken else DUE)


async def test_the_deputy_finds_the_tasks_of_who_is_away_and_does_them(world: World, staff: Staff) -> None:
    (number,) = await opened(
        CALL,
        call(world, "D-1", staff["R-1"]),
    )
    finance = world.people[Role.FINANCE]
    assert await numbers(finance, whose=("mine",)) == []
    await send_off(world.people[Role.ADMINISTRATOR], "R-1", "F-1")
    assert await numbers(finance, whose=("mine",)) == [number]
    async with acting(finance):
        await service.finish_task(finance, number, FinishTask())


async def test_a_task_by_hand_is_for_oneself_or_for_ones_people(world: World, staff: Staff) -> None:
    manager, east, north = world.people[Role.MANAGER], world.people[Role.REGIONAL], world.elsewhere
    finance = world.people[Role.FINANCE]
    own = await written(east)
    given = await written(manager, "Visit him", dealer="D-2", member="R-2", due_on=DUE)
    for person, said in (
        (east, {"member": "R-2"}),
        (east, {"member": "M-1"}),
        (manager, {"member": "R-1", "dealer": "D-2"}),
        (manager, {"member": "S-1"}),
        (manager, {"member": "X-9"}),
    ):
        with pytest.raises(Invalid) as refused:
            await written(person, **said)
        assert [each.field for each in refused.value.errors] == ["member"]
    for days, field in (({"due_on": date(2025, 3, 8)}, "due_on"), ({"due_on": date(2025, 2, 28)}, "due_on")):
        with pytest.raises(Invalid) as refused:
            await written(east, **days)
        assert [each.field for each in refused.value.errors] == [field]
    with pytest.raises(NotFound):
        await written(east, dealer="D-2")
    outsider = await make_person(Role.FINANCE)
    with pytest.raises(Invalid):
        await written(outsider)
    assert await numbers(east) == [own]
    assert await numbers(north) == [given]
    assert await numbers(finance) == [given], "he sees the dealer, and what is about none is another's"
    assert sorted(await numbers(manager)) == sorted([own, given])
    assert await numbers(world.people[Role.AUDITOR]) == [given]
    (row,) = await seen(east, numbers=[own])
    assert (str(row["what"]), row["due_on"], row["dealer"]) == ("Call him", date(2025, 3, 4), None)


async def test_only_what_was_written_by_hand_is_withdrawn(world: World, staff: Staff) -> None:
    manager, east, north = world.people[Role.MANAGER], world.people[Role.REGIONAL], world.elsewhere
    given = await written(manager, member="R-1", dealer="D-1")
    (number,) = await opened(CALL, call(world, "D-1", staff["R-1"]))
    finance = world.people[Role.FINANCE]
    async with acting(finance):
        with pytest.raises(Forbidden):
            await service.withdraw_task(finance, given, Why(reason="x"))
    async with acting(north):
        with pytest.raises(NotFound):
            await service.withdraw_task(north, given, Why(reason="x"))
    async with acting(east):
        with pytest.raises(Conflict):
            await service.withdraw_task(east, number, Why(reason="x"))
    async with acting(manager):
        await service.withdraw_task(manager, given, Why(reason="he came himself"))
    (row,) = await seen(east, numbers=[given])
    assert row["state"] == TaskState.WITHDRAWN


async def test_all_of_some_are_handed_on_or_none(world: World, staff: Staff) -> None:
    manager, finance = world.people[Role.MANAGER], world.people[Role.FINANCE]
    one, two = await opened(CALL, call(world, "D-1", staff["R-1"]), call(world, "D-2", staff["R-2"]))
    async with acting(manager):
        with pytest.raises(Invalid):
            await service.hand_on_tasks(manager, HandOnTasks(tasks=[one, two], member="R-1", reason="x"))
    assert await owner(manager, two) == "R-2"
    async with acting(manager):
        await service.hand_on_tasks(manager, HandOnTasks(tasks=[two, one, two], member="f-1", reason="collecting"))
    assert await numbers(finance, whose=("mine",)) == [one, two]
    lines = "SELECT act, after ->> 'owner' AS owner FROM audit_dealer WHERE act = 'hand on task'"
    async with acting(world.people[Role.REGIONAL]):
        assert [tuple(row) for row in await db.fetch(lines)] == [("hand on task", "F-1")], "of his own dealer alone"


@pytest.mark.parametrize(("days", "escalated"), [(0, None), (1, None), (2, "M-1")])
async def test_what_is_late_by_working_days_is_escalated_once(
    world: World, staff: Staff, days: int, escalated: str | None
) -> None:
    manager = world.people[Role.MANAGER]
    (number,) = await opened(CALL, call(world, "D-1", staff["R-1"], due_on=date(2025, 3, 7)))
    # Due on a Friday, it is late by one working day on Monday.
    when = clock.now() + timedelta(days={0: 5, 1: 7, 2: 8}[days])
    with clock.fixed(when):
        await run_due([LOOKING_AFTER])
        (row,) = await seen(manager, numbers=[number])
        assert row["escalated_to"] == escalated
        with clock.fixed(when + timedelta(days=1)):
            await run_due([LOOKING_AFTER])
            await run_due([LOOKING_AFTER])
        async with acting(manager):
            steps = [each["step"] for each in (await task_of(manager, number)).steps]
            mine = [each["id"] for each in await due_of_mine(9)]
    assert steps == (["escalated"] if days else [])
    assert mine == ([number] if days else [])


async def test_a_manager_who_may_not_see_the_dealer_is_passed_over(world: World, staff: Staff) -> None:
    admin = world.people[Role.ADMINISTRATOR]
    await make_person(Role.REGIONAL, world.territories["East"], login="regional-3")
    await make_member(admin, "R-3", login="regional-3", manager="R-2")
    async with db.held(db.EVERYTHING):
        low = await db.fetchval("SELECT id FROM staff_member WHERE code = 'R-3'")
    (number,) = await opened(CALL, call(world, "D-1", low, due_on=date(2025, 2, 20)))
    await run_due([LOOKING_AFTER])
    (row,) = await seen(world.people[Role.MANAGER], numbers=[number])
    assert (row["owner"], row["escalated_to"]) == ("R-3", "M-1")
    assert await numbers(world.elsewhere, whose=("people",)) == []


async def test_what_is_outstanding_goes_along_with_who_is_responsible(world: World, staff: Staff) -> None:
    manager = world.people[Role.MANAGER]
    mine, anybodys, others = await opened(
        CALL,
        call(world, "D-1", staff["R-1"]),
        call(world, "D-1", None, "pool"),
        call(world, "D-1", staff["M-1"], "boss"),
    )
    changes = [(world.dealer_ids["D-1"], staff["R-1"], staff["F-1"]), (world.dealer_ids["D-2"], None, staff["R-2"])]
    async with acting(manager), db.transaction():
        assert await counted_along(changes) == 1
        assert await hand_over(changes, await access.open_posting(manager, "hand on tasks")) == 1
    assert [await owner(manager, each) for each in (mine, anybodys, others)] == ["F-1", None, "M-1"]
    named = [(world.dealer_ids["D-1"], None, staff["R-2"])]
    async with acting(manager), db.transaction():
        await hand_over(named, await access.open_posting(manager, "hand on tasks"))
    assert await owner(manager, anybodys) == "M-1", "he does not see the dealer, so it is the next above's"


async def test_his_tasks_go_along_by_the_act_that_makes_another_responsible(world: World, staff: Staff) -> None:
    manager = world.people[Role.MANAGER]
    async with acting(manager):
        await change_fact(manager, "D-1", Fact.RESPONSIBLE, "R-1")
    (number,) = await opened(CALL, call(world, "D-1", staff["R-1"]))
    changes = [(world.dealer_ids["D-1"], staff["R-1"], staff["F-1"])]
    async with acting(manager):
        (along,) = [each for each in await goes_along(changes) if each.name == "tasks"]
        assert (along.count, str(along.words)) == (1, "tasks still to be done: 1")
        await change_fact(manager, "D-1", Fact.RESPONSIBLE, "F-1")
    assert await owner(manager, number) == "F-1"
    async with acting(manager):
        assert [step["actor"] for step in (await task_of(manager, number)).steps] == ["manager-1"]
