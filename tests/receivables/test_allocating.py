"""What pays what by hand, taken back, and allocated anew: on PostgreSQL, against the rules."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from channel import clock
from channel.access.rules import Person, Role
from channel.errors import Conflict, Forbidden, Invalid, NotFound
from channel.receivables.acts.allocating import AllocateByHand
from channel.receivables.queries import documents as queries
from channel.receivables.rules.documents import Document, DocumentKind
from channel.receivables.rules.movements import Allocation, Settles, compute_standing
from channel.receivables.service.allocating import ALLOCATE, TAKE_BACK
from channel.receivables.service.kept import reconcile_ledger
from channel.receivables.service.ledger_acts import LedgerAct
from channel.receivables.service.posting import Given, Posted, post_documents
from channel.receivables.service.reallocating import REALLOCATE
from channel.receivables.service.reversing import REVERSE
from channel.receivables.service.waiting import do_or_ask
from channel.view import View
from tests.make.access import acting, make_person
from tests.make.dealers import make_dealer
from tests.make.ledger import LATER
from tests.make.ledger_rules import put_rules_in_force
from tests.make.receivables import D, day, moment, movements_posted, owed, paying, some_documents
from tests.receivables.test_ledger import account, stood


@pytest.fixture
async def finance(database: str) -> Person:
    return await make_person(Role.FINANCE)


@pytest.fixture
async def dealers(finance: Person) -> list[int]:
    with clock.fixed(moment(0)):
        return [await make_dealer(code, currency="CNY") for code in ("D-1", "D-2", "D-3")]


async def post(finance: Person, *documents: Document, code: str = "D-1", at: int = LATER) -> Posted:
    with clock.fixed(moment(at)):
        async with acting(finance):
            return await post_documents(finance, [Given(code, replace(each, id=0)) for each in documents])


async def act(
    person: Person,
    kind: LedgerAct[Any],
    target: int = 0,
    *,
    code: str = "D-1",
    at: int = LATER + 1,
    **body: Any,  # noqa: ANN401 - of any act
) -> int | None:
    with clock.fixed(moment(at)):
        async with acting(person):
            return await do_or_ask(person, kind, code, target, kind.body(reason="agreed", **body))


async def allocations(dealer_id: int, at: int = LATER + 9) -> list[Allocation]:
    with clock.fixed(moment(at)):
        async with acting(await make_person(Role.FINANCE)):
            ids = [each.id for each in await queries.live_documents(dealer_id, "CNY")]
            return await queries.allocations_between(dealer_id, ids)


def ids_of(posted: Posted) -> list[int]:
    return [each.document.id for each in posted.documents]


async def test_money_on_account_settles_what_is_chosen(finance: Person, dealers: list[int]) -> None:
    credit = paying("90", kind=DocumentKind.CREDIT_NOTE, number="C1", on=3, stays_on_account=True)
    one, two, money = ids_of(await post(finance, owed("100", number="I1", on=1), owed("80", number="I2", on=5), credit))
    assert await act(finance, ALLOCATE, money=money, items=[f"{two}=60", f"{one}/1=10.50"]) is None
    made = await allocations(dealers[0])
    assert [(each.item.document_id, each.amount, each.effective_on) for each in made] == [
        (two, D(60), day(5)),
        (one, D("10.5"), day(3)),
    ]
    with clock.fixed(moment(LATER + 2)):
        async with acting(finance):
            assert await account(dealers[0]) == {"CNY": (D("109.5"), D("19.5"), D(0))}
            assert await reconcile_ledger() == 0


@pytest.mark.parametrize(
    ("items", "on", "field"),
    [
        (["{one}=100.01"], None, "items"),
        (["{one}=50", "{two}=40.01"], None, "items"),
        (["{one}=0"], None, "items"),
        (["{one}/2=5"], None, "items"),
        (["{money}=5"], None, "items"),
        (["{foreign}=5"], None, "items"),
        (["999=5"], None, "items"),
        (["{one}=5"], 2, "effective_on"),
        (["{one}=5"], 100, "effective_on"),
    ],
)
async def test_what_cannot_be_chosen_is_refused_and_nothing_moves(
    items: Sequence[str], on: int | None, field: str, finance: Person, dealers: list[int]
) -> None:
    credit = paying("90", kind=DocumentKind.CREDIT_NOTE, number="C1", on=3, stays_on_account=True)
    foreign = owed("70", number="I3", currency="USD")
    posted = ids_of(await post(finance, owed("100", number="I1"), owed("80", number="I2"), credit, foreign))
    named = dict(zip(("one", "two", "money", "foreign"), posted, strict=True))
    with pytest.raises(Invalid) as refused:
        await act(
            finance,
            ALLOCATE,
            money=named["money"],
            items=[each.format(**named) for each in items],
            effective_on=None if on is None else day(on),
        )
    assert [each.field for each in refused.value.errors] == [field]
    assert await allocations(dealers[0]) == []


@pytest.mark.parametrize("items", [[], ["12"], ["x=5"], ["1=5", "1/1=6"], ["1/2/3=5"]])
def test_items_are_written_so_that_they_can_be_read(items: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        AllocateByHand(money=1, items=items, reason="agreed")
    assert {each.field for each in refused.value.errors} == {"items"}


async def test_only_finance_allocates_and_only_what_is_there(finance: Person, dealers: list[int]) -> None:
    (one,) = ids_of(await post(finance, owed("100")))
    with pytest.raises(NotFound):
        await act(finance, ALLOCATE, money=one + 99, items=[f"{one}=5"])
    with pytest.raises(NotFound):
        await act(finance, TAKE_BACK, 99)
    manager = await make_person(Role.MANAGER)
    with pytest.raises(Forbidden):
        await act(manager, ALLOCATE, money=one, items=[f"{one}=5"])


async def test_a_payment_goes_back_with_the_discount_it_earned(finance: Person, dealers: list[int]) -> None:
    second = await make_person(Role.FINANCE)
    with clock.fixed(moment(1)):
        await put_rules_in_force(finance, second, day(0), tolerance_amount="2", tolerance_rate="0.1", alone_amount="2")
    one, money = ids_of(await post(finance, owed("100", number="I1"), paying("99", on=4)))
    payment, difference = await allocations(dealers[0])
    assert (payment.settles, difference.settles) == (Settles.PAYMENT, Settles.DIFFERENCE)
    with pytest.raises(Conflict):
        await act(finance, TAKE_BACK, difference.id)
    for on in (3, 100):
        with pytest.raises(Invalid):
            await act(finance, TAKE_BACK, payment.id, effective_on=day(on))
    await act(finance, TAKE_BACK, payment.id, effective_on=day(20))
    assert {each.taken_back_on for each in await allocations(dealers[0])} == {day(20)}
    with clock.fixed(moment(LATER + 2)):
        async with acting(finance):
            assert await account(dealers[0]) == {"CNY": (D(100), D(99), D(0))}
            assert await reconcile_ledger() == 0
    with pytest.raises(Invalid):
        await act(finance, TAKE_BACK, payment.id, at=LATER + 3)
    # What was taken back on a day is free from then on.
    with pytest.raises(Invalid):
        await act(finance, ALLOCATE, at=LATER + 3, money=money, items=[f"{one}=5"], effective_on=day(19))
    await act(finance, ALLOCATE, at=LATER + 3, money=money, items=[f"{one}=5"])
    assert (await allocations(dealers[0]))[-1].effective_on == day(20)


def _named(documents: Iterable[Document], made: Iterable[Allocation]) -> list[tuple[object, ...]]:
    """Allocations that hold, by what the documents are called: two dealers' can be compared."""
    names = {each.id: (each.kind, each.number) for each in documents}
    return sorted(
        (names[a.money_id], names[a.item.document_id], a.item.instalment, a.settles, a.amount, a.effective_on)
        for a in made
        if a.holds
    )


