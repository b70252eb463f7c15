"""Telling who is responsible for dealers: whoever looks after them on the day, or who may in his place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from channel import clock
from channel.access.rules import Right
from channel.database import db
from channel.tasks.queries.outbox import NewMessage, placed_dealers
from channel.tasks.queries.roster import lineages, roster_on
from channel.tasks.rules.receiver import Roster, compute_receiver
from channel.tasks.service.messages import MessageKind, tell


@dataclass(frozen=True, slots=True)
class Matter:
    """Something about a dealer of which whoever is responsible for him is to be told.

    `about` tells it from what else of its kind there is of this dealer; `told` holds the ids that lead to it.
    """

    dealer_id: int
    about: str
    told: Mapping[str, Any] = field(default_factory=dict)


async def tell_responsible(kind: MessageKind, matters: Sequence[Matter], posting_id: int) -> None:
    """Tell who is responsible for these dealers what the act under way does, but for whoever does it.

    Who it is, is decided by what everybody may see, whoever is at work; where nobody is responsible, nobody is told.
    """
    dealer_ids = sorted({each.dealer_id for each in matters})
    if not dealer_ids:
        return
    seen = await placed_dealers(dealer_ids)
    if len(seen) < len(dealer_ids):
        # The act itself may have taken a dealer out of sight of whoever does it.
        async with db.system_scope():
            seen = await placed_dealers(dealer_ids)
    placed = [row for row in seen if row["responsible_id"] is not None]
    if not placed:
        return
    async with db.system_scope():
        roster = await roster_on(clock.today())
        above = await lineages(sorted({row["territory_id"] for row in placed}))
    # Many dealers have the same person in the same place.
    places = {(row["responsible_id"], row["territory_id"]) for row in placed}
    told = {each: receiver(roster, each[0], kind.sees, above.get(each[1], frozenset())) for each in places}
    found = {row["id"]: told[row["responsible_id"], row["territory_id"]] for row in placed}
    new = [
        NewMessage(person_id, each.about, each.told, each.dealer_id)
        for each in matters
        if (person_id := found.get(each.dealer_id)) is not None
    ]
    await tell(kind, new, posting_id)


def receiver(roster: Roster, member_id: int | None, sees: Right, lineage: frozenset[int] | None) -> int | None:
    """The person who is told in a member's place on the day: he, his stand-in, or the next above who may see it."""
    member = next((code for code, each in roster.ids.items() if each == member_id), None)
    code = compute_receiver(member, roster, lambda each: roster.may(each, (sees,), lineage))
    return None if code is None else roster.people[code].person_id
