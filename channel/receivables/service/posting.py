"""Posting documents: checked, allocated and written whole or not at all, under the locks of their dealers' accounts."""

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from datetime import date

import msgspec
from asyncpg import Record
from msgspec.structs import replace

from channel import clock
from channel.access import service as access
from channel.access.queries import DealerAct
from channel.access.rules import Person, Right, require
from channel.codes import code_key
from channel.database import db
from channel.dealers.queries import masters
from channel.errors import Conflict, FieldError, Invalid, NotFound, m
from channel.money import digits_of
from channel.periods import Month
from channel.receivables.queries import documents as queries
from channel.receivables.queries import writing
from channel.receivables.queries.accounts import dealers_meant, lock_accounts
from channel.receivables.queries.books import Whose
from channel.receivables.queries.writing import NewDocument
from channel.receivables.rules.documents import Document, DocumentKind, check_document, number_taken
from channel.receivables.service.months import check_months, closed_months_touched_by, closed_refusal
from channel.receivables.service.planning import Planned, plan, with_due_days

POST = "post documents"
LONGEST_ACCOUNT = 60
"""Characters of the account from which money came."""


@dataclass(frozen=True, slots=True)
class Given:
    """A document as somebody gives it: of which dealer, and what is kept beside it. Its own due days stand in it."""

    dealer: str
    document: Document
    remark: str | None = None
    payer_account: str | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of it: each document with its number in the ledger, in the order given, and what was allocated.

    `closed` are the closed months whose figures it changes: then it needs a second person, and `waits` is the number
    under which it waits for him. What waits, or is only looked at, has numbers in the ledger below 0.
    """

    documents: tuple[NewDocument, ...]
    planned: tuple[Planned, ...]
    dealers: Mapping[int, str] = field(default_factory=dict)
    closed: tuple[Month, ...] = ()
    waits: int | None = None

    @property
    def mark(self) -> str:
        """What tells this from anything else that could come of it, whatever numbers the ledger gives."""
        places = {each.document.id: place for place, each in enumerate(self.documents)}
        told = (
            [replace(each.document, id=0) for each in self.documents],
            [
                (
                    each.whose,
                    places.get(made.money_id, f"{made.money_id}"),
                    places.get(made.item.document_id, f"{made.item.document_id}"),
                    replace(made, money_id=0, item=replace(made.item, document_id=0)),
                )
                for each in self.planned
                for made in each.allocations
            ],
            [str(each) for each in self.closed],
        )
        return hashlib.sha256(msgspec.json.encode(told)).hexdigest()


class Otherwise(Conflict):
    """What was previewed is no longer what posting would bring about."""


async def post_documents(
    person: Person,
    given: Sequence[Given],
    reason: str | None = None,
    *,
    mark: str | None = None,
    wait: Callable[[Posted], Awaitable[int]] | None = None,
) -> Posted:
    """Post these, all or none; `Invalid` names each wrong field by the place of its document.

    Whatever they pay, and whatever money waited for them, is allocated in the same act. With the `mark` of a preview
    nothing else is posted than what that told: `Otherwise` where it would be. What changes closed months is refused, or
    put before a second person by `wait`, which gives the number under which it waits.
    """
    require(person, Right.POST_DOCUMENTS)
    async with db.transaction():
        dealers = await _dealers(given)
        await lock_accounts([each["id"] for each in dealers.values()])
        closed = await closed_months_touched_by([each.document.effective_on for each in given])
        if closed:
            posted = await _looked_at(given, dealers)
        else:
            posted = await record(person, await _new_documents(given, dealers), reason)
        if mark is not None and mark != posted.mark:
            raise Otherwise(m("Since it was looked at, something else would come of it. Please look again."))
        if closed:
            if wait is None:
                raise closed_refusal(closed)
            posted = replaced(posted, waits=await wait(replace_dealers(posted, dealers)))
    return replace_dealers(posted, dealers)


async def look_at(given: Sequence[Given]) -> Posted:
    """What posting them now would bring about, or what refuses it; nothing is written, and nothing is locked."""
    dealers = await _dealers(given)
    return replace_dealers(await _looked_at(given, dealers), dealers)


async def _looked_at(given: Sequence[Given], dealers: Mapping[str, Record]) -> Posted:
    new = await _new_documents(given, dealers, numbered=False)
    closed = await closed_months_touched_by([each.document.effective_on for each in new])
    return Posted(tuple(new), tuple(await plan(by_book(new))), closed=closed)


async def numbered(new: Sequence[NewDocument]) -> list[NewDocument]:
    """The same with numbers in the ledger."""
    ids = await writing.reserve_ids(len(new))
    return [replaced(each, document=replace(each.document, id=number)) for each, number in zip(new, ids, strict=True)]


async def preview_documents(person: Person, given: Sequence[Given]) -> Posted:
    """What posting them now would bring about, or why it is refused; nothing is written.

    Their numbers in the ledger are below 0.
    """
    require(person, Right.POST_DOCUMENTS)
    async with db.transaction(reading=True):
        return await look_at(given)


def replace_dealers(posted: Posted, dealers: Mapping[str, Record]) -> Posted:
    """The same with the codes of its dealers."""
    return replaced(posted, dealers={each["id"]: each["code"] for each in dealers.values()})


def by_book(new: Sequence[NewDocument]) -> dict[Whose, list[Document]]:
    """The documents by dealer and currency."""
    books: dict[Whose, list[Document]] = {}
    for each in new:
        books.setdefault((each.dealer_id, each.document.currency), []).append(each.document)
    return books


async def record(person: Person, new: Sequence[NewDocument], reason: str | None) -> Posted:
    """Write checked documents as one act of the person's, with what they pay, under the locks held."""
    posting_id = await access.open_posting(person, POST)
    planned = await write(new, posting_id)
    await access.audit_each(person, POST, trail_lines(new, reason), posting_id)
    return Posted(tuple(new), tuple(planned))


