"""How many people must approve an act: counted from all that it would leave in force, so that it cannot be split."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from channel.credit.rules.approval import LimitEvent, LimitEventKind, approvals_needed, events_holding, turns_from
from channel.credit.rules.policy import Policy
from channel.credit.rules.steps import EXACT, told
from channel.errors import Message, m
from channel.money import STORED_PLACES, round_half_away

_ZERO = Decimal(0)
_RISING = (LimitEventKind.LIMIT, LimitEventKind.RAISE)


@dataclass(frozen=True, slots=True)
class Need:
    """How many must approve, under which policy, and why.

    `before` and `after` are the greatest totals of any day from the act's first day on, without the act and with it:
    all that is in force and whatever else is open, in company currency; None where a rate is missing.
    """

    approvals: int
    before: Decimal | None
    after: Decimal | None
    policy_version: int
    why: Message

    @property
    def counted(self) -> Mapping[str, Any]:
        """The figures as they are kept and told with a proposal."""
        return {"total_before": self.before, "total_after": self.after, "need_policy": self.policy_version}


def figures_kept(counted: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of `Need.counted` from their document; None where none were kept."""
    totals = {name: counted.get(name) for name in ("total_before", "total_after")}
    read = {name: None if total is None else Decimal(total) for name, total in totals.items()}
    return {**read, "need_policy": counted.get("need_policy")}


def need_of(
    policy: Policy,
    journal: Iterable[LimitEvent],
    others: Iterable[LimitEvent],
    act: LimitEvent,
    rates: Mapping[str, Decimal],
    currency: str,
) -> Need:
    """How many must approve this act, which counts from `act.from_on` on.

    `others` are the other open proposals of the dealer, as they would count: what would lower the total is left out of
    account, since it may never be approved, and an open limit counts where it gives more than the limit in force.
    `rates` gives company currency per unit of each currency on the day of the vote; `currency` is the company's.
    The level of the policy is that of the greatest total of any day from the act's first day on. An act that raises
    the total on no day needs one; one that raises it needs the most where a rate is missing.
    """
    lines, rising = list(journal), [each for each in others if each.kind in _RISING]
    days = turns_from((*lines, *rising, act), act.from_on)
    without = [(day, _worlds(lines, rising, day)) for day in days]
    having = [(day, [[*world, act] for world in worlds]) for day, worlds in without]
    before = [_greatest(worlds, day, rates) for day, worlds in without]
    after = [_greatest(worlds, day, rates) for day, worlds in having]
    totals = _most(before), _most(after)
    known = all(total is not None for total in (*before, *after))
    if act.kind not in _RISING or not (_rises(before, after) if known else _rises_in_one_currency(without, having)):
        return Need(1, *totals, policy.version, m("what may be in force rises on no day"))
    needed = approvals_needed(policy, totals[1])
    if totals[1] is None:
        return Need(needed, *totals, policy.version, m("without a rate the most approvals are needed"))
    text = m(
        "policy %(version)s for up to %(total)s %(currency)s in force, all that is open counted",
        version=str(policy.version),
        total=told(totals[1]),
        currency=currency,
    )
    return Need(needed, *totals, policy.version, text)


def lacks_approvals(
    policy: Policy,
    journal: Sequence[LimitEvent],
    approvals: Mapping[int, int],
    today: date,
    rates: Mapping[str, Decimal],
) -> bool:
    """Whether today or on a later day more is in force than the people who approved it may approve by the policy.

    `approvals` says how many approved each line, by its place. Going through the lines as they were approved, each that
    holds on a day lets stand what its approvals suffice for; what was approved before and is only lowered keeps
    standing. A day whose total is not known for want of a rate is passed over.
    """
    return any(_lacks_on(day, policy, journal, approvals, rates) for day in turns_from(journal, today))


def _lacks_on(
    day: date,
    policy: Policy,
    journal: Sequence[LimitEvent],
    approvals: Mapping[int, int],
    rates: Mapping[str, Decimal],
) -> bool:
    lines = sorted(journal, key=lambda event: event.place)
    total, allowed = _ZERO, _ZERO
    for number, line in enumerate(lines, 1):
        if line.from_on > day:
            continue
        found = _total(lines[:number], day, rates)
        if found is None:
            return False
        total, allowed = found, min(allowed, found)
        if any(each.place == line.place for each in events_holding(lines[:number], day)):
            allowed = max(allowed, _within(policy, found, approvals.get(line.place, 0)))
    return total > allowed


def _within(policy: Policy, total: Decimal, given: int) -> Decimal:
    """As much of the total as so many approvals suffice for."""
    uppers = [level.up_to for level in policy.approvals if level.approvals <= given]
    return max((total if upper is None else min(upper, total) for upper in uppers), default=_ZERO)


_World = list[LimitEvent]
_OnDay = tuple[date, list[_World]]


def _worlds(lines: _World, rising: _World, day: date) -> list[_World]:
    """What may hold on the day: with the open raises, and with an open limit or without it.

    An open limit may be approved on any day from its first on, so that no limit that begins before takes its place.
    """
    added = [*lines, *(each for each in rising if each.kind is LimitEventKind.RAISE)]
    limits = [each for each in rising if each.kind is LimitEventKind.LIMIT and each.from_on <= day]
    return [added, *([*added, replace(each, from_on=day)] for each in limits)]


def _rises(before: Sequence[Decimal | None], after: Sequence[Decimal | None]) -> bool:
    return any((later or _ZERO) > (earlier or _ZERO) for earlier, later in zip(before, after, strict=True))


def _rises_in_one_currency(without: Sequence[_OnDay], having: Sequence[_OnDay]) -> bool:
    """Without a rate: whether the total rises where all of it is in one currency; of several nobody can tell."""
    held = (each for day, worlds in (*without, *having) for world in worlds for each in events_holding(world, day))
    own = {each.currency: Decimal(1) for each in held}
    before, after = ([_greatest(worlds, day, own) for day, worlds in side] for side in (without, having))
    return len(own) > 1 or _rises(before, after)


def _greatest(worlds: Iterable[_World], day: date, rates: Mapping[str, Decimal]) -> Decimal | None:
    """The most that any of these leaves in force on the day, 0 where nothing is; None where a rate is missing."""
    return _most([_total(world, day, rates) for world in worlds])


def _total(events: _World, day: date, rates: Mapping[str, Decimal]) -> Decimal | None:
    total = _ZERO
    for each in events_holding(events, day):
        rate = rates.get(each.currency)
        if rate is None or each.amount is None:
            return None
        total = EXACT.add(total, EXACT.multiply(each.amount, rate))
    return round_half_away(total, STORED_PLACES)


def _most(totals: Sequence[Decimal | None]) -> Decimal | None:
    known = [total for total in totals if total is not None]
    return max(known) if len(known) == len(totals) else None
