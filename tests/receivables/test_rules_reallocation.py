"""Late documents change nothing that was posted; reallocating gives what one load would have given."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from channel.receivables.rules.allocation import AllocationRules, allocate, items_of, money_of
from channel.receivables.rules.documents import Document, DocumentKind
from channel.receivables.rules.movements import (
    Allocation,
    AllocationReason,
    ItemKey,
    Settles,
    TakenBack,
    compute_standing,
    movements_of_allocation,
    movements_of_document,
    movements_of_taking_back,
)
from channel.receivables.rules.reallocation import (
    Reallocation,
    as_they_stand,
    book_before_a_load,
    plan_reallocation,
)
from channel.view import View
from tests.make.receivables import allocated, day, moment, owed, paying, some_documents, some_rules

D = Decimal
TODAY = 30


@dataclass
class Ledger:
    """One dealer's documents and allocations as loads, people and reallocations leave them."""

    rules: AllocationRules
    documents: list[Document] = field(default_factory=list)
    allocations: list[Allocation] = field(default_factory=list)

    def make(self, allocations: Iterable[Allocation]) -> None:
        for each in allocations:
            self.allocations.append(replace(each, id=len(self.allocations) + 1))

    def load(self, documents: Sequence[Document]) -> None:
        book = book_before_a_load(self.documents, self.allocations)
        items = [item for document in documents for item in items_of(document)]
        money = [money_of(document) for document in documents if not document.kind.is_owed]
        self.make(allocate(book, items, money, self.rules).allocations)
        self.documents.extend(documents)

    def take_back(self, taken: TakenBack) -> None:
        place = self.allocations.index(taken.allocation)
        self.allocations[place] = replace(taken.allocation, taken_back_on=taken.on)

    def carry_out(self, plan: Reallocation) -> None:
        for taken in plan.taken_back:
            self.take_back(taken)
        self.make(plan.made)

    def by_hand(self, random: Random) -> None:
        items, money = as_they_stand(self.documents, self.allocations)
        choices = [(i, m) for i in items if i.open for m in money if m.left]
        if choices:
            item, paying_ = random.choice(choices)
            free = [item.effective_on, paying_.effective_on, item.free_on, paying_.free_on]
            on = max(each for each in free if each)
            amount = random.choice((min(item.open, paying_.left), D("0.5")))
            self.make([Allocation(paying_.document_id, item.key, min(amount, item.open, paying_.left), on)])

    def some_taking_back(self, random: Random) -> None:
        held = [each for each in self.allocations if each.holds]
        if held:
            each = random.choice(held)
            self.take_back(TakenBack(each, day(random.randint((each.effective_on - day(0)).days, TODAY))))

    def standings(self, days: Iterable[int]) -> list[object]:
        movements = [each for document in self.documents for each in movements_of_document(document, moment(0))]
        for each in self.allocations:
            movements += movements_of_allocation(each, moment(0))
            if each.taken_back_on is not None:
                held = replace(each, taken_back_on=None)
                movements += movements_of_taking_back(TakenBack(held, each.taken_back_on), moment(0))
        return [compute_standing(movements, View(day(on), moment(1))) for on in days]

    def held(self) -> list[tuple[object, ...]]:
        return sorted((a.money_id, a.item, a.settles.value, a.amount) for a in self.allocations if a.holds)


def some_ledger(random: Random) -> Ledger:
    ledger = Ledger(some_rules(random))
    documents = some_documents(random)
    random.shuffle(documents)
    while documents:
        count = random.randint(1, 6)
        ledger.load(documents[:count])
        del documents[:count]
        for act in random.choices((ledger.by_hand, ledger.some_taking_back), k=random.randint(0, 2)):
            act(random)
    return ledger


def one_load(ledger: Ledger) -> Ledger:
    whole = Ledger(ledger.rules)
    whole.load(ledger.documents)
    return whole


def never_below_nothing(ledger: Ledger) -> bool:
    return all(
        amount > 0
        for standing in ledger.standings(range(TODAY + 1))
        for side in (standing.items, standing.on_account)  # type: ignore[attr-defined]
        for amount in side.values()
    )


