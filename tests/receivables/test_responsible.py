"""Receivables by who looks after the dealers, and disputes that go along when that becomes another."""

from collections.abc import Awaitable, Callable
from datetime import date

import httpx
import pytest

from channel import clock
from channel.access.rules import Person, Role
from channel.database import db
from channel.dealers.acts import ChangeResponsible
from channel.dealers.queries.responsible import responsible_meant
from channel.dealers.rules import Fact
from channel.dealers.service.facts import apply_due_facts
from channel.dealers.service.responsible import responsible_asked
from channel.dealers.service.responsible_of_many import review_responsible
from channel.errors import NotFound
from channel.lists import ALL
from channel.receivables.acts.disputes import EndDispute
from channel.receivables.acts.statements import GiveStatement
from channel.receivables.lists.ageing import AGED_ITEMS
from channel.receivables.queries.ageing import Cell
from channel.receivables.queries.disputes import DisputeFilter
from channel.receivables.queries.open_items import ItemFilter
from channel.receivables.queries.promises import PromiseFilter
from channel.receivables.rules.ageing import AgeBy
from channel.receivables.rules.disputes import Outcome
from channel.receivables.rules.documents import DocumentKind
from channel.receivables.service.ageing import Asked, ageing, documents_behind, history
from channel.receivables.service.disputes import dispute_of, disputes, end_dispute, open_dispute
from channel.receivables.service.open_items import open_items
from channel.receivables.service.promises import enter_promise, promises_told
from channel.receivables.service.statements import give_statement
from channel.view import View
from tests.make.access import acting, make_member, make_person, make_territories
from tests.make.dealers import MANAGER, change_fact, make_dealer
from tests.make.disputes import opening
from tests.make.ledger import post, reverse
from tests.make.receivables import day, moment, owed, paying, promising

NOW, THEN = 40 * 24, 25 * 24
"""The hours of today, and of a day on which S-2 was not known to have D-1."""


@pytest.fixture
async def finance(database: str) -> Person:
    """Each of three dealers owes 100 since day 10. D-2 is of S-1, D-3 of nobody.

    D-1 was of S-1; on day 30 it is said that it is of S-2 since day 20. S-3 signs in elsewhere, S-4 nowhere.
    """
    with clock.fixed(moment(0)):
        administrator = await make_person(Role.ADMINISTRATOR, login="administrator-1")
        person = await make_person(Role.FINANCE, login="finance-1")
        made = await make_territories("East", "West")
        east = await make_person(Role.REGIONAL, made["East"], login="east-1")
        west = await make_person(Role.REGIONAL, made["West"], login="west-1")
        for code, login in (("S-1", "finance-1"), ("S-2", east.login), ("S-3", west.login), ("S-4", None)):
            await make_member(administrator, code, login=login)
        for code in ("D-1", "D-2", "D-3"):
            await make_dealer(code, currency="CNY", territory=made["East"])
        await _give("D-1", "S-1", 0)
        await _give("D-2", "S-1", 0)
    for code in ("D-1", "D-2", "D-3"):
        await post(person, owed("100", number=f"I-{code}", on=10, due=20), at=240, code=code)
    with clock.fixed(moment(30 * 24)):
        await _give("D-1", "S-2", 20)
    return person


async def _give(dealer: str, member: str | None, from_day: int, reason: str | None = None) -> None:
    async with acting(MANAGER):
        await change_fact(MANAGER, dealer, Fact.RESPONSIBLE, member, effective_on=day(from_day), reason=reason)


def _view(on: int, known_at: int = NOW) -> View:
    return View(day(on), moment(known_at), past=known_at != NOW, dated=True)


VIEWS = (
    # On the day, and as known at the hour: whose D-1 is; before day 20 and before it was known it is S-1's.
    (_view(40), "S-2"),
    (_view(20), "S-2"),
    (_view(19), "S-1"),
    (_view(25, THEN), "S-1"),
    (_view(40, NOW - 1), "S-2"),
)


