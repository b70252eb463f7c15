"""Every record of published and own worked examples, by its name."""

import math
from collections.abc import Collection, Sequence

import numpy as np
import pytest

from channel.vetting.rules.agreement import concordance, intraclass
from channel.vetting.rules.comparing import normalised, stability, topsis, weighted_sum
from channel.vetting.rules.pairwise import Weighed, column_average, random_index, weigh
from channel.vetting.rules.scorecard import RandomIndex

DRINKS = [
    [1, 9, 5, 2, 1, 1, 1 / 2],
    [1 / 9, 1, 1 / 3, 1 / 9, 1 / 9, 1 / 9, 1 / 9],
    [1 / 5, 3, 1, 1 / 3, 1 / 4, 1 / 3, 1 / 9],
    [1 / 2, 9, 3, 1, 1 / 2, 1, 1 / 3],
    [1, 9, 4, 2, 1, 2, 1 / 2],
    [1, 9, 3, 1, 1 / 2, 1, 1 / 3],
    [2, 9, 9, 3, 2, 3, 1],
]
FOUR = [[1, 1, 5, 2], [1, 1, 3, 4], [1 / 5, 1 / 3, 1, 3 / 4], [1 / 2, 1 / 4, 4 / 3, 1]]
HAND = [[1, 5, 6], [1 / 5, 1, 1 / 3], [1 / 6, 3, 1]]
CHANNEL = (np.array([0.15, 0.20, 0.30, 0.15, 0.20]), np.array([[60.0, 70, 80, 60, 75], [60, 60, 70, 60, 80]]))


def of(matrix: Sequence[Sequence[float]], but: Collection[tuple[int, int]] = ()) -> dict[tuple[int, int], float]:
    """The judgements above the diagonal."""
    size = range(len(matrix))
    return {(i, j): matrix[i][j] for i in size for j in size if i < j and (i, j) not in but}


def weighed(
    matrix: Sequence[Sequence[float]],
    table: RandomIndex = RandomIndex.SAATY_2005,
    but: Collection[tuple[int, int]] = (),
) -> Weighed:
    return weigh(len(matrix), of(matrix, but), table)


def test_ahp_drinks() -> None:
    found = weighed(DRINKS)
    assert found.weights == pytest.approx((0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327), abs=6e-4)
    assert found.ratio == pytest.approx(0.022, abs=6e-4)


def test_ahp_drinks_cr_by_ri() -> None:
    assert weighed(DRINKS, RandomIndex.DONEGAN_DODD).ratio == pytest.approx(0.0235, abs=6e-5)
    assert weighed(DRINKS, RandomIndex.SAATY_1980).ratio == pytest.approx(0.02230165, abs=6e-5)
    assert weighed(DRINKS).lambda_max == pytest.approx(7.17662904, abs=6e-5)


def test_ahp_leader_hierarchy() -> None:
    criteria = weighed([[1, 4, 3, 7], [1 / 4, 1, 1 / 3, 3], [1 / 3, 3, 1, 5], [1 / 7, 1 / 3, 1 / 5, 1]])
    experience = weighed([[1, 1 / 4, 4], [4, 1, 9], [1 / 4, 1 / 9, 1]])
    education = weighed([[1, 3, 1 / 5], [1 / 3, 1, 1 / 7], [5, 7, 1]])
    charisma = weighed([[1, 5, 9], [1 / 5, 1, 4], [1 / 9, 1 / 4, 1]])
    age = weighed([[1, 1 / 3, 5], [3, 1, 9], [1 / 5, 1 / 9, 1]])
    values = np.array([each.weights for each in (experience, education, charisma, age)]).T
    assert criteria.weights == pytest.approx((0.548, 0.127, 0.270, 0.056), abs=1e-3)
    assert weighted_sum(values, np.array(criteria.weights)) == pytest.approx([0.358, 0.493, 0.150], abs=1e-3)
    assert (criteria.ratio, experience.ratio, education.ratio) == pytest.approx((0.044, 0.035, 0.062), abs=1e-3)


def test_ahp_4x4() -> None:
    found = weighed(FOUR, RandomIndex.DONEGAN_DODD)
    assert found.weights == pytest.approx((0.3742, 0.3917, 0.0991, 0.1349), abs=6e-5)
    assert found.ratio == pytest.approx(0.0372, abs=6e-5)


