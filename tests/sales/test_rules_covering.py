"""For which days a report speaks when nobody says so: the rule alone, on both sides of every edge."""

from datetime import date, timedelta

import pytest

from channel.periods import Month, Span
from channel.sales.rules import runs_without_lines
from tests.make.covering import compute_days_covered, reported_in_parts

OCTOBER = Month(2025, 10)


def _span(text: str) -> Span:
    """`10-03:10-28` of 2025, both days in it."""
    first, last = (date.fromisoformat(f"2025-{part}") for part in text.split(":"))
    return Span(first, last + timedelta(days=1))


@pytest.mark.parametrize(
    ("own", "reported", "today", "expected"),
    [
        ("10-03:10-28", [], "11-20", "10-01:10-31"),
        ("10-03:10-28", [], "11-01", "10-01:10-31"),
        ("10-03:10-28", [], "10-31", "10-03:10-28"),
        ("10-03:11-12", [], "11-20", "10-01:11-12"),
        ("10-03:11-12", [], "12-01", "10-01:11-30"),
        # Another report touches the month, on its first day, its last, or in between.
        ("10-03:10-28", ["09-01:10-01"], "11-20", "10-03:10-28"),
        ("10-03:10-28", ["10-31:11-30"], "11-20", "10-03:10-28"),
        ("10-03:10-28", ["10-05:10-05"], "11-20", "10-03:10-28"),
        ("10-03:10-28", ["09-01:09-30", "11-01:11-30"], "11-20", "10-01:10-31"),
        ("09-03:10-28", ["10-10:10-10"], "11-20", "09-01:10-28"),
        # The three months before were reported in parts; the fourth does not count.
        ("10-03:10-28", ["09-01:09-15", "09-16:09-30"], "11-20", "10-03:10-28"),
        ("10-03:10-28", ["07-01:07-15", "07-16:07-31"], "11-20", "10-03:10-28"),
        ("10-03:10-28", ["06-01:06-15", "06-16:06-30"], "11-20", "10-01:10-31"),
    ],
)
def test_a_whole_month_is_covered_where_nothing_speaks_against_it(
    own: str, reported: list[str], today: str, expected: str
) -> None:
    days = compute_days_covered(_span(own), [_span(each) for each in reported], date.fromisoformat(f"2025-{today}"))
    assert days == _span(expected)


@pytest.mark.parametrize(
    ("reported", "in_parts"),
    [
        ([], False),
        (["10-01:10-31"], False),
        (["09-20:11-10"], False),
        (["10-01:10-31", "10-05:10-09"], False),
        (["10-08:10-24"], False),
        (["10-09:10-24"], True),
        (["10-08:10-23"], True),
        (["10-01:10-28", "10-29:10-31"], True),
        (["10-01:10-28", "10-03:10-30"], False),
        (["10-01:10-10"], True),
        (["10-01:10-10", "10-05:10-15"], True),
        # They meet in a day, and lie apart by none.
        (["10-01:10-29", "10-29:10-31"], False),
        (["10-01:10-29", "10-30:10-31"], True),
        # One covers it whole, whatever others say of parts of it.
        (["10-01:10-31", "10-02:10-03", "10-10:10-12"], False),
    ],
)
def test_what_is_reported_in_parts(reported: list[str], *, in_parts: bool) -> None:
    assert reported_in_parts(OCTOBER, [_span(each) for each in reported]) is in_parts


def test_a_week_without_lines_is_ordinary_and_eight_days_are_named() -> None:
    days = _span("10-01:10-31")
    lines = [date(2025, 10, day) for day in (8, 16, 25)]
    assert runs_without_lines(days, lines) == (Span(date(2025, 10, 17), date(2025, 10, 25)),)
    assert runs_without_lines(days, []) == (days,)
