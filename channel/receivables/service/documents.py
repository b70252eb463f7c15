"""Documents given by people and programs, and all that happened to one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from asyncpg import Record

from channel.access.rules import Person, Right, require
from channel.acts import Act
from channel.dealers.service.facts import dealer_by_code
from channel.errors import FieldError, Invalid, NotFound, m
from channel.lists import Page, Wanted
from channel.receivables.acts.allocating import AllocateByHand
from channel.receivables.acts.documents import PostDocument, PostDocuments, WholeDocumentGiven
from channel.receivables.queries import document_lists as queries
from channel.receivables.queries import documents as allocations
from channel.receivables.queries.document_lists import DocumentFilter
from channel.receivables.rules.movements import Allocation, Settles
from channel.receivables.service.allocating import TAKE_BACK
from channel.receivables.service.months import changes_closed
from channel.receivables.service.posting import Posted, post_documents, preview_documents
from channel.receivables.service.posting_later import POST_LATER, given_by, kept_of, prepared_of
from channel.receivables.service.reversing import REVERSE
from channel.receivables.service.waiting import Looked, put_before, second_needed

Settlement = dict[str, Any]
"""What settles what, as it is told: the kinds and numbers of both documents beside the allocation's own fields."""


async def post_all(
    person: Person,
    acts: Sequence[WholeDocumentGiven],
    *,
    ask: bool = False,
    reason: str | None = None,
    mark: str | None = None,
) -> Posted:
    """Post documents as they are given, all or none.

    What changes closed months is refused with what it needs, or, where it `ask`s, waits for a second person as one.
    """
    require(person, Right.POST_DOCUMENTS)

    async def wait(posted: Posted) -> int:
        why = (changes_closed(posted.closed),)
        if not ask:
            raise second_needed(why)
        prepared = prepared_of(posted, kept_of(posted, acts, reason or ""))
        return await put_before(person, POST_LATER, posted.documents[0].dealer_id, 0, Looked(prepared, why))

    return await post_documents(person, await given_by(acts), reason, mark=mark, wait=wait)


async def post_one(person: Person, act: PostDocument) -> Posted:
    """Post one document, or let it wait."""
    return await post_all(person, [act], ask=act.ask, reason=act.reason)


async def post_batch(person: Person, act: PostDocuments) -> Posted:
    """Post many, all or none; what is wrong is named by the place of its document in the act."""
    try:
        return await post_all(person, act.documents, ask=act.ask, reason=act.reason)
    except Invalid as refused:
        within = "documents.0." if len(act.documents) == 1 else "documents."
        errors = [FieldError(f"{within}{each.field}", each.reason, each.expected) for each in refused.errors]
        raise Invalid(refused.title, tuple(errors)) from None


async def preview_all(person: Person, acts: Sequence[WholeDocumentGiven]) -> Posted:
    """What posting them now would bring about."""
    require(person, Right.POST_DOCUMENTS)
    return await preview_documents(person, await given_by(acts))


async def settlements(posted: Posted) -> list[Settlement]:
    """What the posted documents settle and what settles them, in order.

    Of a preview the new documents have no number in the ledger yet: it is None.
    """
    made = [(each.whose[0], each.whose[1], one) for each in posted.planned for one in each.allocations]
    names: dict[int, Any] = {
        each.document.id: {
            "id": max(each.document.id, 0) or None,
            "kind": each.document.kind.value,
            "number": each.document.number,
        }
        for each in posted.documents
    }
    other = {number for _, _, one in made for number in (one.money_id, one.item.document_id)} - names.keys()
    if other:
        names |= await queries.numbers_of(sorted(other))
    return [
        {"dealer": posted.dealers[dealer_id], "currency": currency, **_told(one, names)}
        for dealer_id, currency, one in made
    ]


