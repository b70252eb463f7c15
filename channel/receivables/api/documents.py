"""Documents over the API: posted, reversed, listed, and told with all that happened to them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Self

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from channel import web
from channel.access.rules import Person
from channel.lists import Page, Wanted
from channel.receivables.acts.documents import LineGiven, PostDocument, PostDocuments, ReverseDocument
from channel.receivables.lists.documents import DOCUMENTS
from channel.receivables.queries.document_lists import DocumentFilter
from channel.receivables.rules.choices import kinds_asked
from channel.receivables.service import documents as service
from channel.receivables.service.documents import Settlement, WholeDocument
from channel.receivables.service.posting import Posted
from channel.receivables.service.reversing import REVERSE
from channel.receivables.service.waiting import do_or_ask
from channel.web.moments import read_moment


class DocumentRow(msgspec.Struct):
    """A document as it stands now; `id` is its number in the ledger.

    `open` is what of it is open, or of what pays on account. `due_on` is the last of its due days. `live` is false
    once it was reversed. Amounts are with tax, in its currency; `tax` is null where it was not told.
    """

    id: int
    dealer: str
    name: str
    kind: str
    number: str
    currency: str
    amount: Decimal
    open: Decimal
    tax: Decimal | None
    effective_on: date
    due_on: date | None
    matures_on: date | None
    value_on: date | None
    references: list[str]
    remark: str | None
    stays_on_account: bool
    live: bool
    recorded_at: datetime
    actor: str


class InstalmentRow(msgspec.Struct):
    """An instalment: its place from 1, when it falls due, how much it is and what of it is open."""

    instalment: int
    due_on: date
    amount: Decimal
    open: Decimal


class SettlementRow(msgspec.Struct):
    """So much of an instalment is settled from a day on; `money_*` is the document that pays.

    `settles`: by payment, or by a discount or a difference, which take nothing from the money. `why`: it was named
    (reference), has the very amount (exact), was due first (oldest) or was chosen (by_hand). In a preview the new
    document has no id, and what it settles no `id`: by that it can be taken back. From `taken_back_on` on it no longer
    holds.
    """

    money_id: int | None
    money_kind: str
    money_number: str
    document_id: int | None
    document_kind: str
    document_number: str
    instalment: int
    amount: Decimal
    effective_on: date
    settles: str
    why: str
    id: int | None = None
    reason: str | None = None
    recorded_at: datetime | None = None
    actor: str | None = None
    taken_back_on: date | None = None
    taken_back_why: str | None = None
    taken_back_at: datetime | None = None
    taken_back_by: str | None = None

    @classmethod
    def of(cls, row: Any) -> Self:  # noqa: ANN401 - a row of the database, or what was planned
        """From what is told of it."""
        return cls(**{name: row[name] for name in cls.__struct_fields__ if name in dict(row)})


class ReversalRow(msgspec.Struct):
    """From which day a document is gone, who reversed it, when and why."""

    effective_on: date
    reason: str
    recorded_at: datetime
    actor: str


class DocumentTold(DocumentRow, kw_only=True):
    """A document with all that happened to it: its instalments, what settled what, and its reversal."""

    discount_rate: Decimal | None
    discount_until: date | None
    payer_account: str | None
    lines: list[LineGiven]
    instalments: list[InstalmentRow]
    settled: list[SettlementRow]
    reversal: ReversalRow | None

    @classmethod
    def of(cls, found: WholeDocument) -> Self:
        """From what is known of it."""
        row = found.row
        own: dict[str, Any] = {
            "lines": [LineGiven(each["product_line"], each["amount"]) for each in found.lines],
            "instalments": [InstalmentRow(**each) for each in found.instalments],
            "settled": [SettlementRow.of(each) for each in found.settled],
            "reversal": None
            if row["reversed_on"] is None
            else ReversalRow(row["reversed_on"], row["reversed_why"], row["reversed_at"], row["reversed_by"]),
        }
        return cls(**own, **{name: row[name] for name in cls.__struct_fields__ if name not in own})


class ReversedTold(msgspec.Struct):
    """The document afterwards, and the number under which its reversal waits for a second person, if it does."""

    document: DocumentTold
    waits: int | None


class PostedRow(msgspec.Struct):
    """A document that was posted, or would be; `open` is what is open of it, or on account, after it settled.

    `id` is its number in the ledger, null in a preview.
    """

    id: int | None
    dealer: str
    kind: str
    number: str
    currency: str
    amount: Decimal
    due_on: date | None
    open: Decimal


class PostedTold(msgspec.Struct):
    """The documents in the order given, and what was allocated with them.

    `closed_months` are those whose figures it changes: then a second person decides. `waits` is the number under which
    it waits for him; nothing is posted yet then, and the rest is what it would come to now.
    """

    documents: list[PostedRow]
    settled: list[SettlementRow]
    closed_months: list[str]
    waits: int | None

    @classmethod
    def of(cls, posted: Posted, settled: list[Settlement]) -> Self:
        """From what came of it."""
        left = service.left_after(posted)
        return cls(
            [
                PostedRow(
                    max(each.document.id, 0) or None,
                    posted.dealers[each.dealer_id],
                    each.document.kind.value,
                    each.document.number,
                    each.document.currency,
                    each.document.amount,
                    each.document.instalments[-1].due_on if each.document.instalments else None,
                    left[each.document.id],
                )
                for each in posted.documents
            ],
            [SettlementRow.of(each) for each in settled],
            list(map(str, posted.closed)),
            posted.waits,
        )


@post("/api/v1/receivables/documents")
async def post_document(person: NamedDependency[Person], data: JSONBody[PostDocument]) -> PostedTold:
    """Post one document; what it pays, and what waited for it, is allocated in the same act.

    Where it changes closed months it is refused, or with `ask` and a reason waits for a second person.
    """
    posted = await service.post_one(person, data)
    return PostedTold.of(posted, await service.settlements(posted))


@post("/api/v1/receivables/documents/batch")
async def post_documents(person: NamedDependency[Person], data: JSONBody[PostDocuments]) -> PostedTold:
    """Post up to 1,000 documents, all of them or none; their order says nothing.

    Where any changes closed months they are refused, or with `ask` and a reason wait for a second person as one.
    """
    posted = await service.post_batch(person, data)
    return PostedTold.of(posted, await service.settlements(posted))


@post("/api/v1/receivables/documents/preview", status_code=200, only_computes=True)
async def preview_document(person: NamedDependency[Person], data: JSONBody[PostDocument]) -> PostedTold:
    """What posting a document now would bring about; nothing is posted."""
    posted = await service.preview_all(person, [data])
    return PostedTold.of(posted, await service.settlements(posted))


@get("/api/v1/receivables/documents", dependencies=web.list_asked(DOCUMENTS))
async def list_documents(
    person: NamedDependency[Person],
    wanted: NamedDependency[Wanted],
    dealer: FromQuery[str | None] = None,
    kind: FromQuery[str | None] = None,
    currency: FromQuery[str | None] = None,
    from_on: Annotated[date | None, QueryParameter(name="from")] = None,
    to_on: Annotated[date | None, QueryParameter(name="to")] = None,
    posted_from: FromQuery[str | None] = None,
    q: FromQuery[str | None] = None,
    *,
    open_only: FromQuery[bool] = False,
) -> Page[DocumentRow]:
    """Documents, the latest day first; `kind` is one, or `owed` or `paying`, and days are included.

    `open_only` leaves those of which something is open or on account, `posted_from` those recorded since a moment. `q`
    is looked for in the number, the text, the dealer's name and whole among the numbers that it names.
    """
    asked = DocumentFilter(
        await service.dealer_asked(dealer), kinds_asked(kind), currency, from_on, to_on,
        await read_moment({"posted_from": posted_from}, "posted_from"), open_only, q,
    )  # fmt: skip
    return (await service.documents(person, asked, wanted)).as_(DocumentRow)


@get("/api/v1/receivables/documents/{code:str}/{document_id:int}")
async def show_document(
    person: NamedDependency[Person], code: FromPath[str], document_id: FromPath[int]
) -> DocumentTold:
    """A document of a dealer's with all that happened to it."""
    return DocumentTold.of(await service.document_of(person, code, document_id))


@post("/api/v1/receivables/documents/{code:str}/{document_id:int}/reverse", status_code=200)
async def reverse(
    person: NamedDependency[Person],
    code: FromPath[str],
    document_id: FromPath[int],
    data: JSONBody[ReverseDocument],
) -> ReversedTold:
    """Take a document back whole, from its own day or a later one, with everything that it settles or is settled by."""
    waits = await do_or_ask(person, REVERSE, code, document_id, data)
    told = DocumentTold.of(await service.document_of(person, code, document_id))
    return ReversedTold(told, waits)


ROUTES = (post_document, post_documents, preview_document, list_documents, show_document, reverse)
