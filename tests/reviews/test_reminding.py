"""What nobody decides: reminded once, escalated once to who is above and may, whoever looks and however often."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from channel import clock
from channel.access.rules import Person, Role
from channel.database import db
from channel.errors import Conflict, Forbidden, Invalid, NotFound
from channel.reviews.acts import DecideReview, HandOnReview
from channel.reviews.queries.reviews import ReviewFilter, reviews_counted
from channel.reviews.rules.choices import ReviewState
from channel.reviews.rules.queue import Whose
from channel.reviews.service.deciding import decide_review
from channel.reviews.service.queue import asker_of
from channel.reviews.service.reminding import REMINDING, hand_on_review
from channel.work.service import ask, run_due
from tests.make.access import acting, make_member, make_person
from tests.make.dealers import make_dealer
from tests.make.deciding import make_review
from tests.make.limits import Desk, make_desk
from tests.make.races import second_of

OPENED = date(2025, 2, 10)
BY = date(2025, 2, 17)
"""A Monday, five working days after."""


def at(day: date, hour: int = 9) -> datetime:
    """An hour of a day."""
    return datetime.combine(day, time(hour), UTC)


@pytest.fixture
async def desk(database: str) -> Desk:
    with clock.fixed(at(date(2025, 1, 2))):
        return await make_desk()


@pytest.fixture
async def staff(desk: Desk) -> dict[str, int]:
    """East's man, above him one who signs in but may not see the East, above her finance, who sees all."""
    with clock.fixed(at(date(2025, 1, 2))):
        administrator = await make_person(Role.ADMINISTRATOR)
        await make_member(administrator, "TOP", login=desk.finance.login)
        await make_member(administrator, "MID", login=desk.north.login, manager="TOP")
        await make_member(administrator, "LOW", login=desk.east.login, manager="MID")
    return {row["code"]: row["id"] for row in await _all("SELECT code, id FROM staff_member")}


@pytest.fixture
async def dealer(desk: Desk) -> int:
    with clock.fixed(at(date(2025, 1, 2))):
        return await make_dealer("D-1", territory="Harbour City")


async def _all(sql: str) -> list[dict[str, Any]]:
    async with db.held(db.EVERYTHING):
        return [dict(row) for row in await db.fetch(sql)]


async def _review(dealer: int, member_id: int | None) -> int:
    with clock.fixed(at(OPENED)):
        return await make_review(dealer, decide_by=BY, member_id=member_id)


async def _look(day: date, hour: int = 9) -> list[tuple[str, date, str | None]]:
    """Every step that there is, when it was looked at a moment."""
    with clock.fixed(at(day, hour)):
        async with db.held(db.EVERYTHING), db.transaction():
            await ask(REMINDING.kind, f"{day} {hour}")
        await run_due([REMINDING])
    return [
        (row["step"], row["step_on"], row["code"])
        for row in await _all(
            "SELECT s.step, s.step_on, m.code FROM review_step s"
            " LEFT JOIN staff_member m ON m.id = s.to_id ORDER BY s.id"
        )
    ]


FRIDAY = BY - timedelta(days=3)


async def test_each_is_done_once_and_goes_past_who_may_not_see_him(dealer: int, staff: dict[str, int]) -> None:
    await _review(dealer, staff["LOW"])
    assert await _look(FRIDAY - timedelta(days=1)) == []
    reminded = [("remind", FRIDAY, "LOW")]
    assert await _look(FRIDAY) == reminded
    assert await _look(FRIDAY, 10) == reminded
    assert await _look(BY + timedelta(days=1)) == reminded
    escalated = [*reminded, ("escalate", BY + timedelta(days=2), "TOP")]
    assert await _look(BY + timedelta(days=2)) == escalated
    assert await _look(BY + timedelta(days=30)) == escalated
    people = await _all(
        "SELECT p.login, m.told->>'step' AS step FROM message_dealer m"
        " JOIN person p ON p.id = m.person_id ORDER BY m.id"
    )
    assert [(row["login"], row["step"]) for row in people] == [
        ("regional-1", "remind"),
        ("finance-1", "escalate"),
    ]
    assert await _all("SELECT escalated_on, escalated_to, member_id FROM review") == [
        {"escalated_on": BY + timedelta(days=2), "escalated_to": staff["TOP"], "member_id": staff["LOW"]}
    ]


async def test_a_service_that_was_down_does_both_late(dealer: int, staff: dict[str, int]) -> None:
    await _review(dealer, staff["LOW"])
    on = BY + timedelta(days=20)
    assert await _look(on) == [("remind", on, "LOW"), ("escalate", on, "TOP")]


