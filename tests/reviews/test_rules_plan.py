"""What a plan may say, what is wrong with it, and what it says in words."""

from typing import Any

import pytest

from channel.reviews.rules.plan import EDGES, FindingKind, ReviewPlan
from channel.reviews.rules.plan_paper import REVIEW_PLANS
from channel.reviews.rules.words import plan_said
from channel.versions.rules import read_document, written
from channel.web.language import translate


def wrong(**document: Any) -> list[str]:  # noqa: ANN401 - a document
    read = read_document(REVIEW_PLANS, document)
    return [] if isinstance(read, ReviewPlan) else [each.field for each in read]


FAULTS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"when": {"rhythm": "quarterly", "month": 3}}, []),
    ({"when": {"rhythm": "quarterly", "month": 4}}, ["when.month"]),
    ({"when": {"rhythm": "yearly", "month": 12}}, []),
    ({"when": {"rhythm": "once", "once_on": "2025-02-28"}}, []),
    ({"when": {"rhythm": "once"}}, ["when.once_on"]),
    ({"when": {"rhythm": "once", "once_on": "2025-02-29"}}, ["when.once_on"]),
    ({"when": {"rhythm": "once", "once_on": "1800-01-01"}}, ["when.once_on"]),
    ({"when": {"once_on": "2025-02-28"}}, ["when.once_on"]),
    ({"when": {"rhythm": "event"}}, ["when.rhythm"]),
    ({"when": {"rhythm": "event"}, "conditions": {"days_above_days": 5}}, ["when.rhythm"]),
    ({"when": {"rhythm": "event"}, "conditions": {"hold_placed": True, "promise_broken": True}}, []),
    ({"conditions": {"hold_placed": True}}, ["conditions.hold_placed"]),
    ({"conditions": {"promise_broken": True}}, ["conditions.promise_broken"]),
    ({"when": {"day": 32}}, ["when.day"]),
    ({"dealers": {"currency": "USD"}}, []),
    ({"dealers": {"currency": "XXY"}}, ["dealers.currency"]),
    ({"dealers": {"statuses": []}}, ["dealers.statuses"]),
    ({"dealers": {"statuses": [{"status": "active"}, {"status": "active"}]}}, ["dealers.statuses.1.status"]),
    ({"dealers": {"territories": [{"territory": "A"}, {"territory": "A"}]}}, ["dealers.territories.1.territory"]),
    ({"dealers": {"grades": [{"grade": "A"}, {"grade": "none"}]}}, []),
    ({"dealers": {"grades": [{"grade": "A"}, {"grade": "A"}]}}, ["dealers.grades.1.grade"]),
    ({"deciding": {"days": 3, "remind_days": 3}}, []),
    ({"deciding": {"days": 3, "remind_days": 4}}, ["deciding.remind_days"]),
    ({"findings": [{"finding": "use_high", "edge": "0.9", "weight": 0}]}, []),
    ({"findings": [{"finding": "use_high", "weight": 1}]}, ["findings.0.edge"]),
    ({"findings": [{"finding": "statement_old", "weight": 1}]}, []),
    ({"findings": [{"finding": "statement_old", "edge": "1", "weight": 1}]}, ["findings.0.edge"]),
    ({"findings": [{"finding": "nothing", "weight": 1}]}, ["findings.0.finding"]),
    ({"findings": [{"finding": "no_contact", "edge": "9", "weight": 1}] * 2}, ["findings.1.finding"]),
    ({"findings": [{"finding": "reports_missing", "edge": "12", "weight": 1}]}, []),
    ({"findings": [{"finding": "reports_missing", "edge": "13", "weight": 1}]}, ["findings.0.edge"]),
]


@pytest.mark.parametrize(("document", "fields"), FAULTS)
def test_what_is_wrong_with_a_plan_is_told_at_its_field(document: dict[str, Any], fields: list[str]) -> None:
    assert wrong(**document) == fields


def test_a_plan_is_written_whole_and_read_again() -> None:
    plan = ReviewPlan()
    assert read_document(REVIEW_PLANS, written(plan)) == plan
    assert {each.finding for each in plan.findings} == set(EDGES)
    assert plan.rule_of(FindingKind.NOTHING) is None
    rule = plan.rule_of(FindingKind.USE_HIGH)
    assert rule is not None
    assert str(rule.edge) == "0.8"


SAID = [
    ({}, "Opens each week on Monday."),
    ({"when": {"rhythm": "monthly", "day": 31}}, "Opens each month on day 31."),
    ({"when": {"rhythm": "quarterly", "day": 2, "month": 3}}, "Opens each quarter on day 2 of its month 3."),
    ({"when": {"rhythm": "yearly", "month": 5}}, "Opens each year on day 1 of month 5."),
    ({"when": {"rhythm": "once", "once_on": "2025-02-28"}}, "Opens once, on 2025-02-28."),
    ({}, "Takes all of them."),
    ({"conditions": {"use_above": "0.8"}}, "0.8 of the limit"),
    ({"conditions": {"days_above": "0.9"}}, "0.9 of the limit on each of 30 days"),
    ({"conditions": {"limit_ends_days": 30}}, "the limit ends within 30 days"),
    ({"conditions": {"statement_old": True}}, "or none is known"),
    ({"conditions": {"file_months": 12}}, "older than 12 months"),
    ({"conditions": {"contact_days": 90}}, "nobody had contact for 90 days"),
    ({"when": {"rhythm": "event"}, "conditions": {"hold_placed": True}}, "a hold was placed"),
    ({"when": {"rhythm": "event"}, "conditions": {"promise_broken": True}}, "a promise to pay was broken"),
    ({"dealers": {"type": "wholesale", "currency": "CNY", "responsible": "nobody"}}, "nobody is responsible"),
    ({"dealers": {"responsible": "S-1", "territories": [{"territory": "East"}]}}, "S-1 is responsible"),
    ({"dealers": {"grades": [{"grade": "none"}, {"grade": "A"}]}}, "without a grade"),
    ({"deciding": {"duty": "collector", "to_responsible": False}}, "whoever has the duty collector"),
]


@pytest.mark.parametrize(("document", "words"), SAID)
def test_a_plan_says_in_words_what_it_does(document: dict[str, Any], words: str) -> None:
    plan = read_document(REVIEW_PLANS, document)
    assert isinstance(plan, ReviewPlan)
    assert words in " ".join(translate(each, "en") for each in plan_said(plan))
