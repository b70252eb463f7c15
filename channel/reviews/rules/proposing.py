"""What a review proposes to do, from what was seen and found."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from msgspec import Struct

from channel.dealers.rules import Status
from channel.errors import Message, m
from channel.reviews.rules.findings import Finding, limit_change
from channel.reviews.rules.plan import FindingKind, PlanKind
from channel.reviews.rules.snapshot import Snapshot


class ReviewAct(StrEnum):
    """What can come of a review."""

    KEEP = "keep"
    CHANGE_LIMIT = "change limit"
    HOLD = "hold"
    CALL = "call"
    ASK_STATEMENTS = "ask for statements"


REVIEW_ACT_NAMES: Mapping[ReviewAct, Message] = MappingProxyType(
    {
        ReviewAct.KEEP: m("Keep everything as it is"),
        ReviewAct.CHANGE_LIMIT: m("Change the limit"),
        ReviewAct.HOLD: m("Put the dealer on hold"),
        ReviewAct.CALL: m("Call the dealer"),
        ReviewAct.ASK_STATEMENTS: m("Ask for financial statements"),
    }
)


class Proposal(Struct, frozen=True, gc=False):
    """The act that is proposed; a change of the limit with the amount of the policy, and until when it would hold."""

    act: ReviewAct
    amount: Decimal | None = None
    until: date | None = None


_CALLS = {FindingKind.OVERDUE_RISING, FindingKind.DAYS_WORSE, FindingKind.PROMISE_BROKEN, FindingKind.NO_CONTACT}
_CHANGES = {FindingKind.LIMIT_OFF, FindingKind.LIMIT_ENDS, FindingKind.LIMIT_OLD}


def propose_act(kind: PlanKind, seen: Snapshot, findings: tuple[Finding, ...]) -> Proposal:
    """The act that is proposed; the first of these that fits.

    Hold: of receivables, an active dealer has something overdue, broke a promise, and his overdue rises or his use of
    the limit is high. Ask for statements: the statement is found old, in a review of statements or of a stale file.
    Change the limit: the policy's is known and is another one, and it is found off, old or ending; of receivables only
    where the policy's is lower. Call: overdue rises, he pays later, broke a promise, or nobody had contact. Else keep.
    """
    found = {each.kind for each in findings}
    if kind is PlanKind.RECEIVABLES and _is_to_be_held(seen, found):
        return Proposal(ReviewAct.HOLD)
    if kind in {PlanKind.STATEMENTS, PlanKind.STALE_FILE} and FindingKind.STATEMENT_OLD in found:
        return Proposal(ReviewAct.ASK_STATEMENTS)
    change = limit_change(seen)
    ends = FindingKind.LIMIT_ENDS in found
    if (change or (ends and change is not None)) and found & _CHANGES and seen.policy is not None:
        lower = change is not None and change < 0
        if kind is PlanKind.LIMIT or (kind is PlanKind.RECEIVABLES and lower and FindingKind.LIMIT_OFF in found):
            return Proposal(ReviewAct.CHANGE_LIMIT, seen.policy.amount, seen.policy.valid_until)
    return Proposal(ReviewAct.CALL if found & _CALLS else ReviewAct.KEEP)


def _is_to_be_held(seen: Snapshot, found: set[FindingKind]) -> bool:
    overdue = seen.overdue is not None and seen.overdue > 0
    worse = FindingKind.OVERDUE_RISING in found or FindingKind.USE_HIGH in found
    return seen.status == Status.ACTIVE and overdue and FindingKind.PROMISE_BROKEN in found and worse
