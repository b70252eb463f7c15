"""What the end of a cooperation sets off in the rooms above: written down here, claimed by them at once."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date

from channel import clock
from channel.access.rules import Person
from channel.dealers.queries import ended as queries

Follower = Callable[[int], Awaitable[object]]
"""Claims what one posting has ended."""

_followers: list[Follower] = []


def use_followers(followers: Sequence[Follower]) -> None:
    """Set who claims endings in this process; once, when the app is put together."""
    _followers[:] = followers


async def tell_ended(person: Person, endings: Sequence[tuple[int, date]], reason: str | None, posting_id: int) -> None:
    """Write down that the cooperation with dealers ends on a day, and have what follows done in this very transaction.

    Where nobody follows in this process, a job claims it.
    """
    await queries.record_endings(person, endings, reason, posting_id, clock.today())
    for follow in _followers:
        await follow(posting_id)
