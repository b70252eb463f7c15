"""How a credit limit is computed, explained, compared and approved: pure rules on frozen values."""

from channel.credit.rules.approval import (
    LimitEvent,
    LimitEventKind,
    LimitInForce,
    LimitState,
    approvals_needed,
    check_raise,
    limit_in_force,
    limit_spans,
    takes_force_on,
)
from channel.credit.rules.choices import choice_label
from channel.credit.rules.decision import (
    LimitDecision,
    decision_from_document,
)
from channel.credit.rules.diff import DiffPart, LimitDiff, diff_limits
from channel.credit.rules.grades import GRADES, GradeTable
from channel.credit.rules.inputs import CreditInputs, MonthSales, Rate, Statement, company_rate
from channel.credit.rules.limit import METHODS, compute_limit
from channel.credit.rules.need import Need, lacks_approvals, need_of
from channel.credit.rules.policy import Basis, Combine, Method, MethodUse, Policy, months_needed
from channel.credit.rules.policy_paper import POLICY
from channel.credit.rules.sales import Window, window_of
from channel.credit.rules.steps import MethodResult, Step, StepKind, Withheld
from channel.credit.rules.turnover import counted_grade, is_new_dealer
from channel.credit.rules.whatif import Knob, knobs, with_overrides

__all__ = [
    "GRADES",
    "METHODS",
    "POLICY",
    "Basis",
    "Combine",
    "CreditInputs",
    "DiffPart",
    "GradeTable",
    "Knob",
    "LimitDecision",
    "LimitDiff",
    "LimitEvent",
    "LimitEventKind",
    "LimitInForce",
    "LimitState",
    "Method",
    "MethodResult",
    "MethodUse",
    "MonthSales",
    "Need",
    "Policy",
    "Rate",
    "Statement",
    "Step",
    "StepKind",
    "Window",
    "Withheld",
    "approvals_needed",
    "check_raise",
    "choice_label",
    "company_rate",
    "compute_limit",
    "counted_grade",
    "decision_from_document",
    "diff_limits",
    "is_new_dealer",
    "knobs",
    "lacks_approvals",
    "limit_in_force",
    "limit_spans",
    "months_needed",
    "need_of",
    "takes_force_on",
    "window_of",
    "with_overrides",
]
