"""For which days and dealers a report speaks."""

from datetime import date

import pytest

from channel.periods import Span, parse_period
from channel.sales.rules.coverage import Coverage, compute_coverage

SCOPE = frozenset({"A", "B", "C"})
FIRST, LAST = date(2013, 1, 5), date(2013, 3, 2)


def coverage(kind: str, **given: object) -> object:
    asked = {"period": None, "first": FIRST, "last": LAST, "wanted": None, "in_file": {"A"}, "in_scope": SCOPE} | given
    return compute_coverage(kind, **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "dealers"),
    [("sell-in", SCOPE), ("sell-through", frozenset({"A"})), ("stock", frozenset({"A"}))],
)
def test_sell_in_speaks_for_everybody_and_the_others_for_who_is_in_the_file(kind: str, dealers: object) -> None:
    assert coverage(kind) == Coverage(Span(FIRST, date(2013, 3, 3)), dealers)  # type: ignore[arg-type]


def test_a_period_and_dealers_that_are_given_go_before_the_file() -> None:
    period = parse_period("2013-01:2013-03")
    found = coverage("sell-through", period=period, wanted={"B"})
    assert found == Coverage(Span(date(2013, 1, 1), date(2013, 4, 1)), frozenset({"B"}))


def test_an_empty_report_covers_a_period_that_is_given() -> None:
    found = coverage("sell-in", period=parse_period("2013-02"), first=None, last=None, in_file=frozenset())
    assert found == Coverage(Span(date(2013, 2, 1), date(2013, 3, 1)), SCOPE)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"first": None, "last": None}, "period"),
        ({"wanted": {"A", "X"}}, "dealers"),
        ({"wanted": frozenset()}, "dealers"),
        ({"in_scope": frozenset()}, "dealers"),
    ],
)
def test_a_report_without_days_or_dealers_is_refused(given: dict[str, object], field: str) -> None:
    refused = coverage("sell-in", **given)
    assert isinstance(refused, tuple)
    assert [error.field for error in refused] == [field]
