"""What is collected for a decision: what a policy needs, and what a kept snapshot says when it is asked again."""

import json
from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest
from msgspec import structs

from channel.credit.rules import (
    CreditInputs,
    LimitDecision,
    MethodUse,
    MonthSales,
    Policy,
    Rate,
    Statement,
    Step,
    StepKind,
)
from channel.credit.rules.policy import Basis, Caps, Method, SalesRule, SeasonRule
from channel.credit.rules.snapshot import (
    NO_STATUS,
    Collected,
    Needs,
    asked_as,
    collected_from_document,
    collected_to_document,
    decide,
    needs_of,
)
from channel.credit.rules.steps import MethodResult, Withheld
from channel.errors import m
from tests.make.credit import DEFAULT_POLICY, snapshot

D = Decimal
SOLD = snapshot([1000] * 12)
TWO_TEN = replace(DEFAULT_POLICY, methods=(MethodUse(Method.TWO_TEN_PERCENT),))


@pytest.mark.parametrize(
    ("policy", "needs"),
    [
        (DEFAULT_POLICY, Needs(12, Basis.SELL_IN)),
        (replace(DEFAULT_POLICY, season=SeasonRule(use=True)), Needs(24, Basis.SELL_IN)),
        (
            replace(DEFAULT_POLICY, sales=SalesRule(basis=Basis.SELL_THROUGH)),
            Needs(12, Basis.SELL_THROUGH, sell_through=True),
        ),
        (
            replace(DEFAULT_POLICY, sales=SalesRule(basis=Basis.SMALLER)),
            Needs(12, Basis.SMALLER, sell_through=True, stock=True),
        ),
        (replace(DEFAULT_POLICY, caps=Caps(own_sales_rate=D("0.02"))), Needs(12, Basis.SELL_IN, own_sales=True)),
        (TWO_TEN, Needs(12, Basis.SELL_IN, own_sales=True)),
        (
            replace(DEFAULT_POLICY, methods=(*DEFAULT_POLICY.methods, *TWO_TEN.methods)),
            Needs(12, Basis.SELL_IN, own_sales=True),
        ),
    ],
)
def test_only_what_the_policy_reads_is_collected(policy: Policy, needs: Needs) -> None:
    assert needs_of(policy) == needs


def test_two_policies_need_what_either_needs() -> None:
    little, much = Needs(12), Needs(24, Basis.SMALLER, sell_through=True, stock=True, own_sales=True)
    assert little.joined(much) == much
    assert much.joined(little) == replace(much, basis=Basis.SELL_IN)
    assert little.joined(little) == little


def test_what_was_converted_is_told_first() -> None:
    plain, converted = Collected(1, SOLD), Collected(1, SOLD, conversions=(m("from CNY at 0.14"), m("from EUR at 1.1")))
    found = decide(DEFAULT_POLICY, converted)
    assert [(step.kind, str(step.inputs[0])) for step in found.steps[:2]] == [
        (StepKind.NOTE, "from CNY at 0.14"),
        (StepKind.NOTE, "from EUR at 1.1"),
    ]
    assert structs.replace(found, steps=found.steps[2:]) == decide(DEFAULT_POLICY, plain)


def test_what_forbids_a_limit_withholds_it_whatever_the_policy_gives() -> None:
    found = decide(DEFAULT_POLICY, Collected(1, SOLD, refused=m("a figure has no rate")))
    facts = (found.amount, found.unrounded, found.company_amount, found.approvals_needed, found.valid_until)
    assert facts == (None,) * 5
    assert str(found.withheld) == "a figure has no rate"
    given = decide(DEFAULT_POLICY, Collected(1, SOLD)).steps
    assert given[-1].kind is StepKind.TOTAL
    assert found.steps == given[:-1], "how far it came is told, without a total"


def test_what_was_collected_is_read_back_equal() -> None:
    for each in (
        Collected(7, SOLD),
        Collected(7, snapshot(), conversions=(m("from %(currency)s", currency="CNY"),), refused=m("none")),
    ):
        assert collected_from_document(json.loads(json.dumps(collected_to_document(each)))) == each


def test_what_is_as_it_is_by_default_is_not_kept() -> None:
    """A run keeps what it computed by the hundred thousand: whole documents are for those who read one."""
    every = Collected(7, snapshot())
    kept = json.loads(msgspec.json.encode(every))
    assert set(kept) == {"dealer_id", "inputs"}
    assert set(kept["inputs"]) < set(collected_to_document(every)["inputs"])
    assert "status" not in kept["inputs"]
    assert collected_from_document(kept) == every


@pytest.mark.parametrize(
    "cls", [Collected, CreditInputs, LimitDecision, MethodResult, MonthSales, Rate, Statement, Step, Withheld]
)
def test_what_is_made_by_the_hundred_thousand_cannot_change_and_is_kept_short(cls: type[msgspec.Struct]) -> None:
    """And the garbage collector need not look at it: none of these values can hold itself."""
    made = cls.__struct_config__
    assert (made.frozen, made.omit_defaults, made.gc) == (True, True, False)


def test_a_snapshot_from_before_there_was_a_status_is_asked_without_one() -> None:
    active, before = (Collected(1, structs.replace(SOLD, status=status)) for status in ("active", None))
    unknown = Collected(1, before.inputs, refused=structs.replace(NO_STATUS, params={"on": "2013-12-01"}))
    other = structs.replace(active, refused=m("a figure has no rate"))
    assert asked_as(active, active) == active
    assert asked_as(active, other) == other
    assert asked_as(unknown, active) == active, "it was asked for then, and was not known"
    assert asked_as(before, active) == before
    assert asked_as(before, unknown) == before, "that no status is known forbids nothing then"
    assert asked_as(before, other) == structs.replace(before, refused=other.refused)
