"""Worked examples that were published or recomputed by hand, each with its source's figures."""

from decimal import Decimal

import pytest

from channel.credit.rules import Withheld
from channel.credit.rules.parameters import (
    ALTMAN_Z,
    ALTMAN_Z_DOUBLE_PRIME,
    ALTMAN_Z_PRIME,
    CHARACTERISTIC_BANDS,
    EQUAL_WEIGHTS,
    WORKING_ASSETS_BANDS,
    AltmanRule,
    FactorWeight,
)
from channel.credit.rules.sales import mean, seasonal_band
from channel.credit.rules.scores import characteristic_analysis, expected_loss_limit
from channel.credit.rules.statements import (
    WorkingAssets,
    altman_score,
    altman_zone,
    small_customer_base,
    three_calculation_average,
    two_ten,
    working_assets_band,
    working_assets_model,
)
from tests.make.credit import DEFAULT_POLICY, amount_of, losing, snapshot, worth

D = Decimal
IRREGULAR_BUYER = [120, 0, 90, 150, 180, 0, 210, 240, 160, 130, 0, 110]


def decimals(*texts: str) -> list[Decimal]:
    return [D(text) for text in texts]


@pytest.mark.parametrize(
    ("score", "percent"),
    [
        ("-5", "0"), ("-4.6", "0"), ("-4.59", "2.5"), ("-3.9", "2.5"), ("-3.89", "5"), ("-3.2", "5"), ("-3.19", "7.5"),
        ("-2.5", "7.5"), ("-2.49", "10"), ("-1.8", "10"), ("-1.79", "12.5"), ("-1.1", "12.5"), ("-1.09", "15"),
        ("-0.4", "15"), ("-0.39", "17.5"), ("0.3", "17.5"), ("0.31", "20"), ("0.8", "20"), ("0.9", "20"), ("1.0", "25"),
        ("3", "25"),
    ],
)  # fmt: skip
def test_working_asset_table(score: str, percent: str) -> None:
    assert working_assets_band(WORKING_ASSETS_BANDS, D(score)).rate * 100 == D(percent)


@pytest.mark.parametrize(
    ("score", "percent", "risk"),
    [
        ("0.305", "17.5", "limited"),
        ("0.95", "20", "limited"),
        ("0.9999999", "20", "limited"),
        ("-4.595", "0", "high"),
        ("-1.795", "10", "high"),
    ],
)
def test_the_printed_holes_of_the_table_take_the_lower_share(score: str, percent: str, risk: str) -> None:
    band = working_assets_band(WORKING_ASSETS_BANDS, D(score))
    assert (band.rate * 100, band.risk) == (D(percent), risk)


@pytest.mark.parametrize(
    ("figures", "score", "assets", "limit"),
    [
        (("500", "200", "400", "600", "400"), "-0.5", "250", "37.5"),
        (("800", "300", "400", "500", "700"), "1.9642857", "550", "137.5"),
    ],
)
def test_working_asset_model(figures: tuple[str, ...], score: str, assets: str, limit: str) -> None:
    model = working_assets_model(WORKING_ASSETS_BANDS, *decimals(*figures))
    assert isinstance(model, WorkingAssets)
    assert round(model.score, 7) == D(score)
    assert (model.working_assets, model.limit) == (D(assets), D(limit))


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        (("500", "200", "400", "600", "0"), "net worth is 0"),
        (("500", "200", "400", "600", "-1"), "net worth is -1"),
        (("500", "200", "0", "600", "400"), "current liabilities are 0"),
        (("500", "200", "-3", "600", "400"), "current liabilities are -3"),
    ],
)
def test_working_asset_model_refuses_rather_than_divides(figures: tuple[str, ...], said: str) -> None:
    model = working_assets_model(WORKING_ASSETS_BANDS, *decimals(*figures))
    assert isinstance(model, Withheld)
    assert str(model.reason).startswith(said)
    crumbs = [figure if D(figure) > 0 else "0.01" for figure in figures]
    assert isinstance(working_assets_model(WORKING_ASSETS_BANDS, *decimals(*crumbs)), WorkingAssets)


def test_last_years_mean_month_and_half_of_it_by_season() -> None:
    base = mean(D(value) for value in IRREGULAR_BUYER)
    off, peak = seasonal_band(base, D("0.5"))
    assert round(base, 7) == D("115.8333333")
    assert peak == D("173.75")
    assert round(off, 7) == D("57.9166667")


@pytest.mark.parametrize(("net_worth", "limit"), [(2_000_000, 150_000), (1_000_000, 100_000)])
def test_two_ten_percent_rules_take_the_smaller(net_worth: int, limit: int) -> None:
    inputs = snapshot(statements=(worth(net_worth),), own_annual_sales=D(1_500_000))
    assert amount_of(two_ten(DEFAULT_POLICY, inputs)) == limit


