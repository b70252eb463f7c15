"""What the pages of this room have in common: names of kinds and states, forms read, what every template may show."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from litestar import Request

from channel import clock
from channel.access.rules import Right
from channel.credit.acts import ApproveRun, AssessLimits, DecideLimit, KeepFact, ProposeLimit, WithdrawLimit
from channel.credit.lists import JOURNAL, PROPOSALS, STATEMENTS
from channel.credit.rules import StepKind, choice_label
from channel.credit.rules.choices import FACT_NAMES, KIND_NAMES, STATE_KINDS, STATE_NAMES
from channel.credit.trail_words import asked_words
from channel.dealers.pages.form_reading import STATUS_KINDS
from channel.dealers.rules import STATUS_NAMES
from channel.errors import Message, m
from channel.versions.rules.states import ACT_NAMES
from channel.web import stored_message

AnyRequest: TypeAlias = Request[Any, Any, Any]

HELD: Mapping[str, Message] = MappingProxyType(
    {
        "not_set": m("No limit set"),
        "in_force": m("In force"),
        "expired": m("Expired"),
        "withdrawn": m("Withdrawn"),
    }
)
WORDS: Mapping[str, Any] = MappingProxyType(
    {
        "kinds": KIND_NAMES,
        "states": STATE_NAMES,
        "state_kinds": STATE_KINDS,
        "journal": JOURNAL,
        "proposals": PROPOSALS,
        "statements": STATEMENTS,
        "held": HELD,
        "assess": AssessLimits,
        "propose": ProposeLimit,
        "keep_fact": KeepFact,
        "decide": DecideLimit,
        "approve_run": ApproveRun,
        "withdraw": WithdrawLimit,
        "acts": ACT_NAMES,
        "facts": FACT_NAMES,
        "statuses": STATUS_NAMES,
        "status_kinds": STATUS_KINDS,
        "step": StepKind,
        "choice": choice_label,
        "stored": stored_message,
    }
)
"""Names of everything that the templates of this room show; they are handed in as `credit`."""


def shared() -> dict[str, Any]:
    """What every template of this room may show."""
    return {"credit": WORDS, "right": Right, "today": clock.today(), "asked_words": asked_words}


async def typed(request: AnyRequest) -> dict[str, str]:
    """The form as it was typed; of several values under one name the last."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}
