"""What pays what by somebody's choice: money on account let settle items, and an allocation taken back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial

from asyncpg import Record
from msgspec.structs import replace

from channel import clock
from channel.access.rules import Right
from channel.errors import Conflict, FieldError, Invalid, NotFound, m
from channel.receivables.acts.allocating import AllocateByHand, Chosen, TakeBackAllocation
from channel.receivables.queries import books, writing
from channel.receivables.queries import documents as queries
from channel.receivables.queries.documents import document_of
from channel.receivables.rules.allocation import Item
from channel.receivables.rules.documents import Document, DocumentKind
from channel.receivables.rules.movements import (
    Allocation,
    ItemKey,
    Settles,
    TakenBack,
    movements_of_allocation,
    movements_of_taking_back,
    refused_by_hand,
    refused_taking_back,
)
from channel.receivables.service.ledger_acts import LedgerAct, Prepared
from channel.receivables.service.posting import subject_of

_ZERO = Decimal(0)


async def items_by_key(dealer_id: int) -> dict[ItemKey, Item]:
    """Everything that is open of a dealer, in whatever currency."""
    found = await books.open_items([dealer_id])
    return {item.key: item for items in found.values() for item in items}


def unknown_items(chosen: Iterable[Chosen], rows: Mapping[int, Record]) -> list[FieldError]:
    """Every chosen document that the dealer has not, or that is reversed."""
    return [
        FieldError("items", m("The dealer has no document %(id)s that is not reversed.", id=str(each.document_id)))
        for each in chosen
        if each.document_id not in rows or not rows[each.document_id]["live"]
    ]


async def _prepare_by_hand(_login: str, dealer_id: int, _target: int, act: AllocateByHand) -> Prepared[AllocateByHand]:
    rows = await queries.documents(dealer_id, {act.money, *(each.document_id for each in act.chosen)})
    if act.money not in rows or not rows[act.money]["live"]:
        raise NotFound(m("There is no such document."))
    if errors := unknown_items(act.chosen, rows):
        raise Invalid(_NOT_SO, tuple(errors))
    money = document_of(rows[act.money])
    made = await _made(dealer_id, act, money, {key: document_of(row) for key, row in rows.items()})
    return Prepared(
        act,
        subject_of(money),
        tuple(each.effective_on for each in made),
        partial(record_made, dealer_id, made, act.reason),
        after={"amount": sum((each.amount for each in made), _ZERO), "currency": money.currency, "items": len(made)},
    )


async def _made(
    dealer_id: int, act: AllocateByHand, money: Document, documents: Mapping[int, Document]
) -> tuple[Allocation, ...]:
    """The allocations that were chosen; `Invalid` names what is wrong with any."""
    items = await items_by_key(dealer_id)
    on_account = (await books.money_on_account([dealer_id])).get((dealer_id, money.currency), ())
    paying = next((each for each in on_account if each.document_id == money.id), None)
    left, today = paying.left if paying else _ZERO, clock.today()
    made, errors = [], list[FieldError]()
    for each in act.chosen:
        key, document = ItemKey(each.document_id, each.instalment), documents[each.document_id]
        item = items.get(key)
        freed = (None if stands is None else stands.free_on for stands in (paying, item))
        free_on = max(money.effective_on, document.effective_on, *(day for day in freed if day is not None))
        allocation = Allocation(money.id, key, each.amount, act.effective_on or free_on)
        amounts = (item.open if item else _ZERO, left)
        errors += refused_by_hand(allocation, money, document, amounts, free_on, today)
        left -= each.amount if each.amount.is_finite() else _ZERO
        made.append(allocation)
    if errors:
        named = (replace_field(each) for each in errors)
        raise Invalid(_NOT_SO, tuple(dict.fromkeys(named)))
    return tuple(made)


def replace_field(error: FieldError) -> FieldError:
    """The same as the act's body names it: what is wrong with an item or its amount stands in `items`."""
    return error if error.field == "effective_on" else FieldError("items", error.reason, error.expected)


_NOT_SO = m("It cannot be allocated so.")


async def record_made(dealer_id: int, made: Sequence[Allocation], reason: str, posting_id: int) -> None:
    """Write allocations of a dealer and what they move."""
    await writing.record_allocations([(dealer_id, each) for each in made], reason, posting_id)
    now = clock.now()
    moved = [(dealer_id, each) for one in made for each in movements_of_allocation(one, now)]
    await writing.move(moved, posting_id)


async def _prepare_taking_back(
    _login: str, dealer_id: int, allocation_id: int, act: TakeBackAllocation
) -> Prepared[TakeBackAllocation]:
    allocation = await queries.allocation(dealer_id, allocation_id)
    if allocation is None:
        raise NotFound(m("There is no such allocation."))
    on = act.effective_on or clock.today()
    if refused := refused_taking_back(allocation, on, clock.today()):
        raise Invalid(m("It cannot be taken back so."), refused)
    rows = await queries.documents(dealer_id, [allocation.money_id])
    money = document_of(rows[allocation.money_id])
    if money.kind is DocumentKind.WRITE_OFF:
        raise Conflict(m("What was written off is owed again when the write-off is reversed."))
    taken = await _with_what_belongs(dealer_id, allocation, on)
    return Prepared(
        replace(act, effective_on=on),
        subject_of(money),
        tuple(each.on for each in taken),
        partial(_take_back, dealer_id, taken, act.reason),
        {"amount": allocation.amount, "currency": money.currency, "effective_on": allocation.effective_on},
        {"effective_on": on, "allocations": len(taken)},
    )


async def _with_what_belongs(dealer_id: int, allocation: Allocation, on: date) -> tuple[TakenBack, ...]:
    """A payment with the discount and the difference that it earned; of these neither goes alone."""
    if allocation.settles is not Settles.PAYMENT:
        raise Conflict(m("A discount or a difference is taken back with the payment that it belongs to."))
    every = await queries.allocations_between(dealer_id, [allocation.money_id])
    belonging = [
        each
        for each in every
        if each.holds
        and (each.money_id, each.item) == (allocation.money_id, allocation.item)
        and each.settles is not Settles.PAYMENT
    ]
    return tuple(TakenBack(each, max(on, each.effective_on)) for each in (allocation, *belonging))


async def _take_back(dealer_id: int, taken: Sequence[TakenBack], reason: str, posting_id: int) -> None:
    await writing.record_ends([(dealer_id, each) for each in taken], reason, posting_id)
    now = clock.now()
    moved = [(dealer_id, each) for one in taken for each in movements_of_taking_back(one, now)]
    await writing.move(moved, posting_id)


ALLOCATE = LedgerAct(
    "allocate by hand",
    Right.ALLOCATE_MONEY,
    AllocateByHand,
    _prepare_by_hand,
    lambda _, act: f"allocate {act.money}",
)
TAKE_BACK = LedgerAct(
    "take back allocation",
    Right.ALLOCATE_MONEY,
    TakeBackAllocation,
    _prepare_taking_back,
    lambda allocation_id, _: f"take back {allocation_id}",
)
