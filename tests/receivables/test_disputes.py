"""Disputes on PostgreSQL: opened, handed on, ended, told on both clocks, and by whom."""

from typing import Any

import pytest

from channel import clock
from channel.access.rules import Person, Role
from channel.database import db
from channel.errors import Conflict, Forbidden, Invalid, NotFound
from channel.lists import ALL
from channel.receivables.acts.disputes import EndDispute, HandOnDispute
from channel.receivables.queries.disputes import DisputeFilter
from channel.receivables.queries.open_items import ItemFilter
from channel.receivables.rules.disputes import DisputeReason, DisputeState, Outcome
from channel.receivables.rules.documents import Document, DocumentKind, Instalment
from channel.receivables.service.dealer import dealer_account
from channel.receivables.service.disputes import (
    dispute_of,
    disputes,
    disputes_of_dealer,
    end_dispute,
    hand_on_dispute,
    open_dispute,
)
from channel.receivables.service.open_items import open_items, open_items_summed
from channel.receivables.service.overview import overview
from channel.view import View
from tests.make.access import acting, make_person, make_territories
from tests.make.dealers import make_dealer
from tests.make.disputes import opening
from tests.make.ledger import post, reverse
from tests.make.receivables import D, day, moment, owed, paying

NOW = 40 * 24


@pytest.fixture
async def finance(database: str) -> Person:
    with clock.fixed(moment(0)):
        return await make_person(Role.FINANCE, login="finance-1")


@pytest.fixture
async def places(finance: Person) -> dict[str, int]:
    with clock.fixed(moment(0)):
        made = await make_territories("East/Harbour", "West")
        await make_dealer("D-1", currency="CNY", territory=made["Harbour"])
        await make_dealer("D-2", currency="CNY", territory=made["West"])
    return made


async def posted(finance: Person, *given: Document, at: int = 240, code: str = "D-1") -> int:
    """The number in the ledger of the first."""
    return (await post(finance, *given, at=at, code=code)).documents[0].document.id


async def opened(person: Person, document: int, amount: str = "40", *, at: int = NOW, **given: Any) -> int:  # noqa: ANN401 - fields of the act
    with clock.fixed(moment(at)):
        async with acting(person):
            return await open_dispute(person, given.pop("code", "D-1"), opening(document, amount, **given))


async def ended(person: Person, number: int, *, at: int = NOW, **given: Any) -> None:  # noqa: ANN401 - fields of the act
    act = EndDispute(**{"outcome": Outcome.AGREED, "reason": "talked about it"} | given)
    with clock.fixed(moment(at)):
        async with acting(person):
            await end_dispute(person, number, act)


def view(on: int, known_at: int | None = None) -> View:
    return View(day(on), moment(NOW if known_at is None else known_at), past=known_at is not None, dated=True)


async def parts(person: Person, seen: View, **asked: Any) -> list[tuple[str, int, str]]:  # noqa: ANN401 - of the filter
    """Number, instalment and disputed part of what is open."""
    with clock.fixed(moment(NOW)):
        async with acting(person):
            rows = (await open_items(person, ItemFilter(**asked), seen, ALL)).items
    return [(row["number"], row["instalment"], str(round(row["disputed"]))) for row in rows]


async def test_a_dispute_is_told_with_its_history_and_its_credit_note(finance: Person, places: dict[str, int]) -> None:
    other = await make_person(Role.MANAGER, login="manager-1")
    invoice = await posted(finance, owed("100"))
    await posted(
        finance, paying("30", kind=DocumentKind.CREDIT_NOTE, number="C1", on=12, stays_on_account=True), at=300
    )
    number = await opened(finance, invoice, "40", due_on=day(45), remark="two wheels are bent")
    with clock.fixed(moment(NOW)):
        async with acting(other):
            await hand_on_dispute(other, number, HandOnDispute(owner="Manager-1", reason="he knows the goods"))
            found = await dispute_of(other, number)
    assert [(each["login"], each["reason"]) for each in found.owners] == [
        ("finance-1", None),
        ("manager-1", "he knows the goods"),
    ]
    assert (found.row["state"], found.row["owner"], found.row["due_on"]) == ("open", "manager-1", day(45))
    with pytest.raises(Invalid) as refused:
        await ended(finance, number, outcome=Outcome.CREDITED, credit_note="C2")
    assert [each.field for each in refused.value.errors] == ["credit_note"]
    await ended(finance, number, outcome=Outcome.CREDITED, credit_note="c1", effective_on=None)
    async with acting(finance):
        found = await dispute_of(finance, number)
    assert (found.row["state"], found.row["credit_note"], found.row["credited"]) == ("credited", "C1", D(30))
    with pytest.raises(Conflict):
        await ended(finance, number)
    async with acting(finance):
        with pytest.raises(Conflict):
            await hand_on_dispute(finance, number, HandOnDispute(owner="finance-1", reason="again"))


