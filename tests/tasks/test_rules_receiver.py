"""Who is to do something: up the tree past whoever may not, with deputies; by tables and on trees of any kind."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel.access.rules import Person, Right, Role
from channel.access.rules.away import Away
from channel.access.rules.staff import Member
from channel.tasks.rules.receiver import Reach, Roster, compute_owner, compute_reach, compute_receiver

TODAY = date(2013, 5, 6)
FIRST = date(2013, 1, 1)


def away(member: str, deputy: str) -> Away:
    return Away(member, deputy, TODAY, date(2013, 5, 7))


def roster(
    managers: dict[str, str | None], *gone: Away, left: str = "", people: dict[str, Person] | None = None
) -> Roster:
    members = {
        code: Member(code, code, FIRST, date(2013, 5, 5) if code in left else None, manager)
        for code, manager in managers.items()
    }
    given = people or {code: Person(code, code, Role.MANAGER, person_id=ord(code)) for code in managers}
    return Roster(TODAY, members, gone, given, {code: ord(code) for code in managers})


LINE: dict[str, str | None] = {"a": "b", "b": "c", "c": None, "d": "c"}


@pytest.mark.parametrize(
    ("gone", "may", "owner", "receiver"),
    [
        ((), "abcd", "a", "a"),
        ((), "bcd", "b", "b"),
        ((), "cd", "c", "c"),
        ((), "d", None, None),
        ((away("a", "d"),), "abcd", "a", "d"),
        ((away("a", "d"),), "abc", "a", "b"),
        ((away("a", "d"), away("d", "c")), "abcd", "a", "c"),
        ((away("a", "b"), away("b", "a")), "abcd", "a", "c"),
        ((away("b", "d"),), "bcd", "b", "d"),
        ((away("a", "d"), away("b", "d")), "abc", "a", "c"),
    ],
)
def test_the_next_above_who_may(gone: tuple[Away, ...], may: str, owner: str | None, receiver: str | None) -> None:
    staff = roster(LINE, *gone)
    assert compute_owner("a", staff, may.__contains__) == owner
    assert compute_receiver("a", staff, may.__contains__) == receiver


def test_nobody_is_anybodys() -> None:
    assert compute_owner(None, roster(LINE), lambda _: True) is None
    assert compute_receiver("x", roster(LINE), lambda _: True) is None


def test_who_has_left_signs_in_nowhere_or_reaches_not_may_not() -> None:
    bound = Person("b", "b", Role.REGIONAL, person_id=2, bound=True, territory_ids=(5,))
    auditor = Person("c", "c", Role.AUDITOR, person_id=3)
    manager = Person("d", "d", Role.MANAGER, person_id=4)
    staff = roster(LINE, left="d", people={"b": bound, "c": auditor, "d": manager})
    rights = (Right.DO_TASKS,)
    assert not staff.may("a", rights, None)
    assert staff.may("b", rights, None)
    assert staff.may("b", rights, frozenset({1, 5}))
    assert not staff.may("b", rights, frozenset({1}))
    assert not staff.may("b", (*rights, Right.ALLOCATE_MONEY), frozenset({5}))
    assert not staff.may("c", rights, None)
    assert not staff.may("d", rights, None)


def test_whose_tasks_somebody_looks_after() -> None:
    tree: dict[str, str | None] = {"a": "b", "b": "c", "c": None, "d": "c", "e": "d"}
    assert compute_reach(ord("b"), roster(tree)) == Reach("b", frozenset("b"), frozenset("a"))
    standing_in = compute_reach(ord("b"), roster(tree, away("d", "b")))
    assert (standing_in.mine, standing_in.people) == (frozenset("bd"), frozenset("ae"))
    assert compute_reach(ord("c"), roster(tree)).people == frozenset("abde")
    assert compute_reach(ord("b"), roster(tree, left="b")) == Reach()
    assert compute_reach(None, roster(tree)) == Reach()
    assert compute_reach(7, roster(tree)) == Reach()


CODES = "abcdef"


@given(
    st.fixed_dictionaries({code: st.sampled_from([None, *CODES[:place]]) for place, code in enumerate(CODES)}),
    st.lists(
        st.tuples(st.sampled_from(CODES), st.sampled_from(CODES)).filter(lambda two: two[0] != two[1]), max_size=4
    ),
    st.sets(st.sampled_from(CODES)),
    st.sampled_from(CODES),
)
def test_nothing_comes_to_who_may_not_and_nobody_who_may_is_passed_over(
    managers: dict[str, str | None], gone: list[tuple[str, str]], may: set[str], asked: str
) -> None:
    staff = roster(managers, *[away(*each) for each in dict(gone).items()])
    line = list(staff.line(asked))
    owner = compute_owner(asked, staff, may.__contains__)
    assert owner == next((code for code in line if code in may), None)
    receiver = compute_receiver(asked, staff, may.__contains__)
    assert receiver is None or receiver in may
    if not gone:
        assert receiver == owner
    reach = compute_reach(ord(asked), staff)
    assert not reach.mine & reach.people
    assert all(asked in staff.line(code) for code in reach.people) or len(reach.mine) > 1
