"""What new documents would bring about, found before anything is written: looked at by a preview, and posted as found.

Whoever posts holds the account rows of the dealers; a preview holds none, and what it told may be otherwise by then.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from msgspec.structs import replace

from channel.codes import code_key
from channel.dealers.queries import facts
from channel.dealers.rules.terms import Terms, read_terms
from channel.errors import FieldError
from channel.money import digits_of
from channel.receivables.queries import books
from channel.receivables.queries.books import Whose
from channel.receivables.rules.allocation import Allocated, Book, allocate, items_of, money_of
from channel.receivables.rules.documents import Document
from channel.receivables.rules.due_days import instalments_of
from channel.receivables.rules.movements import (
    Allocation,
    Movement,
    movements_of_allocation,
    movements_of_document,
)
from channel.receivables.service.settings import allocation_rules


@dataclass(frozen=True, slots=True)
class Planned:
    """The new documents of one dealer and currency, and what they and waiting money pay."""

    whose: Whose
    documents: tuple[Document, ...]
    allocated: Allocated

    @property
    def allocations(self) -> tuple[Allocation, ...]:
        """What pays what."""
        return self.allocated.allocations

    def movements(self, recorded_at: datetime) -> Iterator[Movement]:
        """Everything that it moves."""
        for document in self.documents:
            yield from movements_of_document(document, recorded_at)
        for each in self.allocations:
            yield from movements_of_allocation(each, recorded_at)


async def terms_on(days: Iterable[tuple[int, date]]) -> dict[tuple[int, date], Terms]:
    """The payment terms of each dealer on a day of his own, as known now."""
    read = {key: read_terms(text) for key, text in (await facts.terms_on(days)).items()}
    return {key: terms for key, terms in read.items() if not isinstance(terms, FieldError)}


async def with_due_days(documents: Sequence[tuple[int, Document]]) -> list[Document]:
    """Each dealer's document with the items that it brings: by its own due days, else by the terms of its day."""
    lacking = {
        (dealer_id, each.effective_on) for dealer_id, each in documents if each.kind.is_owed and not each.instalments
    }
    terms = await terms_on(lacking) if lacking else {}
    return [
        replace(
            each,
            instalments=instalments_of(
                each.instalments,
                terms.get((dealer_id, each.effective_on)),
                each.amount,
                each.effective_on,
                digits_of(each.currency),
            ),
        )
        if each.kind.is_owed
        else each
        for dealer_id, each in documents
    ]


async def plan(new: Mapping[Whose, Sequence[Document]]) -> list[Planned]:
    """What these documents, which have their numbers in the ledger, pay and are paid by; by dealer and currency."""
    dealers = sorted({dealer_id for dealer_id, _ in new})
    rules = await allocation_rules(currency for _, currency in new)
    items, waiting = await books.open_items(dealers), await books.waiting_money(dealers)
    named = {
        whose: {code_key(reference) for each in (*documents, *waiting.get(whose, ())) for reference in each.references}
        for whose, documents in new.items()
    }
    settled = await books.settled_numbers(named)
    planned = []
    for whose, documents in sorted(new.items()):
        book = Book(items.get(whose, ()), waiting.get(whose, ()), settled.get(whose, frozenset()))
        allocated = allocate(
            book,
            [item for each in documents for item in items_of(each)],
            [money_of(each) for each in documents if not each.kind.is_owed],
            rules[whose[1]],
        )
        planned.append(Planned(whose, tuple(documents), allocated))
    return planned
