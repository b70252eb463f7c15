"""Any frozen dataclass as a document: read strictly, written whole, compared, drawn as a form and read from it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from channel.versions.rules import compare_documents, label_of, read_document, written
from channel.versions.rules.form import document_of, rows_of, sections_of
from tests.make.papers import form_of
from tests.make.service_terms import TERMS, BySize, Costs, Pace, Repairs, ServiceTerms, Step

WHOLE = ServiceTerms(
    "Quick",
    Repairs(Pace.SAME_DAY, 5, BySize(Decimal(1), Decimal("2.50"))),
    Costs(spare_machine=True, share_rate=Decimal("0.25")),
    (Step(5, 1), Step(20, 4)),
)
TOLD: dict[str, Any] = {
    "name": "Quick",
    "repairs": {"pace": "same_day", "most_days": 5, "hours": {"small": "1", "large": "2.50"}},
    "costs": {"spare_machine": True, "share_rate": "0.25"},
    "steps": [{"repairs": 5, "free": 1}, {"repairs": 20, "free": 4}],
}


def test_what_is_written_is_read_back_equal_and_what_is_left_out_is_as_shipped() -> None:
    assert written(WHOLE) == TOLD
    assert read_document(TERMS, TOLD, 3) == replace(WHOLE, version=3)
    assert read_document(TERMS, {}) == ServiceTerms()
    assert read_document(TERMS, {"repairs": {"most_days": "7"}}) == ServiceTerms(repairs=Repairs(most_days=7))


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"repairs": {"pace": "never"}}, {"repairs.pace": "one of same_day, next_day"}),
        ({"repairs": {"most_days": 61}}, {"repairs.most_days": "a whole number from 1 to 60"}),
        ({"repairs": {"hours": {"small": "0", "huge": "1"}}}, {
            "repairs.hours.small": "a number above 0 and up to 100", "repairs.hours.huge": "one of small, large",
            "repairs.hours.large": "a number above 0 and up to 100",
        }),
        ({"repairs": {"hours": 3}}, {"repairs.hours": "an object with small, large"}),
        ({"costs": {"share_rate": "1.1"}, "kosts": {}}, {
            "costs.share_rate": "a number from 0 to 1", "kosts": "one of name, repairs, costs, steps",
        }),
        ({"costs": {"spare_machine": "yes"}}, {"costs.spare_machine": "true or false"}),
        ({"steps": [{"repairs": 5}]}, {"steps.0.free": "a whole number from 0 to 1,000"}),
        ({"repairs": {"pace": "same_day", "most_days": 8}}, {"repairs.most_days": "at most 7"}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_place_with_what_would_be_right(given: Any, wrong: dict[str, str]) -> None:  # noqa: ANN401 - any JSON
    read = read_document(TERMS, given)
    assert isinstance(read, list)
    assert {each.field: str(each.expected) for each in read} == wrong


def test_both_sides_of_the_check_between_fields() -> None:
    assert isinstance(read_document(TERMS, {"repairs": {"pace": "same_day", "most_days": 7}}), ServiceTerms)
    assert isinstance(read_document(TERMS, {"repairs": {"pace": "next_day", "most_days": 8}}), ServiceTerms)


def test_every_difference_is_told_with_its_labels() -> None:
    after = replace(WHOLE, costs=Costs(share_rate=None), steps=(Step(5, 1),))
    assert compare_documents(WHOLE, after) == [
        ("costs.spare_machine", "true", "false"),
        ("costs.share_rate", "0.25", None),
        ("steps.1.repairs", "20", None),
        ("steps.1.free", "4", None),
    ]
    assert [str(each) for each in label_of(ServiceTerms, "steps.1.repairs")] == ["Steps", "2", "From repairs"]


def test_the_form_has_each_field_once_by_its_section() -> None:
    sections = {str(each.title): [str(blank.label) for blank in each.blanks] for each in sections_of(TERMS, WHOLE)}
    assert sections == {
        "General": ["Name"],
        "Repairs": ["Begun", "Most days", "Hours"],
        "Costs": ["A spare machine meanwhile", "Our share"],
    }
    (steps,) = rows_of(TERMS, WHOLE)
    assert [[blank.value for blank in row] for row in steps.rows] == [[5, 1], [20, 4], [None, None]]


@pytest.mark.parametrize("count", [1, 2, 3, 9])
def test_the_form_means_the_document_that_it_shows(count: int) -> None:
    document = replace(WHOLE, steps=tuple(Step(each, each) for each in range(1, count + 1)))
    meant, unread = document_of(TERMS, form_of(TERMS, document), ServiceTerms())
    assert (read_document(TERMS, meant), unread) == (document, [])
