"""Weights from comparison in pairs (AHP): the principal eigenvector, and how consistent the judgements are.

What was not compared takes the value that makes the greatest eigenvalue least (Bozoki, Fulop and Ronyai 2010). The
consistency ratio is that of the mean inconsistency to that of judgements by chance, which tables give by size.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from channel.vetting.rules.rounding import rounded
from channel.vetting.rules.scorecard import RandomIndex

Matrix = NDArray[np.float64]
Pair = tuple[int, int]

MOST = 10
"""The tables end here, and nobody compares more in pairs."""
MOST_INCONSISTENT = 0.10
"""The consistency ratio up to which weights are taken from judgements."""
_FIRST = 3
_INDICES: Mapping[RandomIndex, tuple[float, ...]] = MappingProxyType(
    {
        RandomIndex.SAATY_1980: (0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.51),
        RandomIndex.SAATY_2005: (0.52, 0.89, 1.11, 1.25, 1.35, 1.40, 1.45, 1.49),
        RandomIndex.DONEGAN_DODD: (0.4914, 0.8286, 1.0591, 1.1797, 1.2519, 1.3171, 1.3733, 1.4055),
    }
)
_ROUNDS = 1000
_STILL = 1e-13


def random_index(table: RandomIndex, size: int) -> float:
    """The random index of so many things, 3 to 10; `KeyError` beyond."""
    if not _FIRST <= size <= MOST:
        raise KeyError(size)
    return _INDICES[table][size - _FIRST]


@dataclass(frozen=True, slots=True)
class Hurts:
    """The judgement without which the others are most consistent: what they imply in its place, and the ratio then."""

    pair: Pair
    implied: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Weighed:
    """Weights that sum to 1, how consistent the judgements are by the table that is named, and what was filled in."""

    weights: tuple[float, ...]
    lambda_max: float
    index: float
    ratio: float
    table: RandomIndex
    filled: Mapping[Pair, float]
    hurts: Hurts | None

    @property
    def is_consistent(self) -> bool:
        """Whether weights may be taken from it: the ratio is at most 0.10."""
        return self.ratio <= MOST_INCONSISTENT


def is_joined(size: int, pairs: Sequence[Pair]) -> bool:
    """Whether each thing is compared with each other, directly or by way of others."""
    reached, edge = {0}, [0]
    while edge:
        here = edge.pop()
        near = {b if a == here else a for a, b in pairs if here in {a, b}} - reached
        reached |= near
        edge += near
    return len(reached) == size


def weigh(size: int, judged: Mapping[Pair, float], table: RandomIndex) -> Weighed:
    """Weights of things 0 to size - 1 from judgements: (i, j) is how many times as much i weighs as j.

    Each pair is judged once, or left out. `ValueError` where a judgement is not above 0, and where things are not
    joined by judgements, since then no weights follow; `KeyError` beyond the size of the table.
    """
    if size > MOST:
        raise KeyError(size)
    if any(not 0 < times < math.inf for times in judged.values()):
        raise ValueError("a judgement is not above 0")
    if not is_joined(size, list(judged)):
        raise ValueError("the judgements do not join all that is to be weighed")
    filled, matrix = _filled(size, judged)
    greatest, right, _ = _principal(matrix)
    return Weighed(
        tuple(map(rounded, right / right.sum())),
        rounded(greatest),
        rounded(_index(greatest, size)),
        rounded(_ratio(greatest, size, table)),
        table,
        MappingProxyType({pair: rounded(times) for pair, times in filled.items()}),
        _what_hurts(size, judged, table, _ratio(greatest, size, table)),
    )


def column_average(matrix: Matrix) -> Matrix:
    """Weights as they are approximated by hand, the mean of the columns each divided by its sum: to compare only."""
    means: Matrix = (matrix / matrix.sum(axis=0)).mean(axis=1)
    return means


def _index(greatest: float, size: int) -> float:
    return max(0.0, (greatest - size) / (size - 1)) if size >= _FIRST else 0.0


def _ratio(greatest: float, size: int, table: RandomIndex) -> float:
    return _index(greatest, size) / random_index(table, size) if size >= _FIRST else 0.0


def _what_hurts(size: int, judged: Mapping[Pair, float], table: RandomIndex, ratio: float) -> Hurts | None:
    """Each judgement is left out in its turn; None where that makes nothing more consistent."""
    found: Hurts | None = None
    for pair in judged:
        others = {each: times for each, times in judged.items() if each != pair}
        if not is_joined(size, list(others)):
            continue
        filled, matrix = _filled(size, others)
        left = rounded(_ratio(_principal(matrix)[0], size, table))
        if left < (rounded(ratio) if found is None else found.ratio):
            implied = filled.get(pair) or 1 / filled[pair[1], pair[0]]
            found = Hurts(pair, rounded(implied), left)
    return found


def _filled(size: int, judged: Mapping[Pair, float]) -> tuple[dict[Pair, float], Matrix]:
    """The whole matrix, and what was filled in above its diagonal.

    The greatest eigenvalue is convex in the logarithms of what is missing. Its slope by the one of i over j is 0 where
    that is d_i / d_j, d being the root of the right eigenvector over the left one: what is missing is put there, all at
    once, until nothing moves. It begins with what the judgements imply by least squares of logarithms, which is the end
    already where no judgement contradicts another.
    """
    matrix = np.ones((size, size))
    for (one, other), times in judged.items():
        matrix[one, other], matrix[other, one] = times, 1 / times
    known = {frozenset(pair) for pair in judged}
    missing = [pair for pair in itertools.combinations(range(size), 2) if frozenset(pair) not in known]
    if missing:
        rows, columns = (np.array(side) for side in zip(*missing, strict=True))
        worth = _least_squares(size, judged)
        for _ in range(_ROUNDS):
            moved = np.abs(np.log(matrix[rows, columns] * worth[columns] / worth[rows])).max()
            matrix[rows, columns] = worth[rows] / worth[columns]
            matrix[columns, rows] = worth[columns] / worth[rows]
            if moved < _STILL:
                break
            _, right, left = _principal(matrix)
            worth = np.sqrt(right / left)
    return {pair: float(matrix[pair]) for pair in missing}, matrix


def _least_squares(size: int, judged: Mapping[Pair, float]) -> Matrix:
    """What each weighs so that the logarithms of the judgements are missed least, in squares."""
    rows = np.zeros((len(judged), size))
    for place, (one, other) in enumerate(judged):
        rows[place, one], rows[place, other] = 1, -1
    told = np.array([math.log(times) for times in judged.values()])
    worth: Matrix = np.exp(np.linalg.lstsq(rows, told, rcond=None)[0])
    return worth


def _principal(matrix: Matrix) -> tuple[float, Matrix, Matrix]:
    """The greatest eigenvalue of a positive matrix with its right and left eigenvectors, both positive."""
    values, vectors = np.linalg.eig(matrix)
    place = int(np.argmax(values.real))
    right = np.abs(vectors[:, place].real)
    back, turned = np.linalg.eig(matrix.T)
    left = np.abs(turned[:, int(np.argmax(back.real))].real)
    return float(values[place].real), right, left
