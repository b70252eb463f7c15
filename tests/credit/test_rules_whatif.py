"""Knobs on the policy and the snapshot: turned, computed, never saved."""

from decimal import Decimal
from typing import Any

import pytest

from channel.credit.rules import CreditInputs, Policy, compute_limit, knobs, with_overrides
from tests.make.credit import DEFAULT_POLICY, snapshot

D = Decimal
GIVEN = snapshot([1000] * 12, limit_in_force=D(600))


def turned(**overrides: str) -> tuple[Policy, CreditInputs]:
    result = with_overrides(DEFAULT_POLICY, GIVEN, {name.replace("__", "."): text for name, text in overrides.items()})
    assert not isinstance(result, list), result
    return result


@pytest.mark.parametrize(
    ("name", "text", "limit"),
    [
        ("inputs.limit_in_force", "", 1000),
        ("inputs.limit_in_force", "500", 700),
        ("inputs.grade", "B", 600),
        ("inputs.terms_days", "15", 500),
        ("inputs.sales_factor", "0.5", 500),
        ("policy.caps.rise_rate", "", 1000),
        ("policy.caps.rise_rate", "0.1", 600),
        ("policy.grade_coefficients.AA", "0.8", 800),
        ("policy.rounding_unit", "1,000", 0),
        ("policy.terms.longest_days", "20", 600),
        ("policy.season.use", "true", 900),
        ("policy.sales.months_counted", "with_sales", 900),
    ],
)
def test_a_knob_turns_one_thing(name: str, text: str, limit: int) -> None:
    result = with_overrides(DEFAULT_POLICY, GIVEN, {name: text})
    assert not isinstance(result, list), result
    assert compute_limit(*result).amount == limit


def test_a_turned_policy_is_a_draft_and_an_unturned_one_is_itself() -> None:
    assert turned() == (DEFAULT_POLICY, GIVEN)
    assert turned(policy__caps__rise_rate="0.50", policy__sales__window_months="12")[0] == DEFAULT_POLICY
    assert turned(policy__caps__rise_rate="0.51")[0].version == 0
    assert turned(inputs__grade="B")[0].version == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("inputs.grade", "D"),
        ("inputs.terms_days", "1.5"),
        ("inputs.terms_days", "721"),
        ("inputs.terms_days", "-1"),
        ("inputs.sales_factor", "NaN"),
        ("inputs.stated_need", "1.234,5"),
        ("inputs.months", "[]"),
        ("inputs.as_of", "2013-01-01"),
        ("policy.caps.rise_rate", "-0.1"),
        ("policy.caps", "{}"),
        ("policy.methods", "turnover"),
        ("policy.grade_coefficients.D", "1"),
        ("policy.season.use", "yes"),
        ("policy.validity_months", ""),
        ("version", "7"),
    ],
)
def test_what_cannot_be_turned_so_is_told(name: str, text: str) -> None:
    errors = with_overrides(DEFAULT_POLICY, GIVEN, {name: text})
    assert isinstance(errors, list)
    assert [error.field for error in errors] == [name]
    assert errors[0].expected is not None


def test_turning_every_knob_to_its_own_value_changes_nothing() -> None:
    present: dict[str, Any] = {knob.name: knob.value for knob in knobs(DEFAULT_POLICY, GIVEN)}
    assert len(present) > 40
    policy, inputs = turned(**{name.replace(".", "__"): value for name, value in present.items()})
    assert policy == DEFAULT_POLICY
    assert compute_limit(policy, inputs).amount == compute_limit(DEFAULT_POLICY, GIVEN).amount
