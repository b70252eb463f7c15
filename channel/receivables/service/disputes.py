"""Disputes: opened about a document, handed on, ended, and told with their history."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.rules import RIGHTS, Person, Right, Role, require
from channel.database import db
from channel.dealers.service.facts import dealer_by_code
from channel.errors import Conflict, Invalid, NotFound, invalid, m
from channel.lists import Page, Wanted
from channel.receivables.acts.disputes import EndDispute, HandOnDispute, OpenDispute
from channel.receivables.queries import disputes as queries
from channel.receivables.queries import documents
from channel.receivables.queries.accounts import lock_accounts
from channel.receivables.queries.disputes import DisputeFilter, NewDispute
from channel.receivables.queries.documents import document_of
from channel.receivables.rules.disputes import DisputeState, refused_dispute, refused_end
from channel.receivables.rules.documents import Document, DocumentKind
from channel.receivables.service.telling import Happened, tell_disputes, tell_owner

_OPEN, _HAND_ON, _END = "open dispute", "hand on dispute", "end dispute"


@dataclass(frozen=True, slots=True)
class WholeDispute:
    """A dispute as it stands, who answered for it in order, and who recorded its end, if it has one."""

    row: Record
    owners: Sequence[Record]
    end: Record | None


async def disputes(person: Person, asked: DisputeFilter, wanted: Wanted) -> Page[Record]:
    """Disputes in scope, those first that are to be answered first."""
    require(person, Right.SEE_RECEIVABLES)
    return await queries.disputes_listed(asked, clock.today(), wanted)


async def disputes_of_dealer(person: Person, code: str, asked: DisputeFilter, wanted: Wanted) -> Page[Record]:
    """The same of one dealer; `NotFound` where there is none such in scope."""
    require(person, Right.SEE_RECEIVABLES)
    dealer = await dealer_by_code(code)
    return await disputes(person, replace(asked, dealer_id=dealer["id"]), wanted)


async def late_disputes(count: int) -> Sequence[Record]:
    """The first so many open disputes in scope of which the owner's day has passed."""
    asked = DisputeFilter(DisputeState.OPEN, late=True)
    return (await queries.disputes_listed(asked, clock.today(), Wanted(limit=count))).items


async def disputes_to_answer(count: int) -> Sequence[Record]:
    """Those for which whoever looks at his desk answers, where his day has come or passed; a machine has none."""
    kind, _, number = db.scope().owner.partition(" ")
    return await queries.disputes_to_answer(int(number), clock.today(), count) if kind == "person" else ()


async def dispute_of(person: Person, dispute_id: int) -> WholeDispute:
    """One dispute with its history."""
    require(person, Right.SEE_RECEIVABLES)
    row = await _existing(dispute_id)
    return WholeDispute(
        row, await queries.owners_of(row["dealer_id"], dispute_id), await queries.end_of(row["dealer_id"], dispute_id)
    )


async def _existing(dispute_id: int) -> Record:
    row = await queries.dispute(dispute_id, clock.today())
    if row is None:
        raise NotFound(m("There is no such dispute."))
    return row


async def open_dispute(person: Person, code: str, act: OpenDispute) -> int:
    """Write down that a dealer contests so much of a document; the dispute's number."""
    require(person, Right.KEEP_DISPUTES)
    async with db.transaction():
        dealer = await dealer_by_code(code)
        await lock_accounts([dealer["id"]])
        document, on = await _contested(dealer["id"], act.document), act.effective_on or clock.today()
        free = await queries.free_to_dispute(dealer["id"], document.id, on)
        faults = refused_dispute(document, act.amount, on, act.due_on, free, clock.today())
        if faults:
            raise Invalid(m("The document cannot be disputed so."), faults)
        owner = await _owner(act.owner, dealer["id"])
        posting_id = await access.open_posting(person, _OPEN)
        new = NewDispute(dealer["id"], document.id, act.amount, act.reason_code.value, on, act.remark)
        number = await queries.record_dispute(new, posting_id)
        await queries.record_owner(dealer["id"], number, owner["id"], act.due_on, None, posting_id)
        after = {
            "document": document.number,
            "amount": act.amount,
            "currency": document.currency,
            "disputed_for": act.reason_code.value,
            "owner": owner["login"],
            "due_on": act.due_on,
            "effective_on": on,
        }
        await access.audit(
            person,
            _OPEN,
            f"dispute {number}",
            dealer_ids=[dealer["id"]],
            after=after,
            reason=act.remark,
            posting_id=posting_id,
        )
        await tell_disputes(Happened.OPENED, dealer["id"], [number], posting_id)
        await tell_owner(dealer["id"], number, owner["id"], posting_id)
    return number


async def _contested(dealer_id: int, document_id: int) -> Document:
    row = (await documents.documents(dealer_id, [document_id])).get(document_id)
    if row is None:
        raise invalid("document", m("There is no such document."))
    if row["reversed_on"] is not None:
        raise invalid("document", m("The document was reversed on %(on)s already.", on=row["reversed_on"]))
    return document_of(row)


