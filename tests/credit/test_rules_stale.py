"""What has changed since a limit was computed, cause by cause."""

from decimal import Decimal
from typing import Any

import pytest

from channel.credit.rules.stale import Today, stale_of
from tests.make.credit import AS_OF, DEFAULT_POLICY, months, snapshot

THEN = snapshot([10, 20, 30])
NOW = Today("USD", "AA", 30, 1)


@pytest.mark.parametrize(
    ("again", "today", "causes"),
    [
        (THEN, NOW, []),
        (THEN, Today("USD", "AA", 30, 2), ["policy"]),
        (THEN, Today("USD", "B", 30, 1), ["grade"]),
        (THEN, Today("USD", None, 30, 1), ["grade"]),
        (THEN, Today("USD", "AA", 31, 1), ["terms"]),
        (snapshot([10, 20, 31]), NOW, ["months"]),
        (snapshot([5, 10, 20, 30]), NOW, ["months"]),
        (snapshot([None, 20, 30]), NOW, ["months"]),
        # Of another currency nothing can be compared but itself.
        (snapshot([1, 2, 3], currency="EUR"), Today("EUR", "AA", 30, 1), ["currency"]),
        (snapshot([10, 20, 30], grade="C", terms_days=1), NOW, []),
    ],
)
def test_what_has_changed_since_is_told_cause_by_cause(again: Any, today: Today, causes: list[str]) -> None:  # noqa: ANN401 - a snapshot
    assert [each.cause.value for each in stale_of(THEN, DEFAULT_POLICY, again, today)] == causes


def test_figures_beside_the_reports_count_where_they_give_another_limit() -> None:
    new = snapshot([10, 20, 30], appointed_on=AS_OF, first_year_target=Decimal(12_000))
    raised = Today("USD", "AA", 30, 1, Decimal(24_000))
    assert [each.cause.value for each in stale_of(new, DEFAULT_POLICY, new, raised)] == ["figures"]
    assert not stale_of(new, DEFAULT_POLICY, new, Today("USD", "AA", 30, 1, Decimal(12_000)))
    # The shipped policy reads no score.
    assert not stale_of(THEN, DEFAULT_POLICY, snapshot([10, 20, 30], scores=(("character", Decimal(1)),)), NOW)


def test_what_was_and_what_is_are_named() -> None:
    (grade, terms) = stale_of(THEN, DEFAULT_POLICY, THEN, Today("USD", None, 45, 1))
    assert str(grade.said) == "the grade was AA and is not set"
    assert str(terms.said) == "payment terms were 30 days and are 45"


def test_the_months_reported_anew_are_named() -> None:
    (found,) = stale_of(THEN, DEFAULT_POLICY, snapshot(months=months([10, 21, 31])), NOW)
    assert str(found.said) == "reported since or anew: 2013-10, 2013-11"


def test_figures_in_another_currency_are_not_compared() -> None:
    then = snapshot([10, 20, 30], appointed_on=AS_OF, first_year_target=Decimal(12_000))
    again = snapshot([10, 20, 30], appointed_on=AS_OF, currency="EUR")
    found = stale_of(then, DEFAULT_POLICY, again, Today("EUR", "AA", 30, 1, Decimal(24_000)))
    assert [each.cause.value for each in found] == ["currency"]
