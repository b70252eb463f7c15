"""Documents of a dealer's account, with what a test does not care about filled in."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from msgspec.structs import replace

from channel import clock
from channel.database import db
from channel.receivables.acts.contact_log import LogContact
from channel.receivables.acts.promises import EnterPromise
from channel.receivables.acts.unknown_money import KeepUnknownMoney
from channel.receivables.queries import documents, standing
from channel.receivables.rules.allocation import AllocationRules, Tolerance
from channel.receivables.rules.contact_log import ContactOutcome
from channel.receivables.rules.documents import Discount, Document, DocumentKind, Instalment
from channel.receivables.rules.movements import (
    Allocation,
    ItemKey,
    Movement,
    Settles,
    Standing,
    TakenBack,
    movements_of_allocation,
    movements_of_document,
    movements_of_reversal,
    movements_of_taking_back,
)
from channel.view import View

D = Decimal
FIRST = date(2025, 1, 1)


def day(n: int) -> date:
    """The n-th day after 1 January 2025."""
    return FIRST + timedelta(days=n)


def moment(n: int) -> datetime:
    """The n-th hour after 1 January 2025."""
    return datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=n)


def owed(amount: str | Decimal = "100", *, on: int = 0, due: int | None = None, **given: Any) -> Document:  # noqa: ANN401 - fields of Document
    """An invoice due 30 days after its day."""
    amount = D(amount)
    fields: dict[str, Any] = {"kind": DocumentKind.INVOICE, "number": "I1", "currency": "CNY", "id": 1} | given
    instalments = given.get("instalments", (Instalment(day(on + 30 if due is None else due), amount),))
    return Document(amount=amount, effective_on=day(on), **fields | {"instalments": instalments})


def paying(amount: str | Decimal = "100", *, on: int = 0, **given: Any) -> Document:  # noqa: ANN401 - fields of Document
    """A receipt."""
    fields: dict[str, Any] = {"kind": DocumentKind.RECEIPT, "number": "R1", "currency": "CNY", "id": 2} | given
    return Document(amount=D(amount), effective_on=day(on), **fields)


def allocated(amount: str | Decimal, on: int, *, settles: Settles = Settles.PAYMENT, **given: Any) -> Allocation:  # noqa: ANN401 - fields of Allocation
    """An allocation of document 2 to the first item of document 1."""
    fields: Mapping[str, Any] = {"money_id": 2, "item": ItemKey(1, 1), "id": 1} | given
    return Allocation(amount=D(amount), effective_on=day(on), settles=settles, **fields)


def some_documents(random: Random, most: int = 24) -> list[Document]:
    """Documents of few days, numbers and amounts, so that they meet each other in every way."""
    documents: list[Document] = []
    taken: set[tuple[DocumentKind, str]] = set()
    for n in range(random.randint(2, most)):
        kind = random.choice(
            [DocumentKind.INVOICE] * 4
            + [DocumentKind.DEBIT_NOTE]
            + [DocumentKind.RECEIPT] * 4
            + [DocumentKind.CREDIT_NOTE, DocumentKind.BILL]
        )
        number = random.choice("aAbBCDE") + str(random.randint(1, 12))
        if (kind, number.lower()) in taken:
            continue
        taken.add((kind, number.lower()))
        on, amount = random.randint(0, 8), D(random.choice((50, 98, 99, 100, 100, 150, 200)))
        if kind.is_owed:
            first = random.randint(0, 6)
            instalments = (Instalment(day(on + first), amount),)
            if random.random() < 0.2:
                part = D(random.choice((40, 49)))
                instalments = (Instalment(day(on + first), part), Instalment(day(on + first + 3), amount - part))
            discount = Discount(D("0.02"), day(on + random.randint(0, 3))) if random.random() < 0.3 else None
            documents.append(
                owed(amount, on=on, kind=kind, number=number, id=n, instalments=instalments, discount=discount)
            )
        else:
            names = [random.choice("abcdeX") + str(random.randint(1, 12)) for _ in range(random.choice((0, 0, 1, 2)))]
            known = [document.number for document in documents if document.kind.is_owed]
            if known and random.random() < 0.4:
                names.append(random.choice(known))
            documents.append(
                paying(
                    amount, on=on, kind=kind, number=number, id=n, references=tuple(names),
                    stays_on_account=kind is DocumentKind.CREDIT_NOTE and random.random() < 0.3,
                    value_on=day(random.randint(max(0, on - 3), on)) if kind is DocumentKind.RECEIPT else None,
                )
            )  # fmt: skip
    return documents


def unknown_line(number: str, amount: str | Decimal = "80", **given: Any) -> KeepUnknownMoney:  # noqa: ANN401 - fields of the act
    """A bank line in USD of 21 January 2025 whose text names I1."""
    fields: dict[str, Any] = {"currency": "USD", "booked_on": day(20), "remark": "货款I1谢谢"} | given
    return KeepUnknownMoney(number=number, amount=D(amount), **fields)


def promising(amount: str = "100", in_days: int = 10, **given: Any) -> EnterPromise:  # noqa: ANN401 - fields of the act
    """Promised by Ms Lin so many days from today, in the dealer's currency."""
    fields: dict[str, Any] = {"amount": D(amount), "due_on": clock.today() + timedelta(days=in_days)} | given
    return EnterPromise(**{"promised_by": "Ms Lin"} | fields)


