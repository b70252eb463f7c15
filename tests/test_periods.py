"""Months and spans, held against enumerating every day."""

from datetime import date, timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel.periods import (
    Month,
    Span,
    complete_months_before,
    covers,
    is_day_of_business,
    merge,
    months_of,
    parse_period,
    plus_months,
    subtract,
)

days = st.dates(date(2011, 11, 20), date(2012, 4, 10))
months = st.builds(Month, st.integers(1990, 2100), st.integers(1, 12))


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start = draw(days)
    return Span(start, start + timedelta(days=draw(st.integers(1, 45))))


def each_day(of: "list[Span] | tuple[Span, ...]") -> set[date]:
    return {span.start + timedelta(days=n) for span in of for n in range(span.days)}


@pytest.mark.parametrize(
    ("day", "meant"),
    [
        (date(1899, 12, 31), False),
        (date(1900, 1, 1), True),
        (date(2026, 2, 28), True),
        (date(2199, 12, 31), True),
        (date(2200, 1, 1), False),
    ],
)
def test_days_that_can_be_meant_lie_in_three_centuries(day: date, *, meant: bool) -> None:
    assert is_day_of_business(day) is meant


@given(st.lists(spans(), max_size=6))
def test_merging_keeps_the_days_in_the_fewest_spans(some: list[Span]) -> None:
    merged = merge(some)
    assert each_day(merged) == each_day(some)
    assert all(a.end < b.start for a, b in pairwise(merged))


@given(st.lists(spans(), max_size=5), st.lists(spans(), max_size=5))
def test_subtracting_takes_exactly_the_days(some: list[Span], taken: list[Span]) -> None:
    left = subtract(some, taken)
    assert each_day(left) == each_day(some) - each_day(taken)
    assert left == merge(left)


@given(st.lists(spans(), max_size=5), st.sampled_from([Month(2011, 12), Month(2012, 1), Month(2012, 2)]))
def test_a_month_is_covered_when_all_its_days_are(some: list[Span], month: Month) -> None:
    assert covers(some, month) == (each_day([month.span]) <= each_day(some))


def test_one_missing_day_leaves_a_month_uncovered() -> None:
    first_half, second_half = Span(date(2012, 2, 1), date(2012, 2, 15)), Span(date(2012, 2, 15), date(2012, 3, 1))
    assert covers([second_half, first_half], Month(2012, 2))
    assert not covers([first_half, Span(date(2012, 2, 16), date(2012, 3, 1))], Month(2012, 2))
    assert not covers([Span(date(2012, 2, 1), date(2012, 2, 29))], Month(2012, 2))


@given(spans())
def test_months_of_a_span_are_those_of_its_days(span: Span) -> None:
    assert list(months_of(span)) == sorted({Month.of(day) for day in each_day([span])})


@pytest.mark.parametrize(
    ("as_of", "last"),
    [
        (date(2013, 11, 30), Month(2013, 10)),
        (date(2013, 12, 1), Month(2013, 11)),
        (date(2013, 12, 31), Month(2013, 11)),
        (date(2014, 1, 1), Month(2013, 12)),
        (date(2012, 2, 29), Month(2012, 1)),
        (date(2012, 3, 1), Month(2012, 2)),
    ],
)
def test_a_complete_month_ends_before_the_as_of_date(as_of: date, last: Month) -> None:
    assert complete_months_before(as_of, 1) == (last,)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 40))
def test_complete_months_are_the_last_ones_whose_days_are_all_before(as_of: date, n: int) -> None:
    found = complete_months_before(as_of, n)
    assert len(found) == n
    assert list(found) == sorted(set(found))
    assert all(month.end <= as_of for month in found)
    if found:
        assert found[-1].plus(1).end > as_of
        assert found[0].plus(n - 1) == found[-1]


@given(months, st.integers(-300, 300))
def test_months_step_like_the_calendar(month: Month, n: int) -> None:
    assert month.plus(n).plus(-n) == month
    assert (month.plus(n) > month) == (n > 0)
    assert month.end == month.plus(1).first
    assert month.first + timedelta(days=month.days) == month.end
    assert Month.parse(str(month)) == month
    assert Month.of(month.first) == month == Month.of(month.span.last)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2013-02", date(2013, 2, 1), date(2013, 3, 1)),
        ("2013-01:2013-03", date(2013, 1, 1), date(2013, 4, 1)),
        ("2010-12:2013-11", date(2010, 12, 1), date(2013, 12, 1)),
        ("2013-01-05:2013-02-03", date(2013, 1, 5), date(2013, 2, 4)),
        (" 2013-01-05 : 2013-01-05 ", date(2013, 1, 5), date(2013, 1, 6)),
        ("2013-01-05", date(2013, 1, 5), date(2013, 1, 6)),
        ("2012-02-29:2012-03", date(2012, 2, 29), date(2012, 4, 1)),
    ],
)
def test_periods_as_people_give_them(text: str, start: date, end: date) -> None:
    assert parse_period(text) == Span(start, end)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "2013",
        "2013-13",
        "2013-00",
        "2013-02-29",
        "2013-03:2013-01",
        "2013-01:",
        "2013-1",
        "2013-01:2013-02:2013-03",
        "٢٠١٣-٠١",
    ],
)
def test_what_is_not_a_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_period(text)


def test_a_month_is_kept_as_two_numbers() -> None:
    assert msgspec.json.encode([Month(2013, 1), Month(1999, 12)]) == b"[[2013,1],[1999,12]]"


def test_an_empty_span_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="end after it starts"):
        Span(date(2013, 1, 1), date(2013, 1, 1))


def test_a_span_holds_its_start_and_not_its_end() -> None:
    span = Span(date(2013, 1, 1), date(2013, 2, 1))
    assert span.start in span
    assert span.last in span
    assert span.end not in span


@pytest.mark.parametrize(
    ("day", "n", "later"),
    [
        (date(2013, 12, 1), 12, date(2014, 12, 1)),
        (date(2013, 1, 31), 1, date(2013, 2, 28)),
        (date(2012, 1, 31), 1, date(2012, 2, 29)),
        (date(2012, 2, 29), 12, date(2013, 2, 28)),
        (date(2013, 3, 31), -1, date(2013, 2, 28)),
        (date(2013, 11, 30), 3, date(2014, 2, 28)),
    ],
)
def test_months_later_on_the_same_day_or_the_last(day: date, n: int, later: date) -> None:
    assert plus_months(day, n) == later


@pytest.mark.parametrize(("year", "month"), [(2013, 0), (2013, 13), (0, 1), (10_000, 1)])
def test_there_are_twelve_months_in_the_years_that_have_days(year: int, month: int) -> None:
    with pytest.raises(ValueError, match=r"month|year"):
        Month(year, month)
