"""The need for approvals: counted from all that would be in force, on any day, however it is cut up."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel.credit.rules import LimitEvent, LimitEventKind, Need, lacks_approvals, need_of
from channel.credit.rules.policy import ApprovalLevel
from tests.make.credit import DEFAULT_POLICY

D = Decimal
TODAY, NEXT_YEAR = date(2024, 1, 1), date(2025, 1, 1)
MARCH, JUNE = date(2024, 3, 1), date(2024, 6, 1)
LEVELS = (ApprovalLevel(D(100_000), 1), ApprovalLevel(D(200_000), 2), ApprovalLevel(None, 3))
POLICY = replace(DEFAULT_POLICY, approvals=LEVELS)
USD = {"USD": D(1)}


def limit(amount: object, from_on: date = TODAY, to_on: date | None = NEXT_YEAR, **more: object) -> LimitEvent:
    given: dict[str, object] = {"place": 1, "currency": "USD"} | more
    return LimitEvent(LimitEventKind.LIMIT, from_on=from_on, to_on=to_on, amount=D(str(amount)), **given)  # type: ignore[arg-type]


def raised(amount: object, from_on: date = TODAY, to_on: date | None = NEXT_YEAR, **more: object) -> LimitEvent:
    return replace(limit(amount, from_on, to_on, **more), kind=LimitEventKind.RAISE)


def end(from_on: date = TODAY) -> LimitEvent:
    return LimitEvent(LimitEventKind.WITHDRAWAL, 9, from_on, currency="USD")


def need(
    act: LimitEvent,
    journal: tuple[LimitEvent, ...] = (),
    others: tuple[LimitEvent, ...] = (),
    rates: Mapping[str, Decimal] = USD,
) -> Need:
    opened = [replace(each, place=50) for each in others]
    return need_of(POLICY, journal, opened, replace(act, place=99), rates, "USD")


@pytest.mark.parametrize(("amount", "approvals"), [("100000", 1), ("100000.0001", 2), ("200000", 2), ("200000.01", 3)])
def test_the_upper_amount_belongs_to_its_level(amount: str, approvals: int) -> None:
    found = need(limit(amount))
    assert (found.approvals, found.before, found.after) == (approvals, 0, D(amount))


BASE = limit(90_000)
SPRING = raised(60_000, MARCH, JUNE, place=2)


@pytest.mark.parametrize(
    ("act", "journal", "others", "approvals", "before", "after"),
    [
        # Raises count with the limit beneath them.
        (raised(10_000), (BASE,), (), 1, 90_000, 100_000),
        (raised("10000.01"), (BASE,), (), 2, 90_000, D("100000.01")),
        # A new limit counts with the raises on top of it, on whatever later day they hold.
        (limit(90_000), (limit(50_000), SPRING), (), 2, 110_000, 150_000),
        (limit(90_000, JUNE), (limit(50_000), SPRING), (), 1, 50_000, 90_000),
        # What is open counts as if it were in force, a limit where it is more than the one in force.
        (raised(10_000), (BASE,), (raised(5_000),), 2, 95_000, 105_000),
        (raised(10_000), (BASE,), (limit(195_000),), 3, 195_000, 205_000),
        (raised(10_000), (BASE,), (limit(20_000),), 1, 90_000, 100_000),
        # What is open and would lower it may never be approved.
        (raised(20_000), (BASE,), (end(),), 2, 90_000, 110_000),
        # An open limit may be approved later than a limit that is to come begins.
        (raised(10_000, JUNE), (BASE, limit(10, MARCH, place=2)), (limit(95_000),), 2, 95_000, 105_000),
        # What raises the total on no day needs one, however much stays.
        (limit(250_000), (limit(300_000),), (), 1, 300_000, 250_000),
        (limit(300_000), (limit(300_000),), (), 1, 300_000, 300_000),
        (end(), (limit(300_000),), (), 1, 300_000, 0),
        (limit(250_000, to_on=None), (limit(300_000),), (), 3, 300_000, 250_000),  # it lasts longer
        # What a limit that has ended was does not count, nor what it will be before the act's first day.
        (limit(90_000), (limit(500_000, date(2022, 1, 1), date(2023, 1, 1)),), (), 1, 0, 90_000),
    ],
)
def test_the_greatest_total_of_any_day_counts(
    act: LimitEvent,
    journal: tuple[LimitEvent, ...],
    others: tuple[LimitEvent, ...],
    approvals: int,
    before: object,
    after: object,
) -> None:
    found = need(act, journal, others)
    assert (found.approvals, found.before, found.after) == (approvals, before, after)


def test_totals_are_in_company_currency_at_the_rates_of_the_vote() -> None:
    euros = limit(80_000, currency="EUR")
    assert need(euros, rates={"USD": D(1), "EUR": D("1.25")}).approvals == 1
    assert need(euros, rates={"USD": D(1), "EUR": D("1.2500001")}).approvals == 2
    both = need(raised(80_000, currency="EUR"), (BASE,), rates={"USD": D(1), "EUR": D("1.25")})
    assert (both.approvals, both.after) == (2, 190_000)


def test_without_a_rate_the_most_approve_what_rises() -> None:
    old = limit(80_000, currency="EUR")
    rising = need(limit(90_000, currency="EUR"), (old,))
    assert (rising.approvals, rising.before, rising.after) == (3, None, None)
    assert need(limit(70_000, currency="EUR"), (old,)).approvals == 1
    # Nobody can tell whether it rises, but what there is in all is known: the old limit gives way.
    assert [need(limit(x), (old,)).approvals for x in (70_000, 250_000)] == [1, 3]
    assert need(raised(1), (old,)).approvals == 3
    assert need(end(), (old,)).approvals == 1
    # A currency in which nothing is in force any more needs no rate.
    gone = limit(5, date(2020, 1, 1), date(2021, 1, 1), currency="DEM")
    assert need(limit(90_000), (gone,)).approvals == 1


def test_a_policy_is_told_with_its_need() -> None:
    found = need_of(replace(POLICY, version=7), (), (), limit(120_000), USD, "USD")
    assert found.policy_version == 7
    assert str(found.why) == "policy 7 for up to 120,000 USD in force, all that is open counted"


@given(
    st.lists(st.integers(1, 150_000), min_size=1, max_size=5),
    st.data(),
)
def test_cutting_an_amount_up_never_needs_fewer_people(parts: list[int], data: st.DataObject) -> None:
    """A limit and raises on it, proposed and approved in any order, need as many as the limit of their sum."""
    whole = need(limit(sum(parts)))
    acts = [limit(parts[0]), *(raised(part, place=n) for n, part in enumerate(parts[1:], 2))]
    waiting, opened, journal, needed = list(acts), [], [], []
    while waiting or opened:
        if waiting and (not opened or data.draw(st.booleans())):
            opened.append(waiting.pop(data.draw(st.integers(0, len(waiting) - 1))))
            continue
        act = opened.pop(data.draw(st.integers(0, len(opened) - 1)))
        needed.append(need(act, tuple(journal), tuple(opened)).approvals)
        journal.append(replace(act, place=len(journal) + 1))
    assert max(needed) >= whole.approvals


@given(st.lists(st.integers(1, 150_000), min_size=2, max_size=5))
def test_steps_in_days_are_no_way_around_either(amounts: list[int]) -> None:
    """Limits that follow each other, each approved at once: whoever comes to an amount had the people for it."""
    journal: list[LimitEvent] = []
    for n, amount in enumerate(amounts):
        act = limit(amount, TODAY + timedelta(days=n))
        found = need(act, tuple(journal))
        held = max((each.amount or D(0) for each in journal[-1:]), default=D(0))
        assert found.approvals >= need(limit(amount)).approvals or amount <= held
        journal.append(replace(act, place=n + 1))


@pytest.mark.parametrize(
    ("lines", "approvals", "lacks"),
    [
        ((limit(100_000),), {1: 1}, False),
        ((limit(1),), {}, True),
        ((limit("100000.01"),), {1: 1}, True),
        ((limit("100000.01"),), {1: 2}, False),
        ((limit(100_000), raised(24_000, place=2), raised(24_000, place=3)), {1: 1, 2: 1, 3: 1}, True),
        ((limit(100_000), raised(24_000, place=2)), {1: 1, 2: 2}, False),
        # Lowered by one: what two had approved keeps standing, and no more than that.
        ((limit(190_000), limit(150_000, place=2)), {1: 2, 2: 1}, False),
        ((limit(150_000), limit(190_000, place=2)), {1: 2, 2: 1}, True),
        # What two approved for another time allows nothing.
        (
            (limit(90_000), raised(50_000, TODAY, MARCH, place=2), raised(20_000, JUNE, place=3)),
            {1: 1, 2: 2, 3: 1},
            True,
        ),
        # A small limit to come does not take away what holds until then.
        ((limit(150_000), limit(10_000, JUNE, place=2)), {1: 2, 2: 1}, False),
        # What is over is over.
        ((limit(500_000, date(2022, 1, 1), date(2023, 1, 1)),), {1: 1}, False),
        ((limit(500_000, currency="EUR"),), {1: 1}, False),
    ],
)
def test_what_stands_with_too_few_approvals(
    lines: tuple[LimitEvent, ...], approvals: dict[int, int], *, lacks: bool
) -> None:
    assert lacks_approvals(POLICY, lines, approvals, TODAY, USD) is lacks


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 150_000), st.integers(0, 90)), min_size=1, max_size=6))
def test_what_was_approved_as_needed_never_lacks_approvals(acts: list[tuple[bool, int, int]]) -> None:
    journal: list[LimitEvent] = []
    given_to: dict[int, int] = {}
    for n, (on_top, amount, days) in enumerate(acts, 1):
        make = raised if on_top else limit
        act = make(amount, TODAY + timedelta(days=days), place=n)
        given_to[n] = need(act, tuple(journal)).approvals
        journal.append(act)
    assert not lacks_approvals(POLICY, journal, given_to, TODAY, USD)
