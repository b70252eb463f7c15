"""What a decision on a review would do today, and why it could not: pure, of one review or of thousands alike."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from msgspec import Struct

from channel.dealers.rules import Status, status_change_refused
from channel.errors import FieldError, Message, m
from channel.receivables.rules.documents import EXACT
from channel.reviews.rules.proposing import Proposal, ReviewAct
from channel.reviews.rules.snapshot import PolicyLimit, Snapshot


class Outcome(StrEnum):
    """What a decision sets off at once."""

    KEPT = "kept"
    LIMIT_PROPOSED = "limit proposed"
    HELD = "held"
    HOLD_ASKED = "hold asked for"
    CALL = "call"
    STATEMENTS = "statements"


OUTCOME_NAMES: Mapping[Outcome, Message] = MappingProxyType(
    {
        Outcome.KEPT: m("everything kept as it is"),
        Outcome.LIMIT_PROPOSED: m("a limit proposed"),
        Outcome.HELD: m("the dealer put on hold"),
        Outcome.HOLD_ASKED: m("a hold asked for"),
        Outcome.CALL: m("a call to be made"),
        Outcome.STATEMENTS: m("financial statements to be asked for"),
    }
)


class Today(Struct, frozen=True, kw_only=True, gc=False):
    """What of a dealer counts today for what can be done.

    `currency` is the one in which he trades. `limit` is in force without raises, in `limit_currency`, and `limit_until`
    its first day without. `limit_refused` is why he can get no limit. `proposals` are the open ones of a limit, and
    `hold_request` the open one of a hold. `following` is the status that is recorded from a later day on.
    """

    status: str | None = None
    following: str | None = None
    currency: str
    limit: Decimal | None = None
    limit_currency: str | None = None
    limit_until: date | None = None
    limit_refused: Message | None = None
    proposals: tuple[int, ...] = ()
    hold_request: int | None = None


def needs_reason(proposed: Proposal, chosen: Proposal) -> bool:
    """Whether it is to be said why: of a hold, a change of the limit, and whatever is not as it was proposed."""
    return chosen.act in {ReviewAct.HOLD, ReviewAct.CHANGE_LIMIT} or chosen != proposed


def chosen_for(act: ReviewAct | None, proposed: Proposal, policy: PolicyLimit | None) -> Proposal:
    """What is chosen for a review among many: what is proposed of it, or one act for all.

    A change of the limit is to the amount by policy that was seen, where there was one.
    """
    if act is None or act is proposed.act:
        return proposed
    if act is ReviewAct.CHANGE_LIMIT and policy is not None:
        return Proposal(act, policy.amount, policy.valid_until)
    return Proposal(act)


def outcome_of(
    chosen: Proposal, currency: str, today: Today, on: date, *, may_hold: bool, replaces: int | None = None
) -> Outcome | FieldError:
    """What the choice would set off on a day, or the field that is wrong with it and why.

    `currency` is that of the review's amounts. A hold is put by whoever may change facts of dealers, and asked for by
    others. `replaces` is the open proposal of a limit in whose place the new one may stand.
    """
    match chosen.act:
        case ReviewAct.CHANGE_LIMIT:
            return next(_limit_faults(chosen, currency, today, on, replaces), Outcome.LIMIT_PROPOSED)
        case ReviewAct.HOLD:
            return _hold_fault(today) or (Outcome.HELD if may_hold else Outcome.HOLD_ASKED)
        case ReviewAct.CALL:
            return Outcome.CALL
        case ReviewAct.ASK_STATEMENTS:
            return Outcome.STATEMENTS
        case ReviewAct.KEEP:
            return Outcome.KEPT


def _limit_faults(
    chosen: Proposal, currency: str, today: Today, on: date, replaces: int | None
) -> Iterator[FieldError]:
    if chosen.amount is None:
        yield FieldError("amount", m("No amount is said, and no limit by policy was known."))
    if today.limit_refused is not None:
        yield FieldError("act", today.limit_refused)
    if currency != today.currency:
        yield FieldError("act", m("the dealer trades in %(currency)s now", currency=today.currency))
    if chosen.until is not None and chosen.until <= on:
        yield FieldError("until", m("the limit would be over already"), m("a day after %(on)s", on=on))
    same = (today.limit, today.limit_currency) == (chosen.amount, currency)
    if same and chosen.until in (None, today.limit_until):
        yield FieldError("amount", m("this limit is in force already"))
    if replaces is not None and replaces not in today.proposals:
        yield FieldError("replaces", m("proposal %(id)s is not open for this any more", id=str(replaces)))
    if today.proposals and replaces is None:
        yield FieldError(
            "replaces",
            m("a proposal of a limit is open already"),
            m("%(id)s, to put the new one in its place", id=str(today.proposals[0])),
        )


def _hold_fault(today: Today) -> FieldError | None:
    if today.status == Status.ON_HOLD:
        return FieldError("act", m("the dealer is on hold already"))
    if today.hold_request is not None:
        return FieldError("act", m("a hold is asked for already"), m("number %(id)s", id=str(today.hold_request)))
    before, following = (None if each is None else Status(each) for each in (today.status, today.following))
    refused = status_change_refused(before, Status.ON_HOLD, following)
    return None if refused is None else FieldError("act", refused.reason, refused.expected)


def changes_since(seen: Snapshot, now: Snapshot) -> tuple[Message, ...]:
    """What of the figures by which an act is proposed has changed since they were seen."""
    changed = []
    if seen.status != now.status:
        changed.append(m("status"))
    if (seen.limit, seen.limit_base, seen.limit_until, seen.currency) != (
        now.limit,
        now.limit_base,
        now.limit_until,
        now.currency,
    ):
        changed.append(m("limit in force"))
    if seen.overdue != now.overdue:
        changed.append(m("overdue"))
    if seen.exposure != now.exposure:
        changed.append(m("exposure"))
    if _by_policy(seen) != _by_policy(now):
        changed.append(m("limit by policy"))
    if seen.broken_promises != now.broken_promises:
        changed.append(m("broken promises"))
    return tuple(changed)


def _by_policy(seen: Snapshot) -> tuple[str, Decimal | None] | None:
    return None if seen.policy is None else (seen.policy.currency, seen.policy.amount)


class Sum(Struct, frozen=True, gc=False):
    """Limits of a currency: how many change, and by how much in all."""

    currency: str
    count: int
    change: Decimal


def sums_of_limits(changes: Iterable[tuple[str, Decimal | None, Decimal]]) -> tuple[Sum, ...]:
    """By currency how many limits change and by how much in all, from (currency, before, after); none before is 0."""
    found: dict[str, tuple[int, Decimal]] = {}
    for currency, before, after in changes:
        count, change = found.get(currency, (0, Decimal(0)))
        found[currency] = (count + 1, EXACT.add(change, EXACT.subtract(after, before or Decimal(0))))
    return tuple(Sum(currency, count, change) for currency, (count, change) in sorted(found.items()))
