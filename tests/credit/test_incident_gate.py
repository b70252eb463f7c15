"""Credit incidents as a gate of the limit: how many of a kind pass, what more do, and as of when they are counted."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from channel import clock
from channel.access.rules import Person
from channel.credit.rules import CreditInputs, Policy
from channel.credit.rules.checks import check_policy
from channel.credit.rules.diff import diff_limits
from channel.credit.rules.inputs import Incidents
from channel.credit.rules.limit import compute_limit
from channel.credit.rules.policy import Gates, IncidentGate
from channel.credit.service.explain import explain
from channel.database import db
from channel.database.snapshots import view_of
from channel.periods import plus_months
from channel.receivables.queries.incidents import count_incidents
from channel.receivables.rules.incidents import IncidentKind
from channel.receivables.service.promises import JUDGING, enter_promise
from channel.versions.rules import written
from channel.view import View
from channel.work.service import run_due
from tests.make.access import acting
from tests.make.credit import DEFAULT_POLICY, snapshot
from tests.make.limits import (
    Desk,
    approve_policy,
    assess,
    draft_policy,
    make_dealer_selling,
    make_desk,
    noon,
    propose_policy,
)
from tests.make.receivables import FIRST, D, day, promising

SOLD = [1000] * 12
MONTHS = tuple(f"2025-{month:02}" for month in range(1, 13))
TODAY = day(400)
KINDS = ("broken_promises", "write_offs", "dishonoured_bills", "holds")


def gated(gate: IncidentGate = IncidentGate.WITHHOLD, **gates: Any) -> Policy:  # noqa: ANN401 - fields of the gates
    return replace(DEFAULT_POLICY, gates=Gates(incidents=gate, **gates))


def with_incidents(**counted: int) -> CreditInputs:
    return snapshot(SOLD, incidents=Incidents(**counted))


PLAIN = compute_limit(DEFAULT_POLICY, snapshot(SOLD))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("count", "passes"), [(0, True), (2, True), (3, False)])
def test_so_many_of_a_kind_pass_and_one_more_does_not(kind: str, count: int, passes: bool) -> None:
    found = compute_limit(gated(**{f"{kind}_most": 2}), with_incidents(**{kind: count}))
    assert (found.amount is not None) is passes
    assert (found.withheld is None) is passes
    (step,) = [each for each in found.steps if each.key == "incidents"]
    assert dict(step.inputs[0].params) == {"count": str(count), "most": "2"}


def test_a_kind_without_a_number_does_not_count() -> None:
    found = compute_limit(gated(write_offs_most=0), with_incidents(broken_promises=9, holds=9))
    assert (found.amount, found.withheld) == (PLAIN.amount, None)


def test_a_factor_counts_once_however_many_kinds_have_too_many() -> None:
    policy = gated(IncidentGate.FACTOR, broken_promises_most=0, holds_most=0, incidents_factor=D("0.25"))
    assert PLAIN.unrounded is not None
    for counted in ({"holds": 1}, {"holds": 5, "broken_promises": 1}):
        assert compute_limit(policy, with_incidents(**counted)).unrounded == PLAIN.unrounded * D("0.25")
    assert compute_limit(policy, with_incidents(write_offs=4)).unrounded == PLAIN.unrounded


def test_the_policy_that_is_shipped_reads_none_and_its_figures_are_those_of_before() -> None:
    assert DEFAULT_POLICY.gates.incidents is IncidentGate.NONE
    found = compute_limit(DEFAULT_POLICY, with_incidents(broken_promises=99, write_offs=99, holds=99))
    assert (found.amount, found.steps) == (PLAIN.amount, PLAIN.steps)


def test_a_gate_that_counts_no_kind_is_refused() -> None:
    assert [each.field for each in check_policy(gated())] == ["gates.incidents"]
    assert check_policy(gated(holds_most=0)) == []


def test_incidents_are_a_part_of_the_difference_of_two_limits() -> None:
    policy = gated(IncidentGate.FACTOR, holds_most=0)
    found = diff_limits(with_incidents(), policy, with_incidents(holds=2), policy)
    (part,) = [each for each in found.parts if each.key == "receivables"]
    assert PLAIN.unrounded is not None
    assert part.amount == -PLAIN.unrounded / 2
    assert [dict(each.params) for each in (part.before, part.after)] == [{"count": "0"}, {"count": "2"}]


@pytest.fixture
async def desk(database: str) -> Desk:
    """D-1 sells every month; he broke a promise that was for the 380th day, judged on the 384th."""
    with clock.fixed(noon(FIRST - timedelta(days=90))):
        made = await make_desk()
    with clock.fixed(noon(day(370))):
        await make_dealer_selling(made, "D-1", months=MONTHS, currency="USD")
        async with acting(made.finance):
            await enter_promise(made.finance, "D-1", promising("5", 10))
    with clock.fixed(noon(day(390))):
        await run_due([JUDGING])
    return made


async def _in_force(desk: Desk, **gates: object) -> None:
    document = written(DEFAULT_POLICY)
    document["gates"] = {**document["gates"], **gates}  # type: ignore[dict-item] # as JSON has it
    async with acting(desk.manager):
        version = await draft_policy(desk.manager, document, clock.today(), "incidents")
        await propose_policy(desk.manager, version, "incidents")
    async with acting(desk.finance):
        await approve_policy(desk.finance, version, "agreed")


async def _withheld(person: Person, view: View | None = None) -> bool:
    async with acting(person):
        return (await explain(person, "D-1", view or view_of())).decision.withheld is not None


async def test_they_are_counted_as_of_the_day_as_known_at_the_moment(desk: Desk) -> None:
    with clock.fixed(noon(TODAY)):
        assert not await _withheld(desk.finance)
        await _in_force(desk, incidents="withhold", broken_promises_most=0)
    with clock.fixed(noon(TODAY + timedelta(days=1))):
        assert await _withheld(desk.finance)
        async with acting(desk.manager):
            run = await assess(desk.manager, dealer="D-1")
    async with db.held(db.EVERYTHING):
        kept = await db.fetchval("SELECT inputs FROM assessment WHERE run_id = $1", run.run_id)
    kept = json.loads(kept) if isinstance(kept, str) else kept
    assert kept["inputs"]["incidents"] == {"broken_promises": 1}


@pytest.mark.parametrize(
    ("as_of", "known_at", "months", "found"),
    [
        (383, None, 12, {}),
        (384, None, 12, {IncidentKind.BROKEN_PROMISE: 1}),
        (390, 389, 12, {}),
        (390, 391, 12, {IncidentKind.BROKEN_PROMISE: 1}),
        (384 + 30, None, 1, {IncidentKind.BROKEN_PROMISE: 1}),
        (384 + 31, None, 1, {}),
    ],
)
async def test_what_happened_within_the_months_is_counted(
    as_of: int, known_at: int | None, months: int, found: dict[IncidentKind, int], desk: Desk
) -> None:
    with clock.fixed(noon(day(500))):
        view = view_of(day(as_of), None if known_at is None else noon(day(known_at)))
        async with acting(desk.finance):
            (dealer_id,) = [row["id"] for row in await db.fetch("SELECT id FROM dealer WHERE code = 'D-1'")]
            counted = await count_incidents([dealer_id], plus_months(view.as_of, -months), view)
    assert counted.get(dealer_id, {}) == found
