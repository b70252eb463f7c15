from collections.abc import Awaitable, Callable
from datetime import date

import httpx
import pytest

from channel.access.rules import Person, Role
from channel.database import db
from channel.dealers.queries.dealers import dealer_identity, find_dealers
from tests.make.access import acting, make_person, make_territories
from tests.make.dealers import MANAGER, make_contact, make_dealer, make_line, make_product, make_rate

Api = Callable[[Person], Awaitable[httpx.AsyncClient]]
NEW = {
    "code": "D-1",
    "name": "Northgate",
    "type": "wholesale",
    "territory": "Harbour",
    "currency": "USD",
    "terms_days": 45,
    "grade": "AA",
    "status": "active",
    "first_year_target": "120000.50",
    "lines": ["Road"],
    "traits": {"selling_way": "active", "brands_carried": 3},
    "effective_on": "2020-01-01",
}


async def _manager(api: Api) -> httpx.AsyncClient:
    return await api(await make_person(Role.MANAGER))


async def test_a_dealer_is_added_shown_and_changed(api: Api) -> None:
    await make_territories("East/Harbour")
    await make_line("Road", wanted_type="terminal")
    client = await _manager(api)
    added = await client.post("/api/v1/dealers", json=NEW)
    assert added.status_code == 201, added.text
    body = added.json()
    assert body["territory_path"] == "East / Harbour"
    assert body["unlike_type"] == ["selling_way"]
    assert body["mismatches"] == ["Line Road wants a terminal dealer; this one is a wholesale dealer."]
    assert body["facts"]["first_year_target"] == "120000.5"
    assert body["facts"]["appointed_on"] == "2020-01-01"
    assert (await client.post("/api/v1/dealers", json=NEW)).status_code == 409
    changed = await client.patch("/api/v1/dealers/D-1", json={"traits": {"selling_way": None}})
    assert changed.json()["traits"] == body["traits"] | {"selling_way": None}
    assert changed.json()["unlike_type"] == []
    fact = {"fact": "terms_days", "value": 60, "effective_on": "2021-01-01"}
    assert (await client.post("/api/v1/dealers/D-1/facts", json=fact)).json() == {"changed": True}
    assert (await client.post("/api/v1/dealers/D-1/facts", json=fact)).json() == {"changed": False}
    then = await client.get("/api/v1/dealers/D-1", params={"as_of": "2020-12-31"})
    assert then.json()["facts"]["terms_days"] == 45
    assert then.json()["terms_days"] == 60
    early = await client.get("/api/v1/dealers/D-1", params={"known_at": "2000-01-01T00:00:00Z"})
    assert early.json()["facts"] is None
    history = (await client.get("/api/v1/dealers/D-1/facts", params={"fact": "terms_days"})).json()["items"]
    assert [row["value"] for row in history] == ["60", "45"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "a/b"}, "code"),
        ({"name": " "}, "name"),
        ({"territory": "Moon"}, "territory"),
        ({"currency": "DOLLAR"}, "currency"),
        ({"terms_days": 366}, "terms_days"),
        ({"terms_days": -1}, "terms_days"),
        ({"grade": "D"}, "grade"),
        ({"first_year_target": "0"}, "first_year_target"),
        ({"first_year_target": "1.00001"}, "first_year_target"),
        ({"lines": ["Moon"]}, "lines"),
        ({"parent": "D-9"}, "parent"),
        ({"effective_on": "1899-12-31"}, "effective_on"),
    ],
)
async def test_what_cannot_be_meant_is_named_by_its_field(api: Api, change: dict[str, object], field: str) -> None:
    await make_territories("East/Harbour")
    await make_line("Road")
    answer = await (await _manager(api)).post("/api/v1/dealers", json=NEW | change)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_the_list_filters_sorts_and_pages(api: Api) -> None:
    await make_territories("East/Harbour", "East/Old Town", "West")
    await make_line("Road")
    for n, (territory, type_, grade) in enumerate(
        [
            ("Harbour", "terminal", "A"),
            ("Old Town", "wholesale", None),
            ("West", "terminal", "AAA"),
            ("East", "terminal", "C"),
        ]
    ):
        await make_dealer(f"D-{n}", territory=territory, type=type_, grade=grade, name=f"Shop {9 - n}")
    client = await _manager(api)

    async def codes(**asked: object) -> list[str]:
        found: list[str] = []
        cursor = None
        while True:
            params = {**asked, "limit": 2} | ({"cursor": cursor} if cursor else {})
            page = (await client.get("/api/v1/dealers", params=params)).json()
            found += [row["code"] for row in page["items"]]
            cursor = page["next"]
            if cursor is None:
                assert page["found"] == len(found)
                return found

    assert await codes() == ["D-3", "D-2", "D-1", "D-0"]
    assert await codes(sort="-name") == ["D-0", "D-1", "D-2", "D-3"]
    assert await codes(sort="grade") == ["D-2", "D-0", "D-3", "D-1"]
    assert await codes(sort="-terms_days") == ["D-3", "D-2", "D-1", "D-0"]
    assert sorted(await codes(territory="East")) == ["D-0", "D-1", "D-3"]
    assert await codes(type="wholesale") == ["D-1"]
    assert await codes(grade="none") == ["D-1"]
    assert await codes(q="shop 7") == ["D-2"]
    assert await codes(q="%") == []
    assert (await client.get("/api/v1/dealers", params={"sort": "id"})).status_code == 422
    assert (await client.get("/api/v1/dealers", params={"cursor": "@@"})).status_code == 422
    assert (await client.get("/api/v1/dealers", params={"cursor": "WzEsMl0"})).status_code == 422


