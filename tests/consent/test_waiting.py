"""What waits for one person's word, of any kind: by his right, his scope, and what he has to do with it already."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from channel import clock
from channel.access.rules import Person, Right
from channel.acts import Why
from channel.consent.service import Open, approve_one, open_for, refuse, withdraw
from tests.make.access import acting
from tests.make.consent import Room, make_request
from tests.make.dealers import make_dealer
from tests.make.limits import Desk, make_desk
from tests.make.statements import statements


@pytest.fixture
async def desk(database: str) -> Desk:
    return await make_desk()


@pytest.fixture(params=[True, False], ids=["of a dealer", "general"])
async def room(request: pytest.FixtureRequest, desk: Desk) -> Room:
    return Room(dealer=request.param, needed=2)


@pytest.fixture
async def dealer_id(room: Room) -> int:
    return await make_dealer("D-1", territory="Harbour City") if room.dealer else 0


async def _asked(room: Room, person: Person, about: str, dealer_id: int, **more: object) -> int:
    async with acting(person):
        return await make_request(room, person, about, dealer_id=dealer_id, **more)


async def _open(room: Room, person: Person, most: int = 8) -> Open:
    async with acting(person):
        return (await open_for(person, [room.kind], most))["wish"]


async def test_it_waits_for_who_may_decide_and_has_nothing_to_do_with_it(
    room: Room, desk: Desk, dealer_id: int
) -> None:
    authors = (desk.second.person_id,)
    by_manager = await _asked(room, desk.manager, "a", dealer_id)
    by_finance = await _asked(room, desk.finance, "b", dealer_id)
    of_second = await _asked(room, desk.manager, "c", dealer_id, author_ids=authors)
    async with acting(desk.third):
        await approve_one(room.kind, desk.third, by_manager, Why(reason="fine"))
    assert await _open(room, desk.finance) == Open(3, 2, (of_second, by_manager), (by_finance,))
    assert await _open(room, desk.second) == Open(3, 2, (by_finance, by_manager), ())
    assert await _open(room, desk.third) == Open(3, 2, (of_second, by_finance), ())
    assert await _open(room, desk.manager) == Open(3, 0, (), (by_manager, of_second))
    assert await _open(room, desk.auditor) == Open(3, 0, (), ())
    assert await _open(room, desk.machine) == Open(3, 0, (), ())


async def test_what_is_closed_waits_for_nobody(room: Room, desk: Desk, dealer_id: int) -> None:
    numbers = [await _asked(room, desk.manager, each, dealer_id) for each in "abc"]
    async with acting(desk.third):
        await refuse(room.kind, desk.third, numbers[0], Why(reason="no"))
    async with acting(desk.manager):
        await withdraw(room.kind, desk.manager, numbers[1], Why(reason="wrong"))
    assert await _open(room, desk.finance) == Open(1, 1, (numbers[2],), ())
    assert (await _open(room, desk.manager)).own == (numbers[2],)


async def test_the_greatest_comes_first_and_what_nobody_can_measure_before_all(
    room: Room, desk: Desk, dealer_id: int
) -> None:
    sizes = {"a": Decimal(5), "b": Decimal(70), "c": None, "d": Decimal(6)}
    made = {about: await _asked(room, desk.manager, about, dealer_id, size=size) for about, size in sizes.items()}
    found = await _open(room, desk.finance, 3)
    assert (found.waiting, found.first) == (4, (made["c"], made["b"], made["d"]))
    assert (await _open(room, desk.manager, 3)).own == (made["a"], made["b"], made["c"])


async def test_what_cannot_come_about_any_more_is_not_counted(room: Room, desk: Desk, dealer_id: int) -> None:
    today = clock.today()
    over = await _asked(room, desk.manager, "over", dealer_id, lapses_on=today)
    lasting = await _asked(room, desk.manager, "lasting", dealer_id, lapses_on=today + timedelta(days=1))
    vain = await _asked(room, desk.manager, "vain", dealer_id)
    assert (await _open(room, desk.finance)).first == (vain, lasting)
    room.alive = lambda today: f"(r.about <> 'vain' AND {today} IS NOT NULL)"
    assert await _open(room, desk.finance) == Open(1, 1, (lasting,), ())
    assert (await _open(room, desk.manager)).own == (over, lasting, vain), "its proposer can still take it back"


async def test_of_a_dealer_it_waits_for_who_may_know_of_him(desk: Desk) -> None:
    room = Room(dealer=True)
    await _asked(room, desk.manager, "a", await make_dealer("D-1", territory="Harbour City"))
    assert [(await _open(room, person)).count for person in (desk.east, desk.north, desk.finance)] == [1, 0, 1]


async def test_kinds_are_told_apart_by_one_question(desk: Desk) -> None:
    of_dealers, general = Room(dealer=True), Room(dealer=False)
    wish = await _asked(of_dealers, desk.manager, "a", await make_dealer("D-1", territory="Harbour City"))
    other = replace(general.kind, code="other", decides=Right.KEEP_PEOPLE)
    general_wish = await _asked(general, desk.manager, "a", 0)
    with statements() as asked:
        async with acting(desk.finance):
            found = await open_for(desk.finance, [of_dealers.kind, other], 8)
    assert sum("FROM request_" in each for each in asked) == 1
    assert found == {"wish": Open(1, 1, (wish,), ()), "other": Open(0, 0, (), ())}
    async with acting(desk.finance):
        assert (await open_for(desk.finance, [general.kind], 8))["wish"].first == (general_wish,)
