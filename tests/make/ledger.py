"""A ledger filled on PostgreSQL: documents posted and reversed as finance, at hours after 1 January 2025.

Nothing is recorded before what was recorded already, so that whatever a test needs is made in the past as well.
"""

from random import Random

from msgspec.structs import replace

from channel import clock
from channel.access.rules import Person
from channel.receivables.acts.documents import ReverseDocument
from channel.receivables.rules.documents import Document, DocumentKind
from channel.receivables.service.posting import Given, Posted, post_documents
from channel.receivables.service.reversing import REVERSE
from channel.receivables.service.waiting import do_or_ask
from tests.make.access import acting
from tests.make.receivables import day, moment, some_documents

LATER = 60 * 24
"""The hour, counted from 1 January 2025, at which a test posts where it does not matter when."""


async def post(finance: Person, *documents: Document, at: int = LATER, code: str = "D-1") -> Posted:
    """Post these at an hour."""
    with clock.fixed(moment(at)):
        async with acting(finance):
            return await post_documents(finance, [Given(code, replace(each, id=0)) for each in documents])


async def reverse(
    finance: Person, document_id: int, *, on: int | None = None, at: int = LATER + 1, code: str = "D-1"
) -> None:
    """Reverse a document from a day on, its own where none is given."""
    act = ReverseDocument(effective_on=None if on is None else day(on), reason="wrong")
    with clock.fixed(moment(at)):
        async with acting(finance):
            await do_or_ask(finance, REVERSE, code, document_id, act)


async def post_at_random(random: Random, finance: Person, code: str = "D-1") -> int:
    """Post documents of few days in batches, in any order, and reverse some between; the last hour."""
    documents = [_postable(each, random) for each in some_documents(random)]
    random.shuffle(documents)
    hour, live = 20 * 24, []
    while documents:
        size = random.randint(1, 6)
        batch, documents = documents[:size], documents[size:]
        hour += 1
        posted = await post(finance, *batch, at=hour, code=code)
        live += [each.document for each in posted.documents]
        if live and random.random() < 0.6:
            hour += 1
            gone = live.pop(random.randrange(len(live)))
            on = random.choice([None, random.randint((gone.effective_on - day(0)).days, 18)])
            await reverse(finance, gone.id, on=on, at=hour, code=code)
    return hour


def _postable(document: Document, random: Random) -> Document:
    if document.kind is DocumentKind.BILL:
        return replace(document, matures_on=day(random.randint(8, 20)))
    if document.discount is not None:
        last = document.instalments[-1].due_on
        return replace(document, discount=replace(document.discount, until=min(document.discount.until, last)))
    return document