async def _live(finance: Person, dealer_id: int, at: int) -> list[Document]:
    with clock.fixed(moment(at)):
        async with acting(finance):
            return await queries.live_documents(dealer_id, "CNY")


def _postable(documents: Iterable[Document]) -> list[Document]:
    made = []
    for each in documents:
        if each.kind is DocumentKind.BILL:
            made.append(replace(each, matures_on=day(40)))
        elif each.discount is not None:
            last = each.instalments[-1].due_on
            made.append(replace(each, discount=replace(each.discount, until=min(each.discount.until, last))))
        else:
            made.append(each)
    return made


@pytest.mark.parametrize("seed", range(5))
async def test_one_load_is_as_good_as_loads_that_follow_one_another_by_day(
    seed: int, finance: Person, dealers: list[int]
) -> None:
    """The first property: in any order of lines in one load, and in loads that are parted at day ends."""
    random = Random(seed)  # noqa: S311 - documents for a test
    documents = _postable(some_documents(random))
    await post(finance, *documents, code="D-1")
    random.shuffle(documents)
    await post(finance, *documents, code="D-2", at=LATER + 1)
    documents.sort(key=lambda each: each.effective_on)
    ends = sorted(random.sample(range(9), 3))
    for at, (after, until) in enumerate(zip((-1, *ends), (*ends, 99), strict=True)):
        part = [each for each in documents if day(after) < each.effective_on <= day(until)]
        random.shuffle(part)
        if part:
            await post(finance, *part, code="D-3", at=LATER + 2 + at)
    first, second, third = [_named(await _live(finance, each, LATER + 9), await allocations(each)) for each in dealers]
    assert first == second
    assert first == third