def _told(one: Allocation, names: Mapping[int, Mapping[str, Any]]) -> Settlement:
    money, item = names[one.money_id], names[one.item.document_id]
    return {
        "money_id": money["id"],
        "money_kind": money["kind"],
        "money_number": money["number"],
        "document_id": item["id"],
        "document_kind": item["kind"],
        "document_number": item["number"],
        "instalment": one.item.instalment,
        "amount": one.amount,
        "effective_on": one.effective_on,
        "settles": one.settles.value,
        "why": one.why.value,
    }


def left_after(posted: Posted) -> dict[int, Decimal]:
    """What of each posted document is open, or on account, after all that was allocated with it; by its number."""
    left = {each.document.id: each.document.amount for each in posted.documents}
    for one in (one for each in posted.planned for one in each.allocations):
        if one.item.document_id in left:
            left[one.item.document_id] -= one.amount
        if one.money_id in left and one.settles is Settles.PAYMENT:
            left[one.money_id] -= one.amount
    return left


@dataclass(frozen=True, slots=True)
class WholeDocument:
    """A document with all that happened to it: what settles what, and its reversal if there was one."""

    row: Record
    settled: Sequence[Record]

    @property
    def instalments(self) -> list[dict[str, Any]]:
        """Its instalments with what of each is open, in the order of their due days."""
        left = dict(self.row["left_over"] or ())
        return [
            {"instalment": place, "due_on": due_on, "amount": amount, "open": left.get(place, Decimal(0))}
            for place, (due_on, amount) in enumerate(self.row["instalments"] or (), 1)
        ]

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What of it belongs to which product line."""
        return [
            {"product_line": code, "name": name, "amount": amount} for code, name, amount in self.row["lines"] or ()
        ]


async def document_of(person: Person, code: str, document_id: int) -> WholeDocument:
    """A document of a dealer's, with all that happened to it, as it stands now."""
    require(person, Right.SEE_RECEIVABLES)
    dealer = await dealer_by_code(code)
    row = await queries.document_whole(dealer["id"], document_id)
    if row is None:
        raise NotFound(m("There is no such document."))
    return WholeDocument(row, await queries.settled_with(dealer["id"], [document_id]))


async def named_by(row: Record, body: Act) -> list[tuple[Record, Decimal | None]]:
    """The documents that an act which waits is about, each with the amount that it says of it."""
    said: list[tuple[int, Decimal | None]] = [(each.document_id, each.amount) for each in getattr(body, "chosen", ())]
    if isinstance(body, AllocateByHand):
        said.insert(0, (body.money, None))
    if row["act"] == REVERSE.code:
        said.append((row["target"], None))
    if row["act"] == TAKE_BACK.code:
        allocation = await allocations.allocation(row["dealer_id"], row["target"])
        said += [(allocation.money_id, None), (allocation.item.document_id, allocation.amount)] if allocation else []
    known = await queries.numbers_of([number for number, _ in said])
    return [(known[number], amount) for number, amount in said if number in known]


async def allocation_told(person: Person, code: str, allocation_id: int) -> tuple[Record, Record]:
    """The dealer, and what an allocation settles with what, as the page of a document tells it."""
    require(person, Right.SEE_RECEIVABLES)
    dealer = await dealer_by_code(code)
    allocation = await allocations.allocation(dealer["id"], allocation_id)
    if allocation is None:
        raise NotFound(m("There is no such allocation."))
    every = await queries.settled_with(dealer["id"], [allocation.money_id])
    return dealer, next(row for row in every if row["id"] == allocation_id)


async def documents(person: Person, asked: DocumentFilter, wanted: Wanted) -> Page[Record]:
    """Documents in scope, the latest day first."""
    require(person, Right.SEE_RECEIVABLES)
    return await queries.documents_listed(asked, wanted)


async def dealer_asked(code: str | None) -> int | None:
    """The dealer that a filter names; `NotFound` where there is none such in scope."""
    return None if not code else (await dealer_by_code(code))["id"]