async def test_no_more_is_disputed_than_is_open_and_not_disputed_yet(finance: Person, places: dict[str, int]) -> None:
    invoice = await posted(finance, owed("100"))
    await posted(finance, paying("30", on=20, references=("I1",)), at=500)
    with pytest.raises(Invalid):
        await opened(finance, invoice, "70.01")
    await opened(finance, invoice, "50", effective_on=day(25))
    for amount, on in (("20.01", 30), ("50.01", 10)):
        with pytest.raises(Invalid) as refused:
            await opened(finance, invoice, amount, effective_on=day(on))
        assert [each.field for each in refused.value.errors] == ["amount"]
    await opened(finance, invoice, "50", effective_on=day(10))
    # On the 30th day 70 are open and 100 are disputed: no more counts than is open.
    assert await parts(finance, view(30)) == [("I1", 1, "70")]
    assert await parts(finance, view(15)) == [("I1", 1, "50")]


async def test_the_disputed_part_is_that_of_the_day_as_known_then(finance: Person, places: dict[str, int]) -> None:
    instalments = (Instalment(day(15), D(40)), Instalment(day(30), D(60)))
    invoice = await posted(finance, owed("100", instalments=instalments))
    number = await opened(finance, invoice, "55", at=600, effective_on=day(20))
    await ended(finance, number, at=900, effective_on=day(30))
    nothing = [("I1", 1, "0"), ("I1", 2, "0")]
    some = [("I1", 1, "40"), ("I1", 2, "15")]
    for seen, expected in (
        (view(19), nothing), (view(20), some), (view(29), some), (view(30), nothing), (view(20, 599), nothing),
        (view(35, 899), some), (view(35, 900), nothing),
    ):  # fmt: skip
        assert await parts(finance, seen) == expected, seen
        assert await parts(finance, seen, disputed_only=True) == [each for each in expected if each[2] != "0"]
        with clock.fixed(moment(NOW)):
            async with acting(finance):
                account = await dealer_account(finance, "D-1", seen)
                (sums,) = await open_items_summed(finance, ItemFilter(), seen)
        told = sum(D(part) for _, _, part in expected)
        assert account.sums[0].disputed == sums["disputed"] == account.aged.rows[0].disputed == told
        late = sum((each["disputed"] for each in account.items if each["due_on"] < seen.as_of), D(0))
        assert account.sums[0].overdue_disputed == sums["overdue_disputed"] == late


async def test_what_is_paid_leaves_nothing_disputed_and_overdue_says_what_of_it_is(
    finance: Person, places: dict[str, int]
) -> None:
    invoice = await posted(finance, owed("100", due=20))
    await opened(finance, invoice, "40")
    with clock.fixed(moment(NOW)):
        async with acting(finance):
            (sums,) = (await overview(finance)).sums
    assert (sums["overdue"], sums["overdue_disputed"]) == (D(100), D(40))
    await posted(finance, paying("75", on=39, references=("I1",)), at=NOW)
    assert await parts(finance, view(40)) == [("I1", 1, "25")]
    await posted(finance, paying("25", on=39, number="R2", references=("I1",)), at=NOW)
    assert await parts(finance, view(40)) == []
    with clock.fixed(moment(NOW)):
        async with acting(finance):
            account = await dealer_account(finance, "D-1", view(40))
            (row,) = (await disputes(finance, DisputeFilter(DisputeState.OPEN), ALL)).items
    assert [each.disputed for each in account.sums] == []
    assert row["open"] == 0, "the dispute is still to be answered"


async def test_a_document_that_is_reversed_ends_its_disputes(finance: Person, places: dict[str, int]) -> None:
    invoice = await posted(finance, owed("100"))
    before = await opened(finance, invoice, "10", effective_on=day(5))
    done = await opened(finance, invoice, "20", effective_on=day(6))
    after = await opened(finance, invoice, "30", effective_on=day(30))
    await ended(finance, done, effective_on=day(8))
    await reverse(finance, invoice, on=20, at=NOW)
    async with acting(finance):
        rows = {row["id"]: row for row in (await disputes(finance, DisputeFilter(), ALL)).items}
    assert {number: (row["state"], row["ended_on"]) for number, row in rows.items()} == {
        before: ("reversed", day(20)),
        done: ("agreed", day(8)),
        after: ("reversed", day(30)),
    }
    with pytest.raises(Invalid):
        await opened(finance, invoice, "5", effective_on=day(10))


async def test_the_owner_signs_in_and_may_see_the_dealer(finance: Person, places: dict[str, int]) -> None:
    invoice = await posted(finance, owed("100"))
    near = await make_person(Role.REGIONAL, places["East"], login="near")
    await make_person(Role.REGIONAL, places["West"], login="far")
    await make_person(Role.ADMINISTRATOR, login="admin")
    for owner in ("far", "admin", "nobody-at-all"):
        with pytest.raises(Invalid) as refused:
            await opened(finance, invoice, owner=owner)
        assert [each.field for each in refused.value.errors] == ["owner"], owner
    number = await opened(near, invoice, owner="near")
    with pytest.raises(Forbidden):
        await ended(near, number)
    await ended(finance, number, outcome=Outcome.REFUSED)


