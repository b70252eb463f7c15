"""What money pays by itself: what it names, else an item of its very amount, else what was due first.

Within one dealer and currency, day by day: first what is owed from the day comes in, and money that waited for it
pays it; then what pays is taken in the order of (day, number, kind). Each pays

1. the documents that it names, in the order in which it names them; if one of them is not in yet, what is left stays on
   account, and until that document comes pays what comes with a number that it names;
2. else, where it named nothing that took of it, an open item equal to the whole: earliest due, then lowest number;
3. else what is open, earliest due first, then lowest number; what is left stays on account.

It sees what is owed up to its own day, so that the same documents give the same allocations in any order of one load
and in any loads that follow one another at day ends. An allocation takes effect on the later of both documents' days,
and never before either was last taken back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from heapq import heappop, heappush
from itertools import chain, groupby
from operator import attrgetter

import msgspec
from msgspec.structs import replace

from channel.codes import code_key
from channel.money import round_half_away
from channel.receivables.rules.documents import EXACT, Discount, Document, DocumentKind, number_order
from channel.receivables.rules.movements import Allocation, AllocationReason, ItemKey, Settles

_ZERO = Decimal(0)
_MONEY = frozenset({DocumentKind.RECEIPT, DocumentKind.BILL})
"""What can leave a rest that is let go; a credit note takes off what it says and no more."""

_Rank = tuple[date, tuple[int, str], int, int, int]


class Item(msgspec.Struct, frozen=True, gc=False):
    """An item as it stands: its own amount, what of it is open, and what credit notes took off it before.

    `free_on` is the day on which an allocation to it was last taken back, where one was.
    """

    document_id: int
    instalment: int
    kind: DocumentKind
    number: str
    effective_on: date
    due_on: date
    amount: Decimal
    open: Decimal
    credited: Decimal = _ZERO
    discount: Discount | None = None
    free_on: date | None = None

    @property
    def key(self) -> ItemKey:
        """The item's key in the books."""
        return ItemKey(self.document_id, self.instalment)


class Money(msgspec.Struct, frozen=True, gc=False):
    """A document that pays as it stands: its own amount, and what of it is on account.

    `references` are the numbers it names. `paid_on` is the day by which it is in time for a discount. Money that
    `stays` pays nothing by itself: a credit note whose source says so, and every write-off.
    """

    document_id: int
    kind: DocumentKind
    number: str
    effective_on: date
    amount: Decimal
    left: Decimal
    paid_on: date
    references: tuple[str, ...] = ()
    stays: bool = False
    free_on: date | None = None


class Tolerance(msgspec.Struct, frozen=True, gc=False):
    """A rest of an item that is let go: at most the amount, and at most the fraction of the item's own amount."""

    amount: Decimal
    rate: Decimal

    def covers(self, rest: Decimal, whole: Decimal) -> bool:
        """Whether the rest of an item of the amount `whole` is let go; the edge is."""
        return rest <= self.amount and rest <= EXACT.multiply(self.rate, whole)


class AllocationRules(msgspec.Struct, frozen=True, gc=False):
    """The settings of one currency: its decimals, to which discounts are rounded, and what rest is let go, if any."""

    digits: int
    tolerance: Tolerance | None = None


@dataclass(frozen=True, slots=True)
class Book:
    """What stood before a load: the open items, the money that waits for a document that it names, and what is in.

    `settled` are the keys (`code_key`) of numbers that are in with nothing open; only those that waiting or new money
    names are asked for. Other money on account is no part of it: no load touches it.
    """

    items: Sequence[Item] = ()
    waiting: Sequence[Money] = ()
    settled: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Allocated:
    """What a load's documents pay, what stays on account by document, and the book after it."""

    allocations: tuple[Allocation, ...]
    on_account: Mapping[int, Decimal]
    book: Book


def items_of(document: Document) -> tuple[Item, ...]:
    """The items of a document that is owed, wholly open; none of one that pays."""
    return tuple(
        Item(
            document.id,
            place,
            document.kind,
            document.number,
            document.effective_on,
            each.due_on,
            each.amount,
            each.amount,
            discount=document.discount,
        )
        for place, each in enumerate(document.instalments, 1)
    )


def money_of(document: Document) -> Money:
    """The money of a document that pays, wholly on account."""
    return Money(
        document.id,
        document.kind,
        document.number,
        document.effective_on,
        document.amount,
        document.amount,
        document.paid_on,
        document.references,
        document.stays_on_account or document.kind is DocumentKind.WRITE_OFF,
    )


