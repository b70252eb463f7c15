"""Holds that reviews ask for: whoever may put dealers on hold approves, and with his word the hold is carried out."""

from collections.abc import Mapping, Sequence

from channel import clock
from channel.access.rules import Person, Right, require
from channel.acts import Why
from channel.consent.queries import OF_DEALERS
from channel.consent.rules import Need, Needs, Row, Weighed
from channel.consent.service import RequestKind, Told, approve_one, refuse, withdraw
from channel.dealers.queries.facts import values_on
from channel.dealers.queries.holding import statuses_ahead
from channel.dealers.rules import Fact, Status, status_change_refused
from channel.dealers.service.holding import Held, hold_dealers
from channel.errors import Conflict, NotFound, m
from channel.reviews.queries import deciding as queries

ONE_MORE = Needs(1, m("Who decides on a review asks for a hold; whoever may put dealers on hold decides about it."))


async def _weigh(rows: Sequence[Row]) -> Mapping[int, Weighed[Held]]:
    ids, today = [row["dealer_id"] for row in rows], clock.today()
    stand = await values_on(Fact.STATUS, [(each, today) for each in ids])
    ahead = await statuses_ahead(ids, today)
    found = {}
    for row in rows:
        status, following = stand.get((row["dealer_id"], today)), ahead.get(row["dealer_id"])
        act = Held(row["dealer_id"], row["dealer"], status, row["reason"])
        found[row["id"]] = Weighed(ONE_MORE, act, _in_vain(status, following))
    return found


def _in_vain(status: str | None, following: str | None) -> Conflict | None:
    if status == Status.ON_HOLD:
        return Conflict(m("The dealer is on hold already."))
    before, after = (None if each is None else Status(each) for each in (status, following))
    refused = status_change_refused(before, Status.ON_HOLD, after)
    return None if refused is None else Conflict(refused.reason)


async def _carry_out(person: Person, acts: Sequence[Held], posting_id: int) -> None:
    await hold_dealers(person, acts, posting_id)


def _told(row: Row, _need: Need | None) -> Told:
    return Told(f"review {row['number']}", {}, {"hold": row["id"]})


HOLDS: RequestKind[Held] = RequestKind(
    code=queries.HOLD,
    act="hold",
    proposes=Right.DECIDE_REVIEWS,
    decides=Right.DECIDE_HOLDS,
    weigh=_weigh,
    told=_told,
    carry_out=_carry_out,
    comes_to="on hold",
    tables=OF_DEALERS,
    lock=queries.lock_dealers_of,
    read=queries.holds_asked,
    alive=queries.can_be_held,
)
"""A hold that was decided by somebody who may not put it himself."""


async def _asked(code: str, number: int) -> int:
    """The number of the request of the hold that a review asked for."""
    row = await queries.hold_of_review(code, number)
    if row is None:
        raise NotFound(m("Review %(number)s of %(dealer)s asked for no hold.", number=str(number), dealer=code))
    found: int = row["id"]
    return found


async def is_own(person: Person, request_id: int) -> bool:
    """Whether the person asked for this hold himself."""
    return any(row["proposer_id"] == person.person_id for row in await queries.holds_asked([request_id]))


async def approve_hold(person: Person, code: str, number: int, said: Why) -> None:
    """Approve the hold that a review asked for: with it the dealer is put on hold."""
    require(person, HOLDS.decides)
    await approve_one(HOLDS, person, await _asked(code, number), said)


async def refuse_hold(person: Person, code: str, number: int, said: Why) -> None:
    """Refuse it."""
    require(person, HOLDS.decides)
    await refuse(HOLDS, person, await _asked(code, number), said)


async def withdraw_hold(person: Person, code: str, number: int, said: Why) -> None:
    """Take back that one has asked for it."""
    require(person, HOLDS.proposes)
    await withdraw(HOLDS, person, await _asked(code, number), said)
