"""What happens with a dealer is told to who is responsible for him, and to nobody who may not see him or did it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from channel import clock, web
from channel.access.rules import Person, Role
from channel.database import db
from channel.dealers.rules import Fact, Status
from channel.lists import ALL
from channel.receivables.acts.disputes import EndDispute, HandOnDispute
from channel.receivables.acts.documents import ReverseDocument
from channel.receivables.rules.disputes import Outcome
from channel.receivables.service.disputes import end_dispute, hand_on_dispute, open_dispute
from channel.receivables.service.posting import Given, post_documents
from channel.receivables.service.promises import JUDGING, enter_promise
from channel.receivables.service.reversing import REVERSE
from channel.receivables.service.waiting import do_or_ask
from channel.tasks.acts import HandOnTask
from channel.tasks.service.acting import hand_on_task
from channel.tasks.service.facts_told import TELLING_FACTS
from channel.tasks.service.messages import own_messages
from channel.tasks.service.morning import sections_for
from channel.work.service import run_due
from tests.make.access import acting, make_person
from tests.make.dealers import MANAGER, change_fact
from tests.make.disputes import opening
from tests.make.limits import approve_proposal, propose_limit
from tests.make.receivables import owed, promising
from tests.make.tasks import send_off, written
from tests.make.world import World

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
async def looked_after(world: World, staff: dict[str, int]) -> World:
    """R-1 (regional-1, East) is responsible for D-1."""
    async with acting(MANAGER):
        await change_fact(MANAGER, "D-1", Fact.RESPONSIBLE, "R-1")
    return world


async def told(person: Person) -> list[str]:
    """What a person was told, in English, the latest first."""
    async with acting(person):
        rows = (await own_messages(person, None, ALL)).items
    return [web.language("en").tell(row["what"]) for row in rows]


async def told_wholly(person: Person, language: str = "en") -> list[list[str]]:
    async with acting(person):
        rows: list[dict[str, Any]] = (await own_messages(person, None, ALL)).items
    tell = web.language(language).tell
    return [[tell(row["what"]), *(tell(each) for each in row["more"]), row["url"]] for row in rows]


async def test_holds_releases_and_grades(looked_after: World) -> None:
    world = looked_after
    async with acting(MANAGER):
        await change_fact(MANAGER, "D-1", Fact.GRADE, "B", reason="larger")
        await change_fact(MANAGER, "D-1", Fact.STATUS, Status.ON_HOLD, reason="too late")
        tomorrow = clock.today() + timedelta(days=1)
        await change_fact(MANAGER, "D-1", Fact.STATUS, Status.ACTIVE, effective_on=tomorrow, reason="paid")
        await change_fact(MANAGER, "D-1", Fact.TERMS, "45", reason="agreed")
        await change_fact(MANAGER, "D-2", Fact.GRADE, "C", reason="smaller")
    await run_due([TELLING_FACTS])
    assert await told(world.people[Role.REGIONAL]) == [
        "Dealer D-1 is off hold from 4 Mar 2025: Active",
        "Dealer D-1 is on hold from 3 Mar 2025",
        "Dealer D-1 has grade B from 3 Mar 2025",
    ]
    assert (await told_wholly(world.people[Role.REGIONAL]))[1][1:] == [f"by {MANAGER.login}: too late", "/dealers/D-1"]
    for person in (world.elsewhere, world.people[Role.MANAGER], world.people[Role.FINANCE]):
        assert await told(person) == []


async def test_a_limit(looked_after: World) -> None:
    finance, regional = looked_after.people[Role.FINANCE], looked_after.people[Role.REGIONAL]
    manager = await make_person(Role.MANAGER)
    async with acting(manager):
        number = await propose_limit(manager, "D-1", "base", amount=Decimal(800), reason="agreed")
    assert await told(regional) == []
    async with acting(finance):
        assert await approve_proposal(finance, number, "as agreed")
    ((what, by, url),) = await told_wholly(regional)
    assert what.startswith("The limit of Dealer D-1 is ")
    assert "800.00" in what
    assert (by, url) == (f"by {finance.login}", f"/credit/proposals/{number}")


async def test_a_dispute_and_who_answers_for_it(looked_after: World) -> None:
    world = looked_after
    finance, regional = world.people[Role.FINANCE], world.people[Role.REGIONAL]
    other = await make_person(Role.FINANCE)
    async with acting(finance):
        given = [Given("D-1", owed("100", currency="USD", id=0, number="I-7"))]
        document = (await post_documents(finance, given)).documents[0].document
        act = opening(document.id, "30", owner=finance.login, due_on=clock.today())
        number = await open_dispute(finance, "D-1", act)
    assert await told(finance) == []
    async with acting(finance):
        await hand_on_dispute(finance, number, HandOnDispute(owner=other.login, reason="knows it"))
        await end_dispute(finance, number, EndDispute(outcome=Outcome.AGREED, reason="all is well"))
    assert [each.split(" has ended")[0] for each in await told(regional)] == [
        "The dispute of Dealer D-1 about 30.00\xa0USD",
        "Dealer D-1 disputes 30.00\xa0USD",
    ]
    (first,) = await told_wholly(other)
    assert first[0] == "You answer for the dispute of Dealer D-1 about 30.00\xa0USD until 3 Mar 2025"
    assert first[1].startswith("document I-7: ")
    assert first[-1] == f"/receivables/disputes/{number}"


async def test_a_dispute_that_ends_with_its_document(looked_after: World) -> None:
    finance, regional = looked_after.people[Role.FINANCE], looked_after.people[Role.REGIONAL]
    async with acting(finance):
        given = [Given("D-1", owed("100", currency="USD", id=0, number="I-7"))]
        document = (await post_documents(finance, given)).documents[0].document
        number = await open_dispute(
            finance, "D-1", opening(document.id, "30", owner=finance.login, due_on=clock.today())
        )
        await do_or_ask(finance, REVERSE, "D-1", document.id, ReverseDocument(reason="billed twice"))
    ((what, why, by, url), _) = await told_wholly(regional)
    assert what == "The dispute of Dealer D-1 about 30.00\xa0USD has ended: document reversed"
    assert why.startswith("document I-7: ")
    assert (by, url) == (f"by {finance.login}: billed twice", f"/receivables/disputes/{number}")
    assert "单据已冲销" in (await told_wholly(regional, "zh"))[0][0]


async def test_a_promise_made_and_broken(looked_after: World) -> None:
    finance, regional = looked_after.people[Role.FINANCE], looked_after.people[Role.REGIONAL]
    async with acting(finance):
        await enter_promise(finance, "D-1", promising("50", 2))
        await enter_promise(finance, "D-2", promising("50", 2))
    made = await told(regional)
    assert len(made) == 1
    assert made[0].endswith("50.00\xa0USD by 5 Mar 2025")
    with clock.fixed(clock.now() + timedelta(days=60)):
        await run_due([JUDGING])
        await run_due([JUDGING])
    now = await told_wholly(regional, "zh")
    assert len(now) == 2
    assert "50.00" in now[0][0]
    assert (await told(regional))[0].startswith("Dealer D-1 has broken the promise of ")


async def test_the_deputy_is_told_and_else_who_is_above_and_may(looked_after: World, staff: dict[str, int]) -> None:
    world = looked_after
    finance = world.people[Role.FINANCE]

    async def promise() -> None:
        async with acting(finance):
            await enter_promise(finance, "D-1", promising("50", 2))

    # R-2 sees another territory alone: he stands in, and yet is not told.
    await send_off(world.people[Role.ADMINISTRATOR], "R-1", "R-2")
    await promise()
    assert await told(world.elsewhere) == []
    assert await told(world.people[Role.REGIONAL]) == []
    assert len(await told(world.people[Role.MANAGER])) == 1


async def test_a_task_that_comes_to_somebody(looked_after: World) -> None:
    manager, regional = looked_after.people[Role.MANAGER], looked_after.people[Role.REGIONAL]
    number = await written(manager, "Ask for the statement", dealer="D-1", within_days=0)
    async with acting(manager):
        await hand_on_task(manager, number, HandOnTask(member="R-1", reason="nearer"))
    assert (await told_wholly(regional)) == [
        ["Handed on to you: Ask for the statement", "Dealer D-1", "due on 3 Mar 2025", f"/tasks/{number}"]
    ]
    assert await told(manager) == []


async def test_what_was_told_is_hidden_with_its_dealer(looked_after: World) -> None:
    world = looked_after
    regional, finance = world.people[Role.REGIONAL], world.people[Role.FINANCE]
    async with acting(finance):
        await enter_promise(finance, "D-1", promising("50", 2))
    assert len(await told(regional)) == 1
    async with db.held(db.EVERYTHING), db.transaction():
        await db.execute("UPDATE dealer SET territory_id = $1 WHERE code = 'D-1'", world.territories["North"])
    assert await told(regional) == []


async def test_a_morning_tells_of_new_tasks_since_the_last_working_morning(looked_after: World) -> None:
    manager, regional = looked_after.people[Role.MANAGER], looked_after.people[Role.REGIONAL]

    async def morning() -> dict[str, list[str]]:
        tell = web.language("en").tell
        async with acting(regional):
            found = await sections_for(regional)
        return {tell(each.title): [tell(item.headline) for item in each.items] for each in found}

    friday = clock.now() + timedelta(days=4)
    for when, what in ((friday - timedelta(hours=3), "Too old"), (friday + timedelta(hours=1), "Of Friday")):
        with clock.fixed(when):
            await written(manager, what, member="R-1", within_days=9)
    with clock.fixed(friday + timedelta(days=3)):
        await written(manager, "For today", member="R-1", within_days=0)
        assert await morning() == {"Waits for you": ["For today"], "New tasks": ["Of Friday"]}
