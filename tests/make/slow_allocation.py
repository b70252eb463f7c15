"""What one load allocates, told the slow way: plain lists, looked through from the start for every step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from channel.receivables.rules.allocation import AllocationRules
from channel.receivables.rules.documents import Document, DocumentKind

D = Decimal
KINDS = ["invoice", "debit_note", "credit_note", "receipt", "bill", "write_off"]
Made = tuple[int, int, int, Decimal, date, str, str]
"""Money, document, instalment, amount, day, what settles, why."""


@dataclass
class Owed:
    document: Document
    place: int
    due_on: date
    amount: Decimal
    open: Decimal
    credited: Decimal

    @property
    def first(self) -> tuple[object, ...]:
        number = self.document.number.lower()
        return self.due_on, len(number), number, KINDS.index(self.document.kind), self.place

    def discount(self, digits: int) -> Decimal:
        if self.document.discount is None:
            return D(0)
        unit = D(1).scaleb(-digits)
        asked = (self.document.discount.rate * (self.amount - self.credited)).quantize(unit, ROUND_HALF_UP)
        return asked if asked < self.open else D(0)


@dataclass
class Paying:
    document: Document
    left: Decimal
    waits: bool = False

    @property
    def first(self) -> tuple[object, ...]:
        number = self.document.number.lower()
        return self.document.effective_on, len(number), number, KINDS.index(self.document.kind)


@dataclass
class Slow:
    rules: AllocationRules
    owed: list[Owed]
    paying: list[Paying]
    made: list[Made]

    def is_in(self, number: str) -> bool:
        return any(each.document.number.lower() == number.lower() for each in self.owed)

    def settle(self, money: Paying, item: Owed, why: str) -> None:
        document, until = money.document, item.document.discount and item.document.discount.until
        in_time = until is not None and document.kind is DocumentKind.RECEIPT and document.paid_on <= until
        discount = item.discount(self.rules.digits) if in_time else D(0)
        pays = min(money.left, item.open - discount)
        short = item.open - discount - pays
        allowed = self.rules.tolerance
        small = (
            allowed is not None
            and document.kind in {DocumentKind.RECEIPT, DocumentKind.BILL}
            and short <= min(allowed.amount, allowed.rate * item.amount)
        )
        parts = [("payment", pays)]
        if short == 0 or small:
            parts += [("discount", discount), ("difference", short)]
        day = max(document.effective_on, item.document.effective_on)
        for settles, amount in parts:
            if amount:
                self.made.append((document.id, item.document.id, item.place, amount, day, settles, why))
                item.open -= amount
        money.left -= pays
        if document.kind is DocumentKind.CREDIT_NOTE:
            item.credited += pays

    def named(self, money: Paying) -> None:
        for number in money.document.references:
            for item in sorted(self.owed, key=lambda each: each.first):
                if item.document.number.lower() == number.lower() and item.open and money.left:
                    self.settle(money, item, "reference")
        money.waits = bool(money.left) and not all(map(self.is_in, money.document.references))

    def pay(self, money: Paying) -> None:
        if money.document.stays_on_account or money.document.kind is DocumentKind.WRITE_OFF:
            return
        self.named(money)
        if money.waits:
            return
        on, whole = money.document.effective_on, money.document.amount
        if money.left == whole:
            equal = []
            for item in self.owed:
                discount = item.document.discount
                net = item.open - item.discount(self.rules.digits)
                if item.open == whole or (discount and on <= discount.until and item.open and net == whole):
                    equal.append(item)
            if equal:
                self.settle(money, min(equal, key=lambda each: each.first), "exact")
        while money.left and any(item.open for item in self.owed):
            self.settle(money, min((i for i in self.owed if i.open), key=lambda each: each.first), "oldest")


def told_slowly(documents: Sequence[Document], rules: AllocationRules) -> tuple[list[Made], dict[int, Decimal]]:
    slow = Slow(rules, [], [], [])
    for on in sorted({document.effective_on for document in documents}):
        todays = [document for document in documents if document.effective_on == on]
        for document in todays:
            for place, each in enumerate(document.instalments, 1):
                slow.owed.append(Owed(document, place, each.due_on, each.amount, each.amount, D(0)))
        for money in sorted(slow.paying, key=lambda each: each.first):
            if money.waits:
                slow.named(money)
        arriving = [Paying(document, document.amount) for document in todays if not document.kind.is_owed]
        for money in sorted(arriving, key=lambda each: each.first):
            slow.paying.append(money)
            slow.pay(money)
    return slow.made, {money.document.id: money.left for money in slow.paying if money.left}
