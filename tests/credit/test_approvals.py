"""Whose approval is needed follows from all that would be in force: splitting an act needs no fewer people."""

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from channel import clock
from channel.access.rules import Person
from channel.credit.service.limit_spans import lacking_approvals
from channel.credit.service.limits import limit_of, proposal_of
from channel.database.snapshots import view_of
from channel.versions.rules import written
from tests.make.access import acting
from tests.make.credit import DEFAULT_POLICY
from tests.make.dealers import make_dealer, make_rate
from tests.make.limits import (
    Desk,
    approve_policy,
    approve_proposal,
    draft_policy,
    make_desk,
    propose_limit,
    propose_policy,
    put_in_force,
)

SOON = timedelta(days=30)


async def _propose(desk: Desk, amount: object, kind: str = "base", code: str = "D-1", **more: object) -> int:
    given = None if amount is None else Decimal(str(amount))
    if kind == "temporary":
        more = {"to_on": clock.today() + SOON} | more
    async with acting(desk.manager):
        return await propose_limit(desk.manager, code, kind, amount=given, reason="asked", **more)


async def _approve(person: Person, proposal: int) -> bool:
    async with acting(person):
        return await approve_proposal(person, proposal, "fine")


async def _total(desk: Desk) -> Decimal | None:
    async with acting(desk.finance):
        return (await limit_of(desk.finance, "D-1", view_of())).state.total


async def _stricter(desk: Desk, first_level: str) -> None:
    """A policy from today on whose first level goes up to this amount."""
    document = written(DEFAULT_POLICY)
    document["approvals"] = [{"up_to": first_level, "approvals": 1}, {"up_to": None, "approvals": 2}]
    async with acting(desk.manager):
        version = await draft_policy(desk.manager, document, clock.today(), "stricter")
        await propose_policy(desk.manager, version, "stricter")
    async with acting(desk.finance):
        await approve_policy(desk.finance, version, "agreed")


async def test_raises_on_top_of_a_limit_are_not_a_way_around_the_second_person(database: str) -> None:
    desk = await make_desk()
    await make_dealer("D-1", territory="Harbour City")
    await put_in_force(desk, "D-1", 50_000, clock.today())
    for amount in (24_000, 24_000):
        assert await _approve(desk.finance, await _propose(desk, amount, "temporary"))
    third = await _propose(desk, 24_000, "temporary")
    assert not await _approve(desk.finance, third), "122,000 would be in force"
    base = await _propose(desk, 100_000)
    assert not await _approve(desk.finance, base), "100,000 alone, but 172,000 with what is in force and open"
    assert await _total(desk) == 98_000
    assert await _approve(desk.second, third)
    assert await _approve(desk.second, base)
    assert await _total(desk) == 172_000
    async with acting(desk.finance):
        assert await lacking_approvals() == []


async def test_two_people_on_two_proposals_do_not_slip_past_each_other(database: str) -> None:
    desk = await make_desk()
    await make_dealer("D-1", territory="Harbour City")
    await put_in_force(desk, "D-1", 60_000, clock.today())
    raised, base = await _propose(desk, 30_000, "temporary"), await _propose(desk, 95_000)
    assert await asyncio.gather(_approve(desk.finance, raised), _approve(desk.second, base)) == [False, False]
    done = await asyncio.gather(_approve(desk.second, raised), _approve(desk.third, base), return_exceptions=True)
    assert True in done, done


async def test_the_need_is_counted_anew_at_every_vote(database: str) -> None:
    desk = await make_desk()
    await make_dealer("D-1", territory="Harbour City", currency="EUR")
    await make_rate("EUR", clock.today() - timedelta(days=1), "1.00")
    proposal = await _propose(desk, 90_000)
    async with acting(desk.finance):
        assert (await proposal_of(desk.finance, proposal))["approvals_needed"] == 1
    await make_rate("EUR", clock.today(), "1.25")
    async with acting(desk.finance):
        told = await proposal_of(desk.finance, proposal)
    assert (told["approvals_needed"], told["total_after"]) == (2, 112_500)
    assert not await _approve(desk.finance, proposal)
    await make_rate("EUR", clock.today(), "1.10")
    assert await _approve(desk.second, proposal)


