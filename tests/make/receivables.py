"""Documents of a dealer's account, with what a test does not care about filled in."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from channel.receivables.rules.books import Allocation, ItemKey, Settles
from channel.receivables.rules.documents import Document, Instalment, Kind

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
    fields: dict[str, Any] = {"kind": Kind.INVOICE, "number": "I1", "currency": "CNY", "id": 1} | given
    instalments = given.get("instalments", (Instalment(day(on + 30 if due is None else due), amount),))
    return Document(amount=amount, effective_on=day(on), **fields | {"instalments": instalments})


def paying(amount: str | Decimal = "100", *, on: int = 0, **given: Any) -> Document:  # noqa: ANN401 - fields of Document
    """A receipt."""
    fields: dict[str, Any] = {"kind": Kind.RECEIPT, "number": "R1", "currency": "CNY", "id": 2} | given
    return Document(amount=D(amount), effective_on=day(on), **fields)


def allocated(amount: str | Decimal, on: int, *, settles: Settles = Settles.PAYMENT, **given: Any) -> Allocation:  # noqa: ANN401 - fields of Allocation
    """An allocation of document 2 to the first item of document 1."""
    fields: Mapping[str, Any] = {"money_id": 2, "item": ItemKey(1, 1), "id": 1} | given
    return Allocation(amount=D(amount), effective_on=day(on), settles=settles, **fields)
