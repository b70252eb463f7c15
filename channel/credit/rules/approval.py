"""How a limit comes into force: whose approval it needs, who may give it, and what holds on a day."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from channel.credit.rules.policy import Policy
from channel.errors import FieldError, m


def approvals_needed(policy: Policy, company_amount: Decimal | None) -> int:
    """How many people must approve a limit of this amount in company currency; the most when it is not known.

    The upper amount of a level belongs to it: 100,000 exactly needs one approval in the shipped policy.
    """
    if company_amount is not None:
        for level in policy.approvals:
            if level.up_to is None or company_amount <= level.up_to:
                return level.approvals
    return max(level.approvals for level in policy.approvals)


class LimitEventKind(StrEnum):
    """What an approved act did to a dealer's limit."""

    LIMIT = "limit"
    RAISE = "raise"
    WITHDRAWAL = "withdrawal"
    RAISE_END = "raise_end"


@dataclass(frozen=True, slots=True)
class LimitEvent:
    """An approved change: a limit over [from_on, to_on), a raise on top of it over [from_on, to_on), or the end.

    `place` orders the acts as they were approved. A limit may have no end; a raise always has one. The amount of a
    raise is what it adds; a withdrawal has none. The early end of a raise names it by its place (`ends`). `currency` is
    that of the amount; only totals in company currency ask for it.
    """

    kind: LimitEventKind
    place: int
    from_on: date
    to_on: date | None = None
    amount: Decimal | None = None
    ends: int | None = None
    currency: str = ""


class LimitState(StrEnum):
    """Whether a limit holds on the day. No limit ever set is not a limit of 0."""

    NOT_SET = "not_set"
    IN_FORCE = "in_force"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class LimitInForce:
    """What holds on a day: the approved limit without raises, the raises that hold, and both together.

    `base` and `total` are None unless the state is in force; `until` is the first day on which the limit no longer
    holds, and is told for an expired limit too.
    """

    state: LimitState
    base: Decimal | None
    raises: tuple[LimitEvent, ...]
    total: Decimal | None
    since: date | None
    until: date | None

    def days_left(self, as_of: date) -> int | None:
        """Days on which the limit still holds, the as-of date among them; None without an end."""
        return None if self.until is None else max(0, (self.until - as_of).days)


def limit_in_force(events: Iterable[LimitEvent], as_of: date) -> LimitInForce:
    """What the approved acts leave in force on a day.

    The limit that began last holds, and among those of one day the one approved last; when it ends, an earlier one
    does not come back. A raise adds to a limit in force and gives nothing without one; one that was ended early
    holds until before that day.
    """
    events = list(events)
    begun = [event for event in _with_early_ends(events) if event.from_on <= as_of]
    last = _last_limit(begun)
    if last is None:
        return LimitInForce(LimitState.NOT_SET, None, (), None, None, None)
    if last.kind is LimitEventKind.WITHDRAWAL or last.amount is None:
        return LimitInForce(LimitState.WITHDRAWN, None, (), None, last.from_on, None)
    if last.to_on is not None and last.to_on <= as_of:
        return LimitInForce(LimitState.EXPIRED, None, (), None, last.from_on, last.to_on)
    raises = _raises_on(begun, as_of)
    added = sum((event.amount for event in raises if event.amount is not None), Decimal(0))
    until = _until(last, (event for event in events if event.from_on > as_of))
    return LimitInForce(LimitState.IN_FORCE, last.amount, raises, last.amount + added, last.from_on, until)


def _until(held: LimitEvent, coming: Iterable[LimitEvent]) -> date | None:
    """The first day on which the limit no longer holds: its own end, or that of an act that ends it before."""
    acts = [event for event in coming if event.kind in {LimitEventKind.LIMIT, LimitEventKind.WITHDRAWAL}]
    following = min(acts, key=lambda event: (event.from_on, -event.place), default=None)
    if following is None or following.kind is LimitEventKind.LIMIT:
        return held.to_on
    return following.from_on if held.to_on is None else min(held.to_on, following.from_on)


