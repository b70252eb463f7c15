"""Who stands in for whom on a day, and who can be a deputy."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel.access.rules.away import Away, away_faults, compute_stand_in
from channel.access.rules.staff import Member

MONDAY = date(2025, 6, 2)
DAYS = [MONDAY + timedelta(days=n) for n in range(12)]
LONG_AGO = date(2020, 1, 1)
CODES = "abcdef"
EVERYBODY = {code: Member(code, code.upper(), LONG_AGO) for code in CODES}


def away(member: str, deputy: str, first: int, back: int) -> Away:
    return Away(member, deputy, DAYS[first], DAYS[back])


@pytest.mark.parametrize(("day", "stand_in"), [(0, "a"), (1, "b"), (2, "b"), (3, "c"), (4, "c"), (5, "a"), (6, "a")])
def test_the_deputy_of_a_deputy_is_followed_on_his_days(day: int, stand_in: str) -> None:
    days = [away("a", "b", 1, 5), away("b", "c", 3, 9)]
    assert compute_stand_in("a", DAYS[day], EVERYBODY, days) == stand_in


@pytest.mark.parametrize(("last_on", "stand_in"), [(DAYS[3], "b"), (DAYS[2], None)])
def test_nobody_stands_in_where_the_deputy_has_left(last_on: date, stand_in: str | None) -> None:
    members = EVERYBODY | {"b": Member("b", "B", LONG_AGO, last_on)}
    assert compute_stand_in("a", DAYS[3], members, [away("a", "b", 0, 9)]) == stand_in


def test_in_a_circle_nobody_stands_in() -> None:
    days = [away("a", "b", 0, 9), away("b", "c", 0, 9), away("c", "b", 0, 9)]
    assert [compute_stand_in(code, DAYS[0], EVERYBODY, days) for code in "abc"] == [None, None, None]


B_LEAVES = EVERYBODY | {"b": Member("b", "B", LONG_AGO, DAYS[4])}
B_COMES = EVERYBODY | {"b": Member("b", "B", DAYS[1])}


@pytest.mark.parametrize(
    ("members", "others", "new", "field"),
    [
        (EVERYBODY, [], away("a", "b", 1, 5), None),
        (EVERYBODY, [], away("a", "a", 1, 5), "deputy"),
        # One day beside the other is none too many.
        (EVERYBODY, [away("a", "c", 5, 7)], away("a", "b", 1, 5), None),
        (EVERYBODY, [away("a", "c", 4, 7)], away("a", "b", 1, 5), "from_on"),
        (EVERYBODY, [away("a", "c", 0, 1)], away("a", "b", 1, 5), None),
        (EVERYBODY, [away("a", "c", 0, 2)], away("a", "b", 1, 5), "from_on"),
        # The deputy is there on the last day away, and need not be on the first day back.
        (B_LEAVES, [], away("a", "b", 1, 5), None),
        (B_LEAVES, [], away("a", "b", 1, 6), "deputy"),
        (B_COMES, [], away("a", "b", 1, 5), None),
        (B_COMES, [], away("a", "b", 0, 5), "deputy"),
        # The deputies would lead back on the days that both are away, and only on those.
        (EVERYBODY, [away("b", "a", 4, 8)], away("a", "b", 1, 5), "deputy"),
        (EVERYBODY, [away("b", "a", 5, 8)], away("a", "b", 1, 5), None),
        (EVERYBODY, [away("b", "c", 0, 9), away("c", "a", 3, 4)], away("a", "b", 1, 5), "deputy"),
        (EVERYBODY, [away("b", "c", 0, 9), away("c", "d", 3, 4)], away("a", "b", 1, 5), None),
    ],
)
def test_who_can_be_a_deputy(members: dict[str, Member], others: list[Away], new: Away, field: str | None) -> None:
    assert [each.field for each in away_faults(new, members, others, MONDAY)] == ([] if field is None else [field])


@pytest.mark.parametrize(("today", "may"), [(DAYS[4], True), (DAYS[5], False)])
def test_who_has_left_becomes_nobodys_deputy_not_even_for_days_past(today: date, may: bool) -> None:
    assert (away_faults(away("a", "b", 1, 5), B_LEAVES, [], today) == []) is may


SPANS = st.tuples(st.sampled_from(CODES), st.sampled_from(CODES), st.integers(0, 10), st.integers(1, 4))


@given(st.lists(SPANS, max_size=12))
def test_whatever_is_entered_somebody_does_the_work_of_everybody_every_day(
    asked: list[tuple[str, str, int, int]],
) -> None:
    entered: list[Away] = []
    for member, deputy, first, days in asked:
        new = Away(member, deputy, DAYS[first], DAYS[first] + timedelta(days=days))
        if not away_faults(new, EVERYBODY, entered, MONDAY):
            entered.append(new)
    for day in DAYS:
        there = {code for code in CODES if not any(each.member == code and each.on(day) for each in entered)}
        for code in CODES:
            assert sum(each.member == code and each.on(day) for each in entered) <= 1
            stand_in = compute_stand_in(code, day, EVERYBODY, entered)
            assert stand_in in there
            assert (stand_in == code) == (code in there)
