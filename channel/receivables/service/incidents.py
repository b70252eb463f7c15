"""Credit incidents: told, and written of dealers that were put on hold."""

from datetime import timedelta

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.queries import DealerAct
from channel.access.rules import SERVICE, Person, Right, require
from channel.database.snapshots import known_as, view_of
from channel.dealers.queries.facts import values_on
from channel.dealers.rules import Fact, Status
from channel.dealers.service.held import HELD
from channel.lists import Page, Wanted
from channel.receivables.queries import incidents as queries
from channel.receivables.queries.accounts import lock_accounts
from channel.receivables.queries.incidents import IncidentFilter
from channel.view import View
from channel.work.service import Due, Work

_ACT = "record incidents"
_DAY = timedelta(days=1)


async def incidents_told(
    person: Person, asked: IncidentFilter, wanted: Wanted, view: View | None = None
) -> Page[Record]:
    """Incidents in the person's scope, in a view (today's as known now, if None)."""
    require(person, Right.SEE_RECEIVABLES)
    async with known_as(view or view_of()) as fixed:
        return await queries.incidents_listed(asked, fixed, wanted)


async def _follow_hold(due: Due) -> None:
    """Write an incident of each dealer that a posting put on hold, unless it no longer holds.

    One who was on hold before that day goes on being so, and whose first status it is came to us that way.
    """
    held_by = int(due.key)
    found = await queries.holds_recorded_by(held_by, clock.today())
    await lock_accounts([row["dealer_id"] for row in found])
    pairs = [(row["dealer_id"], row["effective_on"]) for row in found]
    before = [(dealer_id, on - _DAY) for dealer_id, on in pairs]
    status = await values_on(Fact.STATUS, [*pairs, *before])
    begun = [
        row
        for row, now, then in zip(found, pairs, before, strict=True)
        if status.get(now) == Status.ON_HOLD and status.get(then) not in (None, Status.ON_HOLD)
    ]
    if not begun:
        return
    posting_id = await access.open_posting(SERVICE, _ACT)
    await queries.record_incidents_of_holds(begun, held_by, posting_id)
    lines = [
        DealerAct(row["dealer_id"], f"dealer {row['code']}", None, {"effective_on": row["effective_on"]}, None)
        for row in begun
    ]
    await access.audit_each(SERVICE, _ACT, lines, posting_id)


FOLLOWING_HOLDS = Work(HELD, _follow_hold)
