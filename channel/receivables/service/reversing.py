"""Taking back: a document whole, with everything that it settles or that settles it, or an allocation alone."""

from datetime import date

from channel import clock
from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.database import db
from channel.dealers.service.facts import dealer_by_code
from channel.errors import Conflict, Invalid, NotFound, m
from channel.receivables.acts.documents import ReverseDocument
from channel.receivables.queries import documents as queries
from channel.receivables.queries import writing
from channel.receivables.queries.accounts import lock_accounts
from channel.receivables.queries.documents import document_of
from channel.receivables.queries.writing import Reversal
from channel.receivables.rules.documents import Document
from channel.receivables.rules.movements import (
    TakenBack,
    movements_of_reversal,
    movements_of_taking_back,
    refused_reversal,
    taken_back_with,
)
from channel.receivables.service.posting import subject_of

REVERSE = "reverse document"


async def document_to_change(dealer_id: int, document_id: int) -> tuple[Document, date | None]:
    """A document of a dealer under the lock of his account, and the day from which it is reversed, if it is."""
    await lock_accounts([dealer_id])
    row = (await queries.documents(dealer_id, [document_id])).get(document_id)
    if row is None:
        raise NotFound(m("There is no such document."))
    return document_of(row), row["reversed_on"]


async def reverse_document(person: Person, code: str, document_id: int, act: ReverseDocument) -> tuple[TakenBack, ...]:
    """Reverse a document from its own day or a later one; the allocations that end with it.

    `Conflict` where it is reversed already.
    """
    require(person, Right.POST_DOCUMENTS)
    async with db.transaction():
        dealer = await dealer_by_code(code)
        document, reversed_on = await document_to_change(dealer["id"], document_id)
        if reversed_on is not None:
            raise Conflict(m("The document was reversed on %(on)s already.", on=reversed_on))
        refused = refused_reversal(document, act.effective_on, clock.today(), reversed_on)
        if refused:
            raise Invalid(m("The document cannot be reversed so."), refused)
        on = act.effective_on or document.effective_on
        posting_id = await access.open_posting(person, REVERSE)
        taken = await _reverse(dealer["id"], document, on, act.reason, posting_id)
        await access.audit(
            person,
            REVERSE,
            subject_of(document),
            dealer_ids=[dealer["id"]],
            before={"amount": document.amount, "currency": document.currency},
            after={"effective_on": on, "allocations": len(taken)},
            reason=act.reason,
            posting_id=posting_id,
        )
    return taken


async def _reverse(dealer_id: int, document: Document, on: date, reason: str, posting_id: int) -> tuple[TakenBack, ...]:
    allocations = await queries.allocations_between(dealer_id, [document.id])
    taken = taken_back_with(document.id, allocations, on)
    await writing.record_reversals([Reversal(dealer_id, document.id, on)], reason, posting_id)
    await writing.record_ends([(dealer_id, each) for each in taken], reason, posting_id)
    now = clock.now()
    moved = [*movements_of_reversal(document, on, now)]
    moved += [each for one in taken for each in movements_of_taking_back(one, now)]
    await writing.move([(dealer_id, each) for each in moved], posting_id)
    return taken
