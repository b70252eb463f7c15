"""Weights from comparison in pairs, held against slow computations."""

import itertools
import math
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel.vetting.rules.pairwise import Matrix, is_joined, weigh
from channel.vetting.rules.scorecard import RandomIndex

Judged = dict[tuple[int, int], float]
TABLE = RandomIndex.SAATY_2005
SCALE = [1 / n for n in range(9, 1, -1)] + [float(n) for n in range(1, 10)]


@st.composite
def judgements(draw: st.DrawFn, least: int = 3, most: int = 6, *, missing: bool = True) -> tuple[int, Judged]:
    size = draw(st.integers(least, most))
    pairs = list(itertools.combinations(range(size), 2))
    judged = {pair: draw(st.sampled_from(SCALE)) for pair in pairs}
    if missing:
        for pair in draw(st.sets(st.sampled_from(pairs), max_size=len(pairs) // 2)):
            if is_joined(size, [each for each in judged if each != pair]):
                del judged[pair]
    return size, judged


def greatest(size: int, filled: Judged) -> tuple[float, Matrix]:
    """The greatest eigenvalue by multiplying a vector with the matrix, again and again."""
    matrix = np.ones((size, size))
    for (i, j), times in filled.items():
        matrix[i, j], matrix[j, i] = times, 1 / times
    vector = np.ones(size) / size
    for _ in range(200):
        product = matrix @ vector
        value, vector = product.sum(), product / product.sum()
    return value, vector


@given(judgements())
def test_the_weights_are_the_vector_that_multiplying_comes_to(made: tuple[int, Judged]) -> None:
    size, judged = made
    found = weigh(size, judged, TABLE)
    value, vector = greatest(size, {**judged, **found.filled})
    assert found.lambda_max == pytest.approx(value, abs=2e-5)
    assert found.weights == pytest.approx(vector, abs=2e-5)
    assert sum(found.weights) == pytest.approx(1, abs=1e-5)


@given(judgements())
def test_no_other_value_in_the_place_of_a_missing_one_is_more_consistent(made: tuple[int, Judged]) -> None:
    size, judged = made
    found = weigh(size, judged, TABLE)
    assert set(found.filled) == set(itertools.combinations(range(size), 2)) - set(judged)
    least, _ = greatest(size, {**judged, **found.filled})
    for pair, times in found.filled.items():
        for factor in (0.5, 0.97, 1.03, 2):
            other, _ = greatest(size, {**judged, **found.filled, pair: times * factor})
            assert other >= least - 1e-9


@given(st.lists(st.floats(0.2, 5), min_size=3, max_size=10), st.randoms())
def test_judgements_that_agree_give_their_weights_back_however_many_are_left_out(
    worths: list[float], random: Random
) -> None:
    size = len(worths)
    order = list(range(size))
    random.shuffle(order)
    judged = {(a, b): worths[a] / worths[b] for a, b in itertools.pairwise(order)}
    found = weigh(size, judged, TABLE)
    assert found.weights == pytest.approx([each / sum(worths) for each in worths], abs=2e-6)
    assert found.ratio == 0
    assert found.hurts is None


@given(judgements(least=3, most=4, missing=False))
def test_what_hurts_most_is_the_one_whose_mending_helps_most(made: tuple[int, Judged]) -> None:
    size, judged = made
    found = weigh(size, judged, TABLE)
    ratios = {}
    for pair in judged:
        others = {each: times for each, times in judged.items() if each != pair}
        ratios[pair] = weigh(size, others, TABLE).ratio
    if found.hurts is None:
        assert min(ratios.values()) >= found.ratio
    else:
        assert found.hurts.ratio == pytest.approx(min(ratios.values()), abs=2e-6)
        mended = weigh(size, {**judged, found.hurts.pair: found.hurts.implied}, TABLE)
        assert mended.ratio == pytest.approx(found.hurts.ratio, abs=1e-4)


@given(judgements(missing=False), st.randoms())
def test_the_order_in_which_things_are_named_does_not_matter(made: tuple[int, Judged], random: Random) -> None:
    size, judged = made
    order = list(range(size))
    random.shuffle(order)
    turned = weigh(size, {(order[i], order[j]): times for (i, j), times in judged.items()}, TABLE)
    found = weigh(size, judged, TABLE)
    assert [turned.weights[order[i]] for i in range(size)] == pytest.approx(found.weights, abs=2e-6)
    assert turned.ratio == pytest.approx(found.ratio, abs=2e-6)


def test_a_planted_contradiction_is_pointed_out() -> None:
    worth = [8, 4, 2, 1]
    judged = {(i, j): worth[i] / worth[j] for i, j in itertools.combinations(range(4), 2)}
    found = weigh(4, {**judged, (0, 3): 1 / 8}, TABLE)
    assert not found.is_consistent
    assert found.hurts.pair == (0, 3)
    assert found.hurts.implied == pytest.approx(8)
    assert found.hurts.ratio == 0


@pytest.mark.parametrize(
    ("size", "judged", "weights"),
    [(1, {}, (1.0,)), (2, {(0, 1): 3.0}, (0.75, 0.25)), (2, {(1, 0): 3.0}, (0.25, 0.75))],
)
def test_one_and_two_things_are_always_consistent(size: int, judged: Judged, weights: tuple[float, ...]) -> None:
    found = weigh(size, judged, TABLE)
    assert (found.weights, found.index, found.ratio) == (weights, 0, 0)


@pytest.mark.parametrize(
    ("size", "judged", "wrong"),
    [
        (3, {(0, 1): 2.0}, ValueError),
        (4, {(0, 1): 2.0, (2, 3): 2.0}, ValueError),
        (2, {(0, 1): 0.0}, ValueError),
        (2, {(0, 1): math.inf}, ValueError),
        (2, {(0, 1): math.nan}, ValueError),
        (11, {(0, n): 2.0 for n in range(1, 11)}, KeyError),
    ],
)
def test_what_no_weights_follow_from_is_refused(size: int, judged: Judged, wrong: type[Exception]) -> None:
    with pytest.raises(wrong):
        weigh(size, judged, TABLE)


def test_a_ratio_of_exactly_a_tenth_is_consistent() -> None:
    found = weigh(3, {(0, 1): 2.0, (0, 2): 4.0, (1, 2): 2.0}, TABLE)
    assert found.is_consistent
    edge = type(found)(found.weights, 3.0, 0.1, 0.10, TABLE, {}, None)
    assert edge.is_consistent
    assert not type(found)(found.weights, 3.0, 0.1, 0.100001, TABLE, {}, None).is_consistent
