"""One code, however it is written: in files, over the API, on pages, in what reconcile tells."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channel.access.rules import Role
from channel.codes import code_key, plain_code
from channel.database import db
from channel.dealers.queries.codes import alike, differing_in_writing
from channel.dealers.queries.dealers import find_dealers
from tests.make.access import make_person
from tests.make.sales import csv_of, loaded, make_dealer, make_loader, make_masters

CASES = Path(__file__).parents[1] / "imports" / "cases"
WAYS = ["Ｄ１０１４", "D1014\u200b", "d1014", "D1014\u00a0", "D\u00ad1014", "\ufeffD1014", "D1014\u200e", " ｄ1014"]
Api = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def masters(database: str) -> dict[str, int]:
    return await make_masters((("D1014", "USD"),), (("AC10", "Line"),), territory="E-SH-1")


async def codes() -> list[str]:
    async with db.held(db.EVERYTHING):
        return [row["code"] for row in await db.fetch("SELECT code FROM dealer ORDER BY id")]


async def another(code: str, territory: str = "E-SH-1") -> None:
    """A dealer stored beside one whose code differs only in its writing, as it was before codes were made plain."""
    async with db.held(db.EVERYTHING), db.transaction():
        territory_id = await db.fetchval("SELECT id FROM territory WHERE code = $1", territory)
        await make_dealer(code, "USD", territory_id, await db.fetchval("SELECT min(id) FROM posting"))


async def test_a_file_that_writes_one_code_in_many_ways_adds_no_dealer(masters: dict[str, int]) -> None:
    result = await loaded(await make_loader(), "dealers", (CASES / "codes_that_look_alike.csv").read_bytes())
    assert result["state"] == "refused"
    # Seven lines are one dealer, two are D-1014: the first of each counts, the others are told as its doubles.
    assert [line for line, _ in result["rejects"]] == [3, 4, 5, 6, 7, 8, 10]
    assert all("The same key is in the file already" in reasons[0][1] for _, reasons in result["rejects"])
    assert await codes() == ["D1014"]


@pytest.mark.parametrize("way", WAYS)
async def test_each_way_is_the_dealer_that_there_is(masters: dict[str, int], way: str, api: Api) -> None:
    content = csv_of("Code,Name,Type,Territory,Currency,Terms days", f"{way},Renamed,terminal,e-sh-1,USD,30")
    result = await loaded(await make_loader(), "dealers", content)
    assert (result["state"], result["counts"]["changed"]) == ("loaded", 1), result
    report = csv_of("Dealer,Date,Product,Quantity,Amount", f"{way},2026-11-05,ac10,1,1")
    result = await loaded(await make_loader(), "sell-through", report, dealers=[way], period="2026-11")
    assert (result["state"], result["counts"]["loaded"]) == ("loaded", 1), result
    assert await codes() == ["D1014"]
    client = await api(await make_person(Role.MANAGER))
    for path in (f"/api/v1/dealers/{way}", f"/api/v1/dealers/{way}/facts", f"/api/v1/dealers/{way}/card"):
        found = await client.get(path)
        assert found.status_code == 200, (path, found.text)
    assert (await client.get(f"/api/v1/dealers/{way}")).json()["code"] == "D1014"
    async with db.held(db.EVERYTHING):
        assert [row["code"] for row in await find_dealers(way)] == ["D1014"]


async def test_a_new_code_is_kept_plain_and_the_first_case_counts(masters: dict[str, int]) -> None:
    content = csv_of(
        "Dealer,Date,Product,Quantity,Amount,Type,Territory,Currency,Terms",
        "Ｎ７,2026-11-05,AC10,1,1,terminal,E-SH-1,USD,30",
        "n7,2026-11-06,ac10,1,1,terminal,E-SH-1,USD,30",
    )
    maps = [f"{name}={column}" for name, column in (
        ("dealer", "Dealer"), ("date", "Date"), ("product", "Product"), ("quantity", "Quantity"), ("amount", "Amount"),
        ("dealer_type", "Type"), ("dealer_territory", "Territory"), ("dealer_currency", "Currency"),
        ("dealer_terms_days", "Terms"),
    )]  # fmt: skip
    result = await loaded(await make_loader(), "sell-through", content, maps=maps, create_missing=["dealers"])
    assert (result["state"], result["counts"]["loaded"]) == ("loaded", 2), result
    assert await codes() == ["D1014", "N7"]


async def test_where_two_stored_codes_differ_only_so_the_exact_one_wins(masters: dict[str, int], api: Api) -> None:
    await another("d1014")
    client = await api(await make_person(Role.MANAGER))
    for code in ("D1014", "d1014"):
        assert (await client.get(f"/api/v1/dealers/{code}")).json()["code"] == code
    assert (await client.get("/api/v1/dealers/Ｄ1014")).json()["code"] == "D1014"
    await another("D1014\u200b")
    await another("X\u200b1")
    await another("x1")
    refused = await client.get("/api/v1/dealers/X1")
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["expected"] == "One of: X\u200b1, x1"
    report = csv_of(
        "Dealer,Date,Product,Quantity,Amount",
        "D1014,2026-11-05,AC10,1,1",
        "d1014,2026-11-05,AC10,1,1",
        "X1,2026-11-05,AC10,1,1",
    )
    result = await loaded(await make_loader(), "sell-through", report, partial=True, period="2026-11")
    assert result["counts"]["loaded"] == 2
    [(line, [(field, why)])] = result["rejects"]
    assert (line, field) == (4, "dealer")
    assert "can be any of X\u200b1, x1" in why
    async with db.held(db.EVERYTHING):
        assert await differing_in_writing() == ["D1014 / D1014\u200b / d1014", "X\u200b1 / x1"]


async def test_a_code_is_taken_in_whatever_case(masters: dict[str, int], api: Api) -> None:
    client = await api(await make_person(Role.MANAGER))
    new: dict[str, Any] = {
        "code": "ｄ1014", "name": "N", "type": "terminal", "territory": "e-sh-1", "currency": "USD", "terms_days": 30,
    }  # fmt: skip
    taken = await client.post("/api/v1/dealers", json=new)
    assert taken.status_code == 409, taken.text
    made = await client.post("/api/v1/dealers", json=new | {"code": "Ｅ－1"})
    assert made.status_code == 201, made.text
    assert await codes() == ["D1014", "E-1"]
    lost = await client.post("/api/v1/dealers", json=new | {"code": "9.13101E+17"})
    assert "15 digits" in lost.text


async def test_products_lines_and_territories_are_found_in_whatever_case(masters: dict[str, int], api: Api) -> None:
    client = await api(await make_person(Role.MANAGER))
    kept = await client.put("/api/v1/products", json={"code": "ａｃ10", "name": "Ten", "line": "ｌine"})
    assert kept.status_code in {200, 204}, kept.text
    async with db.held(db.EVERYTHING):
        assert [tuple(row) for row in await db.fetch("SELECT code, name FROM product")] == [("AC10", "Ten")]
    assert len((await client.get("/api/v1/products?line=LINE")).json()["items"]) == 1
    assert len((await client.get("/api/v1/dealers?territory=ｅ-sh-1")).json()["items"]) == 1
    lines = await client.put("/api/v1/dealers/d1014/lines", json={"lines": ["LINE"]})
    assert lines.status_code in {200, 204}, lines.text
    again = csv_of("code,name,level", "e-SH\u20111,Harbour,city")
    result = await loaded(await make_loader(), "territories", again)
    assert (result["counts"]["added"], result["counts"]["renamed"]) == (0, 1), result


async def test_nobody_learns_of_a_code_out_of_sight(masters: dict[str, int], api: Api) -> None:
    """A dealer elsewhere is neither found nor hinted at by another writing, and an exact spelling there is his."""
    await make_masters((("W1", "USD"),), (), territory="West")
    async with db.held(db.EVERYTHING):
        west = await db.fetchval("SELECT id FROM territory WHERE code = 'West'")
    client = await api(await make_person(Role.REGIONAL, west))
    for code in ("D1014", "d1014", "Ｄ1014"):
        assert (await client.get(f"/api/v1/dealers/{code}")).status_code == 404
    await another("d1014", "West")
    assert (await client.get("/api/v1/dealers/d1014")).json()["code"] == "d1014"
    assert (await client.get("/api/v1/dealers/D1014")).status_code == 404


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(categories=("L", "N", "P", "Zs", "Cf"), max_codepoint=0xFFFF), max_size=12))
async def test_the_database_makes_codes_plain_as_the_rules_do(database: str, text: str) -> None:
    async with db.held(db.EVERYTHING):
        assert await db.fetchval("SELECT code_key($1) = code_key($2)", text, plain_code(text))
        ascii_key = await db.fetchval("SELECT code_key($1)", text.encode("ascii", "ignore").decode())
        assert ascii_key == code_key(text.encode("ascii", "ignore").decode())


async def test_only_codes_that_are_not_stored_as_asked_have_others_like_them(masters: dict[str, int]) -> None:
    async with db.held(db.EVERYTHING):
        assert await alike("dealer", ["d1014", "D1014", "D9"]) == {"d1014": ["D1014"]}
        assert await alike("product", ["ａc10"]) == {"ａc10": ["AC10"]}
