"""What a candidate is worth by a scorecard: knock-outs first, then score and grade with the share of every criterion.

What is not known makes an interval, never a zero. A score is from 0 to 100, and every figure is rounded once, here.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from channel.errors import Message, m
from channel.vetting.rules.rounding import rounded
from channel.vetting.rules.scorecard import Criterion, KnockOut, Measure, Measured, Scorecard, Source, Test
from channel.vetting.rules.values import Value, span_of, value_of
from channel.vetting.rules.weights import shares

LOWEST, HIGHEST = 1, 5
"""Points of a judged criterion."""
_MOST_SAID = 3


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a candidate: facts and figures by code, and each rater's points by criterion, all of them."""

    code: str
    facts: Mapping[str, Value] = field(default_factory=dict)
    figures: Mapping[str, Value] = field(default_factory=dict)
    ratings: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def of(self, measure: Measure) -> Value | None:
        """What is known of one thing, None where it is not."""
        return (self.facts if measure.source is Source.FACT else self.figures).get(measure.code)


class Outcome(StrEnum):
    """What became of a knock-out."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


OUTCOME_NAMES: Mapping[Outcome, Message] = MappingProxyType(
    {Outcome.PASSED: m("passed"), Outcome.FAILED: m("ruled out"), Outcome.UNKNOWN: m("not known")}
)


@dataclass(frozen=True, slots=True)
class Looked:
    """A knock-out with what was found; `known` is None where nothing that it could look at is known."""

    knock_out: KnockOut
    known: Value | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Part:
    """A criterion: its weight in the whole, what is known, the value and what of the score it makes.

    `missing` names what would have to be known; the value then lies from `low` to `high`.
    """

    criterion: Criterion
    weight: float
    known: Value | None
    low: float
    high: float
    missing: tuple[str, ...] = ()

    @property
    def middle(self) -> float:
        """The value by which candidates are ranked."""
        return (self.low + self.high) / 2

    @property
    def low_share(self) -> float:
        """What it makes of the score at least."""
        return rounded(self.weight * self.low)

    @property
    def high_share(self) -> float:
        """What it makes of the score at most."""
        return rounded(self.weight * self.high)


@dataclass(frozen=True, slots=True)
class Narrows:
    """By how much the interval of the score would shrink if all of these were known."""

    measures: tuple[str, ...]
    by: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The evaluation of one candidate; `grade` is that of the lower end, None for who is ruled out."""

    code: str
    looked: tuple[Looked, ...]
    parts: tuple[Part, ...]
    low: float
    high: float
    grade: str | None
    narrows: tuple[Narrows, ...]
    strengths: tuple[Message, ...]
    gaps: tuple[Message, ...]

    @property
    def is_out(self) -> bool:
        """Whether a knock-out rules the candidate out."""
        return any(each.outcome is Outcome.FAILED for each in self.looked)

    @property
    def middle(self) -> float:
        """The middle of the interval, by which candidates are ranked."""
        return rounded((self.low + self.high) / 2)

    @property
    def narrows_most(self) -> Narrows | None:
        """What would narrow the interval most, None where all is known."""
        return self.narrows[0] if self.narrows else None


def evaluate(card: Scorecard, known: Known) -> Evaluation:
    """What a candidate is worth by what is known of him alone."""
    weights = shares(card)
    looked = tuple(_look(each, known) for each in card.knock_outs)
    parts = tuple(_part(each, weights[each.code], known) for each in card.leaves)
    low = rounded(sum(each.weight * each.low for each in parts))
    high = rounded(sum(each.weight * each.high for each in parts))
    out = any(each.outcome is Outcome.FAILED for each in looked)
    return Evaluation(
        known.code,
        looked,
        parts,
        low,
        high,
        None if out else grade_of(card, low),
        _what_narrows(parts),
        _strengths(card, parts),
        _gaps(card, parts),
    )


def grade_of(card: Scorecard, score: float) -> str:
    """The grade that a score is given; the edge itself belongs to the better one."""
    return next((each.grade for each in card.grades if score >= float(each.score)), card.grades[-1].grade)


