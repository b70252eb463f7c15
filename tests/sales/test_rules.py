from datetime import date
from decimal import Decimal

import pytest
from hypothesis import strategies as st

from channel.periods import Month, Span
from channel.sales.rules import (
    check_stock,
    compute_lost,
    compute_owed,
    convert,
    due_on,
    missing_months,
    supersedes_much,
)

AMOUNT = st.decimals(min_value=-(10**9), max_value=10**9, places=4)


@pytest.mark.parametrize(
    ("amount", "rate", "own", "expected"),
    [
        ("1", "1.00005", "1", ("1.0001", "1.0001")),
        ("-1", "1.00005", "1", ("-1.0001", "-1.0001")),
        ("100", "1.3", "1.2", ("130.0000", "108.3333")),
        ("0.0001", "0.4", "4", ("0.0000", "0.0000")),
    ],
)
def test_conversion_rounds_once_half_away(amount: str, rate: str, own: str, expected: tuple[str, str]) -> None:
    assert tuple(map(str, convert(Decimal(amount), Decimal(rate), Decimal(own)))) == expected


def test_a_month_is_missing_until_its_last_day_is_covered() -> None:
    february = Month(2024, 2)
    almost = [Span(date(2024, 1, 1), date(2024, 2, 29))]
    assert missing_months(almost, [Month(2024, 1), february]) == (february,)
    assert missing_months([*almost, Span(date(2024, 2, 29), date(2024, 3, 1))], [february]) == ()


def test_stock_is_checked_only_where_both_reports_speak_for_every_day() -> None:
    numbers = (Decimal(10), Decimal(7), Decimal(5), Decimal(11))
    whole = [Span(date(2025, 1, 1), date(2025, 2, 1))]
    checked = check_stock(date(2024, 12, 31), date(2025, 1, 31), *numbers, {"sell-in": whole, "sell-through": whole})
    assert (checked.expected, checked.difference, checked.missing) == (12, -1, ())
    short = [Span(date(2025, 1, 1), date(2025, 1, 31))]
    unknown = check_stock(date(2024, 12, 31), date(2025, 1, 31), *numbers, {"sell-in": whole, "sell-through": short})
    assert (unknown.expected, unknown.difference, unknown.missing) == (None, None, ("sell-through",))


@pytest.mark.parametrize(
    ("month", "day", "due"),
    [("2025-01", 10, "2025-02-10"), ("2025-01", 31, "2025-02-28"), ("2025-12", 1, "2026-01-01")],
)
def test_a_report_is_due_in_the_next_month(month: str, day: int, due: str) -> None:
    assert due_on(Month.parse(month), day) == date.fromisoformat(due)


@pytest.mark.parametrize(("today", "late"), [("2025-02-09", 0), ("2025-02-10", 0), ("2025-02-11", 1)])
def test_lateness_counts_from_the_day_after_the_due_day(today: str, late: int) -> None:
    assert compute_owed(1, "stock", Month(2025, 1), 10, date.fromisoformat(today)).days_late == late


def test_what_is_lost_is_counted_month_by_month() -> None:
    """More lines in one dealer-month do not make up for another that is emptied."""
    assert compute_lost([(10, 10), (10, 40), (7, 0), (3, 2)]) == 8


@pytest.mark.parametrize(
    ("superseded", "lost", "asks"),
    [
        (60_855, 0, False),
        (5, 5, False),
        (6, 6, True),
        (12, 6, True),
        (13, 6, False),
        (5000, 20, False),
        (5000, 21, True),
    ],
)
def test_a_report_that_empties_months_asks(superseded: int, lost: int, *, asks: bool) -> None:
    assert supersedes_much(superseded, lost) is asks
