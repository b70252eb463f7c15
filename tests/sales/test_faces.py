"""The three faces' figures: the API against the database, the pages against the API."""

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from litestar import Litestar

from channel import clock
from channel.access.pages import SESSION_COOKIE
from channel.access.rules import Role
from channel.database import db
from channel.dealers.queries.masters import products
from channel.lists import ALL
from channel.sales.queries.listed import dealers_by_code
from tests.make.access import make_person, make_session
from tests.make.sales import csv_of, loaded, make_loader, make_masters

HEADER = "dealer,date,product,quantity,amount,document,line"


@pytest.fixture
async def client(api: Callable[..., Any], database: str) -> httpx.AsyncClient:
    await make_masters()
    person = await make_loader()
    rows = [f"D1,2025-{month:02}-05,P1,{month},{month}00.50,A{month},1" for month in range(1, 7)]
    await loaded(person, "sell-in", csv_of(HEADER, *rows, "D2,2025-03-01,P3,-1,-20,B1,1"), period="2025-01:2025-06")
    await loaded(
        person, "sell-through", csv_of("dealer,date,product,quantity,amount", "D1,2025-05-01,P1,2,90"), period="2025-05"
    )
    stock = csv_of("dealer,date,product,quantity", "D1,2025-04-30,P1,7", "D1,2025-05-31,P1,11")
    await loaded(person, "stock", stock)
    made: httpx.AsyncClient = await api(await make_person(Role.AUDITOR))
    return made


async def test_months_tell_what_is_missing(client: httpx.AsyncClient) -> None:
    page = (
        await client.get("/api/v1/sales/months", params={"dealer": "D1", "from": "2025-04", "to": "2025-07"})
    ).json()
    told = [(row["kind"], row["month"], row["covered"], row["amount"]) for row in page["items"]]
    assert told == [
        ("sell-in", "2025-04", True, "400.5000"),
        ("sell-in", "2025-05", True, "500.5000"),
        ("sell-in", "2025-06", True, "600.5000"),
        ("sell-in", "2025-07", False, None),
        ("sell-through", "2025-04", False, None),
        ("sell-through", "2025-05", True, "90.0000"),
        ("sell-through", "2025-06", False, None),
        ("sell-through", "2025-07", False, None),
        ("stock", "2025-04", True, None),
        ("stock", "2025-05", True, None),
        ("stock", "2025-06", False, None),
        ("stock", "2025-07", False, None),
    ]


@pytest.mark.parametrize("months", [("9999-01", "9999-12"), ("0001-01", "0001-02"), ("2025-13", "2025-14")])
async def test_months_at_the_end_of_the_calendar_are_refused(
    client: httpx.AsyncClient, months: tuple[str, str]
) -> None:
    answer = await client.get("/api/v1/sales/months", params={"from": months[0], "to": months[1]})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "from")


