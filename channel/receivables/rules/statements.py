"""A statement of account: what a dealer owed before a period, all that moved in it, and what he owes at its end.

Amounts are with tax, in the account's own currency. The balance is what is open less what is on account; bills that
have not matured stand beside it. What stands on a statement is as known at its moment, and is kept as it was given.
"""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate

import msgspec
from msgspec.structs import replace

from channel.errors import FieldError, m
from channel.receivables.rules.ageing import Buckets
from channel.receivables.rules.documents import EXACT, DocumentKind, Instalment, add_up, number_order
from channel.receivables.rules.movements import Settles

_ZERO = Decimal(0)


class Event(StrEnum):
    """What a line tells; on one day they stand in this order."""

    DOCUMENT = "document"
    ALLOCATION = "allocation"
    TAKEN_BACK = "taken_back"
    REVERSAL = "reversal"

    @property
    def order(self) -> int:
        """The place among the lines of a day."""
        return _ORDER[self]


_ORDER = {each: place for place, each in enumerate(Event)}


class SettledItem(msgspec.Struct, frozen=True, gc=False):
    """The item that an allocation settles; `instalment` is told where its document has several."""

    kind: DocumentKind
    number: str
    instalment: int | None = None


class StatementLine(msgspec.Struct, frozen=True, gc=False):
    """One thing that happened on a day of the period.

    `kind` and `number` are the document's, of an allocation those of the money. `amount` is what it is about, above 0;
    `change` what it does to the balance, so that a payment's allocation is 0: the balance changed with the money.
    `tax` is the part that is tax, where it was told. `due` are the due days of what is owed, with their amounts where
    there are several. `balance` is the balance after the line.
    """

    on: date
    event: Event
    kind: DocumentKind
    number: str
    amount: Decimal
    change: Decimal
    balance: Decimal = _ZERO
    tax: Decimal | None = None
    due: tuple[Instalment, ...] = ()
    matures_on: date | None = None
    settles: Settles | None = None
    item: SettledItem | None = None


class StatementBill(msgspec.Struct, frozen=True, gc=False):
    """A bill that has not matured: what it paid is no longer in the balance, and is told beside it."""

    number: str
    matures_on: date
    amount: Decimal


class Aged(msgspec.Struct, frozen=True, gc=False):
    """What of the open items is of an age; `bucket` is `not_due`, `1-30`, ... `181+`."""

    bucket: str
    amount: Decimal


class Statement(msgspec.Struct, frozen=True, gc=False):
    """The content of a statement, to be read again in later years: a field that is added has a default.

    `opening` is the balance before `from_on`, `closing` that of the end of `as_of`: `open` less `on_account`.
    `rules_version` are the rules of the ledger by whose buckets it is aged, by due day.
    """

    number: int
    dealer: str
    dealer_name: str
    currency: str
    digits: int
    from_on: date
    as_of: date
    known_at: datetime
    given_by: str
    opening: Decimal
    lines: tuple[StatementLine, ...]
    open: Decimal
    on_account: Decimal
    closing: Decimal
    bills: tuple[StatementBill, ...]
    ageing: tuple[Aged, ...]
    rules_version: int
    with_tax: bool = True


class Account(msgspec.Struct, frozen=True, gc=False):
    """Whose statement it is: a dealer, as he is told, and a currency."""

    dealer_id: int
    currency: str


class Left(msgspec.Struct, frozen=True, gc=False):
    """What is left of an item (with its due day) or of money (without one)."""

    due_on: date | None
    effective_on: date
    amount: Decimal


class Stood(msgspec.Struct, frozen=True):
    """What stood in an account before the period, what happened in it, and what stands at its end."""

    before: list[Left]
    lines: list[StatementLine]
    after: list[Left]
    bills: list[StatementBill]


class Unbalanced(Exception):  # noqa: N818 - not an input's fault: what was posted and what is told of it differ
    """What moved in the period does not lead from the balance before it to the balance at its end."""


def line_of_document(line: StatementLine) -> StatementLine:
    """A document or its reversal, with what it does to the balance."""
    sign = line.kind.sign if line.event is Event.DOCUMENT else -line.kind.sign
    return replace(line, change=EXACT.multiply(line.amount, Decimal(sign)))


def line_of_allocation(line: StatementLine) -> StatementLine:
    """An allocation or its end: a payment moves nothing, a discount or a difference takes from what is owed."""
    if line.settles is Settles.PAYMENT:
        return replace(line, change=_ZERO)
    return replace(line, change=line.amount if line.event is Event.TAKEN_BACK else -line.amount)


def balance_of(left: Iterable[Left]) -> Decimal:
    """What is open less what is on account."""
    return add_up([each.amount if each.due_on is not None else -each.amount for each in left])


def draw_up(head: Statement, stood: Stood, buckets: Buckets) -> Statement:
    """The statement with its head filled in; `Unbalanced` where its lines do not lead to its end."""
    opening, closing = balance_of(stood.before), balance_of(stood.after)
    lines = sorted(stood.lines, key=_place)
    balances = list(accumulate((each.change for each in lines), EXACT.add, initial=opening))
    if balances[-1] != closing:
        told = f"{head.dealer} {head.currency} as of {head.as_of}: {opening} and what moved make {balances[-1]}"
        raise Unbalanced(f"{told}, not {closing}")
    open_items = [each for each in stood.after if each.due_on is not None]
    return replace(
        head,
        opening=opening,
        lines=tuple(replace(line, balance=after) for line, after in zip(lines, balances[1:], strict=True)),
        open=add_up([each.amount for each in open_items]),
        on_account=add_up([each.amount for each in stood.after if each.due_on is None]),
        closing=closing,
        bills=tuple(sorted(stood.bills, key=lambda bill: (bill.matures_on, number_order(bill.number)))),
        ageing=_aged(open_items, head.as_of, buckets),
    )


def _place(line: StatementLine) -> tuple[object, ...]:
    item = line.item
    about = () if item is None else (number_order(item.number), item.kind.order, item.instalment or 0)
    return line.on, line.event.order, line.kind.order, number_order(line.number), about, line.settles or "", line.amount


def _aged(items: Iterable[Left], as_of: date, buckets: Buckets) -> tuple[Aged, ...]:
    sums: dict[int, Decimal] = {}
    for each in items:
        place = buckets.place(buckets.days(each.due_on or each.effective_on, each.effective_on, as_of))
        sums[place] = EXACT.add(sums.get(place, _ZERO), each.amount)
    return tuple(Aged(name, sums.get(place, _ZERO)) for place, name in enumerate(buckets.names))


def refused_period(from_on: date, as_of: date, today: date) -> tuple[FieldError, ...]:
    """What is wrong with the days of a statement; nothing where one can be given."""
    errors = []
    if as_of > today:
        errors.append(FieldError("as_of", m("The day lies ahead."), m("%(day)s at the latest", day=today)))
    if from_on > as_of:
        errors.append(FieldError("from_on", m("The period begins after its end."), m("%(day)s or before", day=as_of)))
    return tuple(errors)


def checksum_of(content: str, sheet: str) -> str:
    """SHA-256 over what is kept, the content and the sheet, in hexadecimal."""
    return hashlib.sha256(content.encode() + b"\n" + sheet.encode()).hexdigest()
