"""Approval, temporary raises, expiry: who may, and what holds on a day."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from channel.credit.rules import (
    LimitEvent,
    LimitEventKind,
    LimitState,
    approvals_needed,
    check_raise,
    limit_in_force,
    takes_force_on,
)
from channel.credit.rules.policy import ApprovalLevel
from tests.make.credit import DEFAULT_POLICY

D = Decimal
LIMIT, RAISE, WITHDRAWAL = LimitEventKind.LIMIT, LimitEventKind.RAISE, LimitEventKind.WITHDRAWAL


@pytest.mark.parametrize(
    ("amount", "needed"),
    [("0", 1), ("99999.9999", 1), ("100000", 1), ("100000.0001", 2), ("1e12", 2)],
)
def test_levels_include_their_upper_amount(amount: str, needed: int) -> None:
    assert approvals_needed(DEFAULT_POLICY, D(amount)) == needed


def test_an_unknown_amount_needs_the_most() -> None:
    policy = replace(
        DEFAULT_POLICY, approvals=(ApprovalLevel(D(10), 1), ApprovalLevel(D(20), 2), ApprovalLevel(None, 3))
    )
    assert [approvals_needed(policy, D(x)) for x in (10, 11, 20, 21)] == [1, 2, 2, 3]
    assert approvals_needed(policy, None) == 3


@pytest.mark.parametrize(("asked", "begins"), [(1, 5), (4, 5), (5, 5), (6, 6)])
def test_no_limit_takes_force_for_days_that_are_over(asked: int, begins: int) -> None:
    assert takes_force_on(date(2013, 12, asked), date(2013, 12, 5)) == date(2013, 12, begins)


def grant(place: int, from_on: date, to_on: date | None, amount: int) -> LimitEvent:
    return LimitEvent(LIMIT, place, from_on, to_on, D(amount))


BASE = grant(1, date(2013, 1, 1), date(2014, 1, 1), 1000)
SPRING = LimitEvent(RAISE, 2, date(2013, 3, 1), date(2013, 4, 1), D(300))


@pytest.mark.parametrize(
    ("day", "state", "base", "total"),
    [
        (date(2012, 12, 31), LimitState.NOT_SET, None, None),
        (date(2013, 1, 1), LimitState.IN_FORCE, D(1000), D(1000)),
        (date(2013, 2, 28), LimitState.IN_FORCE, D(1000), D(1000)),
        (date(2013, 3, 1), LimitState.IN_FORCE, D(1000), D(1300)),
        (date(2013, 3, 31), LimitState.IN_FORCE, D(1000), D(1300)),
        (date(2013, 4, 1), LimitState.IN_FORCE, D(1000), D(1000)),
        (date(2013, 12, 31), LimitState.IN_FORCE, D(1000), D(1000)),
        (date(2014, 1, 1), LimitState.EXPIRED, None, None),
    ],
)
def test_half_open_times_on_both_sides(
    day: date, state: LimitState, base: Decimal | None, total: Decimal | None
) -> None:
    held = limit_in_force([SPRING, BASE], day)
    assert (held.state, held.base, held.total) == (state, base, total)


def test_an_expired_limit_tells_since_when_and_the_days_left_count_today() -> None:
    held = limit_in_force([BASE], date(2014, 5, 1))
    assert (held.since, held.until, held.days_left(date(2014, 5, 1))) == (date(2013, 1, 1), date(2014, 1, 1), 0)
    assert limit_in_force([BASE], date(2013, 12, 31)).days_left(date(2013, 12, 31)) == 1
    endless = limit_in_force([grant(1, date(2013, 1, 1), None, 5)], date(2099, 1, 1))
    assert (endless.total, endless.days_left(date(2099, 1, 1))) == (D(5), None)


def test_a_later_limit_replaces_an_earlier_one_for_good() -> None:
    short = grant(2, date(2013, 6, 1), date(2013, 7, 1), 2000)
    assert limit_in_force([BASE, short], date(2013, 6, 30)).base == 2000
    assert limit_in_force([BASE, short], date(2013, 7, 1)).state is LimitState.EXPIRED
    same_day = grant(3, date(2013, 6, 1), date(2014, 6, 1), 1500)
    assert limit_in_force([same_day, short], date(2013, 6, 1)).base == 1500


def test_a_withdrawn_limit_is_none_and_not_zero_and_a_limit_of_zero_is_in_force() -> None:
    gone = LimitEvent(WITHDRAWAL, 5, date(2013, 5, 1))
    assert limit_in_force([BASE, gone], date(2013, 5, 1)).state is LimitState.WITHDRAWN
    assert limit_in_force([BASE, gone], date(2013, 4, 30)).base == 1000
    zero = limit_in_force([grant(1, date(2013, 1, 1), None, 0)], date(2013, 1, 1))
    assert (zero.state, zero.base, zero.total) == (LimitState.IN_FORCE, D(0), D(0))


def test_a_raise_without_a_limit_gives_nothing_and_raises_add_up() -> None:
    assert limit_in_force([SPRING], date(2013, 3, 5)).total is None
    assert limit_in_force([BASE, SPRING], date(2014, 3, 5)).total is None
    other = LimitEvent(RAISE, 3, date(2013, 3, 15), date(2013, 5, 1), D(50))
    held = limit_in_force([other, BASE, SPRING], date(2013, 3, 20))
    assert (held.total, held.raises) == (D(1350), (SPRING, other))


def test_a_raise_that_is_ended_early_holds_until_before_that_day() -> None:
    early = LimitEvent(LimitEventKind.RAISE_END, 4, date(2013, 3, 15), ends=SPRING.place)
    other = LimitEvent(LimitEventKind.RAISE_END, 5, date(2013, 3, 1), ends=99)
    assert limit_in_force([BASE, SPRING, early, other], date(2013, 3, 14)).total == BASE.amount + SPRING.amount
    assert limit_in_force([BASE, SPRING, early, other], date(2013, 3, 15)).total == BASE.amount
    earlier = LimitEvent(LimitEventKind.RAISE_END, 6, date(2013, 3, 10), ends=SPRING.place)
    assert limit_in_force([BASE, SPRING, early, earlier], date(2013, 3, 10)).total == BASE.amount
    later = LimitEvent(LimitEventKind.RAISE_END, 7, date(2020, 1, 1), ends=SPRING.place)
    assert limit_in_force([BASE, SPRING, later], SPRING.to_on).total == BASE.amount, "an end never lengthens"


@pytest.mark.parametrize(
    ("amount", "from_on", "to_on", "wrong"),
    [
        ("1", date(2013, 3, 1), date(2013, 4, 1), []),
        ("0.01", date(2013, 1, 1), date(2013, 3, 2), []),
        ("0", date(2013, 3, 1), date(2013, 4, 1), ["amount"]),
        ("NaN", date(2013, 3, 1), date(2013, 4, 1), ["amount"]),
        ("1", date(2013, 4, 1), date(2013, 4, 1), ["to_on"]),
        ("1", date(2013, 1, 1), date(2013, 3, 1), ["to_on"]),
    ],
)
def test_a_raise_has_an_amount_and_an_end_to_come(amount: str, from_on: date, to_on: date, wrong: list[str]) -> None:
    assert [error.field for error in check_raise(D(amount), from_on, to_on, date(2013, 3, 1))] == wrong


def test_a_limit_holds_until_what_comes_ends_it() -> None:
    day, coming = date(2013, 2, 1), date(2013, 6, 1)
    limit, gone = grant(2, coming, date(2014, 6, 1), 500), LimitEvent(WITHDRAWAL, 3, coming)
    endless = grant(1, date(2013, 1, 1), None, 1000)
    assert limit_in_force([BASE, gone], day).until == limit_in_force([endless, gone], day).until == coming
    # What comes in its place is its own matter.
    assert limit_in_force([BASE, limit], day).until == BASE.to_on
    assert limit_in_force([endless, limit], day).until is None
    # Of two acts of one day the one approved last counts.
    assert limit_in_force([BASE, limit, gone], day).until == coming
    assert limit_in_force([BASE, gone, replace(limit, place=4)], day).until == BASE.to_on
    assert limit_in_force([BASE, LimitEvent(WITHDRAWAL, 3, date(2014, 3, 1))], day).until == BASE.to_on
