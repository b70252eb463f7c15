"""What the end of a cooperation sets off in the rooms above: at once, and on its day where that lies ahead."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date

from channel import clock
from channel.access.rules import Person
from channel.dealers.queries import ended as queries
from channel.work.service import Due, Work, ask

Follower = Callable[[int, date | None], Awaitable[object]]
"""Does what the endings of one posting set off: of all of them, or of those on a day."""

ENDS = "what ends with a cooperation"
_followers: list[Follower] = []


def use_followers(followers: Sequence[Follower]) -> None:
    """Set who follows endings in this process; once, when the app is put together."""
    _followers[:] = followers


async def tell_ended(person: Person, endings: Sequence[tuple[int, date]], reason: str | None, posting_id: int) -> None:
    """Write down that the cooperation with dealers ends on a day, and have what follows done in this very transaction.

    What lies ahead is looked at once more on its day. Where nobody follows in this process, it is work for others.
    """
    await queries.record_endings(person, endings, reason, posting_id)
    for follow in _followers:
        await follow(posting_id, None)
    if not _followers:
        await ask(ENDS, str(posting_id))
    for day in sorted({day for _, day in endings if day > clock.today()}):
        await ask(ENDS, str(posting_id), period=day)


async def _follow(due: Due) -> None:
    for follow in _followers:
        await follow(int(due.key), due.period)


ENDING = Work(ENDS, _follow)