async def test_pages_of_dealers_follow_each_other(client: httpx.AsyncClient) -> None:
    asked = {"kind": "sell-in", "from": "2025-03", "to": "2025-03", "limit": "1"}
    seen, cursor = [], None
    while True:
        page = (await client.get("/api/v1/sales/months", params=asked | ({"cursor": cursor} if cursor else {}))).json()
        seen += [(row["dealer"], row["returned_amount"]) for row in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == [("D1", "0.0000"), ("D2", "-20.0000"), ("D3", "0.0000")]


async def test_days_that_are_covered_go_on_behind_their_cursor_which_no_code_is(client: httpx.AsyncClient) -> None:
    seen, cursor = [], None
    while True:
        asked = {"kind": "sell-in", "limit": "1"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/api/v1/sales/coverage", params=asked)).json()
        seen += [row["dealer"] for row in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == ["D1", "D2", "D3"]
    for path in ("months", "coverage"):
        refused = await client.get(f"/api/v1/sales/{path}", params={"cursor": "D1"})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "cursor")
        assert (await client.get(f"/api/v1/sales/{path}", params={"sort": "dealer"})).status_code == 422


async def test_stock_is_held_against_movements(client: httpx.AsyncClient) -> None:
    page = (await client.get("/api/v1/sales/stock", params={"dealer": "D1", "from": "2025-04", "to": "2025-05"})).json()
    (check,) = page["items"]
    assert (check["opening"], check["sell_in"], check["sell_through"], check["closing"]) == (
        "7.0000",
        "5.0000",
        "2.0000",
        "11.0000",
    )
    assert (check["expected"], check["difference"]) == ("10.0000", "1.0000")


async def test_who_owes_what_and_for_how_long(client: httpx.AsyncClient) -> None:
    with clock.fixed(datetime(2025, 6, 12, tzinfo=UTC)):
        page = (await client.get("/api/v1/sales/chase", params={"months": 2})).json()
    told = {(row["dealer"], row["kind"]): (row["months"], row["due_on"], row["days_late"]) for row in page["items"]}
    assert ("D1", "stock") not in told
    assert told["D1", "sell-through"] == (["2025-04"], "2025-05-10", 33)
    assert told["D2", "stock"] == (["2025-04", "2025-05"], "2025-05-10", 33)


async def test_lines_reports_coverage_and_totals(client: httpx.AsyncClient) -> None:
    month = {"dealer": "D1", "kind": "sell-in", "from": "2025-02", "to": "2025-02"}
    lines = (await client.get("/api/v1/sales/lines", params=month)).json()["items"]
    assert [(line["document"], line["amount"]) for line in lines] == [("A2", "200.5000")]
    reports = (await client.get("/api/v1/sales/reports")).json()["items"]
    assert [(r["kind"], r["dealers"], r["lines"]) for r in reports] == [
        ("stock", 1, 1),
        ("stock", 1, 1),
        ("sell-through", 1, 1),
        ("sell-in", 3, 7),
    ]
    covered = (await client.get("/api/v1/sales/coverage", params={"kind": "sell-in"})).json()["items"]
    assert [(c["dealer"], c["days"]) for c in covered] == [
        (code, [["2025-01-01", "2025-06-30"]]) for code in ("D1", "D2", "D3")
    ]
    totals = (await client.get("/api/v1/sales/totals", params={"kind": "sell-in", "from": "2025-03"})).json()["items"]
    assert totals[0]["company_amount"] == "280.5000"
    assert (await client.get("/api/v1/sales/lines", params=month | {"dealer": "NO"})).status_code == 404
    assert (await client.get("/api/v1/sales/months", params={"kind": "gifts"})).status_code == 422


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/sales", ("Which months are covered", "Dealer D3", "report.csv")),
        ("/sales?kind=stock&q=D1", ("Dealer D1", "missing")),
        ("/sales/chase", ("Reports owed",)),
        ("/dealers/D1/sales", ("Counted stock against movements", "+1")),
        ("/dealers/D1/sales?kind=sell-in&month=2025-03", ("300.50", "A3")),
    ],
)
async def test_pages_show_the_figures(
    client: httpx.AsyncClient, app: Litestar, path: str, words: tuple[str, ...]
) -> None:
    session = await make_session(await make_person(Role.FINANCE))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://channel.test", cookies={SESSION_COOKIE: session}
    ) as browser:
        for language in ("en", "zh"):
            page = await browser.get(path, headers={"accept-language": language})
            assert page.status_code == 200, page.text
        page = await browser.get(path)
    for word in words:
        assert word in page.text


@pytest.mark.parametrize(
    ("page", "header", "rows"),
    [
        (
            "/sales?kind=sell-in&q=D1&to=2025-06",
            "Dealer,Name,Report,Month,Covered,",
            {
                "D1,Dealer D1,Sell-in,2025-03,yes,no,3.0000,300.50,USD,",
                "D1,Dealer D1,Sell-in,2024-12,no,no,,,,",
            },
        ),
        (
            "/dealers/D1/sales?kind=sell-in&month=2025-03",
            "Date,Product,Name,",
            {"2025-03-05,P1,P1,Road,Sell-in,A3,1,3.0000,300.50,USD,"},
        ),
        ("/sales/chase", "Dealer,Name,Report,Months,In part,Was due on,", {"D2,Dealer D2,Sell-through,"}),
    ],
)
async def test_pages_offer_what_they_show_as_files(
    client: httpx.AsyncClient, app: Litestar, page: str, header: str, rows: set[str]
) -> None:
    session = await make_session(await make_person(Role.FINANCE))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://channel.test", cookies={SESSION_COOKIE: session}
    ) as browser:
        shown = (await browser.get(page)).text
        links = {html.unescape(each) for each in re.findall(r'href="([^"]+/export[^"]*)"', shown)}
        assert {link.partition("format=")[2][:4] for link in links} == {"xlsx", "csv"}, links
        (link,) = (each for each in links if "format=csv" in each)
        file = (await browser.get(link)).content.decode("utf-8-sig").splitlines()
        assert file[0].startswith(header)
        for row in rows:
            assert any(line.startswith(row) for line in file), (row, file[:20])
        assert (await browser.get(link.replace("format=csv", "format=xlsx"))).content[:2] == b"PK"


@pytest.mark.parametrize("text", ["Ｄ１", "d1", "\u200bD1\u00a0", "dealer d1"])
async def test_a_list_looks_for_a_text_however_it_is_written(client: httpx.AsyncClient, text: str) -> None:
    async with db.held(db.EVERYTHING):
        assert [row["code"] for row in await dealers_by_code(text, "", 9)] == ["D1"]
        assert [row["code"] for row in (await products(None, "Ｐ１", ALL)).items] == ["P1"]
        assert len(await dealers_by_code("", "", 9)) == 3
    found = (await client.get("/api/v1/dealers", params={"q": text})).json()["items"]
    assert [row["code"] for row in found] == ["D1"]
