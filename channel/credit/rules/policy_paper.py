"""The credit policy as a versioned document: its words, its rights, and its methods, which it draws itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from channel.access.rules import Right
from channel.credit.rules.checks import check_policy
from channel.credit.rules.limit import METHODS
from channel.credit.rules.policy import Method, Policy
from channel.digits import whole_number
from channel.errors import Message, m
from channel.versions.rules import Own, Paper


@dataclass(frozen=True, slots=True)
class MethodRow:
    """A method: not used, or used as so many-th, required or not."""

    key: str
    label: Message
    use: str
    place: int | None


def methods_told(policy: Policy) -> Mapping[str, Any]:
    """Every method and whether the policy uses it; those used first, in their order."""
    used = {each.method: (place, each.required) for place, each in enumerate(policy.methods, start=1)}
    order = [*used, *(method for method in Method if method not in used)]
    rows = [
        MethodRow(
            method.value,
            METHODS[method][0],
            ("required" if used[method][1] else "used") if method in used else "",
            used[method][0] if method in used else None,
        )
        for method in order
    ]
    return {"methods": rows}


def methods_read(form: Mapping[str, str]) -> Mapping[str, Any]:
    """The methods that a form uses, in the order of their places; those without one are the last."""
    used = []
    for number, method in enumerate(Method):
        use = form.get(f"use.{method.value}", "")
        if use:
            place = whole_number(form.get(f"place.{method.value}", "").strip())
            row = {"method": method.value, "required": use == "required"}
            used.append((len(Method) + 1 if place is None else place, number, row))
    return {"methods": [row for _, _, row in sorted(used, key=lambda each: each[:2])]}


POLICY: Paper[Policy] = Paper(
    code="credit policy",
    model=Policy,
    address="/credit/policies",
    see=Right.SEE_CREDIT,
    propose=Right.PROPOSE_POLICY,
    decide=Right.DECIDE_POLICY,
    title=m("Credit policies"),
    kind=m("Credit policy"),
    one=m("a policy"),
    named=m("Policy %(number)s"),
    within=m("policy %(number)s"),
    check=check_policy,
    own=Own("credit/policy_parts.html", ("methods",), ("methods", "approvals"), methods_told, methods_read),
    key="policy",
    wrong=m("The policy has errors: please correct them."),
    missing=m("No credit policy is effective on %(on)s."),
    from_then_on=m("From %(day)s on limits are computed by it."),
    effect=m("Limits as of this day or later are computed by it, once another person has approved it."),
)