def events_holding(events: Iterable[LimitEvent], on: date) -> tuple[LimitEvent, ...]:
    """The limit in force on the day and the raises that add to it; empty where no limit is in force."""
    begun = [event for event in _with_early_ends(events) if event.from_on <= on]
    last = _last_limit(begun)
    if last is None or last.amount is None or (last.to_on is not None and last.to_on <= on):
        return ()
    return (last, *_raises_on(begun, on))


def turns_from(events: Iterable[LimitEvent], first: date) -> list[date]:
    """The day and all later ones on which anything begins or ends: between two of them nothing changes."""
    days = {day for event in events for day in (event.from_on, event.to_on) if day is not None and day > first}
    return [first, *sorted(days)]


def _raises_on(begun: Iterable[LimitEvent], on: date) -> tuple[LimitEvent, ...]:
    raises = (event for event in begun if event.kind is LimitEventKind.RAISE)
    lasting = (event for event in raises if event.to_on is not None and on < event.to_on)
    return tuple(sorted(lasting, key=lambda event: (event.from_on, event.place)))


def _with_early_ends(events: Iterable[LimitEvent]) -> list[LimitEvent]:
    """The events with the raises' true ends, without the acts that ended them early."""
    every = list(events)
    early: dict[int, date] = {}
    for event in every:
        if event.kind is LimitEventKind.RAISE_END and event.ends is not None:
            early[event.ends] = min(event.from_on, early.get(event.ends, event.from_on))
    return [
        replace(event, to_on=min(event.to_on, early[event.place])) if event.to_on and event.place in early else event
        for event in every
        if event.kind is not LimitEventKind.RAISE_END
    ]


def takes_force_on(from_on: date, today: date) -> date:
    """The day from which an approved act counts: never one that is over when it is approved.

    What was in force on a day that is over was acted upon; an assessment as of an earlier day does not change it.
    """
    return max(from_on, today)


def _last_limit(begun: Iterable[LimitEvent]) -> LimitEvent | None:
    limits = (event for event in begun if event.kind is not LimitEventKind.RAISE)
    return max(limits, key=lambda event: (event.from_on, event.place), default=None)


@dataclass(frozen=True, slots=True)
class LimitSpan:
    """Over [from_on, to_on) this is in force, raises included; `place` is that of the limit it rests on."""

    from_on: date
    to_on: date | None
    total: Decimal
    place: int


def limit_spans(events: Iterable[LimitEvent]) -> tuple[LimitSpan, ...]:
    """Every stretch of days on which something is in force, with `limit_in_force` of each of its days, in order.

    Days on which nothing is in force lie in no span. Stretches that meet differ in amount or in the limit beneath.
    """
    every = _with_early_ends(events)
    turns = sorted({day for event in every for day in (event.from_on, event.to_on) if day is not None})
    spans: list[LimitSpan] = []
    for begin, end in zip(turns, [*turns[1:], None], strict=False):
        last = _last_limit(event for event in every if event.from_on <= begin)
        total = limit_in_force(every, begin).total
        if last is None or total is None:
            continue
        before = spans[-1] if spans else None
        if before is not None and (before.to_on, before.total, before.place) == (begin, total, last.place):
            spans[-1] = LimitSpan(before.from_on, end, total, last.place)
        else:
            spans.append(LimitSpan(begin, end, total, last.place))
    return tuple(spans)


def check_raise(amount: Decimal, from_on: date, to_on: date, as_of: date) -> list[FieldError]:
    """What is wrong with a temporary raise over [from_on, to_on) that is proposed on `as_of`."""
    errors: list[FieldError] = []
    if not amount.is_finite() or amount <= 0:
        errors.append(FieldError("amount", m("A raise adds an amount above 0."), m("an amount above 0")))
    if to_on <= from_on:
        expected = m("a day after %(on)s", on=from_on)
        errors.append(FieldError("to_on", m("The raise would end before it begins."), expected))
    elif to_on <= as_of:
        expected = m("a day after %(on)s", on=as_of)
        errors.append(FieldError("to_on", m("The raise would have ended already."), expected))
    return errors
