"""The policy as a form: every knob with its label, its explanation and its choices; and the form as a document."""

import copy
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from channel.credit.rules import GRADES, METHODS, Kind, Method, Policy, label_of, policy_specs, policy_to_document
from channel.dealers.rules import STATUS_NAMES
from channel.digits import whole_number
from channel.errors import FieldError, Message, m
from channel.given import read_json

_LEVELS = 4
TABLES = ("parameters.working_assets_bands", "parameters.characteristic_weights", "parameters.characteristic_bands")
"""The fields that hold a table as JSON."""

CHOICES: Mapping[str, Message] = MappingProxyType(
    {
        "combine.smallest": m("the smallest of those that can be computed"),
        "combine.first": m("the first that can be computed"),
        "combine.mean": m("the mean of those that can be computed"),
        "sales.basis.sell_in": m("sell-in: what we sold to the dealer"),
        "sales.basis.sell_through": m("sell-through: what the dealer sold on"),
        "sales.basis.smaller": m("the smaller of sell-in and sell-through with the wanted change of stock"),
        "sales.months_counted.covered": m("all covered months"),
        "sales.months_counted.with_sales": m("only months with sales"),
        "sales.trim.none": m("nothing is trimmed"),
        "sales.trim.winsorise": m("the highest and lowest count as the next ones"),
        "sales.trim.drop": m("the highest and lowest are left out"),
        "season.month.as_of": m("the month of the as-of date"),
        "season.month.peak": m("the strongest month while the limit is valid"),
        "gates.altman.none": m("none"),
        "gates.altman.z": m("Z, for listed makers"),
        "gates.altman.z_prime": m("Z', for private makers"),
        "gates.altman.z_double_prime": m("Z'', for everybody else"),
        **{f"status.{status.value}": name for status, name in STATUS_NAMES.items()},
    }
)

HINTS: Mapping[str, Message] = MappingProxyType(
    {
        "name": m("How people call this policy."),
        "combine": m("When several methods are used, which of their limits counts."),
        "floor": m("A limit above 0 is never below this amount, in the dealer's currency; 0 for no floor."),
        "rounding_unit": m("The limit is rounded down to a multiple of this, once, at the end."),
        "validity_months": m("A limit expires so many months after its as-of date."),
        "sales.basis": m("Whose sales the mean month is taken of."),
        "sales.wanted_weeks_of_supply": m(
            "For the smaller basis: how many weeks of his own sales a dealer should stock."
        ),
        "sales.stock_change_months": m("Over how many months stock is brought to the wanted level."),
        "sales.window_months": m("A complete month ends before the as-of date."),
        "sales.months_counted": m("A covered month without sales is a month of 0, or is left out of the mean."),
        "sales.least_covered_months": m("With fewer the limit is withheld."),
        "sales.trim": m("What happens to unusually high and low months."),
        "sales.trim_highest": m("How many of the highest months."),
        "sales.trim_lowest": m("How many of the lowest months."),
        "season.use": m("The turnover limit is multiplied by the seasonal index of its credit window."),
        "season.window_months": m("At least 12, better 24."),
        "season.month": m("Whose index counts."),
        "season.band_rate": m("0.5 keeps the index between 0.5 and 1.5; empty for no band."),
        "grade_coefficients": m("What the mean month in payment terms is multiplied by."),
        "terms.days_per_month": m("Payment terms in days are divided by this."),
        "terms.longest_days": m("Longer terms count as these; empty for no such rule."),
        "gates.altman": m("A score of the latest statement that lowers the limit when it is weak."),
        "gates.altman_required": m("Without a statement: withhold the limit, or leave the score out."),
        "gates.distress_factor": m("What the limit is multiplied by below the lower cut-off."),
        "gates.grey_factor": m("What the limit is multiplied by between the cut-offs."),
        "gates.characteristic": m("Factors scored from 1 to 10 give a factor for the limit."),
        "gates.characteristic_required": m("With too few scores: withhold the limit, or leave the analysis out."),
        "caps.rise_rate": m(
            "0.5 is at most 50% over the approved limit in force, raises not counted; empty for no cap."
        ),
        "caps.own_sales_rate": m("0.02 is at most 2% of the company's sales of twelve months; empty for no cap."),
        "caps.mean_month_season_rate": m(
            "0.5 caps at the mean month by season, from half of it to one and a half; empty for no such cap."
        ),
        "caps.grade_ceiling_months": m("At most so many mean months; empty for no ceiling."),
        "caps.grade_ceiling_amounts": m("At most this amount; empty for no ceiling."),
        "new_dealer.fewer_than_months": m("Until then the agreed first-year target counts instead of reports."),
        "new_dealer.grade_unless_set": m("What a new dealer counts as until a grade is set by an act."),
        "new_dealer.best_grade": m("A better grade counts only as this one while the dealer is new."),
        "new_dealer.first_order_prepaid": m("Told with the limit of a new dealer."),
        "parameters.statement_max_age_months": m("Older statements are not used."),
        "parameters.net_worth_rate": m("For the methods that read net worth: 0.10 is 10%."),
        "parameters.own_sales_rate": m("For the two ten-percent rules."),
        "parameters.small_customer_rate": m("Of (net assets + net profit) ÷ 2."),
        "parameters.high_credit_growth_factor": m("The best high credit is multiplied by this."),
        "parameters.default_rates": m("For the expected loss: 0.02 is 2%."),
        "parameters.loss_given_default_rate": m("Which share of the exposure is lost then."),
        "parameters.expected_loss_ceiling": m("Default × loss × exposure stays below this."),
        "parameters.characteristic_known_rate": m("With fewer of the weights scored there is no result."),
    }
)
"""What each knob does, in a sentence."""


