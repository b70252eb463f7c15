"""What if: the same rules on a policy or a snapshot with some knobs turned, saving nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from msgspec import structs

from channel.credit.rules.grades import GRADES
from channel.credit.rules.inputs import CreditInputs, MonthSales
from channel.credit.rules.policy import Policy
from channel.credit.rules.policy_paper import POLICY as PAPER
from channel.credit.rules.steps import EXACT
from channel.dealers.rules import STATUS_NAMES
from channel.errors import FieldError, Message, m
from channel.money import check_bounds, parse_decimal
from channel.versions.rules import Holds, label_of, put_at, read_document, specs_of, value_at, written

POLICY = "policy."
INPUTS = "inputs."
_LONGEST_TERMS = Decimal(720)
_MOST = Decimal("1e15")


@dataclass(frozen=True, slots=True)
class Knob:
    """Something that can be turned: its name, labels from the outermost in, present value, and choices if any.

    An empty value means not known, for inputs, or no such rule, for policies.
    """

    name: str
    labels: tuple[Message, ...]
    kind: Holds
    value: str
    choices: Mapping[str, Message] = field(default_factory=dict)
    optional: bool = False


_INPUTS: dict[str, tuple[Message, Holds, Mapping[str, Message]]] = {
    "status": (m("Status"), Holds.CHOICE, {status.value: name for status, name in STATUS_NAMES.items()}),
    "grade": (m("Grade"), Holds.CHOICE, {grade: m("%(value)s", value=grade) for grade in GRADES}),
    "terms_days": (m("Payment terms in days"), Holds.WHOLE, {}),
    "sales_factor": (m("Sales multiplied by"), Holds.NUMBER, {}),
    "limit_in_force": (m("Limit in force"), Holds.NUMBER, {}),
    "first_year_target": (m("First-year target"), Holds.NUMBER, {}),
    "own_annual_sales": (m("Own yearly sales, in company currency"), Holds.NUMBER, {}),
    "best_high_credit": (m("Best high credit"), Holds.NUMBER, {}),
    "stated_need": (m("Stated need"), Holds.NUMBER, {}),
}


def knobs(policy: Policy, inputs: CreditInputs) -> tuple[Knob, ...]:
    """Every knob with its present value: the inputs first, then the policy's fields outside lists."""
    found = []
    for name, (label, kind, choices) in _INPUTS.items():
        value = "1" if name == "sales_factor" else _text(getattr(inputs, name))
        found.append(Knob(INPUTS + name, (label,), kind, value, choices, optional=name != "sales_factor"))
    document = written(policy)
    for path, spec in specs_of(Policy).items():
        if spec.kind in {Holds.NUMBER, Holds.WHOLE, Holds.FLAG, Holds.CHOICE}:
            value = _text(value_at(document, path))
            choices = {each: spec.name_of(each) for each in spec.choices}
            labels = label_of(Policy, path)
            found.append(Knob(POLICY + path, labels, spec.kind, value, choices, optional=spec.optional))
    return tuple(found)


def with_overrides(
    policy: Policy, inputs: CreditInputs, overrides: Mapping[str, str]
) -> tuple[Policy, CreditInputs] | list[FieldError]:
    """The policy and the snapshot with the named knobs turned, or what is wrong with them.

    Names are those of `knobs`: `policy.` and a path, or `inputs.` and a field; values are texts as a form gives them,
    an empty one meaning not known or no such rule. `inputs.sales_factor` multiplies every month's sales and stock. A
    turned policy is a draft: version 0.
    """
    errors: list[FieldError] = []
    document = written(policy)
    specs = specs_of(Policy)
    for name, text in overrides.items():
        path = name.removeprefix(POLICY)
        if name.startswith(POLICY) and path in specs and specs[path].kind not in {Holds.RECORD, Holds.TABLE}:
            put_at(document, path, _turned(value_at(document, path), text.strip()))
        elif name.startswith(INPUTS) and name.removeprefix(INPUTS) in _INPUTS:
            changed = _changed(inputs, name, text.strip())
            if isinstance(changed, FieldError):
                errors.append(changed)
            else:
                inputs = changed
        else:
            errors.append(FieldError(name, m("There is no such knob."), m("a name from the list of knobs")))
    draft = read_document(PAPER, document)
    if isinstance(draft, list):
        errors += [FieldError(POLICY + error.field, error.reason, error.expected) for error in draft]
        return errors
    unchanged = replace(draft, version=policy.version) == policy
    return errors or (policy if unchanged else draft, inputs)


def _turned(before: object, text: str) -> object:
    """The text as that kind of value which stands there now."""
    return {"true": True, "false": False}.get(text, text) if isinstance(before, bool) else text or None


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def _changed(inputs: CreditInputs, name: str, text: str) -> CreditInputs | FieldError:
    field = name.removeprefix(INPUTS)
    _, kind, choices = _INPUTS[field]
    if kind is Holds.CHOICE:
        if text and text not in choices:
            return _not_allowed(name, text, m("one of %(names)s", names=", ".join(choices)))
        chosen: dict[str, Any] = {field: text or None} | ({"grade_since": None} if field == "grade" else {})
        return structs.replace(inputs, **chosen)
    if field == "terms_days":
        return _with_terms(inputs, name, text)
    try:
        number = _bounded(text, _MOST)
    except ValueError:
        return _not_allowed(name, text, m("a number from %(low)s to %(high)s", low="0", high=f"{_MOST:,f}"))
    if field == "sales_factor":
        factor = Decimal(1) if number is None else number
        return structs.replace(inputs, months=tuple(_multiplied(sales, factor) for sales in inputs.months))
    change: dict[str, Any] = {field: number}
    return structs.replace(inputs, **change)


def _with_terms(inputs: CreditInputs, name: str, text: str) -> CreditInputs | FieldError:
    try:
        days = _bounded(text, _LONGEST_TERMS)
        whole = None if days is None else int(text)
    except ValueError:
        return _not_allowed(name, text, m("a whole number from %(low)s to %(high)s", low="0", high=str(_LONGEST_TERMS)))
    return structs.replace(inputs, terms_days=whole, terms_since=None)


def _not_allowed(name: str, text: str, expected: Message) -> FieldError:
    return FieldError(name, m("%(given)s is not allowed here.", given=text), expected)


def _bounded(text: str, most: Decimal) -> Decimal | None:
    return check_bounds(parse_decimal(text), Decimal(0), most) if text else None


def _multiplied(sales: MonthSales, factor: Decimal) -> MonthSales:
    times: Callable[[Decimal | None], Decimal | None] = lambda x: None if x is None else EXACT.multiply(x, factor)  # noqa: E731 - five uses below
    return structs.replace(
        sales,
        net_sell_in=times(sales.net_sell_in),
        net_sell_through=times(sales.net_sell_through),
        stock_amount_end=times(sales.stock_amount_end),
        sell_in_returns=times(sales.sell_in_returns),
        sell_through_returns=times(sales.sell_through_returns),
    )
