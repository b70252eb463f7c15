"""Allocation by hand, write-offs, reallocation and what waits, over the API and on their pages."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from channel.access.rules import Person, Role
from channel.receivables.acts.months import CloseMonth
from channel.receivables.rules.documents import DocumentKind
from channel.receivables.service.months import close_month
from channel.receivables.service.posting import Given, post_documents
from tests.make.access import acting, make_person
from tests.make.dealers import make_dealer
from tests.make.receivables import owed, paying

AT = "/api/v1/receivables"
Api = Callable[[Person], Any]


@pytest.fixture
async def finance(database: str) -> Person:
    return await make_person(Role.FINANCE)


@pytest.fixture
async def second(finance: Person) -> Person:
    return await make_person(Role.FINANCE)


@pytest.fixture
async def posted(finance: Person) -> tuple[int, int, int]:
    """An invoice over 100 and one over 80, and a credit note of 90 that stays on account; all of January 2025."""
    await make_dealer("D-1", currency="CNY")
    credit = paying("90", kind=DocumentKind.CREDIT_NOTE, number="C1", on=3, stays_on_account=True)
    given = [owed("100", number="I1"), owed("80", number="I2"), credit]
    async with acting(finance):
        done = await post_documents(finance, [Given("D-1", replace(each, id=0)) for each in given])
    one, two, money = (each.document.id for each in done.documents)
    return one, two, money


async def test_what_is_on_account_is_allocated_and_taken_back(
    api: Api, finance: Person, posted: tuple[int, int, int]
) -> None:
    one, two, money = posted
    client: httpx.AsyncClient = await api(finance)
    told = (await client.get(f"{AT}/dealers/D-1/to-allocate")).json()
    assert [(each["document_id"], each["left"]) for each in told["money"]] == [(money, "90.0000")]
    assert [each["document_id"] for each in told["items"]] == [one, two]
    body = {"money": money, "items": [f"{two}/1=30"], "reason": "as agreed"}
    assert (await client.post(f"{AT}/dealers/D-1/allocations", json=body)).json() == {"done": True, "waits": None}
    anew = (await client.get(f"{AT}/dealers/D-1/reallocation", params={"currency": "CNY"})).json()
    assert [(each["money"], each["document"], each["why"]) for each in anew["taken_back"]] == [("C1", "I2", "by_hand")]
    kept = {"currency": "CNY", "keep_by_hand": "true"}
    assert (await client.get(f"{AT}/dealers/D-1/reallocation", params=kept)).json()["unchanged"] == 1
    done = await client.post(f"{AT}/dealers/D-1/reallocation", json={"currency": "CNY", "reason": "late papers"})
    assert done.json() == {"done": True, "waits": None}
    again = await client.post(f"{AT}/dealers/D-1/reallocation", json={"currency": "CNY", "reason": "late papers"})
    assert again.status_code == 409


async def test_a_write_off_waits_is_told_and_is_carried_out(
    api: Api, finance: Person, second: Person, posted: tuple[int, int, int]
) -> None:
    client, other = await api(finance), await api(second)
    body = {"items": [f"{posted[0]}=30"], "reason": "gone"}
    refused = await client.post(f"{AT}/dealers/D-1/write-offs", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (409, "ask")
    number = (await client.post(f"{AT}/dealers/D-1/write-offs", json={**body, "ask": True})).json()["waits"]
    (listed,) = (await other.get(f"{AT}/waiting")).json()["items"]
    assert (listed["id"], listed["act"], listed["dealer"]) == (number, "write off", "D-1")
    told = (await other.get(f"{AT}/waiting/{number}")).json()
    assert (told["body"]["items"], len(told["why"]), told["refused"]) == ([f"{posted[0]}=30"], 1, None)
    assert (await client.post(f"{AT}/waiting/{number}/approve", json={"reason": "mine"})).status_code == 403
    assert (await other.post(f"{AT}/waiting/{number}/approve", json={"reason": "sound"})).json()["state"] == "approved"
    assert (await other.get(f"{AT}/waiting")).json()["items"] == []
    items = (await client.get(f"{AT}/dealers/D-1/to-allocate")).json()["items"]
    assert [each["open"] for each in items] == ["70.0000", "80.0000"]


async def test_the_pages_say_what_remains_before_and_what_waits(
    browser: Api, finance: Person, posted: tuple[int, int, int]
) -> None:
    one, two, money = posted
    page_of = await browser(finance)
    async with acting(finance):
        await close_month(finance, CloseMonth(month="2025-01", reason="done"))
    at = "/dealers/D-1/receivables/allocate"
    page = (await page_of.get(at, params={"money": str(money)})).text
    assert f'name="item-{one}-1"' in page
    mark = page.split('name="_csrf_token" value="')[1].split('"')[0]
    form = {"_csrf_token": mark, "money": str(money), f"item-{two}-1": "30.5", "reason": "as agreed"}
    looked = (await page_of.post(at, data={**form, "look": "yes"})).text
    assert "2025-01" in looked
    assert "59.50" in looked
    assert "49.50" in looked
    refused = await page_of.post(at, data=form)
    assert "2025-01" in refused.text
    assert 'value="30.5"' in refused.text
    done = await page_of.post(at, data={**form, "ask": "yes"})
    assert (done.status_code, done.headers["location"]) == (303, "/receivables/waiting/1")
    waiting = (await page_of.get("/receivables/waiting")).text
    assert "/receivables/waiting/1" in waiting
    told = (await page_of.get("/receivables/waiting/1")).text
    assert f'href="/receivables/documents/D-1/{two}"' in told, "what it is about is named and can be looked at"
    assert "30.50" in told
    assert "2025-01" in told
    for path, status in (("write-off", 200), ("reallocate", 200), ("allocations/1/take-back", 404)):
        assert (await page_of.get(f"/dealers/D-1/receivables/{path}")).status_code == status, path


async def test_whoever_asks_is_led_to_what_waits_and_told_for_whom(
    browser: Api, api: Api, finance: Person, posted: tuple[int, int, int]
) -> None:
    one, two, money = posted
    body = {"money": money, "items": [f"{two}/1=30"], "reason": "as agreed"}
    assert (await (await api(finance)).post(f"{AT}/dealers/D-1/allocations", json=body)).json()["done"]
    async with acting(finance):
        await close_month(finance, CloseMonth(month="2025-01", reason="done"))
    client = await browser(finance)
    asked = {"reason": "late papers", "ask": "yes"}
    for number, (path, form) in enumerate(
        {
            "write-off": {f"item-{one}-1": "30"},
            "allocations/1/take-back": {"effective_on": "2025-01-20"},
            "reallocate": {"currency": "CNY"},
        }.items(),
        start=1,
    ):
        at = f"/dealers/D-1/receivables/{path}"
        await client.get(at)
        done = await client.post(at, data={**form, **asked, "_csrf_token": client.cookies["csrftoken"]})
        assert (done.status_code, done.headers.get("location")) == (303, f"/receivables/waiting/{number}"), path
        told = (await client.get(done.headers["location"])).text
        assert f"It waits for a second person under number {number}." in told
        assert "waits for a second person: Finance" in told
        withdrawn = {"reason": "next one", "_csrf_token": client.cookies["csrftoken"]}
        assert (await client.post(f"/receivables/waiting/{number}/withdraw", data=withdrawn)).status_code == 303
        assert "waits for a second person: Finance" not in (await client.get(done.headers["location"])).text
