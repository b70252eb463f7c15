"""The best of several, held against slow computations."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel.vetting.rules.comparing import acceptability, compare, places_of, stability, topsis
from channel.vetting.rules.evaluating import Known, evaluate
from tests.make.scorecards import CARD, GOOD

Table = list[list[int]]
TABLES = st.tuples(st.integers(2, 5), st.integers(2, 5)).flatmap(
    lambda shape: st.tuples(
        st.lists(
            st.lists(st.integers(0, 20), min_size=shape[1], max_size=shape[1]), min_size=shape[0], max_size=shape[0]
        ),
        st.lists(st.integers(1, 9), min_size=shape[1], max_size=shape[1]),
    )
)


def drawing(seed: int = 7) -> np.random.Generator:
    return np.random.default_rng(seed)


def wins(values: Table, weights: Sequence[float], first: int) -> bool:
    totals = [sum(w * v for w, v in zip(weights, row, strict=True)) for row in values]
    return totals[first] >= max(totals) - 1e-9


def with_weight(weights: list[int], place: int, share: float) -> list[float]:
    rest = sum(weights) - weights[place]
    return [share if n == place else (1 - share) * each / rest for n, each in enumerate(weights)]


@given(TABLES)
def test_within_the_interval_the_first_stays_and_beyond_it_does_not(made: tuple[Table, list[int]]) -> None:
    values, weights = made
    totals = [sum(w * v for w, v in zip(weights, row, strict=True)) for row in values]
    first = totals.index(max(totals))
    if totals.count(max(totals)) > 1:
        return
    codes = [str(n) for n in range(len(weights))]
    for place, found in enumerate(stability(codes, np.array(values, float), np.array(weights, float), first)):
        for step in range(41):
            share = step / 40
            if found.low + 2e-6 <= share <= found.high - 2e-6:
                assert wins(values, with_weight(weights, place, share), first)
            if share < found.low - 2e-6 or share > found.high + 2e-6:
                assert not wins(values, with_weight(weights, place, share), first)


@given(TABLES)
def test_topsis_is_that_of_the_book(made: tuple[Table, list[int]]) -> None:
    values, weights = made
    found = topsis(np.array(values, float), np.array(weights, float))
    columns = list(zip(*values, strict=True))
    lengths = [sum(each**2 for each in column) ** 0.5 for column in columns]
    held = [
        [w * v / length if length else 0 for w, v, length in zip(weights, row, lengths, strict=True)] for row in values
    ]
    best = [max(column) for column in zip(*held, strict=True)]
    worst = [min(column) for column in zip(*held, strict=True)]
    for row, near in zip(held, found, strict=True):
        up = sum((a - b) ** 2 for a, b in zip(row, best, strict=True)) ** 0.5
        down = sum((a - b) ** 2 for a, b in zip(row, worst, strict=True)) ** 0.5
        assert near == pytest.approx(down / (up + down) if up + down else 0.5)


def shares(values: Table, least: list[float] | None = None, most: list[float] | None = None) -> Sequence[float] | None:
    count = len(values[0])
    return acceptability(
        np.array(values, float), np.array(least or [0.0] * count), np.array(most or [1.0] * count), drawing()
    ).shares


def test_shares_are_those_of_the_areas_of_the_simplex() -> None:
    # Each is first where its own criterion weighs most: a third of the triangle.
    assert shares([[1, 0, 0], [0, 1, 0], [0, 0, 1]]) == pytest.approx([1 / 3] * 3, abs=0.015)
    # The first is ahead where w1 > 0.75: a quarter of the line.
    assert shares([[1, 0], [0, 3]]) == pytest.approx([0.25, 0.75], abs=0.015)
    # Of three weights one is above a half on a quarter of the triangle.
    assert shares([[2, 0, 0], [1, 1, 1]]) == pytest.approx([0.25, 0.75], abs=0.015)


def test_ties_share_the_place() -> None:
    assert shares([[5, 5], [5, 5]]) == (0.5, 0.5)
    assert shares([[9, 9], [1, 1], [9, 9]]) == (0.5, 0, 0.5)
    many = [[n % 7 * 3.1 for n in range(30)]] * 13
    # Each share is rounded for itself.
    assert sum(shares(many)) == pytest.approx(1, abs=13 * 5e-7)
    assert shares(many) == pytest.approx([1 / 13] * 13, abs=1e-6)


def test_weights_are_drawn_within_their_bounds() -> None:
    # Between 0.7 and 0.8 the first is ahead above 0.75, which is half of that.
    found = acceptability(np.array([[1.0, 0], [0, 3]]), np.array([0.7, 0]), np.array([0.8, 1]), drawing())
    assert found.shares == pytest.approx((0.5, 0.5), abs=0.02)
    assert found.accepted == 10_000
    assert 90_000 <= found.drawn <= 120_000


def test_of_too_few_within_the_bounds_no_share_is_told() -> None:
    found = acceptability(np.array([[1.0, 0], [0, 3]]), np.array([0.7, 0]), np.array([0.7001, 1]), drawing())
    assert (found.shares, found.drawn) == (None, 1_000_000)
    assert 0 < found.accepted < 1000


def test_the_same_seed_gives_the_same_shares() -> None:
    values = np.array([[3.0, 5, 1], [4, 2, 3], [1, 4, 4]])
    none, whole = np.zeros(3), np.ones(3)
    found = acceptability(values, none, whole, drawing(1))
    assert found == acceptability(values, none, whole, drawing(1))
    assert found != acceptability(values, none, whole, drawing(2))
    slow = [0.0] * 3
    for row in drawing(1).standard_exponential((10_000, 3)).tolist():
        totals = [sum(w * v for w, v in zip(row, each, strict=True)) for each in values.tolist()]
        slow[totals.index(max(totals))] += 1 / 10_000
    assert found.shares == pytest.approx(slow, abs=1e-6)


@given(st.lists(st.integers(0, 5), min_size=1))
def test_places_are_shared_by_those_alike_and_passed_over(scores: list[int]) -> None:
    found = places_of(scores)
    ordered = sorted(zip(found, scores, strict=True))
    assert ordered[0][0] == 1
    for number, ((place, score), (next_place, next_score)) in enumerate(pairwise(ordered), 2):
        assert next_place == (place if score == next_score else number)


POOR = replace(GOOD, code="poor", facts={**GOOD.facts, "years": 1.0})
UNSURE = replace(GOOD, code="unsure", facts={code: each for code, each in GOOD.facts.items() if code != "years"})
OUT = replace(GOOD, code="out", facts={**GOOD.facts, "years": 10.0, "licence": "no"})


def held(*known: Known) -> object:
    return compare([evaluate(CARD, each) for each in known], drawing())


def test_who_is_ruled_out_is_not_ranked() -> None:
    found = held(OUT, POOR, GOOD)
    assert [(each.code, each.place) for each in found.ranked] == [("good", 1), ("poor", 2)]
    assert (found.agree, found.agree_on_first, found.is_open) == (True, True, False)
    assert [each.first_share for each in found.ranked] == [1, 0]
    assert found.most_critical is None
    assert held(OUT, GOOD) is None


def test_where_intervals_overlap_the_order_is_open() -> None:
    found = held(UNSURE, GOOD, POOR)
    assert [(each.code, each.open_with) for each in found.ranked] == [
        ("good", ("unsure",)), ("unsure", ("good", "poor")), ("poor", ("unsure",)),
    ]  # fmt: skip


def test_those_alike_share_the_first_place_and_nothing_is_said_of_weights() -> None:
    found = held(GOOD, replace(GOOD, code="twin"), POOR)
    assert [(each.code, each.place, each.topsis_place) for each in found.ranked] == [
        ("good", 1, 1), ("twin", 1, 1), ("poor", 3, 3),
    ]  # fmt: skip
    assert (found.stable, found.most_critical, found.is_open) == ((), None, False)
    assert [each.first_share for each in found.ranked] == [0.5, 0.5, 0]


def test_the_criterion_that_changes_the_order_soonest_is_the_critical_one() -> None:
    keen = replace(POOR, code="keen", facts={**GOOD.facts, "years": 6.0}, ratings={"anna": {"will": 5}})
    found = held(GOOD, keen)
    # Ahead by 20 on years and behind by 12.5 on will: 20 x (1 - w) x 2/3 against 12.5 x w, level at w = 0.516129.
    # And 20 x w against 12.5 x (1 - w) / 2, level at w = 0.238095: years is 0.261905 from there, will 0.266129.
    assert {each.criterion: each.low for each in found.stable}["years"] == 0.238095
    assert found.most_critical == "years"
    assert {each.criterion: each.high for each in found.stable}["will"] == 0.516129


def test_bounds_of_the_scorecard_hold_when_weights_are_drawn() -> None:
    tight = [
        replace(each, least=Decimal("0.2"), most=Decimal("0.3")) if each.code == "will" else each
        for each in CARD.criteria
    ]
    card = replace(CARD, criteria=tuple(tight))
    found = compare([evaluate(card, GOOD), evaluate(card, POOR)], drawing())
    assert found.acceptability.accepted == 10_000
    assert found.acceptability.drawn > 40_000
