"""Taking a document back whole, with everything that it settles or that settles it, and the disputes about it."""

from datetime import date
from functools import partial

from msgspec.structs import replace

from channel import clock
from channel.access.rules import Right
from channel.errors import Conflict, Invalid, NotFound, m
from channel.receivables.acts.documents import ReverseDocument
from channel.receivables.queries import disputes, writing
from channel.receivables.queries import documents as queries
from channel.receivables.queries.documents import document_of
from channel.receivables.queries.incidents import record_incident_of_document
from channel.receivables.queries.writing import Reversal
from channel.receivables.rules.documents import Document, DocumentKind
from channel.receivables.rules.incidents import IncidentKind
from channel.receivables.rules.movements import (
    TakenBack,
    movements_of_reversal,
    movements_of_taking_back,
    refused_reversal,
    taken_back_with,
)
from channel.receivables.service.ledger_acts import LedgerAct, Prepared
from channel.receivables.service.posting import subject_of
from channel.receivables.service.telling import Happened, tell_disputes


async def _prepare(_login: str, dealer_id: int, document_id: int, act: ReverseDocument) -> Prepared[ReverseDocument]:
    """Reversing a document from its own day or a later one; `Conflict` where it is reversed already."""
    row = (await queries.documents(dealer_id, [document_id])).get(document_id)
    if row is None:
        raise NotFound(m("There is no such document."))
    document, reversed_on = document_of(row), row["reversed_on"]
    if reversed_on is not None:
        raise Conflict(m("The document was reversed on %(on)s already.", on=reversed_on))
    refused = refused_reversal(document, act.effective_on, clock.today(), reversed_on)
    if refused:
        raise Invalid(m("The document cannot be reversed so."), refused)
    on = act.effective_on or document.effective_on
    taken = taken_back_with(document.id, await queries.allocations_between(dealer_id, [document.id]), on)
    return Prepared(
        replace(act, effective_on=on),
        subject_of(document),
        (on,),
        partial(_reverse, dealer_id, document, on, taken, act.reason),
        {"amount": document.amount, "currency": document.currency},
        {"effective_on": on, "allocations": len(taken)},
    )


async def _reverse(
    dealer_id: int, document: Document, on: date, taken: tuple[TakenBack, ...], reason: str, posting_id: int
) -> None:
    await writing.record_reversals([Reversal(dealer_id, document.id, on)], reason, posting_id)
    ended = await disputes.end_with_document(dealer_id, document.id, on, reason, posting_id)
    await tell_disputes(Happened.ENDED, dealer_id, ended, posting_id)
    if document.kind is DocumentKind.BILL:
        await record_incident_of_document(dealer_id, IncidentKind.DISHONOURED_BILL, document.id, on, posting_id)
    await writing.record_ends([(dealer_id, each) for each in taken], reason, posting_id)
    now = clock.now()
    moved = [*movements_of_reversal(document, on, now)]
    moved += [each for one in taken for each in movements_of_taking_back(one, now)]
    await writing.move([(dealer_id, each) for each in moved], posting_id)


REVERSE = LedgerAct(
    "reverse document", Right.POST_DOCUMENTS, ReverseDocument, _prepare, lambda document_id, _: f"reverse {document_id}"
)