async def _owner(login: str, dealer_id: int) -> Record:
    """Who is to answer: somebody who signs in and may see what the dealer owes; in one sentence whatever he lacks."""
    found = await queries.owner_named(login, dealer_id)
    sees = found is not None and found["active"] and Role(found["role"]) in RIGHTS[Right.SEE_RECEIVABLES]
    if found is None or not sees or not found["reaches"]:
        raise invalid("owner", m("Nobody of this sign-in name may see what this dealer owes."))
    return found


async def _still_open(dispute_id: int) -> Record:
    """A dispute that has not ended, under the lock of its dealer's account."""
    dealer_id = await queries.dealer_of_dispute(dispute_id)
    if dealer_id is None:
        raise NotFound(m("There is no such dispute."))
    await lock_accounts([dealer_id])
    row = await _existing(dispute_id)
    if row["state"] != DisputeState.OPEN:
        raise Conflict(m("The dispute ended on %(on)s already.", on=row["ended_on"]))
    return row


async def hand_on_dispute(person: Person, dispute_id: int, act: HandOnDispute) -> None:
    """Let another answer for it; who did so before stays in its history."""
    require(person, Right.KEEP_DISPUTES)
    async with db.transaction():
        row = await _still_open(dispute_id)
        due_on: date = act.due_on or row["due_on"]
        if due_on < row["opened_on"]:
            first = m("from %(on)s on", on=row["opened_on"])
            raise invalid("due_on", m("It cannot be answered before it is disputed."), first)
        owner = await _owner(act.owner, row["dealer_id"])
        if (owner["id"], due_on) == (row["owner_id"], row["due_on"]):
            return
        posting_id = await access.open_posting(person, _HAND_ON)
        await queries.record_owner(row["dealer_id"], dispute_id, owner["id"], due_on, act.reason, posting_id)
        await tell_owner(row["dealer_id"], dispute_id, owner["id"], posting_id)
        await access.audit(
            person,
            _HAND_ON,
            f"dispute {dispute_id}",
            dealer_ids=[row["dealer_id"]],
            before={"owner": row["owner"], "due_on": row["due_on"]},
            after={"owner": owner["login"], "due_on": due_on},
            reason=act.reason,
            posting_id=posting_id,
        )


async def end_dispute(person: Person, dispute_id: int, act: EndDispute) -> None:
    """End it from a day on: nothing of the document is disputed by it any more."""
    require(person, Right.END_DISPUTES)
    async with db.transaction():
        row = await _still_open(dispute_id)
        on = act.effective_on or clock.today()
        note = await _credit_note(row, act.credit_note) if act.credit_note is not None else None
        faults = refused_end(row["opened_on"], on, clock.today(), note)
        if faults:
            raise Invalid(m("The dispute cannot end so."), faults)
        posting_id = await access.open_posting(person, _END)
        note_id = None if note is None else note.id
        await queries.record_end(row["dealer_id"], dispute_id, on, act.outcome.value, note_id, act.reason, posting_id)
        await tell_disputes(Happened.ENDED, row["dealer_id"], [dispute_id], posting_id)
        credited = {} if note is None else {"credit_note": note.number, "credited": note.amount}
        after = {"outcome": act.outcome.value, "effective_on": on, **credited, "currency": row["currency"]}
        await access.audit(
            person,
            _END,
            f"dispute {dispute_id}",
            dealer_ids=[row["dealer_id"]],
            before={"amount": row["amount"]},
            after=after,
            reason=act.reason,
            posting_id=posting_id,
        )


async def _credit_note(row: Record, number: str) -> Document:
    """The dealer's credit note of that number, in the currency of what is disputed."""
    found = await documents.document_numbered(row["dealer_id"], DocumentKind.CREDIT_NOTE, number)
    if found is None:
        raise invalid("credit_note", m("The dealer has no credit note of the number %(number)s.", number=str(number)))
    note = document_of((await documents.documents(row["dealer_id"], [found]))[found])
    if note.currency != row["currency"]:
        raise invalid(
            "credit_note", m("The credit note is in %(currency)s.", currency=note.currency), m("in the same currency")
        )
    return note


async def to_dispute(person: Person, code: str, document_id: int | None) -> tuple[Record, Document | None, Decimal]:
    """The dealer, the document that is named, if it is his, and what of it could be disputed from today on."""
    require(person, Right.SEE_RECEIVABLES)
    dealer = await dealer_by_code(code)
    row = (await documents.documents(dealer["id"], [document_id] if document_id else [])).get(document_id or 0)
    if row is None:
        return dealer, None, Decimal(0)
    return dealer, document_of(row), await queries.free_to_dispute(dealer["id"], row["id"], clock.today())
