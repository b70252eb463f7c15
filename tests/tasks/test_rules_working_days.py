"""Working days by tables of both sides of each boundary, and by properties on calendars of any kind."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel.tasks.rules.working_days import Calendar, add_working_days, late_before, working_day_on_or_after

DAY = timedelta(days=1)
SPRING = Calendar(otherwise={date(2013, 2, day): day in {16, 17} for day in (11, 12, 13, 14, 15, 16, 17)})
"""The second week of February 2013 off, its weekend worked instead."""

CALENDARS = st.builds(
    Calendar,
    st.frozensets(st.integers(1, 7), min_size=1),
    st.dictionaries(st.dates(date(2013, 1, 1), date(2013, 3, 31)), st.booleans(), max_size=40),
)
DAYS = st.dates(date(2013, 1, 1), date(2013, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2013, 2, 8), True),
        (date(2013, 2, 9), False),
        (date(2013, 2, 10), False),
        (date(2013, 2, 11), False),
        (date(2013, 2, 15), False),
        (date(2013, 2, 16), True),
        (date(2013, 2, 17), True),
        (date(2013, 2, 18), True),
    ],
)
def test_a_date_that_is_otherwise_goes_before_its_weekday(day: date, works: bool) -> None:
    assert SPRING.works(day) is works


@pytest.mark.parametrize(
    ("day", "count", "due"),
    [
        (date(2013, 1, 4), 0, date(2013, 1, 4)),
        (date(2013, 1, 4), 1, date(2013, 1, 7)),
        (date(2013, 1, 4), 5, date(2013, 1, 11)),
        (date(2013, 1, 5), 0, date(2013, 1, 7)),
        (date(2013, 1, 5), 1, date(2013, 1, 7)),
        (date(2013, 1, 6), 2, date(2013, 1, 8)),
        (date(2013, 2, 8), 1, date(2013, 2, 16)),
        (date(2013, 2, 8), 3, date(2013, 2, 18)),
    ],
)
def test_so_many_working_days_on(day: date, count: int, due: date) -> None:
    assert add_working_days(day, count, SPRING) == due


@pytest.mark.parametrize(
    ("today", "count", "before"),
    [
        (date(2013, 1, 7), 0, date(2013, 1, 7)),
        (date(2013, 1, 7), 1, date(2013, 1, 7)),
        (date(2013, 1, 7), 2, date(2013, 1, 4)),
        (date(2013, 1, 6), 1, date(2013, 1, 4)),
        (date(2013, 2, 15), 1, date(2013, 2, 8)),
    ],
)
def test_what_was_due_before_a_day_is_late_by_so_many(today: date, count: int, before: date) -> None:
    assert late_before(today, count, SPRING) == before


@given(DAYS, st.integers(0, 30), CALENDARS)
def test_a_day_that_is_counted_on_is_worked_and_as_many_lie_between(day: date, count: int, calendar: Calendar) -> None:
    due = add_working_days(day, count, calendar)
    assert calendar.works(due)
    after = [day + DAY * n for n in range(1, (due - day).days + 1)]
    if count:
        assert sum(map(calendar.works, after)) == count
    else:
        assert due == working_day_on_or_after(day, calendar) >= day
        assert not any(calendar.works(each) for each in [day, *after] if each < due)


@given(DAYS, DAYS, st.integers(1, 10), CALENDARS)
def test_late_is_counted_in_working_days_after_the_day_up_to_today(
    due: date, today: date, count: int, calendar: Calendar
) -> None:
    passed = sum(calendar.works(due + DAY * n) for n in range(1, (today - due).days + 1))
    assert (due < late_before(today, count, calendar)) is (passed >= count)
