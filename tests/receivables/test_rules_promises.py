"""What keeps a promise to pay: its edges, and what holds for promises and money of every kind."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel.receivables.rules.documents import Instalment
from channel.receivables.rules.promises import (
    Came,
    Judgement,
    Promise,
    PromiseState,
    came_for_part,
    check_promise,
    judge_promises,
    judged_from,
)
from channel.receivables.rules.settings import LedgerRules, check_ledger_rules
from tests.make.receivables import day

D = Decimal
OPEN, KEPT, BROKEN, CANCELLED = PromiseState.OPEN, PromiseState.KEPT, PromiseState.BROKEN, PromiseState.CANCELLED


def promise(
    *parts: tuple[int, str], number: int = 1, given: int = 0, grace: int = 3, share: str = "0.95", **more: int
) -> Promise:
    """Promised on a day: amounts by the day for which they are promised."""
    instalments = tuple(Instalment(day(on), D(amount)) for on, amount in parts)
    return Promise(number, day(given), grace, D(share), instalments, **more)


def came(*money: tuple[int, str]) -> list[Came]:
    return [Came(day(on), D(amount)) for on, amount in money]


def states(found: tuple[Judgement, ...]) -> list[tuple[int, int, Decimal, PromiseState]]:
    return [(each.promise_id, each.place, each.came, each.state) for each in found]


@pytest.mark.parametrize(
    ("money", "today", "state"),
    [
        ([(13, "950")], 13, KEPT),
        ([(13, "949.99")], 13, OPEN),
        ([(13, "949.99")], 14, BROKEN),
        ([(14, "1000")], 14, BROKEN),
        ([(0, "950")], 0, KEPT),
        ([(-1, "1000")], 9, OPEN),
        ([(-1, "1000")], 14, BROKEN),
        ([(5, "400"), (13, "550")], 40, KEPT),
        ([(5, "400"), (14, "550")], 40, BROKEN),
        ([], 13, OPEN),
        ([], 14, BROKEN),
    ],
)
def test_the_edges_of_days_and_share(money: list[tuple[int, str]], today: int, state: PromiseState) -> None:
    (found,) = judge_promises([promise((10, "1000"))], came(*money), day(today))
    assert found.state is state


def test_grace_and_share_are_those_of_the_promise() -> None:
    strict = promise((10, "1000"), grace=0, share="1")
    assert judged_from(day(10), 0) == day(11)
    assert [
        judge_promises([strict], came((on, amount)), day(11))[0].state
        for on, amount in ((10, "1000"), (10, "999.99"), (11, "1000"))
    ] == [KEPT, BROKEN, BROKEN]


def test_instalments_are_judged_by_all_that_was_promised_up_to_them() -> None:
    plan = promise((10, "100"), (20, "100"), (30, "100"))
    # The first comes late: it is broken, and what came late counts for the second.
    found = judge_promises([plan], came((15, "100"), (21, "100"), (33, "80")), day(40))
    assert states(found) == [(1, 1, D(0), BROKEN), (1, 2, D(200), KEPT), (1, 3, D(280), BROKEN)]
    assert [each.promised for each in found] == [D(100), D(200), D(300)]


def test_what_came_pays_promises_in_the_order_of_their_days_and_counts_once() -> None:
    later, sooner = promise((20, "100"), number=1), promise((10, "100"), number=2)
    assert states(judge_promises([later, sooner], came((5, "150")), day(40))) == [
        (2, 1, D(100), KEPT),
        (1, 1, D(50), BROKEN),
    ]
    # Of two for one day the one that was given first goes first, then the smaller number.
    first, second, third = (promise((10, "100"), number=n, given=g) for n, g in ((3, 0), (1, 1), (2, 1)))
    found = judge_promises([third, second, first], came((5, "200")), day(40))
    assert [(each.promise_id, each.state) for each in found] == [(3, KEPT), (1, KEPT), (2, BROKEN)]


def test_what_came_before_a_promise_is_left_to_an_older_one() -> None:
    old, new = promise((30, "100"), number=1), promise((10, "100"), number=2, given=6)
    found = judge_promises([old, new], came((5, "100"), (7, "60")), day(40))
    assert states(found) == [(2, 1, D(60), BROKEN), (1, 1, D(100), KEPT)]


def test_what_is_cancelled_takes_nothing() -> None:
    plan, other = promise((10, "100"), (20, "100"), cancelled_from=2), promise((25, "100"), number=2)
    assert states(judge_promises([plan, other], came((9, "100"), (19, "100")), day(40))) == [
        (1, 1, D(100), KEPT),
        (1, 2, D(100), CANCELLED),
        (2, 1, D(100), KEPT),
    ]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (promise((10, "100"), given=6), "given_on"),
        (promise((0, "100"), given=1), "due_on"),
        (promise((0, "100"), (9, "100"), given=1), "instalments"),
        (promise((9, "100"), (9, "100")), "instalments"),
        (promise((9, "0")), "amount"),
        (promise((9, "1.005")), "amount"),
        (promise((9, "NaN")), "amount"),
        (promise((9, "100000000000000")), "amount"),
        (promise((9, "1"), (10, "-1")), "instalments"),
        (promise((9, "1"), share="0"), "share"),
        (promise((9, "1"), share="1.01"), "share"),
        (promise((9, "1"), share="0.123456789"), "share"),
    ],
)
def test_what_cannot_be_promised(wrong: Promise, field: str) -> None:
    assert [each.field for each in check_promise(wrong, 2, day(5))] == [field]


def test_what_can() -> None:
    assert check_promise(promise((5, "99999999999999.99"), (6, "0.01"), given=5, share="1"), 2, day(5)) == ()


def test_the_rules_of_the_ledger_have_grace_and_share_for_those_that_say_none() -> None:
    assert (LedgerRules().promise_grace_days, LedgerRules().promise_share) == (3, D("0.95"))
    assert [each.field for each in check_ledger_rules(LedgerRules(promise_share=D(0)))] == ["promise_share"]


_DAYS = st.integers(0, 12)
_AMOUNTS = st.integers(1, 300).map(D)
_MONEY = st.lists(st.builds(lambda on, amount: Came(day(on), amount), _DAYS, _AMOUNTS), max_size=12)


@st.composite
def _promises(draw: st.DrawFn) -> list[Promise]:
    found = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        on = sorted(draw(st.sets(_DAYS, min_size=1, max_size=3)))
        parts = tuple(Instalment(day(each), draw(_AMOUNTS)) for each in on)
        share = draw(st.sampled_from([D("0.5"), D("0.95"), D(1)]))
        cancelled = draw(st.one_of(st.none(), st.integers(1, len(on))))
        found.append(
            Promise(number, day(draw(st.integers(0, on[0]))), draw(st.integers(0, 3)), share, parts, cancelled)
        )
    return found


@given(_promises(), _MONEY, st.randoms(), st.integers(0, 20))
def test_the_order_of_money_and_of_promises_does_not_matter(
    promises: list[Promise], money: list[Came], random: object, today: int
) -> None:
    found = judge_promises(promises, money, day(today))
    random.shuffle(money)  # type: ignore[attr-defined] # Hypothesis gives a Random
    assert judge_promises(promises[::-1], money, day(today)) == found
    split = [Came(each.on, each.amount / 2) for each in money for _ in range(2)]
    assert judge_promises(promises, split, day(today)) == found


@given(_promises(), _MONEY, st.integers(0, 20))
def test_each_amount_counts_once_and_a_kept_promise_has_its_share(
    promises: list[Promise], money: list[Came], today: int
) -> None:
    found = judge_promises(promises, money, day(today))
    by_number = {each.id: each for each in promises}
    in_all: dict[int, Decimal] = {}
    for each in found:
        given_by = by_number[each.promise_id]
        last_on = given_by.instalments[each.place - 1].due_on
        within = [m.amount for m in money if given_by.given_on <= m.on < judged_from(last_on, given_by.grace_days)]
        assert D(0) <= each.came <= min(each.promised, sum(within, D(0)))
        in_all[each.promise_id] = max(in_all.get(each.promise_id, D(0)), each.came)
        if each.state is not CANCELLED:
            assert (each.state is KEPT) == (each.came >= given_by.share * each.promised)
            assert (each.state is OPEN) <= (day(today) < judged_from(last_on, given_by.grace_days))
    assert sum(in_all.values(), D(0)) <= sum((each.amount for each in money), D(0))
    _never_more_than_came_by_then(found, by_number, money)


def _never_more_than_came_by_then(
    found: tuple[Judgement, ...], by_number: dict[int, Promise], money: list[Came]
) -> None:
    """Up to any day no more is counted, over all promises, than had come by the last day that one of them allows."""
    counted: dict[int, Decimal] = {}
    last = date.min
    for each in found:
        given_by = by_number[each.promise_id]
        counted[each.promise_id] = each.came
        last = max(last, judged_from(given_by.instalments[each.place - 1].due_on, given_by.grace_days))
        assert sum(counted.values(), D(0)) <= sum((m.amount for m in money if m.on < last), D(0))


@pytest.mark.parametrize(
    ("came", "parts"),
    [
        ("0", "0 0 0"),
        ("39", "39 0 0"),
        ("40", "40 0 0"),
        ("41", "40 1 0"),
        ("100", "40 60 0"),
        ("100.50", "40 60 0.50"),
    ],
)
def test_what_came_falls_to_the_earlier_instalments_first(came: str, parts: str) -> None:
    amounts, promised = (D(40), D(60), D("0.50")), (D(40), D(100), D("100.50"))
    found = [came_for_part(amount, up_to, D(came)) for amount, up_to in zip(amounts, promised, strict=True)]
    assert found == [D(each) for each in parts.split()]
