"""What pays what: examples by hand, both sides of each edge, and random documents against a slow telling."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from channel.receivables.rules.allocation import (
    Allocated,
    AllocationRules,
    Book,
    Money,
    Tolerance,
    allocate,
    compute_discount,
    items_of,
    money_of,
    tolerance_within,
)
from channel.receivables.rules.documents import Discount, Document, DocumentKind, Instalment
from channel.receivables.rules.movements import Allocation, Settles
from tests.make.receivables import day, owed, paying, some_documents, some_rules
from tests.make.slow_allocation import Made, told_slowly

D = Decimal
PLAIN = AllocationRules(2)


def load(documents: Iterable[Document], rules: AllocationRules = PLAIN, book: Book | None = None) -> Allocated:
    every = list(documents)
    items = [item for document in every for item in items_of(document)]
    money = [money_of(document) for document in every if not document.kind.is_owed]
    return allocate(book or Book(), items, money, rules)


def told(documents: Sequence[Document], rules: AllocationRules = PLAIN) -> list[str]:
    """Allocations as `R1 > I2: 30`, with what is not plain payment said."""
    numbers = {document.id: document.number for document in documents}
    return [
        f"{numbers[each.money_id]} > {numbers[each.item.document_id]}: {each.amount.normalize():f}"
        + ("" if each.settles == "payment" else f" {each.settles.value}")
        for each in load(documents, rules).allocations
    ]


def made(allocations: Iterable[Allocation]) -> list[Made]:
    return [
        (a.money_id, a.item.document_id, a.item.instalment, a.amount, a.effective_on, a.settles.value, a.why.value)
        for a in allocations
    ]


def ids(*documents: Document) -> list[Document]:
    return [replace(document, id=place) for place, document in enumerate(documents, 1)]


def invoice(number: str, amount: str, **given: Any) -> Document:  # noqa: ANN401 - fields of Document
    return owed(amount, number=number, **given)


def receipt(number: str, amount: str, **given: Any) -> Document:  # noqa: ANN401 - fields of Document
    return paying(amount, number=number, **given)


def test_the_oldest_due_is_paid_first_and_the_lower_number_of_a_day() -> None:
    documents = ids(
        invoice("I3", "300", due=60), invoice("I10", "250", due=10), invoice("I9", "100", due=10), receipt("R", "700")
    )
    assert told(documents) == ["R > I9: 100", "R > I10: 250", "R > I3: 300"]
    assert load(documents).on_account == {4: D(50)}


def test_what_is_named_comes_before_an_exact_amount_and_that_before_the_oldest() -> None:
    documents = ids(invoice("I1", "90", due=1), invoice("I2", "50", due=2), invoice("I3", "70", due=3))
    assert told([*documents, receipt("R", "50", id=9, references=("i3",))]) == ["R > I3: 50"]
    assert told([*documents, receipt("R", "70", id=9)]) == ["R > I3: 70"]
    assert told([*documents, receipt("R", "71", id=9)]) == ["R > I1: 71"]
    assert told([*documents, receipt("R", "120", id=9, references=("I3",))]) == ["R > I3: 70", "R > I1: 50"]
    assert [each.why for each in load([*documents, receipt("R", "70", id=9)]).allocations] == ["exact"]


def test_of_several_exact_amounts_the_earliest_due_and_then_the_lowest_number_is_paid() -> None:
    documents = ids(
        invoice("I1", "60", due=1), invoice("I4", "50", due=3), invoice("I3", "50", due=3), invoice("I2", "50", due=4)
    )
    assert told([*documents, receipt("R", "50", id=9)]) == ["R > I3: 50"]


def test_an_exact_amount_is_what_is_left_of_an_item() -> None:
    documents = ids(
        invoice("I1", "60", due=1),
        invoice("I2", "80", due=2),
        receipt("R1", "30", references=("I2",)),
        receipt("R2", "50"),
    )
    assert told(documents) == ["R1 > I2: 30", "R2 > I2: 50"]


def test_what_is_named_is_paid_in_the_order_of_naming_and_of_one_number_by_due_day() -> None:
    halves = (Instalment(day(20), D(30)), Instalment(day(40), D(30)))
    documents = ids(
        invoice("I1", "50", due=1),
        invoice("I2", "60", instalments=halves),
        receipt("R", "100", references=("I2", "I1")),
    )
    assert told(documents) == ["R > I2: 30", "R > I2: 30", "R > I1: 40"]


def test_money_that_names_what_is_not_in_waits_for_it_and_pays_nothing_else() -> None:
    early = ids(
        invoice("I1", "100", on=1), receipt("R", "100", on=2, references=("I9",)), invoice("I9", "60", on=3),
        invoice("I10", "60", on=4),
    )  # fmt: skip
    assert told(early[:2]) == []
    assert told(early) == ["R > I9: 60"]
    found = load(early)
    assert (found.allocations[0].effective_on, found.on_account) == (day(3), {2: D(40)})
    assert found.book.waiting == ()


def test_money_that_waits_pays_what_it_names_that_is_in() -> None:
    documents = ids(
        invoice("I1", "30", on=1), invoice("I2", "30", on=1), receipt("R", "100", on=2, references=("I9", "I1")),
        invoice("I9", "60", on=3),
    )  # fmt: skip
    assert told(documents) == ["R > I1: 30", "R > I9: 60"]


def test_what_waited_comes_before_the_money_of_the_day() -> None:
    documents = ids(
        receipt("R1", "60", on=2, references=("I9",)), receipt("R0", "60", on=3), invoice("I9", "60", on=3),
        receipt("R2", "10", on=1, references=("I9",)),
    )  # fmt: skip
    assert told(documents) == ["R2 > I9: 10", "R1 > I9: 50"]


def test_money_that_names_what_is_paid_already_goes_on_to_what_is_open() -> None:
    documents = ids(
        invoice("I1", "50", due=1),
        invoice("I2", "50", due=2),
        receipt("R1", "50"),
        receipt("R2", "50", references=("I1",)),
    )
    assert told(documents) == ["R1 > I1: 50", "R2 > I2: 50"]
    second = load([replace(documents[3], effective_on=day(1))], book=load(documents[:3]).book)
    assert [each.item.document_id for each in second.allocations] == [2]


def test_money_on_account_is_never_taken_by_a_new_invoice() -> None:
    documents = ids(receipt("R", "50", on=1), invoice("I1", "50", on=2))
    assert told(documents) == []
    assert load([documents[1]], book=load([documents[0]]).book).allocations == ()


def test_what_is_owed_on_a_day_is_there_before_the_money_of_that_day() -> None:
    assert told(ids(receipt("A1", "50", on=2), invoice("Z9", "50", on=2))) == ["A1 > Z9: 50"]


def test_a_credit_note_pays_unless_its_source_says_that_it_stays_and_a_write_off_never_by_itself() -> None:
    documents = ids(invoice("I1", "50"), receipt("C", "20", kind=DocumentKind.CREDIT_NOTE))
    assert told(documents) == ["C > I1: 20"]
    assert told([documents[0], replace(documents[1], stays_on_account=True, references=("I1",))]) == []
    assert told([documents[0], replace(documents[1], kind=DocumentKind.WRITE_OFF, references=("I1",))]) == []
    assert told([documents[0], replace(documents[1], kind=DocumentKind.BILL, matures_on=day(90))]) == ["C > I1: 20"]


@pytest.mark.parametrize(
    ("paid", "amount", "rate", "let_go"),
    [
        ("99", "1", "0.01", True), ("98.99", "1", "0.01", False), ("99", "0.99", "0.01", False),
        ("99", "1", "0.0099", False), ("99.99", "1", "0.01", True), ("100", "1", "0.01", False),
    ],
)  # fmt: skip
def test_a_rest_is_let_go_up_to_the_amount_and_up_to_the_rate(paid: str, amount: str, rate: str, let_go: bool) -> None:
    rules = AllocationRules(2, Tolerance(D(amount), D(rate)))
    found = told(ids(invoice("I1", "100"), receipt("R", paid)), rules)
    rest = [f"R > I1: {100 - D(paid)} difference"] if let_go else []
    assert found == [f"R > I1: {paid}", *rest]


def test_only_money_lets_a_rest_go() -> None:
    rules = AllocationRules(2, Tolerance(D(5), D(1)))
    for kind, count in ((DocumentKind.RECEIPT, 2), (DocumentKind.BILL, 2), (DocumentKind.CREDIT_NOTE, 1)):
        assert len(told(ids(invoice("I1", "100"), receipt("R", "99", kind=kind)), rules)) == count


def test_the_tolerance_is_never_more_than_one_person_may_write_off() -> None:
    assert tolerance_within(D(5), D("0.1"), D(3)) == Tolerance(D(3), D("0.1"))
    assert tolerance_within(D(5), D("0.1"), D(6)) == Tolerance(D(5), D("0.1"))
    assert tolerance_within(D(5), D("0.1"), None) == Tolerance(D(5), D("0.1"))


@pytest.mark.parametrize(
    ("paid", "on", "found"),
    [
        ("980", 10, ["R > I1: 980", "R > I1: 20 discount"]),
        ("980", 11, ["R > I1: 980"]),
        ("979.99", 10, ["R > I1: 979.99"]),
        ("1000", 10, ["R > I1: 980", "R > I1: 20 discount"]),
        ("1000", 11, ["R > I1: 1000"]),
    ],
)
def test_a_discount_is_earned_by_money_that_settles_the_item_by_its_day(paid: str, on: int, found: list[str]) -> None:
    documents = ids(invoice("I1", "1000", discount=Discount(D("0.02"), day(10))), receipt("R", paid, on=on))
    assert told(documents) == found


def test_a_discount_is_rounded_to_the_currency_and_a_small_rest_goes_beside_it() -> None:
    bill = invoice("I1", "33.33", discount=Discount(D("0.025"), day(10)))
    assert told(ids(bill, receipt("R", "32.50"))) == ["R > I1: 32.5", "R > I1: 0.83 discount"]
    rules = AllocationRules(2, Tolerance(D("0.01"), D("0.1")))
    assert told(ids(bill, receipt("R", "32.49")), rules) == [
        "R > I1: 32.49", "R > I1: 0.83 discount", "R > I1: 0.01 difference",
    ]  # fmt: skip
    assert told(ids(bill, receipt("R", "32.48")), rules) == ["R > I1: 32.48"]


def test_the_discount_is_of_what_credit_notes_left_and_only_a_receipt_earns_it() -> None:
    documents = ids(
        invoice("I1", "1000", discount=Discount(D("0.02"), day(10))),
        receipt("C", "200", kind=DocumentKind.CREDIT_NOTE),
        receipt("R", "784", on=5),
    )
    assert told(documents) == ["C > I1: 200", "R > I1: 784", "R > I1: 16 discount"]
    assert told([documents[0], replace(documents[2], kind=DocumentKind.BILL, matures_on=day(9))]) == ["R > I1: 784"]
    over_two_loads = load([documents[2]], book=load(documents[:2]).book)
    assert [each.amount for each in over_two_loads.allocations] == [784, 16]


def test_an_amount_less_its_discount_is_exact_until_the_day_of_the_discount() -> None:
    documents = ids(invoice("I0", "500", due=1), invoice("I1", "1000", due=30, discount=Discount(D("0.02"), day(10))))
    for on, item in ((10, "I1"), (11, "I0")):
        assert told([*documents, receipt("R", "980", id=9, on=on)])[0].startswith(f"R > {item}")


def test_the_bank_had_the_money_in_time_for_the_discount() -> None:
    documents = ids(
        invoice("I1", "1000", discount=Discount(D("0.02"), day(10))), receipt("R", "980", on=40, value_on=day(10))
    )
    assert told(documents) == ["R > I1: 980", "R > I1: 20 discount"]
    assert {each.effective_on for each in load(documents).allocations} == {day(40)}


def test_a_discount_that_would_leave_nothing_to_pay_is_none() -> None:
    item = items_of(invoice("I1", "1000", discount=Discount(D("0.02"), day(10))))[0]
    payment, discount = Settles.PAYMENT, Settles.DISCOUNT
    for left, paid in (
        ("19.99", [("19.99", payment)]),
        ("20", [("20", payment)]),
        ("20.01", [("0.01", payment), ("20", discount)]),
    ):
        money = Money(9, DocumentKind.RECEIPT, "R", day(1), D(25), D(25), day(1), ("I1",))
        found = allocate(Book((replace(item, open=D(left)),)), [], [money], PLAIN)
        assert [(each.amount, each.settles) for each in found.allocations] == [(D(each), how) for each, how in paid]
        assert found.on_account == {9: 25 - D(paid[0][0])}
        assert compute_discount(item, D(left), D(0), 2) == (D(20) if len(paid) > 1 else 0)


def test_an_allocation_is_never_before_either_side_is_free() -> None:
    item = items_of(invoice("I1", "100", on=3))[0]
    money = money_of(receipt("R", "100", id=9, on=5))
    for free_item, free_money, on in ((None, None, 5), (day(7), None, 7), (day(4), day(8), 8)):
        found = allocate(Book((replace(item, free_on=free_item),)), [], [replace(money, free_on=free_money)], PLAIN)
        assert [each.effective_on for each in found.allocations] == [day(on)]


def test_money_sees_only_what_is_owed_by_its_day_unless_it_names_it() -> None:
    book = Book(items_of(invoice("I1", "100", on=5)))
    late = money_of(receipt("R", "100", id=9, on=3))
    assert allocate(book, [], [late], PLAIN).allocations == ()
    named = allocate(book, [], [replace(late, references=("I1",))], PLAIN).allocations
    assert [each.effective_on for each in named] == [day(5)]


@given(st.integers(min_value=0))
def test_one_load_allocates_as_it_is_told_slowly(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - test data, not secrets
    documents, rules = some_documents(random), some_rules(random)
    found = load(documents, rules)
    slowly, on_account = told_slowly(documents, rules)
    assert sorted(made(found.allocations)) == sorted(slowly)
    assert found.on_account == on_account


@given(st.integers(min_value=0))
def test_the_order_of_lines_in_one_load_changes_nothing(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - test data, not secrets
    documents, rules = some_documents(random), some_rules(random)
    found = load(documents, rules)
    random.shuffle(documents)
    shuffled = load(documents, rules)
    assert made(shuffled.allocations) == made(found.allocations)
    assert shuffled.on_account == found.on_account


@given(st.integers(min_value=0), st.sets(st.integers(0, 8)))
def test_loads_that_follow_one_another_at_day_ends_are_one_load(seed: int, ends: set[int]) -> None:
    random = Random(seed)  # noqa: S311 - test data, not secrets
    documents, rules = some_documents(random), some_rules(random)
    book, in_parts, on_account = Book(), [], {}
    turns = [date.min, *map(day, sorted(ends)), date.max]
    for after, until in pairwise(turns):
        part = load([each for each in documents if after < each.effective_on <= until], rules, book)
        book = part.book
        in_parts += part.allocations
        on_account |= part.on_account
    paid: dict[int, Decimal] = {}
    for each in in_parts:
        if each.settles == "payment":
            paid[each.money_id] = paid.get(each.money_id, D(0)) + each.amount
    whole = load(documents, rules)
    assert sorted(made(in_parts)) == sorted(made(whole.allocations))
    lefts = {each.id: each.amount - paid.get(each.id, D(0)) for each in documents if not each.kind.is_owed}
    assert {money: left for money, left in lefts.items() if left} == whole.on_account
    assert {(each.key, each.open) for each in book.items} == {(each.key, each.open) for each in whole.book.items}
    assert [each.document_id for each in book.waiting] == [each.document_id for each in whole.book.waiting]


@given(st.integers(min_value=0))
def test_every_cent_of_a_load_is_open_on_account_or_settled(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - test data, not secrets
    documents, rules = some_documents(random), some_rules(random)
    found = load(documents, rules)
    assert all(each.amount > 0 for each in found.allocations)
    settled = sum((each.amount for each in found.allocations), D(0))
    paid = sum((each.amount for each in found.allocations if each.settles == "payment"), D(0))
    of_debits = sum((each.amount for each in documents if each.kind.is_owed), D(0))
    of_money = sum((each.amount for each in documents if not each.kind.is_owed), D(0))
    assert sum((each.open for each in found.book.items), D(0)) == of_debits - settled
    assert sum(found.on_account.values(), D(0)) == of_money - paid
    for item in found.book.items:
        assert 0 < item.open <= item.amount


def test_twenty_thousand_documents_of_one_dealer_are_a_matter_of_a_moment() -> None:
    # Every item and receipt has one of few amounts and all days overlap: what is looked through from the start for
    # each receipt takes minutes here.
    random = Random(7)  # noqa: S311 - test data, not secrets
    discounts = [Discount(D("0.02"), day(n + 3)) for n in range(40)]
    invoices = [
        owed(random.randint(1, 50), on=n % 40, due=40 + n % 50, number=f"I{n}", id=n, discount=discounts[n % 40])
        for n in range(10_000)
    ]
    receipts = [paying(random.randint(1, 50), on=20 + n % 40, number=f"R{n}", id=10_000 + n) for n in range(10_000)]
    found = load([*invoices, *receipts], AllocationRules(2, Tolerance(D(1), D("0.05"))))
    paid = sum(each.amount for each in found.allocations if each.settles == "payment")
    assert paid + sum(found.on_account.values()) == sum(each.amount for each in receipts)
