"""Undecided reviews that go along when another member of staff looks after a dealer."""

from collections.abc import Sequence

from asyncpg import Record

from channel import clock
from channel.dealers.service.responsible import Change, Successor
from channel.errors import m
from channel.reviews.queries import steps as queries
from channel.reviews.queries.steps import Step
from channel.reviews.service.messages import tell_steps
from channel.reviews.service.reminding import Receivers


async def hand_over_reviews(changes: Sequence[Change], posting_id: int) -> int:
    """Let who looks after a dealer from now on decide what the one before him was to decide; how many reviews.

    Where he may not decide it is the next above who may; where nobody is, or may, it is for anybody of the plan's role.
    The day by which it is decided stays.
    """
    going = await queries.going_along(changes)
    if not going:
        return 0
    receivers = await Receivers.of(going)
    steps = [_step(row, receivers) for row in going]
    await queries.record_steps("hand on", steps, clock.today(), posting_id)
    await queries.keep_members(steps)
    await tell_steps("hand on", [each for each in steps if each.to_id is not None], receivers.roster, posting_id)
    return len(steps)


def _step(row: Record, receivers: Receivers) -> Step:
    return Step(row["dealer_id"], row["number"], row["member_id"], receivers.owner(row["to_id"], row))


async def count_reviews(changes: Sequence[Change]) -> int:
    """How many would go along."""
    return len(await queries.going_along(changes))


REVIEWS_GO_ALONG = Successor(
    "reviews", lambda count: m("reviews to be decided: %(count)s", count=str(count)), hand_over_reviews, count_reviews
)
