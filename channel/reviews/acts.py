"""The acts on plans of reviews, on their runs and on reviews: their bodies."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated

import msgspec

from channel.acts import LONGEST_TEXT, Act, Reason, Said, Why, read_code
from channel.codes import LONGEST
from channel.errors import FieldError, m
from channel.money import STORED_PLACES
from channel.reviews.rules.plan import FINDING_NAMES, KIND_NAMES
from channel.reviews.rules.proposing import REVIEW_ACT_NAMES
from channel.reviews.rules.queue import WAITS_NAMES, WHOSE_NAMES


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


_MOST = Decimal(10) ** 15
"""What no amount of a limit reaches."""
_WHY = Annotated[
    Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)] | None,
    Said(m("Reason"), hint=m("Needed for a limit and a hold, and where it is not what is proposed.")),
]
_AMOUNT = Annotated[
    Decimal | None, Said(m("New limit"), hint=m("In the currency of the review; of a change of the limit alone."))
]
_UNTIL = Annotated[
    date | None,
    Said(m("Until before"), hint=m("Without a day the limit is valid for the policy's months."), option="--to"),
]
_REPLACES = Annotated[
    int | None,
    Said(m("In the place of"), hint=m("The open proposal of a limit by its number; its approvals are lost.")),
]


class DecideReview(Act, frozen=True, kw_only=True):
    """What is decided of a review: what it proposes, unless another act is named.

    A change of the limit is to the amount that is proposed or was seen by policy, unless one is given, and holds until
    the day that goes with it. Where a proposal of a limit is open for the dealer, it is refused unless `replaces` names
    it. Amount and day say nothing of another act.
    """

    act: Annotated[
        str | None,
        Said(m("Decision"), choices=REVIEW_ACT_NAMES, nothing=m("as it is proposed"), option="--act"),
    ] = None
    amount: _AMOUNT = None
    until: _UNTIL = None
    replaces: _REPLACES = None
    reason: _WHY = None

    def between(self) -> Iterable[FieldError]:
        """An amount is one as it can be kept."""
        if self.amount is not None and not (
            self.amount.is_finite() and 0 <= self.amount < _MOST and self.amount == round(self.amount, STORED_PLACES)
        ):
            yield FieldError("amount", m("This is not an amount."), m("a number from 0 with at most 4 decimals"))


class HandOnReview(Act, frozen=True, kw_only=True):
    """Another is to decide it, by the same day."""

    member: Annotated[
        str,
        Said(
            m("Member of staff"),
            hint=m("The code of who is to decide; he must be able to see the dealer."),
            longest=LONGEST,
            read=read_code,
        ),
    ]
    reason: Reason


class ManyReviews(Act, frozen=True, kw_only=True):
    """The reviews that match, less those named by `but`, and what is done with them: as each proposes, or one act.

    A change of the limit for all is to the amount by policy that was seen of each.
    """

    plan: Annotated[str | None, Said(m("Plan"), longest=LONGEST)] = None
    kind: Annotated[str | None, Said(m("What is reviewed"), choices=KIND_NAMES)] = None
    finding: Annotated[str | None, Said(m("Finding"), choices=FINDING_NAMES)] = None
    proposal: Annotated[str | None, Said(m("Proposal"), choices=REVIEW_ACT_NAMES)] = None
    responsible: Annotated[
        str | None, Said(m("Who decides"), hint=m("A member's code, or “nobody”."), longest=LONGEST)
    ] = None
    territory: Annotated[str | None, Said(m("Territory"), longest=LONGEST)] = None
    dealer: Annotated[str | None, Said(m("Dealer"), longest=LONGEST)] = None
    run: Annotated[int | None, Said(m("Opening"))] = None
    period: Annotated[date | None, Said(m("As of"))] = None
    whose: Annotated[str | None, Said(m("Whose"), choices=WHOSE_NAMES)] = None
    waits: Annotated[str | None, Said(m("Waiting"), choices=WAITS_NAMES)] = None
    but: Annotated[list[int], Said(m("Left out"), hint=m("Their numbers."), parted=",", option="--but")] = (
        msgspec.field(default_factory=list)
    )
    act: Annotated[
        str | None,
        Said(m("Decision for all"), choices=REVIEW_ACT_NAMES, nothing=m("as each proposes"), option="--act"),
    ] = None


class DecideReviews(ManyReviews, frozen=True, kw_only=True):
    """The mark of what was shown, so that nothing else is decided, and one reason for all."""

    mark: Annotated[str, Said(m("Mark of what was shown"))]
    reason: Reason
