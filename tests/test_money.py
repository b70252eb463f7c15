"""Amounts are read, rounded and bounded the same way everywhere."""

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel.money import STORED_PLACES, check_bounds, parse_decimal, round_down, round_half_away

D = Decimal
amounts = st.decimals(allow_nan=False, allow_infinity=False, min_value=D("-1e18"), max_value=D("1e18"), places=9)
units = st.sampled_from([D("0.01"), D("0.05"), D(1), D(25), D(100), D("0.3")])


@pytest.mark.parametrize(
    ("x", "places", "rounded"),
    [
        ("0.00005", 4, "0.0001"),
        ("0.00004999", 4, "0.0000"),
        ("-0.00005", 4, "-0.0001"),
        ("-0.00004", 4, "0.0000"),
        ("2.5", 0, "3"),
        ("-2.5", 0, "-3"),
        ("1.005", 2, "1.01"),
        ("123456789012345678901234567890.12345", 4, "123456789012345678901234567890.1235"),
    ],
)
def test_a_half_goes_away_from_zero(x: str, places: int, rounded: str) -> None:
    assert str(round_half_away(D(x), places)) == rounded


@given(amounts, st.integers(0, 8))
def test_rounding_half_away_equals_the_definition_in_fractions(x: Decimal, places: int) -> None:
    scaled = abs(Fraction(x)) * 10**places
    magnitude = int(scaled + Fraction(1, 2))  # floor, since it is not negative
    expected = Fraction(magnitude, 10**places) * (-1 if x < 0 else 1)
    assert Fraction(round_half_away(x, places)) == expected


@pytest.mark.parametrize(
    ("x", "unit", "rounded"),
    [
        ("236480", "100", "236400"),
        ("236400", "100", "236400"),
        ("236399.9999", "100", "236300"),
        ("99.99", "100", "0"),
        ("-1", "100", "-100"),
        ("-100", "100", "-100"),
        ("0.29", "0.05", "0.25"),
        ("1", "0.3", "0.9"),
        ("-0", "100", "0"),
    ],
)
def test_limits_round_down_to_the_unit(x: str, unit: str, rounded: str) -> None:
    assert round_down(D(x), D(unit)) == D(rounded)
    assert not str(round_down(D(x), D(unit))).startswith("-0")


@given(amounts, units)
def test_rounding_down_is_a_multiple_and_less_than_a_unit_below(x: Decimal, unit: Decimal) -> None:
    rounded = Fraction(round_down(x, unit))
    assert (rounded / Fraction(unit)).denominator == 1
    assert 0 <= Fraction(x) - rounded < Fraction(unit)


def test_rounding_does_not_depend_on_the_callers_context() -> None:
    with localcontext() as context:
        context.prec = 3
        assert round_half_away(D("123456.78905"), STORED_PLACES) == D("123456.7891")
        assert round_down(D("123456.7"), D(100)) == D(123400)


@pytest.mark.parametrize("bad", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_not_a_number_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        round_half_away(D(bad), 2)
    with pytest.raises(ValueError, match=r"."):
        round_down(D(bad), D(100))
    with pytest.raises(ValueError, match=r"."):
        check_bounds(D(bad), low=D(0))
    with pytest.raises(ValueError, match=r"."):
        check_bounds(D(bad))
    with pytest.raises(ValueError, match=r"."):
        parse_decimal(bad)


@pytest.mark.parametrize("unit", ["0", "-100", "NaN"])
def test_a_rounding_unit_must_be_above_zero(unit: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        round_down(D(1), D(unit))


def test_bounds_include_their_edges() -> None:
    assert check_bounds(D(0), low=D(0), high=D(1)) == 0
    assert check_bounds(D(1), low=D(0), high=D(1)) == 1
    for outside in ("-0.0001", "1.0001"):
        with pytest.raises(ValueError, match=r"is (below|above)"):
            check_bounds(D(outside), low=D(0), high=D(1))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234.5", "1234.5"),
        (" 1,234.50 ", "1234.50"),
        ("-12", "-12"),
        ("+7", "7"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1.5E+3", "1500"),
        ("9.99e-05", "0.0000999"),
        ("1,234,567", "1234567"),
        ("１，２３４．５", "1234.5"),
        ("−3", "-3"),
    ],
)
def test_numbers_as_people_write_them(text: str, value: str) -> None:
    assert parse_decimal(text) == D(value)


@pytest.mark.parametrize(
    "text",
    ["", " ", "-", ".", "e5", "1.234,50", "1,2", "1,23,456", "12 000", "1_000", "0x10", "1e999", "abc", "$5", "٣"],
)
def test_what_could_be_read_two_ways_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        parse_decimal(text)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_a_written_number_is_read_back(x: Decimal) -> None:
    assert parse_decimal(f"{x:f}") == x
    assert parse_decimal(f"{x:,f}") == x
