"""Pages of documents, open items and a dealer's account: what they tell, the form that is previewed, few queries."""

import re
from decimal import Decimal
from functools import partial
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from channel import clock
from channel.access.rules import Role
from channel.database import db
from channel.receivables.rules.documents import Document, DocumentKind
from channel.receivables.service.posting import Given, post_documents
from tests.desk.test_pages import NOT_A_QUERY, _Counting
from tests.make.access import acting
from tests.make.receivables import day, moment, owed, paying
from tests.make.world import World, make_world

NOW = 60 * 24


@pytest.fixture
async def world(database: str) -> World:
    with clock.fixed(moment(0)):
        return await make_world()


async def post(world: World, *documents: Document, at: int = 50 * 24) -> None:
    finance = world.people[Role.FINANCE]
    with clock.fixed(moment(at)):
        async with acting(finance):
            given = [Given("D-1", replace(each, id=0, currency="USD")) for each in documents]
            await post_documents(finance, given)


def text_of(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text[:1000]
    plain = re.sub(r"<[^>]+>", " ", answer.text)
    return re.sub(r"[\s\xa0]+", " ", plain)


async def test_the_account_tells_balance_bills_and_exposure_of_every_view(world: World, browser: Any) -> None:  # noqa: ANN401
    bill = paying("20", kind=DocumentKind.BILL, number="B1", on=6, matures_on=day(90))
    await post(world, owed("100", number="I1"), owed("30", number="I2", on=2), at=10 * 24)
    await post(world, paying("110", on=5), bill)
    with clock.fixed(moment(NOW)):
        finance = await browser(world.people[Role.FINANCE])
        now = text_of(await finance.get("/dealers/D-1/receivables"))
        assert "Balance 0.00 USD" in now
        assert "Bills not matured 20.00 USD" in now
        assert "Exposure 20.00 USD" in now
        assert "Nothing is open." in now
        then = text_of(await finance.get("/dealers/D-1/receivables", params={"as_of": str(day(5))}))
        assert "Balance 20.00 USD" in then
        assert "Open items 20.00 USD" in then
        known = {"as_of": str(day(6)), "known_at": moment(20 * 24).isoformat()}
        assert "Balance 130.00 USD" in text_of(await finance.get("/dealers/D-1/receivables", params=known))
        items = text_of(await finance.get("/receivables/items", params={"as_of": str(day(5))}))
        assert "Open in USD 20.00 USD" in items
        late = text_of(await finance.get("/receivables/items", params={"overdue_only": "yes"}))
        assert "Nothing is open." in late
        assert "Receipt R1" in text_of(await finance.get("/dealers/D-1/receivables"))


def noted(
    held: Any,  # noqa: ANN401 - what holds a connection
    queries: list[str],
    scope: db.Scope = db.CLOSED,
    patience: db.Patience = db.UNHURRIED,
) -> _Counting:
    return _Counting(held(scope, patience), queries)


async def test_the_dealer_s_page_takes_few_queries(world: World, browser: Any) -> None:  # noqa: ANN401
    await post(world, owed("100", number="I1"), paying("30"))
    with clock.fixed(moment(NOW)):
        finance = await browser(world.people[Role.FINANCE])
        for asked in ({}, {"as_of": str(day(20)), "known_at": moment(50 * 24).isoformat()}):
            assert (await finance.get("/dealers/D-1/receivables", params=asked)).status_code == 200
            queries: list[str] = []
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(db, "held", partial(noted, db.held, queries))
                assert (await finance.get("/dealers/D-1/receivables", params=asked)).status_code == 200
            assert queries, "the counter saw nothing"
            counted = [each for each in queries if not each.startswith(NOT_A_QUERY)]
            assert len(counted) <= 12, counted


async def test_a_document_is_looked_at_before_it_is_posted(world: World, browser: Any) -> None:  # noqa: ANN401
    await post(world, owed("100", number="I1"))
    with clock.fixed(moment(NOW)):
        finance = await browser(world.people[Role.FINANCE])
        assert "Show what will come of it" in text_of(await finance.get("/receivables/documents/new?dealer=D-1"))
        form = {
            "dealer": "D-1", "kind": "receipt", "number": "R1", "effective_on": str(day(9)), "amount": "30",
            "_csrf_token": finance.cookies["csrftoken"],
        }  # fmt: skip
        wrong = await finance.post("/receivables/documents/new", data=form | {"amount": "much"})
        assert (wrong.status_code, 'value="much"' in wrong.text) == (422, True)
        shown = await finance.post("/receivables/documents/new", data=form)
        assert "Receipt R1 Invoice I1 30.00 USD" in text_of(shown)
        assert "0.00 USD of it will stay on account. Nothing is posted yet." in text_of(shown)
        (mark,) = re.findall(r'name="mark" value="(\w+)"', shown.text)
        otherwise = await finance.post("/receivables/documents/new", data=form | {"amount": "40", "mark": mark})
        assert "Receipt R1 Invoice I1 40.00 USD" in text_of(otherwise), "another amount than was looked at"
        assert "There is no such document." in text_of(await finance.get("/receivables/documents?kind=receipt"))
        done = await finance.post("/receivables/documents/new", data=form | {"mark": mark})
        assert done.status_code == 303
        page = text_of(await finance.get(done.headers["location"]))
        assert "Receipt R1" in page
        assert "Invoice I1" in page


async def test_what_came_since_the_preview_is_shown_before_anything_is_posted(world: World, browser: Any) -> None:  # noqa: ANN401
    await post(world, owed("100", number="I1"))
    finance = await browser(world.people[Role.FINANCE])
    with clock.fixed(moment(NOW)):
        await finance.get("/receivables/documents/new")
        form = {
            "dealer": "D-1", "kind": "receipt", "number": "R1", "effective_on": str(day(9)), "amount": "30",
            "_csrf_token": finance.cookies["csrftoken"],
        }  # fmt: skip
        (mark,) = re.findall(
            r'name="mark" value="(\w+)"', (await finance.post("/receivables/documents/new", data=form)).text
        )
    await post(world, owed("30", number="I9"), at=NOW + 1)
    with clock.fixed(moment(NOW + 2)):
        again = text_of(await finance.post("/receivables/documents/new", data=form | {"mark": mark}))
        assert "Receipt R1 Invoice I9 30.00 USD" in again, "an item of the very amount is there now"
        assert "Nothing is posted yet." in again


async def test_a_document_is_reversed_on_its_page(world: World, browser: Any) -> None:  # noqa: ANN401
    await post(world, owed("100", number="I1"), paying("30", on=4))
    with clock.fixed(moment(NOW)):
        finance = await browser(world.people[Role.FINANCE])
        found = (await finance.get("/receivables/documents?kind=receipt")).text
        (at,) = set(re.findall(r'href="(/receivables/documents/D-1/\d+)"', found))
        assert "Reverse the document" in (await finance.get(at)).text
        form = {"reason": "bounced", "_csrf_token": finance.cookies["csrftoken"]}
        assert (await finance.post(f"{at}/reverse", data=form)).status_code == 303
        page = text_of(await finance.get(at))
        assert "bounced" in page
        assert "taken back from 5 Jan 2025 on" in page
        manager = await browser(world.people[Role.MANAGER])
        assert "Reverse the document" not in (await manager.get(at)).text
        assert (await (await browser(world.elsewhere)).get(at)).status_code == 404


async def test_the_overview_and_the_desk_of_finance_say_what_is_overdue_and_what_came_in(
    world: World,
    browser: Any,  # noqa: ANN401
) -> None:
    stays = paying("8", kind=DocumentKind.CREDIT_NOTE, number="C1", on=9, stays_on_account=True)
    await post(world, owed("100", number="I1"), at=10 * 24)
    await post(world, paying("30", number="R1", on=4), stays, at=NOW - 1)
    with clock.fixed(moment(NOW)):
        finance = await browser(world.people[Role.FINANCE])
        for path in ("/receivables", "/"):
            told = text_of(await finance.get(path))
            assert "Came in since yesterday" in told
            assert "30 days" in told, path
            assert "Invoice" in told or "I1" in told
        assert "has 8.00 USD on account" in told
        east = text_of(await (await browser(world.people[Role.REGIONAL])).get("/receivables"))
        assert "Overdue 70.00 USD" in east
        north = text_of(await (await browser(world.elsewhere)).get("/receivables"))
        assert "Nothing is overdue." in north
    with clock.fixed(moment(NOW + 48)):
        finance = await browser(world.people[Role.FINANCE])
        assert "Nothing came in since yesterday." in text_of(await finance.get("/receivables"))


async def test_the_account_over_the_api_tells_what_its_page_tells(world: World, browser: Any, api: Any) -> None:  # noqa: ANN401
    bill = paying("20", kind=DocumentKind.BILL, number="B1", on=6, matures_on=day(90))
    stays = paying("8", kind=DocumentKind.CREDIT_NOTE, number="C1", on=9, stays_on_account=True)
    await post(world, owed("100", number="I1"), owed("30", number="I2", on=50), at=51 * 24)
    await post(world, paying("40.5", on=5), bill, stays, at=52 * 24)
    at = "/api/v1/receivables/dealers/D-1"
    with clock.fixed(moment(NOW)):
        finance = await api(world.people[Role.FINANCE])
        told = (await finance.get(at)).json()
        sums = {
            "open": "69.5",
            "overdue": "39.5",
            "on_account": "8",
            "balance": "61.5",
            "bills": "20",
            "exposure": "81.5",
        }
        (found,) = told["sums"]
        assert {name: Decimal(found[name]) for name in sums} == {name: Decimal(value) for name, value in sums.items()}
        (aged,) = told["ageing"]
        assert {name: Decimal(value) for name, value in aged["buckets"].items() if Decimal(value)} == {
            "not_due": Decimal(30), "1-30": Decimal("39.5"),
        }  # fmt: skip
        assert [(each["number"], Decimal(each["open"]), each["days_overdue"]) for each in told["items"]] == [
            ("I1", Decimal("39.5"), 30), ("I2", Decimal(30), None),
        ]  # fmt: skip
        assert [(each["number"], Decimal(each["on_account"])) for each in told["money"]] == [("C1", Decimal(8))]
        assert [(each["number"], each["matures_on"]) for each in told["bills"]] == [("B1", str(day(90)))]
        assert [each["number"] for each in told["documents"]] == ["I2", "C1", "B1", "R1", "I1"]
        assert [(each["month"], Decimal(each["paid"])) for each in told["months"]] == [
            ("2025-01", Decimal("60.5")), ("2025-02", Decimal(0)),
        ]  # fmt: skip
        page = text_of(await (await browser(world.people[Role.FINANCE])).get("/dealers/D-1/receivables"))
        for amount in ("Balance 61.50 USD", "Exposure 81.50 USD", "USD 30.00 39.50 0.00 0.00 0.00 0.00 69.50"):
            assert amount in page
        then = (await finance.get(at, params={"known_at": moment(51 * 24 + 1).isoformat()})).json()
        assert [Decimal(each["balance"]) for each in then["sums"]] == [Decimal(130)]
        regional, elsewhere = await api(world.people[Role.REGIONAL]), await api(world.elsewhere)
        assert (await regional.get(at)).json()["sums"] == told["sums"]
        assert (await elsewhere.get(at)).status_code == 404


async def test_what_a_figure_leads_to_comes_to_the_figure(world: World, browser: Any) -> None:  # noqa: ANN401
    """On account, bills and what came in: the lists behind them hold just these."""
    stays = paying("8", kind=DocumentKind.CREDIT_NOTE, number="C1", on=9, stays_on_account=True)
    matured = paying("20", kind=DocumentKind.BILL, number="B1", on=6, matures_on=day(40))
    standing = paying("30", kind=DocumentKind.BILL, number="B2", on=7, matures_on=day(90))
    await post(world, owed("100", number="I1"), matured, standing, stays, at=NOW - 1)
    with clock.fixed(moment(NOW)):
        finance = await browser(world.people[Role.FINANCE])
        page = (await finance.get("/receivables")).text
        links = {name: href.replace("&amp;", "&") for href, name in _FIGURE.findall(page)}
        assert list(links) == ["Overdue", "Open items", "On account", "Balance", "Bills not matured"]
        bills = text_of(await finance.get(links["Bills not matured"]))
        assert ("B2" in bills, "B1" in bills) == (True, False)
        on_account = text_of(await finance.get(links["On account"]))
        assert ("C1" in on_account, "B2" in on_account) == (True, False)
        (came,) = re.findall(r'href="([^"]+)"[^>]*>Everything that came in', page)
        listed = text_of(await finance.get(came.replace("&amp;", "&")))
        assert ("B1" in listed, "B2" in listed, "C1" in listed) == (True, True, False)
    with clock.fixed(moment(NOW + 72)):
        later = text_of(await (await browser(world.people[Role.FINANCE])).get(came.replace("&amp;", "&")))
        assert "There is no such document." in later


_FIGURE = re.compile(r'class="figure" href="([^"]+)">\s*<div class="label">([^<]+)<')


async def test_an_allocation_is_taken_back_from_the_page_of_its_document(world: World, browser: Any) -> None:  # noqa: ANN401
    await post(world, owed("100", number="I1"), paying("30", on=4))
    with clock.fixed(moment(NOW)):
        finance = await browser(world.people[Role.FINANCE])
        (at,) = set(re.findall(r'href="(/receivables/documents/D-1/\d+)"', (await finance.get(_RECEIPTS)).text))
        (form,) = re.findall(r'href="([^"]+/take-back)"', (await finance.get(at)).text)
        shown = text_of(await finance.get(form))
        assert "Receipt R1" in shown
        assert "Invoice I1" in shown
        assert "30.00 USD" in shown
        sent = {"reason": "another's", "_csrf_token": finance.cookies["csrftoken"]}
        assert (await finance.post(form, data=sent)).status_code == 303
        assert "take-back" not in (await finance.get(at)).text
        assert "It was taken back from" in text_of(await finance.get(form))
        auditor = await browser(world.people[Role.AUDITOR])
        assert "take-back" not in (await auditor.get(at)).text


_RECEIPTS = "/receivables/documents?kind=receipt"


async def test_only_what_can_be_posted_is_offered(world: World, browser: Any, api: Any) -> None:  # noqa: ANN401
    with clock.fixed(moment(NOW)):
        finance = await browser(world.people[Role.FINANCE])
        offered = (await finance.get("/receivables/documents/new")).text
        assert ("kind=bill" in offered, "write_off" in offered) == (True, False)
        client = await api(world.people[Role.FINANCE])
        given = {"dealer": "D-1", "kind": "write_off", "number": "W", "amount": "1", "effective_on": str(day(9))}
        refused = await client.post("/api/v1/receivables/documents", json=given)
        assert (refused.status_code, [each["field"] for each in refused.json()["errors"]]) == (422, ["kind"])
    schema = (await client.get("/api/schema/openapi.json")).json()["components"]["schemas"]
    (kinds,) = {tuple(each["enum"]) for name, each in schema.items() if name.endswith("PostedKind")}
    assert kinds == ("invoice", "debit_note", "credit_note", "receipt", "bill")


async def test_the_form_asks_of_each_kind_only_what_it_can_have(world: World, browser: Any) -> None:  # noqa: ANN401
    finance = await browser(world.people[Role.FINANCE])
    asked = {}
    for kind in ("invoice", "credit_note", "receipt", "bill", ""):
        page = (await finance.get(f"/receivables/documents/new?kind={kind}&dealer=D-1")).text
        asked[kind] = set(re.findall(r'name="(\w+)"', page[page.index("<form") :])) & {
            "kind", "due_on", "instalments", "discount_rate", "discount_until", "value_on", "payer_account",
            "matures_on", "stays_on_account",
        }  # fmt: skip
        assert page.count('aria-current="page"') >= 1
    owed_alone, money = {"due_on", "instalments", "discount_rate", "discount_until"}, {"value_on", "payer_account"}
    assert asked["invoice"] == {"kind", *owed_alone}
    assert asked["receipt"] == asked[""] == {"kind", *money}
    assert asked["bill"] == {"kind", *money, "matures_on"}
    assert asked["credit_note"] == {"kind", *money, "stays_on_account"}


async def test_a_dealers_page_tells_what_is_overdue_to_who_may_see_it(world: World, browser: Any) -> None:  # noqa: ANN401
    finance = await browser(world.people[Role.FINANCE])
    with clock.fixed(moment(NOW)):
        assert "Overdue nothing open" in text_of(await finance.get("/dealers/D-1"))
    await post(world, owed("100", number="I1"), owed("40", number="I2", on=49), paying("30", on=4))
    with clock.fixed(moment(NOW)):
        assert "Overdue 70 of 110 USD open, with tax" in text_of(await finance.get("/dealers/D-1"))
        before = text_of(await finance.get(f"/dealers/D-1?as_of={day(3)}"))
        assert "Overdue 0 of 100 USD open, with tax" in before, "before the money came, and before it fell due"


async def test_a_dealers_figures_come_by_themselves_to_his_page(world: World, browser: Any) -> None:  # noqa: ANN401
    await post(world, owed("100", number="I1", due=9), paying("100", on=19, references=("I1",)))
    finance = await browser(world.people[Role.FINANCE])
    with clock.fixed(moment(NOW)):
        page = (await finance.get(f"/dealers/D-1/receivables?as_of={day(40)}")).text
        (part,) = re.findall(r'hx-get="(/dealers/D-1/receivables/figures[^"]*)"', page)
        assert f"as_of={day(40)}" in part
        told = text_of(await finance.get(part))
        assert "these months together USD" in told
        assert "10.0 10.0 0.0%" in told, "ten days late, none of it on time"
        assert "Nothing was posted yet." in text_of(await finance.get(part.replace("D-1", "D-2")))
        assert (await finance.get(part.replace("D-1", "D-9"))).status_code == 404
