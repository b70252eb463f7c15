"""A review told to whoever decides it: what was decided, what happened to it, and what would be proposed today."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from asyncpg import Record

from channel import clock
from channel.access.rules import Person, Right, require
from channel.credit.queries.proposals import open_limits
from channel.credit.service.looks import Asked
from channel.database.snapshots import computed_on, view_of
from channel.errors import Message
from channel.reviews.queries import deciding as queries
from channel.reviews.queries import steps as step_queries
from channel.reviews.queries.reviews import ReviewFilter, beside
from channel.reviews.rules.deciding import Outcome, changes_since
from channel.reviews.rules.findings import compute_findings
from channel.reviews.rules.proposing import Proposal, ReviewAct, propose_act
from channel.reviews.rules.snapshot import Snapshot
from channel.reviews.service.opening import sight_of
from channel.reviews.service.plans import PAPER
from channel.reviews.service.reviews import ReviewTold, review_told
from channel.reviews.service.seeing import see
from channel.versions.service import numbered


@dataclass(frozen=True, slots=True)
class Became:
    """What became of a review: its decision, if it has one, with what that set off, and the steps before it.

    `limits` are the open proposals of a limit, while it is not decided.
    """

    decision: Record | None
    steps: Sequence[Record]
    limits: Sequence[Record]

    @property
    def outcome(self) -> Outcome | None:
        """What the decision set off."""
        return None if self.decision is None else Outcome(self.decision["outcome"]["outcome"])


async def became(told: ReviewTold) -> Became:
    """What became of a review that somebody may see."""
    dealer_id, number = told.row["dealer_id"], told.row["number"]
    found = await queries.decision(dealer_id, number)
    steps = await step_queries.steps_of(dealer_id, number)
    return Became(found, steps, await open_limits([dealer_id]) if found is None else ())


async def neighbours(told: ReviewTold, asked: ReviewFilter) -> tuple[Record | None, Record | None]:
    """The reviews before and after in the queue that is asked for."""
    return await beside(asked, told.row["weight"], told.row["number"])


@dataclass(frozen=True, slots=True)
class TodayTold:
    """What was and would be proposed today, what has changed since the review was opened, and the figures of both."""

    seen: Snapshot
    now: Snapshot
    was: Proposal
    proposal: Proposal
    changed: tuple[Message, ...]


async def review_today(person: Person, code: str, number: int) -> TodayTold:
    """What the review would propose if it were opened today, by the version of its plan; nothing is written.

    It is computed from all that is known, whatever of it the person may see: he may see the dealer.
    """
    require(person, Right.SEE_REVIEWS)
    told = await review_told(person, code, number)
    row: Any = told.row
    asked = Asked(row["dealer_id"], row["dealer"], row["dealer_type"], row["dealer_currency"])
    async with computed_on(view_of(clock.today())) as view:
        plan = await numbered(PAPER, row["plan_version"], row["plan"])
        sight = await sight_of(row["plan"], plan, view, None, None)
        (seen,) = await see(sight, [asked])
    now = seen.snapshot
    proposal = propose_act(plan.kind, now, compute_findings(plan, now))
    was = Proposal(ReviewAct(row["proposal"]), row["proposed_amount"], row["proposed_until"])
    return TodayTold(told.seen, now, was, proposal, changes_since(told.seen, now))
