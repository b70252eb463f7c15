"""Findings, what is proposed and who is reviewed: both sides of every edge, and what is not known finds nothing."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel.dealers.rules import DealerFacts
from channel.errors import m
from channel.reviews.rules.findings import (
    compute_findings,
    findings_from_document,
    findings_to_document,
    weight_of,
)
from channel.reviews.rules.plan import (
    EDGES,
    Conditions,
    Dealers,
    FindingKind,
    FindingRule,
    InGrade,
    InStatus,
    InTerritory,
    PlanKind,
    ReviewPlan,
    Rhythm,
    When,
    usual,
)
from channel.reviews.rules.proposing import Proposal, ReviewAct, propose_act
from channel.reviews.rules.selecting import Happened, is_looked_at, is_reviewed
from channel.reviews.rules.snapshot import (
    Aged,
    PolicyLimit,
    Snapshot,
    Turned,
    snapshot_from_document,
    snapshot_to_document,
)
from channel.web.language import language

D = Decimal
DAY = date(2025, 3, 10)
K = FindingKind


def shot(**given: Any) -> Snapshot:  # noqa: ANN401 - fields of Snapshot
    """A dealer of whom nothing speaks for or against anything, but for what is given."""
    fields: dict[str, Any] = {
        "as_of": DAY,
        "compared_on": DAY - timedelta(days=7),
        "currency": "USD",
        "company_currency": "USD",
        "status": "active",
        "grade": "A",
        "grade_since": DAY - timedelta(days=100),
        "statement_on": date(2024, 12, 31),
        "statement_months": 18,
        "contact_on": DAY,
    }
    return Snapshot(**fields | given)


def policy(amount: str | None, currency: str = "USD") -> PolicyLimit:
    withheld = None if amount is not None else m("none")
    return PolicyLimit(1, currency, None if amount is None else D(amount), withheld, date(2026, 3, 10))


def found(seen: Snapshot, kind: FindingKind, edge: str | None) -> bool:
    plan = ReviewPlan(findings=(FindingRule(kind, None if edge is None else D(edge), 7),))
    (one,) = compute_findings(plan, seen)
    assert one.kind in {kind, K.NOTHING}
    assert one.weight == (7 if one.kind is kind else 0)
    return one.kind is kind


CASES = [
    # kind, edge, just not, just so
    (
        K.OVERDUE_RISING,
        "0.1",
        {"overdue": D(110), "overdue_before": D(100)},
        {"overdue": D("110.01"), "overdue_before": D(100)},
    ),
    (
        K.OVERDUE_RISING,
        "0.1",
        {"overdue": D(0), "overdue_before": D(0)},
        {"overdue": D("0.01"), "overdue_before": D(0)},
    ),
    (K.OVERDUE_RISING, "0", {"overdue": None, "overdue_before": D(0)}, {"overdue": D(2), "overdue_before": D(1)}),
    (
        K.DAYS_WORSE,
        "5",
        {"late_days": D(15), "late_days_before": D(10)},
        {"late_days": D("15.1"), "late_days_before": D(10)},
    ),
    (
        K.DAYS_WORSE,
        "5",
        {"late_days": D(15), "late_days_before": None},
        {"late_days": D(3), "late_days_before": D("-3")},
    ),
    (
        K.USE_HIGH,
        "0.8",
        {"exposure": D(80), "limit": D(100)},
        {"exposure": D("80.01"), "limit": D(100), "used": D("0.8001")},
    ),
    (K.USE_HIGH, "0.8", {"exposure": D(0), "limit": D(0)}, {"exposure": D("0.01"), "limit": D(0)}),
    (K.USE_HIGH, "0.8", {"exposure": D(80), "limit": None}, {"exposure": D(90), "limit": D(100)}),
    (K.PROMISE_BROKEN, "1", {"broken_promises": 1}, {"broken_promises": 2}),
    (K.INCIDENTS, "0", {"incidents": ()}, {"incidents": (("hold", 1),)}),
    (K.INCIDENTS, "2", {"incidents": (("hold", 1), ("write_off", 1))}, {"incidents": (("hold", 1), ("write_off", 2))}),
    (K.SELL_IN_ABOVE, "1.2", {"turned": Turned(3, D(120), D(100))}, {"turned": Turned(3, D("120.01"), D(100))}),
    (K.SELL_IN_ABOVE, "1.2", {"turned": Turned(3, D(0), D("-5"))}, {"turned": Turned(3, D(1), D("-5"))}),
    (K.SELL_IN_ABOVE, "1.2", {"turned": None}, {"turned": Turned(3, D(1), D(0))}),
    (K.REPORTS_MISSING, "1", {"missing_reports": 1}, {"missing_reports": 2}),
    (K.REPORTS_MISSING, "0", {"missing_reports": None}, {"missing_reports": 1}),
    (K.TERMS_STRETCHED, "0", {"terms_days": 30, "terms_before": 30}, {"terms_days": 31, "terms_before": 30}),
    (K.TERMS_STRETCHED, "0", {"terms_days": 30, "terms_before": None}, {"terms_days": 60, "terms_before": 45}),
    (
        K.LIMIT_OFF,
        "0.1",
        {"limit_base": D(100), "policy": policy("90")},
        {"limit_base": D(100), "policy": policy("89.99")},
    ),
    (
        K.LIMIT_OFF,
        "0.1",
        {"limit_base": D(100), "policy": policy("110")},
        {"limit_base": D(100), "policy": policy("110.01")},
    ),
    (K.LIMIT_OFF, "0.1", {"limit_base": D(100), "policy": policy(None)}, {"limit_base": D(0), "policy": policy("1")}),
    (
        K.LIMIT_OFF,
        "0.1",
        {"limit_base": D(100), "policy": policy("1", "CNY")},
        {"limit_base": D(100), "policy": policy("1")},
    ),
    (
        K.LIMIT_OLD,
        "12",
        {"limit": D(1), "limit_since": date(2024, 3, 10), "grade_since": None, "statement_on": None},
        {"limit": D(1), "limit_since": date(2024, 3, 9), "grade_since": None, "statement_on": None},
    ),
    (
        K.LIMIT_OLD,
        "12",
        {"limit": D(1), "limit_since": DAY, "grade_since": DAY},
        {"limit": D(1), "limit_since": DAY - timedelta(days=1), "grade_since": DAY},
    ),
    (K.LIMIT_OLD, "12", {"limit": None, "limit_since": None}, {"limit": D(1), "limit_since": date(2024, 12, 30)}),
    (
        K.LIMIT_ENDS,
        "30",
        {"limit": D(1), "limit_until": DAY + timedelta(days=31)},
        {"limit": D(1), "limit_until": DAY + timedelta(days=30)},
    ),
    (K.LIMIT_ENDS, "30", {"limit": D(1), "limit_until": None}, {"limit": D(1), "limit_until": DAY + timedelta(days=1)}),
    (K.LIMIT_ENDS, "30", {"limit": None, "limit_until": DAY}, {"limit": D(1), "limit_until": DAY + timedelta(days=2)}),
    (K.STATEMENT_OLD, None, {"statement_on": date(2023, 9, 10)}, {"statement_on": date(2023, 9, 9)}),
    (K.STATEMENT_OLD, None, {"statement_on": date(2025, 1, 1)}, {"statement_on": None}),
    (K.FILE_STALE, "12", {"grade_since": date(2024, 3, 10)}, {"grade_since": date(2024, 3, 9)}),
    (K.FILE_STALE, "12", {"facts_since": date(2024, 3, 10)}, {"facts_since": date(2024, 3, 9)}),
    (K.FILE_STALE, "12", {}, {"grade": None, "grade_since": None}),
    (K.NO_CONTACT, "90", {"contact_on": DAY - timedelta(days=90)}, {"contact_on": DAY - timedelta(days=91)}),
    (K.NO_CONTACT, "90", {"contact_on": DAY}, {"contact_on": None}),
]


@pytest.mark.parametrize(("kind", "edge", "just_not", "just_so"), CASES)
def test_each_finding_has_its_edge(
    kind: K, edge: str | None, just_not: dict[str, Any], just_so: dict[str, Any]
) -> None:
    assert not found(shot(**just_not), kind, edge)
    assert found(shot(**just_so), kind, edge)


@pytest.mark.parametrize(("kind", "edge", "just_so"), [(kind, edge, just_so) for kind, edge, _, just_so in CASES])
@pytest.mark.parametrize("code", ["en", "zh"])
def test_what_was_found_is_told_from_what_is_kept_as_it_was_when_it_was_found(
    kind: K, edge: str | None, just_so: dict[str, Any], code: str
) -> None:
    findings = compute_findings(
        ReviewPlan(findings=(FindingRule(kind, None if edge is None else D(edge), 7),)), shot(**just_so)
    )
    for kept in (msgspec.json.decode(msgspec.json.encode(findings)), findings_to_document(findings)):
        again = findings_from_document(kept)
        assert [language(code).tell(each.said) for each in again] == [
            language(code).tell(each.said) for each in findings
        ]


def test_every_finding_stands_among_the_cases() -> None:
    assert {kind for kind, *_ in CASES} == set(K) - {K.NOTHING} == set(EDGES)


def test_the_heaviest_comes_first_and_one_without_a_rule_is_not_looked_for() -> None:
    seen = shot(overdue=D(5), overdue_before=D(1), broken_promises=1, contact_on=None)
    plan = ReviewPlan(findings=usual(K.NO_CONTACT, K.OVERDUE_RISING))
    findings = compute_findings(plan, seen)
    assert [each.kind for each in findings] == [K.OVERDUE_RISING, K.NO_CONTACT]
    assert weight_of(findings) == 35
    assert str(findings[0].said) == "overdue rose from 1.00\xa0USD on 2025-03-03 to 5.00\xa0USD"
    again = findings_from_document(findings_to_document(findings))
    assert [(each.kind, each.weight, str(each.said)) for each in again] == [
        (each.kind, each.weight, str(each.said)) for each in findings
    ]
    (nothing,) = compute_findings(ReviewPlan(findings=usual(K.PROMISE_BROKEN)), shot())
    assert (nothing.kind, nothing.weight) == (K.NOTHING, 0)


ACTS = [
    # kind of plan, what is seen, what is proposed
    (PlanKind.RECEIVABLES, {"overdue": D(5), "overdue_before": D(1), "broken_promises": 1}, ReviewAct.HOLD),
    (
        PlanKind.RECEIVABLES,
        {"overdue": D(5), "overdue_before": D(5), "broken_promises": 1, "exposure": D(9), "limit": D(10)},
        ReviewAct.HOLD,
    ),
    (
        PlanKind.RECEIVABLES,
        {"overdue": D(5), "overdue_before": D(1), "broken_promises": 1, "status": "on hold"},
        ReviewAct.CALL,
    ),
    (
        PlanKind.RECEIVABLES,
        {"overdue": D(0), "overdue_before": D(1), "broken_promises": 1, "exposure": D(9), "limit": D(10)},
        ReviewAct.CALL,
    ),
    (PlanKind.RECEIVABLES, {"overdue": D(5), "overdue_before": D(5), "broken_promises": 1}, ReviewAct.CALL),
    (PlanKind.RECEIVABLES, {"overdue": D(5), "overdue_before": D(1)}, ReviewAct.CALL),
    (PlanKind.RECEIVABLES, {"limit_base": D(100), "policy": policy("50")}, ReviewAct.CHANGE_LIMIT),
    (PlanKind.RECEIVABLES, {"limit_base": D(100), "policy": policy("200")}, ReviewAct.KEEP),
    (PlanKind.LIMIT, {"limit_base": D(100), "policy": policy("200")}, ReviewAct.CHANGE_LIMIT),
    (PlanKind.LIMIT, {"limit_base": D(100), "policy": policy("105")}, ReviewAct.KEEP),
    (
        PlanKind.LIMIT,
        {"limit": D(100), "limit_base": D(100), "policy": policy("100"), "limit_until": DAY + timedelta(days=9)},
        ReviewAct.CHANGE_LIMIT,
    ),
    (
        PlanKind.LIMIT,
        {"limit": D(100), "limit_base": D(100), "policy": policy(None), "limit_until": DAY + timedelta(days=9)},
        ReviewAct.KEEP,
    ),
    (PlanKind.LIMIT, {"overdue": D(5), "overdue_before": D(1), "broken_promises": 1}, ReviewAct.CALL),
    (PlanKind.STATEMENTS, {"statement_on": None}, ReviewAct.ASK_STATEMENTS),
    (PlanKind.STATEMENTS, {}, ReviewAct.KEEP),
    (PlanKind.STALE_FILE, {"statement_on": None, "contact_on": None}, ReviewAct.ASK_STATEMENTS),
    (PlanKind.STALE_FILE, {"contact_on": None}, ReviewAct.CALL),
    (PlanKind.RECEIVABLES, {"statement_on": None}, ReviewAct.KEEP),
]


@pytest.mark.parametrize(("kind", "seen", "act"), ACTS)
def test_what_is_proposed(kind: PlanKind, seen: dict[str, Any], act: ReviewAct) -> None:
    told = shot(**seen)
    proposal = propose_act(kind, told, compute_findings(ReviewPlan(), told))
    assert proposal.act is act
    if act is ReviewAct.CHANGE_LIMIT:
        assert told.policy is not None
        assert proposal == Proposal(act, told.policy.amount, told.policy.valid_until)
    else:
        assert (proposal.amount, proposal.until) == (None, None)


def owing(*overdue: str) -> tuple[Aged, ...]:
    return tuple(
        Aged(code, (D(9), D(each)), D(0), D(0), D(0)) for code, each in zip(("USD", "CNY"), overdue, strict=False)
    )


CONDITIONS = [
    (Conditions(), {}, {}, True),
    (Conditions(overdue=True), {"aged": owing("0", "0")}, {}, False),
    # In a currency without a rate it is overdue all the same.
    (Conditions(overdue=True), {"aged": owing("0", "1"), "overdue": None}, {}, True),
    (Conditions(use_above=D("0.8")), {"exposure": D(80), "limit": D(100)}, {}, False),
    (Conditions(use_above=D("0.8")), {"exposure": D(81), "limit": D(100)}, {}, True),
    (Conditions(overdue=True, use_above=D("0.8")), {"exposure": D(81), "limit": D(100)}, {}, True),
    (Conditions(days_above=D("0.9")), {}, {"above_each_day": False}, False),
    (Conditions(days_above=D("0.9")), {}, {"above_each_day": True}, True),
    (Conditions(overdue=True), {}, {"above_each_day": True, "held": True, "broke": True}, False),
    (Conditions(limit_ends_days=30), {"limit": D(1), "limit_until": DAY + timedelta(days=31)}, {}, False),
    (Conditions(limit_ends_days=30), {"limit": D(1), "limit_until": DAY + timedelta(days=30)}, {}, True),
    (Conditions(statement_old=True), {}, {}, False),
    (Conditions(statement_old=True), {"statement_on": None}, {}, True),
    (Conditions(file_months=12), {"grade_since": date(2024, 3, 10)}, {}, False),
    (Conditions(file_months=12), {"grade_since": date(2024, 3, 9)}, {}, True),
    (Conditions(contact_days=90), {"contact_on": DAY - timedelta(days=90)}, {}, False),
    (Conditions(contact_days=90), {"contact_on": DAY - timedelta(days=91)}, {}, True),
    (Conditions(hold_placed=True), {}, {"broke": True}, False),
    (Conditions(hold_placed=True), {}, {"held": True}, True),
    (Conditions(promise_broken=True), {}, {"broke": True}, True),
]


@pytest.mark.parametrize(("asked", "seen", "happened", "reviewed"), CONDITIONS)
def test_who_is_reviewed(asked: Conditions, seen: dict[str, Any], happened: dict[str, Any], *, reviewed: bool) -> None:
    for rhythm in (Rhythm.WEEKLY, Rhythm.EVENT):
        plan = ReviewPlan(when=When(rhythm), conditions=asked)
        assert is_reviewed(plan, shot(**seen), Happened(**happened)) is reviewed


def test_by_events_nobody_is_taken_again_before_its_time_but_for_what_is_new() -> None:
    plan = ReviewPlan(when=When(Rhythm.EVENT, again_days=30), conditions=Conditions(overdue=True, hold_placed=True))
    seen = shot(aged=owing("5"))

    def reviewed(days: int, plan: ReviewPlan = plan, **happened: bool) -> bool:
        return is_reviewed(plan, seen, Happened(last_on=DAY - timedelta(days=days), **happened))

    assert [reviewed(days) for days in (-1, 0, 29, 30)] == [False, False, False, True]
    assert reviewed(1, held=True)
    assert not reviewed(1, broke=True)
    weekly = ReviewPlan(conditions=Conditions(overdue=True))
    assert reviewed(1, weekly)


def held(**given: Any) -> DealerFacts:  # noqa: ANN401 - fields of DealerFacts
    return DealerFacts(1, **{"status": "active", "type": "terminal", "territory_id": 5, "grade": "A"} | given)


LOOKED = [
    (Dealers(), held(), True),
    (Dealers(), held(status="prospect"), False),
    (Dealers(), held(status="on hold"), True),
    (Dealers(), None, False),
    (Dealers(statuses=(InStatus("ended"),)), held(), False),  # type: ignore[arg-type] # read from JSON it is one
    (Dealers(type="wholesale"), held(), False),
    (Dealers(type="terminal"), held(), True),
    (Dealers(territories=(InTerritory("East"),)), held(), True),
    (Dealers(territories=(InTerritory("East"),)), held(territory_id=6), False),
    (Dealers(grades=(InGrade("AA"), InGrade("A"))), held(), True),
    (Dealers(grades=(InGrade("AA"),)), held(), False),
    (Dealers(grades=(InGrade("none"),)), held(grade=None), True),
    (Dealers(currency="USD"), held(), True),
    (Dealers(currency="CNY"), held(), False),
    (Dealers(responsible="S-1"), held(), True),
    (Dealers(responsible="S-2"), held(), False),
    (Dealers(responsible="nobody"), held(), False),
]


@pytest.mark.parametrize(("asked", "facts", "looked"), LOOKED)
def test_who_is_looked_at(asked: Dealers, facts: DealerFacts | None, *, looked: bool) -> None:
    below = frozenset({4, 5}) if asked.territories else None
    assert is_looked_at(asked, facts, below=below, currency="USD", responsible="S-1") is looked


def test_nobody_is_somebody_to_ask_for() -> None:
    asked = Dealers(responsible="nobody")
    assert is_looked_at(asked, held(), below=None, currency="USD", responsible=None)


AMOUNTS = st.one_of(st.none(), st.decimals(0, 10**9, places=4))


@given(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, st.integers(0, 9), AMOUNTS)
def test_a_weight_is_the_sum_of_what_was_found_and_what_is_kept_is_told_again(
    overdue: D | None, before: D | None, exposure: D | None, limit: D | None, broken: int, amount: D | None
) -> None:
    seen = shot(
        overdue=overdue, overdue_before=before, exposure=exposure, limit=limit, limit_base=limit,
        broken_promises=broken, policy=PolicyLimit(1, "USD", amount, None), incidents=(("broken_promise", broken),),
        turned=Turned(3, D(5), D(4)), aged=owing("1", "2"),
    )  # fmt: skip
    plan = ReviewPlan()
    findings = compute_findings(plan, seen)
    rules = {each.finding: each.weight for each in plan.findings}
    assert weight_of(findings) == sum(rules.get(each.kind, 0) for each in findings)
    assert len({each.kind for each in findings}) == len(findings)
    again = snapshot_from_document(snapshot_to_document(seen))
    assert again == seen
    assert [each.kind for each in compute_findings(plan, again)] == [each.kind for each in findings]
    for kind in PlanKind:
        assert propose_act(kind, again, findings) == propose_act(kind, seen, findings)
