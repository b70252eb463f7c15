"""What stands in the books as of a day, as known at a moment: one sum of movements for balance, ageing and figures.

Whatever is posted moves amounts on three sides: what is open on an item, what of a document's money is on account,
and what of a bill has not matured. A movement has the day from which it holds and the moment it was recorded, and is
never changed: what is taken back is moved back. What stood on a day as known at a moment is the sum of the movements
that `holds_in` lets through, and of nothing else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import msgspec

from channel.errors import FieldError, m
from channel.receivables.rules.documents import EXACT, Document, add_up
from channel.view import View

_ZERO = Decimal(0)


class Side(StrEnum):
    """Where an amount stands: open on an item, on account of what pays, or in a bill that has not matured."""

    OPEN = "open"
    ON_ACCOUNT = "on_account"
    BILL = "bill"


class Settles(StrEnum):
    """By what an item is settled: by the document that pays, by the discount it earns, or by a rest let go."""

    PAYMENT = "payment"
    DISCOUNT = "discount"
    DIFFERENCE = "difference"


class AllocationReason(StrEnum):
    """Why this pays that: the document names it, has its very amount, it was due first, or somebody chose it."""

    REFERENCE = "reference"
    EXACT = "exact"
    OLDEST = "oldest"
    BY_HAND = "by_hand"


class ItemKey(msgspec.Struct, frozen=True, order=True, gc=False):
    """One item: the document that is owed and the place of its instalment, from 1."""

    document_id: int
    instalment: int


class Allocation(msgspec.Struct, frozen=True, gc=False):
    """So much of an item is settled from a day on; `id` is 0 until it is posted.

    A payment takes the amount from the money of the document `money_id`; a discount or a difference takes nothing from
    it, belongs to its payment and is taken back with it. `taken_back_on` is the day from which it no longer holds.
    """

    money_id: int
    item: ItemKey
    amount: Decimal
    effective_on: date
    settles: Settles = Settles.PAYMENT
    why: AllocationReason = AllocationReason.BY_HAND
    id: int = 0
    taken_back_on: date | None = None

    @property
    def holds(self) -> bool:
        """Whether it was not taken back."""
        return self.taken_back_on is None


class TakenBack(msgspec.Struct, frozen=True, gc=False):
    """An allocation ends on a day: on an earlier one than before where it was taken back already."""

    allocation: Allocation
    on: date


class Movement(msgspec.Struct, frozen=True, gc=False):
    """An amount that a side of a document gains, or loses where it is negative, from a day on.

    `instalment` is the place of the item, 0 for what pays.
    """

    side: Side
    document_id: int
    instalment: int
    amount: Decimal
    effective_on: date
    recorded_at: datetime


def holds_in(effective_on: date, recorded_at: datetime, view: View) -> bool:
    """Whether what is so dated and recorded counts as of the day, as known at the moment; both edges belong to it."""
    return effective_on <= view.as_of and recorded_at <= view.known_at


def movements_of_document(document: Document, recorded_at: datetime) -> Iterator[Movement]:
    """Items open from the document's day, or its money on account; a bill beside it until the day it matures."""
    on = document.effective_on
    for place, each in enumerate(document.instalments, 1):
        yield Movement(Side.OPEN, document.id, place, each.amount, on, recorded_at)
    if not document.kind.is_owed:
        yield Movement(Side.ON_ACCOUNT, document.id, 0, document.amount, on, recorded_at)
    if document.matures_on is not None:
        yield Movement(Side.BILL, document.id, 0, document.amount, on, recorded_at)
        yield Movement(Side.BILL, document.id, 0, -document.amount, document.matures_on, recorded_at)


def movements_of_reversal(document: Document, on: date, recorded_at: datetime) -> Iterator[Movement]:
    """The document is gone from a day on; its allocations go by `taken_back_with`.

    A bill that is dishonoured is reversed so, on the day it was: from then on it pays nothing, and before its
    maturity it leaves the exposure as well, where the reopened items take its place.
    """
    for place, each in enumerate(document.instalments, 1):
        yield Movement(Side.OPEN, document.id, place, -each.amount, on, recorded_at)
    if not document.kind.is_owed:
        yield Movement(Side.ON_ACCOUNT, document.id, 0, -document.amount, on, recorded_at)
    if document.matures_on is not None and on < document.matures_on:
        yield Movement(Side.BILL, document.id, 0, -document.amount, on, recorded_at)
        yield Movement(Side.BILL, document.id, 0, document.amount, document.matures_on, recorded_at)


def movements_of_allocation(allocation: Allocation, recorded_at: datetime) -> Iterator[Movement]:
    """Less is open on the item, and less on account where it is paid with money."""
    return _moved(allocation, -allocation.amount, allocation.effective_on, recorded_at)


def movements_of_taking_back(taken: TakenBack, recorded_at: datetime) -> Iterator[Movement]:
    """The item and the money are as before from the day on; an earlier taking back is moved to that day."""
    allocation = taken.allocation
    yield from _moved(allocation, allocation.amount, taken.on, recorded_at)
    if allocation.taken_back_on is not None:
        yield from _moved(allocation, -allocation.amount, allocation.taken_back_on, recorded_at)


