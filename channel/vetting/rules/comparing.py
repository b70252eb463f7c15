"""The best of several: by weighted sum and by TOPSIS, and how far the order stands when weights are otherwise.

Matrices have a row for each candidate and a column for each criterion. Values are from 0 to 100, more is better.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from channel.vetting.rules.evaluating import Evaluation
from channel.vetting.rules.rounding import rounded

Floats = NDArray[np.float64]
DRAWS, MOST_DRAWS, FEWEST = 10_000, 1_000_000, 1_000
"""Weight vectors that are wanted, that are drawn at most, and below which no share is told."""
_SAME = 1e-9
"""Totals this near are a tie: products of the same figures differ in their last digits by the place of a column."""
_FEWEST_COMPARED = 2


@dataclass(frozen=True, slots=True)
class Stable:
    """The weights of one criterion, both ends included, with which the first stays first.

    `margin` is the least change that overturns the order, None where no weight does.
    """

    criterion: str
    weight: float
    low: float
    high: float
    margin: float | None


@dataclass(frozen=True, slots=True)
class Acceptability:
    """The share of weight vectors under which each candidate is first, ties sharing it.

    None where too few of those drawn were within the bounds.
    """

    shares: tuple[float, ...] | None
    accepted: int
    drawn: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate's places, 1 the first; those alike share one. `open_with` may be before or behind him in truth."""

    code: str
    place: int
    closeness: float
    topsis_place: int
    open_with: tuple[str, ...]
    first_share: float | None


@dataclass(frozen=True, slots=True)
class Compared:
    """Several candidates side by side, the first first. `stable` is empty where the first place is shared."""

    ranked: tuple[Ranked, ...]
    agree_on_first: bool
    agree: bool
    stable: tuple[Stable, ...]
    most_critical: str | None
    acceptability: Acceptability

    @property
    def is_open(self) -> bool:
        """Whether what is not known leaves the order open."""
        return any(each.open_with for each in self.ranked)


def compare(evaluations: Sequence[Evaluation], generator: np.random.Generator) -> Compared | None:
    """Those who are not ruled out side by side; None where fewer than two are left. The generator is used up by it."""
    held = [each for each in evaluations if not each.is_out]
    if len(held) < _FEWEST_COMPARED:
        return None
    parts = held[0].parts
    codes = [part.criterion.code for part in parts]
    weights = np.array([part.weight for part in parts])
    values = np.array([[part.middle for part in each.parts] for each in held])
    scores = [each.middle for each in held]
    near = [rounded(each) for each in topsis(values, weights)]
    places, near_places = places_of(scores), places_of(near)
    first = places.index(1)
    alone = places.count(1) == 1
    stable = stability(codes, values, weights, first) if alone else ()
    drawn = acceptability(
        values,
        np.array([float(part.criterion.least or 0) for part in parts]),
        np.array([1.0 if part.criterion.most is None else float(part.criterion.most) for part in parts]),
        generator,
    )
    ranked = [
        Ranked(
            each.code,
            places[row],
            near[row],
            near_places[row],
            tuple(other.code for other in held if other is not each and overlap(each, other)),
            None if drawn.shares is None else drawn.shares[row],
        )
        for row, each in enumerate(held)
    ]
    ranked.sort(key=lambda each: each.place)
    return Compared(
        tuple(ranked),
        [place == 1 for place in places] == [place == 1 for place in near_places],
        places == near_places,
        stable,
        most_critical(stable),
        drawn,
    )


def places_of(scores: Sequence[float]) -> list[int]:
    """The place of each, 1 that of the greatest; those alike share one, and the next stands behind all of them."""
    return [1 + sum(other > each for other in scores) for each in scores]


def overlap(one: Evaluation, other: Evaluation) -> bool:
    """Whether what is not known could put either before the other."""
    return one.low < other.high and other.low < one.high


def weighted_sum(values: Floats, weights: Floats) -> Floats:
    """What each candidate comes to."""
    total: Floats = values @ weights
    return total