async def test_who_may_not_see_the_dealer_finds_no_dispute(finance: Person, places: dict[str, int]) -> None:
    invoice = await posted(finance, owed("100"))
    number = await opened(finance, invoice)
    far = await make_person(Role.REGIONAL, places["West"])
    auditor = await make_person(Role.AUDITOR)
    async with acting(far):
        assert (await disputes(far, DisputeFilter(), ALL)).items == []
        with pytest.raises(NotFound):
            await dispute_of(far, number)
        with pytest.raises(NotFound):
            await disputes_of_dealer(far, "D-1", DisputeFilter(), ALL)
        with pytest.raises(NotFound):
            await hand_on_dispute(far, number, HandOnDispute(owner="finance-1", reason="mine"))
        with pytest.raises(NotFound):
            await open_dispute(far, "D-1", opening(invoice))
    async with acting(auditor):
        assert len((await disputes(auditor, DisputeFilter(), ALL)).items) == 1
        with pytest.raises(Forbidden):
            await open_dispute(auditor, "D-1", opening(invoice))


async def test_the_list_answers_what_it_is_asked(finance: Person, places: dict[str, int]) -> None:
    await make_person(Role.MANAGER, login="manager-1")
    one = await posted(finance, owed("100"))
    two = await posted(finance, owed("80", number="I9"), code="D-2", at=241)
    first = await opened(finance, one, due_on=day(41))
    second = await opened(
        finance,
        two,
        code="D-2",
        owner="manager-1",
        reason_code=DisputeReason.PRICE,
        due_on=day(39),
        effective_on=day(30),
    )
    third = await opened(finance, one, "5", due_on=day(42))
    await ended(finance, third)
    asked: tuple[tuple[DisputeFilter, set[int]], ...] = (
        (DisputeFilter(), {first, second, third}),
        (DisputeFilter(DisputeState.OPEN), {first, second}),
        (DisputeFilter(DisputeState.AGREED), {third}),
        (DisputeFilter(owner="manager-1"), {second}),
        (DisputeFilter(reason="price"), {second}),
        (DisputeFilter(document_id=one), {first, third}),
        (DisputeFilter(late=True), {second}),
    )
    with clock.fixed(moment(NOW)):
        async with acting(finance):
            for each, expected in asked:
                assert {row["id"] for row in (await disputes(finance, each, ALL)).items} == expected, each
            (mine,) = (await disputes_of_dealer(finance, "D-2", DisputeFilter(), ALL)).items
    assert (mine["id"], mine["days_late"]) == (second, 1)


async def test_the_reasons_are_those_of_the_database(finance: Person) -> None:
    async with db.held(db.EVERYTHING):
        rows = await db.fetch("SELECT code FROM dispute_reason ORDER BY place")
    assert [row["code"] for row in rows] == [each.value for each in DisputeReason]


async def test_the_rest_of_a_short_payment_is_one_click_from_its_dispute(
    finance: Person,
    places: dict[str, int],
    browser: Any,  # noqa: ANN401 - the fixture
) -> None:
    invoice = await posted(finance, owed("100"))
    receipt = await posted(finance, paying("70", on=5, references=("I1",)), at=300)
    at = f"/dealers/D-1/receivables/dispute?document={invoice}"
    mine = await browser(finance)
    for page in (invoice, receipt):
        assert at in (await mine.get(f"/receivables/documents/D-1/{page}")).text
    form = (await mine.get(at)).text
    assert 'value="30.00"' in form
    assert 'value="finance-1"' in form
    theirs = await browser(await make_person(Role.AUDITOR))
    assert "Dispute the rest" not in (await theirs.get(f"/receivables/documents/D-1/{invoice}")).text


async def test_the_desk_tells_an_owner_what_he_has_to_answer_and_finance_what_is_late(
    finance: Person,
    places: dict[str, int],
    api: Any,  # noqa: ANN401 - the fixture
) -> None:
    near = await make_person(Role.REGIONAL, places["East"], login="near")
    await make_person(Role.MANAGER, login="manager-1")
    invoice = await posted(finance, owed("100"))
    late = await opened(finance, invoice, "1", owner="near", due_on=day(39), effective_on=day(30))
    today = await opened(finance, invoice, "2", owner="near", due_on=day(40))
    await opened(finance, invoice, "3", owner="near", due_on=day(41))
    others = await opened(finance, invoice, "4", owner="manager-1", due_on=day(38), effective_on=day(30))
    done = await opened(finance, invoice, "5", owner="near", due_on=day(37), effective_on=day(30))
    await ended(finance, done)
    with clock.fixed(moment(NOW)):
        mine = (await (await api(near)).get("/api/v1/desk")).json()
        whole = (await (await api(finance)).get("/api/v1/desk")).json()
    assert [each["key"] for each in mine["also"]["disputes"]] == [str(late), str(today)]
    assert "late_disputes" not in mine["also"]
    assert whole["also"]["disputes"] == []
    assert [each["id"] for each in whole["also"]["late_disputes"]] == [others, late]
