"""The credit rules on the real resellers, against limits that were worked out apart from them."""

from collections import Counter
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from channel.credit.rules import CreditInputs, MonthSales, compute_limit, diff_limits
from channel.periods import Month
from tests.make.credit import DEFAULT_POLICY, snapshot
from tests.make.data import real_data
from tests.real.adventureworks import REPORTED, expected_limits, monthly_sales, resellers


def decimal_of(exact: Fraction) -> Decimal:
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal("0.0001"))


def inputs_of(code: str, as_of: date) -> CreditInputs:
    folder = real_data("adventureworks_dw")
    currency, grade = resellers(folder)[code]
    sums = monthly_sales(folder)[code]
    return snapshot(
        as_of=as_of,
        dealer=code,
        currency=currency,
        grade=grade,
        appointed_on=date(2010, 1, 1),
        months=tuple(
            MonthSales(Month(*month), sell_in_covered=True, net_sell_in=decimal_of(sums.get(month, Fraction(0))))
            for month in REPORTED
        ),
    )


@pytest.mark.parametrize(
    ("as_of", "withheld"),
    [(date(2013, 12, 1), 0), (date(2013, 11, 30), 0), (date(2011, 3, 1), 0), (date(2011, 2, 28), 701)],
)
def test_every_reseller_has_the_limit_that_was_worked_out_apart(as_of: date, withheld: int) -> None:
    expected = expected_limits(real_data("adventureworks_dw"), as_of)
    found = {code: compute_limit(DEFAULT_POLICY, inputs_of(code, as_of)).amount for code in expected}
    assert len(found) == 701
    assert found == expected
    assert sum(amount is None for amount in found.values()) == withheld


def test_the_expected_limits_are_worth_comparing() -> None:
    limits = expected_limits(real_data("adventureworks_dw"), date(2013, 12, 1))
    assert sum(limit is not None and limit > 0 for limit in limits.values()) > 300
    assert Counter(grade for _, grade in resellers(real_data("adventureworks_dw")).values())["AAA"] == 140


def test_the_parts_of_a_years_difference_sum_to_it_for_every_reseller() -> None:
    for code in resellers(real_data("adventureworks_dw")):
        before, after = (inputs_of(code, day) for day in (date(2012, 12, 1), date(2013, 12, 1)))
        diff = diff_limits(before, DEFAULT_POLICY, after, DEFAULT_POLICY)
        assert diff.withheld is None
        assert sum(part.amount for part in diff.parts) == diff.whole
        assert {part.key for part in diff.parts if part.amount} <= {"sales", "rounding"}