def normalised(values: Floats, weights: Floats) -> Floats:
    """Each criterion over the length of its column, weighted; a column of zeros stays so."""
    lengths = np.sqrt((values**2).sum(axis=0))
    held: Floats = values / np.where(lengths == 0, 1, lengths) * weights
    return held


def topsis(values: Floats, weights: Floats, cost: Sequence[int] = ()) -> Floats:
    """How near each is to the best of all criteria rather than to the worst, from 0 to 1.

    Of the columns in `cost` less is better. Where all are alike each is as near to the one as to the other: a half.
    """
    held = normalised(values, weights)
    sign = np.ones(held.shape[1])
    sign[list(cost)] = -1
    held = held * sign
    best = np.sqrt(((held - held.max(axis=0)) ** 2).sum(axis=1))
    worst = np.sqrt(((held - held.min(axis=0)) ** 2).sum(axis=1))
    both = best + worst
    near: Floats = np.where(both == 0, 0.5, worst / np.where(both == 0, 1, both))
    return near


def stability(codes: Sequence[str], values: Floats, weights: Floats, first: int) -> tuple[Stable, ...]:
    """Of every criterion the weights from 0 to 1 with which the first stays first, all others rescaled pro rata.

    The lead over another is a straight line in the weight; a tie does not overturn.
    """
    weights = weights / weights.sum()
    leads = values[first] - np.delete(values, first, axis=0)
    found = []
    for place, (code, weight) in enumerate(zip(codes, weights.tolist(), strict=True)):
        low, high = _interval(leads, weights, place)
        ways = [abs(edge - weight) for edge, end in ((low, 0.0), (high, 1.0)) if edge != end]
        margin = rounded(min(ways)) if ways and len(codes) > 1 else None
        found.append(Stable(code, rounded(weight), rounded(low), rounded(high), margin))
    return tuple(found)


def _interval(leads: Floats, weights: Floats, place: int) -> tuple[float, float]:
    weight = float(weights[place])
    if len(weights) == 1:
        return 1.0, 1.0
    others = weights.copy()
    others[place] = 0
    at_none = leads @ others / others.sum()
    at_all = leads[:, place]
    low, high = 0.0, 1.0
    for none, whole in zip(at_none.tolist(), at_all.tolist(), strict=True):
        # A lead that is nothing but the dust of a sum is none, so that it overturns nothing.
        if none < -_SAME:
            low = max(low, min(weight, none / (none - whole)))
        if whole < -_SAME:
            high = min(high, max(weight, none / (none - whole)))
    return low, high


def most_critical(stable: Sequence[Stable]) -> str | None:
    """The criterion whose weight has to change least to overturn the order; None where none can."""
    found = [(each.margin, place, each.criterion) for place, each in enumerate(stable) if each.margin is not None]
    return min(found)[2] if found else None


def acceptability(values: Floats, least: Floats, most: Floats, generator: np.random.Generator) -> Acceptability:
    """How often each is first under weights drawn uniformly from all that sum to 1, within bounds by rejection."""
    bounded = bool((least > 0).any() or (most < 1).any())
    firsts = np.zeros(len(values))
    accepted = drawn = 0
    while accepted < DRAWS and drawn < MOST_DRAWS:
        weights = generator.standard_exponential((DRAWS, values.shape[1]))
        drawn += DRAWS
        weights /= weights.sum(axis=1, keepdims=True)
        if bounded:
            weights = weights[((weights >= least) & (weights <= most)).all(axis=1)]
        weights = weights[: DRAWS - accepted]
        accepted += len(weights)
        firsts += _firsts(weights @ values.T)
    if accepted < FEWEST:
        return Acceptability(None, accepted, drawn)
    return Acceptability(tuple(rounded(each) for each in firsts / accepted), accepted, drawn)


def _firsts(totals: Floats) -> Floats:
    """How many times each is first; those that tie share the place."""
    first = totals >= totals.max(axis=1, keepdims=True) - _SAME
    counts = first.sum(axis=1)
    alone = counts == 1
    sums: Floats = first[alone].sum(axis=0, dtype=np.float64)
    if not alone.all():
        sums = sums + (first[~alone] / counts[~alone, None]).sum(axis=0)
    return sums
