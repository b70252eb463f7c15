"""How states of plans, runs and reviews are called."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from channel.errors import Message, m


class PlanState(StrEnum):
    """Whether a plan opens reviews."""

    COUNTS = "counts"
    PAUSED = "paused"
    WITHOUT_VERSION = "without_version"


PLAN_STATES: Mapping[PlanState, Message] = MappingProxyType(
    {
        PlanState.COUNTS: m("opens reviews"),
        PlanState.PAUSED: m("paused"),
        PlanState.WITHOUT_VERSION: m("no version counts"),
    }
)
STATE_COLOURS: Mapping[PlanState, str] = MappingProxyType({PlanState.COUNTS: "good", PlanState.PAUSED: "warn"})


class RunState(StrEnum):
    """How far the opening of reviews has come."""

    TO_COME = "to_come"
    WAITING = "waiting"
    UNDER_WAY = "under_way"
    OPENED = "opened"
    GIVEN_UP = "given_up"


RUN_STATES: Mapping[RunState, Message] = MappingProxyType(
    {
        RunState.TO_COME: m("to come"),
        RunState.WAITING: m("waits"),
        RunState.UNDER_WAY: m("under way"),
        RunState.OPENED: m("reviews opened"),
        RunState.GIVEN_UP: m("given up"),
    }
)
RUN_COLOURS: Mapping[RunState, str] = MappingProxyType(
    {RunState.OPENED: "good", RunState.UNDER_WAY: "accent", RunState.GIVEN_UP: "bad"}
)


class ReviewState(StrEnum):
    """Whether a review has been decided."""

    UNDECIDED = "undecided"
    DECIDED = "decided"


REVIEW_STATES: Mapping[ReviewState, Message] = MappingProxyType(
    {ReviewState.UNDECIDED: m("not decided"), ReviewState.DECIDED: m("decided")}
)
REVIEW_COLOURS: Mapping[ReviewState, str] = MappingProxyType({ReviewState.DECIDED: "good"})