def points_of(known: Known, criterion: str) -> list[float]:
    """The points that the raters gave a criterion."""
    return [given[criterion] for given in known.ratings.values() if criterion in given]


def _look(each: KnockOut, known: Known) -> Looked:
    found = known.of(each.measure)
    if found is None:
        return Looked(each, None, Outcome.UNKNOWN)
    if each.test in {Test.IS, Test.IS_NOT}:
        passed = (found == each.word) == (each.test is Test.IS)
        return Looked(each, found, Outcome.PASSED if passed else Outcome.FAILED)
    if isinstance(found, str) or each.bound is None:
        return Looked(each, found, Outcome.UNKNOWN)
    passed = found >= float(each.bound) if each.test is Test.AT_LEAST else found <= float(each.bound)
    return Looked(each, found, Outcome.PASSED if passed else Outcome.FAILED)


def _part(each: Criterion, weight: float, known: Known) -> Part:
    if each.measured is not None:
        return _measured_part(each, each.measured, weight, known)
    points = points_of(known, each.code)
    if not points:
        return Part(each, weight, None, 0.0, 100.0, (f"rating {each.code}",))
    mean = sum(points) / len(points)
    value = (mean - LOWEST) / (HIGHEST - LOWEST) * 100
    return Part(each, weight, rounded(mean), value, value)


def _measured_part(each: Criterion, measured: Measured, weight: float, known: Known) -> Part:
    found, missing = _found(measured, known)
    value = None if found is None else value_of(measured, found)
    if value is None:
        low, high = span_of(measured)
        # A word that has no value, or a number that cannot be divided by, has to be put right where it stands.
        unusable = missing or tuple(str(measure) for measure in measured.measures)
        return Part(each, weight, found, low, high, unusable)
    return Part(each, weight, found if isinstance(found, str) else rounded(found or 0.0), value, value)


def _found(measured: Measured, known: Known) -> tuple[Value | None, tuple[str, ...]]:
    """What is known, or what of it is not; a ratio over 0 or near it is not known, and its divisor is missing."""
    held = [known.of(measure) for measure in measured.measures]
    missing = tuple(str(measure) for measure, one in zip(measured.measures, held, strict=True) if one is None)
    if missing or measured.over is None:
        return (None if missing else held[0]), missing
    above, beneath = held
    if isinstance(above, str) or above is None:
        return None, (str(measured.measure),)
    if isinstance(beneath, str) or not beneath:
        return None, (str(measured.over),)
    ratio = above / beneath
    return (ratio, ()) if math.isfinite(ratio) else (None, (str(measured.over),))


def _what_narrows(parts: Sequence[Part]) -> tuple[Narrows, ...]:
    """Each set of things that a criterion lacks, what narrows most first; of two alike the one that takes less."""
    lacking = [each for each in parts if each.missing and each.high > each.low]
    found = [
        Narrows(
            needed,
            rounded(sum(p.weight * (p.high - p.low) for p in lacking if set(p.missing) <= set(needed))),
        )
        for needed in dict.fromkeys(each.missing for each in lacking)
    ]
    return tuple(sorted(found, key=lambda each: (-each.by, len(each.measures))))


def _strengths(card: Scorecard, parts: Sequence[Part]) -> tuple[Message, ...]:
    strong = [each for each in parts if each.low >= float(card.strong_from)]
    strong.sort(key=lambda each: -each.weight * each.low)
    return tuple(
        m("%(criterion)s: worth %(value)s of 100, which makes %(share)s of the score",
          criterion=each.criterion.name, value=f"{each.low:.0f}", share=f"{each.low_share:.1f}")
        for each in strong[:_MOST_SAID]
    )  # fmt: skip


def _gaps(card: Scorecard, parts: Sequence[Part]) -> tuple[Message, ...]:
    weak = [each for each in parts if each.high <= float(card.weak_to)]
    weak.sort(key=lambda each: -each.weight * (100 - each.high))
    return tuple(
        m("%(criterion)s: worth %(value)s of 100, which costs %(share)s of the score",
          criterion=each.criterion.name, value=f"{each.high:.0f}", share=f"{each.weight * (100 - each.high):.1f}")
        for each in weak[:_MOST_SAID]
    )  # fmt: skip