async def test_the_policy_of_the_day_of_the_vote_decides(database: str) -> None:
    desk = await make_desk()
    await make_dealer("D-1", territory="Harbour City")
    proposal = await _propose(desk, 60_000)
    await _stricter(desk, "50000")
    assert not await _approve(desk.finance, proposal)
    async with acting(desk.finance):
        told = await proposal_of(desk.finance, proposal)
        assert (told["policy_version"], told["need_policy"], told["approvals_needed"]) == (1, 2, 2)
    assert await _approve(desk.second, proposal)
    async with acting(desk.finance):
        told = await proposal_of(desk.finance, proposal)
    assert (told["need_policy"], told["total_before"], told["total_after"]) == (2, 0, 60_000), "as it was decided"


async def test_what_only_lowers_needs_one_and_an_unknown_total_the_most(database: str) -> None:
    desk = await make_desk()
    await make_dealer("D-1", territory="Harbour City")
    await put_in_force(desk, "D-1", 300_000, clock.today())
    assert await _approve(desk.finance, await _propose(desk, 250_000))
    assert await _approve(desk.finance, await _propose(desk, None, "end"))
    await make_dealer("D-2", territory="Harbour City", currency="EUR")
    assert not await _approve(desk.finance, await _propose(desk, 10, code="D-2"))


async def test_each_raise_can_be_ended_while_the_end_of_another_is_open(database: str) -> None:
    desk = await make_desk()
    await make_dealer("D-1", territory="Harbour City")
    await put_in_force(desk, "D-1", 50_000, clock.today())
    for amount in (1_000, 2_000):
        assert await _approve(desk.finance, await _propose(desk, amount, "temporary"))
    async with acting(desk.finance):
        raises = (await limit_of(desk.finance, "D-1", view_of())).state.raises
    ends = [await _propose(desk, None, "raise_end", raise_id=each.place) for each in raises]
    for proposal in ends:
        assert await _approve(desk.finance, proposal)
    assert await _total(desk) == 50_000


async def test_what_stands_with_too_few_approvals_is_told(database: str) -> None:
    desk = await make_desk()
    for code, amount in (("D-1", 50_000), ("D-2", "50000.01"), ("D-3", 150_000)):
        await make_dealer(code, territory="Harbour City")
        await put_in_force(desk, code, amount, clock.today())
    async with acting(desk.finance):
        assert await lacking_approvals() == []
    await _stricter(desk, "50000")
    async with acting(desk.finance):
        assert await lacking_approvals() == ["D-2"], "one person approved it, two had approved D-3"


async def test_every_face_tells_the_totals_and_the_policy(api: Callable[..., Any], database: str) -> None:
    desk = await make_desk()
    await make_dealer("D-1", territory="Harbour City")
    await put_in_force(desk, "D-1", 72_000, clock.today())
    proposal = await _propose(desk, 100_000, "temporary")
    finance = await api(desk.finance)
    told = (await finance.get(f"/api/v1/credit/proposals/{proposal}")).json()
    assert [Decimal(told[name]) for name in ("total_before", "total_after")] == [72_000, 172_000]
    assert (told["approvals_needed"], told["policy_version"], told["need_policy"]) == (2, 1, 1)
    assert told["need_why"] == "policy 1 for up to 172,000 USD in force, all that is open counted"
    (listed,) = (await finance.get("/api/v1/credit/proposals")).json()["items"]
    assert listed == told
    done = (await finance.post(f"/api/v1/credit/proposals/{proposal}/approve", json={"reason": "fine"})).json()
    assert (done["state"], len(done["approvals"]), done["approvals_needed"]) == ("open", 1, 2)


@pytest.mark.parametrize("days", [0, 5])
async def test_a_day_to_come_counts_from_its_first_day_on(database: str, days: int) -> None:
    """A raise that will have ended when the limit begins is not counted."""
    desk = await make_desk()
    await make_dealer("D-1", territory="Harbour City")
    await put_in_force(desk, "D-1", 50_000, clock.today())
    end: date = clock.today() + timedelta(days=5)
    assert await _approve(desk.finance, await _propose(desk, 40_000, "temporary", to_on=end))
    base = await _propose(desk, 70_000, from_on=clock.today() + timedelta(days=days))
    assert await _approve(desk.finance, base) is bool(days)
