"""What the ledger says for or against a limit: the oldest item overdue, and the best balance cleared on terms."""

from channel.credit.rules.incident_gate import incidents_said
from channel.credit.rules.inputs import ClearedBalance, CreditInputs, OverdueItem
from channel.credit.rules.policy import OverdueGate, Policy
from channel.credit.rules.steps import Withheld, Working, told
from channel.errors import Message, m
from channel.receivables.rules.exposure import NOT_KEPT

_NAME = m("Oldest overdue item")


def reads_overdue(policy: Policy) -> bool:
    """Whether the policy looks at what is overdue."""
    return policy.gates.overdue is not OverdueGate.NONE


def days_overdue(item: OverdueItem, inputs: CreditInputs) -> int:
    """Days from the due day to the as-of date: due on it is 0, which is not overdue."""
    return (inputs.as_of - item.due_on).days


def gate_overdue(policy: Policy, inputs: CreditInputs, working: Working) -> Message | None:
    """Take the oldest overdue item into account as the policy says; the reason where it withholds the limit.

    The policy's days themselves pass, one more does not. Where no receivables are kept nothing is known, which the
    policy may require.
    """
    gates = policy.gates
    if inputs.owed is None:
        if gates.overdue_required:
            return NOT_KEPT
        working.note("left_out_gate", _NAME, m("left out"), reason=NOT_KEPT)
        return None
    item = inputs.owed.overdue
    passing = m("%(days)s days pass", days=str(gates.overdue_days))
    if item is None:
        working.note("overdue", _NAME, m("nothing is overdue"), passing)
        return None
    days = days_overdue(item, inputs)
    said = (_item_said(item, days), passing)
    if days <= gates.overdue_days:
        working.note("overdue", _NAME, *said)
        return None
    if gates.overdue is OverdueGate.FACTOR:
        working.times("overdue", _NAME, gates.overdue_factor, *said)
        return None
    working.note("overdue", _NAME, *said)
    return m(
        "%(number)s is overdue by %(days)s days, more than %(most)s",
        number=str(item.number),
        days=str(days),
        most=str(gates.overdue_days),
    )


def _item_said(item: OverdueItem, days: int) -> Message:
    return m(
        "%(number)s, due on %(day)s, overdue by %(days)s days, %(amount)s %(currency)s open",
        number=str(item.number),
        day=item.due_on,
        days=str(days),
        amount=told(item.amount),
        currency=item.currency,
    )


def cleared_balance(inputs: CreditInputs) -> ClearedBalance | Withheld:
    """The best balance cleared on terms of the ledger, or why there is none."""
    if inputs.owed is None:
        return Withheld(NOT_KEPT)
    if inputs.owed.cleared is None:
        return Withheld(m("the ledger has no balance that was cleared on terms in the last twelve months"))
    return inputs.owed.cleared


def cleared_said(cleared: ClearedBalance, currency: str) -> tuple[Message, ...]:
    """Whence a balance is: the day since which it stood, and what it was in its own currency where that is another."""
    stood = m("stood on %(day)s, cleared on terms, by the ledger", day=cleared.stood_on)
    if cleared.currency == currency:
        return (stood,)
    return stood, m("%(amount)s %(company)s", amount=told(cleared.own_amount), company=cleared.currency)


def owed_said(policy: Policy, inputs: CreditInputs) -> Message:
    """What of the ledger a limit was computed from, in words."""
    incidents = incidents_said(inputs.incidents)
    if incidents is None:
        return _balances_said(policy, inputs)
    if inputs.owed is None:
        return incidents
    return m("%(before)s, %(after)s", before=_balances_said(policy, inputs), after=incidents)


def _balances_said(policy: Policy, inputs: CreditInputs) -> Message:
    if inputs.owed is None:
        return m("not read, or none kept")
    overdue, cleared = inputs.owed.overdue, inputs.owed.cleared
    late = None if overdue is None else m("oldest overdue by %(days)s days", days=str(days_overdue(overdue, inputs)))
    best = None if cleared is None else m("best high credit %(amount)s", amount=told(cleared.amount))
    if late is not None and best is not None:
        return m("%(before)s, %(after)s", before=late, after=best)
    nothing = m("nothing is overdue") if reads_overdue(policy) else m("none")
    return late or best or nothing
