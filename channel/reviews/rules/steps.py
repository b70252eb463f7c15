"""What happens to a review until it is decided."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from channel.errors import Message, m


class Step(StrEnum):
    """The kinds of steps."""

    NOTE = "note"
    REMIND = "remind"
    ESCALATE = "escalate"
    HAND_ON = "hand on"


STEP_NAMES: Mapping[Step, Message] = MappingProxyType(
    {
        Step.NOTE: m("noted"),
        Step.REMIND: m("reminded"),
        Step.ESCALATE: m("shown to the manager"),
        Step.HAND_ON: m("handed on"),
    }
)
