"""The documents of a dealer's account: their kinds, what they carry, and what must hold of one before it is posted.

Every amount is with tax, above 0 and in the document's own currency, kept in 4 decimals and checked against the
digits of the currency (2 for CNY, 0 for JPY). A document is posted once and never edited.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Context, Decimal
from enum import StrEnum
from itertools import pairwise

import msgspec

from channel.codes import LONGEST, code_key, plain_code
from channel.dealers.rules import read_currency
from channel.errors import FieldError, Message, m
from channel.money import round_half_away
from channel.periods import is_day_of_business

LARGEST_AMOUNT = Decimal(10) ** 14
"""Every amount of a document is below this."""

EXACT = Context(prec=50)
"""Arithmetic of receivables: wide enough that no sum, product or share of such amounts is cut before it is rounded."""

_ZERO = Decimal(0)


class DocumentKind(StrEnum):
    """What a document is; the order of the kinds breaks ties between documents of one day and number."""

    INVOICE = "invoice"
    DEBIT_NOTE = "debit_note"
    CREDIT_NOTE = "credit_note"
    RECEIPT = "receipt"
    BILL = "bill"
    WRITE_OFF = "write_off"

    @property
    def is_owed(self) -> bool:
        """Whether the dealer owes it: it raises the balance and has items; every other kind lowers it and pays."""
        return self in _OWED

    @property
    def sign(self) -> int:
        """What the document's amount is multiplied by on the balance: 1 for what is owed, -1 for what pays."""
        return 1 if self in _OWED else -1

    @property
    def order(self) -> int:
        """The place of the kind among documents of one day and number."""
        return _ORDER[self]


_OWED = frozenset({DocumentKind.INVOICE, DocumentKind.DEBIT_NOTE})
_ORDER = {kind: place for place, kind in enumerate(DocumentKind)}


class PostedKind(StrEnum):
    """The kinds that are posted as a document; what is written off is chosen among open items by an act of its own."""

    INVOICE = DocumentKind.INVOICE.value
    DEBIT_NOTE = DocumentKind.DEBIT_NOTE.value
    CREDIT_NOTE = DocumentKind.CREDIT_NOTE.value
    RECEIPT = DocumentKind.RECEIPT.value
    BILL = DocumentKind.BILL.value


class Instalment(msgspec.Struct, frozen=True, gc=False):
    """A part of what is owed with its own due day; what is owed whole has one."""

    due_on: date
    amount: Decimal


class Discount(msgspec.Struct, frozen=True, gc=False):
    """Settlement discount: a fraction off (0.02) for money that is there by the day, which belongs to it."""

    rate: Decimal
    until: date


class DocumentLine(msgspec.Struct, frozen=True, gc=False):
    """What a document is about, with tax; a line that takes something off is negative."""

    product_line: str
    amount: Decimal


class Document(msgspec.Struct, frozen=True, gc=False):
    """One document of one dealer; `id` is 0 until it is posted.

    `instalments` are the items of what is owed, in the order of their due days; what pays has none. `tax` is the part
    of the amount that is tax, None where it was not told. `references` are the numbers that it names, as written.
    `matures_on` is a bill's last day: on it the bill is no longer in the exposure. `value_on` is the day on which the
    bank had the money, where that is before the day of the books; lateness and discounts go by it. `stays_on_account`
    says of a credit note that it pays nothing by itself.
    """

    kind: DocumentKind
    number: str
    currency: str
    amount: Decimal
    effective_on: date
    id: int = 0
    tax: Decimal | None = None
    instalments: tuple[Instalment, ...] = ()
    references: tuple[str, ...] = ()
    discount: Discount | None = None
    matures_on: date | None = None
    value_on: date | None = None
    stays_on_account: bool = False
    lines: tuple[DocumentLine, ...] = ()

    @property
    def paid_on(self) -> date:
        """The day by which money is early or late: the bank's, else the document's own."""
        return self.value_on or self.effective_on


def number_order(number: str) -> tuple[int, str]:
    """The order of numbers in which 9 comes before 10: the shorter is lower, of equal length the one first in text."""
    key = code_key(number)
    return len(key), key


def check_document(document: Document, today: date, digits: int) -> tuple[FieldError, ...]:
    """Everything that is wrong with a document before it is posted; nothing when it may be.

    `digits` are the decimals of its currency. Nothing takes effect after `today`; due days and a bill's maturity may
    lie after it.
    """
    return (
        *_number_and_currency(document),
        *_amount("amount", document.amount, digits),
        *_tax(document, digits),
        *_days(document, today),
        *(_owed(document, digits) if document.kind.is_owed else _paying(document)),
        *_lines(document, digits),
    )


def number_taken(number: str) -> Message:
    """The refusal of a number that a live document of the same kind and dealer has."""
    return m("The dealer has a document %(number)s of this kind already.", number=str(number))


def _number_and_currency(document: Document) -> Iterator[FieldError]:
    plain = plain_code(document.number)
    if not plain:
        yield FieldError("number", m("A value is needed."))
    elif len(plain) > LONGEST or not plain.isprintable():
        yield FieldError(
            "number",
            m("The number is not one of a document."),
            m("At most %(most)s printable characters", most=LONGEST),
        )
    currency = read_currency(document.currency)
    if isinstance(currency, FieldError):
        yield currency


