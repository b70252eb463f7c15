"""Acts that need a second person: write-offs above what one may alone, and whatever changes closed months."""

from typing import Any

import pytest

from channel import clock
from channel.access.rules import Person, Role
from channel.acts import Why
from channel.desk.service.desk import desk_of
from channel.errors import Conflict, Forbidden, Invalid, Refused
from channel.receivables.acts.months import CloseMonth, OpenMonth
from channel.receivables.rules.documents import DocumentKind
from channel.receivables.service.allocating import ALLOCATE, TAKE_BACK
from channel.receivables.service.kept import reconcile_ledger
from channel.receivables.service.months import close_month, open_month
from channel.receivables.service.reallocating import REALLOCATE
from channel.receivables.service.reversing import REVERSE
from channel.receivables.service.waiting import approve_waiting, refuse_waiting, waiting_act, withdraw_waiting
from channel.receivables.service.writing_off import WRITE_OFF
from tests.make.access import acting, make_person
from tests.make.dealers import make_dealer
from tests.make.ledger import LATER
from tests.make.ledger_rules import put_rules_in_force
from tests.make.receivables import D, day, moment, owed, paying
from tests.receivables.test_allocating import act, allocations, ids_of, post
from tests.receivables.test_ledger import account

WHY = Why(reason="looked at")


@pytest.fixture
async def finance(database: str) -> Person:
    return await make_person(Role.FINANCE)


@pytest.fixture
async def second(finance: Person) -> Person:
    return await make_person(Role.FINANCE)


@pytest.fixture
async def dealer(finance: Person, second: Person) -> int:
    with clock.fixed(moment(0)):
        made = await make_dealer("D-1", currency="CNY")
        await make_dealer("D-2", currency="CNY")
        await put_rules_in_force(finance, second, day(0), alone_amount="50")
        return made


async def stands(dealer_id: int, at: int) -> tuple[object, ...]:
    with clock.fixed(moment(at)):
        async with acting(await make_person(Role.FINANCE)):
            assert await reconcile_ledger() == 0
            return (await account(dealer_id))["CNY"]


async def say(person: Person, what: Any, number: int, at: int) -> None:  # noqa: ANN401 - a word
    with clock.fixed(moment(at)):
        async with acting(person):
            await what(person, number, WHY)


async def close(finance: Person, at: int, *months: str) -> None:
    with clock.fixed(moment(at)):
        async with acting(finance):
            for month in months:
                await close_month(finance, CloseMonth(month=month, reason="done"))


async def test_one_person_writes_off_up_to_the_amount_however_it_is_split(
    finance: Person, second: Person, dealer: int
) -> None:
    one, two = ids_of(await post(finance, owed("100", number="I1"), owed("80", number="I2")))
    assert await act(finance, WRITE_OFF, items=[f"{one}=30", f"{two}=10"]) is None
    assert await stands(dealer, LATER + 2) == (D(140), D(0), D(0))
    for parts in ([f"{one}=10.01"], [f"{two}=5", f"{one}=5.01"]):
        with pytest.raises(Conflict) as refused:
            await act(finance, WRITE_OFF, items=parts, at=LATER + 3)
        assert [each.field for each in refused.value.errors] == ["ask"]
    assert await act(finance, WRITE_OFF, items=[f"{one}=10"], at=LATER + 3) is None
    # Another person, another dealer and another month begin anew.
    assert await act(second, WRITE_OFF, items=[f"{one}=50"], at=LATER + 4) is None
    other = ids_of(await post(finance, owed("60"), code="D-2", at=LATER + 5))[0]
    assert await act(finance, WRITE_OFF, items=[f"{other}=50"], code="D-2", at=LATER + 6) is None
    assert await act(finance, WRITE_OFF, items=[f"{two}=50"], at=LATER + 31 * 24) is None