def _moved(allocation: Allocation, amount: Decimal, on: date, recorded_at: datetime) -> Iterator[Movement]:
    item = allocation.item
    yield Movement(Side.OPEN, item.document_id, item.instalment, amount, on, recorded_at)
    if allocation.settles is Settles.PAYMENT:
        yield Movement(Side.ON_ACCOUNT, allocation.money_id, 0, amount, on, recorded_at)


def taken_back_with(document_id: int, allocations: Iterable[Allocation], on: date) -> tuple[TakenBack, ...]:
    """The allocations that end because a document is reversed from a day on.

    An allocation never ends before it began. One that was taken back later than that day ends on it now: on the days
    between, there was nothing any more that it could settle.
    """
    ends = (
        (each, max(on, each.effective_on))
        for each in allocations
        if document_id in {each.money_id, each.item.document_id}
    )
    return tuple(TakenBack(each, end) for each, end in ends if each.taken_back_on is None or each.taken_back_on > end)


def refused_reversal(
    document: Document, on: date | None, today: date, reversed_on: date | None
) -> tuple[FieldError, ...]:
    """Why a document cannot be reversed from a day on (its own where none is given); nothing when it can be."""
    if reversed_on is not None:
        return (FieldError("document", m("The document was reversed on %(on)s already.", on=reversed_on)),)
    return _day_refused(on or document.effective_on, document.effective_on, today)


def refused_taking_back(allocation: Allocation, on: date, today: date) -> tuple[FieldError, ...]:
    """Why an allocation cannot be taken back from a day on; nothing when it can be."""
    if allocation.taken_back_on is not None:
        taken = m("The allocation was taken back on %(on)s already.", on=allocation.taken_back_on)
        return (FieldError("allocation", taken),)
    return _day_refused(on, allocation.effective_on, today)


def _day_refused(on: date, from_on: date, today: date) -> tuple[FieldError, ...]:
    if from_on <= on <= today:
        return ()
    span = m("From %(from_on)s to %(to_on)s", from_on=from_on, to_on=today)
    return (FieldError("effective_on", m("It takes effect neither before what it takes back nor after today."), span),)


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in one dealer's books of one currency; what is nothing is left out.

    `items` is what is open by item, `on_account` what of each paying document is not allocated, `bills` the amounts
    of bills that have not matured.
    """

    items: Mapping[ItemKey, Decimal]
    on_account: Mapping[int, Decimal]
    bills: Mapping[int, Decimal]

    @property
    def open(self) -> Decimal:
        """The sum of the open items."""
        return add_up(tuple(self.items.values()))

    @property
    def unapplied(self) -> Decimal:
        """The sum of the money on account."""
        return add_up(tuple(self.on_account.values()))

    @property
    def in_bills(self) -> Decimal:
        """The sum of the bills that have not matured."""
        return add_up(tuple(self.bills.values()))

    @property
    def balance(self) -> Decimal:
        """Open items - money on account; below 0 when we owe the dealer."""
        return EXACT.subtract(self.open, self.unapplied)

    @property
    def exposure(self) -> Decimal:
        """What can be lost: the balance and the bills that have not matured."""
        return EXACT.add(self.balance, self.in_bills)


def compute_standing(movements: Iterable[Movement], view: View) -> Standing:
    """What the movements of one dealer and currency come to as of the view's day, as known at its moment."""
    sums: dict[Side, dict[ItemKey, Decimal]] = {side: {} for side in Side}
    for each in movements:
        if holds_in(each.effective_on, each.recorded_at, view):
            side, key = sums[each.side], ItemKey(each.document_id, each.instalment)
            side[key] = EXACT.add(side.get(key, _ZERO), each.amount)
    return Standing(
        {key: amount for key, amount in sums[Side.OPEN].items() if amount},
        {key.document_id: amount for key, amount in sums[Side.ON_ACCOUNT].items() if amount},
        {key.document_id: amount for key, amount in sums[Side.BILL].items() if amount},
    )


def refused_by_hand(
    allocation: Allocation, money: Document, item: Document, left: Sequence[Decimal], free_on: date, today: date
) -> tuple[FieldError, ...]:
    """Why a person's choice cannot be posted; nothing when it can be.

    `left` is what is open on the item and what of the money is on account; `free_on` the first day from which both
    are there for good: the later of the documents' days and of the days on which either was last taken back.
    """
    open_amount, on_account = left
    if money.kind.is_owed or not item.kind.is_owed:
        return (FieldError("item", m("A document that pays settles one that is owed.")),)
    if money.currency != item.currency:
        return (other_currency(money, item),)
    errors: list[FieldError] = []
    most = min(open_amount, on_account) if allocation.settles is Settles.PAYMENT else open_amount
    if not allocation.amount.is_finite() or not 0 < allocation.amount <= most:
        span = m("Above 0 and at most %(most)s", most=most)
        errors.append(FieldError("amount", m("So much is neither open nor on account."), span))
    if not free_on <= allocation.effective_on <= today:
        span = m("From %(from_on)s to %(to_on)s", from_on=free_on, to_on=today)
        errors.append(FieldError("effective_on", m("An allocation takes effect when both documents are there."), span))
    return tuple(errors)


def other_currency(money: Document, item: Document) -> FieldError:
    """The refusal of money that should pay what is owed in another currency."""
    reason = m(
        "%(document)s is in %(currency)s and cannot be paid in %(paid)s.",
        document=item.number,
        currency=item.currency,
        paid=money.currency,
    )
    return FieldError("currency", reason, m("A receipt in %(currency)s", currency=item.currency))
