"""The exposure of a dealer over currencies, and how much of a limit it takes."""

from decimal import Decimal

import pytest

from channel.receivables.rules.exposure import NOT_KEPT, Exposure, OwedIn, exposure_of, used_of, why_unknown

D = Decimal
RATES = {"CNY": D(1), "USD": D("7.2"), "EUR": D("7.8")}


def test_the_exposure_is_open_items_less_money_on_account_and_bills() -> None:
    found = exposure_of([OwedIn("CNY", D(100), D(130), D(50))], {}, "CNY")
    assert (found.balance, found.bills, found.amount, found.without_rate) == (D(-30), D(50), D(20), ())


def test_other_currencies_come_in_at_their_rates_each_rounded_once() -> None:
    parts = [OwedIn("CNY", D(100), D(0), D(0)), OwedIn("USD", D(10), D(0), D(1)), OwedIn("EUR", D(1), D(0), D(0))]
    assert exposure_of(parts, RATES, "CNY").amount == D("187.0000")
    assert exposure_of(parts, RATES, "USD").amount == D("13.8889") + D(11) + D("1.0833")


def test_what_has_no_rate_makes_the_whole_unknown_and_is_named() -> None:
    parts = [OwedIn("CNY", D(100), D(0), D(0)), OwedIn("JPY", D(1), D(0), D(0))]
    found = exposure_of(parts, RATES, "CNY")
    assert (found.amount, found.balance, found.bills, found.without_rate) == (None, None, None, ("JPY",))
    assert why_unknown(found).params == (("currencies", "JPY"),)  # type: ignore[union-attr] # it is unknown
    assert exposure_of(parts[:1], {"CNY": D(1)}, "USD").without_rate == ("USD",)


def test_a_part_of_nothing_needs_no_rate_and_nothing_kept_is_not_zero() -> None:
    found = exposure_of([OwedIn("JPY", D(5), D(5), D(0))], RATES, "CNY")
    assert found.amount == 0
    assert why_unknown(found) is None
    assert why_unknown(None) == NOT_KEPT
    assert exposure_of([], {}, "CNY") == Exposure("CNY", (), D(0), D(0), D(0))


@pytest.mark.parametrize(
    ("limit", "exposure", "share", "headroom"),
    [("100", "100", "1", "0"), ("100", "101", "1.01", "-1"), ("100", "-20", "-0.2", "120"), ("0", "5", None, "-5")],
)
def test_how_much_of_a_limit_is_used(limit: str, exposure: str, share: str | None, headroom: str) -> None:
    used = used_of(D(limit), D(exposure))
    assert used is not None
    assert (used.share, used.headroom) == (None if share is None else D(share), D(headroom))


def test_without_a_limit_or_an_exposure_nothing_is_used_as_far_as_is_known() -> None:
    assert used_of(None, D(1)) is None
    assert used_of(D(1), None) is None
