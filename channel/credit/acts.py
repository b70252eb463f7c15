"""The acts of the room `credit`."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated

import msgspec

from channel.acts import Act, Reason, Said, Why
from channel.credit.rules.choices import CAUSE_NAMES, KIND_NAMES
from channel.errors import FieldError, m
from channel.money import STORED_PLACES

_MOST = Decimal(10) ** 15
"""What no amount of a limit reaches."""


class ProposeLimit(Act, frozen=True, kw_only=True):
    """A limit (`base`), a raise on top of it for a time (`temporary`), the limit's end (`end`), or that of a raise.

    An early end of a raise (`raise_end`) names it by `raise_id`, its number in the journal or among the raises in
    force. `from_on` is today or later, for an end the first day without; today, if not given. Where a proposal of the
    kind (and about the raise) is open, the new one is refused (409) unless it names it by `replaces`.
    """

    kind: Annotated[str, Said(m("What"), choices=KIND_NAMES)]
    amount: Annotated[
        Decimal | None,
        Said(m("Amount"), hint=m("In the dealer's currency; for a raise, what it adds; for an end, nothing.")),
    ] = None
    from_on: Annotated[
        date | None, Said(m("From"), hint=m("For an end, the first day without it."), option="--from")
    ] = None
    to_on: Annotated[
        date | None,
        Said(
            m("Until before"),
            hint=m("A raise needs an end; a limit is valid for the policy's months without one."),
            option="--to",
        ),
    ] = None
    raise_id: Annotated[int | None, Said(m("Raise"))] = None
    replaces: Annotated[
        int | None,
        Said(m("In the place of"), hint=m("The open proposal by its number; its approvals are lost.")),
    ] = None
    reason: Reason

    def between(self) -> Iterable[FieldError]:
        """A limit and a raise have an amount as it can be kept, and a raise an end."""
        if self.kind in {"base", "temporary"} and not _is_amount(self.amount):
            yield FieldError("amount", m("This is not an amount."), m("a number from 0 with at most 4 decimals"))
        elif self.kind == "temporary" and self.to_on is None:
            yield FieldError("to_on", m("A raise needs an end."))


def _is_amount(amount: Decimal | None) -> bool:
    return amount is not None and 0 <= amount < _MOST and amount == round(amount, STORED_PLACES)


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
