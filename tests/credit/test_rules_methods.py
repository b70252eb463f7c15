"""Methods on statements and history, how they combine, and the gates; each refusal with its reason."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from channel.credit.rules import (
    METHODS,
    Combine,
    LimitDecision,
    Method,
    MethodUse,
    Policy,
    Rate,
    Statement,
    compute_limit,
)
from channel.credit.rules.parameters import EQUAL_WEIGHTS
from channel.credit.rules.policy import AltmanVariant, Gates
from tests.make.credit import DEFAULT_POLICY, snapshot

D = Decimal
STATEMENT = Statement(
    date(2012, 12, 31),
    "USD",
    total_assets=D(1000),
    current_assets=D(500),
    inventory=D(200),
    current_liabilities=D(400),
    total_debt=D(600),
    net_worth=D(400),
    retained_earnings=D(200),
    ebit=D(130),
    sales=D(950),
    net_profit=D(120),
    market_equity=D(390),
)


def policy_of(*methods: Method, combine: Combine = Combine.SMALLEST, required: bool = True) -> Policy:
    uses = tuple(MethodUse(method, required) for method in methods)
    return replace(DEFAULT_POLICY, methods=uses, combine=combine, rounding_unit=D("0.01"))


def decided(policy: Policy, **fields: Any) -> LimitDecision:  # noqa: ANN401 - any field of the snapshot
    return compute_limit(policy, snapshot(fields.pop("values", [1000] * 12), **fields))


def limit_by(method: Method, **fields: Any) -> object:  # noqa: ANN401 - any field of the snapshot
    decision = decided(policy_of(method), **fields)
    return str(decision.withheld) if decision.withheld else decision.amount


def test_every_method_has_a_rule_and_a_name() -> None:
    assert set(METHODS) == set(Method)
    assert len({str(name) for name, _ in METHODS.values()}) == len(Method)


@pytest.mark.parametrize(
    ("method", "fields", "limit"),
    [
        (Method.WORKING_ASSETS, {}, D("37.5")),
        (Method.NET_WORTH, {}, D(40)),
        (Method.TWO_TEN_PERCENT, {"own_annual_sales": D(300)}, D(30)),
        (Method.TWO_TEN_PERCENT, {"own_annual_sales": D(9000)}, D(40)),
        (Method.TWO_TEN_PERCENT, {}, "the company's own sales of the last twelve months are not known"),
        (Method.THREE_CALCULATIONS, {"reference_limits": (D(30), D(80), D(50)), "stated_need": D(60)}, D(50)),
        (Method.THREE_CALCULATIONS, {"stated_need": D(60)}, "no trade-reference limits are known"),
        (Method.THREE_CALCULATIONS, {"reference_limits": (D(30),)}, "the dealer has not stated a need"),
        (Method.SMALL_CUSTOMER, {}, D(260)),
        (Method.BEST_HIGH_CREDIT, {"best_high_credit": D(700)}, D(700)),
        (
            Method.BEST_HIGH_CREDIT,
            {},
            "no balance is known that was cleared on terms in the last twelve months",
        ),
        (Method.EXPECTED_LOSS, {"grade": "A"}, D("1111111.11")),
        (Method.EXPECTED_LOSS, {"grade": None}, "no grade is set"),
    ],
)  # fmt: skip
def test_methods_on_statements_and_history(method: Method, fields: dict[str, Any], limit: object) -> None:
    assert limit_by(method, statements=(STATEMENT,), **fields) == limit


@pytest.mark.parametrize("method", [Method.WORKING_ASSETS, Method.NET_WORTH, Method.SMALL_CUSTOMER])
def test_without_a_usable_statement_they_are_withheld(method: Method) -> None:
    assert limit_by(method) == "no financial statement is known"
    later = structs.replace(STATEMENT, period_end=date(2013, 12, 1))
    assert limit_by(method, statements=(later,)) == "no financial statement is known"
    blank = structs.replace(STATEMENT, net_worth=None)
    assert limit_by(method, statements=(blank,)) == "the statement of 2012-12-31 does not show net worth"


@pytest.mark.parametrize(
    ("period_end", "usable"), [(date(2012, 6, 1), True), (date(2012, 5, 31), False), (date(2013, 11, 30), True)]
)
def test_a_statement_grows_old(period_end: date, usable: bool) -> None:
    found = limit_by(Method.NET_WORTH, statements=(structs.replace(STATEMENT, period_end=period_end),))
    assert (found == D(40)) is usable
    if not usable:
        assert found == "the latest statement, 2012-05-31, is more than 18 months old"


def test_the_latest_statement_counts() -> None:
    older = structs.replace(STATEMENT, period_end=date(2012, 9, 30), net_worth=D(9999))
    assert limit_by(Method.NET_WORTH, statements=(STATEMENT, older)) == D(40)


def test_a_statement_in_another_currency_is_converted_at_the_rate_of_the_day() -> None:
    rates = (Rate("EUR", D("1.5"), date(2013, 12, 1)), Rate("GBP", D(3), date(2013, 12, 1)))
    foreign = structs.replace(STATEMENT, currency="GBP")
    assert limit_by(Method.NET_WORTH, statements=(foreign,), currency="EUR", rates=rates) == D(80)
    assert limit_by(Method.NET_WORTH, statements=(foreign,)) == "no rate from GBP to USD for 2013-12-01"


@pytest.mark.parametrize("worth", ["0", "-5"])
def test_a_share_of_no_net_worth_is_withheld_and_not_zero(worth: str) -> None:
    broke = structs.replace(STATEMENT, net_worth=D(worth))
    for method in (Method.NET_WORTH, Method.WORKING_ASSETS, Method.TWO_TEN_PERCENT, Method.THREE_CALCULATIONS):
        assert str(limit_by(method, statements=(broke,), own_annual_sales=D(1))).startswith(f"net worth is {worth}")


def test_an_expected_loss_of_nothing_bounds_nothing() -> None:
    parameters = replace(DEFAULT_POLICY.parameters, loss_given_default_rate=D(0))
    policy = replace(policy_of(Method.EXPECTED_LOSS), parameters=parameters)
    assert "bounds nothing" in str(decided(policy).withheld)


@pytest.mark.parametrize(
    ("combine", "limit"), [(Combine.SMALLEST, D(40)), (Combine.FIRST, D(1000)), (Combine.MEAN, D(520))]
)
def test_methods_combine(combine: Combine, limit: Decimal) -> None:
    policy = policy_of(Method.TURNOVER, Method.NET_WORTH, combine=combine)
    assert decided(policy, statements=(STATEMENT,)).amount == limit


def test_a_required_method_withholds_the_limit_and_another_is_left_out() -> None:
    both = (Method.NET_WORTH, Method.TURNOVER)
    assert str(decided(policy_of(*both)).withheld) == "no financial statement is known"
    for combine in Combine:
        decision = decided(policy_of(*both, combine=combine, required=False))
        assert decision.amount == 1000
        note = decision.steps[0]
        assert (note.key, str(note.reason)) == ("left_out_net_worth", "no financial statement is known")
    nothing = decided(policy_of(*both, required=False), values=[])
    assert str(nothing.withheld) == "no financial statement is known"


@pytest.mark.parametrize(
    ("variant", "changes", "zone", "limit"),
    [
        (AltmanVariant.Z, {}, "grey zone", 500),
        (AltmanVariant.Z, {"retained_earnings": D(-200)}, "distress", 0),
        (AltmanVariant.Z, {"sales": D(2000)}, "safe", 1000),
        (AltmanVariant.Z_PRIME, {}, "grey zone", 500),
        (AltmanVariant.Z_DOUBLE_PRIME, {}, "safe", 1000),
    ],
)
def test_altman_is_a_gate(variant: AltmanVariant, changes: dict[str, Any], zone: str, limit: int) -> None:
    policy = replace(DEFAULT_POLICY, gates=Gates(altman=variant))
    decision = decided(policy, statements=(structs.replace(STATEMENT, **changes),))
    assert decision.amount == limit
    assert str(next(step for step in decision.steps if step.key == "altman").inputs[0]) == zone


def test_altman_z_from_a_statement_is_the_published_score() -> None:
    policy = replace(DEFAULT_POLICY, gates=Gates(altman=AltmanVariant.Z))
    step = next(step for step in decided(policy, statements=(STATEMENT,)).steps if step.key == "altman")
    assert str(step.inputs[1]) == "score 2.169, distress below 1.81, safe above 2.99"


@pytest.mark.parametrize("name", ["total_assets", "ebit", "market_equity", "sales"])
def test_a_gate_that_cannot_be_computed_withholds_when_it_is_required(name: str) -> None:
    blank = (structs.replace(STATEMENT, **{name: None}),)
    required = replace(DEFAULT_POLICY, gates=Gates(altman=AltmanVariant.Z))
    assert "does not show" in str(decided(required, statements=blank).withheld)
    spared = replace(DEFAULT_POLICY, gates=Gates(altman=AltmanVariant.Z, altman_required=False))
    decision = decided(spared, statements=blank)
    assert decision.amount == 1000
    assert any("does not show" in str(step.reason) for step in decision.steps)


def test_altman_refuses_a_balance_sheet_without_assets_or_debts() -> None:
    policy = replace(DEFAULT_POLICY, gates=Gates(altman=AltmanVariant.Z_DOUBLE_PRIME))
    for changes in ({"total_assets": D(0)}, {"net_worth": D(1000), "total_debt": None}, {"total_debt": D(0)}):
        assert "above 0" in str(decided(policy, statements=(structs.replace(STATEMENT, **changes),)).withheld)
    for changes in (
        {"total_assets": D("0.5")},
        {"net_worth": D("999.5"), "total_debt": None},
        {"total_debt": D("0.5")},
    ):
        assert decided(policy, statements=(structs.replace(STATEMENT, **changes),)).withheld is None


@pytest.mark.parametrize(("score", "limit"), [("2", 0), ("4", 500), ("5", 1000), ("9", 1200)])
def test_characteristic_analysis_is_a_gate(score: str, limit: int) -> None:
    policy = replace(DEFAULT_POLICY, gates=Gates(characteristic=True))
    scores = tuple((weight.factor, D(score)) for weight in EQUAL_WEIGHTS)
    assert decided(policy, scores=scores).amount == limit
    assert "of the weights are scored" in str(decided(policy).withheld)


def test_exposure_above_the_limit_is_noted() -> None:
    assert "exposure 1,000.01 is above this limit" in map(str, decided(DEFAULT_POLICY, exposure=D("1000.01")).notes)
    assert not decided(DEFAULT_POLICY, exposure=D(1000)).notes


def receipt(method: Method, **fields: Any) -> list[str]:  # noqa: ANN401 - any field of the snapshot
    return [f"{step.name}: {step.after}" for step in decided(policy_of(method), **fields).steps]


def test_the_receipts_of_the_best_balance_and_of_the_expected_loss() -> None:
    parameters = replace(DEFAULT_POLICY.parameters, high_credit_growth_factor=D("1.2"))
    policy = replace(policy_of(Method.BEST_HIGH_CREDIT), parameters=parameters)
    decision = decided(policy, best_high_credit=D(5000))
    assert decision.amount == 6000
    assert [str(step.name) for step in decision.steps] == [
        "Best high credit", "Growth", "Limit by best high credit", "Rise cap", "Limit",
    ]  # fmt: skip
    assert receipt(Method.EXPECTED_LOSS)[:1] == ["Most expected loss: 10000"]


@pytest.mark.parametrize("worth", ["0.01", "0.5", "1"])
def test_a_share_of_little_net_worth_is_little(worth: str) -> None:
    statement = structs.replace(STATEMENT, net_worth=D(worth))
    assert not decided(policy_of(Method.NET_WORTH), statements=(statement,)).withheld
