"""What a candidate is worth: values, knock-outs, intervals, grades, and what would narrow them."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel.vetting.rules.evaluating import Known, Outcome, evaluate, grade_of
from channel.vetting.rules.rounding import rounded, stored
from channel.vetting.rules.scorecard import Comparison, Measure, Measured, Shape, Trend
from channel.vetting.rules.values import Value, check_values, value_of
from channel.vetting.rules.weights import shares
from tests.make.scorecards import ANCHORS, CARD, GOOD, YEARS, criterion, measured, points, worded

STEPS = measured("years", (0, 0), (1, 25), (3, 50), (5, 100), shape=Shape.STEPS)
RANGE = measured("years", (0, 0), (2, 100), (4, 100), (8, 0), shape=Shape.TARGET, trend=Trend.FREE)


@pytest.mark.parametrize(
    ("criterion", "known", "worth"),
    [
        (YEARS, 0, 0), (YEARS, -5, 0), (YEARS, 2.5, 25), (YEARS, 10, 100), (YEARS, 11, 100),
        (STEPS, -1, 0), (STEPS, 0.999, 0), (STEPS, 1, 25), (STEPS, 2.999, 25), (STEPS, 3, 50), (STEPS, 5, 100),
        (STEPS, 99, 100),
        (RANGE, -1, 0), (RANGE, 1, 50), (RANGE, 2, 100), (RANGE, 3, 100), (RANGE, 4, 100), (RANGE, 6, 50),
        (RANGE, 8, 0), (RANGE, 80, 0),
        (worded("form", sole=30, limited=80), "limited", 80), (worded("form", sole=30), "other", None),
        (YEARS, "ten", None), (worded("form", sole=30), 3, None),
    ],
)  # fmt: skip
def test_what_is_known_is_worth(criterion: Measured, known: Value | None, worth: float | None) -> None:
    assert value_of(criterion, known) == (None if worth is None else pytest.approx(worth))


@pytest.mark.parametrize(
    ("made", "wrong"),
    [
        (YEARS, []),
        (STEPS, []),
        (RANGE, []),
        (worded("form", sole=30), []),
        (measured("y", (0, 0)), ["points"]),
        (measured("y", (0, 0), (0, 1)), ["points.1.at"]),
        (measured("y", (5, 0), (1, 1)), ["points.1.at"]),
        (measured("y", (0, 5), (1, 5), (2, 4)), ["points.2.value"]),
        (measured("y", (0, 5), (1, 6), trend=Trend.FALLS), ["points.1.value"]),
        (measured("y", (0, 5), (1, 6), (2, 1), trend=Trend.FREE), []),
        (measured("y", (0, 0), (1, 9), shape=Shape.TARGET), ["points"]),
        (measured("y", (0, 0), (1, 9), (2, 9), shape=Shape.TARGET), ["points.1.value"]),
        (measured("y", (0, 0), (1, 9), (2, 3), (3, 9), (4, 0), shape=Shape.TARGET), ["points.3.value"]),
        (replace(worded("form", sole=30), trend=Trend.RISES), ["trend"]),
        (replace(worded("form", sole=30), over=Measure("x")), ["over"]),
        (replace(worded("form"), points=points((0, 1))), ["points", "words"]),
    ],
)
def test_points_are_in_order_and_go_the_way_that_is_said(made: Measured, wrong: list[str]) -> None:
    assert [each.field for each in check_values(made, "c")] == [f"c.{field}" for field in wrong]


def test_weights_are_shares_of_the_whole() -> None:
    assert shares(CARD) == {"business": 0.75, "years": 0.5, "debt": 0.25, "will": 0.25}


def test_weights_come_from_comparisons_where_none_is_entered() -> None:
    bare = [replace(each, weight=None) if each.within is None else each for each in CARD.criteria]
    card = replace(CARD, criteria=tuple(bare), comparisons=(Comparison("will", "business", Decimal(4)),))
    held = shares(card)
    assert held["will"] == pytest.approx(0.8)
    assert held["years"] == pytest.approx(0.2 * 2 / 3)


def test_a_score_is_the_sum_of_the_shares() -> None:
    found = evaluate(CARD, GOOD)
    assert [(each.criterion.code, each.low, each.low_share) for each in found.parts] == [
        ("years", 80, 40), ("debt", 80, 20), ("will", 87.5, 21.875),
    ]  # fmt: skip
    assert (found.low, found.high, found.grade, found.narrows) == (81.875, 81.875, "A", ())
    assert [each.outcome for each in found.looked] == [Outcome.PASSED, Outcome.PASSED]
    assert str(found.strengths[0]) == "Years: worth 80 of 100, which makes 40.0 of the score"
    assert found.gaps == ()


def without(known: Known, *codes: str) -> Known:
    return replace(
        known,
        facts={code: each for code, each in known.facts.items() if code not in codes},
        figures={code: each for code, each in known.figures.items() if code not in codes},
        ratings={} if "will" in codes else known.ratings,
    )


def test_what_is_missing_makes_an_interval_and_the_lower_end_the_grade() -> None:
    found = evaluate(CARD, without(GOOD, "years", "will"))
    assert (found.low, found.high, found.middle, found.grade) == (20, 95, 57.5, "D")
    assert [(each.measures, each.by) for each in found.narrows] == [(("fact years",), 50), (("rating will",), 25)]


def test_what_a_ratio_lacks_is_told_together_and_what_else_it_would_settle_is_counted() -> None:
    found = evaluate(CARD, without(GOOD, "owed", "sales"))
    assert [(each.measures, each.by) for each in found.narrows] == [(("fact owed", "figure sales"), 25)]
    both = replace(CARD, criteria=(*CARD.criteria, criterion("size", 1, measured=measured("owed", (0, 0), (1, 100)))))
    found = evaluate(both, without(GOOD, "owed", "sales"))
    assert [(each.measures, each.by) for each in found.narrows] == [
        (("fact owed", "figure sales"), 40), (("fact owed",), 20),
    ]  # fmt: skip


def test_a_ratio_over_nothing_is_not_known() -> None:
    found = evaluate(CARD, replace(GOOD, figures={"sales": 0.0}))
    assert (found.parts[1].low, found.parts[1].high, found.parts[1].missing) == (0, 100, ("figure sales",))


@pytest.mark.parametrize(
    ("fact", "value", "outcome"),
    [
        ("licence", "no", Outcome.FAILED), ("licence", "yes", Outcome.PASSED), ("licence", None, Outcome.UNKNOWN),
        ("suits", 2.0, Outcome.PASSED), ("suits", 2.000001, Outcome.FAILED), ("suits", 0.0, Outcome.PASSED),
        ("suits", None, Outcome.UNKNOWN), ("suits", "many", Outcome.UNKNOWN),
    ],
)  # fmt: skip
def test_a_knock_out_rules_out_and_what_is_not_known_does_not(fact: str, value: Value | None, outcome: Outcome) -> None:
    known = without(GOOD, fact) if value is None else replace(GOOD, facts={**GOOD.facts, fact: value})
    found = evaluate(CARD, known)
    assert {each.knock_out.measure.code: each.outcome for each in found.looked}[fact] is outcome
    assert found.is_out == (outcome is Outcome.FAILED)
    assert found.grade == (None if outcome is Outcome.FAILED else "A")


@pytest.mark.parametrize(("score", "grade"), [(100, "A"), (80, "A"), (79.999999, "B"), (65, "B"), (50, "C"), (0, "D")])
def test_the_edge_belongs_to_the_better_grade(score: float, grade: str) -> None:
    assert grade_of(CARD, score) == grade


@pytest.mark.parametrize(
    ("x", "told"),
    [
        (0.0000005, "0.000001"),
        (-0.0000005, "-0.000001"),
        (0.00000049, "0.000000"),
        (2.0000015, "2.000002"),
        (-0.0, "0.000000"),
    ],
)
def test_a_half_is_rounded_away_from_zero(x: float, told: str) -> None:
    assert str(stored(x)) == told
    assert rounded(x) == float(told)


KNOWN = st.one_of(st.none(), st.floats(-20, 40))
RATINGS = st.one_of(st.none(), st.lists(st.integers(1, 5), min_size=1, max_size=4))


@given(KNOWN, KNOWN, st.one_of(st.none(), st.floats(-5, 5)), RATINGS)
def test_learning_what_is_missing_ends_within_the_interval(
    years: float | None, owed: float | None, sales: float | None, ratings: list[int] | None
) -> None:
    facts = {code: each for code, each in (("years", years), ("owed", owed)) if each is not None}
    figures = {} if sales is None else {"sales": sales}
    given_points = {f"r{n}": {"will": each} for n, each in enumerate(ratings or [])}
    found = evaluate(CARD, Known("c", facts, figures, given_points))
    assert 0 <= found.low <= found.high <= 100
    full = Known(
        "c", {"years": 3.0, "owed": 1.0, **facts}, {"sales": 2.0, **figures}, given_points or {"r": {"will": 3}}
    )
    known = evaluate(CARD, full)
    assert found.low - 2e-6 <= known.low <= found.high + 2e-6
    # Every share by itself: a slow sum over the criteria, in the order against that of the card.
    assert found.low == pytest.approx(sum(each.low_share for each in reversed(found.parts)), abs=4e-6)


@given(st.floats(0, 40), st.floats(0, 40))
def test_more_is_never_worth_less_where_more_is_better(one: float, other: float) -> None:
    low, high = sorted((one, other))
    for made in (YEARS, STEPS):
        assert value_of(made, low) <= value_of(made, high)


def test_a_judged_criterion_of_one_alone() -> None:
    card = replace(CARD, criteria=(criterion("will", None, judged=ANCHORS),), knock_outs=())
    assert [evaluate(card, Known("c", ratings={"a": {"will": n}})).low for n in range(1, 6)] == [0, 25, 50, 75, 100]