def speaking(said: str = "he pays on Monday", **given: Any) -> LogContact:  # noqa: ANN401 - fields of the act
    """We called Ms Lin today, unless something else is given."""
    fields: dict[str, Any] = {"outcome": ContactOutcome.BY_US, "with_whom": "Ms Lin", "said": said} | given
    return LogContact(**fields)


def some_rules(random: Random) -> AllocationRules:
    return AllocationRules(2, random.choice((None, Tolerance(D(2), D("0.01")), Tolerance(D(1), D("0.5")))))


async def stood(dealer_id: int, view: View) -> Standing:
    """What stands in a dealer's books of one currency as the views of the ledger tell it."""
    left = await standing.left_of([dealer_id], view, clock.today())
    return Standing(
        {ItemKey(row["document_id"], row["instalment"]): row["amount"] for row in left if row["instalment"]},
        {row["document_id"]: row["amount"] for row in left if not row["instalment"]},
        {row["document_id"]: row["amount"] for row in await standing.bills_of([dealer_id], view)},
    )


async def movements_posted(dealer_id: int) -> list[Movement]:
    """What everything that was posted of a dealer moves, by the rules: from the rows as they were written."""
    stamped = "JOIN posting p ON p.id = x.posting_id WHERE x.dealer_id = $1"
    found: list[Movement] = []
    ids = [row["id"] for row in await db.fetch("SELECT id FROM receivable_document WHERE dealer_id = $1", dealer_id)]
    rows = await documents.documents(dealer_id, ids)
    posted = {key: documents.document_of(row) for key, row in rows.items()}
    for row in await db.fetch(f"SELECT x.id, p.recorded_at FROM receivable_document x {stamped}", dealer_id):
        found += movements_of_document(posted[row["id"]], row["recorded_at"])
    for row in await db.fetch(f"SELECT x.*, p.recorded_at FROM document_reversal x {stamped}", dealer_id):
        found += movements_of_reversal(posted[row["document_id"]], row["effective_on"], row["recorded_at"])
    allocations = {each.id: each for each in await documents.allocations_between(dealer_id, ids)}
    for row in await db.fetch(f"SELECT x.id, p.recorded_at FROM allocation x {stamped}", dealer_id):
        found += movements_of_allocation(allocations[row["id"]], row["recorded_at"])
    for row in await db.fetch(f"SELECT x.*, p.recorded_at FROM allocation_end x {stamped}", dealer_id):
        before = replace(allocations[row["allocation_id"]], taken_back_on=row["moved_from"])
        found += movements_of_taking_back(TakenBack(before, row["effective_on"]), row["recorded_at"])
    return found
