"""For whom unknown money may be: numbers in a text, accounts, amounts that fit, and who comes first."""

from decimal import Decimal

import pytest

from channel.receivables.rules.payers import (
    Ground,
    KnownBy,
    OwedItem,
    Reason,
    UnknownMoney,
    account_key,
    numbers_in,
    propose_payers,
)

D = Decimal


def item(dealer: int, number: str, amount: str = "100", currency: str = "CNY") -> OwedItem:
    return OwedItem(dealer, number, currency, D(amount))


def proposed(money: UnknownMoney, *items: OwedItem, accounts: tuple[tuple[str, int], ...] = ()) -> list[int]:
    return [each.dealer_id for each in propose_payers(money, KnownBy.of(items, accounts))]


def money(text: str = "", amount: str = "77", account: str | None = None) -> UnknownMoney:
    return UnknownMoney(D(amount), "CNY", text, account)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("inv12", ("inv12",)),
        ("payment of INV12, thanks", ("inv12",)),
        ("INV123", ()),
        ("XINV12", ()),
        ("货款INV12谢谢", ("inv12",)),
        ("ＩＮＶ１２", ("inv12",)),
        ("INV12/INV12", ("inv12",)),
        ("inv-7 2025", ("inv-7 2025",)),
        ("2025 and INV12", ("2025", "inv12")),
        ("inv-7-2025", ("2025",)),
        ("no 99 at all", ()),
        ("no 100 at all", ("100",)),
        ("销2025-01号", ("销2025-01",)),
        ("", ()),
    ],
)
def test_a_number_stands_in_a_text_when_no_word_goes_on_around_it(text: str, found: tuple[str, ...]) -> None:
    known = {"inv12", "inv-7 2025", "2025", "99", "100", "销2025-01", "a" * 41}
    assert numbers_in(text, known) == found


def test_a_number_of_forty_characters_is_found() -> None:
    assert numbers_in("x " + "A" * 40 + " y", {"a" * 40}) == ("a" * 40,)


def test_a_number_comes_before_an_account_and_that_before_an_amount() -> None:
    items = (item(1, "I-77", "77"), item(2, "I-200", "5"), item(3, "I-300"), item(4, "I-400", "77"))
    accounts = (("6222-01", 3), ("6222-01", 4))
    asked = money("for I-200", account="6222 01")
    assert proposed(asked, *items, accounts=accounts) == [2, 4, 3, 1]


def test_what_speaks_for_fewer_comes_first_and_then_the_lower_id() -> None:
    asked = money("I-500 and A-1")
    assert proposed(asked, item(9, "I-500"), item(3, "A-1"), item(2, "A-1")) == [9, 2, 3]


def test_of_several_things_that_speak_for_a_dealer_the_one_shared_by_fewest_ranks_him() -> None:
    items = [item(9, "I-500"), *(item(dealer, "A-1") for dealer in (9, 3, 2)), item(4, "C-1"), item(5, "C-1")]
    assert proposed(money("A-1, C-1 and I-500"), *items) == [9, 4, 5, 2, 3]


def test_every_reason_is_told_with_how_many_share_it() -> None:
    items = (item(1, "I-100", "77"), item(1, "I-200", "77"), item(2, "I-300", "77"))
    first, second = propose_payers(money("I-100", account="a1"), KnownBy.of(items, [("A-1", 1)]))
    assert first.reasons == (
        Reason(Ground.NUMBER, "I-100", 1), Reason(Ground.ACCOUNT, "a1", 1), Reason(Ground.AMOUNT, "I-100", 2),
    )  # fmt: skip
    assert (second.dealer_id, second.reasons) == (2, (Reason(Ground.AMOUNT, "I-300", 2),))


def test_other_currencies_other_amounts_and_no_account_speak_for_nobody() -> None:
    assert proposed(money("I-100", "100"), item(1, "I-100", currency="USD")) == []
    assert proposed(money("", "100.01"), item(1, "I-100")) == []
    assert proposed(money("", "100.00"), item(1, "I-100")) == [1]
    assert proposed(money("", account=None), accounts=(("A1", 1),)) == []
    assert proposed(money("", account="A2"), accounts=(("A1", 1),)) == []


def test_an_account_is_its_letters_and_digits() -> None:
    assert account_key("de89 3704-0044") == account_key("ＤＥ８９37040044") == "DE8937040044"
