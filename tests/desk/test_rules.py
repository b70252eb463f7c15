"""A year against the year before, and weeks of supply."""

from decimal import Decimal

import pytest

from channel.desk.rules import compute_weeks_of_supply, compute_year

D = Decimal
FLAT = [D(10)] * 12


@pytest.mark.parametrize(
    ("before", "now", "total", "missing", "change", "compared"),
    [
        (FLAT, [D(11)] * 12, D(132), 0, D("0.1"), 12),
        (FLAT, FLAT, D(120), 0, D(0), 12),
        # A missing month is not zero: it is left out of the comparison on both sides.
        (FLAT, [None, *[D(10)] * 11], D(110), 1, D(0), 11),
        ([None, *[D(10)] * 11], [D(1000), *[D(10)] * 11], D(1110), 0, D(0), 11),
        # A month that is covered and sold nothing is zero.
        (FLAT, [D(0), *[D(10)] * 11], D(110), 0, D(-10) / D(120), 12),
        ([None] * 12, FLAT, D(120), 0, None, 0),
        (FLAT, [None] * 12, None, 12, None, 0),
        ([D(0)] * 12, FLAT, D(120), 0, None, 12),
        ([D(-1)] * 12, FLAT, D(120), 0, None, 12),
    ],
)
def test_a_year_is_compared_over_the_months_that_both_years_cover(
    before: list[Decimal | None],
    now: list[Decimal | None],
    total: Decimal | None,
    missing: int,
    change: Decimal | None,
    compared: int,
) -> None:
    year = compute_year([*before, *now])
    assert (year.total, year.missing, year.change_rate, year.compared) == (total, missing, change, compared)


def test_a_year_needs_both_years() -> None:
    with pytest.raises(ValueError, match="24 months"):
        compute_year(FLAT)


@pytest.mark.parametrize(
    ("stock", "sold", "weeks"),
    [
        (D(52), [D(12), D(12), D(12)], D(52) / (D(12) / (D(52) / 12))),
        (D(52), [D(12), None, None], D(52) / (D(12) / (D(52) / 12))),
        (D(0), [D(12)], D(0)),
        (None, [D(12)], None),
        (D(52), [], None),
        (D(52), [None], None),
        (D(52), [D(0), D(0)], None),
        (D(52), [D(-5)], None),
    ],
)
def test_weeks_of_supply_need_a_stock_and_a_pace(
    stock: Decimal | None, sold: list[Decimal | None], weeks: Decimal | None
) -> None:
    assert compute_weeks_of_supply(stock, sold) == weeks
