"""Figures in a receipt: how they are told."""

from decimal import Decimal

import pytest

from channel.credit.rules.steps import month_runs, percent, settled, told, total
from tests.make.credit import month

D = Decimal


@pytest.mark.parametrize(
    ("x", "text"),
    [("1234567", "1,234,567"), ("1234.5", "1,234.50"), ("0.004", "0"), ("0.005", "0.01"), ("-0.005", "-0.01")],
)
def test_a_figure_has_two_decimals_unless_it_is_whole(x: str, text: str) -> None:
    assert told(D(x)) == text


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        ("0.5", "50%"),
        ("0.025", "2.5%"),
        ("12.34", "1,234%"),
        ("0", "0%"),
        ("0.123456785", "12.345679%"),
        ("1E-9", "0%"),
    ],
)
def test_a_rate_has_as_many_decimals_as_it_needs_and_six_at_most(rate: str, text: str) -> None:
    assert percent(D(rate)) == text


def test_a_figure_is_settled_at_twelve_decimals() -> None:
    assert str(settled(D("1.00"))) == "1.00", "what is short already keeps its form"
    assert settled(D(1) / D(3)) == D("0.333333333333")
    assert str(settled(D("1E-13"))) == "0"
    assert total([D("0.1")] * 3) == D("0.3")
    assert total([]) == 0


@pytest.mark.parametrize(
    ("months", "text"),
    [
        ("", ""),
        ("2013-01", "2013-01"),
        ("2013-01 2013-02", "2013-01 – 2013-02"),
        ("2012-11 2012-12 2013-01 2013-03", "2012-11 – 2013-01, 2013-03"),
        ("2013-01 2014-01", "2013-01, 2014-01"),
    ],
)
def test_months_in_a_row_are_told_as_one(months: str, text: str) -> None:
    assert month_runs(tuple(month(each) for each in months.split())) == text
