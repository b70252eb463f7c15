"""The days on which plans open reviews: over years, month ends and leap days, with pauses and changing versions."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel.reviews.rules.periods import (
    Pause,
    day_before,
    is_paused,
    is_period,
    kept_of_missed,
    next_days,
    periods_between,
)
from channel.reviews.rules.plan import Missed, ReviewPlan, Rhythm, Weekday, When

DAY = timedelta(days=1)
LEAP, PLAIN = 2024, 2025


def always(when: When) -> Callable[[date], ReviewPlan | None]:
    plan = ReviewPlan(when=when)
    return lambda _: plan


def days_of(when: When, year: int) -> list[date]:
    found = periods_between(always(when), (), date(year, 1, 1) - DAY, date(year, 12, 31))
    return [day for day, _ in found]


def test_a_week_has_one_day_and_a_year_fifty_two_or_three() -> None:
    mondays = days_of(When(), PLAIN)
    assert mondays[:2] == [date(2025, 1, 6), date(2025, 1, 13)]
    assert len(mondays) == 52
    assert len(days_of(When(weekday=Weekday.WEDNESDAY), PLAIN)) == 53
    assert days_of(When(weekday=Weekday.SUNDAY), PLAIN)[0] == date(2025, 1, 5)


@pytest.mark.parametrize(
    ("year", "last"), [(PLAIN, (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)),
                       (LEAP, (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31))],
)  # fmt: skip
def test_a_month_that_is_shorter_has_its_last_day(year: int, last: tuple[int, ...]) -> None:
    assert days_of(When(Rhythm.MONTHLY, day=31), year) == [date(year, month, day) for month, day in enumerate(last, 1)]
    assert [day.day for day in days_of(When(Rhythm.MONTHLY, day=29), year)][:3] == [29, min(29, last[1]), 29]


@pytest.mark.parametrize(("month", "months"), [(1, (1, 4, 7, 10)), (2, (2, 5, 8, 11)), (3, (3, 6, 9, 12))])
def test_a_quarter_has_one_of_its_months(month: int, months: tuple[int, ...]) -> None:
    found = days_of(When(Rhythm.QUARTERLY, month=month, day=31), PLAIN)
    assert tuple(day.month for day in found) == months
    assert all((day + DAY).month != day.month for day in found)


def test_a_year_has_one_day_on_the_leap_day_the_last_of_february_otherwise() -> None:
    when = When(Rhythm.YEARLY, month=2, day=29)
    assert days_of(when, LEAP) == [date(2024, 2, 29)]
    assert days_of(when, PLAIN) == [date(2025, 2, 28)]


def test_once_is_once_and_by_events_each_day_is_looked_at() -> None:
    once = When(Rhythm.ONCE, once_on="2025-03-30")
    assert days_of(once, PLAIN) == [date(2025, 3, 30)]
    assert days_of(once, LEAP) == []
    assert len(days_of(When(Rhythm.EVENT), LEAP)) == 366


@given(
    st.sampled_from(list(Rhythm)),
    st.sampled_from(list(Weekday)),
    st.integers(1, 31),
    st.integers(1, 3),
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.integers(0, 500),
    st.integers(0, 500),
)
def test_planned_in_two_parts_the_days_are_those_of_one(
    rhythm: Rhythm, weekday: Weekday, day: int, month: int, start: date, first: int, second: int
) -> None:
    when = When(rhythm, weekday, day, month, "2050-02-28")
    middle, end = start + first * DAY, start + (first + second) * DAY
    whole = periods_between(always(when), (), start, end)
    parts = [*periods_between(always(when), (), start, middle), *periods_between(always(when), (), middle, end)]
    assert whole == parts
    assert all(start < each <= end for each, _ in whole)
    coming = next_days(always(when), (), start, 5)
    assert coming == [each for each, _ in periods_between(always(when), (), start, start + 400 * DAY)][:5]


@given(st.sampled_from([Rhythm.WEEKLY, Rhythm.MONTHLY, Rhythm.QUARTERLY, Rhythm.YEARLY]), st.integers(1, 31),
       st.integers(1, 3), st.integers(1990, 2090))  # fmt: skip
def test_a_day_is_compared_with_the_period_before_it(rhythm: Rhythm, day: int, month: int, year: int) -> None:
    when = When(rhythm, day=day, month=month)
    found = [each for each, _ in periods_between(always(when), (), date(year, 1, 1), date(year + 3, 1, 1))]
    assert len(found) > 1
    assert [day_before(when, each) for each in found[1:]] == found[:-1]


def test_what_is_opened_by_events_is_compared_with_a_month_before() -> None:
    assert day_before(When(Rhythm.EVENT), date(2025, 3, 31)) == date(2025, 2, 28)


def test_a_pause_holds_from_its_day_until_the_day_it_goes_on() -> None:
    pauses = [Pause(date(2025, 3, 10), paused=True), Pause(date(2025, 3, 24), paused=False)]
    found = periods_between(always(When()), pauses, date(2025, 2, 28), date(2025, 3, 31))
    assert [day for day, _ in found] == [date(2025, 3, 3), date(2025, 3, 24), date(2025, 3, 31)]
    again = [*pauses, Pause(date(2025, 3, 24), paused=True)]
    assert [is_paused(again, date(2025, 3, day)) for day in (9, 10, 23, 24)] == [False, True, True, True]
    assert not is_paused((), date(2025, 3, 10))


def test_each_day_goes_by_the_version_that_counts_on_it() -> None:
    turn = date(2025, 3, 12)
    before, after = ReviewPlan(version=1), ReviewPlan(when=When(weekday=Weekday.TUESDAY), version=2)

    def on(day: date) -> ReviewPlan | None:
        return None if day < date(2025, 3, 1) else before if day < turn else after

    found = periods_between(on, (), date(2025, 2, 1), date(2025, 3, 25))
    assert [(day.day, plan.version) for day, plan in found] == [(3, 1), (10, 1), (18, 2), (25, 2)]


def test_of_what_was_missed_each_or_only_the_last_is_opened() -> None:
    each = ReviewPlan(when=When(missed=Missed.EACH))
    days = [date(2025, 3, 3), date(2025, 3, 10)]
    assert kept_of_missed([(day, each) for day in days]) == days
    # What the version of the last day says is what counts.
    assert kept_of_missed([(days[0], each), (days[1], ReviewPlan())]) == days[1:]
    assert kept_of_missed([(days[0], ReviewPlan()), (days[1], each)]) == days
    assert kept_of_missed([]) == []


def test_a_day_of_the_month_is_a_period_on_that_day_alone() -> None:
    when = When(Rhythm.MONTHLY, day=30)
    assert [day for day in range(25, 32) if is_period(when, date(2025, 1, day))] == [30]
