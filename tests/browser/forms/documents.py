"""Sent: documents previewed, and reversed on their pages."""

import itertools
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from channel import clock
from channel.access.rules import Person, Role
from channel.receivables.acts.months import CloseMonth
from channel.receivables.rules.documents import Document, DocumentKind
from channel.receivables.service.months import close_month
from channel.receivables.service.posting import Given, post_documents
from tests.make.access import acting
from tests.make.forms import Sending

_numbers = itertools.count(1)


async def _invoice(person: Person) -> Mapping[str, str]:
    """An invoice of D-1, posted by this person."""
    number = f"F-{next(_numbers)}"
    document = Document(DocumentKind.INVOICE, number, "USD", Decimal(100), clock.today() - timedelta(days=3))
    async with acting(person):
        posted = await post_documents(person, [Given("D-1", document)])
    return {"number": number, "id": str(posted.documents[0].document.id)}


async def _closed(person: Person) -> Mapping[str, str]:
    """A month long past, closed by this person."""
    async with acting(person):
        await close_month(person, CloseMonth(month="2001-01", reason="done"))
    return {}


_AT = "/receivables/documents"
CASES = (
    Sending(f"{_AT}/new", f"{_AT}/new?dealer=D-1&kind=receipt", [Role.FINANCE],
            {"number": "R-100", "amount": "80.50", "references": "F-1; F-2", "remark": "by bank"},
            "Nothing is posted yet.", "SELECT NOT EXISTS (SELECT FROM receivable_document WHERE number = 'R-100')"),
    Sending(f"{_AT}/new", f"{_AT}/new", [Role.FINANCE],
            {"dealer": "D-1", "kind": "invoice", "number": "I-100", "amount": "100",
             "instalments": "2199-01-31=60; 2199-02-28=40", "lines": "Road=100"},
            "of it will be open, due on"),
    Sending(f"{_AT}/new", f"{_AT}/new?dealer=D-1&kind=receipt", [Role.FINANCE],
            {"number": "R-101", "amount": "80.50", "effective_on": "2001-01-05"},
            "It will wait for a second person",
            "SELECT NOT EXISTS (SELECT FROM receivable_document WHERE number = 'R-101')",
            before=_closed),
    Sending(f"{_AT}/{{code}}/{{document_id}}/reverse", f"{_AT}/D-1/{{id}}", [Role.FINANCE], {"reason": "a mistake"},
            "The document is reversed", "SELECT NOT live FROM receivable_document WHERE id = {id}", before=_invoice),
)  # fmt: skip
