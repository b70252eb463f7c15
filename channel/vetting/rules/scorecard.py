"""A scorecard: a tree of criteria with weights, how each is measured or judged, and what rules a candidate out.

Every criterion comes to a value from 0 to 100 by reference points of its own, so that a score never depends on who
else applied. Weights are relative to those of the criteria beside it: 1 and 3 are a quarter and three quarters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from channel.errors import Message, m
from channel.versions.rules import Holds, spec

_GREATEST = "1000000000000"


class Source(StrEnum):
    """Where a measured value comes from."""

    FACT = "fact"
    FIGURE = "figure"


SOURCE_NAMES: Mapping[Source, Message] = MappingProxyType(
    {Source.FACT: m("an observed fact"), Source.FIGURE: m("a figure of the service")}
)


class Shape(StrEnum):
    """How a measured value becomes one from 0 to 100."""

    LINEAR = "linear"
    STEPS = "steps"
    TARGET = "target"
    WORDS = "words"


SHAPE_NAMES: Mapping[Shape, Message] = MappingProxyType(
    {
        Shape.LINEAR: m("straight lines between points"),
        Shape.STEPS: m("steps, each from its point on"),
        Shape.TARGET: m("a target range"),
        Shape.WORDS: m("a value for each word"),
    }
)


class Trend(StrEnum):
    """What the values of a criterion must do as what is measured grows."""

    RISES = "rises"
    FALLS = "falls"
    FREE = "free"


TREND_NAMES: Mapping[Trend, Message] = MappingProxyType(
    {Trend.RISES: m("more is better"), Trend.FALLS: m("less is better"), Trend.FREE: m("neither")}
)


class Test(StrEnum):
    """What a candidate must pass in order not to be ruled out; the bound itself passes."""

    __test__ = False  # it is no class of tests

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    IS = "is"
    IS_NOT = "is_not"


TEST_NAMES: Mapping[Test, Message] = MappingProxyType(
    {
        Test.AT_LEAST: m("at least"),
        Test.AT_MOST: m("at most"),
        Test.IS: m("is"),
        Test.IS_NOT: m("is not"),
    }
)


class RandomIndex(StrEnum):
    """The table of random indices by which a consistency ratio is told: it differs by the table."""

    SAATY_1980 = "saaty1980"
    SAATY_2005 = "saaty2005"
    DONEGAN_DODD = "donegan_dodd"


RANDOM_INDEX_NAMES: Mapping[RandomIndex, Message] = MappingProxyType(
    {
        RandomIndex.SAATY_1980: m("Saaty 1980"),
        RandomIndex.SAATY_2005: m("Saaty 2005"),
        RandomIndex.DONEGAN_DODD: m("Donegan and Dodd 1991"),
    }
)


@dataclass(frozen=True, slots=True)
class Measure:
    """What is looked up of a candidate: a fact or a figure, by its code."""

    code: str = spec(m("Code"), Holds.TEXT)
    source: Source = spec(m("Where it comes from"), Holds.CHOICE, Source.FACT, choices=SOURCE_NAMES)

    def __str__(self) -> str:
        return f"{self.source.value} {self.code}"


@dataclass(frozen=True, slots=True)
class Point:
    """What a measured value is worth."""

    at: Decimal = spec(m("At"), Holds.NUMBER, low=f"-{_GREATEST}", high=_GREATEST)
    value: Decimal = spec(m("Value"), Holds.NUMBER, low=0, high=100)


@dataclass(frozen=True, slots=True)
class Word:
    """What a choice is worth."""

    word: str = spec(m("Word"), Holds.TEXT)
    value: Decimal = spec(m("Value"), Holds.NUMBER, low=0, high=100)


@dataclass(frozen=True, slots=True)
class Measured:
    """A quantitative criterion: what is measured, `over` what for a ratio, and what it is worth.

    Straight lines stay at their first and last values beyond them. A step's value holds from its point on; before the
    first that of the first. A target range rises to its best values and falls from them.
    """

    measure: Measure = spec(m("What is measured"), Holds.RECORD, record=Measure)
    over: Measure | None = spec(m("Divided by"), Holds.RECORD, None, record=Measure, optional=True)
    unit: str | None = spec(m("Unit"), Holds.TEXT, None, optional=True)
    shape: Shape = spec(m("Value by"), Holds.CHOICE, Shape.LINEAR, choices=SHAPE_NAMES)
    trend: Trend = spec(m("Which is better"), Holds.CHOICE, Trend.RISES, choices=TREND_NAMES)
    points: tuple[Point, ...] = spec(m("Points"), Holds.RECORDS, (), record=Point, least=0)
    words: tuple[Word, ...] = spec(m("Words"), Holds.RECORDS, (), record=Word, least=0)

    @property
    def measures(self) -> tuple[Measure, ...]:
        """All that has to be known."""
        return (self.measure,) if self.over is None else (self.measure, self.over)


@dataclass(frozen=True, slots=True)
class Judged:
    """A qualitative criterion: raters give 1 to 5, and what each point means is said."""

    one: str = spec(m("1 means"), Holds.TEXT)
    two: str = spec(m("2 means"), Holds.TEXT)
    three: str = spec(m("3 means"), Holds.TEXT)
    four: str = spec(m("4 means"), Holds.TEXT)
    five: str = spec(m("5 means"), Holds.TEXT)
    evidence: bool = spec(m("Evidence is wanted"), Holds.FLAG, default=True)

    @property
    def anchors(self) -> tuple[str, ...]:
        """What the points mean, that of 1 first."""
        return (self.one, self.two, self.three, self.four, self.five)


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion, or a group of those that name it as `within`; without a weight it takes one from comparisons.

    `least` and `most` bound the weight in the whole, as a share, where weights are drawn; they change no score.
    """

    code: str = spec(m("Code"), Holds.TEXT)
    name: str = spec(m("Name"), Holds.TEXT)
    within: str | None = spec(m("Within"), Holds.TEXT, None, optional=True)
    weight: Decimal | None = spec(m("Weight"), Holds.NUMBER, None, above=0, high=1000, optional=True)
    least: Decimal | None = spec(m("Least share of the whole"), Holds.NUMBER, None, low=0, high=1, optional=True)
    most: Decimal | None = spec(m("Greatest share of the whole"), Holds.NUMBER, None, above=0, high=1, optional=True)
    measured: Measured | None = spec(m("Measured"), Holds.RECORD, None, record=Measured, optional=True)
    judged: Judged | None = spec(m("Judged"), Holds.RECORD, None, record=Judged, optional=True)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Of two criteria side by side: how many times as much the one weighs."""

    more: str = spec(m("The weightier"), Holds.TEXT)
    less: str = spec(m("The lighter"), Holds.TEXT)
    times: Decimal = spec(m("Times"), Holds.NUMBER, low=1, high=9)


@dataclass(frozen=True, slots=True)
class KnockOut:
    """What rules a candidate out, whatever else he is worth."""

    code: str = spec(m("Code"), Holds.TEXT)
    name: str = spec(m("Name"), Holds.TEXT)
    measure: Measure = spec(m("What is looked at"), Holds.RECORD, record=Measure)
    test: Test = spec(m("Must be"), Holds.CHOICE, Test.IS, choices=TEST_NAMES)
    bound: Decimal | None = spec(m("Bound"), Holds.NUMBER, None, low=f"-{_GREATEST}", high=_GREATEST, optional=True)
    word: str | None = spec(m("Word"), Holds.TEXT, None, optional=True)


@dataclass(frozen=True, slots=True)
class GradeFrom:
    """From which score on a grade is given."""

    grade: str = spec(m("Grade"), Holds.TEXT)
    score: Decimal = spec(m("From a score of"), Holds.NUMBER, low=0, high=100)


_GRADES = tuple(GradeFrom(grade, Decimal(score)) for grade, score in (("A", 80), ("B", 65), ("C", 50), ("D", 0)))


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One version of a scorecard; `version` is given by the register, 0 is a draft."""

    name: str = spec(m("Name"), Holds.TEXT)
    criteria: tuple[Criterion, ...] = spec(m("Criteria"), Holds.RECORDS, record=Criterion)
    comparisons: tuple[Comparison, ...] = spec(
        m("Comparisons in pairs"), Holds.RECORDS, (), record=Comparison, least=0,
        hint=m("Criteria without weights take them from comparisons with those beside them."),
    )  # fmt: skip
    random_index: RandomIndex = spec(
        m("Table of random indices"), Holds.CHOICE, RandomIndex.SAATY_2005, choices=RANDOM_INDEX_NAMES,
        hint=m("The consistency ratio of comparisons is told by it."),
    )  # fmt: skip
    knock_outs: tuple[KnockOut, ...] = spec(m("Knock-outs"), Holds.RECORDS, (), record=KnockOut, least=0)
    grades: tuple[GradeFrom, ...] = spec(
        m("Grades"), Holds.RECORDS, _GRADES, record=GradeFrom, rows=4,
        hint=m("The best first; the last from a score of 0."),
    )  # fmt: skip
    agreement: Decimal = spec(
        m("Least agreement of raters"), Holds.NUMBER, Decimal("0.5"), low=0, high=1,
        hint=m("An intraclass correlation; below it the raters talk and rate again."),
    )  # fmt: skip
    strong_from: Decimal = spec(m("A strength from a value of"), Holds.NUMBER, Decimal(75), low=0, high=100)
    weak_to: Decimal = spec(m("A gap up to a value of"), Holds.NUMBER, Decimal(40), low=0, high=100)
    version: int = 0

    @property
    def leaves(self) -> tuple[Criterion, ...]:
        """The criteria that are measured or judged, in their order."""
        return tuple(each for each in self.criteria if each.measured or each.judged)

    def beside(self, within: str | None) -> tuple[Criterion, ...]:
        """The criteria that share the weight of a group, or of the whole."""
        return tuple(each for each in self.criteria if each.within == within)