@given(st.integers(min_value=0))
def test_late_loads_choices_and_takings_back_never_settle_anything_twice_on_any_day(seed: int) -> None:
    ledger = some_ledger(Random(seed))  # noqa: S311 - test data, not secrets
    assert never_below_nothing(ledger)


@given(st.integers(min_value=0))
def test_every_day_after_reallocating_is_as_after_one_load(seed: int) -> None:
    ledger = some_ledger(Random(seed))  # noqa: S311 - test data, not secrets
    ledger.carry_out(plan_reallocation(ledger.documents, ledger.allocations, ledger.rules))
    whole = one_load(ledger)
    assert ledger.held() == whole.held()
    assert ledger.standings(range(TODAY + 1)) == whole.standings(range(TODAY + 1))
    again = plan_reallocation(ledger.documents, ledger.allocations, ledger.rules)
    assert (again.taken_back, again.made) == ((), ())


@given(st.integers(min_value=0), st.integers(10, TODAY))
def test_reallocating_from_a_day_leaves_the_days_before_it_and_is_as_one_load_from_then_on(seed: int, on: int) -> None:
    ledger = some_ledger(Random(seed))  # noqa: S311 - test data, not secrets
    before = ledger.standings(range(on))
    ledger.carry_out(plan_reallocation(ledger.documents, ledger.allocations, ledger.rules, day(on)))
    whole = one_load(ledger)
    assert ledger.held() == whole.held()
    assert ledger.standings(range(on)) == before
    assert ledger.standings([TODAY]) == whole.standings([TODAY])
    assert never_below_nothing(ledger)