async def test_dealers_out_of_scope_look_like_none(api: Api) -> None:
    ids = await make_territories("East/Harbour", "West")
    await make_dealer("D-1", territory="West")
    await make_dealer("D-2", territory="Harbour")
    client = await api(await make_person(Role.REGIONAL, ids["East"]))
    assert [row["code"] for row in (await client.get("/api/v1/dealers")).json()["items"]] == ["D-2"]
    for path in ("", "/facts", "/lines", "/contacts", "/second-tier", "/exclusivity"):
        hidden = await client.get(f"/api/v1/dealers/D-1{path}")
        none = await client.get(f"/api/v1/dealers/D-9{path}")
        assert hidden.status_code == none.status_code == 404
        assert hidden.text.replace("D-1", "D-9") == none.text
        assert (await client.get(f"/api/v1/dealers/D-2{path}")).status_code == 200
    assert (await client.post("/api/v1/dealers/D-1/contacts", json={"name": "Lin"})).status_code == 404
    assert (await client.post("/api/v1/dealers/D-2/contacts", json={"name": "Lin"})).status_code == 201


async def test_regional_staff_enter_prospects_of_their_own(api: Api) -> None:
    ids = await make_territories("East/Harbour", "West")
    await make_line("Road")
    client = await api(await make_person(Role.REGIONAL, ids["East"]))
    prospect = {key: value for key, value in NEW.items() if key not in ("grade", "status")}
    assert (await client.post("/api/v1/dealers", json=NEW)).status_code == 403
    assert (await client.post("/api/v1/dealers", json=prospect | {"territory": "West"})).status_code == 422
    assert (await client.post("/api/v1/dealers", json=prospect)).json()["status"] == "prospect"


async def test_a_code_out_of_scope_is_taken_all_the_same(api: Api) -> None:
    ids = await make_territories("East", "West")
    await make_dealer("D-1", territory="West")
    client = await api(await make_person(Role.REGIONAL, ids["East"]))
    body = {"code": "D-1", "name": "x", "type": "terminal", "territory": "East", "currency": "USD", "terms_days": 0}
    assert (await client.post("/api/v1/dealers", json=body)).status_code == 409


