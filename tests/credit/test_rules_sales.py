"""Which sales count: basis, months, trimming, season."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from channel.credit.rules import LimitDecision, Method, MethodUse, Policy, compute_limit
from channel.credit.rules.policy import (
    Basis,
    Caps,
    MonthsCounted,
    SalesRule,
    SeasonMonth,
    SeasonRule,
    TermsRule,
    Trim,
)
from channel.credit.rules.sales import credit_window
from tests.make.credit import DEFAULT_POLICY, months, snapshot

D = Decimal


def with_sales(**changes: Any) -> Policy:  # noqa: ANN401 - any field of the rule
    return replace(DEFAULT_POLICY, sales=replace(SalesRule(), **changes), rounding_unit=D("0.01"))


def step(decision: LimitDecision, key: str) -> tuple[Decimal | None, str, str]:
    found = next(step for step in decision.steps if step.key == key)
    return found.after, "; ".join(map(str, found.inputs)), str(found.reason)


IRREGULAR = [120, 0, 90, 150, 180, 0, 210, 240, 160, 130, 0, 110]


def test_the_other_way_of_counting_months_is_told_either_way() -> None:
    every = compute_limit(with_sales(), snapshot(IRREGULAR))
    only = compute_limit(with_sales(months_counted=MonthsCounted.WITH_SALES), snapshot(IRREGULAR))
    assert step(every, "mean_sell_in")[2] == "over the 9 months with sales alone it is 154.44"
    assert step(only, "mean_sell_in")[1:] == (
        "12 complete months; all covered; 9 of them with sales",
        "over all 12 covered months it is 115.83",
    )
    assert (every.amount, only.amount) == (D("115.83"), D("154.44"))
    assert step(compute_limit(with_sales(), snapshot([1] * 12)), "mean_sell_in")[2] == "None"


def test_a_month_of_returns_alone_is_a_month_with_sales() -> None:
    values: list[object] = [100, -40, 0, *[None] * 9]
    assert compute_limit(with_sales(months_counted=MonthsCounted.WITH_SALES), snapshot(values)).amount == 30
    even = list(months([100, 0, 0, 50]))
    even[1] = structs.replace(even[1], sell_in_returns=D(70))
    decision = compute_limit(with_sales(months_counted=MonthsCounted.WITH_SALES), snapshot(months=tuple(even)))
    assert decision.amount == 50


def test_covered_months_without_any_sale_are_a_mean_of_zero_and_not_withheld() -> None:
    assert compute_limit(with_sales(months_counted=MonthsCounted.WITH_SALES), snapshot([0] * 12)).amount == 0


@pytest.mark.parametrize(
    ("trim", "highest", "lowest", "mean"),
    [
        (Trim.NONE, 1, 1, "202"),
        (Trim.DROP, 1, 0, "2.5"),
        (Trim.DROP, 1, 1, "3"),
        (Trim.WINSORISE, 1, 0, "2.8"),
        (Trim.WINSORISE, 1, 1, "3"),
        (Trim.WINSORISE, 2, 1, "2.6"),
        (Trim.DROP, 2, 2, "3"),
    ],
)
def test_trimming_of_outliers(trim: Trim, highest: int, lowest: int, mean: str) -> None:
    policy = with_sales(trim=trim, trim_highest=highest, trim_lowest=lowest)
    assert step(compute_limit(policy, snapshot([4, 1000, 1, 3, 2])), "mean_sell_in")[0] == D(mean)


@pytest.mark.parametrize(
    ("trim", "said"),
    [
        (Trim.NONE, []),
        (Trim.DROP, ["without the 1 highest and 2 lowest"]),
        (Trim.WINSORISE, ["the 1 highest and 2 lowest counted as the next month"]),
    ],
)
def test_what_was_trimmed_is_said(trim: Trim, said: list[str]) -> None:
    decision = compute_limit(with_sales(trim=trim, trim_lowest=2), snapshot([4, 1000, 1, 3, 2]))
    told = [str(each) for each in next(each for each in decision.steps if each.key == "mean_sell_in").inputs]
    assert [each for each in told if "highest" in each] == said


def test_trimming_that_leaves_nothing_is_withheld() -> None:
    policy = with_sales(trim=Trim.DROP, trim_highest=1, trim_lowest=1, months_counted=MonthsCounted.WITH_SALES)
    decision = compute_limit(policy, snapshot([0, 0, 5, 6]))
    assert str(decision.withheld) == "2 months are too few to trim the outliers"


def test_sell_through_has_its_own_coverage() -> None:
    policy = with_sales(basis=Basis.SELL_THROUGH)
    given = snapshot(months=months([100] * 12, through=[None] * 8 + [50] * 4))
    decision = compute_limit(policy, given)
    assert step(decision, "mean_sell_through")[:2] == (
        D(50),
        "12 complete months; 4 covered; 2012-12 – 2013-07 missing",
    )


@pytest.mark.parametrize(
    ("stock", "needed", "limit", "chosen"),
    [
        (0, "125", "100", "sell-in"),
        (75, "100", "100", "sell-in"),
        (90, "95", "95", "sell-through"),
        (390, "-5", "0", "sell-through"),
    ],
)
def test_smaller_of_sell_in_and_sell_through_with_the_wanted_change_of_stock(
    stock: int, needed: str, limit: str, chosen: str
) -> None:
    # Sell-through of 65 a month is 15 a week; 12 weeks of supply are 180, reached over 3 months.
    policy = with_sales(basis=Basis.SMALLER, wanted_weeks_of_supply=D(12), stock_change_months=3)
    sales = list(months([100] * 12, through=[65] * 12))
    sales[-1] = structs.replace(sales[-1], stock_amount_end=D(stock))
    decision = compute_limit(policy, snapshot(months=tuple(sales)))
    assert step(decision, "needed_sales")[0] == D(needed)
    assert step(decision, "smaller_sales")[1] == chosen
    assert decision.amount == D(limit)


def test_smaller_without_wanted_stock_is_the_smaller_mean_of_months_covered_by_both() -> None:
    policy = with_sales(basis=Basis.SMALLER)
    sales = months([1000, 100, 100, 100, 100], through=[None, 80, 80, 80, None])
    assert compute_limit(policy, snapshot(months=sales)).amount == 80
    sales = months([1000, 50, 50, 50, 100], through=[None, 80, 80, 80, None])
    assert compute_limit(policy, snapshot(months=sales)).amount == 50


def test_unknown_stock_withholds_where_it_is_needed() -> None:
    policy = with_sales(basis=Basis.SMALLER, wanted_weeks_of_supply=D(4))
    decision = compute_limit(policy, snapshot(months=months([100] * 12, through=[65] * 12)))
    assert str(decision.withheld) == "stock at the end of 2013-11 is not known"


@pytest.mark.parametrize(
    ("days", "weights"),
    [(30, ["1"]), (45, ["1", "0.5"]), (60, ["1", "1"]), (15, ["0.5"]), (75, ["1", "1", "0.5"])],
)
def test_the_credit_window_ends_in_its_month(days: int, weights: list[str]) -> None:
    assert list(credit_window(days, 30)) == [D(weight) for weight in weights]


SEASONAL_YEAR = [60, 60, 60, 60, 60, 120, 120, 120, 120, 120, 180, 120]  # December 2012 to November 2013, mean 100


def seasonal(**changes: Any) -> Policy:  # noqa: ANN401 - any field of the rule
    rule = replace(SeasonRule(use=True, window_months=12), **changes)
    return replace(DEFAULT_POLICY, season=rule, rounding_unit=D("0.01"))


def test_the_season_of_the_credit_window_multiplies_the_turnover_limit() -> None:
    decision = compute_limit(seasonal(), snapshot(SEASONAL_YEAR, terms_days=45))
    # December 0.6 and half of November 1.2: (0.6 + 0.6) / 1.5 = 0.8, so 100 x 1.5 x 0.8.
    assert step(decision, "season")[1:] == ("index 0.80 for 2013-11 – 2013-12", "None")
    assert decision.amount == 120


def test_the_peak_is_the_strongest_month_of_the_validity() -> None:
    decision = compute_limit(seasonal(month=SeasonMonth.PEAK, band_rate=None), snapshot(SEASONAL_YEAR))
    assert step(decision, "season")[1] == "index 1.80 for 2014-10"
    assert decision.amount == 180
    short = replace(seasonal(month=SeasonMonth.PEAK, band_rate=None), validity_months=6)
    assert compute_limit(short, snapshot(SEASONAL_YEAR)).amount == 120


@pytest.mark.parametrize(("band", "factor"), [("0.9", "1.8"), ("0.8", "1.8"), ("0.5", "1.5"), ("0", "1")])
def test_the_season_is_held_within_its_band(band: str, factor: str) -> None:
    policy = seasonal(month=SeasonMonth.PEAK, band_rate=D(band))
    assert compute_limit(policy, snapshot(SEASONAL_YEAR)).amount == D(factor) * 100


def test_the_seasonal_method_is_forecast_sales_in_the_window_times_coefficient() -> None:
    policy = replace(seasonal(use=False, band_rate=None), methods=(MethodUse(Method.SEASONAL),))
    decision = compute_limit(policy, snapshot(SEASONAL_YEAR, terms_days=45, grade="A"))
    assert decision.amount == (D(60) + D(120) / 2) * D("0.8")


@pytest.mark.parametrize(
    ("as_of", "rate", "cap"),
    [
        (date(2013, 12, 1), "0.5", 60),  # December has index 0.6
        (date(2013, 12, 1), "0.3", 70),
        (date(2013, 12, 1), "0", 100),
        (date(2013, 10, 1), "0.9", 180),  # October has index 1.8
        (date(2013, 10, 1), "0.5", 150),
    ],
)
def test_the_mean_month_is_a_cap_that_breathes_with_the_season(as_of: date, rate: str, cap: int) -> None:
    caps = Caps(rise_rate=None, mean_month_season_rate=D(rate))
    policy = replace(seasonal(use=False), caps=caps, terms=TermsRule(days_per_month=1))
    year = months(SEASONAL_YEAR, date(2013, 12, 1))
    before = tuple(structs.replace(sales, month=sales.month.plus(-12)) for sales in year)
    decision = compute_limit(policy, snapshot(as_of=as_of, months=before + year))
    assert decision.amount == cap
    assert step(decision, "mean_month_cap")[2] == "None"


def test_a_year_with_a_hole_has_no_season() -> None:
    values: list[object] = [*SEASONAL_YEAR[:3], None, *SEASONAL_YEAR[4:]]
    decision = compute_limit(seasonal(), snapshot(values))
    assert str(decision.withheld).endswith("these are not covered: 03")
    two_years = compute_limit(seasonal(window_months=24), snapshot([*SEASONAL_YEAR, *values]))
    assert two_years.withheld is None
    assert compute_limit(seasonal(), snapshot([0] * 12)).withheld is not None


def test_an_as_of_date_within_a_month_looks_at_the_same_months() -> None:
    policy = seasonal()
    first, later = (
        compute_limit(policy, snapshot(as_of=day, months=months(SEASONAL_YEAR))).amount
        for day in (date(2013, 12, 1), date(2013, 12, 31))
    )
    assert first == later


def test_the_smaller_of_two_needs_both() -> None:
    """Of months with sell-through there is one: no outlier can be left out of it, though sell-in has twelve."""
    policy = with_sales(basis=Basis.SMALLER, trim=Trim.DROP, months_counted=MonthsCounted.WITH_SALES)
    decision = compute_limit(policy, snapshot(months=months([100] * 12, through=[0] * 11 + [90])))
    assert str(decision.withheld) == "1 months are too few to trim the outliers"
