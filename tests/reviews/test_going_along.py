"""Undecided reviews that go along when another member of staff looks after a dealer."""

from datetime import UTC, date, datetime

import pytest

from channel import clock
from channel.access.rules import Role
from channel.database import db
from channel.dealers.rules import Fact
from channel.dealers.service.responsible import goes_along
from channel.reviews.acts import DecideReview
from channel.reviews.service.deciding import decide_review
from tests.make.access import acting, make_member, make_person
from tests.make.dealers import change_fact, make_dealer
from tests.make.deciding import make_review
from tests.make.limits import Desk, make_desk

DAY = date(2025, 2, 10)


def at(hour: int) -> datetime:
    return datetime(2025, 2, 10, hour, tzinfo=UTC)


@pytest.fixture
async def desk(database: str) -> Desk:
    """East's man, above him one who may not see the East, above her finance, who sees all; D-1 is East's man's."""
    with clock.fixed(at(8)):
        desk = await make_desk()
        administrator = await make_person(Role.ADMINISTRATOR)
        await make_member(administrator, "TOP", login=desk.finance.login)
        await make_member(administrator, "MID", login=desk.north.login, manager="TOP")
        await make_member(administrator, "LOW", login=desk.east.login, manager="MID")
        await make_member(administrator, "ALONE")
        await make_dealer("D-1", territory="Harbour City")
    await _look_after(desk, "LOW", 8)
    return desk


async def _member(code: str) -> int:
    async with db.held(db.EVERYTHING):
        found: int = await db.fetchval("SELECT id FROM staff_member WHERE code = $1", code)
        return found


async def _review(owner: str | None, day: int) -> int:
    """A review that a member is to decide, opened on a day of the month before."""
    dealer_id, member = await _dealer_id(), None if owner is None else await _member(owner)
    with clock.fixed(at(9)):
        return await make_review(dealer_id, as_of=date(2025, 1, day), member_id=member)


async def _dealer_id() -> int:
    async with db.held(db.EVERYTHING):
        found: int = await db.fetchval("SELECT id FROM dealer")
        return found


async def _look_after(desk: Desk, member: str | None, hour: int) -> None:
    with clock.fixed(at(hour)):
        async with acting(desk.manager):
            await change_fact(desk.manager, "D-1", Fact.RESPONSIBLE, member, effective_on=DAY)


async def _owners() -> list[tuple[int, str | None]]:
    async with db.held(db.EVERYTHING):
        rows = await db.fetch(
            "SELECT r.number, m.code FROM review r LEFT JOIN staff_member m ON m.id = r.member_id ORDER BY r.number"
        )
    return [(row["number"], row["code"]) for row in rows]


@pytest.mark.parametrize(
    ("becomes", "owner"),
    [("TOP", "TOP"), ("MID", "TOP"), ("ALONE", None), (None, None)],
    ids=["who may decide", "the next above who may", "nobody above", "nobody"],
)
async def test_what_is_undecided_goes_along_to_who_may_decide_it(
    desk: Desk, becomes: str | None, owner: str | None
) -> None:
    decided, his, others, pool = [await _review(each, n) for n, each in enumerate(("LOW", "LOW", "TOP", None), 1)]
    with clock.fixed(at(10)):
        async with acting(desk.east):
            await decide_review(desk.east, "D-1", decided, DecideReview())
        change = (await _dealer_id(), await _member("LOW"), None if becomes is None else await _member(becomes))
        async with acting(desk.manager):
            assert [(each.name, each.count) for each in await goes_along([change])] == [("reviews", 1)]
    await _look_after(desk, becomes, 11)
    assert await _owners() == [(decided, "LOW"), (his, owner), (others, "TOP"), (pool, None)]
    async with db.held(db.EVERYTHING):
        steps = await db.fetch(
            "SELECT s.number, s.step, f.code AS was, t.code AS is FROM review_step s"
            " LEFT JOIN staff_member f ON f.id = s.from_id LEFT JOIN staff_member t ON t.id = s.to_id"
        )
        told = await db.fetchval("SELECT count(*) FROM message_dealer WHERE told->>'step' = 'hand on'")
    assert [tuple(row) for row in steps] == [(his, "hand on", "LOW", owner)]
    assert told == (owner is not None)