async def test_contacts_and_customers_are_kept(api: Api) -> None:
    await make_dealer("D-1")
    client = await _manager(api)
    odd = await client.put("/api/v1/dealers/D-1/lines", json={"lines": [], "opened": {"lines": 5}})
    assert (odd.status_code, odd.json()["errors"][0]["field"]) == (422, "opened")
    kept = await client.post("/api/v1/dealers/D-1/contacts", json={"name": "Lin", "phone": "139 1"})
    contact = kept.json()["items"][0]
    changed = await client.put(f"/api/v1/dealers/D-1/contacts/{contact['id']}", json={"name": "Lin", "role": "owner"})
    assert changed.json()["items"] == [
        {"id": contact["id"], "name": "Lin", "role": "owner", "phone": None, "email": None}
    ]
    assert (await client.delete("/api/v1/dealers/D-1/contacts/999")).status_code == 404
    assert (await client.delete(f"/api/v1/dealers/D-1/contacts/{contact['id']}")).status_code == 204
    customer = {"code": "K-1", "name": "Kiosk", "kind": "mixed"}
    await client.post("/api/v1/dealers/D-1/second-tier", json=customer)
    again = await client.post("/api/v1/dealers/D-1/second-tier", json=customer | {"kind": "direct"})
    assert again.json()["items"] == [customer | {"kind": "direct"}]
    assert (await client.delete("/api/v1/dealers/D-1/second-tier/K-1")).status_code == 204


async def test_products_rates_and_territories_are_kept(api: Api) -> None:
    client = await _manager(api)
    assert (await client.put("/api/v1/product-lines", json={"code": "R", "name": "Road"})).status_code == 200
    product = {"code": "P-1", "name": "Pump", "line": "R", "unit": "piece"}
    assert (await client.put("/api/v1/products", json=product)).status_code == 200
    assert (await client.get("/api/v1/products", params={"q": "pum"})).json()["items"] == [product]
    assert (await client.put("/api/v1/products", json=product | {"line": "Q"})).status_code == 422
    rate = {"currency": "EUR", "on": "2020-01-01", "rate": "1.1"}
    assert (await client.post("/api/v1/rates", json=rate)).status_code == 403
    finance = await api(await make_person(Role.FINANCE))
    for wrong in ("NaN", "0", "-1", "1000000000"):
        assert (await finance.post("/api/v1/rates", json=rate | {"rate": wrong})).status_code in {400, 422}
    await finance.post("/api/v1/rates", json=rate)
    for day, holds in (("2020-01-08", "1.1"), ("2020-01-09", None)):
        shown = await finance.get("/api/v1/rates/on", params={"currency": "EUR", "on": day})
        found = shown.json()["rate"]
        assert (found if found is None else found.rstrip("0")) == holds
    for body in (
        {"code": "E", "name": "East", "level": "region"},
        {"code": "E/H", "name": "Harbour", "level": "city", "parent": "E"},
    ):
        assert (await client.post("/api/v1/territories", json=body)).status_code == 201
    moved = await client.patch("/api/v1/territories", json={"code": "E/H", "name": "Docks", "parent": None})
    assert [(row["path"], row["depth"]) for row in moved.json()["items"]] == [("Docks", 0), ("East", 0)]


async def test_rates_page_backwards_in_time(api: Api) -> None:
    for n in range(1, 6):
        await make_rate("EUR", date(2020, 1, n), f"1.{n}")
    await make_rate("EUR", date(2020, 1, 5), "1.7")
    client = await _manager(api)
    seen, cursor = [], None
    while True:
        page = (await client.get("/api/v1/rates", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        seen += [(row["on"], row["rate"][:3]) for row in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen[0] == ("2020-01-05", "1.7")
    assert [day for day, _ in seen] == [f"2020-01-0{n}" for n in (5, 4, 3, 2, 1)]


async def test_a_dealer_is_found_by_name_code_and_phone(database: str) -> None:
    await make_dealer("D-417", name="Northgate 100% Wholesale")
    await make_dealer("D-418", name="Harbour")
    await make_product("P-1")
    async with acting(MANAGER):
        await make_contact(MANAGER, "D-418", phone="139 555")
        for text, codes in (
            ("northg", ["D-417"]),
            ("D-418", ["D-418"]),
            ("139", ["D-418"]),
            ("0%", ["D-417"]),
            ("_", []),
        ):
            assert [row["code"] for row in await find_dealers(text)] == codes
        assert await dealer_identity("D-9") is None
    async with db.held():
        assert await find_dealers("northg") == []
