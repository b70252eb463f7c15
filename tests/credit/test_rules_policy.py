"""The policy document: the shipped default to the letter, strict reading, comparison."""

import json
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Any

import pytest

from channel.credit.rules import GRADES, POLICY, GradeTable, Policy, choice_label, months_needed
from channel.credit.rules.policy import Method, MethodUse, SeasonRule
from channel.versions.rules import SPEC, compare_documents, label_of, read_document, specs_of, written
from tests.make.credit import DEFAULT_POLICY

D = Decimal


def document(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return written(DEFAULT_POLICY) | changes


def errors_of(given: Any) -> dict[str, tuple[str, str]]:  # noqa: ANN401 - any JSON
    read = read_document(POLICY, given)
    assert isinstance(read, list), "the document was taken"
    return {error.field: (str(error.reason), str(error.expected)) for error in read}


def test_the_shipped_policy_is_the_one_that_was_agreed() -> None:
    told = written(DEFAULT_POLICY)
    assert DEFAULT_POLICY.version == 1
    assert told["methods"] == [{"method": "turnover", "required": True}]
    assert told["sales"] | {} == {
        "basis": "sell_in",
        "wanted_weeks_of_supply": None,
        "stock_change_months": 3,
        "window_months": 12,
        "months_counted": "covered",
        "least_covered_months": 3,
        "trim": "none",
        "trim_highest": 1,
        "trim_lowest": 1,
    }
    assert told["grade_coefficients"] == {"AAA": "2.0", "AA": "1.0", "A": "0.8", "B": "0.6", "C": "0"}
    assert told["terms"] == {"days_per_month": 30, "longest_days": None}
    assert told["season"]["use"] is False
    assert told["gates"]["altman"] == "none"
    assert told["gates"]["characteristic"] is False
    assert (told["gates"]["overdue"], told["gates"]["overdue_required"]) == ("none", False)
    none = dict.fromkeys(("AAA", "AA", "A", "B", "C"))
    assert told["caps"] == {
        "rise_rate": "0.5",
        "own_sales_rate": None,
        "mean_month_season_rate": None,
        "grade_ceiling_months": none,
        "grade_ceiling_amounts": none,
    }
    assert (told["floor"], told["rounding_unit"], told["validity_months"]) == ("0", "100", 12)
    assert told["approvals"] == [{"up_to": "100000", "approvals": 1}, {"up_to": None, "approvals": 2}]
    assert told["new_dealer"] == {
        "fewer_than_months": 3,
        "grade_unless_set": "B",
        "best_grade": "A",
        "first_order_prepaid": True,
    }


def test_the_shipped_parameters_are_the_ones_that_were_agreed() -> None:
    told = written(DEFAULT_POLICY)["parameters"]
    assert {name: value for name, value in told.items() if not isinstance(value, dict | list)} == {
        "statement_max_age_months": 18,
        "net_worth_rate": "0.10",
        "own_sales_rate": "0.10",
        "small_customer_rate": "1",
        "high_credit_growth_factor": "1",
        "high_credit_from_ledger": False,
        "loss_given_default_rate": "0.45",
        "expected_loss_ceiling": "10000",
        "working_assets_version": "published table, holes closed",
        "characteristic_known_rate": "0.5",
    }
    assert told["default_rates"] == {"AAA": "0.001", "AA": "0.005", "A": "0.02", "B": "0.05", "C": "0.20"}
    assert {row["weight"] for row in told["characteristic_weights"]} == {"1"}
    season, gates = (written(DEFAULT_POLICY)[name] for name in ("season", "gates"))
    assert (season["window_months"], season["month"], season["band_rate"]) == (24, "as_of", "0.5")
    assert (gates["distress_factor"], gates["grey_factor"]) == ("0", "0.5")
    assert (gates["altman_required"], gates["characteristic_required"]) == (True, True)


def test_a_written_policy_is_read_back_equal_and_an_empty_document_is_the_shipped_one() -> None:
    told = json.loads(json.dumps(written(DEFAULT_POLICY)))
    assert read_document(POLICY, told, version=1) == DEFAULT_POLICY
    assert read_document(POLICY, {}, version=1) == DEFAULT_POLICY
    assert "version" not in told


@pytest.mark.parametrize(
    ("given", "field", "expected"),
    [
        ({"floor": "NaN"}, "floor", "a number from 0 to 1,000,000,000,000"),
        ({"floor": "Infinity"}, "floor", "a number from 0 to 1,000,000,000,000"),
        ({"floor": float("nan")}, "floor", "a number from 0 to 1,000,000,000,000"),
        ({"floor": "-0.01"}, "floor", "a number from 0 to 1,000,000,000,000"),
        ({"floor": None}, "floor", "a number from 0 to 1,000,000,000,000"),
        ({"floor": True}, "floor", "a number from 0 to 1,000,000,000,000"),
        ({"floor": "0.0000000000001"}, "floor", "a number from 0 to 1,000,000,000,000"),
        ({"rounding_unit": "0"}, "rounding_unit", "a number above 0 and up to 1,000,000,000"),
        ({"validity_months": "1.5"}, "validity_months", "a whole number from 1 to 60"),
        ({"validity_months": 0}, "validity_months", "a whole number from 1 to 60"),
        ({"validity_months": 61}, "validity_months", "a whole number from 1 to 60"),
        ({"combine": "largest"}, "combine", "one of smallest, first, mean"),
        ({"sales": {"bassis": "sell_in"}}, "sales.bassis", ""),
        ({"sales": []}, "sales", "an object with named fields"),
        ({"cap": {}}, "cap", ""),
        ({"caps": {"rise_rate": "100.1"}}, "caps.rise_rate", "a number from 0 to 100"),
        ({"methods": []}, "methods", "a list of objects with named fields"),
        ({"methods": [{"required": True}]}, "methods.0.method", ""),
        ({"methods": [{"method": "turnover", "required": 1}]}, "methods.0.required", "true or false"),
        ({"methods": [{"method": "turnover"}] * 2}, "methods.1.method", "each method at most once"),
        ({"grade_coefficients": {"AAA": "2", "AA": "1", "A": ".8", "B": ".6"}}, "grade_coefficients.C", ""),
        ({"grade_coefficients": {"AAA": "1", "AA": "1", "A": "1.1", "B": "0", "C": "0"}}, "grade_coefficients.A", ""),
        ({"grade_coefficients": {"D": "1"}}, "grade_coefficients.D", "one of AAA, AA, A, B, C"),
        ({"name": " "}, "name", "a text of 1 to 200 characters"),
        ({"sales": {"least_covered_months": 13}}, "sales.least_covered_months", "at most 12"),
        ({"sales": {"trim": "drop", "trim_highest": 2}}, "sales.trim_highest", ""),
        ({"approvals": [{"up_to": "5", "approvals": 1}]}, "approvals.0.up_to", "amounts that rise"),
        ({"approvals": [{"up_to": None, "approvals": 0}]}, "approvals.0.approvals", "a whole number from 1 to 5"),
    ],
)
def test_what_is_wrong_is_told_with_what_would_be_right(given: dict[str, Any], field: str, expected: str) -> None:
    errors = errors_of(document(**given))
    assert field in errors
    assert expected in errors[field][1]


def test_every_error_is_told_at_once() -> None:
    errors = errors_of({"floor": "x", "unknown": 1, "caps": {"rise_rate": "-1", "own_sales_rate": "0"}})
    assert set(errors) == {"floor", "unknown", "caps.rise_rate", "caps.own_sales_rate"}


@pytest.mark.parametrize(
    ("levels", "field"),
    [
        ([("100", 1), ("100", 2), (None, 3)], "approvals.1.up_to"),
        ([(None, 1), ("100", 2)], "approvals.0.up_to"),
        ([("100", 2), (None, 1)], "approvals.1.approvals"),
    ],
)
def test_approval_levels_rise(levels: list[tuple[str | None, int]], field: str) -> None:
    given = [{"up_to": up_to, "approvals": approvals} for up_to, approvals in levels]
    assert field in errors_of(document(approvals=given))


def test_levels_rise_and_may_need_the_same() -> None:
    given = [{"up_to": "100", "approvals": 1}, {"up_to": "101", "approvals": 1}, {"up_to": None, "approvals": 1}]
    read = read_document(POLICY, document(approvals=given))
    assert isinstance(read, Policy)
    assert [level.approvals for level in read.approvals] == [1, 1, 1]


def test_tables_leave_no_hole_and_rise() -> None:
    band = {"from_score": "0", "rate": "0.1", "risk": "low"}
    errors = errors_of({"parameters": {"working_assets_bands": [band, band]}})
    assert set(errors) == {
        "parameters.working_assets_bands.0.from_score",
        "parameters.working_assets_bands.1.from_score",
    }
    rule = {"version": "x", "coefficients": ["1", "2"], "distress_below": "3", "safe_above": "2"}
    errors = errors_of({"parameters": {"altman_z": rule}})
    assert set(errors) == {"parameters.altman_z.coefficients", "parameters.altman_z.distress_below"}
    weight = {"factor": "a", "group": "own", "weight": "0"}
    errors = errors_of({"parameters": {"characteristic_weights": [weight, weight]}})
    assert set(errors) == {"parameters.characteristic_weights.1.factor", "parameters.characteristic_weights"}


def test_a_document_that_is_no_object_is_refused() -> None:
    for given in (None, [], "policy", 3):
        assert errors_of(given)[""][1] == "an object with named fields"


def test_comparison_names_every_difference_and_nothing_else() -> None:
    after = replace(
        DEFAULT_POLICY,
        floor=D("0.00"),
        caps=replace(DEFAULT_POLICY.caps, rise_rate=None),
        grade_coefficients=GradeTable(D("1.5"), D(1), D("0.8"), D("0.6"), D(0)),
        methods=(MethodUse(Method.TURNOVER), MethodUse(Method.NET_WORTH, required=False)),
        version=2,
    )
    assert compare_documents(DEFAULT_POLICY, DEFAULT_POLICY) == []
    assert compare_documents(DEFAULT_POLICY, after) == [
        ("grade_coefficients.AAA", "2", "1.5"),
        ("caps.rise_rate", "0.5", None),
        ("methods.1.method", None, "net_worth"),
        ("methods.1.required", None, "false"),
    ]


def test_every_path_has_a_label() -> None:
    assert [str(label) for label in label_of(Policy, "grade_coefficients.AAA")] == ["Grade coefficients", "AAA"]
    assert [str(label) for label in label_of(Policy, "methods.1.required")] == ["Methods", "2", "Required"]
    assert [str(label) for label in label_of(Policy, "sales.window_months")] == ["Sales", "Complete months looked at"]
    for path in specs_of(Policy):
        assert all(str(label) for label in label_of(Policy, path))


def test_every_default_lies_in_its_own_range() -> None:
    def walk(value: object) -> None:
        if is_dataclass(value) and not isinstance(value, type):
            for field in fields(value):
                assert SPEC in field.metadata or field.name == "version" or isinstance(value, GradeTable)
                walk(getattr(value, field.name))
        for each in value if isinstance(value, tuple) else ():
            walk(each)

    walk(DEFAULT_POLICY)
    assert isinstance(read_document(POLICY, written(DEFAULT_POLICY)), Policy)


def test_a_policy_says_how_many_months_it_looks_at() -> None:
    assert months_needed(DEFAULT_POLICY) == 12
    assert months_needed(replace(DEFAULT_POLICY, season=SeasonRule(use=True))) == 24
    assert months_needed(replace(DEFAULT_POLICY, methods=(MethodUse(Method.SEASONAL),))) == 24
    assert months_needed(replace(DEFAULT_POLICY, methods=(*DEFAULT_POLICY.methods, MethodUse(Method.SEASONAL)))) == 24


def test_every_choice_has_a_name() -> None:
    specs = list(specs_of(Policy).values())
    for record in [spec.record for spec in specs if spec.record]:
        specs += [field.metadata[SPEC] for field in fields(record) if SPEC in field.metadata]
    choices = {choice for spec in specs for choice in spec.choices}
    assert len(choices) > 20
    assert [choice for choice in choices if choice not in GRADES and str(choice_label(choice)) == choice] == []


def test_a_text_has_a_letter_at_least_and_two_hundred_at_most() -> None:
    assert isinstance(read_document(POLICY, document(name="x" * 200)), Policy)
    assert list(errors_of(document(name="x" * 201))) == list(errors_of(document(name=" "))) == ["name"]


def test_a_policy_is_a_draft_until_it_has_a_number() -> None:
    read = read_document(POLICY, document())
    assert isinstance(read, Policy)
    assert read.version == 0


def test_a_table_by_grade_is_an_object() -> None:
    assert errors_of(document(grade_coefficients=[1]))["grade_coefficients"] == (
        "This is not a value for each grade.", "an object with AAA, AA, A, B, C",
    )  # fmt: skip


def test_a_factor_may_weigh_nothing_but_not_all_of_them() -> None:
    weights = [{"factor": each, "group": "own", "weight": str(n)} for n, each in enumerate(("character", "capital"))]
    assert isinstance(read_document(POLICY, document(parameters={"characteristic_weights": weights})), Policy)
    none = [each | {"weight": "0"} for each in weights]
    assert list(errors_of(document(parameters={"characteristic_weights": none}))) == [
        "parameters.characteristic_weights"
    ]
