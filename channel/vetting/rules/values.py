"""What a measured value is worth, from 0 to 100, by fixed reference points."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from channel.errors import FieldError, Message, m
from channel.vetting.rules.scorecard import Measured, Shape, Trend

Value = float | str
"""What is known of a candidate: a number, or words."""
_LEAST_OF_TARGET = 3


def value_of(criterion: Measured, known: Value) -> float | None:
    """What is worth what is known; None where a word stands for a number, or is none of those that have a value."""
    if criterion.shape is Shape.WORDS:
        return next((float(each.value) for each in criterion.words if each.word == known), None)
    if isinstance(known, str):
        return None
    places = [float(each.at) for each in criterion.points]
    values = [float(each.value) for each in criterion.points]
    place = bisect_right(places, known)
    if place == 0:
        return values[0]
    if place == len(places) or criterion.shape is Shape.STEPS:
        return values[place - 1]
    share = (known - places[place - 1]) / (places[place] - places[place - 1])
    return values[place - 1] + share * (values[place] - values[place - 1])


def span_of(criterion: Measured) -> tuple[float, float]:
    """The least and the greatest value that the criterion can have."""
    values = [float(each.value) for each in criterion.points] + [float(each.value) for each in criterion.words]
    return min(values), max(values)


def check_values(criterion: Measured, path: str) -> Iterator[FieldError]:
    """What is wrong with the points or words of a measured criterion."""
    if criterion.shape is Shape.WORDS:
        yield from _check_words(criterion, path)
        return
    if criterion.words:
        yield FieldError(f"{path}.words", m("Words have values only where the value is by words."))
    places = [each.at for each in criterion.points]
    least = _LEAST_OF_TARGET if criterion.shape is Shape.TARGET else 2
    if len(places) < least:
        yield FieldError(f"{path}.points", m("There are too few points."), m("at least %(least)s", least=str(least)))
        return
    for number, (before, after) in enumerate(pairwise(places), 1):
        if after <= before:
            yield FieldError(
                f"{path}.points.{number}.at",
                m("Points stand in the order of what is measured."),
                m("above %(before)s", before=f"{before:f}"),
            )
    if wrong := _against(criterion, [float(each.value) for each in criterion.points]):
        yield FieldError(f"{path}.points.{wrong[0]}.value", wrong[1])


def _check_words(criterion: Measured, path: str) -> Iterator[FieldError]:
    if criterion.points:
        yield FieldError(f"{path}.points", m("Points have no place where the value is by words."))
    if criterion.trend is not Trend.FREE:
        yield FieldError(f"{path}.trend", m("Words do not rise or fall."), m("free"))
    if criterion.over is not None:
        yield FieldError(f"{path}.over", m("Words are not divided."))
    if not criterion.words:
        yield FieldError(f"{path}.words", m("There are no words that have a value."))
    seen = set()
    for place, each in enumerate(criterion.words):
        if each.word in seen:
            yield FieldError(f"{path}.words.{place}.word", m("This is named twice."))
        seen.add(each.word)


def _against(criterion: Measured, values: Sequence[float]) -> tuple[int, Message] | None:
    """The first point that goes against what the criterion says of itself."""
    steps = list(enumerate(pairwise(values), 1))
    if criterion.shape is Shape.TARGET:
        top = values.index(max(values))
        last = len(values) - 1 - values[::-1].index(max(values))
        wrong = next((n for n, (a, b) in steps if (b < a and n <= top) or (b > a and n > top)), None)
        if wrong is None and (top == 0 or last == len(values) - 1):
            return top, m("A target range is better than what lies on either side of it.")
        return None if wrong is None else (wrong, m("The values rise to the target range and fall from it."))
    falls = next((n for n, (a, b) in steps if b < a), None)
    rises = next((n for n, (a, b) in steps if b > a), None)
    if criterion.trend is Trend.RISES and falls is not None:
        return falls, m("More is better, yet this value falls.")
    if criterion.trend is Trend.FALLS and rises is not None:
        return rises, m("Less is better, yet this value rises.")
    return None