def test_mean_of_three_calculations_takes_the_median_of_the_references() -> None:
    told = {"reference_limits": tuple(decimals("30000", "40000", "80000")), "stated_need": D(45_000)}
    inputs = snapshot(statements=(worth(500_000),), **told)
    assert amount_of(three_calculation_average(DEFAULT_POLICY, inputs)) == 45_000


def test_base_of_a_small_customer() -> None:
    assert small_customer_base(D(800), D(120)) == 460


@pytest.mark.parametrize(
    ("rule", "ratios", "score", "zone"),
    [
        (ALTMAN_Z, ("0.1", "0.2", "0.13", "0.65", "0.95"), "2.169", "grey"),
        (ALTMAN_Z_PRIME, ("0.2", "0.3", "0.12", "1.0", "1.5"), "2.68734", "grey"),
        (ALTMAN_Z_DOUBLE_PRIME, ("0.2", "0.3", "0.12", "1.0"), "4.1464", "safe"),
    ],
)
def test_altman_scores(rule: AltmanRule, ratios: tuple[str, ...], score: str, zone: str) -> None:
    assert altman_score(rule, decimals(*ratios)) == D(score)
    assert altman_zone(rule, D(score)) == zone


@pytest.mark.parametrize(
    ("rule", "low", "high"),
    [(ALTMAN_Z, "1.81", "2.99"), (ALTMAN_Z_PRIME, "1.23", "2.90"), (ALTMAN_Z_DOUBLE_PRIME, "1.1", "2.6")],
)
def test_altman_zones_on_both_sides_of_their_edges(rule: AltmanRule, low: str, high: str) -> None:
    crumb = D("0.0001")
    assert altman_zone(rule, D(low) - crumb) == "distress"
    assert altman_zone(rule, D(low)) == "grey"
    assert altman_zone(rule, D(high)) == "grey"
    assert altman_zone(rule, D(high) + crumb) == "safe"


def test_an_altman_score_needs_all_its_ratios() -> None:
    with pytest.raises(ValueError, match="zip"):
        altman_score(ALTMAN_Z, decimals("1", "1"))


def test_a_limit_by_expected_loss_loses_what_it_may() -> None:
    policy = losing(D("0.02"), D("0.45"), D(9_000))
    assert amount_of(expected_loss_limit(policy, snapshot())) == 1_000_000


def analysis(scores: dict[str, Decimal | None], known: str = "0.5") -> object:
    return characteristic_analysis(EQUAL_WEIGHTS, CHARACTERISTIC_BANDS, scores, D(known))


@pytest.mark.parametrize(
    ("score", "percent", "meaning"),
    [("1", "10", "no credit"), ("2.09", "20.9", "no credit"), ("2.1", "21", "watch closely"),
     ("4.59", "45.9", "watch closely"), ("4.6", "46", "normal"), ("6.59", "65.9", "normal"),
     ("6.6", "66", "larger limit"), ("10", "100", "larger limit")],
)  # fmt: skip
def test_characteristic_bands_on_both_sides(score: str, percent: str, meaning: str) -> None:
    result = analysis({weight.factor: D(score) for weight in EQUAL_WEIGHTS})
    assert not isinstance(result, Withheld)
    assert (result.percent, result.band.meaning, result.known_rate) == (D(percent), meaning, 1)  # type: ignore[attr-defined]


def test_the_shipped_bands_of_the_characteristic_analysis() -> None:
    found = [(band.from_percent, band.meaning, band.factor) for band in CHARACTERISTIC_BANDS]
    assert found == [
        (D(0), "no credit", D(0)),
        (D(21), "watch closely", D("0.5")),
        (D(46), "normal", D(1)),
        (D(66), "larger limit", D("1.25")),
    ]


def test_a_factor_without_a_score_is_left_out_and_not_bad() -> None:
    scores: dict[str, Decimal | None] = {weight.factor: D(8) for weight in EQUAL_WEIGHTS[:9]}
    scores |= {weight.factor: None for weight in EQUAL_WEIGHTS[9:]}
    result = analysis(scores)
    assert (result.percent, result.known_rate) == (D(80), D("0.5"))  # type: ignore[attr-defined]
    del scores[EQUAL_WEIGHTS[0].factor]
    assert isinstance(analysis(scores), Withheld)


def test_weights_count_and_scores_outside_one_to_ten_are_refused() -> None:
    weights = (FactorWeight("a", "own", D(3)), FactorWeight("b", "credit", D(1)))
    result = characteristic_analysis(weights, CHARACTERISTIC_BANDS, {"a": D(10), "b": D(2)}, D(1))
    assert not isinstance(result, Withheld)
    assert result.percent == 80
    for wrong in ("0.99", "10.01", "NaN"):
        assert isinstance(characteristic_analysis(weights, CHARACTERISTIC_BANDS, {"a": D(wrong)}, D("0.1")), Withheld)


def test_the_shipped_coefficients_are_those_of_the_field() -> None:
    assert list(DEFAULT_POLICY.grade_coefficients.values().values()) == decimals("2.0", "1.0", "0.8", "0.6", "0")
