"""What must hold of a document before it is posted: both sides of every bound, each refusal with its field."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from channel.receivables.rules.documents import (
    LARGEST_AMOUNT,
    Discount,
    Document,
    DocumentKind,
    DocumentLine,
    Instalment,
    check_document,
    number_order,
)
from tests.make.receivables import day, owed, paying

D = Decimal
TODAY = day(10)


def refused(document: Document, digits: int = 2) -> list[str]:
    return [error.field for error in check_document(document, TODAY, digits)]


def but(document: Document, **changed: Any) -> Document:  # noqa: ANN401 - fields of Document
    return msgspec.structs.replace(document, **changed)


def bill(on: int, matures: int | None) -> Document:
    return paying(on=on, kind=DocumentKind.BILL, matures_on=None if matures is None else day(matures))


def parts(*amounts: str, days: Sequence[int] = (30, 60, 90)) -> tuple[Instalment, ...]:
    return tuple(Instalment(day(n), D(amount)) for n, amount in zip(days, amounts, strict=False))


def test_what_is_owed_raises_the_balance_and_everything_else_lowers_it() -> None:
    assert {kind.value: kind.sign for kind in DocumentKind} == {
        "invoice": 1, "debit_note": 1, "credit_note": -1, "receipt": -1, "bill": -1, "write_off": -1,
    }  # fmt: skip
    assert [kind for kind in DocumentKind if kind.is_owed] == [DocumentKind.INVOICE, DocumentKind.DEBIT_NOTE]


@pytest.mark.parametrize(
    ("amount", "digits", "fields"),
    [
        ("0.01", 2, []), ("0", 2, ["amount"]), ("-1", 2, ["amount"]), ("0.001", 2, ["amount"]), ("1.50", 1, []),
        ("1", 0, []), ("1.5", 0, ["amount"]), ("0.0001", 4, []), ("NaN", 2, ["amount"]), ("Infinity", 2, ["amount"]),
        (str(LARGEST_AMOUNT - D("0.01")), 2, []), (str(LARGEST_AMOUNT), 2, ["amount"]),
    ],
)  # fmt: skip
def test_an_amount_is_above_nothing_and_has_the_digits_of_its_currency(
    amount: str, digits: int, fields: list[str]
) -> None:
    assert refused(paying(amount), digits) == fields


@pytest.mark.parametrize(
    ("tax", "fields"),
    [
        (None, []), ("0", []), ("-0.01", ["tax"]), ("100", []), ("100.01", ["tax"]), ("11.504", ["tax"]),
        ("11.50", []), ("NaN", ["tax"]),
    ],
)  # fmt: skip
def test_the_tax_is_within_the_amount(tax: str | None, fields: list[str]) -> None:
    assert refused(owed(tax=None if tax is None else D(tax))) == fields


def test_a_tax_beside_an_amount_that_is_no_number_is_refused_and_breaks_nothing() -> None:
    assert refused(paying("NaN", tax=D(1))) == ["amount", "tax"]


@pytest.mark.parametrize(("on", "fields"), [(10, []), (11, ["effective_on"])])
def test_nothing_takes_effect_after_today(on: int, fields: list[str]) -> None:
    assert refused(paying(on=on)) == fields


@pytest.mark.parametrize(
    ("on", "fields"),
    [(date(1900, 1, 1), []), (date(1899, 12, 31), ["effective_on"])],
)
def test_a_day_is_one_of_business(on: date, fields: list[str]) -> None:
    assert refused(but(paying(), effective_on=on)) == fields


@pytest.mark.parametrize(("due", "fields"), [(3, []), (2, ["due_on"])])
def test_nothing_is_due_before_its_day(due: int, fields: list[str]) -> None:
    assert refused(owed(on=3, due=due)) == fields


def test_a_due_day_beyond_all_business_is_a_slip_of_the_pen() -> None:
    assert refused(owed(instalments=(Instalment(date(2199, 12, 31), D(100)),))) == []
    assert refused(owed(instalments=(Instalment(date(2200, 1, 1), D(100)),))) == ["due_on"]


def test_what_is_owed_has_a_due_day_and_what_pays_has_none() -> None:
    assert refused(owed(instalments=())) == ["due_on"]
    assert refused(paying(instalments=parts("100"))) == ["due_on"]


@pytest.mark.parametrize(
    ("amounts", "days", "fields"),
    [
        (("50", "30", "20"), (30, 60, 90), []),
        (("50", "30", "20.01"), (30, 60, 90), ["instalments"]),
        (("50", "30", "19.99"), (30, 60, 90), ["instalments"]),
        (("50", "50", "0"), (30, 60, 90), ["instalments"]),
        (("50.005", "49.995"), (30, 60), ["instalments", "instalments"]),
        (("60", "40"), (30, 30), ["instalments"]),
        (("60", "40"), (31, 30), ["instalments"]),
        (("60", "NaN"), (30, 60), ["instalments", "instalments"]),
    ],
)
def test_instalments_follow_one_another_and_make_the_amount(
    amounts: tuple[str, ...], days: tuple[int, ...], fields: list[str]
) -> None:
    assert refused(owed(instalments=parts(*amounts, days=days))) == fields


@pytest.mark.parametrize(
    ("rate", "until", "fields"),
    [
        ("0.02", 10, []), ("0", 10, ["discount_rate"]), ("1", 10, ["discount_rate"]), ("0.9999", 10, []),
        ("NaN", 10, ["discount_rate"]), ("0.02", 3, []), ("0.02", 2, ["discount_until"]), ("0.02", 33, []),
        ("0.02", 34, ["discount_until"]),
    ],
)  # fmt: skip
def test_a_settlement_discount_takes_a_part_off_until_the_due_day(rate: str, until: int, fields: list[str]) -> None:
    assert refused(owed(on=3, discount=Discount(D(rate), day(until)))) == fields


@pytest.mark.parametrize(
    ("document", "fields"),
    [
        (bill(5, 5), []),
        (bill(5, 400), []),
        (bill(5, 4), ["matures_on"]),
        (bill(5, None), ["matures_on"]),
        (paying(matures_on=day(9)), ["matures_on"]),
        (paying(on=5, value_on=day(5)), []),
        (paying(on=5, value_on=day(6)), ["value_on"]),
        (owed(on=5, value_on=day(4)), ["kind"]),
        (paying(kind=DocumentKind.CREDIT_NOTE, stays_on_account=True), []),
        (paying(stays_on_account=True), ["stays_on_account"]),
        (owed(stays_on_account=True), ["kind"]),
        (paying(discount=Discount(D("0.02"), day(1))), ["discount_rate"]),
        (paying(number=" "), ["number"]),
        (paying(number="N" * 40), []),
        (paying(number="N" * 41), ["number"]),
        (paying(number="INV/2025-01"), []),
        (paying(number="I\n1"), ["number"]),
        (paying(currency="XQQ"), ["currency"]),
    ],
)
def test_what_belongs_to_one_kind_is_refused_for_another(document: Document, fields: list[str]) -> None:
    assert refused(document) == fields


@pytest.mark.parametrize(
    ("amounts", "fields"),
    [
        ((), []), (("70", "30"), []), (("120", "-20"), []), (("70", "30.01"), ["lines"]),
        (("70.001", "29.999"), ["lines"]), (("NaN", "1"), ["lines"]), (("1e90", "1"), ["lines"]),
    ],
)  # fmt: skip
def test_lines_make_the_amount(amounts: tuple[str, ...], fields: list[str]) -> None:
    lines = tuple(DocumentLine(f"L{n}", D(amount)) for n, amount in enumerate(amounts))
    assert refused(owed(lines=lines)) == fields


def test_nine_is_a_lower_number_than_ten() -> None:
    numbers = ["I10", "I9", "i08", "I1", "A2"]
    assert sorted(numbers, key=number_order) == ["A2", "I1", "I9", "i08", "I10"]
    assert number_order("ｉ９") == number_order("I9")


def test_the_bank_had_the_money_before_the_books_had_it() -> None:
    assert paying(on=5, value_on=day(2)).paid_on == day(2)
    assert paying(on=5).paid_on == day(5)
