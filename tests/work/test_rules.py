"""When what is due: properties of periods, of what is caught up, and of pauses."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel.work.rules import CatchUp, Every, Retries, Rhythm

ZONES = st.sampled_from(("UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin", "Pacific/Kiritimati")).map(
    ZoneInfo
)
EVERY = st.builds(Every, st.sampled_from(Rhythm), st.times(), st.sampled_from(CatchUp))
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is beside
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@given(st.sampled_from(Rhythm), DAYS)
def test_every_day_lies_in_one_period(rhythm: Rhythm, day: date) -> None:
    period = rhythm.begin(day)
    following = rhythm.after(period)
    assert period <= day < following
    assert rhythm.begin(period) == period
    assert rhythm.begin(following) == following
    assert rhythm.begin(following - timedelta(days=1)) == period


@given(EVERY, MOMENTS, ZONES)
def test_the_latest_is_due_and_the_one_after_is_not(every: Every, now: datetime, zone: ZoneInfo) -> None:
    latest = every.latest(now, zone)
    assert every.due_at(latest, zone) <= now < every.due_at(every.rhythm.after(latest), zone)


@given(EVERY, MOMENTS, ZONES, st.integers(0, 5))
def test_of_missed_periods_each_or_the_latest_is_taken(
    every: Every, now: datetime, zone: ZoneInfo, missed: int
) -> None:
    latest = every.latest(now, zone)
    waiting = latest
    for _ in range(missed):
        waiting = every.rhythm.begin(waiting - timedelta(days=1))
    taken = []
    period = waiting
    while every.due_at(period, zone) <= now:
        taken.append(every.taken(period, now, zone))
        period = every.rhythm.after(taken[-1])
    assert taken[-1] == latest
    assert len(taken) == (missed + 1 if every.catch_up is CatchUp.EACH else 1)
    assert taken == sorted(set(taken))


def test_a_period_begins_at_its_time_in_the_companys_zone() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    nightly = Every(Rhythm.DAY, time(3, 10))
    assert nightly.due_at(date(2027, 3, 1), shanghai) == datetime(2027, 2, 28, 19, 10, tzinfo=UTC)
    assert nightly.latest(datetime(2027, 2, 28, 19, 10, tzinfo=UTC), shanghai) == date(2027, 3, 1)
    assert nightly.latest(datetime(2027, 2, 28, 19, 9, 59, tzinfo=UTC), shanghai) == date(2027, 2, 28)


@given(
    st.builds(
        Retries,
        st.integers(1, 60),
        st.timedeltas(timedelta(seconds=1), timedelta(hours=2)),
        st.timedeltas(timedelta(hours=2), timedelta(days=2)),
    )
)
def test_pauses_double_up_to_the_longest_and_end(retries: Retries) -> None:
    pauses = [retries.pause_after(attempt) for attempt in range(1, retries.most)]
    assert retries.pause_after(retries.most) is retries.pause_after(retries.most + 1) is None
    assert pauses[:1] == [retries.first][: len(pauses)]
    for pause, following in pairwise(pauses):
        assert pause is not None
        assert following == min(2 * pause, retries.longest)


@pytest.mark.parametrize(("attempt", "minutes"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, None)])
def test_it_is_tried_five_times_unless_told_otherwise(attempt: int, minutes: int | None) -> None:
    assert Retries().pause_after(attempt) == (None if minutes is None else timedelta(minutes=minutes))
