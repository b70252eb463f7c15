"""Tasks of late reports: one for a dealer and month, for who is responsible, until they are in or excused."""

from datetime import UTC, date, datetime

import pytest

from channel import clock
from channel.access.rules import Person, Role
from channel.dealers.rules import Fact
from channel.periods import Month
from channel.sales.rules import Owed
from channel.sales.rules.late_reports import compute_late
from channel.sales.service.late_reports import LATE_REPORT, LOOKING
from channel.tasks.service.tasks import Told
from channel.work.service import run_due
from tests.make.access import acting
from tests.make.dealers import change_fact, make_dealer
from tests.make.sales import csv_of, loaded
from tests.make.tasks import make_staff, seen
from tests.make.world import World, make_world

# The reports of May are due on the 10th of June.
THE_10TH, THE_11TH = datetime(2025, 6, 10, 9, tzinfo=UTC), datetime(2025, 6, 11, 9, tzinfo=UTC)


@pytest.fixture
async def world(database: str) -> World:
    with clock.fixed(datetime(2025, 5, 2, 9, tzinfo=UTC)):
        made = await make_world()
        await make_staff(made)
        await make_dealer("N-1", territory="Lake District", lines=["Road"], effective_on=date(2025, 5, 1))
        manager = made.people[Role.MANAGER]
        async with acting(manager):
            await change_fact(manager, "N-1", Fact.REPORTS_OWED, "sell-through,stock", effective_on=date(2025, 5, 1))
            await change_fact(manager, "N-1", Fact.RESPONSIBLE, "R-2")
            for code in ("D-1", "D-2"):
                await change_fact(manager, code, Fact.REPORTS_OWED, "", effective_on=date(2000, 1, 1))
    return made


async def late(person: Person) -> list[Told]:
    return await seen(person, kind=LATE_REPORT.code)


async def test_a_month_of_a_dealer_is_one_task_from_the_day_after_its_due_day_on(world: World) -> None:
    manager = world.people[Role.MANAGER]
    with clock.fixed(THE_10TH):
        await run_due(LOOKING)
        assert await late(manager) == []
    with clock.fixed(THE_11TH):
        for _ in range(2):
            await run_due(LOOKING)
        (row,) = await late(manager)
        assert (str(row["what"]), row["dealer"], row["owner"], row["due_on"], row["url"]) == (
            "Get the reports of 2025-05 from Dealer N-1", "N-1", "R-2", date(2025, 6, 16), "/dealers/N-1#reports",
        )  # fmt: skip
        assert [row["dealer"] for row in await late(world.elsewhere)] == ["N-1"]
        assert await late(world.people[Role.REGIONAL]) == []


async def test_it_ends_when_all_reports_of_the_month_are_in(world: World) -> None:
    manager = world.people[Role.MANAGER]
    with clock.fixed(THE_11TH):
        await run_due(LOOKING)
        sold = csv_of("dealer,date,product,quantity,amount", "N-1,2025-05-05,RB-210,2,200.00")
        await loaded(manager, "sell-through", sold, period="2025-05")
        await run_due(LOOKING)
        assert [row["state"] for row in await late(manager)] == ["outstanding"], "the stock is missing still"
        await loaded(manager, "stock", csv_of("dealer,date,product,quantity", "N-1,2025-05-31,RB-210,5"))
        await run_due(LOOKING)
        assert [row["state"] for row in await late(manager)] == ["dropped"]


async def test_it_ends_when_the_dealer_is_excused(world: World) -> None:
    manager = world.people[Role.MANAGER]
    with clock.fixed(THE_11TH):
        await run_due(LOOKING)
        async with acting(manager):
            await change_fact(manager, "N-1", Fact.REPORTS_OWED, "", effective_on=date(2025, 5, 1))
    with clock.fixed(datetime(2025, 6, 12, 9, tzinfo=UTC)):
        await run_due(LOOKING)
        assert [row["state"] for row in await late(manager)] == ["dropped"]


def test_what_is_late_is_told_once_for_a_dealer_and_month() -> None:
    may, june = Month(2025, 5), Month(2025, 6)
    owed = [
        Owed(1, "sell-in", may, date(2025, 6, 10), 1),
        Owed(1, "stock", may, date(2025, 6, 10), 1),
        Owed(1, "stock", june, date(2025, 7, 10), 0),
        Owed(2, "stock", may, date(2025, 6, 20), 0),
    ]
    assert compute_late(owed) == {(1, "2025-05"): ["sell-in", "stock"]}
