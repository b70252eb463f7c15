"""What closed months an act touches, and which months can be closed and opened."""

from datetime import date

import pytest

from channel.periods import Month
from channel.receivables.rules.closing import (
    Closing,
    closed_months,
    closed_months_touched,
    refused_closing,
    refused_opening,
)
from tests.make.receivables import moment

MARCH, APRIL = Month(2025, 3), Month(2025, 4)


@pytest.mark.parametrize(
    ("known", "closed"), [(0, set()), (1, {MARCH}), (4, {MARCH}), (5, set()), (8, set()), (9, {MARCH})]
)
def test_the_last_word_known_counts(known: int, closed: set[Month]) -> None:
    words = [Closing(MARCH, True, moment(9)), Closing(MARCH, True, moment(1)), Closing(MARCH, False, moment(5))]
    assert closed_months(words, moment(known)) == closed
    assert closed_months([Closing(MARCH, True, moment(1)), Closing(MARCH, False, moment(1))], moment(1)) == set()


@pytest.mark.parametrize(
    ("days", "touched"),
    [
        ([], ()),
        ([date(2025, 4, 1)], (APRIL,)),
        ([date(2025, 4, 30), date(2025, 5, 1)], (APRIL,)),
        ([date(2025, 5, 1)], ()),
        ([date(2025, 3, 31)], (MARCH, APRIL)),
        ([date(2025, 5, 1), date(2025, 2, 1)], (MARCH, APRIL)),
    ],
)
def test_what_takes_effect_on_a_day_touches_its_month_and_every_closed_one_after_it(
    days: list[date], touched: tuple[Month, ...]
) -> None:
    assert closed_months_touched(days, {APRIL, MARCH}) == touched


def test_a_month_is_closed_when_it_is_over_and_opened_when_it_is_closed() -> None:
    assert refused_closing(MARCH, date(2025, 4, 1), set()) == ()
    assert [error.field for error in refused_closing(MARCH, date(2025, 3, 31), set())] == ["month"]
    assert [error.field for error in refused_closing(MARCH, date(2025, 4, 1), {MARCH})] == ["month"]
    assert refused_opening(MARCH, {MARCH}) == ()
    assert [error.field for error in refused_opening(MARCH, {APRIL})] == ["month"]