async def test_what_was_reversed_no_longer_counts(finance: Person, dealer: int) -> None:
    (one,) = ids_of(await post(finance, owed("100")))
    await act(finance, WRITE_OFF, items=[f"{one}=50"])
    (written,) = await allocations(dealer)
    with pytest.raises(Conflict):
        await act(finance, TAKE_BACK, written.id, at=LATER + 2)
    await act(finance, REVERSE, written.money_id, at=LATER + 2)
    assert await act(finance, WRITE_OFF, items=[f"{one}=50"], at=LATER + 3) is None
    assert await stands(dealer, LATER + 4) == (D(50), D(0), D(0))


async def test_what_is_above_waits_and_counts_to_whoever_asked(finance: Person, second: Person, dealer: int) -> None:
    one, two = ids_of(await post(finance, owed("100", number="I1"), owed("80", number="I2")))
    number = await act(finance, WRITE_OFF, items=[f"{one}=51"], ask=True)
    assert number is not None
    assert await stands(dealer, LATER + 2) == (D(180), D(0), D(0))
    with pytest.raises(Conflict, match=str(number)):
        await act(finance, WRITE_OFF, items=[f"{one}=60"], ask=True, at=LATER + 2)
    with pytest.raises(Forbidden):
        await say(finance, approve_waiting, number, LATER + 2)
    await say(second, approve_waiting, number, LATER + 50)
    assert await stands(dealer, LATER + 51) == (D(129), D(0), D(0))
    with pytest.raises(Conflict):
        await say(await make_person(Role.FINANCE), approve_waiting, number, LATER + 52)
    # The approver may still write off alone, the one who asked has used it up.
    assert await act(second, WRITE_OFF, items=[f"{two}=50"], at=LATER + 53) is None
    with pytest.raises(Conflict):
        await act(finance, WRITE_OFF, items=[f"{two}=1"], at=LATER + 54)
    (made, _) = await allocations(dealer, LATER + 55)
    # What waited took effect on the day it was asked for.
    assert made.effective_on == moment(LATER + 1).astimezone(clock.zone()).date()


async def test_it_waits_on_the_desks_of_those_who_may_decide(finance: Person, second: Person, dealer: int) -> None:
    (one,) = ids_of(await post(finance, owed("100", number="I1")))
    number = await act(finance, WRITE_OFF, items=[f"{one}=51"], ask=True)
    waits = {}
    for person in (finance, second):
        with clock.fixed(moment(LATER + 2)):
            async with acting(person):
                waits[person] = (await desk_of(person)).named("write_offs")
    assert [waits[person].open.waiting for person in (finance, second)] == [0, 1]
    assert [each.url for each in waits[second].items] == [f"/receivables/waiting/{number}"]


async def test_what_waited_is_checked_anew(finance: Person, second: Person, dealer: int) -> None:
    (one,) = ids_of(await post(finance, owed("100")))
    number = await act(finance, WRITE_OFF, items=[f"{one}=80"], ask=True)
    assert number is not None
    await post(finance, paying("30", on=50), at=LATER + 2)
    with clock.fixed(moment(LATER + 3)):
        async with acting(second):
            told = await waiting_act(second, number)
            assert (told.found, isinstance(told.refused, Invalid)) == (None, True)
    with pytest.raises(Invalid):
        await say(second, approve_waiting, number, LATER + 3)
    with pytest.raises(Forbidden):
        await say(second, withdraw_waiting, number, LATER + 3)
    await say(finance, withdraw_waiting, number, LATER + 3)
    number = await act(finance, WRITE_OFF, items=[f"{one}=70"], ask=True, at=LATER + 4)
    assert number is not None
    await say(second, refuse_waiting, number, LATER + 5)
    assert await stands(dealer, LATER + 6) == (D(70), D(0), D(0))


