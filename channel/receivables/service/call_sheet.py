"""Everything that is needed to call one dealer, as of today: what he owes, what he promised and what was said."""

from collections.abc import Sequence
from dataclasses import dataclass

from asyncpg import Record

from channel import clock
from channel.access.rules import Person, Right, require
from channel.database.snapshots import view_of
from channel.dealers.queries.dealers import dealer_card
from channel.errors import NotFound, m
from channel.lists import ALL, Wanted
from channel.receivables.queries.calls import claim_of
from channel.receivables.queries.contact_log import ContactFilter, people_at
from channel.receivables.queries.dealer_account import open_of_dealer
from channel.receivables.queries.disputes import DisputeFilter
from channel.receivables.rules.disputes import DisputeState
from channel.receivables.service.calls import CallRow, CallsAsked, calls_told, row_of
from channel.receivables.service.contact_log import contact_log
from channel.receivables.service.disputes import disputes
from channel.receivables.service.promises import Told, open_promises

LAST_CONTACTS = 5


@dataclass(frozen=True, slots=True)
class CallSheet:
    """One dealer as he stands in the call list (`rows`, of each currency), and what is said with him.

    `place` is where he stands among the `length` dealers who are to be called, from 1; None where he is not to be.
    `claim` is who is calling him; `items` are open items, what fell due first first; `people` are his contacts.
    """

    dealer: Record
    rows: Sequence[CallRow]
    place: int | None
    length: int
    claim: Record | None
    mine: bool
    items: Sequence[Record]
    promises: Sequence[Told]
    disputes: Sequence[Record]
    contacts: Sequence[Record]
    people: Sequence[Record]


async def call_sheet(person: Person, code: str, asked: CallsAsked) -> CallSheet:
    """All of it; `NotFound` where there is no such dealer in scope."""
    require(person, Right.SEE_RECEIVABLES)
    dealer = await dealer_card(code)
    if dealer is None:
        raise NotFound(m("The dealer %(code)s is not known.", code=code))
    found, view = await calls_told(person, asked), view_of()
    codes = list(dict.fromkeys(call.owing.code for call in found.calls if call.left_out is None))
    claim = await claim_of(dealer["id"], clock.now())
    return CallSheet(
        dealer,
        [row_of(call) for call in found.calls if call.owing.code == dealer["code"]],
        codes.index(dealer["code"]) + 1 if dealer["code"] in codes else None,
        len(codes),
        claim,
        claim is not None and claim["owner"] == person.owner,
        [row for row in await open_of_dealer(dealer["id"], view, clock.today()) if row["instalment"]],
        await open_promises(person, dealer["id"], view),
        (await disputes(person, DisputeFilter(DisputeState.OPEN, dealer_id=dealer["id"]), ALL)).items,
        (await contact_log(person, ContactFilter(dealer["id"]), Wanted(limit=LAST_CONTACTS))).items,
        await people_at(dealer["id"]),
    )
