"""Tasks of broken promises: a call for each, of who is responsible, done by hand or by the money that came."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from channel import clock
from channel.access.rules import Person, Role
from channel.dealers.rules import Fact
from channel.receivables.service.posting import Given, post_documents
from channel.receivables.service.promise_tasks import BROKEN_PROMISE
from channel.receivables.service.promises import JUDGING, enter_promise
from channel.tasks.acts import FinishTask
from channel.tasks.service.acting import finish_task
from channel.tasks.service.tasks import Told
from channel.work.service import run_due
from tests.make.access import acting
from tests.make.dealers import change_fact
from tests.make.receivables import owed, paying, promising
from tests.make.tasks import make_staff, seen
from tests.make.world import World, make_world

MONDAY = datetime(2025, 3, 3, 9, tzinfo=UTC)


@pytest.fixture
async def world(database: str) -> World:
    """D-1, for whom R-1 is responsible, owes 100 and has promised 60 and 40 for this Monday and the next one."""
    with clock.fixed(MONDAY):
        made = await make_world()
        await make_staff(made)
        manager, finance = made.people[Role.MANAGER], made.people[Role.FINANCE]
        async with acting(manager):
            await change_fact(manager, "D-1", Fact.RESPONSIBLE, "R-1")
        async with acting(finance):
            await post_documents(finance, [Given("D-1", owed("100", currency="USD", id=0))])
            for amount, in_days in (("60", 0), ("40", 7)):
                await enter_promise(finance, "D-1", promising(amount, in_days, grace_days=0, share=Decimal(1)))
    return made


async def calls(person: Person) -> list[Told]:
    return await seen(person, kind=BROKEN_PROMISE.code)


async def pays(world: World, amount: str, number: str) -> None:
    finance = world.people[Role.FINANCE]
    async with acting(finance):
        receipt = replace(paying(amount, number=number, currency="USD", id=0), effective_on=clock.today())
        await post_documents(finance, [Given("D-1", receipt)])


async def test_a_broken_promise_is_a_call_of_who_is_responsible(world: World) -> None:
    east = world.people[Role.REGIONAL]
    with clock.fixed(MONDAY + timedelta(days=1)):
        for _ in range(2):
            await run_due([JUDGING])
        (row,) = await calls(east)
        assert (str(row["what"]), row["owner"], row["due_on"], row["url"]) == (
            "Call Dealer D-1: the promise 1 was broken", "R-1", date(2025, 3, 5), "/receivables/promises/1",
        )  # fmt: skip
        assert await calls(world.elsewhere) == []
        async with acting(east):
            await finish_task(east, row["id"], FinishTask(note="he pays tomorrow"))
        await run_due([JUDGING])
        assert [row["state"] for row in await calls(east)] == ["done"]


@pytest.mark.parametrize(("amount", "state"), [("59.99", "outstanding"), ("60", "done")])
async def test_it_is_done_when_what_was_promised_has_come(world: World, amount: str, state: str) -> None:
    finance = world.people[Role.FINANCE]
    with clock.fixed(MONDAY + timedelta(days=1)):
        await run_due([JUDGING])
    with clock.fixed(MONDAY + timedelta(days=3)):
        assert [row["state"] for row in await calls(finance)] == ["outstanding"]
        await pays(world, amount, "R-1")
        await run_due([JUDGING])
        assert [(row["about"], row["state"]) for row in await calls(finance)] == [("1", state)]
