"""What holds for every dealer and policy, and the turnover method against exact fractions."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from fractions import Fraction
from math import floor
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from channel.credit.rules import (
    GRADES,
    POLICY,
    CreditInputs,
    Policy,
    Rate,
    Statement,
    compute_limit,
    decision_from_document,
    diff_limits,
)
from channel.credit.rules.grades import GradeTable
from channel.credit.rules.json_values import from_stored, to_stored
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
from channel.versions.rules import read_document, written
from tests.make.credit import DEFAULT_POLICY, months, snapshot

D = Decimal
money = st.decimals(min_value=D(-10_000), max_value=D(5_000_000), places=4)
positive = st.decimals(min_value=D(0), max_value=D(5_000_000), places=4)
reports = st.lists(st.none() | money, min_size=12, max_size=12)
grades = st.sampled_from(GRADES)
days = st.integers(0, 120)


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


class Dice:
    """Random values of the trade from one seed: far quicker to draw than a hundred small choices."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - test data, not secrets

    def one(self, *choices: Any) -> Any:  # noqa: ANN401 - any of the choices
        return self.random.choice(choices)

    def maybe(self, value: Any) -> Any:  # noqa: ANN401 - the value or None
        return value if self.random.random() < 0.8 else None

    def money(self, low: int = 0) -> Decimal:
        return D(self.random.randint(low * 10_000, 5_000_000 * self.one(1, 100, 10_000))).scaleb(-4)

    def day(self, first: date, last: date) -> date:
        return date.fromordinal(self.random.randint(first.toordinal(), last.toordinal()))


def some_policy(dice: Dice) -> Policy:
    methods = dice.random.sample(tuple(Method), dice.one(1, 1, 2, 4))
    if dice.one(True, False):
        methods = [Method.TURNOVER]
    drawn = replace(
        DEFAULT_POLICY,
        methods=tuple(MethodUse(method, dice.one(True, False, False)) for method in methods),
        combine=dice.one(*Combine),
        sales=SalesRule(
            basis=dice.one(*Basis),
            window_months=dice.one(3, 6, 12),
            months_counted=dice.one(*MonthsCounted),
            trim=dice.one(*Trim),
        ),
        season=SeasonRule(use=dice.one(True, False, False), window_months=12),
        gates=Gates(
            altman=dice.one(*AltmanVariant),
            altman_required=dice.one(True, False, False),
            characteristic=dice.one(True, False),
            characteristic_required=dice.one(True, False, False),
        ),
        caps=Caps(
            rise_rate=dice.one(None, D(0), D("0.5"), D(2)),
            own_sales_rate=dice.one(None, None, D("0.01"), D("0.5")),
            grade_ceiling_amounts=GradeTable(*(dice.one(None, dice.money()) for _ in GRADES)),
        ),
        floor=dice.one(D(0), D(5000)),
        rounding_unit=dice.one(D(1), D(100), D("0.01")),
    )
    read = read_document(POLICY, written(drawn), version=dice.one(0, 1, 2, 3))
    assert isinstance(read, Policy), read
    return read


def some_snapshot(dice: Dice) -> CreditInputs:
    as_of = dice.day(date(2012, 1, 1), date(2014, 6, 30))
    values, through = ([dice.maybe(dice.one(D(0), dice.money(-10_000))) for _ in range(12)] for _ in range(2))
    figures = {name: dice.maybe(dice.money(-10_000)) for name in Statement.__struct_fields__[2:]}
    return snapshot(
        as_of=as_of,
        known_at=dice.maybe(datetime(2014, 7, 1, 8, tzinfo=UTC)),
        months=months(values, as_of, through),
        currency=dice.one("USD", "EUR"),
        terms_days=dice.one(None, 0, 30, 30, 45, 60, 120),
        grade=dice.maybe(dice.one(*GRADES)),
        appointed_on=dice.one(None, dice.day(date(2011, 1, 1), date(2014, 6, 30))),
        first_year_target=dice.maybe(dice.money()),
        limit_in_force=dice.maybe(dice.money()),
        own_annual_sales=dice.maybe(dice.money()),
        rates=dice.maybe((Rate("EUR", D(dice.random.randint(1, 20_000_000)).scaleb(-6), as_of),)) or (),
        statements=dice.maybe((Statement(date(2011, 12, 31), "USD", **figures),)) or (),
        scores=tuple((weight.factor, D(7)) for weight in EQUAL_WEIGHTS[: dice.random.randint(0, 18)]),
        best_high_credit=dice.maybe(dice.money()),
        reference_limits=dice.maybe(tuple(dice.money() for _ in range(dice.one(0, 1, 3)))),
        stated_need=dice.maybe(dice.money()),
        exposure=dice.maybe(dice.money()),
    )


seeds = st.integers(0, 2**48)
policies = seeds.map(lambda seed: some_policy(Dice(seed)))
snapshots = seeds.map(lambda seed: some_snapshot(Dice(seed)))


def test_the_random_cases_reach_limits_and_reasons_alike() -> None:
    pairs = [(some_policy(Dice(seed)), some_snapshot(Dice(seed + 1))) for seed in range(300)]
    withheld = sum(compute_limit(policy, inputs).withheld is not None for policy, inputs in pairs)
    assert 60 <= withheld <= 240


def exact_turnover(
    values: list[Decimal | None], terms_days: int, grade: str, in_force: Decimal | None
) -> tuple[Fraction, int] | None:
    """The shipped policy in exact fractions, told apart from the rules: unrounded and rounded."""
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


@given(policies, snapshots)
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


@given(policies, snapshots)
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


@given(policies, snapshots)
def test_a_stored_decision_is_told_again_and_a_stored_snapshot_computes_it_again(
    policy: Policy, inputs: CreditInputs
) -> None:
    decision = compute_limit(policy, inputs)
    stored = json.dumps([to_stored(decision), to_stored(inputs), written(policy)])
    told, kept, document = json.loads(stored)
    assert decision_from_document(told) == decision
    again = read_document(POLICY, document, policy.version)
    assert again == policy
    assert isinstance(again, Policy)
    assert from_stored(CreditInputs, kept) == inputs
    with localcontext() as context:
        context.prec = 9  # a caller's precision is not ours
        assert compute_limit(again, from_stored(CreditInputs, kept)) == decision


@given(policies, snapshots, policies, snapshots)
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