def tolerance_within(amount: Decimal, rate: Decimal, one_may_write_off: Decimal | None) -> Tolerance:
    """The tolerance that is set, never above what one person may write off (None: as much as he likes)."""
    return Tolerance(amount if one_may_write_off is None else min(amount, one_may_write_off), rate)


def allocate(book: Book, items: Iterable[Item], money: Iterable[Money], rules: AllocationRules) -> Allocated:
    """What the new documents of one dealer and currency pay, and what waiting money pays of the new items."""
    run = _Run(rules, book.settled, sorted(chain(book.items, items), key=attrgetter("effective_on")))
    arriving = [*((each, True) for each in book.waiting), *((each, False) for each in money)]
    for each, waited in sorted(arriving, key=lambda pair: money_order(pair[0])):
        run.open_until(each.effective_on)
        run.pay(each, waited=waited)
    run.open_until(date.max)
    return run.outcome()


def money_order(money: Money) -> tuple[date, tuple[int, str], int]:
    """The order in which documents pay: by day, number and kind."""
    return money.effective_on, number_order(money.number), money.kind.order


def compute_discount(item: Item, left: Decimal, credited: Decimal, digits: int) -> Decimal:
    """The discount with which money settles what is left of an item; 0 where it has none.

    The rate of the item's amount less what credit notes took off, rounded half away from zero; 0 where that would
    leave nothing to pay.
    """
    if item.discount is None:
        return _ZERO
    base = EXACT.subtract(item.amount, credited)
    discount = round_half_away(EXACT.multiply(item.discount.rate, base), digits)
    return discount if discount < left else _ZERO


