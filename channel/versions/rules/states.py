"""How far a version has come, and what is done with one, in words."""

from collections.abc import Mapping
from types import MappingProxyType

from channel.errors import Message, m

STATE_NAMES: Mapping[str, Message] = MappingProxyType(
    {
        "draft": m("draft"),
        "proposed": m("proposed"),
        "approved": m("approved"),
        "refused": m("refused"),
        "withdrawn": m("withdrawn"),
    }
)
STATE_KINDS: Mapping[str, str] = MappingProxyType(
    {"draft": "warn", "proposed": "accent", "approved": "good", "refused": "bad"}
)
"""The colour of each state that has one."""
ACT_NAMES: Mapping[str, Message] = MappingProxyType(
    {
        "draft": m("drafted"),
        "edit": m("edited"),
        "propose": m("proposed"),
        "approve": m("approved"),
        "refuse": m("refused"),
        "withdraw": m("withdrawn"),
    }
)
