"""Documents whose days lie in closed months: told before they are sent, and posted by a second person's word."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from channel import clock
from channel.access.rules import Person, Role
from channel.acts import Why
from channel.consent.service import approve
from channel.dealers.rules import Fact
from channel.desk.service.desk import desk_of
from channel.errors import Conflict, NotFound
from channel.receivables.acts.months import CloseMonth, OpenMonth
from channel.receivables.rules.documents import DocumentKind
from channel.receivables.service.kept import reconcile_ledger
from channel.receivables.service.months import close_month, open_month
from channel.receivables.service.waiting import IN_CLOSED_MONTHS, approve_waiting, waiting_act
from tests.make.access import acting, make_person
from tests.make.dealers import change_fact
from tests.make.races import second_of
from tests.make.receivables import D, day, moment
from tests.make.world import World, make_world
from tests.receivables.test_document_pages import text_of
from tests.receivables.test_documents_api import given, ok, wrong

Client = Callable[[Any], Any]
V1 = "/api/v1/receivables"
NOW = 60 * 24
WHY = {"reason": "looked at"}
ASKED = {"ask": True, "reason": "it came late"}


@pytest.fixture
async def world(database: str) -> World:
    with clock.fixed(moment(0)):
        made = await make_world()
    with clock.fixed(moment(NOW)):
        async with acting(made.people[Role.FINANCE]):
            await close_month(made.people[Role.FINANCE], CloseMonth(month="2025-01", reason="done"))
    return made


@pytest.fixture
async def second(world: World) -> Person:
    return await make_person(Role.FINANCE, login="finance-2")


async def numbers(client: httpx.AsyncClient) -> list[str]:
    return [each["number"] for each in ok(await client.get(f"{V1}/documents"))["items"]]


async def kept_right(person: Person, at: int) -> None:
    with clock.fixed(moment(at)):
        async with acting(person):
            assert await reconcile_ledger() == 0


async def test_a_document_waits_for_a_second_person(api: Client, world: World, second: Person) -> None:
    finance, other = await api(world.people[Role.FINANCE]), await api(second)
    manager = await api(world.people[Role.MANAGER])
    invoice = given("I1", due_on=str(day(20)))
    with clock.fixed(moment(NOW + 1)):
        shown = ok(await finance.post(f"{V1}/documents/preview", json=invoice))
        assert (shown["closed_months"], shown["waits"], shown["documents"][0]["id"]) == (["2025-01"], None, None)
        refused = await finance.post(f"{V1}/documents", json=invoice)
        assert refused.status_code == 409
        assert [(each["field"], "2025-01" in each["reason"]) for each in refused.json()["errors"]] == [("ask", True)]
        assert wrong(await finance.post(f"{V1}/documents", json=invoice | {"ask": True})) == {"reason"}
        told = ok(await finance.post(f"{V1}/documents", json=invoice | ASKED))
        at = f"{V1}/waiting/{told['waits']}"
        assert (told["documents"][0]["id"], await numbers(finance)) == (None, [])
        again = await finance.post(f"{V1}/documents", json=invoice | ASKED)
        assert again.status_code == 409
        assert str(told["waits"]) in again.json()["title"]
    with clock.fixed(moment(NOW + 2)):
        waits = ok(await other.get(at))
        assert (waits["act"], waits["days"], "2025-01" in waits["why"][0]) == ("post documents", [str(day(0))], True)
        for client, status in ((finance, 403), (manager, 403), (await api(world.people[Role.AUDITOR]), 403)):
            assert (await client.post(f"{at}/approve", json=WHY)).status_code == status
        assert (await other.post(f"{at}/withdraw", json=WHY)).status_code == 403
        assert ok(await other.post(f"{at}/approve", json=WHY))["state"] == "approved"
        assert (await other.post(f"{at}/approve", json=WHY)).status_code == 409
        (row,) = ok(await finance.get(f"{V1}/documents"))["items"]
        assert (row["number"], row["effective_on"], D(row["open"])) == ("I1", str(day(0)), D(100))
        whole = ok(await finance.get(f"{V1}/documents/D-1/{row['id']}"))
        assert ([each["due_on"] for each in whole["instalments"]], whole["actor"]) == ([str(day(20))], "finance-2")
    await kept_right(second, NOW + 3)


async def test_a_day_after_the_closed_months_posts_at_once_though_it_would_ask(api: Client, world: World) -> None:
    finance = await api(world.people[Role.FINANCE])
    with clock.fixed(moment(NOW + 1)):
        body = given("I1", effective_on=str(day(31)), due_on=str(day(50))) | ASKED
        told = ok(await finance.post(f"{V1}/documents", json=body))
        assert (told["closed_months"], told["waits"], await numbers(finance)) == ([], None, ["I1"])


async def test_what_is_approved_is_what_was_asked_for_though_terms_have_changed(
    api: Client, world: World, second: Person
) -> None:
    finance, other = await api(world.people[Role.FINANCE]), await api(second)
    with clock.fixed(moment(NOW + 1)):
        told = ok(await finance.post(f"{V1}/documents", json=given("I1") | ASKED))
        due = told["documents"][0]["due_on"]
        paid = ok(await finance.post(f"{V1}/documents", json=given("R1", "40", "receipt", effective_on=str(day(40)))))
        assert D(paid["documents"][0]["open"]) == D(40)
    with clock.fixed(moment(NOW + 2)):
        manager = world.people[Role.MANAGER]
        async with acting(manager):
            assert await change_fact(manager, "D-1", Fact.TERMS, "77", effective_on=day(0), reason="agreed")
        anew = ok(await finance.post(f"{V1}/documents/preview", json=given("I2")))
        assert anew["documents"][0]["due_on"] == str(day(77)) != due
        ok(await other.post(f"{V1}/waiting/{told['waits']}/approve", json=WHY))
        row = ok(await finance.get(f"{V1}/documents", params={"kind": "invoice"}))["items"][0]
        assert ok(await finance.get(f"{V1}/documents/D-1/{row['id']}"))["instalments"][0]["due_on"] == due


async def test_a_batch_waits_as_one_and_is_posted_whole(
    api: Client, world: World, second: Person, browser: Client
) -> None:
    finance, other = await api(world.people[Role.FINANCE]), await api(second)
    late = given("I2", "50", dealer="D-2", effective_on=str(day(40)), due_on=str(day(60)))
    batch = {"documents": [given("R1", "130", "receipt", effective_on=str(day(3))), given("I1"), late]}
    with clock.fixed(moment(NOW + 1)):
        refused = await finance.post(f"{V1}/documents/batch", json=batch)
        assert (refused.status_code, await numbers(finance)) == (409, [])
        assert wrong(await finance.post(f"{V1}/documents/batch", json=batch | {"ask": True})) == {"reason"}
        number = ok(await finance.post(f"{V1}/documents/batch", json=batch | ASKED))["waits"]
        assert await numbers(finance) == []
        assert [each["others"] for each in ok(await finance.get(f"{V1}/waiting"))["items"]] == [1]
        for at in ("/receivables/waiting", "/"):
            assert "D-1 and 1 more" in text_of(await (await browser(second)).get(at)), at
        # Whoever sees the one dealer and not the other does not see what waits for both.
        for client in (await api(world.people[Role.REGIONAL]), await api(world.elsewhere)):
            assert ok(await client.get(f"{V1}/waiting"))["items"] == []
            assert (await client.get(f"{V1}/waiting/{number}")).status_code == 404
    with clock.fixed(moment(NOW + 2)):
        ok(await other.post(f"{V1}/waiting/{number}/approve", json=WHY))
        assert sorted(await numbers(finance)) == ["I1", "I2", "R1"]
        rows = {each["number"]: D(each["open"]) for each in ok(await finance.get(f"{V1}/documents"))["items"]}
        assert rows == {"I1": D(0), "I2": D(50), "R1": D(30)}
        assert ok(await (await api(world.elsewhere)).get(f"{V1}/documents"))["items"][0]["number"] == "I2"
    await kept_right(second, NOW + 3)


async def test_what_waits_of_one_dealer_is_approved_together(api: Client, world: World, second: Person) -> None:
    finance = await api(world.people[Role.FINANCE])
    with clock.fixed(moment(NOW + 1)):
        asked = [given("I1"), given("I2"), given("R1", "130", "receipt", effective_on=str(day(3)))]
        waits = [ok(await finance.post(f"{V1}/documents", json=each | ASKED))["waits"] for each in asked]
    with clock.fixed(moment(NOW + 2)):
        async with acting(second):
            told = await approve(IN_CLOSED_MONTHS, second, waits, "looked at")
        assert [each.refused for each in told] == [None] * 3
        rows = {each["number"]: D(each["open"]) for each in ok(await finance.get(f"{V1}/documents"))["items"]}
        assert rows == {"I1": D(0), "I2": D(70), "R1": D(0)}
    await kept_right(second, NOW + 3)


async def test_of_a_batch_that_fits_no_longer_nothing_is_posted(api: Client, world: World, second: Person) -> None:
    finance, other = await api(world.people[Role.FINANCE]), await api(second)
    batch = {"documents": [given("I1"), given("I2", dealer="D-2")]}
    with clock.fixed(moment(NOW + 1)):
        number = ok(await finance.post(f"{V1}/documents/batch", json=batch | ASKED))["waits"]
        body = given("i2", dealer="D-2", effective_on=str(day(40)), due_on=str(day(50)))
        ok(await finance.post(f"{V1}/documents", json=body))
        told = ok(await other.get(f"{V1}/waiting/{number}"))
        assert told["refused"]
        assert (await other.post(f"{V1}/waiting/{number}/approve", json=WHY)).status_code == 422
        assert await numbers(finance) == ["i2"]
        assert ok(await finance.post(f"{V1}/waiting/{number}/withdraw", json=WHY))["state"] == "withdrawn"


@pytest.mark.parametrize("word", ["refuse", "withdraw"])
async def test_refused_or_withdrawn_it_is_never_posted(api: Client, world: World, second: Person, word: str) -> None:
    finance, other = await api(world.people[Role.FINANCE]), await api(second)
    with clock.fixed(moment(NOW + 1)):
        at = f"{V1}/waiting/{ok(await finance.post(f'{V1}/documents', json=given('I1') | ASKED))['waits']}"
        ok(await (finance if word == "withdraw" else other).post(f"{at}/{word}", json=WHY))
        assert (await other.post(f"{at}/approve", json=WHY)).status_code == 409
        assert await numbers(finance) == []
        # It may be asked for once more.
        assert ok(await finance.post(f"{V1}/documents", json=given("I1") | ASKED))["waits"]


async def test_two_approve_at_once_and_it_is_posted_once(api: Client, world: World, second: Person) -> None:
    finance = await api(world.people[Role.FINANCE])
    third = await make_person(Role.FINANCE, login="finance-3")
    with clock.fixed(moment(NOW + 1)):
        batch = {"documents": [given("I1"), given("I2", dealer="D-2")]}
        number = ok(await finance.post(f"{V1}/documents/batch", json=batch | ASKED))["waits"]
    with clock.fixed(moment(NOW + 2)):

        async def approve(person: Person) -> object:
            return await approve_waiting(person, number, Why(reason="looked at"))

        came = await second_of(second, lambda: approve(second), lambda: approve(third))
        assert isinstance(came, Conflict)
        assert sorted(await numbers(finance)) == ["I1", "I2"]
    await kept_right(second, NOW + 3)


async def test_whoever_is_bound_to_one_territory_does_not_decide_for_another(world: World, second: Person) -> None:
    finance = world.people[Role.FINANCE]
    bound = Person(
        login="finance-4", name="finance-4", role=Role.FINANCE, person_id=second.person_id, bound=True,
        territory_ids=(world.territories["East"],),
    )  # fmt: skip
    with clock.fixed(moment(NOW + 1)):
        async with acting(finance):
            from channel.receivables.acts.documents import OneOfMany, PostDocuments  # noqa: PLC0415 - the act alone
            from channel.receivables.service.documents import post_batch  # noqa: PLC0415 - likewise

            both = [
                OneOfMany(dealer=code, kind=DocumentKind.RECEIPT, number="R1", effective_on=day(1), amount=D(5))
                for code in ("D-1", "D-2")
            ]
            number = (await post_batch(finance, PostDocuments(documents=both, ask=True, reason="late"))).waits
        assert number is not None
        async with acting(bound):
            with pytest.raises(NotFound):
                await approve_waiting(bound, number, Why(reason="looked at"))
            assert (await desk_of(bound)).named("in_closed_months").open.waiting == 0
        async with acting(second):
            assert (await desk_of(second)).named("in_closed_months").open.waiting == 1
            assert (await waiting_act(second, number)).found is not None


async def test_the_page_says_that_it_will_wait_before_it_is_sent(world: World, second: Person, browser: Any) -> None:  # noqa: ANN401
    at = "/receivables/documents/new"
    form = {"dealer": "D-1", "kind": "receipt", "number": "R1", "effective_on": str(day(3)), "amount": "30"}
    with clock.fixed(moment(NOW + 1)):
        finance = await browser(world.people[Role.FINANCE])
        await finance.get(at)
        form |= {"_csrf_token": finance.cookies["csrftoken"]}
        shown = await finance.post(at, data=form)
        assert "It will wait for a second person" in text_of(shown)
        assert 'name="reason"' in shown.text
        (mark,) = re.findall(r'name="mark" value="(\w+)"', shown.text)
        lacking = await finance.post(at, data=form | {"mark": mark, "ask": "yes"})
        assert lacking.status_code == 422
        assert 'name="reason"' in lacking.text
        asked = await finance.post(at, data=form | {"mark": mark, "ask": "yes", "reason": "the bank was late"})
        assert asked.status_code == 303, asked.text
        waits = asked.headers["location"]
        page = text_of(await finance.get(waits))
        assert "Receipt R1" in page
        assert "the bank was late" in page
        other = await browser(second)
        assert "Approve, and carry it out" in text_of(await other.get(waits))
        done = await other.post(f"{waits}/approve", data=WHY | {"_csrf_token": other.cookies["csrftoken"]})
        assert done.status_code == 303
        assert "R1" in text_of(await finance.get("/receivables/documents"))


async def test_a_month_closed_after_the_preview_is_told_before_anything_waits(world: World, browser: Any) -> None:  # noqa: ANN401
    at = "/receivables/documents/new"
    form = {"dealer": "D-1", "kind": "receipt", "number": "R1", "effective_on": str(day(3)), "amount": "30"}
    person = world.people[Role.FINANCE]
    with clock.fixed(moment(NOW + 1)):
        async with acting(person):
            await open_month(person, OpenMonth(month="2025-01", reason="a mistake"))
        finance = await browser(person)
        await finance.get(at)
        form |= {"_csrf_token": finance.cookies["csrftoken"]}
        (mark,) = re.findall(r'name="mark" value="(\w+)"', (await finance.post(at, data=form)).text)
    with clock.fixed(moment(NOW + 2)):
        async with acting(person):
            await close_month(person, CloseMonth(month="2025-01", reason="done"))
        again = await finance.post(at, data=form | {"mark": mark})
        assert "It will wait for a second person" in text_of(again)