@given(st.integers(min_value=0))
def test_what_is_kept_stays_and_the_rest_is_allocated_around_it(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - test data, not secrets
    ledger = some_ledger(random)
    chosen = [each for each in ledger.allocations if each.holds and each.why is AllocationReason.BY_HAND]
    kept = frozenset(each.id for each in chosen)
    plan = plan_reallocation(ledger.documents, ledger.allocations, ledger.rules, kept=kept)
    assert set(chosen) <= set(plan.unchanged)
    ledger.carry_out(plan)
    assert never_below_nothing(ledger)


def test_a_late_receipt_changes_no_posted_allocation_until_all_is_reallocated() -> None:
    ledger = Ledger(AllocationRules(2))
    ledger.load([owed("100", id=1, number="I1", due=10), owed("100", id=2, number="I2", due=20)])
    ledger.load([paying("150", id=3, number="R2", on=5)])
    ledger.load([paying("50", id=4, number="R1", on=4)])
    first = [(3, ItemKey(1, 1), "payment", D(100)), (3, ItemKey(2, 1), "payment", D(50))]
    assert ledger.held() == [*first, (4, ItemKey(2, 1), "payment", D(50))]
    plan = plan_reallocation(ledger.documents, ledger.allocations, ledger.rules, day(9))
    assert [(each.allocation.money_id, each.on) for each in plan.taken_back] == [(3, day(9)), (3, day(9)), (4, day(9))]
    assert [(each.money_id, each.item.document_id, each.amount, each.effective_on) for each in plan.made] == [
        (4, 1, D(50), day(9)), (3, 1, D(50), day(9)), (3, 2, D(100), day(9)),
    ]  # fmt: skip
    unmoved = plan_reallocation(ledger.documents, ledger.allocations, ledger.rules)
    assert [each.on for each in unmoved.taken_back] == [day(5), day(5), day(4)]
    assert [each.effective_on for each in unmoved.made] == [day(4), day(5), day(5)]


def test_money_waits_again_when_the_document_that_it_names_is_posted_anew() -> None:
    receipt = paying("100", id=2, number="R", on=5, references=("I1",))
    ledger = Ledger(AllocationRules(2))
    ledger.load([receipt])
    ledger.load([owed("120", id=3, number="I1", on=2)])
    assert ledger.held() == [(2, ItemKey(3, 1), "payment", D(100))]


def test_other_money_on_account_and_what_stays_wait_for_nothing() -> None:
    documents = [
        owed("10", id=1, number="I1"),
        owed("101", id=7, number="I2"),
        paying("100", id=2, number="R1", references=("I1",)),
        paying("100", id=3, number="R2"),
        paying("100", id=4, number="C1", kind=DocumentKind.CREDIT_NOTE, references=("I9",), stays_on_account=True),
        paying("100", id=5, number="R3", references=("I1", "i9")),
        paying("100", id=6, number="R4", references=("I9",)),
    ]
    book = book_before_a_load(
        documents, [allocated("10", on=0), allocated("100", on=0, money_id=6, item=ItemKey(7, 1))]
    )
    assert [each.document_id for each in book.waiting] == [5]
    assert [(each.document_id, each.open) for each in book.items] == [(7, D(1))]
    assert book.settled == frozenset({"i1"})


def test_how_items_and_money_stand() -> None:
    documents = [
        owed("100", id=1, number="I1"),
        paying("30", id=2, number="C1", kind=DocumentKind.CREDIT_NOTE),
        paying("50", id=3, number="R1"),
    ]
    allocations = [
        allocated("30", on=0),
        allocated("20", on=0, money_id=3),
        allocated("1", on=0, money_id=3, settles=Settles.DIFFERENCE),
        allocated("9", on=0, money_id=3, taken_back_on=day(7)),
        allocated("9", on=0, money_id=3, taken_back_on=day(6)),
    ]
    (item,), money = as_they_stand(documents, allocations)
    assert (item.open, item.credited, item.free_on) == (D(49), D(30), day(7))
    assert [(each.document_id, each.left, each.free_on) for each in money] == [(2, D(0), None), (3, D(30), day(7))]


@pytest.mark.parametrize("on", [None, day(9)])
def test_what_a_write_off_settled_stays(on: date | None) -> None:
    documents = [owed("100", id=1), paying("100", id=2, number="W", kind=DocumentKind.WRITE_OFF)]
    written_off = allocated("100", on=3)
    plan = plan_reallocation(documents, [written_off], AllocationRules(2), on)
    assert (plan.taken_back, plan.made, plan.unchanged) == ((), (), (written_off,))


@pytest.mark.parametrize("on", [None, day(9)])
def test_what_one_load_would_have_made_as_well_is_told_as_unchanged(on: date | None) -> None:
    ledger = Ledger(AllocationRules(2))
    ledger.load([owed("100", id=1, number="I1", due=10), owed("70", id=2, number="I2"), owed("30", id=5, number="I5")])
    ledger.load([paying("70", id=3, number="R2", on=5, references=("I2",)), paying("30", id=6, number="R6", on=5)])
    named, other = ledger.allocations
    assert (named.item.document_id, other.item.document_id) == (2, 5)
    ledger.load([paying("30", id=4, number="R1", on=4)])
    plan = plan_reallocation(ledger.documents, ledger.allocations, ledger.rules, on, frozenset())
    # The receipt that came late has the item of its very amount, and the other one goes to what was due first.
    assert plan.unchanged == (named,)
    assert {each.allocation.money_id for each in plan.taken_back} == {4, 6}
    kept = plan_reallocation(ledger.documents, ledger.allocations, ledger.rules, on, frozenset({other.id}))
    assert set(kept.unchanged) == {named, other, ledger.allocations[2]}
    assert (kept.taken_back, kept.made) == ((), ())


def test_money_named_to_what_is_kept_goes_on_to_what_is_open() -> None:
    documents = [
        owed("100", id=1, number="I1"),
        owed("40", id=2, number="I2"),
        paying("100", id=3, number="R1", on=1),
        paying("40", id=4, number="R2", on=2, references=("I1",)),
    ]
    kept = allocated("100", on=1, money_id=3)
    plan = plan_reallocation(documents, [kept], AllocationRules(2), kept=frozenset({kept.id}))
    assert [(each.money_id, each.item.document_id) for each in plan.made] == [(4, 2)]
