"""Whose reviews somebody looks for, and which of them."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from channel.errors import Message, m


class Whose(StrEnum):
    """Whose reviews: one's own, also for those in whose place one is; those of whoever is beneath; anybody's."""

    MINE = "mine"
    PEOPLE = "people"
    POOL = "pool"


WHOSE_NAMES: Mapping[Whose, Message] = MappingProxyType(
    {Whose.MINE: m("mine"), Whose.PEOPLE: m("of my people"), Whose.POOL: m("for anybody who may")}
)


class Waits(StrEnum):
    """Which of those that are not decided: those past their day, or those that were shown to a manager."""

    LATE = "late"
    ESCALATED = "escalated"


WAITS_NAMES: Mapping[Waits, Message] = MappingProxyType({Waits.LATE: m("late"), Waits.ESCALATED: m("escalated")})
