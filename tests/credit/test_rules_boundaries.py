"""Both sides of every edge of the shipped policy and of the caps."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from channel.credit.rules import GradeTable, LimitDecision, MonthSales, Policy, Rate, compute_limit
from channel.credit.rules.policy import Caps, Method, MethodUse, NewDealerRule, TermsRule
from tests.make.credit import DEFAULT_POLICY, month, months, snapshot

D = Decimal
NO_CAPS = replace(DEFAULT_POLICY, caps=Caps(rise_rate=None))


def amount_of(values: list[object], policy: Policy = DEFAULT_POLICY, **fields: object) -> Decimal | None:
    return compute_limit(policy, snapshot(values, **fields)).amount


def reason_of(values: list[object], policy: Policy = DEFAULT_POLICY, **fields: object) -> str:
    decision = compute_limit(policy, snapshot(values, **fields))
    assert (decision.amount, decision.unrounded, decision.approvals_needed, decision.valid_until) == (None,) * 4
    return str(decision.withheld)


def step_of(decision: LimitDecision, key: str) -> tuple[bool, str]:
    step = next(step for step in decision.steps if step.key == key)
    return step.bound, str(step.reason)


@pytest.mark.parametrize(
    ("mean", "limit"),
    [
        ("999.99", 900),
        ("1000", 1000),
        ("1000.01", 1000),
        ("99.9999", 0),
        ("100", 100),
        ("0", 0),
        ("-1", 0),
        ("-50000", 0),
    ],
)
def test_limits_round_down_to_a_hundred_and_never_below_zero(mean: str, limit: int) -> None:
    assert amount_of([mean] * 12) == limit


def test_thirds_that_make_a_whole_again_are_whole() -> None:
    assert amount_of([1000, 0, 0], terms_days=90) == 1000
    assert amount_of([100, 0, 0, 0, 0, 0, 0], terms_days=210) == 100


@pytest.mark.parametrize(("covered", "limit"), [(12, 1000), (4, 1000), (3, 1000), (2, None), (1, None), (0, None)])
def test_at_least_three_covered_months(covered: int, limit: int | None) -> None:
    values: list[object] = [None] * (12 - covered) + [1000] * covered
    assert amount_of(values) == limit


def test_too_few_months_say_which_and_are_not_zero() -> None:
    assert reason_of([None] * 10 + [1000] * 2) == "10 of 12 months missing: 2 covered, at least 3 needed"


def test_a_covered_month_without_sales_is_zero_and_an_uncovered_one_is_not() -> None:
    assert amount_of([1200, 0] * 6) == 600
    assert amount_of([1200, None] * 6) == 1200


@pytest.mark.parametrize(
    ("as_of", "limit"),
    [
        (date(2013, 11, 30), 1000),
        (date(2013, 12, 1), 1700),
        (date(2013, 12, 31), 1700),
        (date(2014, 1, 1), 1800),
    ],
)
def test_the_month_of_the_as_of_date_does_not_count_until_it_has_ended(as_of: date, limit: int) -> None:
    sales = months([1000] * 12 + [10_000], date(2013, 12, 1))
    assert compute_limit(DEFAULT_POLICY, snapshot(as_of=as_of, months=sales)).amount == limit


def test_only_the_twelve_months_of_the_window_count() -> None:
    assert amount_of([99_999] + [1000] * 12) == 1000
    assert amount_of([1000] * 11 + [13_000]) == 2000


@pytest.mark.parametrize(("grade", "limit"), [("AAA", 2000), ("AA", 1000), ("A", 800), ("B", 600), ("C", 0)])
def test_grades(grade: str, limit: int) -> None:
    assert amount_of([1000] * 12, grade=grade) == limit


def test_without_grade_or_terms_it_is_withheld() -> None:
    assert reason_of([1000] * 12, grade=None) == "no grade is set"
    assert reason_of([1000] * 12, terms_days=None) == "no payment terms are set"


def test_terms_of_no_days_are_a_limit_of_zero_and_not_withheld() -> None:
    assert amount_of([1000] * 12, terms_days=0) == 0


@pytest.mark.parametrize(("days", "limit"), [(29, 900), (30, 1000), (31, 1000), (60, 1000)])
def test_the_longest_terms_counted(days: int, limit: int) -> None:
    policy = replace(DEFAULT_POLICY, terms=TermsRule(longest_days=30))
    assert amount_of([1000] * 12, policy, terms_days=days) == limit


@pytest.mark.parametrize(
    ("in_force", "limit", "bound"),
    [(None, 1500, False), (D(1001), 1500, False), (D(1000), 1500, False), (D(999), 1400, True), (D(0), 0, True)],
)
def test_rise_of_at_most_half_over_the_limit_in_force(in_force: Decimal | None, limit: int, bound: bool) -> None:
    decision = compute_limit(DEFAULT_POLICY, snapshot([1500] * 12, limit_in_force=in_force))
    assert decision.amount == limit
    assert step_of(decision, "rise_cap")[0] is bound


def test_a_fall_is_not_capped() -> None:
    assert amount_of([100] * 12, limit_in_force=D(1_000_000)) == 100


@pytest.mark.parametrize(
    ("mean", "approvals"), [(99_900, 1), (100_000, 1), (100_099, 1), (100_100, 2), (5_000_000, 2), (0, 1)]
)
def test_a_hundred_thousand_exactly_needs_one_approval(mean: int, approvals: int) -> None:
    decision = compute_limit(DEFAULT_POLICY, snapshot([mean] * 12))
    assert decision.approvals_needed == approvals


@pytest.mark.parametrize(("rate", "approvals"), [("1", 1), ("1.0001", 2), ("0.5", 1)])
def test_approvals_go_by_the_amount_in_company_currency(rate: str, approvals: int) -> None:
    rates = (Rate("EUR", D(rate), date(2013, 12, 1)),)
    decision = compute_limit(DEFAULT_POLICY, snapshot([100_000] * 12, currency="EUR", rates=rates))
    assert decision.approvals_needed == approvals
    assert decision.company_amount == 100_000 * D(rate)


def test_without_a_rate_the_limit_stands_and_needs_the_most_approvals() -> None:
    decision = compute_limit(DEFAULT_POLICY, snapshot([1000] * 12, currency="EUR"))
    assert (decision.amount, decision.company_amount, decision.approvals_needed) == (1000, None, 2)
    assert "no rate from EUR to USD" in str(decision.notes[-1])


def ceilings(**values: Decimal) -> GradeTable[Decimal | None]:
    return GradeTable(**({"aaa": None, "aa": None, "a": None, "b": None, "c": None} | values))


@pytest.mark.parametrize(("mean", "limit", "bound"), [(4999, 4900, False), (5000, 5000, False), (5100, 5000, True)])
def test_grade_ceiling_in_company_currency(mean: int, limit: int, bound: bool) -> None:
    policy = replace(DEFAULT_POLICY, caps=Caps(None, grade_ceiling_amounts=ceilings(aa=D(5000))))
    decision = compute_limit(policy, snapshot([mean] * 12))
    assert decision.amount == limit
    assert step_of(decision, "grade_ceiling_amount")[0] is bound
    assert amount_of([mean] * 12, policy, grade="AAA") == mean * 2 // 100 * 100


def test_grade_ceiling_converts_at_the_rate_of_the_day() -> None:
    policy = replace(DEFAULT_POLICY, caps=Caps(None, grade_ceiling_amounts=ceilings(aa=D(5000))))
    rates = (Rate("EUR", D("1.25"), date(2013, 11, 29)),)
    assert amount_of([9000] * 12, policy, currency="EUR", rates=rates) == 4000
    assert reason_of([9000] * 12, policy, currency="EUR") == "no rate from EUR to USD for 2013-12-01"


@pytest.mark.parametrize(("days", "limit"), [(59, 1900), (60, 2000), (61, 2000), (90, 2000)])
def test_grade_ceiling_in_months_of_sales(days: int, limit: int) -> None:
    policy = replace(DEFAULT_POLICY, caps=Caps(None, grade_ceiling_months=ceilings(aa=D(2))))
    assert amount_of([1000] * 12, policy, terms_days=days) == limit


@pytest.mark.parametrize(("own", "limit"), [(49_999, 900), (50_000, 1000), (60_000, 1000), (0, 0)])
def test_share_of_own_sales(own: int, limit: int) -> None:
    policy = replace(DEFAULT_POLICY, caps=Caps(None, own_sales_rate=D("0.02")))
    assert amount_of([1000] * 12, policy, own_annual_sales=D(own)) == limit


def test_a_cap_that_cannot_be_computed_withholds() -> None:
    policy = replace(DEFAULT_POLICY, caps=Caps(own_sales_rate=D("0.02")))
    assert "own sales" in reason_of([1000] * 12, policy)


def test_only_the_lowest_cap_is_marked() -> None:
    policy = replace(DEFAULT_POLICY, caps=Caps(own_sales_rate=D("0.02")))
    decision = compute_limit(policy, snapshot([9000] * 12, own_annual_sales=D(200_000), limit_in_force=D(1000)))
    assert decision.amount == 1500
    assert step_of(decision, "own_sales_cap") == (False, "a lower cap holds")
    assert step_of(decision, "rise_cap")[0] is True


def test_the_floor_lifts_a_small_limit_and_leaves_no_credit_alone() -> None:
    policy = replace(NO_CAPS, floor=D(500))
    assert amount_of([499] * 12, policy) == 500
    assert amount_of([600] * 12, policy) == 600
    assert amount_of([1000] * 12, policy, grade="C") == 0
    assert amount_of([-1000] * 12, policy) == 0


NEW = {"first_year_target": D(120_000), "appointed_on": date(2013, 10, 1), "grade": None}


@pytest.mark.parametrize(("covered_since", "new"), [(0, True), (1, True), (2, True), (3, False)])
def test_new_with_fewer_than_three_covered_months_since_appointment(covered_since: int, new: bool) -> None:
    values: list[object] = [1000] * (12 - covered_since) + [1000] * covered_since
    appointed = date(2013, 12, 1) if covered_since == 0 else date(2013, 12 - covered_since, 1)
    decision = compute_limit(DEFAULT_POLICY, snapshot(values, **(NEW | {"appointed_on": appointed, "grade": "B"})))
    assert decision.new_dealer is new
    assert decision.first_order_prepaid is new
    assert decision.amount == (6000 if new else 600)


@pytest.mark.parametrize(
    ("grade", "limit", "why"),
    [
        (None, 6000, "not set: a new dealer counts as B"),
        ("B", 6000, "None"),
        ("A", 8000, "None"),
        ("AA", 8000, "AA is set: a new dealer counts at most as A"),
        ("AAA", 8000, "AAA is set: a new dealer counts at most as A"),
        ("C", 0, "None"),
    ],
)
def test_grade_of_a_new_dealer(grade: str | None, limit: int, why: str) -> None:
    decision = compute_limit(DEFAULT_POLICY, snapshot([], **(NEW | {"grade": grade})))
    assert decision.amount == limit
    assert step_of(decision, "grade")[1] == why


@pytest.mark.parametrize(
    ("covered", "since"),
    [(0, "0 covered months since appointment"), (1, "1 covered month since appointment"), (2, "2 covered months")],
)
def test_the_receipt_of_a_new_dealer(covered: int, since: str) -> None:
    sold = months([1000] * covered)
    decision = compute_limit(DEFAULT_POLICY, snapshot(months=sold, **NEW))
    found = [(step.key, step.after) for step in decision.steps]
    assert found[:4] == [("target", D(10_000)), ("terms", D(10_000)), ("grade", D(6_000)), ("turnover", D(6_000))]
    assert since in str(decision.steps[0].inputs[1])


def test_a_new_dealer_without_a_target_is_withheld() -> None:
    fields = NEW | {"first_year_target": None}
    assert reason_of([1000] * 2, **fields) == "the dealer is new and no first-year target is agreed"


def test_few_reports_do_not_make_an_old_dealer_new() -> None:
    old = {"appointed_on": date(2010, 1, 1), "first_year_target": D(120_000), "earlier_covered_months": 20}
    assert "months missing" in reason_of([None] * 10 + [1000] * 2, **old)
    assert "months missing" in reason_of([None] * 10 + [1000] * 2, appointed_on=None, first_year_target=None)


def test_months_before_the_appointment_are_neither_zero_nor_missing() -> None:
    values: list[object] = [0] * 8 + [1000] * 4
    assert amount_of(values, appointed_on=date(2013, 8, 1)) == 1000
    decision = compute_limit(DEFAULT_POLICY, snapshot(values, appointed_on=date(2013, 7, 15)))
    assert [str(said) for said in decision.steps[0].inputs] == [
        "12 complete months",
        "4 since the appointment on 2013-07-15",
        "all covered",
    ]


def test_a_new_dealer_rule_can_be_switched_off() -> None:
    policy = replace(DEFAULT_POLICY, new_dealer=NewDealerRule(fewer_than_months=0))
    assert "months missing" in reason_of([], policy, **NEW)


def test_a_covered_month_must_have_a_sum() -> None:
    with pytest.raises(ValueError, match="2013-01 is covered"):
        MonthSales(month("2013-01"), sell_in_covered=True)


@pytest.mark.parametrize(
    ("as_of", "until"),
    [
        (date(2013, 12, 1), date(2014, 12, 1)),
        (date(2012, 2, 29), date(2013, 2, 28)),
        (date(2013, 12, 31), date(2014, 12, 31)),
    ],
)
def test_validity_ends_on_the_same_day_a_year_later(as_of: date, until: date) -> None:
    decision = compute_limit(DEFAULT_POLICY, snapshot(as_of=as_of, months=months([1000] * 12, as_of)))
    assert decision.valid_until == until


def test_a_cap_by_the_mean_month_withholds_where_there_is_no_mean_month() -> None:
    by_another = (MethodUse(Method.BEST_HIGH_CREDIT),)
    capped = replace(DEFAULT_POLICY, methods=by_another, caps=Caps(rise_rate=None, mean_month_season_rate=D("0.5")))
    assert reason_of([None] * 12, capped, best_high_credit=D(5000)).endswith("0 covered, at least 3 needed")
    assert amount_of([None] * 12, replace(capped, caps=NO_CAPS.caps), best_high_credit=D(5000)) == 5000


def test_a_limit_at_the_floor_is_not_lifted_and_a_lifted_one_says_so() -> None:
    policy = replace(NO_CAPS, floor=D(500))
    assert "floor" not in [step.key for step in compute_limit(policy, snapshot([500] * 12)).steps]
    assert step_of(compute_limit(policy, snapshot([499] * 12)), "floor") == (True, "None")


def test_the_status_stands_on_the_receipt() -> None:
    decision = compute_limit(DEFAULT_POLICY, snapshot([1000] * 12, status="on hold"))
    assert decision.steps[0].key == "status"
    assert decision.amount == 1000


@pytest.mark.parametrize(
    ("target", "limit", "why"),
    [
        (D(12_000), D(2000), "None"),
        (None, None, "the dealer is new and no first-year target is agreed"),
    ],
)
def test_the_mean_month_of_a_new_dealer_is_his_target(target: Decimal | None, limit: Decimal | None, why: str) -> None:
    caps = Caps(None, grade_ceiling_months=ceilings(aa=D(2)))
    policy = replace(DEFAULT_POLICY, methods=(MethodUse(Method.BEST_HIGH_CREDIT),), caps=caps)
    policy = replace(policy, new_dealer=replace(policy.new_dealer, best_grade="AA"))
    new = NEW | {"grade": "AA", "first_year_target": target, "best_high_credit": D(90_000)}
    decision = compute_limit(policy, snapshot([1000] * 2, **new))
    assert (decision.amount, str(decision.withheld)) == (limit, why)


@pytest.mark.parametrize("prepaid", [True, False])
def test_that_the_first_order_is_prepaid_is_noted(*, prepaid: bool) -> None:
    policy = replace(DEFAULT_POLICY, new_dealer=replace(DEFAULT_POLICY.new_dealer, first_order_prepaid=prepaid))
    decision = compute_limit(policy, snapshot([1000] * 2, **NEW))
    assert ("new dealer: the first order is prepaid" in [str(note) for note in decision.notes]) is prepaid