async def write(new: Sequence[NewDocument], posting_id: int, *, confirmed: bool = False) -> list[Planned]:
    """Write checked documents and what they pay under a posting that is open, whose act tells of them in the trail.

    What changes figures of closed months is refused, unless a second person has `confirmed` it.
    """
    await check_months([each.document.effective_on for each in new], confirmed=confirmed)
    planned = await plan(by_book(new))
    await writing.record_documents(new, posting_id)
    made = [(each.whose[0], allocation) for each in planned for allocation in each.allocations]
    await writing.record_allocations(made, None, posting_id)
    now = clock.now()
    await writing.move([(each.whose[0], moved) for each in planned for moved in each.movements(now)], posting_id)
    return planned


def trail_lines(new: Sequence[NewDocument], reason: str | None) -> list[DealerAct]:
    """What the trail is told of each document that is posted."""
    return [DealerAct(dealer_id, subject, None, after, reason) for dealer_id, subject, after in _told(new)]


def _told(new: Sequence[NewDocument]) -> Iterator[tuple[int, str, dict[str, object]]]:
    for each in new:
        document = each.document
        after = {
            "amount": document.amount,
            "currency": document.currency,
            "effective_on": document.effective_on,
            "due_on": document.instalments[-1].due_on if document.instalments else None,
        }
        yield each.dealer_id, subject_of(document), {name: value for name, value in after.items() if value is not None}


def subject_of(document: Document) -> str:
    """What the trail calls a document."""
    return f"{document.kind.value} {document.number}"


async def _dealers(given: Sequence[Given]) -> dict[str, Record]:
    """The dealers by the codes given; `NotFound` where one is not known."""
    return await dealers_named(each.dealer for each in given)


async def dealers_named(codes: Iterable[str]) -> dict[str, Record]:
    """The dealers in scope by the codes given, each with its currency; `NotFound` where one is not known."""
    asked = list(dict.fromkeys(codes))
    found = await dealers_meant(asked)
    for code in asked:
        if code not in found:
            raise NotFound(m("The dealer %(code)s is not known.", code=code))
    return found


async def _new_documents(
    given: Sequence[Given], dealers: Mapping[str, Record], *, numbered: bool = True
) -> list[NewDocument]:
    """What is given, complete and checked, with numbers in the ledger (below 0 where nothing is to be written)."""
    owners = [dealers[each.dealer]["id"] for each in given]
    documents = await with_due_days([(owner, each.document) for owner, each in zip(owners, given, strict=True)])
    lines = await masters.line_ids([line.product_line for each in documents for line in each.lines])
    today = clock.today()
    errors = [
        *(error for place, each in enumerate(documents) for error in _wrong(place, each, today, lines)),
        *(
            FieldError(
                f"{place}.payer_account",
                m("The text is too long."),
                m("at most %(most)s characters", most=LONGEST_ACCOUNT),
            )
            for place, each in enumerate(given)
            if each.payer_account is not None and len(each.payer_account) > LONGEST_ACCOUNT
        ),
        *await _doubled(owners, documents),
    ]
    if errors:
        # One document alone is a form: its fields are named as they stand in it.
        if len(given) == 1:
            errors = [FieldError(error.field.split(".", 1)[1], error.reason, error.expected) for error in errors]
        raise Invalid(m("The document cannot be posted so.") if len(given) == 1 else _NOT_SO, tuple(errors))
    ids = await writing.reserve_ids(len(given)) if numbered else range(-1, -len(given) - 1, -1)
    return [
        NewDocument(
            owner,
            replace(document, id=number),
            each.remark,
            each.payer_account,
            tuple(lines[line.product_line] for line in document.lines),
        )
        for owner, document, each, number in zip(owners, documents, given, ids, strict=True)
    ]


_NOT_SO = m("The documents cannot be posted so.")


def _wrong(place: int, document: Document, today: date, lines: Mapping[str, int]) -> Iterator[FieldError]:
    if document.kind is DocumentKind.WRITE_OFF:
        yield FieldError(f"{place}.kind", m("What is written off is chosen by an act of its own."))
    for error in check_document(document, today, digits_of(document.currency)):
        yield FieldError(f"{place}.{error.field}", error.reason, error.expected)
    for line in document.lines:
        if line.product_line not in lines:
            yield FieldError(f"{place}.lines", m("The product line %(code)s is not known.", code=line.product_line))


async def _doubled(owners: Sequence[int], documents: Sequence[Document]) -> list[FieldError]:
    """Every document whose number a live one of its kind and dealer has, or one before it in the same act."""
    keys = [
        (owner, document.kind, code_key(document.number)) for owner, document in zip(owners, documents, strict=True)
    ]
    taken = await queries.numbers_taken(keys)
    errors = []
    for place, (key, document) in enumerate(zip(keys, documents, strict=True)):
        if key in taken:
            errors.append(FieldError(f"{place}.number", number_taken(document.number)))
        taken.add(key)
    return errors
