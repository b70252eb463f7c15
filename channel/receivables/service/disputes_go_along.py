"""Outstanding disputes that go along when another member of staff looks after a dealer."""

from collections.abc import Sequence

from channel.access.rules import RIGHTS, Right
from channel.dealers.service.responsible import Change, Successor
from channel.errors import m
from channel.receivables.queries import dispute_owners as queries
from channel.receivables.queries.accounts import lock_accounts

_ROLES = sorted(role.value for role in RIGHTS[Right.SEE_RECEIVABLES])


async def hand_over_disputes(changes: Sequence[Change], posting_id: int) -> int:
    """Let who looks after a dealer from now on answer for what the one before him answers for; how many disputes.

    Each stays where it is whose new owner would not sign in, or might not see what the dealer owes. The day by which
    it is answered stays.
    """
    going = await queries.going_along(changes, _ROLES)
    if not going:
        return 0
    await lock_accounts(sorted({row["dealer_id"] for row in going}))
    return await queries.hand_over(changes, _ROLES, posting_id)


async def count_disputes(changes: Sequence[Change]) -> int:
    """How many would go along."""
    return len(await queries.going_along(changes, _ROLES))


DISPUTES_GO_ALONG = Successor(
    "disputes", lambda count: m("outstanding disputes: %(count)s", count=count), hand_over_disputes, count_disputes
)
