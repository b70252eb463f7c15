"""Whether raters agree: intraclass correlations (Shrout and Fleiss 1979), Kendall's W, and the rule for few objects."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from channel.vetting.rules.rounding import rounded

Ratings = Sequence[Sequence[float]]
_FEWEST_RATERS = 2
_FEWEST_OBJECTS = 3
_MOST_APART = 1


@dataclass(frozen=True, slots=True)
class Intraclass:
    """The six intraclass correlations; `of_panel` is (2,k), which counts.

    One whose estimate of the variance between objects is not above 0 is 0: there is no agreement beyond chance. The
    plain formula is below 0 there, and passes through infinity to above 1 where raters contradict one another most.
    """

    one_way: float
    of_rater: float
    consistent: float
    one_way_of_panel: float
    of_panel: float
    consistent_of_panel: float


@dataclass(frozen=True, slots=True)
class Concordance:
    """Kendall's W from 0 to 1, corrected for ties, and its chi square with objects - 1 degrees of freedom."""

    w: float
    chi_square: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether a panel agrees. `few` where that is told by how far apart two are, since nothing can be correlated."""

    agrees: bool
    raters: int
    objects: int
    intraclass: float | None
    concordance: float | None
    apart: float
    few: bool


def intraclass(ratings: Ratings) -> Intraclass | None:
    """How far raters agree, a row for each object and a column for each rater.

    None with fewer than two of either, and where no rater tells one object from another.
    """
    table = np.asarray(ratings, dtype=np.float64)
    if table.ndim != 2 or min(table.shape) < _FEWEST_RATERS or np.ptp(table, axis=0).max() == 0:  # noqa: PLR2004
        return None
    n, k = table.shape
    # Counted from one of the ratings nothing is lost to large figures.
    table = table - table[0, 0]
    rows, columns, mean = table.mean(axis=1), table.mean(axis=0), table.mean()
    between = float(k * ((rows - mean) ** 2).sum() / (n - 1))
    raters = float(n * ((columns - mean) ** 2).sum() / (k - 1))
    error = float(((table - rows[:, None] - columns + mean) ** 2).sum() / ((n - 1) * (k - 1)))
    within = float(((table - rows[:, None]) ** 2).sum() / (n * (k - 1)))
    return Intraclass(
        _share(between - within, between + (k - 1) * within),
        _share(between - error, between + (k - 1) * error + k * (raters - error) / n),
        _share(between - error, between + (k - 1) * error),
        _share(between - within, between),
        _share(between - error, between + (raters - error) / n),
        _share(between - error, between),
    )


def _share(above: float, beneath: float) -> float:
    return rounded(above / beneath) if above > 0 else 0.0


def concordance(ratings: Ratings) -> Concordance | None:
    """How far raters put objects in the same order, a row for each rater and a column for each object.

    None with fewer than two of either, and where every rater puts all objects in one place.
    """
    table = np.asarray(ratings, dtype=np.float64)
    if table.ndim != 2 or min(table.shape) < _FEWEST_RATERS:  # noqa: PLR2004
        return None
    m, n = table.shape
    sums = np.zeros(n)
    ties = 0
    for row in table:
        _, places, counts = np.unique(row, return_inverse=True, return_counts=True)
        sums += (np.cumsum(counts) - (counts - 1) / 2)[places]
        ties += int((counts**3 - counts).sum())
    beneath = m * m * (n**3 - n) - m * ties
    if beneath == 0:
        return None
    w = float(12 * ((sums - sums.mean()) ** 2).sum() / beneath)
    return Concordance(rounded(w), rounded(m * (n - 1) * w))


def agree(objects: Ratings, points: Sequence[Sequence[float]], least: float) -> Agreement | None:
    """Whether raters agree on objects, a row for each object with the raters' figures in their order.

    `points` has a row for each criterion of each candidate, with the same raters' points. With fewer than three
    objects, or none told from another, two raters may be 1 point apart on any criterion. None before there are two
    raters.
    """
    raters = len(objects[0]) if objects else 0
    if raters < _FEWEST_RATERS:
        return None
    found = intraclass(objects) if len(objects) >= _FEWEST_OBJECTS else None
    order = concordance(list(zip(*objects, strict=True)))
    apart = max(max(row) - min(row) for row in points)
    agrees = apart <= _MOST_APART if found is None else found.of_panel >= least
    return Agreement(
        agrees,
        raters,
        len(objects),
        found.of_panel if found else None,
        order.w if order else None,
        apart,
        found is None,
    )
