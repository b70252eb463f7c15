"""Promises to pay: which money came for which promise, and whether that keeps it.

Money pays promises in the order of their days, and each amount counts once. A promise takes what came from the day it
was given up to the last day of grace, at most what it promised; what it leaves is there for the next one.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from channel.errors import FieldError, Message, m
from channel.money import round_half_away
from channel.receivables.rules.documents import EXACT, LARGEST_AMOUNT, Instalment

_ZERO = Decimal(0)
MOST_GRACE_DAYS = 30


class PromiseState(StrEnum):
    """What has become of an instalment of a promise."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Promise:
    """What a dealer promised to pay in one currency, in the order of its days.

    `share` of what is promised by a day, above 0 to 1, is enough to keep it, if it comes by `grace_days` later. The
    instalments from the place `cancelled_from` on, counted from 1, were cancelled; None where none was.
    """

    id: int
    given_on: date
    grace_days: int
    share: Decimal
    instalments: tuple[Instalment, ...]
    cancelled_from: int | None = None


@dataclass(frozen=True, slots=True)
class Came:
    """So much money came on a day."""

    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an instalment comes to: all that is `promised` up to it, and what `came` for the promise by then."""

    promise_id: int
    place: int
    promised: Decimal
    came: Decimal
    state: PromiseState


def last_day(due_on: date, grace_days: int) -> date:
    """The last day on which money keeps what is promised for a day; that day belongs to it."""
    return due_on + timedelta(days=grace_days)


def judged_from(due_on: date, grace_days: int) -> date:
    """The first day on which what is promised for a day is over: kept or broken."""
    return last_day(due_on, grace_days) + timedelta(days=1)


def judge_promises(promises: Iterable[Promise], money: Iterable[Came], today: date) -> tuple[Judgement, ...]:
    """What each instalment of one dealer's promises in one currency comes to today, in the order of their days.

    One is kept as soon as enough has come, and broken on the day after the last day of grace. What is still missing of
    an earlier instalment belongs to what the later ones need. A cancelled one takes nothing.
    """
    days, left = _by_day(money)
    taken: dict[int, Decimal] = {}
    found = []
    due = [(each, place, part) for each in promises for place, part in enumerate(each.instalments, 1)]
    for promise, place, part in sorted(due, key=lambda one: (one[2].due_on, one[0].given_on, one[0].id, one[1])):
        promised = _up_to(promise, place)
        had = taken.get(promise.id, _ZERO)
        if promise.cancelled_from is not None and place >= promise.cancelled_from:
            found.append(Judgement(promise.id, place, promised, had, PromiseState.CANCELLED))
            continue
        last_on = last_day(part.due_on, promise.grace_days)
        came = EXACT.add(had, _take(days, left, (promise.given_on, last_on), EXACT.subtract(promised, had)))
        taken[promise.id] = came
        found.append(
            Judgement(promise.id, place, promised, came, _state(promised, came, promise.share, today > last_on))
        )
    return tuple(found)


def compute_paid(
    promises: Sequence[Promise], money: Iterable[Came], broken: AbstractSet[int], today: date
) -> list[int]:
    """Which of these broken promises have been paid since: enough has come for all of them that is over.

    What came after the last day of grace counts for them, too, up to today; each amount counts once.
    """
    over = {
        (each.id, place)
        for each in promises
        for place, part in enumerate(each.instalments, 1)
        if each.id in broken and today > last_day(part.due_on, each.grace_days)
    }
    later = [_going_on(each, today) if each.id in broken else each for each in promises]
    judged = judge_promises(later, money, today)
    short = {each.promise_id for each in judged if (each.promise_id, each.place) in over and not _is_kept(each)}
    return sorted({number for number, _ in over} - short)


def _going_on(promise: Promise, today: date) -> Promise:
    """The promise as if its days of grace went on to today at least."""
    longest = max((today - each.due_on).days for each in promise.instalments)
    return replace(promise, grace_days=max(promise.grace_days, longest))


def _is_kept(judged: Judgement) -> bool:
    return judged.state is PromiseState.KEPT


def _state(promised: Decimal, came: Decimal, share: Decimal, over: bool) -> PromiseState:  # noqa: FBT001 - one of four
    if came >= EXACT.multiply(share, promised):
        return PromiseState.KEPT
    return PromiseState.BROKEN if over else PromiseState.OPEN


def came_for_part(amount: Decimal, promised: Decimal, came: Decimal) -> Decimal:
    """What of that which `came` for a promise falls to one instalment of it: the earlier ones have theirs first.

    `promised` is all that is promised up to this one, its own `amount` among it.
    """
    earlier = EXACT.subtract(promised, amount)
    return min(amount, max(_ZERO, EXACT.subtract(came, earlier)))


def _up_to(promise: Promise, place: int) -> Decimal:
    total = _ZERO
    for each in promise.instalments[:place]:
        total = EXACT.add(total, each.amount)
    return total


def _by_day(money: Iterable[Came]) -> tuple[list[date], dict[date, Decimal]]:
    """The days on which money came, in order, and how much on each."""
    days: list[date] = []
    left: dict[date, Decimal] = {}
    for each in money:
        if each.on not in left:
            insort(days, each.on)
        left[each.on] = EXACT.add(left.get(each.on, _ZERO), each.amount)
    return days, left


def _take(days: list[date], left: dict[date, Decimal], within: tuple[date, date], wanted: Decimal) -> Decimal:
    """Take up to so much of what came within the days, both among them, the earliest first; how much that was."""
    first, last = within
    taken = _ZERO
    place = bisect_left(days, first)
    while taken < wanted and place < len(days) and days[place] <= last:
        on = days[place]
        part = min(left[on], EXACT.subtract(wanted, taken))
        taken, left[on] = EXACT.add(taken, part), EXACT.subtract(left[on], part)
        if left[on]:
            place += 1
        else:
            # What is used up is looked at no more.
            del days[place]
    return taken


def check_promise(promise: Promise, digits: int, today: date) -> tuple[FieldError, ...]:
    """Why nothing can be promised so; nothing when it can be. `digits` are those of the currency."""
    errors = []
    if promise.given_on > today:
        errors.append(FieldError("given_on", m("It was given today or before."), m("a day up to today")))
    days = [each.due_on for each in promise.instalments]
    day_field, amount_field = ("due_on", "amount") if len(days) == 1 else ("instalments", "instalments")
    if any(day < promise.given_on for day in days):
        errors.append(FieldError(day_field, m("Nothing can be promised for a day before the promise.")))
    if len(set(days)) < len(days):
        errors.append(FieldError(day_field, m("A day is named twice.")))
    if not all(_is_amount(each.amount, digits) for each in promise.instalments):
        expected = m("An amount above 0 with at most %(digits)s decimals", digits=digits)
        errors.append(FieldError(amount_field, m("So much cannot be promised."), expected))
    if not is_share(promise.share):
        errors.append(FieldError("share", m("The number is out of range."), SHARE_EXPECTED))
    return tuple(errors)


SHARE_EXPECTED: Message = m("above 0 and at most 1, with at most 8 decimals")


def is_share(share: Decimal) -> bool:
    """Whether a promise can be kept by this share of it."""
    return share.is_finite() and 0 < share <= 1 and share == round_half_away(share, 8)


def _is_amount(amount: Decimal, digits: int) -> bool:
    return amount.is_finite() and 0 < amount < LARGEST_AMOUNT and amount == round_half_away(amount, digits)