@dataclass(frozen=True, slots=True)
class Knob:
    """A field of the form; `grades` are the fields beneath a knob that has a value for each grade."""

    path: str
    label: Message
    kind: str
    value: Any
    hint: Message | None = None
    optional: bool = False
    choices: tuple[tuple[str, Message], ...] = ()
    grades: tuple[tuple[str, str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that belong together."""

    key: str
    title: Message
    knobs: tuple[Knob, ...]


@dataclass(frozen=True, slots=True)
class MethodRow:
    """A method: not used, or used as so many-th, required or not."""

    key: str
    label: Message
    use: str
    place: int | None


def choice_name(path: str, value: str) -> Message:
    """A choice's name; grades and the like stand as they are."""
    return CHOICES.get(f"{path}.{value}", m("%(value)s", value=value))


def sections_of(policy: Policy) -> list[Section]:
    """The policy's scalar fields by section, the general ones first."""
    document = policy_to_document(policy)
    found: dict[str, list[Knob]] = {"": []}
    for path, spec in policy_specs().items():
        section, _, last = path.rpartition(".")
        if spec.kind in {Kind.RECORD, Kind.RECORDS} or last in GRADES:
            continue
        value = _at(document, path)
        grades: tuple[tuple[str, str, Any], ...] = ()
        if spec.kind is Kind.GRADES:
            grades = tuple((grade, f"{path}.{grade}", value[grade]) for grade in GRADES)
        elif spec.kind is Kind.NUMBERS:
            value = "; ".join(value)
        key = section.partition(".")[0] if spec.kind is not Kind.GRADES or section else "grade_coefficients"
        choices = tuple((each, choice_name(path, each)) for each in spec.choices)
        label = spec.label if section.count(".") == 0 else _both(label_of(path)[-2:])
        shown = Knob(path, label, spec.kind.value, value, HINTS.get(path), spec.optional, choices, grades)
        found.setdefault(key, []).append(shown)
    return [Section(key, _title(key), tuple(knobs)) for key, knobs in found.items()]


def _both(labels: Sequence[Message]) -> Message:
    """A field inside a record of its own is named with it: Altman Z: Coefficients."""
    return m("%(record)s: %(field)s", record=labels[0], field=labels[1])


def _title(key: str) -> Message:
    return label_of(key)[0] if key else m("General")


def methods_of(policy: Policy) -> list[MethodRow]:
    """Every method and whether the policy uses it; those used first, in their order."""
    used = {each.method: (place, each.required) for place, each in enumerate(policy.methods, start=1)}
    order = [*used, *(method for method in Method if method not in used)]
    return [
        MethodRow(
            method.value,
            METHODS[method][0],
            ("required" if used[method][1] else "used") if method in used else "",
            used[method][0] if method in used else None,
        )
        for method in order
    ]


def levels_of(policy: Policy) -> list[tuple[Any, Any]]:
    """The approval levels as (up to, approvals), with at least one empty row to fill."""
    rows: list[tuple[Any, Any]] = [(level.up_to, level.approvals) for level in policy.approvals]
    return rows + [(None, None)] * max(1, _LEVELS - len(rows))


def tables_of(policy: Policy) -> list[tuple[str, Message, str]]:
    """The tables of single methods as JSON text, for those who change them."""
    document = policy_to_document(policy)
    return [
        (path, label_of(path)[-1], json.dumps(_at(document, path), ensure_ascii=False, indent=1)) for path in TABLES
    ]


def document_of(form: Mapping[str, str], base: Policy) -> tuple[dict[str, Any], list[FieldError]]:
    """The document that the form means, from a policy for what the form does not show; and what cannot be read."""
    document = copy.deepcopy(policy_to_document(base))
    errors: list[FieldError] = []
    for path, spec in policy_specs().items():
        if spec.kind in {Kind.RECORD, Kind.RECORDS, Kind.GRADES}:
            continue
        if spec.kind is Kind.FLAG:
            _put(document, path, path in form)
        elif path in form:
            text = form[path].strip()
            numbers = [part.strip() for part in text.split(";") if part.strip()]
            _put(document, path, numbers if spec.kind is Kind.NUMBERS else text or None)
    document["methods"] = _methods(form)
    document["approvals"] = _levels(form)
    for path in TABLES:
        try:
            # Numbers stay as they were written: a document's numbers are decimals, and are read as such.
            _put(document, path, read_json(form.get(path, "null"), object, str) or _at(document, path))
        except ValueError:
            errors.append(FieldError(path, m("This is not JSON."), m("a list of objects with named fields")))
    return document, errors


def _methods(form: Mapping[str, str]) -> list[dict[str, Any]]:
    used = []
    for number, method in enumerate(Method):
        use = form.get(f"use.{method.value}", "")
        if use:
            place = form.get(f"place.{method.value}", "").strip()
            order = whole_number(place)
            used.append(
                (
                    len(Method) + 1 if order is None else order,
                    number,
                    {"method": method.value, "required": use == "required"},
                )
            )
    return [row for _, _, row in sorted(used, key=lambda each: each[:2])]


def _levels(form: Mapping[str, str]) -> list[dict[str, Any]]:
    rows = []
    for number in itertools.takewhile(lambda place: f"approvals.{place}.up_to" in form, itertools.count()):
        up_to = form[f"approvals.{number}.up_to"].strip()
        approvals = form.get(f"approvals.{number}.approvals", "").strip()
        if up_to or approvals:
            rows.append({"up_to": up_to or None, "approvals": approvals or None})
    return rows


def beside(errors: Sequence[FieldError]) -> tuple[FieldError, ...]:
    """The errors at the fields that the form shows: those inside a table stand at the table, of methods at methods."""
    found = []
    for error in errors:
        field = next((path for path in TABLES if error.field.startswith(path)), error.field)
        field = "methods" if field.startswith("methods") else field
        found.append(FieldError(field, error.reason, error.expected))
    return tuple(found)


def _at(document: Any, path: str) -> Any:  # noqa: ANN401 - JSON is any of its kinds
    for part in path.split("."):
        document = document[part]
    return document


def _put(document: dict[str, Any], path: str, value: object) -> None:
    *sections, last = path.split(".")
    place: Any = document
    for section in sections:
        place = place[section]
    place[last] = value
