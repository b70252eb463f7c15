"""The difference of two limits, cause by cause."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from channel.credit.rules import CreditInputs, Method, MethodUse, Rate, compute_limit, diff_limits
from channel.credit.rules.diff import CAUSES
from channel.credit.rules.policy import Caps, TermsRule
from tests.make.credit import DEFAULT_POLICY, months, snapshot

D = Decimal


def test_every_field_of_a_snapshot_belongs_to_exactly_one_cause() -> None:
    named = [name for names in CAUSES.values() for name in names]
    assert sorted(named) == sorted(CreditInputs.__struct_fields__)


def test_one_cause_after_another() -> None:
    policy2 = replace(DEFAULT_POLICY, version=2, terms=TermsRule(longest_days=45))
    before = snapshot([1000] * 12, terms_days=30, grade="A")
    after = snapshot([1100] * 12, terms_days=60, grade="AA", limit_in_force=D(1050))
    diff = diff_limits(before, DEFAULT_POLICY, after, policy2)
    told = [(part.key, part.amount, str(part.before), str(part.after)) for part in diff.parts]
    assert told == [
        ("sales", D(80), "mean 1,000 a month", "mean 1,100 a month"),  # 0.8 x 100
        ("rates", D(0), "none used", "none used"),
        ("terms", D(880), "30 days", "60 days"),  # 880 to 1,760
        ("grade", D(440), "A", "AA"),  # 1,760 to 2,200
        ("policy", D(-550), "version 1", "version 2"),  # 2,200 to 1,650
        ("caps", D(-75), "none reached", "Rise cap"),  # down to 1,575
        ("rounding", D(-75), "0", "-75"),
    ]
    assert (diff.before.amount, diff.after.amount, diff.whole) == (D(800), D(1500), D(700))


def test_rates_are_a_cause_of_their_own() -> None:
    policy = replace(DEFAULT_POLICY, caps=Caps(None, own_sales_rate=D("0.1")))
    before, after = (
        snapshot(
            [9000] * 12, currency="EUR", own_annual_sales=D(50_000), rates=(Rate("EUR", D(rate), date(2013, 12, 1)),)
        )
        for rate in ("1.25", "1.6")
    )
    parts = {part.key: part for part in diff_limits(before, policy, after, policy).parts}
    assert parts["rates"].amount == D(3125) - D(4000)
    assert str(parts["rates"].after) == "EUR 1.6 (2013-12-01)"
    assert parts["sales"].amount == parts["caps"].amount == 0


def test_the_window_moves_with_the_date_and_belongs_to_sales() -> None:
    sales = months([1000] * 12 + [13_000])
    before, after = (snapshot(as_of=day, months=sales) for day in (date(2013, 11, 1), date(2013, 12, 1)))
    diff = diff_limits(before, DEFAULT_POLICY, after, DEFAULT_POLICY)
    assert diff.parts[0].amount == 1000
    assert diff.whole == 1000


def test_equal_limits_have_parts_of_nothing() -> None:
    diff = diff_limits(snapshot([1000] * 12), DEFAULT_POLICY, snapshot([1000] * 12), DEFAULT_POLICY)
    assert {part.amount for part in diff.parts} == {D(0)}
    assert diff.whole == 0


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([], [1000] * 12, "the first limit is withheld"),
        ([1000] * 12, [], "the second limit is withheld"),
        ([], [], "both limits are withheld"),
    ],
)
def test_a_withheld_side_has_no_parts(before: list[int], after: list[int], said: str) -> None:
    diff = diff_limits(snapshot(before), DEFAULT_POLICY, snapshot(after), DEFAULT_POLICY)
    assert (str(diff.withheld), diff.parts, diff.whole) == (said, (), None)
    assert "months missing" in str(diff.reason)


def test_limits_in_two_currencies_have_no_parts() -> None:
    diff = diff_limits(snapshot([1000] * 12), DEFAULT_POLICY, snapshot([1000] * 12, currency="EUR"), DEFAULT_POLICY)
    assert (str(diff.withheld), diff.parts) == ("the limits are in USD and in EUR", ())


def test_a_way_that_cannot_be_computed_says_why() -> None:
    longer = replace(DEFAULT_POLICY, version=2, sales=replace(DEFAULT_POLICY.sales, least_covered_months=1))
    before, after = snapshot([1000] * 12), snapshot([None] * 11 + [1000])
    assert compute_limit(longer, after).amount == 1000
    diff = diff_limits(before, DEFAULT_POLICY, after, longer)
    assert diff.parts == ()
    assert "on the way" in str(diff.withheld)
    assert "11 of 12 months missing" in str(diff.reason)


def test_a_limit_that_rests_on_no_sales_tells_the_figure_it_rests_on() -> None:
    policy = replace(DEFAULT_POLICY, methods=(MethodUse(Method.BEST_HIGH_CREDIT),), version=0)
    before, after = (snapshot(best_high_credit=D(each)) for each in (5000, 6000))
    parts = {part.key: part for part in diff_limits(before, policy, after, replace(policy, version=3)).parts}
    assert [str(parts["sales"].before), str(parts["sales"].after)] == ["5,000", "6,000"]
    assert [str(parts["policy"].before), str(parts["policy"].after)] == ["draft", "version 3"]