@dataclass(slots=True)
class _Run:
    """One load under way. Items are known by their place; heaps keep places in the order in which they are paid.

    An entry of a heap is true until its item changes; what is no longer true is dropped when it comes to the top.
    """

    rules: AllocationRules
    settled: frozenset[str]
    items: list[Item]
    place: int = 0
    open: list[Decimal] = field(default_factory=list)
    credited: list[Decimal] = field(default_factory=list)
    ranks: list[_Rank] = field(default_factory=list)
    by_number: dict[str, list[int]] = field(default_factory=dict)
    by_due: list[_Rank] = field(default_factory=list)
    by_amount: dict[Decimal, list[_Rank]] = field(default_factory=dict)
    money: list[Money] = field(default_factory=list)
    left: list[Decimal] = field(default_factory=list)
    missing: dict[int, set[str]] = field(default_factory=dict)
    waiting: dict[str, list[int]] = field(default_factory=dict)
    made: list[Allocation] = field(default_factory=list)

    def open_until(self, day: date) -> None:
        """Bring in what is owed up to a day, day by day; money that waited for it pays it first."""
        begin = self.place
        while self.place < len(self.items) and self.items[self.place].effective_on <= day:
            self.place += 1
        if begin == self.place:
            return
        for _, group in groupby(self.items[begin : self.place], key=attrgetter("effective_on")):
            self._pay_what_waited({self._bring_in(item) for item in group})

    def _bring_in(self, item: Item) -> str:
        place = len(self.open)
        order = number_order(item.number)
        self.open.append(item.open)
        self.credited.append(item.credited)
        self.ranks.append((item.due_on, order, item.kind.order, item.instalment, place))
        self.by_number.setdefault(order[1], []).append(place)
        if item.open:
            heappush(self.by_due, self.ranks[place])
            self._known_by_amount(place)
        return order[1]

    def _pay_what_waited(self, numbers: set[str]) -> None:
        paying: set[int] = set()
        for number in numbers:
            for waiting in self.waiting.get(number, ()):
                if self.missing[waiting]:
                    paying.add(waiting)
        for waiting in paying:
            self.missing[waiting].difference_update(numbers)
        for waiting in sorted(paying, key=lambda each: money_order(self.money[each])):
            self._pay_named(waiting)

    def pay(self, money: Money, *, waited: bool) -> None:
        """Let a document pay; one that waited pays nothing but what it names."""
        mine = len(self.money)
        self.money.append(money)
        self.left.append(money.left)
        if money.stays:
            return
        if money.references:
            self._pay_named(mine)
            if not self.left[mine]:
                return
            named = set(map(code_key, money.references))
            missing = {key for key in named if not self._is_in(key)}
            if missing:
                self.missing[mine] = missing
                for key in named:
                    self.waiting.setdefault(key, []).append(mine)
                return
        if not waited:
            self._pay_what_is_open(mine)

    def _is_in(self, key: str) -> bool:
        return key in self.by_number or key in self.settled

    def _pay_named(self, mine: int) -> None:
        for reference in self.money[mine].references:
            for place in sorted(self.by_number.get(code_key(reference), ()), key=self.ranks.__getitem__):
                if self.left[mine] and self.open[place]:
                    self._settle(mine, place, AllocationReason.REFERENCE)

    def _pay_what_is_open(self, mine: int) -> None:
        money = self.money[mine]
        if self.left[mine] == money.amount:
            place = self._equal_to(money)
            if place is not None:
                self._settle(mine, place, AllocationReason.EXACT)
        while self.left[mine] and self.by_due:
            place = self.by_due[0][-1]
            if self.open[place]:
                self._settle(mine, place, AllocationReason.OLDEST)
            else:
                heappop(self.by_due)

    def _equal_to(self, money: Money) -> int | None:
        """The first item that the whole of the money settles: as it stands, or with the discount of the money's day."""
        entries = self.by_amount.get(money.amount, [])
        while entries:
            place = entries[0][-1]
            discount = self.items[place].discount
            if self.open[place] == money.amount:
                return place
            if discount is not None and money.effective_on <= discount.until and self._net(place) == money.amount:
                return place
            heappop(entries)
        return None

    def _net(self, place: int) -> Decimal:
        return self.open[place] - self._discount(place)

    def _discount(self, place: int) -> Decimal:
        return compute_discount(self.items[place], self.open[place], self.credited[place], self.rules.digits)

    def _known_by_amount(self, place: int) -> None:
        heappush(self.by_amount.setdefault(self.open[place], []), self.ranks[place])
        if self.items[place].discount is not None:
            heappush(self.by_amount.setdefault(self._net(place), []), self.ranks[place])

    def _settle(self, mine: int, place: int, why: AllocationReason) -> None:
        """Pay of an item what the money reaches for; discount and a small rest only where they settle it."""
        money, item, left, was = self.money[mine], self.items[place], self.left[mine], self.open[place]
        discount = _ZERO
        if item.discount is not None and money.kind is DocumentKind.RECEIPT and money.paid_on <= item.discount.until:
            discount = self._discount(place)
        paid = min(left, was - discount)
        short = was - discount - paid
        if short and not self._is_let_go(money, item, short):
            discount, rest = _ZERO, was - paid
        else:
            rest = _ZERO
        on = max(money.effective_on, item.effective_on)
        if money.free_on is not None or item.free_on is not None:
            on = max(each for each in (on, money.free_on, item.free_on) if each)
        self._made(money, item, paid, on, Settles.PAYMENT, why)
        if not rest and (discount or short):
            self._made(money, item, discount, on, Settles.DISCOUNT, why)
            self._made(money, item, short, on, Settles.DIFFERENCE, why)
        self.left[mine], self.open[place] = left - paid, rest
        if money.kind is DocumentKind.CREDIT_NOTE:
            self.credited[place] += paid
        if rest:
            self._known_by_amount(place)

    def _made(
        self, money: Money, item: Item, amount: Decimal, on: date, settles: Settles, why: AllocationReason
    ) -> None:
        if amount:
            self.made.append(Allocation(money.document_id, item.key, amount, on, settles, why))

    def _is_let_go(self, money: Money, item: Item, rest: Decimal) -> bool:
        tolerance = self.rules.tolerance
        return tolerance is not None and money.kind in _MONEY and tolerance.covers(rest, item.amount)

    def outcome(self) -> Allocated:
        """What was made, what is left of each document's money, and the book after it."""
        items = tuple(
            item if item.open == left else replace(item, open=left, credited=credited)
            for item, left, credited in zip(self.items, self.open, self.credited, strict=True)
            if left
        )
        waiting = tuple(
            replace(self.money[mine], left=self.left[mine])
            for mine, missing in self.missing.items()
            if missing and self.left[mine]
        )
        settled = {order[1] for (_, order, *_), left in zip(self.ranks, self.open, strict=True) if not left}
        on_account = {money.document_id: left for money, left in zip(self.money, self.left, strict=True) if left}
        return Allocated(tuple(self.made), on_account, Book(items, waiting, self.settled | settled))
