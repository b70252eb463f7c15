"""The acts on plans of reviews and on their runs: their bodies."""

from datetime import date
from typing import Annotated

from channel.acts import Act, Reason, Said, Why, read_code
from channel.codes import LONGEST
from channel.errors import m


class AddPlan(Act, frozen=True, kw_only=True):
    """A new plan, which opens nothing until a version of it counts."""

    code: Annotated[
        str,
        Said(m("Code"), hint=m("Once and for all; it stands in addresses and files."), longest=LONGEST, read=read_code),
    ]
    reason: Reason


class PausePlan(Why, frozen=True, kw_only=True):
    """From today on a plan opens nothing, nor later on for the days on which it was paused."""


class ResumePlan(Why, frozen=True, kw_only=True):
    """From today on a plan opens reviews again."""


class OpenReviews(Act, frozen=True, kw_only=True):
    """Open the reviews of a plan for a day: what is opened for it already is no change."""

    on: Annotated[date | None, Said(m("Day"), hint=m("Today, if not given."))] = None
    reason: Reason
