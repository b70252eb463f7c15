"""What stands as of a day, as known at a moment: acts an accountant can read, and random histories."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from channel.receivables.rules.documents import Document, DocumentKind, Instalment
from channel.receivables.rules.movements import (
    Allocation,
    ItemKey,
    Movement,
    Settles,
    Standing,
    TakenBack,
    compute_standing,
    holds_in,
    movements_of_allocation,
    movements_of_document,
    movements_of_reversal,
    movements_of_taking_back,
    refused_by_hand,
    refused_reversal,
    refused_taking_back,
    taken_back_with,
)
from channel.view import View
from tests.make.receivables import allocated, day, moment, owed, paying

D = Decimal
LATE = 10_000


def seen(movements: Iterable[Movement], on: int, known: int = LATE) -> Standing:
    return compute_standing(movements, View(day(on), moment(known)))


def figures(movements: Iterable[Movement], on: int, known: int = LATE) -> tuple[str, ...]:
    standing = seen(movements, on, known)
    return tuple(str(each) for each in (standing.open, standing.unapplied, standing.in_bills, standing.exposure))


@pytest.mark.parametrize(("on", "known", "counts"), [(5, 7, True), (4, 7, False), (5, 6, False), (6, 8, True)])
def test_both_edges_belong_to_the_view(on: int, known: int, counts: bool) -> None:
    assert holds_in(day(5), moment(7), View(day(on), moment(known))) is counts


def test_a_payment_counts_from_the_later_of_both_days_and_its_taking_back_from_its_own() -> None:
    paid = allocated("60", on=5)
    books = [
        *movements_of_document(owed("100", on=1), moment(1)),
        *movements_of_document(paying("80", on=5), moment(5)),
        *movements_of_allocation(paid, moment(5)),
        *movements_of_taking_back(TakenBack(paid, day(9)), moment(9)),
    ]
    assert figures(books, 4) == ("100", "0", "0", "100")
    assert figures(books, 5) == ("40", "20", "0", "20")
    assert figures(books, 8) == ("40", "20", "0", "20")
    assert figures(books, 9) == ("100", "80", "0", "20")
    assert figures(books, 9, known=8) == ("40", "20", "0", "20")


def test_a_reversal_takes_effect_on_the_day_of_its_document_and_takes_its_allocations_along() -> None:
    invoice, receipt, paid = owed("100", on=1), paying("100", on=5), allocated("100", on=5)
    books = [
        *movements_of_document(invoice, moment(1)),
        *movements_of_document(receipt, moment(5)),
        *movements_of_allocation(paid, moment(5)),
        *movements_of_reversal(invoice, day(1), moment(20)),
    ]
    for taken in taken_back_with(invoice.id, [paid], day(1)):
        books.extend(movements_of_taking_back(taken, moment(20)))
    assert [figures(books, on) for on in (0, 1, 4)] == [("0", "0", "0", "0")] * 3
    assert figures(books, 5) == ("0", "100", "0", "-100")
    assert figures(books, 5, known=19) == ("0", "0", "0", "0")
    assert figures(books, 4, known=19) == ("100", "0", "0", "100")


def test_a_difference_settles_the_item_and_takes_no_money() -> None:
    books = [
        *movements_of_document(owed("100", on=1), moment(1)),
        *movements_of_document(paying("99.99", on=5), moment(5)),
        *movements_of_allocation(allocated("99.99", on=5), moment(5)),
        *movements_of_allocation(allocated("0.01", on=5, settles=Settles.DIFFERENCE), moment(5)),
    ]
    assert figures(books, 5) == ("0", "0", "0", "0")


def bill_books(dishonoured: int | None) -> list[Movement]:
    invoice, note, paid = (
        owed("100", on=1),
        paying(on=5, kind=DocumentKind.BILL, matures_on=day(95)),
        allocated("100", on=5),
    )
    books = [
        *movements_of_document(invoice, moment(1)),
        *movements_of_document(note, moment(5)),
        *movements_of_allocation(paid, moment(5)),
    ]
    if dishonoured is not None:
        books += movements_of_reversal(note, day(dishonoured), moment(100))
        for taken in taken_back_with(note.id, [paid], day(dishonoured)):
            books.extend(movements_of_taking_back(taken, moment(100)))
    return books


def test_a_bill_settles_from_its_day_and_stays_in_the_exposure_until_it_matures() -> None:
    books = bill_books(None)
    assert figures(books, 4) == ("100", "0", "0", "100")
    assert figures(books, 5) == ("0", "0", "100", "100")
    assert figures(books, 94) == ("0", "0", "100", "100")
    assert figures(books, 95) == ("0", "0", "0", "0")


@pytest.mark.parametrize("dishonoured", [5, 60, 94, 95, 97])
def test_a_dishonoured_bill_reopens_its_items_and_is_never_counted_beside_them(dishonoured: int) -> None:
    books = bill_books(dishonoured)
    for on in (dishonoured, 94, 95, 99):
        if on >= dishonoured:
            assert figures(books, on) == ("100", "0", "0", "100")
    for on in (5, 94, 96):
        if on < dishonoured:
            assert figures(books, on) == figures(bill_books(None), on)
    assert figures(books, 97, known=99) == ("0", "0", "0", "0")


def test_a_reversal_ends_an_allocation_earlier_than_it_was_taken_back() -> None:
    paid = allocated("100", on=5)
    taken = replace(paid, taken_back_on=day(20))
    invoice = owed("100", on=1)
    books = [
        *movements_of_document(invoice, moment(1)),
        *movements_of_document(paying("100", on=5), moment(5)),
        *movements_of_allocation(paid, moment(5)),
        *movements_of_taking_back(TakenBack(paid, day(20)), moment(20)),
        *movements_of_reversal(invoice, day(1), moment(25)),
    ]
    for each in taken_back_with(invoice.id, [taken], day(1)):
        books.extend(movements_of_taking_back(each, moment(25)))
    assert [figures(books, on) for on in (10, 20, 30)] == [("0", "100", "0", "-100")] * 3


@pytest.mark.parametrize(
    ("reversed_from", "before", "ends"),
    [(1, None, [5]), (7, None, [7]), (7, 7, []), (7, 8, [7]), (7, 6, []), (1, 5, []), (1, 6, [5])],
)
def test_which_allocations_a_reversal_ends_and_when(reversed_from: int, before: int | None, ends: list[int]) -> None:
    paid = allocated("100", on=5, taken_back_on=None if before is None else day(before))
    strange = allocated("100", on=5, money_id=8, item=ItemKey(9, 1))
    for document_id in (paid.money_id, paid.item.document_id):
        taken = taken_back_with(document_id, [paid, strange], day(reversed_from))
        assert [each.on for each in taken] == [day(n) for n in ends]


@pytest.mark.parametrize(("on", "refused"), [(3, False), (2, True), (10, False), (11, True), (None, False)])
def test_a_reversal_is_not_before_its_document_nor_after_today(on: int | None, refused: bool) -> None:
    found = refused_reversal(paying(on=3), None if on is None else day(on), day(10), None)
    assert bool(found) is refused
    assert [error.field for error in refused_reversal(paying(on=3), None, day(10), day(4))] == ["document"]


@pytest.mark.parametrize(("on", "refused"), [(3, False), (2, True), (10, False), (11, True)])
def test_taking_back_is_not_before_the_allocation_nor_after_today(on: int, refused: bool) -> None:
    assert bool(refused_taking_back(allocated("1", on=3), day(on), day(10))) is refused
    ended = allocated("1", on=3, taken_back_on=day(5))
    assert [error.field for error in refused_taking_back(ended, day(6), day(10))] == ["allocation"]


@pytest.mark.parametrize(
    ("amount", "on", "fields"),
    [
        ("40", 5, []), ("40.01", 5, ["amount"]), ("0", 5, ["amount"]), ("NaN", 5, ["amount"]),
        ("40", 4, ["effective_on"]), ("40", 10, []), ("40", 11, ["effective_on"]),
        ("41", 4, ["amount", "effective_on"]),
    ],
)  # fmt: skip
def test_a_choice_by_hand_is_within_what_is_open_and_on_account(amount: str, on: int, fields: list[str]) -> None:
    found = refused_by_hand(allocated(amount, on=on), paying(), owed(), (D(60), D(40)), day(5), day(10))
    assert [error.field for error in found] == fields


def test_a_difference_by_hand_is_within_what_is_open_alone() -> None:
    for amount, fields in (("60", []), ("60.01", ["amount"])):
        let_go = allocated(amount, on=5, settles=Settles.DIFFERENCE)
        found = refused_by_hand(let_go, paying(), owed(), (D(60), D(0)), day(5), day(10))
        assert [error.field for error in found] == fields


def test_money_never_pays_in_another_currency_nor_what_is_not_owed() -> None:
    def fields(money: Document, item: Document) -> list[str]:
        found = refused_by_hand(allocated("1", on=5), money, item, (D(60), D(40)), day(5), day(10))
        return [error.field for error in found]

    assert fields(paying(currency="USD"), owed()) == ["currency"]
    assert fields(paying(), paying()) == ["item"]
    assert fields(owed(), owed()) == ["item"]


@dataclass
class History:
    """Random acts of one dealer in the order of their recording, kept as they were done, and their movements."""

    random: Random
    documents: dict[int, tuple[Document, datetime]] = field(default_factory=dict)
    reversals: dict[int, tuple[date, datetime]] = field(default_factory=dict)
    allocations: dict[int, tuple[Allocation, datetime]] = field(default_factory=dict)
    ends: list[tuple[int, date, datetime]] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)

    def act(self, n: int) -> None:
        now, today = moment(n), n
        kinds = (self.post, self.post, self.allocate, self.allocate, self.allocate, self.take_back, self.reverse)
        self.random.choice(kinds)(today, now)

    def post(self, today: int, now: datetime) -> None:
        number, on, amount = len(self.documents) + 1, self.random.randint(0, today), self.random.randint(1, 9)
        kind = self.random.choice(
            (
                DocumentKind.INVOICE,
                DocumentKind.INVOICE,
                DocumentKind.RECEIPT,
                DocumentKind.RECEIPT,
                DocumentKind.BILL,
                DocumentKind.DEBIT_NOTE,
            )
        )
        matures = day(on + self.random.randint(0, 20)) if kind is DocumentKind.BILL else None
        document = paying(D(2 * amount), on=on, kind=kind, number=f"N{number}", id=number, matures_on=matures)
        if kind.is_owed:
            parts = tuple(Instalment(day(on + place), D(amount)) for place in (10, 20))
            document = replace(document, instalments=parts)
        self.documents[number] = document, now
        self.movements += movements_of_document(document, now)

    def now(self) -> Standing:
        return seen(self.movements, LATE)

    def free_on(self, document_id: int) -> date:
        ends = [on for number, on, _ in self.ends if document_id in self._ids(number)]
        return max([self.documents[document_id][0].effective_on, *ends])

    def _ids(self, number: int) -> set[int]:
        allocation = self.allocations[number][0]
        return {allocation.money_id, allocation.item.document_id}

    def allocate(self, today: int, now: datetime) -> None:
        standing = self.now()
        if not standing.items or not standing.on_account:
            return
        item, open_amount = self.random.choice(list(standing.items.items()))
        money, left = self.random.choice(list(standing.on_account.items()))
        settles = self.random.choice((Settles.PAYMENT, Settles.PAYMENT, Settles.DIFFERENCE))
        amount = D(self.random.randint(1, int(min(open_amount, left))))
        free_on = max(self.free_on(item.document_id), self.free_on(money))
        on = self.random.choice((free_on, day(self.random.randint((free_on - day(0)).days, today))))
        allocation = Allocation(money, item, amount, on, settles, id=len(self.allocations) + 1)
        documents = self.documents[money][0], self.documents[item.document_id][0]
        assert refused_by_hand(allocation, *documents, (open_amount, left), free_on, day(today)) == ()
        self.allocations[allocation.id] = allocation, now
        self.movements += movements_of_allocation(allocation, now)

    def with_ends(self) -> list[Allocation]:
        last: dict[int, date] = {}
        for number, on, _ in self.ends:
            last[number] = min(on, last.get(number, on))
        return [replace(each, taken_back_on=last.get(each.id)) for each, _ in self.allocations.values()]

    def end(self, taken: TakenBack, now: datetime) -> None:
        self.ends.append((taken.allocation.id, taken.on, now))
        self.movements += movements_of_taking_back(taken, now)

    def take_back(self, today: int, now: datetime) -> None:
        held = [each for each in self.with_ends() if each.holds]
        if held:
            allocation = self.random.choice(held)
            on = day(self.random.randint((allocation.effective_on - day(0)).days, today))
            assert refused_taking_back(allocation, on, day(today)) == ()
            self.end(TakenBack(allocation, on), now)

    def reverse(self, today: int, now: datetime) -> None:
        live = [number for number in self.documents if number not in self.reversals]
        if not live:
            return
        document = self.documents[self.random.choice(live)][0]
        first = (document.effective_on - day(0)).days
        on = day(self.random.choice((first, self.random.randint(first, today))))
        assert refused_reversal(document, on, day(today), None) == ()
        self.reversals[document.id] = on, now
        self.movements += movements_of_reversal(document, on, now)
        for taken in taken_back_with(document.id, self.with_ends(), on):
            self.end(taken, now)

    def told_slowly(self, view: View) -> Standing:
        """Documents that live, allocations between two that live and that were not taken back; no movement is read."""

        def gone(on: date, recorded_at: datetime) -> bool:
            return on <= view.as_of and recorded_at <= view.known_at

        live = {
            number: document
            for number, (document, recorded_at) in self.documents.items()
            if gone(document.effective_on, recorded_at)
            and not (number in self.reversals and gone(*self.reversals[number]))
        }
        items = {
            ItemKey(number, place): each.amount
            for number, document in live.items()
            for place, each in enumerate(document.instalments, 1)
        }
        money = {number: document.amount for number, document in live.items() if not document.kind.is_owed}
        for number, (allocation, recorded_at) in self.allocations.items():
            ended = any(gone(on, at) for each, on, at in self.ends if each == number)
            between = allocation.item in items and allocation.money_id in money
            if gone(allocation.effective_on, recorded_at) and not ended and between:
                items[allocation.item] -= allocation.amount
                if allocation.settles is Settles.PAYMENT:
                    money[allocation.money_id] -= allocation.amount
        bills = {n: d.amount for n, d in live.items() if d.matures_on is not None and view.as_of < d.matures_on}
        return Standing(
            {key: amount for key, amount in items.items() if amount}, {n: a for n, a in money.items() if a}, bills
        )


@given(st.integers(min_value=0), st.integers(5, 40))
def test_every_view_of_a_random_history_is_what_lives_in_it_and_nothing_is_settled_twice(seed: int, acts: int) -> None:
    history = History(Random(seed))  # noqa: S311 - test data, not secrets
    for n in range(acts):
        history.act(n)
    for known in range(-1, acts, 3):
        for on in range(0, acts + 25, 4):
            view = View(day(on), moment(known))
            standing = compute_standing(history.movements, view)
            assert standing == history.told_slowly(view)
            assert standing.balance == standing.open - standing.unapplied
            assert standing.exposure == standing.balance + standing.in_bills
            for side in (standing.items, standing.on_account, standing.bills):
                assert all(amount > 0 for amount in side.values())


@given(st.integers(min_value=0))
def test_a_view_that_was_given_is_given_again_whatever_comes_later(seed: int) -> None:
    history = History(Random(seed))  # noqa: S311 - test data, not secrets
    given_views = []
    for n in range(25):
        history.act(n)
        view = View(day(n // 2), moment(n))
        given_views.append((view, compute_standing(history.movements, view)))
    for view, standing in given_views:
        assert compute_standing(history.movements, view) == standing
