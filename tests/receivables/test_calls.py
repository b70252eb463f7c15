"""The call list on PostgreSQL: the ageing's figures, who is left out, one dealer after another, and what is said."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from random import Random

import httpx
import pytest

from channel import clock
from channel.access.rules import Person, Role
from channel.acts import Why
from channel.database import db
from channel.dealers.rules import Fact
from channel.errors import Conflict, Forbidden, Invalid, NotFound
from channel.lists import ALL
from channel.receivables.acts.calls import LogCall
from channel.receivables.queries.contact_log import ContactFilter
from channel.receivables.queries.promises import PromiseFilter
from channel.receivables.rules.ageing import Money
from channel.receivables.rules.calls import CallRules, LeftOut
from channel.receivables.rules.contact_log import ContactOutcome
from channel.receivables.rules.settings import LedgerRules
from channel.receivables.service import calls as service
from channel.receivables.service.ageing import Asked, ageing
from channel.receivables.service.calls import CallsAsked
from channel.receivables.service.contact_log import contact_log, log_contact
from channel.receivables.service.disputes import open_dispute
from channel.receivables.service.promises import JUDGING, cancel_promise, enter_promise, promises_told
from channel.view import View
from channel.work.service import run_due
from tests.make.access import acting, make_member, make_person, make_territories
from tests.make.dealers import change_fact, make_contact, make_dealer, make_rate
from tests.make.disputes import dispute_at_random, opening
from tests.make.ledger import post, post_at_random
from tests.make.ledger_rules import put_in_force
from tests.make.races import second_of
from tests.make.receivables import D, day, moment, owed, promising, speaking

NOW = 100 * 24
"""The hour, counted from 1 January 2025, at which a list is told; what is owed fell due by the 60th day."""
PRICES = {"D-1": "1000", "D-2": "3000", "D-3": "2000"}


@pytest.fixture
async def finance(database: str) -> Person:
    with clock.fixed(moment(0)):
        return await make_person(Role.FINANCE, login="fang")


@pytest.fixture
async def owing(finance: Person) -> dict[str, int]:
    """Three dealers who owe since the 60th day; D-2 most. The number of the invoice of each."""
    with clock.fixed(moment(0)):
        places = await make_territories("East", "West")
        for code, place in (("D-1", "East"), ("D-2", "West"), ("D-3", "East")):
            await make_dealer(code, currency="CNY", territory=places[place])
    return {
        code: (await post(finance, owed(amount, due=60, number=f"I-{code}"), at=24 * 59, code=code))
        .documents[0]
        .document.id
        for code, amount in PRICES.items()
    }


async def called(person: Person, at: int = NOW, **asked: object) -> list[tuple[str, LeftOut | None]]:
    with clock.fixed(moment(at)):
        async with acting(person):
            found = await service.call_list(person, CallsAsked(**asked), ALL)  # type: ignore[arg-type] # as a test says
    return [(row.dealer, row.left_out) for row in found.items]


async def next_for(person: Person, after: str | None = None, at: int = NOW, *, back: bool = False) -> str | None:
    with clock.fixed(moment(at)):
        async with acting(person):
            return await service.next_call(person, CallsAsked(), after, back=back)


async def said(person: Person, code: str, at: int = NOW, **given: object) -> service.CallDone:
    fields: dict[str, object] = {"outcome": ContactOutcome.BY_US, "with_whom": "Ms Lin", "said": "she pays"}
    with clock.fixed(moment(at)):
        async with acting(person):
            return await service.log_call(person, code, LogCall(**fields | given))  # type: ignore[arg-type] # its fields


async def test_it_is_asked_for_who_looks_after_the_dealers(owing: dict[str, int], finance: Person) -> None:
    with clock.fixed(moment(0)):
        administrator = await make_person(Role.ADMINISTRATOR)
        await make_member(administrator, "E-1", login=finance.login)
        await make_member(administrator, "E-2")
        async with acting(finance):
            for code, member in (("D-1", "E-1"), ("D-2", "E-2")):
                await change_fact(finance, code, Fact.RESPONSIBLE, member, effective_on=day(0), reason=None)
    for asked, codes in (("E-1", ["D-1"]), ("e-2", ["D-2"]), ("nobody", ["D-3"])):
        assert [code for code, _ in await called(finance, responsible=asked)] == codes
    with clock.fixed(moment(NOW)):
        async with acting(finance):
            assert await service.next_call(finance, CallsAsked(responsible="E-1"), None) == "D-1"
            assert await service.next_call(finance, CallsAsked(responsible="E-1"), "D-1") is None
            with pytest.raises(NotFound):
                await service.calls_told(finance, CallsAsked(responsible="E-9"))


@pytest.mark.parametrize("seed", range(3))
async def test_its_figures_are_those_of_the_ageing(seed: int, finance: Person) -> None:
    random = Random(seed)  # noqa: S311 - documents for a test
    with clock.fixed(moment(0)):
        for code, currency in (("D-1", "CNY"), ("D-2", "CNY"), ("D-3", "USD")):
            await make_dealer(code, currency=currency)
    hour = 0
    for code in ("D-1", "D-2", "D-3"):
        hour = max(hour, await post_at_random(random, finance, code))
        hour = max(hour, await dispute_at_random(random, finance, hour, code))
    with clock.fixed(moment(NOW)):
        await make_rate("CNY", day(0), "0.137")
    for money in (Money.OWN, Money.COMPANY):
        with clock.fixed(moment(NOW)):
            async with acting(finance):
                found = (await service.calls_told(finance, CallsAsked(money=money))).calls
                aged = (await ageing(finance, Asked(money=money), View(clock.today(), clock.now()))).rows
        late = {
            (row.group, row.currency): (row.open - row.buckets["not_due"], row.disputed)
            for row in aged
            if row.open != row.buckets["not_due"]
        }
        # Everything fell due long ago, so that all that is disputed is overdue, too.
        assert late, seed
        told = {(call.owing.code, call.owing.currency): (call.owing.overdue, call.owing.disputed) for call in found}
        assert told == late, (seed, money)


async def test_the_most_urgent_comes_first_and_who_need_not_be_called_is_left_out(
    finance: Person, owing: dict[str, int]
) -> None:
    assert await called(finance) == [("D-2", None), ("D-3", None), ("D-1", None)]
    with clock.fixed(moment(NOW)):
        async with acting(finance):
            promise = await enter_promise(finance, "D-2", promising("5", 0))
            await open_dispute(finance, "D-3", opening(owing["D-3"], "2000", owner=finance.login, due_on=clock.today()))
            await log_contact(finance, "D-1", speaking())
    assert await called(finance, NOW + 1) == []
    left = [("D-2", LeftOut.PROMISED), ("D-1", LeftOut.CONTACTED), ("D-3", LeftOut.DISPUTED)]
    assert await called(finance, NOW + 1, left_out=True) == left
    with clock.fixed(moment(NOW + 2)):
        async with acting(finance):
            told = await service.calls_told(finance, CallsAsked())
            await cancel_promise(finance, promise, Why(reason="he changed his mind"))
    assert told.left_out == ((LeftOut.DISPUTED, 1), (LeftOut.PROMISED, 1), (LeftOut.CONTACTED, 1))
    assert await called(finance, NOW + 3) == [("D-2", None)]
    # The day after, who was spoken with is called again.
    assert await called(finance, NOW + 24) == [("D-2", None), ("D-1", None)]


async def test_broken_promises_and_silence_raise_a_dealer(finance: Person, owing: dict[str, int]) -> None:
    second = await make_person(Role.FINANCE, login="second")
    rules = LedgerRules(calls=CallRules(broken_weight=D(4), silent_weight=D(0)))
    with clock.fixed(moment(NOW - 50)):
        await put_in_force(finance, second, day(98), rules)
    with clock.fixed(moment(NOW - 24 * 30)):
        async with acting(finance):
            await enter_promise(finance, "D-1", promising("5", 1))
    assert await called(finance) == [("D-2", None), ("D-3", None), ("D-1", None)]
    with clock.fixed(moment(NOW)):
        await run_due([JUDGING])
        async with acting(finance):
            (first, *_) = (await service.call_list(finance, CallsAsked(), ALL)).items
    assert (first.dealer, first.broken, first.to_collect, first.days_overdue) == ("D-1", 1, D(1000), 40)
    assert first.urgency == (D(1000) * 70 * 5 / 30).quantize(D(1))
    # After twelve months it is forgotten.
    assert (await called(finance, NOW + 366 * 24))[0] == ("D-2", None)


async def test_one_after_another_and_back(finance: Person, owing: dict[str, int]) -> None:
    assert [await next_for(finance, after) for after in (None, "D-2", "D-3", "D-1")] == ["D-2", "D-3", "D-1", None]
    assert await next_for(finance, "D-1", back=True) == "D-3"
    # The place is kept though who was called is no longer in the list.
    await said(finance, "D-3")
    assert await next_for(finance, "D-3", NOW + 1) == "D-1"
    assert await next_for(finance, "D-3", NOW + 1, back=True) == "D-2"


async def test_two_people_do_not_call_the_same_dealer(finance: Person, owing: dict[str, int]) -> None:
    grace = await make_person(Role.FINANCE, login="grace")
    assert await next_for(finance) == "D-2"
    assert await next_for(grace) == "D-3"
    with clock.fixed(moment(NOW)):
        async with acting(grace):
            rows = {row.dealer: row for row in (await service.call_list(grace, CallsAsked(), ALL)).items}
            with pytest.raises(Conflict):
                await service.claim_call(grace, "D-2")
    assert (rows["D-2"].claimed_by, rows["D-2"].mine, rows["D-3"].mine) == (finance.name, False, True)
    # Who goes on lets go of whom he had.
    assert await next_for(finance, "D-2") == "D-1"
    assert await next_for(grace) == "D-2"


async def test_of_two_at_one_instant_each_has_another(finance: Person, owing: dict[str, int]) -> None:
    grace = await make_person(Role.FINANCE, login="grace")
    with clock.fixed(moment(NOW)):
        async with acting(finance):
            dealers = [(code, await db.fetchval("SELECT id FROM dealer WHERE code = $1", code)) for code in PRICES]
        found = await second_of(
            finance, lambda: service.first_free(finance, dealers), lambda: service.first_free(grace, dealers)
        )
    assert found == "D-2"


@pytest.mark.parametrize(("minutes", "code"), [(14, "D-3"), (15, "D-2")])
async def test_a_claim_lapses(minutes: int, code: str, finance: Person, owing: dict[str, int]) -> None:
    grace = await make_person(Role.FINANCE, login="grace")
    assert await next_for(finance) == "D-2"
    with clock.fixed(moment(NOW) + timedelta(minutes=minutes)):
        async with acting(grace):
            assert await service.next_call(grace, CallsAsked(), None) == code


async def test_a_claim_is_given_back(finance: Person, owing: dict[str, int]) -> None:
    grace = await make_person(Role.FINANCE, login="grace")
    assert await next_for(finance) == "D-2"
    with clock.fixed(moment(NOW)):
        for person, found in ((grace, "D-3"), (finance, "D-2")):
            async with acting(person):
                await service.release_call(person, "D-2")
            assert await next_for(grace) == found


async def test_a_call_writes_the_entry_and_the_promise_or_neither(finance: Person, owing: dict[str, int]) -> None:
    with clock.fixed(moment(NOW)):
        async with acting(finance):
            lin = await make_contact(finance, "D-1")
    assert await next_for(finance, "D-3") == "D-1"
    given = {"contact": lin, "with_whom": None, "promised_amount": D(400), "promised_on": day(110)}
    done = await said(finance, "D-1", **given)
    with clock.fixed(moment(NOW + 1)):
        async with acting(finance):
            (promise,) = (await promises_told(finance, PromiseFilter(), ALL)).items
            (entry,) = (await contact_log(finance, ContactFilter(), ALL)).items
            assert await db.fetchval("SELECT count(*) FROM call_claim") == 0
    assert (promise["id"], promise["amount"], promise["due_on"]) == (done.promise, D(400), day(110))
    assert (promise["promised_by"], promise["remark"], promise["dealer"]) == ("Lin", "she pays", "D-1")
    assert (entry["id"], entry["kind"], entry["with_whom"]) == (done.entry, "call", "Lin")
    for wrong, field in (
        ({"promised_on": day(99)}, "promised_on"),
        ({"promised_amount": D("0.001")}, "promised_amount"),
    ):
        with pytest.raises(Invalid) as refused:
            await said(finance, "D-3", **given | {"contact": None, "with_whom": "Lin"} | wrong)
        assert [each.field for each in refused.value.errors] == [field]
    async with acting(finance):
        assert await db.fetchval("SELECT count(*) FROM contact_entry") == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"promised_amount": D(5)}, "promised_on"),
        ({"promised_on": day(110)}, "promised_amount"),
        (
            {"promised_amount": D(5), "promised_on": day(110), "outcome": ContactOutcome.NOT_REACHED},
            "promised_amount",
        ),
    ],
)
def test_a_promise_in_a_call_is_whole(given: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        LogCall(**{"outcome": ContactOutcome.BY_US} | given)  # type: ignore[arg-type] # fields of the act
    assert [each.field for each in refused.value.errors] == [field]


async def test_who_may_call_whom(finance: Person, owing: dict[str, int]) -> None:
    with clock.fixed(moment(NOW)):
        async with acting(finance):
            west = await db.fetchval("SELECT id FROM territory WHERE code = 'West'")
    regional = await make_person(Role.REGIONAL, west)
    assert await called(regional) == [("D-2", None)]
    assert await next_for(regional) == "D-2"
    for code in ("D-1", "X"):
        with pytest.raises(NotFound):
            await said(regional, code)
    assert await called(finance, territory="West") == [("D-2", None)]
    assert await called(finance, currency="USD") == []
    auditor = await make_person(Role.AUDITOR)
    assert len(await called(auditor)) == 3
    with pytest.raises(Forbidden):
        await next_for(auditor)
    with pytest.raises(Forbidden):
        await said(auditor, "D-1")
    with pytest.raises(Forbidden):
        await called(await make_person(Role.ADMINISTRATOR))


async def test_the_pages_lead_from_dealer_to_dealer(
    finance: Person, owing: dict[str, int], browser: Callable[[Person], Awaitable[httpx.AsyncClient]]
) -> None:
    with clock.fixed(moment(NOW)):
        async with acting(finance):
            await make_contact(finance, "D-3", phone="+86 21 5550 1234")
            await log_contact(finance, "D-3", speaking("the boss is away", took_place_on=day(98)))
        async with await browser(finance) as client:
            page = (await client.get("/receivables/calls")).text
            assert page.index("/dealers/D-2/receivables/call") < page.index("/dealers/D-3/receivables/call")
            text = (await client.get("/dealers/D-3/receivables/call", params={"territory": "East"})).text
            for told in ("I-D-3", "tel:+862155501234", "the boss is away", "1 of 2", 'name="territory" value="East"'):
                assert told in text, told
            token = text.split('name="_csrf_token" value="')[1].split('"')[0]
            form = {"_csrf_token": token, "territory": "East", "with_whom": "Lin", "said": "he pays", "kind": "call"}
            answer = await client.post("/dealers/D-3/receivables/call", data=form | {"outcome": "by_us"})
            assert answer.headers["location"] == "/dealers/D-1/receivables/call?territory=East"
            refused = await client.post(
                "/dealers/D-1/receivables/call", data=form | {"outcome": "by_us", "promised_amount": "5"}
            )
            assert (refused.status_code, "A promise has an amount and a day." in refused.text) == (422, True)
            assert 'name="territory" value="East"' in refused.text
            answer = await client.post("/dealers/D-1/receivables/call", data=form | {"outcome": "not_reached"})
            assert answer.headers["location"] == "/receivables/calls?territory=East"
            text = (await client.get("/receivables/calls")).text
            assert "tried today" in text
            assert "spoken with today" in text


async def test_the_api_goes_the_whole_way(
    finance: Person, owing: dict[str, int], api: Callable[[Person], Awaitable[httpx.AsyncClient]]
) -> None:
    at = "/api/v1/receivables"
    with clock.fixed(moment(NOW)):
        async with await api(finance) as client:
            rows = (await client.get(f"{at}/calls", params={"territory": "East"})).json()["items"]
            assert [(row["dealer"], row["to_collect"]) for row in rows] == [("D-3", "2000.0000"), ("D-1", "1000.0000")]
            found = await client.post(f"{at}/calls/next", json={"territory": "East"})
            assert (found.status_code, found.json()) == (200, {"dealer": "D-3"})
            body = {"outcome": "by_us", "with_whom": "Lin", "said": "he pays", "promised_amount": "5"}
            refused = await client.post(f"{at}/dealers/D-3/call", json=body)
            assert [each["field"] for each in refused.json()["errors"]] == ["promised_on"]
            done = await client.post(f"{at}/dealers/D-3/call", json=body | {"promised_on": str(day(110))})
            assert (done.status_code, done.json()) == (201, {"entry": 1, "promise": 1})
            counted = (await client.get(f"{at}/calls/left-out")).json()
            assert counted == [{"why": "promised", "dealers": 1}]
            (left,) = (await client.get(f"{at}/calls", params={"left_out": "true"})).json()["items"]
            assert (left["dealer"], left["promised_on"]) == ("D-3", str(day(110)))
            assert (await client.post(f"{at}/dealers/D-1/call/claim")).status_code == 204
            assert (await client.delete(f"{at}/dealers/D-1/call/claim")).status_code == 204