def _amount(field: str, amount: Decimal, digits: int) -> Iterator[FieldError]:
    expected = m("An amount above 0 with at most %(digits)s decimals", digits=digits)
    if amount.is_finite() and amount >= LARGEST_AMOUNT:
        yield FieldError(field, m("No document is of so much."), m("Below %(amount)s", amount=LARGEST_AMOUNT))
    elif not amount.is_finite() or amount <= 0:
        yield FieldError(field, m("The amount of a document is above 0."), expected)
    elif not _fits(amount, digits):
        yield FieldError(field, m("The amount has more decimals than its currency."), expected)


def _fits(amount: Decimal, digits: int) -> bool:
    return abs(amount) < LARGEST_AMOUNT and amount == round_half_away(amount, digits)


def _tax(document: Document, digits: int) -> Iterator[FieldError]:
    tax = document.tax
    if tax is None:
        return
    if not tax.is_finite() or not document.amount.is_finite() or not 0 <= tax <= document.amount:
        within = m("From 0 to %(amount)s", amount=document.amount)
        yield FieldError("tax", m("The tax is a part of the amount."), within)
    elif not _fits(tax, digits):
        expected = m("At most %(digits)s decimals", digits=digits)
        yield FieldError("tax", m("The amount has more decimals than its currency."), expected)


def _days(document: Document, today: date) -> Iterator[FieldError]:
    on = document.effective_on
    if not is_day_of_business(on):
        yield FieldError("effective_on", m("%(on)s is not a day of business.", on=on))
    elif on > today:
        by = m("%(on)s or earlier", on=today)
        yield FieldError("effective_on", m("Nothing takes effect after today."), by)
    if document.value_on is not None and document.value_on > on:
        by = m("%(on)s or earlier", on=on)
        yield FieldError("value_on", m("The bank had the money before it was in the books."), by)
    if document.kind is DocumentKind.BILL and document.matures_on is None:
        yield FieldError("matures_on", m("A bill has the day on which it matures."))
    elif document.kind is not DocumentKind.BILL and document.matures_on is not None:
        yield FieldError("matures_on", m("Only a bill matures."))
    elif document.matures_on is not None and not _follows(document.matures_on, on):
        from_on = m("%(on)s or later", on=on)
        yield FieldError("matures_on", m("A bill matures on its own day or after it."), from_on)


def _follows(day: date, on: date) -> bool:
    return on <= day and is_day_of_business(day)


def _owed(document: Document, digits: int) -> Iterator[FieldError]:
    """What must hold of an invoice or debit note: instalments in order that make the amount, a discount before them."""
    days = [each.due_on for each in document.instalments]
    if not days:
        yield FieldError("due_on", m("What is owed has a due day, or the dealer has payment terms on that day."))
        return
    for each in document.instalments:
        yield from _amount("instalments", each.amount, digits)
    if not _follows(days[0], document.effective_on) or not is_day_of_business(days[-1]):
        from_on = m("%(on)s or later", on=document.effective_on)
        yield FieldError("due_on", m("Nothing is due before its document's day."), from_on)
    if any(earlier >= later for earlier, later in pairwise(days)):
        yield FieldError("instalments", m("Each instalment is due after the one before it."))
    if not _makes([each.amount for each in document.instalments], document.amount):
        total = m("Together %(amount)s", amount=document.amount)
        yield FieldError("instalments", m("The instalments do not make the amount."), total)
    yield from _discount(document, days[-1])
    if document.stays_on_account or document.value_on is not None:
        yield FieldError("kind", m("What is owed has no money that the bank had, or that stays on account."))


def _discount(document: Document, last: date) -> Iterator[FieldError]:
    discount = document.discount
    if discount is None:
        return
    if not discount.rate.is_finite() or not 0 < discount.rate < 1:
        yield FieldError("discount_rate", m("A settlement discount takes a part off."), m("Above 0 and below 1"))
    if not document.effective_on <= discount.until <= last:
        span = m("From %(from_on)s to %(to_on)s", from_on=document.effective_on, to_on=last)
        yield FieldError("discount_until", m("A settlement discount ends by the due day."), span)


def _paying(document: Document) -> Iterator[FieldError]:
    """What must hold of what pays: it has neither items nor a discount, and a credit note alone is told to stay."""
    if document.instalments:
        yield FieldError("due_on", m("Only what is owed falls due."))
    if document.discount is not None:
        yield FieldError("discount_rate", m("Only what is owed has a settlement discount."))
    if document.stays_on_account and document.kind is not DocumentKind.CREDIT_NOTE:
        yield FieldError("stays_on_account", m("Only a credit note can be told to stay on account."))


def _lines(document: Document, digits: int) -> Iterator[FieldError]:
    amounts = [line.amount for line in document.lines]
    if not amounts:
        return
    if any(not amount.is_finite() or not _fits(amount, digits) for amount in amounts):
        expected = m("At most %(digits)s decimals", digits=digits)
        yield FieldError("lines", m("The amount has more decimals than its currency."), expected)
    elif not _makes(amounts, document.amount):
        total = m("Together %(amount)s", amount=document.amount)
        yield FieldError("lines", m("The lines do not make the amount."), total)


def _makes(parts: Sequence[Decimal], amount: Decimal) -> bool:
    """Whether the parts add up to the amount, to the last digit."""
    every = (*parts, amount)
    return all(each.is_finite() for each in every) and add_up(parts) == amount


def add_up(amounts: Sequence[Decimal]) -> Decimal:
    """The sum, exact to fifty digits."""
    total = _ZERO
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total
