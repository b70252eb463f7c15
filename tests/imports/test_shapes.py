"""As what a file is read, on every face: found, told by a person, said in the preview, and confirmed where unsure."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from xlsxwriter.worksheet import Worksheet

from channel.access.pages import SESSION_COOKIE
from channel.access.queries import company
from channel.access.rules import Role
from channel.database import db
from channel.errors import Message, Refused
from channel.imports.service.uploads import take_in
from channel.imports.service.worker import run_waiting
from tests.make.access import acting, make_person, make_session
from tests.make.sales import csv_of, loaded, make_loader, make_masters
from tests.make.workbooks import workbook

ROWS = [["D1", "2025-01-05", "P1", 2, 200], ["D1", "2025-01-06", "P2", 1, 150]]
CASES = Path(__file__).parents[1] / "files" / "cases"


def told(result: dict[str, Any]) -> str:
    notes = [Message.from_json(note) for note in result["preview"]["notes"]]
    return " ".join(map(str, notes))


async def test_the_table_is_found_behind_a_cover_and_other_sheets_are_told(database: str) -> None:
    await make_masters()
    result = await loaded(await make_loader(), "sell-in", workbook(ROWS), "report.xlsx")
    assert (result["state"], result["counts"]["loaded"]) == ("loaded", 2), result
    assert result["preview"]["read_as"] == {
        "kind": "xlsx",
        "encoding": "",
        "delimiter": "",
        "sheet": "Report",
        "header_line": 1,
    }
    assert "not read: Cover" in told(result)
    assert "Hidden sheets of the workbook are not read: Notes" in told(result)


async def test_hidden_rows_are_read_and_told(database: str) -> None:
    await make_masters()

    def hide(sheet: Worksheet) -> None:
        sheet.set_row(2, None, None, {"hidden": True})

    result = await loaded(await make_loader(), "sell-in", workbook(ROWS, hide), "report.xlsx")
    assert (result["state"], result["counts"]["loaded"]) == ("loaded", 2)
    assert "1 rows that are hidden" in told(result)


async def test_a_value_that_is_missing_in_merged_cells_says_so(database: str) -> None:
    await make_masters()
    rows = [ROWS[0], ["", "2025-01-06", "P2", 1, 150], ["", "2025-01-07", "P1", 1, 100]]

    def merge(sheet: Worksheet) -> None:
        sheet.merge_range("A2:A3", "D1")

    result = await loaded(await make_loader(), "sell-in", workbook(rows, merge), "report.xlsx", partial=True)
    assert result["counts"]["loaded"] == 1
    merged = "The cell is merged with others (A2:A3), and only the first of them holds a value."
    assert result["rejects"] == [(3, [("dealer", merged)]), (4, [("dealer", "A value is missing.")])]
    assert "(1 places: A2:A3)" in told(result)


async def test_rows_of_a_dragged_formula_are_counted_and_not_loaded(database: str) -> None:
    await make_masters(dealers=[("D1014", "USD")], products=[("AC10", "Road")])
    content = (CASES / "formulas_dragged_down.xlsx").read_bytes()
    result = await loaded(await make_loader(), "sell-through", content, "a.xlsx", partial=True)
    assert result["counts"]["loaded"] == 1
    assert "27 rows with nothing but 0" in told(result)


async def test_what_was_taken_as_header_is_shown_when_a_column_is_missing(database: str) -> None:
    await make_masters()
    content = (CASES / "header_in_third_row.xlsx").read_bytes()
    result = await loaded(await make_loader(), "sell-in", content, "a.xlsx", header_line=2)
    errors = {error["field"]: str(Message.from_json(error["reason"])) for error in result["problem"]["errors"]}
    assert errors["header_line"] == "Line 2 of the sheet Report was taken as the header: Who, What"


@pytest.mark.parametrize(
    ("option", "field"),
    [
        ({"sheet": "Nowhere"}, "sheet"),
        ({"header_line": 77}, "header_line"),
        ({"header_line": -1}, "header_line"),
        ({"encoding": "klingon"}, "encoding"),
        ({"encoding": "idna"}, "encoding"),
        ({"delimiter": "xx"}, "delimiter"),
        ({"decimal": "x"}, "decimal"),
    ],
)
async def test_what_is_told_wrongly_is_refused_with_its_name(database: str, option: dict[str, Any], field: str) -> None:
    await make_masters()
    with pytest.raises(Refused) as refused:
        await loaded(await make_loader(), "sell-in", workbook(ROWS), **option)
    assert [error.field for error in refused.value.errors] == [field]


async def test_a_file_is_read_as_it_is_told(database: str) -> None:
    await make_masters()
    head, row = "x;y", "D1;2025-01-05;P1;2;1.200,50"
    content = f"{head}\ndealer;date;product;quantity;amount\n{row}\n".encode("utf-16-le")
    form = {"encoding": "utf-16-le", "delimiter": ";", "header_line": 2, "decimal": ","}
    result = await loaded(await make_loader(), "sell-in", content, **form)
    assert (result["state"], str(result["preview"]["company_amount"])) == ("loaded", "1200.5000"), result
    assert result["preview"]["read_as"]["header_line"] == 2


async def test_every_option_is_in_the_description_of_the_api(app: Litestar) -> None:
    document = app.openapi_schema.to_schema()
    named = {each["name"] for each in document["paths"]["/api/v1/imports"]["post"]["parameters"]}
    assert named >= {"kind", "map", "set", "encoding", "delimiter", "sheet", "header_line", "decimal", "confirmed"}


async def test_the_api_takes_the_form_of_a_file_and_tells_it(api: Callable[..., Any], database: str) -> None:
    await make_masters()
    client = await api(await make_loader())
    query = {"kind": "sell-in", "sheet": "Report", "header_line": "1", "decimal": ".", "dry_run": "true"}
    answer = await client.post("/api/v1/imports", params=query, content=workbook(ROWS))
    assert answer.status_code == 202, answer.text
    await run_waiting()
    load = (await client.get(f"/api/v1/imports/{answer.json()['id']}")).json()
    assert (load["state"], load["preview"]["read_as"]["sheet"]) == ("checked", "Report")
    assert "Other sheets of the workbook are not read: Cover" in load["preview"]["notes"]
    wrong = await client.post("/api/v1/imports", params=query | {"header_line": "two"}, content=workbook(ROWS))
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "header_line")


@pytest.fixture
async def browser(app: Litestar, database: str) -> httpx.AsyncClient:
    await make_masters()
    session = await make_session(await make_person(Role.MANAGER))
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://channel.test", cookies={SESSION_COOKIE: session}
    )


async def brought(browser: httpx.AsyncClient, content: bytes, name: str = "a.csv") -> str:
    """The address of the columns of a file that was brought by the page."""
    token = (await browser.get("/imports")).text.partition('name="_csrf_token" value="')[2].partition('"')[0]
    data = {"_csrf_token": token, "kind": "sell-in"}
    sent = await browser.post("/imports/upload", data=data, files={"file": (name, content)})
    return str(sent.headers["location"])


async def test_the_page_shows_the_first_lines_and_takes_another_sheet_and_line(browser: httpx.AsyncClient) -> None:
    url = await brought(browser, workbook(ROWS), "a.xlsx")
    page = (await browser.get(url)).text
    assert "found: Report" in page
    assert "Hidden sheets of the workbook are not read: Notes" in page
    cover = (await browser.get(f"{url}&sheet=Cover&header_line=2")).text
    assert '<th scope="col">made by</th>' in cover
    assert '<input type="hidden" name="sheet" value="Cover">' in cover
    wrong = (await browser.get(f"{url}&sheet=Cover&header_line=9")).text
    assert "There is no header at line 9." in wrong


async def test_what_the_page_was_told_is_what_is_checked(browser: httpx.AsyncClient) -> None:
    url = await brought(browser, csv_of("dealer;date;product;quantity;amount", "D1;2025-01-05;P1;2;2,5"))
    page = (await browser.get(f"{url}&delimiter=;&header_line=1")).text
    hidden = dict(
        each.partition('" value="')[::2]
        for each in (part.partition('">')[0] for part in page.split('<input type="hidden" name="')[1:])
    )
    columns = {f"col.{name}": name for name in ("dealer", "date", "product", "quantity", "amount")}
    checked = await browser.post("/imports/check", data=hidden | columns | {"decimal": ","})
    assert checked.status_code == 303, checked.text
    await run_waiting()
    load = (await browser.get(checked.headers["location"])).text
    assert "All lines can be loaded." in load
    assert "2.50" in load
    assert "delimiter=%3B&amp;header_line=1" in load


async def test_a_swallowing_quote_stops_the_load_until_somebody_confirms(database: str) -> None:
    await make_masters(dealers=[("D1014", "USD")], products=[("AC10", "Road"), ("AC20", "Road")])
    person = await make_loader()
    content = (CASES / "quote_swallows_rows.csv").read_bytes()
    waits = await loaded(person, "sell-through", content, confirmed=False)
    assert (waits["state"], waits["counts"]["lines"]) == ("checked", 4)
    asks = str(Message.from_json(waits["problem"]["title"]))
    assert asks == "A quote opens at line 3 and takes in the lines up to 4; they were read one by one."
    went = await loaded(person, "sell-through", content, confirmed=True)
    assert (went["state"], went["counts"]["loaded"]) == ("loaded", 4)
    assert str(went["preview"]["company_amount"]) == "12000.0000"
    async with db.held(db.EVERYTHING):
        kept = await db.fetch("SELECT document FROM sales_line ORDER BY document")
    assert [row["document"] for row in kept] == ["A-1", "A-2", "A-3", "A-5"]


async def test_neither_a_name_nor_a_document_holds_a_line_end(database: str) -> None:
    await make_masters()
    header = "dealer,date,product,quantity,amount,document"
    content = csv_of(header, 'D1,2025-01-05,P1,2,200,"A 1\r\n  part 2"')
    assert (await loaded(await make_loader(), "sell-in", content))["state"] == "loaded"
    async with db.held(db.EVERYTHING):
        assert await db.fetchval("SELECT document FROM sales_line") == "A 1 part 2"
    names = csv_of(
        "code,name,type,territory,currency,terms_days,lines", 'D9,"North\nShop",terminal,East,USD,30,"Road\nTouring"'
    )
    result = await loaded(await make_person(Role.MANAGER), "dealers", names)
    assert result["state"] == "loaded", result
    async with db.held(db.EVERYTHING):
        assert await db.fetchval("SELECT name FROM dealer WHERE code = 'D9'") == "North Shop"


async def test_a_look_up_with_a_swallowing_quote_is_refused(database: str) -> None:
    await make_masters()
    person = await make_loader()

    async def chunks() -> AsyncIterator[bytes]:
        yield csv_of("key,code,name", 'a,D1,"One', "b,D2,Two", "c,D3,Three")

    async with acting(person):
        table = await take_in(person, "keys.csv", chunks())
    lookup = {"file": "keys.csv", "key": "key", "from": "who", "value": "code"}
    content = csv_of("who,date,product,quantity,amount", "b,2025-01-05,P1,2,200")
    columns = {name: name for name in ("date", "product", "quantity", "amount")}
    profile = {"columns": columns, "lookups": {"dealer": lookup}}
    result = await loaded(person, "sell-in", content, profile=profile, lookups={"keys.csv": table})
    assert result["state"] == "refused"
    assert "opens at line 2" in str(Message.from_json(result["problem"]["errors"][0]["reason"]))


MASTERS = "code,name,type,territory,currency,terms_days"


def dealers_in(encoding: str, *names: str) -> bytes:
    rows = (f"X{number},{name},terminal,East,USD,30" for number, name in enumerate(names))
    return csv_of(MASTERS, *rows).decode().encode(encoding)


async def names_loaded() -> list[str]:
    async with db.held(db.EVERYTHING):
        return [row["name"] for row in await db.fetch("SELECT name FROM dealer WHERE code LIKE 'X%' ORDER BY code")]


async def test_a_text_that_may_be_misread_stops_the_load_and_shows_names(database: str) -> None:
    await make_masters()
    person = await make_person(Role.MANAGER)
    content = dealers_in("cp1250", "Plzeň")
    waits = await loaded(person, "dealers", content, confirmed=False)
    assert waits["state"] == "checked"
    title = str(Message.from_json(waits["problem"]["title"]))
    assert title == "The text may be misread: as cp1252 it says Plzeò"
    assert "too: cp1250" in told(waits)
    assert waits["preview"]["read_as"]["top"][1] == ["X0", "Plzeò", "terminal", "East", "USD", "30"]
    assert await names_loaded() == []
    right = await loaded(person, "dealers", content, confirmed=False, encoding="cp1250")
    assert right["state"] == "loaded", right
    assert await names_loaded() == ["Plzeň"]


async def test_what_a_person_loaded_before_decides_between_encodings(database: str) -> None:
    await make_masters()
    person = await make_person(Role.MANAGER)
    many = dealers_in("cp1250", "Łódzka Świątek", "Żółć Śląsk", "Gdańsk", "Wrocław")
    assert (await loaded(person, "dealers", many, confirmed=False))["state"] == "loaded"
    single = await loaded(person, "dealers", dealers_in("cp1250", "Plzeň"), confirmed=False)
    assert (single["state"], single["preview"]["read_as"]["encoding"]) == ("loaded", "cp1250")
    content = dealers_in("cp1250", "Plzeň", "Plain")
    other = await loaded(await make_person(Role.MANAGER), "dealers", content, confirmed=False)
    assert (other["state"], other["preview"]["read_as"]["encoding"]) == ("checked", "cp1252")


async def test_the_language_of_the_company_decides_between_encodings(database: str) -> None:
    await make_masters()
    async with db.held(db.EVERYTHING), db.transaction():
        await company.record_setting("company_currency", "CZK")
    result = await loaded(await make_person(Role.MANAGER), "dealers", dealers_in("cp1250", "Plzeň"), confirmed=False)
    assert (result["state"], await names_loaded()) == ("loaded", ["Plzeň"])


async def test_text_that_was_spoilt_before_it_came_stops_the_load(database: str) -> None:
    await make_masters()
    spoilt = "中原轮胎公司".encode().decode("gb18030", "replace")
    person = await make_person(Role.MANAGER)
    waits = await loaded(person, "dealers", dealers_in("utf-8", spoilt), confirmed=False)
    assert (waits["state"], "may be misread: as utf-8" in str(Message.from_json(waits["problem"]["title"]))) == (
        "checked",
        True,
    )


async def test_the_page_asks_for_the_encoding_before_the_columns(browser: httpx.AsyncClient) -> None:
    content = csv_of("dealer,date,product,quantity,amount,document", "D1,2025-01-05,P1,2,200,Plzeň")
    url = await brought(browser, content.decode().encode("cp1250"))
    page = (await browser.get(url)).text
    assert "The text may be misread: as cp1252 it says Plzeò" in page
    assert 'name="col.dealer"' not in page
    assert 'value="cp1252" selected' in page
    right = (await browser.get(f"{url}&encoding=cp1250")).text
    assert "<td>Plzeň</td>" in right
    assert 'name="col.dealer"' in right
    chinese = (await browser.get(url, headers={"accept-language": "zh"})).text
    assert "文本可能读错" in chinese


async def test_a_text_that_nothing_is_taken_from_may_be_misread(database: str) -> None:
    await make_masters()
    content = csv_of(f"{MASTERS},street", "X0,Plain,terminal,East,USD,30,Kurf\x81rstenstr 9")
    result = await loaded(await make_person(Role.MANAGER), "dealers", content, confirmed=False)
    assert (result["state"], await names_loaded()) == ("loaded", ["Plain"])
    used = csv_of(MASTERS, "X1,Kurf\x81rsten,terminal,East,USD,30")
    assert (await loaded(await make_person(Role.MANAGER), "dealers", used, confirmed=False))["state"] == "checked"
