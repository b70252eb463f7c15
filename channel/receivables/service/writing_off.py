"""Writing off: a document of its own that settles chosen items, alone up to an amount that cannot be split."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial

from asyncpg import Record
from msgspec.structs import replace

from channel import clock
from channel.access.rules import Right
from channel.errors import FieldError, Invalid, Message, m
from channel.money import digits_of
from channel.receivables.acts.allocating import WriteOff
from channel.receivables.queries import documents as queries
from channel.receivables.queries import write_offs, writing
from channel.receivables.queries.documents import document_of
from channel.receivables.queries.incidents import record_incident_of_document
from channel.receivables.queries.writing import NewDocument
from channel.receivables.rules.documents import Document, DocumentKind, check_document
from channel.receivables.rules.incidents import IncidentKind
from channel.receivables.rules.movements import (
    Allocation,
    ItemKey,
    movements_of_document,
    refused_by_hand,
)
from channel.receivables.service.allocating import items_by_key, record_made, replace_field, unknown_items
from channel.receivables.service.ledger_acts import LedgerAct, Prepared
from channel.receivables.service.settings import rules_today

COUNTED = timedelta(days=30)
"""What one person wrote off of a dealer and currency in so many days counts with what he writes off now."""
_NOT_SO = m("It cannot be written off so.")
_NUMBERED = "W{}"
_ZERO = Decimal(0)


async def _prepare(login: str, dealer_id: int, _target: int, act: WriteOff) -> Prepared[WriteOff]:
    """Writing off what is chosen, from the day given.

    One person alone writes off up to the `alone_amount` of the ledger's rules: all that he wrote off of this dealer and
    currency in the last 30 days counts with it, also what a second person approved, unless it was reversed since. So no
    amount is split into parts that would each go alone.
    """
    rows = await queries.documents(dealer_id, {each.document_id for each in act.chosen})
    if errors := unknown_items(act.chosen, rows):
        raise Invalid(_NOT_SO, tuple(errors))
    kept = replace(act, effective_on=act.effective_on or clock.today())
    document = _document(kept, rows)
    made = await _made(dealer_id, kept, document, rows)
    return Prepared(
        kept,
        f"account in {document.currency}",
        (document.effective_on,),
        partial(_carry_out, dealer_id, document, made, act.reason),
        after={"amount": document.amount, "currency": document.currency, "effective_on": document.effective_on},
        second=await _second(login, dealer_id, document),
    )


def _document(act: WriteOff, rows: Mapping[int, Record]) -> Document:
    """The write-off, without a number yet; `Invalid` where no document can be so."""
    currencies = {rows[each.document_id]["currency"] for each in act.chosen}
    if len(currencies) > 1 or act.effective_on is None:
        raise Invalid(_NOT_SO, (FieldError("items", m("One write-off is in one currency.")),))
    (currency,) = currencies
    total = sum((each.amount for each in act.chosen), _ZERO)
    document = Document(DocumentKind.WRITE_OFF, "W", currency, total, act.effective_on)
    if errors := check_document(document, clock.today(), digits_of(currency)):
        raise Invalid(_NOT_SO, tuple(dict.fromkeys(map(replace_field, errors))))
    return document


async def _made(
    dealer_id: int, act: WriteOff, document: Document, rows: Mapping[int, Record]
) -> tuple[Allocation, ...]:
    items = await items_by_key(dealer_id)
    made, errors = [], list[FieldError]()
    for each in act.chosen:
        key, owed = ItemKey(each.document_id, each.instalment), document_of(rows[each.document_id])
        item = items.get(key)
        allocation = Allocation(document.id, key, each.amount, document.effective_on)
        free_on = owed.effective_on if item is None or item.free_on is None else max(owed.effective_on, item.free_on)
        left = (item.open if item else _ZERO, document.amount)
        errors += refused_by_hand(allocation, document, owed, left, free_on, clock.today())
        made.append(allocation)
    if errors:
        raise Invalid(_NOT_SO, tuple(dict.fromkeys(map(replace_field, errors))))
    return tuple(made)


async def _second(login: str, dealer_id: int, document: Document) -> Message | None:
    """Why a second person decides; None where one may do it alone."""
    alone = (await rules_today()).of(document.currency).alone_amount
    since = clock.now() - COUNTED
    total = document.amount + await write_offs.written_off_by(login, dealer_id, document.currency, since)
    if total <= alone:
        return None
    return m(
        "%(total)s %(currency)s written off by one person in 30 days is above the %(alone)s that one person may.",
        total=total,
        currency=document.currency,
        alone=alone,
    )


async def _carry_out(
    dealer_id: int, document: Document, made: Sequence[Allocation], reason: str, posting_id: int
) -> None:
    (number,) = await writing.reserve_ids(1)
    written = replace(document, id=number, number=_NUMBERED.format(number))
    await writing.record_documents([NewDocument(dealer_id, written, reason)], posting_id)
    moved = [(dealer_id, each) for each in movements_of_document(written, clock.now())]
    await writing.move(moved, posting_id)
    await record_incident_of_document(dealer_id, IncidentKind.WRITE_OFF, number, written.effective_on, posting_id)
    await record_made(dealer_id, [replace(each, money_id=number) for each in made], reason, posting_id)


WRITE_OFF = LedgerAct(
    "write off",
    Right.WRITE_OFF,
    WriteOff,
    _prepare,
    lambda _, act: f"write off {act.chosen[0].document_id}/{act.chosen[0].instalment}",
)
