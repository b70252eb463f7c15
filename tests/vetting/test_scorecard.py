"""A scorecard as a document: read back equal, and what contradicts itself is refused where it stands."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from channel.versions.rules import read_document, written
from channel.vetting.rules.checking import check_scorecard
from channel.vetting.rules.scorecard import Comparison, GradeFrom, Scorecard, Test
from channel.vetting.rules.scorecard_paper import SCORECARDS
from tests.make.scorecards import ANCHORS, CARD, LICENCE, SUED, YEARS, criterion


def test_a_scorecard_is_read_back_equal() -> None:
    assert check_scorecard(CARD) == []
    assert read_document(SCORECARDS, written(CARD)) == CARD


def pairs(*given: tuple[str, str, float]) -> tuple[Comparison, ...]:
    return tuple(Comparison(more, less, Decimal(str(times))) for more, less, times in given)


def flat(*codes: str, weight: float | None = None) -> Mapping[str, Any]:
    return {"criteria": tuple(criterion(code, weight, judged=ANCHORS) for code in codes)}


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"criteria": (*CARD.criteria, criterion("will", judged=ANCHORS))}, ["criteria.4.code"]),
        ({"criteria": (*CARD.criteria, criterion("new", within="will", judged=ANCHORS))}, ["criteria.4.within"]),
        ({"criteria": (*CARD.criteria, criterion("new", within="none", judged=ANCHORS))}, ["criteria.4.within"]),
        ({"criteria": (*CARD.criteria, criterion("new"))}, ["criteria.4"]),
        (
            {"criteria": (*CARD.criteria, criterion("a", within="b"), criterion("b", within="a"))},
            ["criteria.4.within", "criteria.5.within"],
        ),
        ({"criteria": (*CARD.criteria, criterion("a", within="a"))}, ["criteria.4.within"]),
        ({"criteria": (criterion("a", judged=ANCHORS, measured=YEARS),)}, ["criteria.0.judged"]),
        ({"criteria": (*CARD.criteria, criterion("new", None, judged=ANCHORS))}, ["criteria.4.weight"]),
        ({"criteria": (criterion("a", judged=ANCHORS, least=Decimal("0.9")),)}, []),
        (
            {"criteria": (criterion("a", judged=ANCHORS, least=Decimal("0.6")), criterion("b", judged=ANCHORS))},
            ["criteria.0.least"],
        ),
        (
            {"criteria": (criterion("a", judged=ANCHORS), criterion("b", judged=ANCHORS, most=Decimal("0.4")))},
            ["criteria.1.most"],
        ),
        ({"criteria": (replace(CARD.criteria[0], least=Decimal(0)), *CARD.criteria[1:])}, ["criteria.0.least"]),
        ({"knock_outs": (LICENCE, LICENCE)}, ["knock_outs.1.code"]),
        ({"knock_outs": (replace(SUED, bound=None),)}, ["knock_outs.0.bound"]),
        ({"knock_outs": (replace(SUED, word="yes"),)}, ["knock_outs.0.word"]),
        ({"knock_outs": (replace(SUED, test=Test.IS),)}, ["knock_outs.0.word", "knock_outs.0.bound"]),
        ({"grades": (GradeFrom("A", Decimal(50)), GradeFrom("B", Decimal(50)))}, ["grades.1.score", "grades.1.score"]),
        ({"grades": (GradeFrom("A", Decimal(50)), GradeFrom("A", Decimal(0)))}, ["grades.1.grade"]),
        ({"weak_to": Decimal(75)}, ["weak_to"]),
        ({"comparisons": pairs(("will", "business", 2))}, ["criteria.0.weight", "criteria.3.weight"]),
        ({"comparisons": pairs(("will", "nothing", 2))}, ["comparisons.0.less"]),
        ({"comparisons": pairs(("will", "years", 2))}, ["comparisons.0.less"]),
        ({"comparisons": pairs(("will", "will", 2)), **flat("will")}, ["comparisons.0.less"]),
        ({**flat("a", "b", "c"), "comparisons": pairs(("a", "b", 2))}, ["comparisons"]),
        ({**flat("a", "b", "c"), "comparisons": pairs(("a", "b", 2), ("b", "c", 2))}, []),
        ({**flat("a", "b"), "comparisons": pairs(("a", "b", 2), ("b", "a", 2))}, ["comparisons.1"]),
        ({**flat(*"abcdefghijk"), "comparisons": pairs(*(("a", each, 2) for each in "bcdefghijk"))}, ["comparisons"]),
    ],
)
def test_what_contradicts_itself_is_refused_where_it_stands(changed: Mapping[str, Any], wrong: list[str]) -> None:
    assert [each.field for each in check_scorecard(replace(CARD, **changed))] == wrong


def test_comparisons_above_a_tenth_are_refused_and_the_judgement_that_hurts_most_is_named() -> None:
    card = Scorecard("c", **flat("a", "b", "c"), comparisons=pairs(("a", "b", 4), ("b", "c", 4), ("c", "a", 2)))
    (wrong,) = check_scorecard(card)
    assert wrong.field == "comparisons"
    assert str(wrong.reason).startswith("The comparisons contradict one another: their consistency ratio is ")
    # Without any one of three the other two are consistent: the first of them is told.
    assert str(wrong.expected) == "b over a at about 8.00, as the others imply: the ratio would be 0.000"


def test_the_consistency_ratio_is_that_of_the_table_that_is_named() -> None:
    """Drawn so that it is within a tenth by one table and above it by another."""
    judged = pairs(("a", "b", 2), ("b", "c", 2), ("a", "c", 9))
    wrong = {}
    for table in ("saaty1980", "saaty2005", "donegan_dodd"):
        card = replace(Scorecard("c", **flat("a", "b", "c"), comparisons=judged), random_index=table)
        read = read_document(SCORECARDS, written(card))
        wrong[table] = isinstance(read, list)
    assert wrong == {"saaty1980": False, "saaty2005": False, "donegan_dodd": False}
