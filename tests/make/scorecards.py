"""Scorecards of a few criteria, and what is known of candidates, for tests."""

from decimal import Decimal

from channel.vetting.rules.evaluating import Known
from channel.vetting.rules.scorecard import (
    Criterion,
    Judged,
    KnockOut,
    Measure,
    Measured,
    Point,
    Scorecard,
    Shape,
    Source,
    Test,
    Trend,
    Word,
)

ANCHORS = Judged("none", "little", "some", "much", "all")


def points(*pairs: tuple[float, float]) -> tuple[Point, ...]:
    return tuple(Point(Decimal(str(at)), Decimal(str(value))) for at, value in pairs)


def measured(code: str, *pairs: tuple[float, float], **told: object) -> Measured:
    return Measured(Measure(code), points=points(*pairs), **told)


def worded(code: str, **words: int) -> Measured:
    held = tuple(Word(word, Decimal(value)) for word, value in words.items())
    return Measured(Measure(code), shape=Shape.WORDS, trend=Trend.FREE, words=held)


def criterion(code: str, weight: float | None = 1, **told: object) -> Criterion:
    return Criterion(code, code.capitalize(), weight=None if weight is None else Decimal(str(weight)), **told)


YEARS = measured("years", (0, 0), (10, 100))
DEBT = Measured(Measure("owed"), Measure("sales", Source.FIGURE), trend=Trend.FALLS, points=points((0, 100), (1, 0)))
LICENCE = KnockOut("licence", "Licence", Measure("licence"), Test.IS, word="yes")
SUED = KnockOut("sued", "Sued by suppliers", Measure("suits"), Test.AT_MOST, bound=Decimal(2))
CARD = Scorecard(
    "Small card",
    (
        criterion("business", 3),
        criterion("years", 2, within="business", measured=YEARS),
        criterion("debt", 1, within="business", measured=DEBT),
        criterion("will", 1, judged=ANCHORS),
    ),
    knock_outs=(LICENCE, SUED),
)
GOOD = Known(
    "good",
    {"years": 8.0, "owed": 20.0, "licence": "yes", "suits": 2.0},
    {"sales": 100.0},
    {"anna": {"will": 5}, "ben": {"will": 4}},
)