@pytest.mark.parametrize("seed", range(5))
async def test_allocated_anew_every_day_is_as_after_one_load(seed: int, finance: Person, dealers: list[int]) -> None:
    """The second property: whatever came late, was allocated by hand, taken back or reversed in between."""
    random = Random(100 + seed)  # noqa: S311 - documents for a test
    documents, hour = _postable(some_documents(random)), LATER
    random.shuffle(documents)
    late = list(documents)
    while late:
        hour += 1
        await post(finance, *[late.pop() for _ in range(min(len(late), random.randint(1, 5)))], at=hour)
        held = [each for each in await allocations(dealers[0], hour) if each.holds and each.settles is Settles.PAYMENT]
        if held and random.random() < 0.7:
            hour += 1
            gone = random.choice(held)
            on = random.randint((gone.effective_on - day(0)).days, 30)
            await act(finance, TAKE_BACK, gone.id, at=hour, effective_on=day(on))
    await post(finance, *documents, code="D-2", at=hour + 1)
    with suppress(Conflict):  # Nothing came so late that it would change anything.
        await act(finance, REALLOCATE, currency="CNY", at=hour + 2)
    with pytest.raises(Conflict):
        await act(finance, REALLOCATE, currency="CNY", at=hour + 3)
    first, second = [
        _named(await _live(finance, each, hour + 4), await allocations(each, hour + 4)) for each in dealers[:2]
    ]
    assert first == second
    with clock.fixed(moment(hour + 4)):
        async with acting(finance):
            assert await reconcile_ledger() == 0
            for on in range(31):
                view = View(day(on), moment(hour + 4), past=True, dated=True)
                left = await stood(dealers[0], view)
                assert left == compute_standing(await movements_posted(dealers[0]), view)
                assert min((*left.items.values(), *left.on_account.values(), D(1))) > 0
                assert left.open == (await stood(dealers[1], view)).open


async def test_what_a_dishonoured_bill_paid_stays_paid_until_it_was(finance: Person, dealers: list[int]) -> None:
    bill = paying("100", kind=DocumentKind.BILL, number="B1", on=5, matures_on=day(50))
    _, bill_id = ids_of(await post(finance, owed("100", number="I1"), bill))
    await post(finance, paying("60", number="R1", on=8), at=LATER + 1)
    await act(finance, REVERSE, bill_id, effective_on=day(20), at=LATER + 2)
    await act(finance, REALLOCATE, currency="CNY", at=LATER + 3)
    with clock.fixed(moment(LATER + 4)):
        async with acting(finance):
            for on, left, on_account in ((6, 0, 0), (10, 0, 60), (19, 0, 60), (20, 40, 0)):
                found = await stood(dealers[0], View(day(on), moment(LATER + 4), past=True, dated=True))
                assert (found.open, found.unapplied) == (D(left), D(on_account)), on
            assert await reconcile_ledger() == 0


async def test_what_was_allocated_by_hand_stays_where_that_is_wanted(finance: Person, dealers: list[int]) -> None:
    credit = paying("50", kind=DocumentKind.CREDIT_NOTE, number="C1", stays_on_account=True)
    _, two, money = ids_of(await post(finance, owed("50", number="I1"), owed("50", number="I2", due=60), credit))
    await act(finance, ALLOCATE, money=money, items=[f"{two}=20"])
    with pytest.raises(Conflict):
        await act(finance, REALLOCATE, currency="CNY", keep_by_hand=True, at=LATER + 2)
    await act(finance, REALLOCATE, currency="CNY", at=LATER + 2)
    assert [each.holds for each in await allocations(dealers[0])] == [False]