@pytest.mark.parametrize(("seen", "whose"), VIEWS)
async def test_what_is_open_is_asked_and_told_by_who_looked_after_the_dealer_then(
    finance: Person, seen: View, whose: str
) -> None:
    expected = {"S-1": {"D-2"}, "S-2": set[str](), "nobody": {"D-3"}, "S-4": set[str]()}
    expected[whose] = expected[whose] | {"D-1"}
    with clock.fixed(moment(NOW)):
        async with acting(finance):
            for code, dealers in expected.items():
                told = await ageing(finance, Asked(responsible=code), seen)
                assert {row.group for row in told.rows} == dealers, code
                asked = ItemFilter(responsible=await responsible_meant(code))
                items = (await open_items(finance, asked, seen, ALL)).items
                assert {row["dealer"] for row in items} == dealers, code
            groups = await ageing(finance, Asked(by=AgeBy.RESPONSIBLE), seen)
            counted = {row.group or "nobody": row.dealers for row in groups.rows}
            assert counted == {code: len(dealers) for code, dealers in expected.items() if dealers}
            assert {row.name for row in groups.rows} == {
                None,
                *(f"Member {code}" for code in counted if code != "nobody"),
            }
            for row in groups.rows:
                cell = Cell(AgeBy.RESPONSIBLE, row.group, "open")
                behind = await documents_behind(finance, Asked(by=AgeBy.RESPONSIBLE), cell, seen, AGED_ITEMS, ALL)
                assert {each["dealer"] for each in behind.items} == expected[row.group or "nobody"]


async def test_a_months_end_is_that_of_whose_the_dealers_were_then(finance: Person) -> None:
    with clock.fixed(moment(60 * 24)):
        await _give("D-2", "S-2", 45)
        async with acting(finance):
            sums = {}
            for code in ("S-1", "S-2", "nobody"):
                asked = Asked(responsible=code, currency="CNY")
                told = await history(finance, asked, View(day(60), moment(60 * 24), past=False, dated=True))
                assert told is not None
                sums[code] = [int(each.ageing.open) for each in told.ends][-3:]
    # The ends of January and February, and the day in March: D-2 went over in February.
    assert sums == {"S-1": [100, 0, 0], "S-2": [100, 200, 200], "nobody": [100, 100, 100]}


async def test_a_member_that_there_is_not_is_told(finance: Person) -> None:
    with clock.fixed(moment(NOW)):
        async with acting(finance):
            for asked in (responsible_asked("S-9"), ageing(finance, Asked(responsible="S-9"), _view(40))):
                with pytest.raises(NotFound):
                    await asked
            assert await responsible_asked("") is None
            assert await responsible_asked("nobody") == 0


async def test_promises_are_asked_by_who_looks_after_the_dealer(finance: Person) -> None:
    with clock.fixed(moment(NOW)):
        async with acting(finance):
            for code in ("D-1", "D-2", "D-3"):
                await enter_promise(finance, code, promising())
            found = {}
            for code in ("S-1", "S-2", "nobody", "S-4"):
                asked = PromiseFilter(responsible=await responsible_meant(code))
                found[code] = [row["dealer"] for row in (await promises_told(finance, asked, ALL)).items]
    assert found == {"S-1": ["D-2"], "S-2": ["D-1"], "nobody": ["D-3"], "S-4": []}


async def _contested(finance: Person, code: str, owner: str = "finance-1") -> int:
    """A dispute about the dealer's invoice, opened today."""
    with clock.fixed(moment(NOW)):
        async with acting(finance):
            document = await db.fetchval("SELECT id FROM receivable_document WHERE number = $1", f"I-{code}")
            return await open_dispute(finance, code, opening(document, "10", owner=owner))


async def _owners(finance: Person, number: int) -> list[tuple[str, date, str | None]]:
    async with acting(finance):
        told = await dispute_of(finance, number)
    return [(row["login"], row["due_on"], row["reason"]) for row in told.owners]


async def test_outstanding_disputes_of_the_one_before_go_along(finance: Person) -> None:
    mine, ended, others, elsewhere = [
        await _contested(finance, code, owner)
        for code, owner in (("D-2", "finance-1"), ("D-2", "finance-1"), ("D-2", "east-1"), ("D-3", "finance-1"))
    ]
    with clock.fixed(moment(NOW)):
        async with acting(finance):
            await end_dispute(finance, ended, EndDispute(outcome=Outcome.AGREED, reason="paid"))
        async with acting(MANAGER):
            plan = await review_responsible(MANAGER, ChangeResponsible(member="S-2", reason="new"))
            assert [(each.name, each.count) for each in plan.along] == [("disputes", 1)]
        await _give("D-2", "S-2", 40, "a new territory")
        asked = DisputeFilter(responsible=await _number("S-2"))
        async with acting(finance):
            listed = {row["id"] for row in (await disputes(finance, asked, ALL)).items}
    assert await _owners(finance, mine) == [("finance-1", day(60), None), ("east-1", day(60), "a new territory")]
    for untouched, owner in ((ended, "finance-1"), (others, "east-1"), (elsewhere, "finance-1")):
        assert await _owners(finance, untouched) == [(owner, day(60), None)]
    assert listed == {mine, ended, others}


