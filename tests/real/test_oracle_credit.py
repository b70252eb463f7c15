"""Every worked example of the credit oracle file is reproduced; a record that nothing handles fails."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from channel.credit.rules import GradeTable, Policy, compute_limit
from channel.credit.rules.parameters import WORKING_ASSETS_BANDS
from channel.credit.rules.policy import AltmanVariant, Caps, MonthsCounted, SalesRule
from channel.credit.rules.sales import mean, seasonal_band
from channel.credit.rules.scores import expected_loss_limit
from channel.credit.rules.statements import (
    WorkingAssets,
    altman_rule,
    altman_score,
    altman_zone,
    small_customer_base,
    three_calculation_average,
    working_assets_band,
    working_assets_model,
)
from channel.credit.rules.statements import two_ten as two_ten_method
from tests.make.credit import DEFAULT_POLICY, amount_of, losing, snapshot, worth

D = Decimal
OF_RECEIVABLES = {
    "paydex_days_beyond_terms",
    "paydex_dollar_weighted",
    "settlement_due_dates_7th",
    "late_interest_cn",
}


def oracle_file() -> Path | None:
    places = (parent / "shared" / "oracles" / "credit_limit.json" for parent in Path(__file__).resolve().parents)
    return next((place for place in places if place.is_file()), None)


def records() -> dict[str, dict[str, Any]]:
    found = oracle_file()
    if found is None:
        pytest.skip("the oracle files are not beside this checkout (shared/oracles)")
    return {record["id"]: record for record in json.loads(found.read_text(), parse_float=Decimal)}


def close(found: Decimal, record: dict[str, Any], expected: object = None) -> bool:
    wanted = D(str(record["expected"] if expected is None else expected))
    return abs(found - wanted) <= D(str(record["tolerance"]))


def decimals(values: list[Any]) -> list[Decimal]:
    return [D(str(value)) for value in values]


def wca_table(record: dict[str, Any]) -> None:
    for score in record["inputs"]["scores"]:
        rate = working_assets_band(WORKING_ASSETS_BANDS, D(score)).rate
        assert close(rate * 100, record, record["expected"][score]), score


def wca(record: dict[str, Any]) -> None:
    given = record["inputs"]
    names = ("current_assets", "inventory", "current_liabilities", "total_debt", "net_worth")
    model = working_assets_model(WORKING_ASSETS_BANDS, *(D(given[name]) for name in names))
    assert isinstance(model, WorkingAssets)
    found = {
        "score": model.score, "working_assets": model.working_assets, "pct": model.rate * 100, "limit": model.limit,
    }  # fmt: skip
    assert found.keys() == record["expected"].keys()
    assert all(close(found[name], record, value) for name, value in record["expected"].items())


def unrounded(policy: Policy, **fields: Any) -> Decimal:  # noqa: ANN401 - any field of the snapshot
    amount = compute_limit(policy, snapshot(fields.pop("values", ()), **fields)).unrounded
    assert amount is not None
    return amount


def existing(record: dict[str, Any]) -> None:
    given = record["inputs"]
    coefficients = GradeTable(*(D(str(given["coef"][grade])) for grade in ("AAA", "AA", "A", "B", "C")))
    policy = Policy(
        sales=SalesRule(months_counted=MonthsCounted.WITH_SALES), grade_coefficients=coefficients, caps=Caps(None)
    )
    assert policy.terms.days_per_month == given["days_per_month"]
    values, days = given["monthly_sales"], given["credit_days"]
    assert close(unrounded(policy, values=values, terms_days=days, grade=given["grade"]), record)


def new(record: dict[str, Any]) -> None:
    given = record["inputs"]
    target = D(given["expected_monthly"]) * 12
    fields = {"terms_days": given["credit_days"], "grade": given["grade"], "first_year_target": target}
    assert close(unrounded(DEFAULT_POLICY, **fields), record)


def band(record: dict[str, Any]) -> None:
    base = mean(decimals(record["inputs"]["monthly_sales"]))
    off, peak = seasonal_band(base, D("0.5"))
    found = {"base": base, "peak": peak, "off": off}
    assert found.keys() == record["expected"].keys()
    assert all(close(found[name], record, value) for name, value in record["expected"].items())


def two_ten(record: dict[str, Any]) -> None:
    given = record["inputs"]
    inputs = snapshot(statements=(worth(given["net_worth"]),), own_annual_sales=D(given["seller_annual_sales"]))
    assert close(amount_of(two_ten_method(DEFAULT_POLICY, inputs)), record)


def three(record: dict[str, Any]) -> None:
    given = record["inputs"]
    told = {"reference_limits": tuple(decimals(given["references"])), "stated_need": D(given["need"])}
    inputs = snapshot(statements=(worth(given["net_worth"]),), **told)
    assert close(amount_of(three_calculation_average(DEFAULT_POLICY, inputs)), record)


def small(record: dict[str, Any]) -> None:
    assert close(small_customer_base(D(record["inputs"]["net_assets"]), D(record["inputs"]["net_profit"])), record)


def altman(variant: AltmanVariant) -> Callable[[dict[str, Any]], None]:
    def check(record: dict[str, Any]) -> None:
        rule = altman_rule(DEFAULT_POLICY, variant)
        score = altman_score(rule, decimals(record["inputs"]["X"]))
        expected = record["expected"]
        if isinstance(expected, dict):
            assert altman_zone(rule, score) == expected["zone"]
            expected = expected["z"]
        assert close(score, record, expected)

    return check


def loss(record: dict[str, Any]) -> None:
    given = record["inputs"]
    policy = losing(D(given["pd"]), D(given["lgd"]), D(record["expected"]))
    assert amount_of(expected_loss_limit(policy, snapshot())) == D(given["ead"])


HANDLED: dict[str, Callable[[dict[str, Any]], None]] = {
    "wca_percentage_table": wca_table,
    "wca_worked_1": wca,
    "wca_worked_2": wca,
    "turnover_existing_customer": existing,
    "turnover_new_customer": new,
    "turnover_grade_C_zero": new,
    "seasonal_band": band,
    "two_ten_percent_rules": two_ten,
    "three_calculation_average": three,
    "small_customer_base": small,
    "altman_z": altman(AltmanVariant.Z),
    "altman_z_prime": altman(AltmanVariant.Z_PRIME),
    "altman_z_double_prime": altman(AltmanVariant.Z_DOUBLE_PRIME),
    "expected_loss": loss,
}


def test_every_record_is_handled_or_belongs_to_receivables() -> None:
    assert set(records()) == set(HANDLED) | OF_RECEIVABLES


@pytest.mark.parametrize("name", sorted(HANDLED))
def test_the_record_is_reproduced(name: str) -> None:
    HANDLED[name](records()[name])
