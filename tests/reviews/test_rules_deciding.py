"""What a decision on a review would do: every boundary of what it asks of the day."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from channel.errors import FieldError, m
from channel.reviews.rules.deciding import (
    Outcome,
    Sum,
    Today,
    changes_since,
    chosen_for,
    needs_reason,
    outcome_of,
    sums_of_limits,
)
from channel.reviews.rules.plan import Deciding
from channel.reviews.rules.proposing import Proposal, ReviewAct
from channel.reviews.rules.reminding import is_escalated, is_reminded
from channel.reviews.rules.snapshot import PolicyLimit, Snapshot
from channel.tasks.rules.working_days import Calendar

ON = date(2025, 2, 10)
LATER = date(2025, 6, 1)
D = Decimal


def _came(chosen: Proposal, *, may_hold: bool = True, replaces: int | None = None, **today: Any) -> object:  # noqa: ANN401
    stands = Today(**{"status": "active", "currency": "USD", **today})
    came = outcome_of(chosen, "USD", stands, ON, may_hold=may_hold, replaces=replaces)
    return came.field if isinstance(came, FieldError) else came


def _limit(amount: str | None = "900", until: date | None = LATER) -> Proposal:
    return Proposal(ReviewAct.CHANGE_LIMIT, None if amount is None else D(amount), until)


@pytest.mark.parametrize(
    ("chosen", "today", "came"),
    [
        (_limit(), {}, Outcome.LIMIT_PROPOSED),
        (_limit(None), {}, "amount"),
        (_limit(until=None), {}, Outcome.LIMIT_PROPOSED),
        (_limit(until=ON), {}, "until"),
        (_limit(until=ON + timedelta(days=1)), {}, Outcome.LIMIT_PROPOSED),
        (_limit(), {"limit_refused": m("no")}, "act"),
        (_limit(), {"currency": "EUR"}, "act"),
        (_limit(), {"limit": D(900), "limit_currency": "USD", "limit_until": LATER}, "amount"),
        (_limit(until=None), {"limit": D(900), "limit_currency": "USD", "limit_until": LATER}, "amount"),
        (_limit(), {"limit": D(900), "limit_currency": "USD", "limit_until": ON}, Outcome.LIMIT_PROPOSED),
        (_limit(), {"limit": D(900), "limit_currency": "EUR", "limit_until": LATER}, Outcome.LIMIT_PROPOSED),
        (_limit(), {"limit": D("900.01"), "limit_currency": "USD", "limit_until": LATER}, Outcome.LIMIT_PROPOSED),
        (_limit(), {"proposals": (7,)}, "replaces"),
    ],
)  # fmt: skip
def test_a_limit_is_proposed_where_it_can_come_about(chosen: Proposal, today: dict[str, Any], came: object) -> None:
    assert _came(chosen, **today) == came


def test_an_open_proposal_gives_way_only_where_it_is_named() -> None:
    assert _came(_limit(), proposals=(7,), replaces=7) is Outcome.LIMIT_PROPOSED
    assert _came(_limit(), proposals=(7,), replaces=8) == "replaces"
    assert _came(_limit(), replaces=8) == "replaces"


@pytest.mark.parametrize(
    ("today", "came"),
    [
        ({}, Outcome.HELD),
        ({"status": "on hold"}, "act"),
        ({"status": "prospect"}, "act"),
        ({"status": "ended"}, "act"),
        ({"hold_request": 3}, "act"),
        ({"following": "ended"}, Outcome.HELD),
        ({"following": "prospect"}, "act"),
    ],
)
def test_a_dealer_is_held_whose_status_can_change_so(today: dict[str, Any], came: object) -> None:
    assert _came(Proposal(ReviewAct.HOLD), **today) == came


def test_who_may_not_put_dealers_on_hold_asks_for_it() -> None:
    assert _came(Proposal(ReviewAct.HOLD), may_hold=False) is Outcome.HOLD_ASKED
    assert _came(Proposal(ReviewAct.HOLD), may_hold=False, status="on hold") == "act"


def test_what_asks_nothing_of_the_day_can_always_be_decided() -> None:
    for act, came in (
        (ReviewAct.KEEP, Outcome.KEPT),
        (ReviewAct.CALL, Outcome.CALL),
        (ReviewAct.ASK_STATEMENTS, Outcome.STATEMENTS),
    ):
        assert _came(Proposal(act), status="ended", proposals=(7,), hold_request=3) is came


def test_a_reason_is_needed_of_what_weighs_and_of_what_is_not_as_proposed() -> None:
    keep, call, hold = (Proposal(each) for each in (ReviewAct.KEEP, ReviewAct.CALL, ReviewAct.HOLD))
    assert not needs_reason(keep, keep)
    assert not needs_reason(call, call)
    assert needs_reason(call, keep)
    assert needs_reason(hold, hold)
    assert needs_reason(_limit(), _limit())


def test_one_act_for_all_takes_the_limit_by_policy_that_was_seen() -> None:
    policy = PolicyLimit(1, "USD", D(500), None, LATER)
    call = Proposal(ReviewAct.CALL)
    assert chosen_for(None, call, policy) == call
    assert chosen_for(ReviewAct.CHANGE_LIMIT, call, policy) == _limit("500")
    assert chosen_for(ReviewAct.CHANGE_LIMIT, call, None) == Proposal(ReviewAct.CHANGE_LIMIT)
    assert chosen_for(ReviewAct.CHANGE_LIMIT, _limit("700"), policy) == _limit("700")
    assert chosen_for(ReviewAct.HOLD, _limit("700"), policy) == Proposal(ReviewAct.HOLD)


def test_changes_of_limits_are_summed_by_currency() -> None:
    changes = [("USD", D(100), D(150)), ("EUR", None, D(70)), ("USD", D(80), D(30))]
    assert sums_of_limits(changes) == (Sum("EUR", 1, D(70)), Sum("USD", 2, D(0)))


def test_what_has_changed_since_is_named_and_nothing_else() -> None:
    seen = Snapshot(
        as_of=ON, compared_on=ON, currency="USD", company_currency="USD", status="active", overdue=D(10), limit=D(5),
        limit_base=D(5), exposure=D(20),
    )  # fmt: skip
    assert changes_since(seen, structs.replace(seen, as_of=LATER, terms_days=60)) == ()
    now = structs.replace(seen, status="on hold", overdue=D(0))
    assert [each.text for each in changes_since(seen, now)] == ["status", "overdue"]
    raised = structs.replace(seen, limit=D(9))
    assert [each.text for each in changes_since(seen, raised)] == ["limit in force"]


def _days(first: int, *days: int) -> list[date]:
    return [date(2025, 2, each) for each in (first, *days)]


def test_he_is_reminded_so_many_working_days_before() -> None:
    friday, monday = _days(14, 17)
    one = Deciding(remind_days=1)
    assert not is_reminded(monday, date(2025, 2, 13), one, Calendar())
    assert is_reminded(monday, friday, one, Calendar())
    assert is_reminded(monday, date(2025, 2, 15), one, Calendar()), "a Saturday"
    assert is_reminded(monday, LATER, one, Calendar())
    last = Deciding(remind_days=0)
    assert not is_reminded(monday, friday, last, Calendar())
    assert is_reminded(monday, monday, last, Calendar())


def test_it_goes_to_the_manager_so_many_working_days_after() -> None:
    (friday,) = _days(14)
    two = Deciding(escalate_days=2)
    assert not is_escalated(friday, date(2025, 2, 17), two, Calendar())
    assert is_escalated(friday, date(2025, 2, 18), two, Calendar())
    off = Calendar(otherwise={date(2025, 2, 17): False})
    assert not is_escalated(friday, date(2025, 2, 18), two, off)
    assert is_escalated(friday, date(2025, 2, 19), two, off)