async def test_what_is_decided_is_left_alone(desk: Desk, dealer: int, staff: dict[str, int]) -> None:
    number = await _review(dealer, staff["LOW"])
    with clock.fixed(at(OPENED, 10)):
        async with acting(desk.east):
            await decide_review(desk.east, "D-1", number, DecideReview())
    assert await _look(BY + timedelta(days=20)) == []


async def test_what_is_anybodys_goes_to_the_managers(desk: Desk, dealer: int, staff: dict[str, int]) -> None:
    await _review(dealer, None)
    on = BY + timedelta(days=2)
    assert await _look(on) == [("remind", on, None), ("escalate", on, None)]
    with clock.fixed(at(on)):
        assert await _queue(desk.manager, Whose.PEOPLE) == ["D-1"]
        assert await _queue(desk.east, Whose.PEOPLE) == []


async def _queue(person: Person, *whose: Whose) -> list[str]:
    async with acting(person):
        asked = ReviewFilter(state=ReviewState.UNDECIDED, whose=whose, asker=await asker_of(person))
        return [row["dealer"] for row in await reviews_counted(asked, 10)]


async def test_whose_they_are(desk: Desk, dealer: int, staff: dict[str, int]) -> None:
    await _review(dealer, staff["LOW"])
    with clock.fixed(at(OPENED)):
        await make_review(await make_dealer("D-2", territory="Harbour City"))
        assert await _queue(desk.east, Whose.MINE) == ["D-1"]
        assert await _queue(desk.east, Whose.POOL) == [], "the plan's role is finance"
        assert await _queue(desk.finance, Whose.MINE) == []
        assert await _queue(desk.finance, Whose.POOL) == ["D-2"]
        assert await _queue(desk.finance, Whose.PEOPLE) == ["D-1"]
        assert await _queue(desk.finance, Whose.PEOPLE, Whose.POOL) == ["D-1", "D-2"]
        assert await _queue(desk.north, Whose.PEOPLE) == [], "his people's, but he may not see the dealer"


async def test_two_schedulers_take_each_step_once(dealer: int, staff: dict[str, int]) -> None:
    await _review(dealer, staff["LOW"])
    with clock.fixed(at(BY + timedelta(days=20))):
        async with db.held(db.EVERYTHING), db.transaction():
            await ask(REMINDING.kind, "one")
            await ask(REMINDING.kind, "two")
        await asyncio.gather(run_due([REMINDING]), run_due([REMINDING]))
    assert len(await _all("SELECT FROM review_step")) == 2


async def _hand_on(person: Person, number: int, member: str) -> None:
    async with acting(person):
        await hand_on_review(person, "D-1", number, HandOnReview(member=member, reason="he knows him"))


async def test_it_is_handed_on_to_who_may_decide_it(desk: Desk, dealer: int, staff: dict[str, int]) -> None:
    number = await _review(dealer, staff["LOW"])
    with clock.fixed(at(OPENED, 10)):
        for nobody in ("MID", "NOBODY"):
            with pytest.raises(Invalid) as refused:
                await _hand_on(desk.east, number, nobody)
            assert [each.field for each in refused.value.errors] == ["member"]
        with pytest.raises(NotFound):
            await _hand_on(desk.north, number, "TOP")
        with pytest.raises(Forbidden):
            await _hand_on(desk.auditor, number, "TOP")
        await _hand_on(desk.east, number, "top")
        await _hand_on(desk.east, number, "TOP")
    (step,) = await _all("SELECT step, from_id, to_id, said FROM review_step")
    assert step == {"step": "hand on", "from_id": staff["LOW"], "to_id": staff["TOP"], "said": "he knows him"}
    assert await _look(FRIDAY) == [("hand on", OPENED, "TOP"), ("remind", FRIDAY, "TOP")]


async def test_of_two_at_once_one_decides(desk: Desk, dealer: int) -> None:
    with clock.fixed(at(OPENED)):
        number = await make_review(dealer)

        def decide(act: str) -> Any:  # noqa: ANN401 - a coroutine's maker
            return lambda: decide_review(desk.finance, "D-1", number, DecideReview(act=act, reason="so"))

        came = await second_of(desk.finance, decide("keep"), decide("call"))
    assert isinstance(came, Conflict)
    assert "decided this review" in str(came.title)
    assert [row["act"] for row in await _all("SELECT act FROM review_decision")] == ["keep"]
