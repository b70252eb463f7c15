"""Whom to call and in which order: the edges of every reason, the weights, and what holds for any list."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel.receivables.rules.calls import (
    CallRules,
    LeftOut,
    Owing,
    compute_calls,
    count_left_out,
    following,
)
from tests.make.receivables import D, day

TODAY = day(100)
RULES = CallRules(
    least_amount=D(100), least_days=3, age_days=30, broken_weight=D("0.5"), silent_days=14, silent_weight=D("0.25")
)
SPOKEN = Owing(1, "D-1", "Dealer", "CNY", D(1000), D(0), day(70), last_contact_on=day(90))


def owing(code: str = "D-1", **changed: Any) -> Owing:  # noqa: ANN401 - its fields
    return replace(SPOKEN, code=code, **changed)


@pytest.mark.parametrize(
    ("changed", "urgency"),
    [
        ({}, 2000),
        ({"oldest_due_on": day(99)}, 1033),
        ({"oldest_due_on": day(40)}, 3000),
        ({"disputed": D(400)}, 1200),
        ({"broken": 1}, 3000),
        ({"broken": 3}, 5000),
        ({"last_contact_on": day(86)}, 2000),
        ({"last_contact_on": day(85)}, 2500),
        ({"last_contact_on": None}, 2500),
        ({"last_contact_on": None, "broken": 1}, 3750),
        ({"overdue": D("1000.25")}, 2001),
        ({"overdue": D("1000.24")}, 2000),
    ],
)
def test_what_makes_a_call_urgent(changed: dict[str, Any], urgency: int) -> None:
    (call,) = compute_calls([owing(**changed)], RULES, TODAY)
    assert call.urgency == urgency


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, None),
        ({"disputed": D(1000), "oldest_due_on": None}, LeftOut.DISPUTED),
        ({"disputed": D(900)}, None),
        ({"disputed": D("900.01")}, LeftOut.SMALL),
        ({"oldest_due_on": day(97)}, None),
        ({"oldest_due_on": day(98)}, LeftOut.YOUNG),
        ({"promised_on": TODAY}, LeftOut.PROMISED),
        ({"promised_on": TODAY - timedelta(days=1)}, None),
        ({"last_contact_on": TODAY}, LeftOut.CONTACTED),
        ({"tried": True}, None),
        ({"disputed": D("900.01"), "oldest_due_on": day(98), "promised_on": TODAY}, LeftOut.SMALL),
        ({"promised_on": TODAY, "last_contact_on": TODAY}, LeftOut.PROMISED),
    ],
)
def test_who_is_left_out_and_why(changed: dict[str, Any], why: LeftOut | None) -> None:
    (call,) = compute_calls([owing(**changed)], RULES, TODAY)
    assert call.left_out is why


def test_the_most_urgent_come_first_and_the_code_decides_between_equal_ones() -> None:
    found = compute_calls([owing("B"), owing("C", overdue=D(5000)), owing("A")], RULES, TODAY)
    assert [call.owing.code for call in found] == ["C", "A", "B"]


def test_the_next_one_is_found_from_a_place_and_not_from_the_start() -> None:
    rows = [
        owing(code, overdue=D(amount)) for code, amount in zip("ABCDE", (5000, 4000, 3000, 2000, 1000), strict=True)
    ]
    rows[1] = replace(rows[1], claimed_by="Fang")
    rows[2] = replace(rows[2], last_contact_on=TODAY)
    rows[3] = replace(rows[3], claimed_by="Me", mine=True)
    calls = compute_calls(rows, RULES, TODAY)
    assert following(calls, None) == ["A", "D", "E"]
    assert following(calls, "A") == ["D", "E"]
    assert following(calls, "C") == ["D", "E"]
    assert following(calls, "E") == []
    assert following(calls, "E", back=True) == ["D", "A"]
    assert following(calls, "X") == ["A", "D", "E"]


def test_a_dealer_with_two_currencies_is_called_once() -> None:
    rows = [owing("A", overdue=D(5000)), owing("B", overdue=D(3000)), owing("A", overdue=D(1000), currency="USD")]
    calls = compute_calls(rows, RULES, TODAY)
    assert following(calls, None) == ["A", "B"]
    assert following(calls, "A") == ["B"]


_ROWS = st.lists(
    st.builds(
        Owing,
        st.integers(1, 9),
        st.sampled_from("ABCDEFGH"),
        st.just("Dealer"),
        st.sampled_from(["CNY", "USD"]),
        st.decimals(1, 10**6, places=2),
        st.decimals(0, 1, places=2),
        st.integers(0, 99).map(day),
        broken=st.integers(0, 3),
        last_contact_on=st.none() | st.integers(0, 100).map(day),
        promised_on=st.none() | st.integers(90, 110).map(day),
    ),
    max_size=20,
    unique_by=lambda each: (each.code, each.currency),
)


@given(_ROWS, st.randoms())
def test_everybody_is_in_the_list_once_and_its_order_is_that_of_urgency(rows: list[Owing], random: Any) -> None:  # noqa: ANN401 - Hypothesis gives a Random
    calls = compute_calls(rows, RULES, TODAY)
    assert sorted(call.key for call in calls) == sorted(f"{each.code} {each.currency}" for each in rows)
    assert [call.urgency for call in calls] == sorted((call.urgency for call in calls), reverse=True)
    assert sum(count_left_out(calls).values()) == sum(call.left_out is not None for call in calls)
    assert Decimal(0) <= min((call.urgency for call in calls), default=Decimal(0))
    random.shuffle(rows)
    assert compute_calls(rows, RULES, TODAY) == calls


def test_weights_raise_and_never_lower(  # what is more broken, older or more is never less urgent
) -> None:
    (plain,) = compute_calls([owing()], RULES, TODAY)
    for worse in ({"overdue": D(1001)}, {"oldest_due_on": day(69)}, {"broken": 1}, {"last_contact_on": None}):
        (call,) = compute_calls([owing(**worse)], RULES, TODAY)
        assert call.urgency > plain.urgency, worse
