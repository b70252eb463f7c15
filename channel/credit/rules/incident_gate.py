"""What speaks against a dealer's credit as a gate of his limit: too many incidents of a kind in twelve months."""

from collections.abc import Mapping
from types import MappingProxyType

from channel.credit.rules.inputs import CreditInputs, Incidents
from channel.credit.rules.policy import IncidentGate, Policy
from channel.credit.rules.steps import Working
from channel.errors import Message, m

_NAME = m("Credit incidents")
INCIDENTS_WITHIN_MONTHS = 12
"""Incidents of so many months up to the as-of date count."""

_COUNTED: Mapping[str, Message] = MappingProxyType(
    {
        "broken_promises": m("promises broken: %(count)s, of which %(most)s pass"),
        "write_offs": m("write-offs: %(count)s, of which %(most)s pass"),
        "dishonoured_bills": m("bills dishonoured: %(count)s, of which %(most)s pass"),
        "holds": m("holds: %(count)s, of which %(most)s pass"),
    }
)
_TOO_MANY: Mapping[str, Message] = MappingProxyType(
    {
        "broken_promises": m("%(count)s promises were broken in twelve months, more than %(most)s"),
        "write_offs": m("%(count)s amounts were written off in twelve months, more than %(most)s"),
        "dishonoured_bills": m("%(count)s bills were dishonoured in twelve months, more than %(most)s"),
        "holds": m("the dealer was put on hold %(count)s times in twelve months, more than %(most)s"),
    }
)


def reads_incidents(policy: Policy) -> bool:
    """Whether the policy looks at credit incidents."""
    return policy.gates.incidents is not IncidentGate.NONE


def kinds_counted(policy: Policy) -> dict[str, int]:
    """How many of each kind pass; a kind without a number is not looked at."""
    given = {name: getattr(policy.gates, f"{name}_most") for name in _COUNTED}
    return {name: most for name, most in given.items() if most is not None}


def gate_incidents(policy: Policy, inputs: CreditInputs, working: Working) -> Message | None:
    """Take the incidents of twelve months into account as the policy says; the reason where they withhold the limit.

    So many of a kind as the policy says pass, one more does not. A factor counts once, of however many kinds there are
    too many.
    """
    counted = inputs.incidents or Incidents()
    most = kinds_counted(policy)
    told = [
        m(_COUNTED[name].text, count=str(getattr(counted, name)), most=str(passing)) for name, passing in most.items()
    ]
    too_many = [name for name, passing in most.items() if getattr(counted, name) > passing]
    if too_many and policy.gates.incidents is IncidentGate.FACTOR:
        working.times("incidents", _NAME, policy.gates.incidents_factor, *told)
        return None
    working.note("incidents", _NAME, *told)
    if not too_many:
        return None
    name = too_many[0]
    return m(_TOO_MANY[name].text, count=str(getattr(counted, name)), most=str(most[name]))


def incidents_said(incidents: Incidents | None) -> Message | None:
    """How many there are, in words; None where none were read."""
    if incidents is None:
        return None
    count = incidents.broken_promises + incidents.write_offs + incidents.dishonoured_bills + incidents.holds
    return m("credit incidents in twelve months: %(count)s", count=str(count))