def test_ahp_missing_comparison() -> None:
    found = weighed(FOUR, RandomIndex.DONEGAN_DODD, but={(2, 3)})
    assert found.filled == pytest.approx({(2, 3): 0.7303}, abs=1.2e-4)
    assert found.weights == pytest.approx((0.3738, 0.3920, 0.0985, 0.1357), abs=1.2e-4)
    assert found.ratio == pytest.approx(0.0372, abs=1.2e-4)


def test_ahp_column_average() -> None:
    assert column_average(np.array(HAND)) == pytest.approx([0.702, 0.101, 0.197], abs=7e-4)
    found = weighed(HAND, RandomIndex.SAATY_1980)
    assert found.weights == pytest.approx((0.7215, 0.0942, 0.1843), abs=1e-4)
    assert found.ratio == pytest.approx(0.16, abs=0.005)
    assert not found.is_consistent


def test_ri_tables() -> None:
    tables = {
        RandomIndex.SAATY_1980: (0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.51),
        RandomIndex.SAATY_2005: (0.52, 0.89, 1.11, 1.25, 1.35, 1.40, 1.45, 1.49),
        RandomIndex.DONEGAN_DODD: (0.4914, 0.8286, 1.0591, 1.1797, 1.2519, 1.3171, 1.3733, 1.4055),
    }
    assert {table: tuple(random_index(table, size) for size in range(3, 11)) for table in RandomIndex} == tables


def test_topsis_normalisation() -> None:
    held = normalised(np.array([[17.0, 12], [10, 9], [8, 6]]), np.array([0.714, 0.286]))
    assert held == pytest.approx(np.array([[0.5703, 0.2124], [0.3355, 0.1593], [0.2684, 0.1062]]), abs=1e-4)


def test_topsis_cars() -> None:
    cars = np.array([[7.0, 9, 9, 8], [8, 7, 8, 7], [9, 6, 8, 9], [6, 7, 8, 6]])
    weights = np.array([0.1, 0.4, 0.3, 0.2])
    held = normalised(cars, weights)
    ideal = [*held[:, :3].max(axis=0), held[:, 3].min()]
    assert ideal == pytest.approx([0.059, 0.244, 0.162, 0.080], abs=2e-3)
    near = topsis(cars, weights, cost=[3])
    assert near == pytest.approx([0.7427, 0.4036, 0.1759, 0.4414], abs=1e-4)
    assert int(near.argmax()) == 0


def test_weighted_sum_cn_channel() -> None:
    weights, values = CHANNEL
    assert weighted_sum(values, weights) == pytest.approx([71, 67], abs=1e-9)


def test_weight_stability_interval() -> None:
    weights, values = CHANNEL
    found = stability(["willing", "sales", "credit", "managed", "line"], values, weights, 0)
    assert [(each.low, each.high) for each in found] == [(0, 1)] * 4 + [(0, pytest.approx(0.55555556, abs=1e-6))]
    assert [each.margin for each in found] == [None] * 4 + [pytest.approx(0.355556, abs=1e-6)]


def test_icc_shrout_fleiss() -> None:
    found = intraclass([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
    assert (
        found.one_way, found.of_rater, found.consistent,
        found.one_way_of_panel, found.of_panel, found.consistent_of_panel,
    ) == pytest.approx((0.17, 0.29, 0.71, 0.44, 0.62, 0.91), abs=0.006)  # fmt: skip
    assert found.of_panel == 0.620051


def test_kendall_w_anxiety() -> None:
    found = concordance(
        [
            [3, 3, 3, 4, 5, 5, 2, 3, 5, 2, 2, 6, 1, 5, 2, 2, 1, 2, 4, 3],
            [3, 6, 4, 6, 2, 4, 2, 4, 3, 3, 2, 3, 3, 3, 2, 2, 1, 3, 3, 4],
            [2, 1, 4, 4, 3, 2, 1, 6, 1, 1, 1, 2, 3, 3, 1, 1, 3, 3, 2, 2],
        ]
    )
    assert found.w == pytest.approx(0.5396569, abs=6e-7)
    assert found.chi_square == pytest.approx(30.7604, abs=5e-5)


def test_kendall_w_projects() -> None:
    found = concordance([[1, 3, 2, 5, 4], [2, 1, 3, 4, 5], [3, 1, 2, 5, 4], [3, 2, 1, 4, 5]])
    assert (found.w, found.chi_square) == (0.7625, 12.2)


def test_geometric_means_are_the_eigenvector_of_three() -> None:
    found = weighed(HAND)
    means = [math.prod(row) ** (1 / 3) for row in HAND]
    assert found.weights == pytest.approx([each / sum(means) for each in means], abs=1e-6)
