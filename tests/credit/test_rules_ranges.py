"""What each figure of a policy may be: the promise as it stands, tried on both sides of every edge."""

import copy
from dataclasses import fields
from decimal import Decimal
from typing import Any

import pytest

from channel.credit.rules import GRADES, POLICY, Policy
from channel.versions.rules import SPEC, Holds, read_document, specs_of, written
from tests.make.credit import DEFAULT_POLICY

D = Decimal
RANGES = {
    "sales.wanted_weeks_of_supply": "0 .. 104 or none",
    "sales.stock_change_months": "whole 1 .. 24",
    "sales.window_months": "whole 1 .. 60",
    "sales.least_covered_months": "whole 1 .. 60",
    "sales.trim_highest": "whole 0 .. 12",
    "sales.trim_lowest": "whole 0 .. 12",
    "season.window_months": "whole 12 .. 60",
    "season.band_rate": "0 .. 10 or none",
    "grade_coefficients.AAA": "0 .. 10",
    "terms.days_per_month": "whole 1 .. 31",
    "terms.longest_days": "whole 0 .. 720 or none",
    "gates.distress_factor": "0 .. 1",
    "gates.grey_factor": "0 .. 1",
    "gates.overdue_days": "whole 0 .. 3650",
    "gates.overdue_factor": "0 .. 1",
    "gates.broken_promises_most": "whole 0 .. 1000 or none",
    "gates.write_offs_most": "whole 0 .. 1000 or none",
    "gates.dishonoured_bills_most": "whole 0 .. 1000 or none",
    "gates.holds_most": "whole 0 .. 1000 or none",
    "gates.incidents_factor": "0 .. 1",
    "caps.rise_rate": "0 .. 100 or none",
    "caps.own_sales_rate": "above 0 .. 1 or none",
    "caps.mean_month_season_rate": "0 .. 1 or none",
    "caps.grade_ceiling_months.AAA": "0 .. 36 or none",
    "caps.grade_ceiling_amounts.AAA": "0 .. 1e15 or none",
    "floor": "0 .. 1e12",
    "rounding_unit": "above 0 .. 1e9",
    "validity_months": "whole 1 .. 60",
    "approvals.0.up_to": "above 0 .. 1e15 or none",
    "approvals.0.approvals": "whole 1 .. 5",
    "new_dealer.fewer_than_months": "whole 0 .. 24",
    "parameters.statement_max_age_months": "whole 1 .. 60",
    "parameters.net_worth_rate": "above 0 .. 1",
    "parameters.own_sales_rate": "above 0 .. 1",
    "parameters.small_customer_rate": "above 0 .. 1",
    "parameters.high_credit_growth_factor": "above 0 .. 10",
    "parameters.default_rates.AAA": "0 .. 1",
    "parameters.loss_given_default_rate": "0 .. 1",
    "parameters.expected_loss_ceiling": "above 0 .. 1e12",
    "parameters.working_assets_bands.0.from_score": "-1000 .. 1000 or none",
    "parameters.working_assets_bands.0.rate": "0 .. 1",
    "parameters.characteristic_weights.0.weight": "0 .. 1000",
    "parameters.characteristic_bands.0.from_percent": "0 .. 100",
    "parameters.characteristic_bands.0.factor": "0 .. 10",
    "parameters.characteristic_known_rate": "above 0 .. 1",
} | {
    f"parameters.{rule}.{name}": "-100 .. 100"
    for rule in ("altman_z", "altman_z_prime", "altman_z_double_prime")
    for name in ("coefficients.0", "distress_below", "safe_above")
}


def refused_for(path: str, value: object) -> list[str]:
    """Why the value is not taken at this place, apart from what it does not fit with elsewhere."""
    document: Any = copy.deepcopy(written(DEFAULT_POLICY))
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place = document
    for part in way:
        place = place[part]
    place[last] = value
    read = read_document(POLICY, document)
    found = [str(error.reason) for error in read if error.field == path] if isinstance(read, list) else []
    return [reason for reason in found if "not allowed here" in reason or "A value is needed" in reason]


@pytest.mark.parametrize("path", RANGES)
def test_a_figure_takes_what_lies_in_its_range_and_nothing_beside_it(path: str) -> None:
    told, whole = RANGES[path].removeprefix("whole "), RANGES[path].startswith("whole ")
    crumb = D(1) if whole else D("0.000001")
    low, high = (D(edge) for edge in told.removeprefix("above ").removesuffix(" or none").split(" .. "))
    first = low + crumb if told.startswith("above ") else low
    assert [value for value in (first, high) if refused_for(path, f"{value:f}")] == []
    assert [value for value in (first - crumb, high + crumb) if not refused_for(path, f"{value:f}")] == []
    assert bool(refused_for(path, f"{low + D('0.5'):f}")) is whole
    assert bool(refused_for(path, None)) is not told.endswith(" or none")
    for wrong in ("", "much", "NaN", True, [], {}):
        assert refused_for(path, wrong), wrong


def test_every_figure_of_a_policy_has_its_range_here() -> None:
    found = set()
    for path, spec in specs_of(Policy).items():
        if spec.kind in {Holds.NUMBER, Holds.WHOLE} and path.rpartition(".")[2] not in GRADES:
            found.add(path)
        elif spec.kind is Holds.TABLE:
            found.add(f"{path}.AAA")
        elif spec.kind is Holds.NUMBERS:
            found.add(f"{path}.0")
        elif spec.kind is Holds.RECORDS and spec.record:
            inner = {field.name: field.metadata[SPEC].kind for field in fields(spec.record) if SPEC in field.metadata}
            found |= {f"{path}.0.{name}" for name, kind in inner.items() if kind in {Holds.NUMBER, Holds.WHOLE}}
    assert found == set(RANGES)


@pytest.mark.parametrize("path", ["parameters.altman_z.coefficients", "methods", "approvals"])
@pytest.mark.parametrize("count", [0, 1, 100, 101, None])
def test_a_list_holds_one_to_a_hundred(path: str, count: int | None) -> None:
    document: Any = copy.deepcopy(written(DEFAULT_POLICY))
    *way, last = path.split(".")
    place = document
    for part in way:
        place = place[part]
    place[last] = "text" if count is None else place[last][:1] * count
    read = read_document(POLICY, document)
    reasons = [str(error.reason) for error in read if error.field == path] if isinstance(read, list) else []
    assert ("This is not a list of 1 to 100 values." in reasons) is (count in {0, 101, None})
