"""What must hold between the fields of a policy, beyond the range of each."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from channel.credit.rules.grades import GRADES
from channel.credit.rules.incident_gate import kinds_counted, reads_incidents
from channel.credit.rules.policy import Policy, Trim
from channel.errors import FieldError, Message, m

_ALTMAN_TERMS = {"altman_z": 5, "altman_z_prime": 5, "altman_z_double_prime": 4}


def check_policy(policy: Policy) -> list[FieldError]:
    """Every contradiction between fields, each at the field that should change."""
    return [
        *_check_sales(policy),
        *_check_grades(policy),
        *_check_methods(policy),
        *_check_approvals(policy),
        *_check_tables(policy),
        *_check_incidents(policy),
    ]


def _check_sales(policy: Policy) -> list[FieldError]:
    sales = policy.sales
    errors: list[FieldError] = []
    if sales.least_covered_months > sales.window_months:
        errors.append(
            _error(
                "sales.least_covered_months",
                m("More months are needed than are looked at."),
                m("at most %(months)s", months=str(sales.window_months)),
            )
        )
    if sales.trim is not Trim.NONE and sales.trim_highest + sales.trim_lowest >= sales.least_covered_months:
        errors.append(
            _error(
                "sales.trim_highest",
                m("Trimming would leave no month of the least covered ones."),
                m("highest and lowest together below %(months)s", months=str(sales.least_covered_months)),
            )
        )
    return errors


def _check_incidents(policy: Policy) -> list[FieldError]:
    if not reads_incidents(policy) or kinds_counted(policy):
        return []
    none = m("Incidents matter, and none of their kinds is counted.")
    return [_error("gates.incidents", none, m("how many are let pass, of at least one kind"))]


def _check_grades(policy: Policy) -> list[FieldError]:
    values = policy.grade_coefficients.values()
    return [
        _error(
            f"grade_coefficients.{worse}",
            m("Grade %(worse)s would get more than %(better)s.", worse=worse, better=better),
            m("at most %(value)s", value=f"{values[better]:f}"),
        )
        for better, worse in pairwise(GRADES)
        if values[worse] > values[better]
    ]


def _check_methods(policy: Policy) -> list[FieldError]:
    seen: set[str] = set()
    errors: list[FieldError] = []
    for place, use in enumerate(policy.methods):
        if use.method in seen:
            errors.append(
                _error(f"methods.{place}.method", m("This method stands twice."), m("each method at most once"))
            )
        seen.add(use.method)
    return errors


def _check_approvals(policy: Policy) -> list[FieldError]:
    levels = policy.approvals
    errors: list[FieldError] = []
    for place, level in enumerate(levels):
        last = place == len(levels) - 1
        path = f"approvals.{place}.up_to"
        if last != (level.up_to is None):
            errors.append(_error(path, m("Only the last level is without an upper amount."), m("amounts that rise")))
        before = levels[place - 1] if place else None
        if before and before.up_to is not None and level.up_to is not None and level.up_to <= before.up_to:
            errors.append(_error(path, m("The levels must rise."), m("above %(amount)s", amount=f"{before.up_to:,f}")))
        if before and level.approvals < before.approvals:
            errors.append(
                _error(
                    f"approvals.{place}.approvals",
                    m("A larger limit would need fewer approvals."),
                    m("at least %(count)s", count=str(before.approvals)),
                )
            )
    return errors


def _check_tables(policy: Policy) -> list[FieldError]:
    parameters = policy.parameters
    errors = _check_starts(
        "parameters.working_assets_bands",
        "from_score",
        [band.from_score for band in parameters.working_assets_bands],
        None,
    )
    errors += _check_starts(
        "parameters.characteristic_bands",
        "from_percent",
        [band.from_percent for band in parameters.characteristic_bands],
        Decimal(0),
    )
    factors = [weight.factor for weight in parameters.characteristic_weights]
    errors += [
        _error(
            f"parameters.characteristic_weights.{place}.factor", m("This factor stands twice."), m("each factor once")
        )
        for place, factor in enumerate(factors)
        if factor in factors[:place]
    ]
    if not any(weight.weight for weight in parameters.characteristic_weights):
        errors.append(
            _error("parameters.characteristic_weights", m("All weights are 0."), m("at least one weight above 0"))
        )
    for name, terms in _ALTMAN_TERMS.items():
        rule = getattr(parameters, name)
        if len(rule.coefficients) != terms:
            errors.append(
                _error(
                    f"parameters.{name}.coefficients",
                    m("This score has another number of terms."),
                    m("%(count)s coefficients", count=str(terms)),
                )
            )
        if rule.distress_below > rule.safe_above:
            errors.append(
                _error(
                    f"parameters.{name}.distress_below",
                    m("Distress would begin above the safe zone."),
                    m("at most %(value)s", value=f"{rule.safe_above:f}"),
                )
            )
    return errors


def _check_starts(path: str, name: str, starts: Sequence[Decimal | None], first: Decimal | None) -> list[FieldError]:
    """Bands are half-open from their start: the first begins at the lowest value, and starts rise."""
    errors: list[FieldError] = []
    if starts[0] != first:
        lowest = "null" if first is None else f"{first:f}"
        errors.append(
            _error(f"{path}.0.{name}", m("The first band leaves a hole below it."), m("%(value)s", value=lowest))
        )
    for place in range(1, len(starts)):
        start, before = starts[place], starts[place - 1]
        if start is None or (before is not None and start <= before):
            errors.append(_error(f"{path}.{place}.{name}", m("Bands must rise."), m("more than the band before")))
    return errors


def _error(path: str, reason: Message, expected: Message) -> FieldError:
    return FieldError(path, reason, expected)
