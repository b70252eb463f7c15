"""What holds for every dealer and policy, and the turnover method against exact fractions."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from fractions import Fraction
from math import floor
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from channel.credit.rules import (
    DEFAULT_POLICY,
    GRADES,
    CreditInputs,
    Policy,
    Rate,
    Statement,
    compute_limit,
    decision_from_document,
    decision_to_document,
    diff_limits,
    inputs_from_document,
    inputs_to_document,
    policy_from_document,
    policy_to_document,
)
from channel.credit.rules.grades import GradeTable
from channel.credit.rules.parameters import EQUAL_WEIGHTS
from channel.credit.rules.policy import (
    AltmanVariant,
    Basis,
    Caps,
    Combine,
    Gates,
    Method,
    MethodUse,
    MonthsCounted,
    SalesRule,
    SeasonRule,
    Trim,
)
from tests.make.credit import months, snapshot

D = Decimal
money = st.decimals(min_value=D(-10_000), max_value=D(5_000_000), places=4)
positive = st.decimals(min_value=D(0), max_value=D(5_000_000), places=4)
reports = st.lists(st.none() | money, min_size=12, max_size=12)
grades = st.sampled_from(GRADES)
days = st.integers(0, 120)
rates = st.decimals(min_value=D("0.01"), max_value=D(20), places=6)


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    uses = draw(st.lists(st.sampled_from(tuple(Method)), min_size=1, max_size=4, unique=True))
    ceilings = GradeTable(*(draw(optional(positive)) for _ in GRADES))
    document = policy_to_document(
        replace(
            DEFAULT_POLICY,
            methods=tuple(MethodUse(method, draw(st.booleans())) for method in uses),
            combine=draw(st.sampled_from(tuple(Combine))),
            sales=SalesRule(
                basis=draw(st.sampled_from(tuple(Basis))),
                window_months=draw(st.integers(3, 12)),
                months_counted=draw(st.sampled_from(tuple(MonthsCounted))),
                trim=draw(st.sampled_from(tuple(Trim))),
            ),
            season=SeasonRule(use=draw(st.booleans()), window_months=12),
            gates=Gates(
                altman=draw(st.sampled_from(tuple(AltmanVariant))),
                altman_required=draw(st.booleans()),
                characteristic=draw(st.booleans()),
                characteristic_required=draw(st.booleans()),
            ),
            caps=Caps(
                rise_rate=draw(optional(st.sampled_from([D(0), D("0.5"), D(2)]))),
                own_sales_rate=draw(optional(st.sampled_from([D("0.01"), D("0.5")]))),
                grade_ceiling_amounts=ceilings,
            ),
            floor=draw(st.sampled_from([D(0), D(5000)])),
            rounding_unit=draw(st.sampled_from([D(1), D(100), D("0.01")])),
        )
    )
    if document["sales"]["trim"] != "none":
        document["sales"] |= {"trim_highest": 1, "trim_lowest": 1}
    read = policy_from_document(document, version=draw(st.integers(0, 3)))
    assert isinstance(read, Policy), read
    return read


@st.composite
def snapshots(draw: st.DrawFn) -> CreditInputs:
    as_of = draw(st.dates(date(2012, 1, 1), date(2014, 6, 30)))
    currency = draw(st.sampled_from(["USD", "EUR"]))
    figures = {name: draw(optional(money)) for name in Statement.__slots__[2:]}
    return snapshot(
        as_of=as_of,
        known_at=draw(optional(st.just(datetime(2014, 7, 1, 8, tzinfo=UTC)))),
        months=months(draw(reports), as_of, draw(reports)),
        currency=currency,
        terms_days=draw(optional(days)),
        grade=draw(optional(grades)),
        appointed_on=draw(optional(st.dates(date(2011, 1, 1), date(2014, 6, 30)))),
        first_year_target=draw(optional(positive)),
        limit_in_force=draw(optional(positive)),
        own_annual_sales=draw(optional(positive)),
        rates=draw(st.just(()) | st.builds(lambda rate: (Rate("EUR", rate, as_of),), rates)),
        statements=draw(st.just(()) | st.just((Statement(date(2011, 12, 31), "USD", **figures),))),
        scores=tuple((weight.factor, D(7)) for weight in EQUAL_WEIGHTS[: draw(st.integers(0, 18))]),
        best_high_credit=draw(optional(positive)),
        reference_limits=draw(optional(st.lists(positive, max_size=3).map(tuple))),
        stated_need=draw(optional(positive)),
        exposure=draw(optional(positive)),
    )


def exact_turnover(
    values: list[Decimal | None], terms_days: int, grade: str, in_force: Decimal | None
) -> tuple[Fraction, int] | None:
    """The shipped policy in exact fractions, written apart from the rules: unrounded and rounded."""
    covered = [Fraction(value) for value in values if value is not None]
    if len(covered) < 3:
        return None
    coefficient = {"AAA": Fraction(2), "AA": Fraction(1), "A": Fraction(8, 10), "B": Fraction(6, 10), "C": Fraction(0)}
    exact = max(sum(covered) / len(covered) * Fraction(terms_days, 30) * coefficient[grade], Fraction(0))
    if in_force is not None:
        exact = min(exact, Fraction(in_force) * Fraction(3, 2))
    return exact, floor(exact / 100) * 100


@given(reports, days, grades, optional(positive))
def test_turnover_equals_exact_fractions(
    values: list[Decimal | None], terms_days: int, grade: str, in_force: Decimal | None
) -> None:
    expected = exact_turnover(values, terms_days, grade, in_force)
    given_in = snapshot(values, terms_days=terms_days, grade=grade, limit_in_force=in_force)
    decision = compute_limit(DEFAULT_POLICY, given_in)
    if expected is None:
        assert decision.amount is None
        return
    assert decision.amount == expected[1]
    assert decision.unrounded is not None
    assert abs(Fraction(decision.unrounded) - expected[0]) <= Fraction(1, 10**12)


@given(reports, st.integers(0, 11), positive, days, grades, st.sampled_from(tuple(Trim)))
def test_more_sales_never_lower_the_limit(
    values: list[Any], place: int, more: Decimal, terms_days: int, grade: str, trim: Trim
) -> None:
    policy = replace(DEFAULT_POLICY, sales=replace(DEFAULT_POLICY.sales, trim=trim))
    raised = [value + more if at == place and value is not None else value for at, value in enumerate(values)]
    before, after = (
        compute_limit(policy, snapshot(each, terms_days=terms_days, grade=grade)) for each in (values, raised)
    )
    assert (before.amount is None) == (after.amount is None)
    if before.amount is not None and after.amount is not None:
        assert after.amount >= before.amount


@given(policies(), snapshots())
def test_a_limit_or_a_reason_and_never_both_or_less_than_nothing(policy: Policy, inputs: CreditInputs) -> None:
    decision = compute_limit(policy, inputs)
    facts = (decision.amount, decision.unrounded, decision.approvals_needed, decision.valid_until)
    if decision.withheld is not None:
        assert facts == (None, None, None, None)
        assert str(decision.withheld)
        return
    assert decision.amount is not None
    assert decision.unrounded is not None
    assert decision.amount >= 0
    assert 0 <= decision.unrounded - decision.amount < policy.rounding_unit
    assert decision.steps[-1].after == decision.amount


@given(policies(), snapshots())
def test_no_limit_passes_a_cap(policy: Policy, inputs: CreditInputs) -> None:
    decision = compute_limit(policy, inputs)
    if decision.amount is None:
        return
    if policy.caps.rise_rate is not None and inputs.limit_in_force is not None:
        assert decision.amount <= inputs.limit_in_force * (1 + policy.caps.rise_rate)
    rate = next((rate.rate for rate in inputs.rates), D(1)) if inputs.currency == "EUR" else D(1)
    if policy.caps.own_sales_rate is not None:
        assert inputs.own_annual_sales is not None
        assert Fraction(decision.amount) * Fraction(rate) <= Fraction(inputs.own_annual_sales) * Fraction(
            policy.caps.own_sales_rate
        ) + Fraction(1, 10**9)
    bound = [step for step in decision.steps if step.bound]
    assert all(step.after is not None and decision.unrounded is not None for step in bound)
    assert len([step for step in bound if step.key != "floor"]) <= 1


@given(policies(), snapshots())
def test_a_stored_decision_is_told_again_and_a_stored_snapshot_computes_it_again(
    policy: Policy, inputs: CreditInputs
) -> None:
    decision = compute_limit(policy, inputs)
    stored = json.dumps([decision_to_document(decision), inputs_to_document(inputs), policy_to_document(policy)])
    told, kept, written = json.loads(stored)
    assert decision_from_document(told) == decision
    again = policy_from_document(written, policy.version)
    assert again == policy
    assert isinstance(again, Policy)
    assert inputs_from_document(kept) == inputs
    with localcontext() as context:
        context.prec = 9  # a caller's precision is not ours
        assert compute_limit(again, inputs_from_document(kept)) == decision


@given(policies(), snapshots(), policies(), snapshots())
def test_parts_of_a_difference_sum_to_the_whole(
    policy1: Policy, inputs1: CreditInputs, policy2: Policy, inputs2: CreditInputs
) -> None:
    diff = diff_limits(inputs1, policy1, inputs2, policy2)
    if diff.withheld is not None:
        assert diff.parts == ()
        assert diff.whole is None
        return
    assert [part.key for part in diff.parts] == ["sales", "rates", "terms", "grade", "policy", "caps", "rounding"]
    with localcontext() as context:
        context.prec = 60
        assert diff.before.amount is not None
        assert diff.after.amount is not None
        assert sum(part.amount for part in diff.parts) == diff.after.amount - diff.before.amount == diff.whole


@given(reports, reports, days, days, grades, grades, optional(positive), optional(positive))
def test_parts_of_the_shipped_policy_sum_to_the_whole(
    values1: list[Any],
    values2: list[Any],
    days1: int,
    days2: int,
    grade1: str,
    grade2: str,
    limit1: Decimal | None,
    limit2: Decimal | None,
) -> None:
    before = snapshot(values1, terms_days=days1, grade=grade1, limit_in_force=limit1)
    after = snapshot(values2, terms_days=days2, grade=grade2, limit_in_force=limit2)
    diff = diff_limits(before, DEFAULT_POLICY, after, DEFAULT_POLICY)
    some_missing = any(sum(value is not None for value in values) < 3 for values in (values1, values2))
    assert (diff.withheld is not None) == some_missing
    if diff.whole is not None:
        assert sum(part.amount for part in diff.parts) == diff.whole
        assert {part.key: part.amount for part in diff.parts}["policy"] == 0