async def _number(code: str) -> int:
    async with db.held(db.EVERYTHING):
        found = await responsible_meant(code)
    assert found is not None
    return found


@pytest.mark.parametrize("member", ["S-3", "S-4", None])
async def test_a_dispute_stays_where_the_other_may_not_see_it(finance: Person, member: str | None) -> None:
    """S-3 signs in for other territories, S-4 nowhere, and nobody is nobody."""
    number = await _contested(finance, "D-2")
    with clock.fixed(moment(NOW)):
        await _give("D-2", member, 40)
    assert await _owners(finance, number) == [("finance-1", day(60), None)]


async def test_a_dispute_stays_where_the_other_does_not_sign_in_any_more(finance: Person) -> None:
    number = await _contested(finance, "D-2")
    with clock.fixed(moment(NOW)):
        async with db.held(db.EVERYTHING), db.transaction():
            await db.execute("UPDATE person SET active = false WHERE login = 'east-1'")
        await _give("D-2", "S-2", 40)
    assert await _owners(finance, number) == [("finance-1", day(60), None)]


async def test_disputes_go_along_on_the_day_that_was_said(finance: Person) -> None:
    number = await _contested(finance, "D-2")
    with clock.fixed(moment(NOW)):
        await _give("D-2", "S-2", 42, "moves")
    for hour, owners in ((41 * 24, 1), (42 * 24, 2), (43 * 24, 2)):
        with clock.fixed(moment(hour)):
            async with db.held(db.EVERYTHING):
                await apply_due_facts()
        assert len(await _owners(finance, number)) == owners
    # Why is said by the fact of another posting.
    assert (await _owners(finance, number))[-1] == ("east-1", day(60), None)


async def test_every_face_asks_by_responsible(
    finance: Person, api: Callable[[Person], Awaitable[httpx.AsyncClient]]
) -> None:
    bill = paying("5", kind=DocumentKind.BILL, number="B1", on=6, matures_on=day(20))
    bill_id = (await post(finance, bill, at=30 * 24, code="D-2")).documents[0].document.id
    await reverse(finance, bill_id, on=20, at=30 * 24 + 1, code="D-2")
    await _contested(finance, "D-2")
    with clock.fixed(moment(NOW)):
        async with acting(finance):
            await enter_promise(finance, "D-2", promising())
            await give_statement(finance, GiveStatement(dealer="D-2", as_of=day(25)))
        client, v1 = await api(finance), "/api/v1/receivables"
        for path, name in (
            ("ageing", "group"), ("open-items", "dealer"), ("disputes", "dealer"), ("promises", "dealer"),
            ("incidents", "dealer"), ("statements", "dealer"),
        ):  # fmt: skip
            for code, dealers in (("S-1", ["D-2"]), ("S-4", [])):
                answer = await client.get(f"{v1}/{path}", params={"responsible": code})
                assert [row[name] for row in answer.json()["items"]] == dealers, (path, answer.text)
            assert (await client.get(f"{v1}/{path}", params={"responsible": "S-9"})).status_code == 404, path
        for asked, told in (("S-1", True), ("S-4", False), ("S-1&dealer=D-2", True), ("S-4&dealer=D-2", False)):
            answer = await client.get(f"{v1}/figures?responsible={asked}")
            assert bool(answer.json()["items"]) == told, (asked, answer.text)
        assert (await client.get(f"{v1}/figures?responsible=S-9")).status_code == 404
        groups = (await client.get(f"{v1}/ageing", params={"by": "responsible"})).json()["items"]
        assert [(row["group"], row["name"], row["dealers"]) for row in groups] == [
            ("S-1", "Member S-1", 1), ("S-2", "Member S-2", 1), (None, None, 1),
        ]  # fmt: skip
        chased = {}
        for code in ("S-1", "S-2", "nobody", "S-4"):
            answer = await client.get("/api/v1/sales/chase", params={"responsible": code})
            chased[code] = {row["dealer"] for row in answer.json()["items"]}
        assert chased == {"S-1": {"D-2"}, "S-2": {"D-1"}, "nobody": {"D-3"}, "S-4": set()}
