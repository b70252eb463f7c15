"""Who of the staff looks after a dealer, and what goes along where that becomes another."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.queries import staff
from channel.access.rules import SERVICE
from channel.access.rules.staff import Member
from channel.dealers.queries import responsible as queries
from channel.dealers.rules.responsible import refused_responsible
from channel.errors import Invalid, Message, NotFound, invalid, m

Change = tuple[int, int | None, int | None]
"""A dealer whom another looks after from today on: its id, the member of staff before, and the one from now on."""


@dataclass(frozen=True, slots=True)
class Successor:
    """What of a room's open work goes along when another looks after a dealer.

    `hand_over` hands it over under a posting, in the transaction of the change, and says how much that was; `count`
    says beforehand how much it would be. `name` is that of programs, `words` tell so many of it to people.
    """

    name: str
    words: Callable[[int], Message]
    hand_over: Callable[[Sequence[Change], int], Awaitable[int]]
    count: Callable[[Sequence[Change]], Awaitable[int]]


_successors: list[Successor] = []


def use_successors(successors: Sequence[Successor]) -> None:
    """Set what goes along in this process; once, when the app is put together."""
    _successors[:] = successors


@dataclass(frozen=True, slots=True)
class GoesAlong:
    """So much of one kind of open work goes along."""

    name: str
    count: int
    words: Message


async def goes_along(changes: Sequence[Change]) -> list[GoesAlong]:
    """What would be handed over with these changes, of every kind of which there is anything."""
    counted = [(each, await each.count(changes)) for each in _successors] if changes else []
    return [GoesAlong(each.name, count, each.words(count)) for each, count in counted if count]


async def hand_over(changes: Sequence[Change], posting_id: int) -> dict[str, int]:
    """Hand over what is open of dealers (locked) whom another looks after from today on; for the trail, how much."""
    count = sum([await each.hand_over(changes, posting_id) for each in _successors]) if changes else 0
    return {"handed_over": count} if count else {}


async def hand_over_on_day(changes: Sequence[Change]) -> None:
    """The same where the day has come by itself: the service does it, in an act of its own."""
    if not await goes_along(changes):
        return
    posting_id = await access.open_posting(SERVICE, "hand over dealers")
    handed_over = await hand_over(changes, posting_id)
    await access.audit(
        SERVICE,
        "hand over dealers",
        "dealers of another",
        dealer_ids=[dealer_id for dealer_id, _, _ in changes],
        after={"effective_on": clock.today(), **handed_over},
        posting_id=posting_id,
    )


async def responsible_asked(code: str | None) -> int | None:
    """Who is asked for by a member's code or "nobody": his number, 0 for nobody; None where nothing is asked.

    `NotFound` of a member that there is not: that he looks after no dealer would be no answer.
    """
    if not code:
        return None
    found = await queries.responsible_meant(code)
    if found is None:
        raise NotFound(m("The member of staff %(code)s is not known.", code=code))
    return found


async def member_named(code: str, field: str = "responsible") -> Record:
    """A member of staff by code, as it is meant; `Invalid` of the field where there is none."""
    found = await staff.member(code, clock.today(), logins=False)
    if found is None:
        raise invalid(field, m("The member of staff %(code)s is not known.", code=code))
    return found


async def member_to_be(code: str, day: date, field: str = "responsible") -> Record:
    """The member of staff who is to look after a dealer from a day on; `Invalid` where there is none, or none can."""
    found = await member_named(code, field)
    member = Member(found["code"], found["name"], found["first_on"], found["last_on"])
    wrong = refused_responsible(member, day, clock.today())
    if wrong is not None:
        raise Invalid(m("The input cannot be used."), (replace(wrong, field=field),))
    return found
