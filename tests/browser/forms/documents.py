"""Sent: documents previewed, and reversed on their pages."""

import itertools
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from channel import clock
from channel.access.rules import Person, Role
from channel.periods import Month
from channel.receivables.acts.months import CloseMonth
from channel.receivables.queries.months import closed_now
from channel.receivables.rules.documents import Document, DocumentKind
from channel.receivables.service.months import close_month
from channel.receivables.service.posting import Given, post_documents
from tests.browser.forms.masters import brought
from tests.make.access import acting, make_person
from tests.make.forms import Sending
from tests.make.sales import csv_of, loaded

_numbers = itertools.count(1)


async def _invoice(person: Person) -> Mapping[str, str]:
    """An invoice of D-1, posted by this person."""
    number = f"F-{next(_numbers)}"
    document = Document(DocumentKind.INVOICE, number, "USD", Decimal(100), clock.today() - timedelta(days=3))
    async with acting(person):
        posted = await post_documents(person, [Given("D-1", document)])
    return {"number": number, "id": str(posted.documents[0].document.id)}


async def _closed(person: Person) -> Mapping[str, str]:
    """A month long past, closed by this person where it is not."""
    async with acting(person):
        if Month(2001, 1) not in await closed_now():
            await close_month(person, CloseMonth(month="2001-01", reason="done"))
    return {}


async def _load_that_waits(person: Person) -> Mapping[str, str]:
    """A file with a line of a closed month, asked for by this person."""
    await _closed(person)
    line = f"D-1,L-{next(_numbers)},2001-01-05,USD,10,2001-03-05"
    content = csv_of("dealer,number,date,currency,amount,due_on", line)
    made = await loaded(person, "invoices", content, ask=True, reason="it came late")
    assert made["state"] == "waiting", made
    return {"load": str(made["id"])}


async def _uploaded(person: Person) -> Mapping[str, str]:
    content = csv_of("dealer,number,date,currency,amount", f"D-1,L-{next(_numbers)},2001-01-05,USD,10")
    return {"upload": str(await brought(person, content))}


async def _load_of_another(_person: Person) -> Mapping[str, str]:
    return await _load_that_waits(await make_person(Role.FINANCE))


_AT = "/receivables/documents"
CASES = (
    Sending(f"{_AT}/new", f"{_AT}/new?dealer=D-1&kind=receipt", [Role.FINANCE],
            {"number": "R-100", "amount": "80.50", "references": "F-1; F-2", "remark": "by bank"},
            "Nothing is posted yet.", "SELECT NOT EXISTS (SELECT FROM receivable_document WHERE number = 'R-100')"),
    Sending(f"{_AT}/new", f"{_AT}/new?kind=invoice", [Role.FINANCE],
            {"dealer": "D-1", "number": "I-100", "amount": "100",
             "instalments": "2199-01-31=60; 2199-02-28=40", "lines": "Road=100"},
            "of it will be open, due on"),
    Sending(f"{_AT}/new", f"{_AT}/new?dealer=D-1&kind=receipt", [Role.FINANCE],
            {"number": "R-101", "amount": "80.50", "effective_on": "2001-01-05"},
            "It will wait for a second person",
            "SELECT NOT EXISTS (SELECT FROM receivable_document WHERE number = 'R-101')",
            before=_closed),
    Sending("/imports/check", "/imports/columns?kind=invoices&upload={upload}", [Role.FINANCE],
            {"ask": True, "reason": "it came late"}, "by {me}",
            "SELECT options ->> 'reason' = 'it came late' AND (options ->> 'ask')::boolean FROM import_load"
            " WHERE upload_id = {upload}", before=_uploaded),
    *(
        Sending("/imports/{load_id}/word", "/imports/{load}", [Role.FINANCE], {"reason": "so"},
                "Your word is recorded.", f"SELECT state = '{state}' FROM import_load WHERE id = {{load}}",
                form=f":has([value='{word}'])", before=before)
        for word, state, before in (
            ("approve", "queued", _load_of_another), ("refuse", "refused", _load_of_another),
            ("withdraw", "refused", _load_that_waits),
        )
    ),
    Sending(f"{_AT}/{{code}}/{{document_id}}/reverse", f"{_AT}/D-1/{{id}}", [Role.FINANCE], {"reason": "a mistake"},
            "The document is reversed", "SELECT NOT live FROM receivable_document WHERE id = {id}", before=_invoice),
)  # fmt: skip
