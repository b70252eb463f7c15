"""Who may work under whom: the rules of the register of staff."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel.access.rules.staff import Member, StaffLine, Standing, circles, compute_staff, member_faults

TODAY = date(2025, 6, 2)
LONG_AGO = date(2020, 1, 1)


def member(code: str, manager: str | None = None, last_on: date | None = None, login: str | None = None) -> Member:
    return Member(code, f"Member {code}", LONG_AGO, last_on, manager, None, login)


@pytest.mark.parametrize(
    ("day", "standing"),
    [
        (date(2025, 5, 31), Standing.COMING),
        (date(2025, 6, 1), Standing.PRESENT),
        (date(2025, 6, 30), Standing.PRESENT),
        (date(2025, 7, 1), Standing.LEFT),
    ],
)
def test_first_and_last_day_are_days_of_work(day: date, standing: Standing) -> None:
    assert Member("a", "A", date(2025, 6, 1), date(2025, 6, 30)).standing(day) is standing


def test_without_a_last_day_nobody_has_left() -> None:
    assert member("a").standing(date(2199, 12, 31)) is Standing.PRESENT


@pytest.mark.parametrize(
    ("managers", "found"),
    [
        ({}, []),
        ({"a": None}, []),
        ({"a": "b", "b": "c", "c": None}, []),
        ({"a": "nobody"}, []),
        ({"a": "a"}, [("a",)]),
        ({"c": "b", "b": "a", "a": "c"}, [("a", "c", "b")]),
        ({"d": "a", "a": "b", "b": "a", "e": None, "x": "y", "y": "x"}, [("a", "b"), ("x", "y")]),
    ],
)
def test_circles(managers: dict[str, str | None], found: list[tuple[str, ...]]) -> None:
    assert circles(managers) == found


CODES = st.sampled_from("abcdefgh")


@given(st.dictionaries(CODES, st.none() | CODES))
def test_everybody_is_in_a_circle_or_comes_to_the_top(managers: dict[str, str | None]) -> None:
    rings = circles(managers)
    in_circle = {code for ring in rings for code in ring}
    assert sum(map(len, rings)) == len(in_circle), "nobody is in two"
    for ring in rings:
        assert all(managers[code] == ring[(n + 1) % len(ring)] for n, code in enumerate(ring))
    for code, manager in managers.items():
        seen: list[str] = []
        at = manager
        while at in managers and at not in seen and at != code:
            seen.append(at)
            at = managers[at]
        assert (at == code) == (code in in_circle)


@given(st.lists(st.tuples(CODES, st.none() | CODES)))
def test_no_row_of_changes_makes_a_circle(changes: list[tuple[str, str | None]]) -> None:
    register = {code: member(code) for code in "abcdefgh"}
    for code, manager in changes:
        after = register | {code: member(code, manager)}
        if not member_faults(register, after, TODAY):
            register = after
    assert circles({code: each.manager for code, each in register.items()}) == []


@given(st.dictionaries(CODES, st.none() | CODES), st.dictionaries(CODES, st.none() | CODES))
def test_a_file_goes_in_without_the_lines_that_make_circles(
    stored: dict[str, str | None], brought: dict[str, str | None]
) -> None:
    known = {code: member(code) for code in stored}
    lines = [StaffLine(n, code, code, manager) for n, (code, manager) in enumerate(brought.items())]
    after, wrong = compute_staff(known, lines, TODAY, TODAY)
    refused = {line_no for line_no, _ in wrong}
    assert circles({code: each.manager for code, each in after.items()}) == []
    assert all(each.manager is None or each.manager in after for each in after.values())
    for line in lines:
        if line.line_no not in refused:
            assert after[line.code].manager == line.manager
        else:
            assert after.get(line.code) == known.get(line.code)


def test_the_lines_that_make_a_circle_are_refused_and_no_other() -> None:
    lines = [
        StaffLine(2, "a", "A", "b"),
        StaffLine(3, "b", "B", "c"),
        StaffLine(4, "c", "C", "a"),
        StaffLine(5, "d", "D"),
    ]
    after, wrong = compute_staff({}, lines, TODAY, TODAY)
    assert ([line_no for line_no, _ in wrong], list(after)) == ([2, 3, 4], ["d"])
    assert str(wrong[0][1].reason) == "They would be under each other in a circle: a → b → c → a."


def test_a_line_is_refused_with_the_one_that_would_bring_its_manager() -> None:
    lines = [StaffLine(2, "a", "A", "b"), StaffLine(3, "b", "B", "nobody"), StaffLine(4, "c", "C")]
    after, wrong = compute_staff({}, lines, TODAY, TODAY)
    assert (sorted(line_no for line_no, _ in wrong), list(after)) == ([2, 3], ["c"])


@pytest.mark.parametrize(("last_on", "may"), [(TODAY - timedelta(days=1), False), (TODAY, True), (None, True)])
def test_who_has_left_becomes_nobodys_manager(last_on: date | None, may: bool) -> None:
    before = {"a": member("a"), "m": member("m", last_on=last_on)}
    assert (member_faults(before, before | {"a": member("a", "m")}, TODAY) == {}) is may
    # Whose manager has left since keeps him.
    before = {"a": member("a", "m"), "m": member("m", last_on=last_on)}
    assert member_faults(before, before | {"a": member("a", "m", login="a")}, TODAY) == {}


def test_a_sign_in_is_one_members() -> None:
    before = {"a": member("a", login="ada"), "b": member("b")}
    (fault,) = member_faults(before, before | {"b": member("b", login="ada")}, TODAY)["b"]
    assert (fault.field, str(fault.reason)) == ("login", "The sign-in ada is that of the member a.")
    assert member_faults(before, {"a": member("a"), "b": member("b", login="ada")}, TODAY) == {}


def test_the_last_day_is_not_before_the_first() -> None:
    day = date(2025, 1, 1)
    for last_on, fields in ((day, []), (day - timedelta(days=1), ["last_on"])):
        found = member_faults({}, {"a": Member("a", "A", day, last_on)}, TODAY).get("a", [])
        assert [each.field for each in found] == fields
