"""The acts of the room `credit`."""

from datetime import date
from typing import Annotated

import msgspec

from channel.acts import Said, Why
from channel.credit.rules.choices import CAUSE_NAMES
from channel.errors import m


class DecideLimit(Why, frozen=True, kw_only=True):
    """A word on a proposal; to approve it, `although` names what has changed since it was computed (`stale`)."""

    although: Annotated[
        list[str], Said(m("Approve it although it is out of date"), choices=CAUSE_NAMES, option="--although")
    ] = msgspec.field(default_factory=list)


class WithdrawLimit(Why, frozen=True, kw_only=True):
    """Why a proposal is taken back."""


class ApproveRun(Why, frozen=True, kw_only=True):
    """The mark of what was looked at, so that nothing else is approved, and why it is."""

    mark: Annotated[str, Said(m("Mark of the review"))]


class ProposePolicy(Why, frozen=True, kw_only=True):
    """Why a draft of the policy is put before another person."""


class ApprovePolicy(Why, frozen=True, kw_only=True):
    """Why a version is approved; `effective_from` lets it count from a later day than the one that was proposed."""

    effective_from: Annotated[
        date | None,
        Said(m("Effective from"), hint=m("A later day than the one proposed, where that is over.")),
    ] = None


class RefusePolicy(Why, frozen=True, kw_only=True):
    """Why a version is refused."""


class WithdrawPolicy(Why, frozen=True, kw_only=True):
    """Why a version is taken back."""
