"""What was sold to a dealer in a month, as the documents of his account: an invoice for a delivery, with tax."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby

from msgspec.structs import replace

from channel.demo.payers import Owed
from channel.demo.story import SELL_IN, File
from channel.receivables.rules.documents import Document, DocumentKind, DocumentLine

TAX: Mapping[str, Decimal] = {"CNY": Decimal("0.13")}
"""Value added tax; what is sold to Hong Kong and Macau bears none."""
_CENT = Decimal("0.01")
_DEALER, _DAY, _PRODUCT, _AMOUNT, _CURRENCY, _DOCUMENT = (
    SELL_IN.index(name) for name in ("dealer", "date", "product", "amount", "currency", "document")
)


def documents_of(sell_in: File, lines: Mapping[str, str]) -> Iterator[tuple[str, Document]]:
    """Each delivery as an invoice and each return as a credit note, with its dealer, the rows of a dealer together.

    `lines` are the product lines by product. A credit note names the greatest invoice of its dealer's month so far.
    """
    for code, rows in groupby(sell_in.rows, key=lambda row: row[_DEALER]):
        made = [_document(list(each), lines) for _, each in groupby(rows, key=lambda row: row[_DOCUMENT])]
        invoices = [each for each in made if each.kind is DocumentKind.INVOICE]
        yield from ((code, each) for each in invoices)
        for note in made:
            before = [each for each in invoices if each.effective_on <= note.effective_on]
            if note.kind is DocumentKind.CREDIT_NOTE:
                names = (max(before, key=lambda each: each.amount).number,) if before else ()
                yield code, replace(note, references=names)


def _document(rows: Sequence[tuple[str, ...]], lines: Mapping[str, str]) -> Document:
    """A document of rows of sell-in; tax is added to each product line and rounded half up to the cent."""
    first = rows[0]
    rate = 1 + TAX.get(first[_CURRENCY], Decimal(0))
    net: dict[str, Decimal] = {}
    for row in rows:
        line = lines[row[_PRODUCT]]
        net[line] = net.get(line, Decimal(0)) + abs(Decimal(row[_AMOUNT]))
    told = tuple(
        DocumentLine(line, (amount * rate).quantize(_CENT, ROUND_HALF_UP)) for line, amount in sorted(net.items())
    )
    amount = sum((each.amount for each in told), start=Decimal(0))
    return Document(
        DocumentKind.CREDIT_NOTE if first[_AMOUNT].startswith("-") else DocumentKind.INVOICE,
        first[_DOCUMENT],
        first[_CURRENCY],
        amount,
        date.fromisoformat(first[_DAY]),
        tax=amount - sum(net.values(), start=Decimal(0)),
        lines=told,
    )


def owed_of(code: str, documents: Sequence[Document]) -> list[Owed]:
    """What a dealer owes by his documents of a month, with what credit notes take off it."""
    notes = {number: each for each in documents for number in each.references}
    return [
        Owed(
            code,
            each.number,
            each.currency,
            each.amount,
            each.instalments[-1].due_on,
            *((notes[each.number].amount, notes[each.number].effective_on) if each.number in notes else ()),
        )
        for each in documents
        if each.kind is DocumentKind.INVOICE
    ]
