"""Whether raters agree, held against sums of squares by hand."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel.vetting.rules.agreement import agree, concordance, intraclass

TABLES = st.integers(2, 5).flatmap(
    lambda k: st.lists(st.lists(st.integers(1, 5), min_size=k, max_size=k), min_size=2, max_size=7)
)


def by_hand(table: list[list[int]]) -> tuple[float, float]:
    """(2,k) and its parts by sums over every cell."""
    n, k = len(table), len(table[0])
    mean = sum(map(sum, table)) / (n * k)
    rows = [sum(row) / k for row in table]
    columns = [sum(column) / n for column in zip(*table, strict=True)]
    between = k * sum((row - mean) ** 2 for row in rows) / (n - 1)
    raters = n * sum((column - mean) ** 2 for column in columns) / (k - 1)
    error = sum((table[i][j] - rows[i] - columns[j] + mean) ** 2 for i, j in itertools.product(range(n), range(k))) / (
        (n - 1) * (k - 1)
    )
    return between - error, between + (raters - error) / n


def concordance_by_hand(table: list[list[int]]) -> float | None:
    m, n = len(table), len(table[0])
    ranks = [[sum(o < x for o in row) + (sum(o == x for o in row) + 1) / 2 for x in row] for row in table]
    sums = [sum(column) for column in zip(*ranks, strict=True)]
    spread = sum((each - m * (n + 1) / 2) ** 2 for each in sums)
    ties = sum(sum(row.count(x) ** 3 - row.count(x) for x in set(row)) for row in table)
    beneath = m * m * (n**3 - n) - m * ties
    return 12 * spread / beneath if beneath else None


@given(TABLES)
def test_the_panel_correlation_is_that_of_the_sums(table: list[list[int]]) -> None:
    found = intraclass(table)
    above, beneath = by_hand(table)
    if found is None:
        assert all(len(set(column)) == 1 for column in zip(*table, strict=True))
    else:
        assert found.of_panel == pytest.approx(above / beneath if above > 1e-12 else 0, abs=2e-6)
        assert 0 <= found.of_panel <= 1


@given(TABLES)
def test_concordance_is_that_of_the_ranks(table: list[list[int]]) -> None:
    found, expected = concordance(table), concordance_by_hand(table)
    assert (found is None) == (expected is None)
    if found is not None:
        assert found.w == pytest.approx(expected, abs=2e-6)
        assert 0 <= found.w <= 1


@given(TABLES, st.integers(-3, 3))
def test_moving_all_ratings_alike_changes_nothing(table: list[list[int]], by: int) -> None:
    moved = [[each + by for each in row] for row in table]
    assert intraclass(moved) == intraclass(table)
    assert concordance(moved) == concordance(table)


def test_raters_that_contradict_one_another_most_do_not_agree() -> None:
    # The plain formula gives 3.0 here, which is above any threshold.
    table = [[1, 3], [3, 1], [2, 2]]
    assert intraclass(table).of_panel == 0
    assert not agree(table, table, 0.5).agrees


def test_raters_that_are_one_agree_wholly() -> None:
    found = agree([[1, 1], [2, 2], [4, 4]], [[1, 1]], 0.5)
    assert (found.agrees, found.intraclass, found.concordance, found.few) == (True, 1, 1, False)


@pytest.mark.parametrize(
    ("objects", "points", "agrees"),
    [
        ([[3, 4], [1, 2]], [[3, 4], [1, 2]], True),
        ([[3, 4], [1, 2]], [[3, 4], [1, 3]], False),
        ([[3, 3, 4]], [[3, 3, 4]], True),
        ([[3, 3, 3], [3, 3, 3], [3, 3, 3]], [[3, 3, 3]], True),
        ([[2, 4], [2, 4], [2, 4]], [[2, 4]], False),
        ([[2, 3], [2, 3], [2, 3]], [[2, 3]], True),
    ],
)
def test_with_few_objects_or_none_told_apart_two_may_be_one_point_apart(
    objects: list[list[int]], points: list[list[int]], agrees: bool
) -> None:
    found = agree(objects, points, 0.5)
    assert (found.agrees, found.few, found.intraclass) == (agrees, True, None)


def test_the_threshold_itself_agrees() -> None:
    table = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    assert agree(table, table, 0.620051).agrees
    assert not agree(table, table, 0.620052).agrees


@pytest.mark.parametrize("objects", [[], [[3], [4], [2]]])
def test_before_there_are_two_raters_nothing_is_told(objects: list[list[int]]) -> None:
    assert agree(objects, [[3]], 0.5) is None


@pytest.mark.parametrize("table", [[[2, 2, 2], [5, 5, 5]], [[1], [2]], [[1, 2]]])
def test_without_an_order_there_is_no_concordance(table: list[list[int]]) -> None:
    assert concordance(table) is None