@pytest.mark.parametrize("wrong", [["{one}=101"], ["{one}=5", "{foreign}=5"], ["{money}=5"], ["{one}=0.001"]])
async def test_what_cannot_be_written_off_is_refused(wrong: list[str], finance: Person, dealer: int) -> None:
    posted = ids_of(await post(finance, owed("100"), owed("9", number="I2", currency="USD"), paying("5", on=3)))
    named = dict(zip(("one", "foreign", "money"), posted, strict=True))
    with pytest.raises(Invalid) as refused:
        await act(finance, WRITE_OFF, items=[each.format(**named) for each in wrong])
    assert {each.field for each in refused.value.errors} == {"items"}


async def test_a_write_off_is_not_posted_as_a_document(finance: Person, dealer: int) -> None:
    with pytest.raises(Invalid) as refused:
        await post(finance, paying("5", kind=DocumentKind.WRITE_OFF, number="W"))
    assert [each.field for each in refused.value.errors] == ["kind"]


CASES = ("reverse", "allocate", "take back", "reallocate", "write off")


@pytest.mark.parametrize("what", CASES)
async def test_whatever_changes_a_closed_month_waits(what: str, finance: Person, second: Person, dealer: int) -> None:
    credit = paying("40", kind=DocumentKind.CREDIT_NOTE, number="C1", on=3, stays_on_account=True)
    posted = ids_of(await post(finance, owed("100", number="I1"), paying("30", number="R1", on=4), credit))
    owed_id, receipt, credit_id = posted
    (paid,) = await allocations(dealer)
    if what == "reallocate":
        await act(finance, TAKE_BACK, paid.id, at=LATER + 2)
    kind, target, body, after = {
        "reverse": (REVERSE, receipt, {}, (D(100), D(40), D(0))),
        "allocate": (ALLOCATE, 0, {"money": credit_id, "items": [f"{owed_id}=10"]}, (D(60), D(30), D(0))),
        "take back": (TAKE_BACK, paid.id, {"effective_on": day(20)}, (D(100), D(70), D(0))),
        "reallocate": (REALLOCATE, 0, {"currency": "CNY"}, (D(70), D(40), D(0))),
        "write off": (WRITE_OFF, 0, {"items": [f"{owed_id}=10"], "effective_on": day(20)}, (D(60), D(40), D(0))),
    }[what]
    before = await stands(dealer, LATER + 3)
    await close(finance, LATER + 3, "2025-01")
    with pytest.raises(Conflict) as refused:
        await act(finance, kind, target, at=LATER + 4, **body)
    assert [(each.field, "2025-01" in repr(each.reason)) for each in refused.value.errors] == [("ask", True)]
    number = await act(finance, kind, target, at=LATER + 5, ask=True, **body)
    assert number is not None
    assert await stands(dealer, LATER + 6) == before
    with pytest.raises(Forbidden):
        await say(finance, approve_waiting, number, LATER + 6)
    await say(second, approve_waiting, number, LATER + 7)
    assert await stands(dealer, LATER + 8) == after


async def test_an_open_month_holds_nothing_back_and_a_later_day_neither(
    finance: Person, second: Person, dealer: int
) -> None:
    _, receipt = ids_of(await post(finance, owed("100"), paying("30", on=4)))
    await close(finance, LATER + 1, "2025-01")
    (paid,) = await allocations(dealer)
    assert await act(finance, TAKE_BACK, paid.id, at=LATER + 2, effective_on=day(31)) is None
    with clock.fixed(moment(LATER + 3)):
        async with acting(finance):
            await open_month(finance, OpenMonth(month="2025-01", reason="a mistake"))
    assert await act(finance, REVERSE, receipt, at=LATER + 4) is None


async def test_nothing_is_posted_into_a_closed_month(finance: Person, dealer: int) -> None:
    await post(finance, owed("100"))
    await close(finance, LATER + 1, "2025-01")
    with pytest.raises(Refused):
        await post(finance, paying("30", on=4), at=LATER + 2)
    await post(finance, paying("30", on=31), at=LATER + 3)
    assert await stands(dealer, LATER + 4) == (D(70), D(0), D(0))
