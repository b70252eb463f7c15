"""Putting many dealers on hold by an act of a room above, in its transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from channel import clock
from channel.access import service as access
from channel.access.queries import DealerAct
from channel.access.rules import Person, Right, require
from channel.dealers.queries import facts as queries
from channel.dealers.queries.facts import NewFact
from channel.dealers.rules import Fact, Status
from channel.dealers.service.held import tell_held

_ACT = "change status"


@dataclass(frozen=True, slots=True)
class Held:
    """A dealer who is put on hold: the status until now, and why."""

    dealer_id: int
    code: str
    status: str | None
    reason: str


async def hold_dealers(person: Person, held: Sequence[Held], posting_id: int) -> None:
    """Put dealers on hold from today on.

    Whoever calls holds them (`lock_dealers`) and has looked whether their statuses can change so.
    """
    require(person, Right.CHANGE_DEALER_FACTS)
    today, on_hold = clock.today(), Status.ON_HOLD.value
    facts = [NewFact(each.dealer_id, Fact.STATUS.value, on_hold, today, reason=each.reason) for each in held]
    await queries.record_facts(posting_id, facts)
    await queries.refresh_dealers([each.dealer_id for each in held], today)
    after = {"status": on_hold, "effective_on": today}
    lines = [
        DealerAct(each.dealer_id, f"dealer {each.code}", {"status": each.status}, after, each.reason) for each in held
    ]
    await access.audit_each(person, _ACT, lines, posting_id)
    await tell_held([today], posting_id)
