"""Due days by every kind of terms, at the edges of months, quarters and years, and parts that make the whole."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel.dealers.rules.terms import LONGEST_DAYS, MOST_MONTHS, InDays, InParts, OnDay, Terms, check_terms
from channel.receivables.rules.documents import Instalment
from channel.receivables.rules.due_days import compute_instalments, due_on, instalments_of

D = Decimal


def on(text: str) -> date:
    return date.fromisoformat(text)


def parts(*pairs: tuple[str, int]) -> InParts:
    return InParts(tuple((D(share), days) for share, days in pairs))


@pytest.mark.parametrize(
    ("terms", "from_on", "due"),
    [
        (InDays(0), "2025-03-15", "2025-03-15"),
        (InDays(30), "2025-01-31", "2025-03-02"),
        (InDays(30), "2024-01-31", "2024-03-01"),
        (OnDay(7), "2025-03-01", "2025-04-07"),
        (OnDay(7), "2025-03-31", "2025-04-07"),
        (OnDay(7), "2025-12-31", "2026-01-07"),
        (OnDay(7, months=2), "2025-11-30", "2026-01-07"),
        (OnDay(31), "2025-01-31", "2025-02-28"),
        (OnDay(31), "2024-01-01", "2024-02-29"),
        (OnDay(30), "2025-03-31", "2025-04-30"),
        (OnDay(7, period_months=3), "2025-01-01", "2025-04-07"),
        (OnDay(7, period_months=3), "2025-03-31", "2025-04-07"),
        (OnDay(7, period_months=3), "2025-04-01", "2025-07-07"),
        (OnDay(7, months=2, period_months=3), "2025-10-01", "2026-02-07"),
        (OnDay(15, period_months=6), "2025-06-30", "2025-07-15"),
        (OnDay(15, period_months=6), "2025-07-01", "2026-01-15"),
        (OnDay(15, period_months=12), "2025-01-01", "2026-01-15"),
    ],
)
def test_due_day(terms: InDays | OnDay, from_on: str, due: str) -> None:
    assert due_on(terms, on(from_on)) == on(due)


@given(
    st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 31), st.integers(1, 24), st.sampled_from([1, 3, 6, 12])
)
def test_a_day_of_a_later_month_is_after_the_document_and_never_a_month_late(
    from_on: date, day: int, months: int, period: int
) -> None:
    due = due_on(OnDay(day, months, period), from_on)
    apart = (due.year - from_on.year) * 12 + due.month - from_on.month
    assert months <= apart < months + period
    assert (due.year * 12 + due.month - 1 - months) % period == period - 1
    assert due.day == day or (due.day < day and (due + timedelta(days=1)).day == 1)


@pytest.mark.parametrize(
    ("shares", "amount", "digits", "items"),
    [
        ((("0.3", 0), ("0.7", 30)), "100", 2, ["30", "70"]),
        ((("0.3333", 10), ("0.3333", 20), ("0.3334", 30)), "100", 2, ["33.33", "33.33", "33.34"]),
        ((("0.5", 10), ("0.5", 20)), "0.01", 2, ["0.01"]),
        ((("0.5", 10), ("0.5", 20)), "0.03", 2, ["0.02", "0.01"]),
        ((("0.25", 1), ("0.25", 2), ("0.25", 3), ("0.25", 4)), "0.02", 2, ["0.01", "0.01"]),
        ((("0.1", 10), ("0.9", 20)), "0.01", 2, ["0.01"]),
        ((("0.5", 10), ("0.5", 20)), "101", 0, ["51", "50"]),
    ],
)
def test_parts_are_rounded_half_away_and_the_last_takes_the_rest(
    shares: tuple[tuple[str, int], ...], amount: str, digits: int, items: list[str]
) -> None:
    found = compute_instalments(parts(*shares), D(amount), on("2025-01-01"), digits)
    assert [each.amount for each in found] == [D(item) for item in items]


def test_a_part_that_comes_to_nothing_leaves_its_day_out() -> None:
    found = compute_instalments(parts(("0.1", 10), ("0.9", 20)), D("0.01"), on("2025-01-01"), 2)
    assert found == (Instalment(on("2025-01-21"), D("0.01")),)


@given(
    st.lists(st.integers(1, 999), min_size=1, max_size=12),
    st.integers(1, 10**12),
    st.sampled_from([0, 2, 3, 4]),
)
def test_the_parts_always_make_the_amount(weights: list[int], units: int, digits: int) -> None:
    total = sum(weights)
    shares = [D(weight) / total for weight in weights[:-1]]
    terms = InParts(tuple((share, 10 * place) for place, share in enumerate([*shares, 1 - sum(shares)])))
    amount = D(units).scaleb(-digits)
    found = compute_instalments(terms, amount, on("2025-01-01"), digits)
    assert sum(each.amount for each in found) == amount
    assert all(each.amount > 0 and each.amount == round(each.amount, digits) for each in found)
    assert [each.due_on for each in found] == sorted({each.due_on for each in found})


def test_the_documents_own_days_come_before_the_terms_and_without_either_there_is_no_item() -> None:
    own = (Instalment(on("2025-02-02"), D(100)),)
    assert instalments_of(own, InDays(10), D(100), on("2025-01-01"), 2) == own
    assert instalments_of((), InDays(10), D(100), on("2025-01-01"), 2) == (Instalment(on("2025-01-11"), D(100)),)
    assert instalments_of((), None, D(100), on("2025-01-01"), 2) == ()


@pytest.mark.parametrize(
    ("terms", "fields"),
    [
        (InDays(0), []),
        (InDays(-1), ["days"]),
        (InDays(LONGEST_DAYS), []),
        (InDays(LONGEST_DAYS + 1), ["days"]),
        (OnDay(1), []),
        (OnDay(0), ["day"]),
        (OnDay(31), []),
        (OnDay(32), ["day"]),
        (OnDay(7, months=0), ["months"]),
        (OnDay(7, months=MOST_MONTHS), []),
        (OnDay(7, months=MOST_MONTHS + 1), ["months"]),
        (OnDay(7, period_months=2), ["period_months"]),
        *((OnDay(7, period_months=months), []) for months in (1, 3, 6, 12)),
        (OnDay(7, period_months=4), ["period_months"]),
        (OnDay(0, months=0, period_months=0), ["day", "months", "period_months"]),
        (parts(("1", 30)), []),
        (parts(), ["parts"]),
        (parts(("0.5", 30), ("0.5", 60)), []),
        (parts(("0.5", 30), ("0.4999", 60)), ["parts"]),
        (parts(("1.5", 30), ("-0.5", 60)), ["parts"]),
        (parts(("0", 20), ("1", 30)), ["parts"]),
        (parts(("NaN", 30)), ["parts"]),
        (parts(("0.5", 30), ("0.5", 30)), ["parts"]),
        (parts(("0.5", 31), ("0.5", 30)), ["parts"]),
        (parts(("0.5", -1), ("0.5", LONGEST_DAYS + 1)), ["days", "days"]),
    ],
)
def test_terms_that_can_be_agreed(terms: Terms, fields: list[str]) -> None:
    assert [error.field for error in check_terms(terms)] == fields


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (InDays(-1), "A whole number from 0 to 720"),
        (OnDay(0), "A whole number from 1 to 31"),
        (OnDay(7, months=0), "A whole number from 1 to 24"),
        (OnDay(7, period_months=2), "One of: 1, 3, 6, 12"),
        (parts(("0.5", 30)), "Fractions above 0 that make 1"),
    ],
)
def test_a_refusal_says_what_would_be_right(terms: Terms, expected: str) -> None:
    (error,) = check_terms(terms)
    assert str(error.expected) == expected
