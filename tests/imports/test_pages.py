"""The wizard as a person walks it: bring, match, check, load, and see what came of it."""

import re
from collections.abc import Callable

import httpx
import pytest
from litestar import Litestar

from channel.access.pages import SESSION_COOKIE
from channel.access.rules import Role
from channel.database import db
from channel.imports.service.worker import run_waiting
from tests.make.access import make_person, make_session
from tests.make.sales import csv_of, make_masters

CONTENT = csv_of(
    "经销商,日期,产品,数量,金额,单据号,行号", "D1,2025-01-05,P1,2,200.00,A1,1", "DX,2025-01-06,P1,1,10.00,A1,2"
)


@pytest.fixture
async def browser(app: Litestar, database: str) -> httpx.AsyncClient:
    await make_masters()
    session = await make_session(await make_person(Role.MANAGER))
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://channel.test", cookies={SESSION_COOKIE: session}
    )


async def _token(browser: httpx.AsyncClient, url: str) -> str:
    page = await browser.get(url)
    assert page.status_code == 200, page.text
    found = re.search(r'name="_csrf_token" value="([^"]+)"', page.text)
    assert found
    return found[1]


def _hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))


def _selected(page: str) -> dict[str, str]:
    found = re.findall(r'<select id="col-[^"]+" name="([^"]+)">(.*?)</select>', page, re.DOTALL)
    chosen = {name: re.search(r'value="([^"]*)" selected', body) for name, body in found}
    return {name: at[1] if at else "" for name, at in chosen.items()}


async def test_from_a_file_to_its_lines(browser: httpx.AsyncClient) -> None:
    token = await _token(browser, "/imports")
    sent = await browser.post(
        "/imports/upload",
        data={"_csrf_token": token, "kind": "sell-in"},
        files={"file": ("一月.csv", CONTENT)},
    )
    assert sent.status_code == 303, sent.text
    columns = await browser.get(sent.headers["location"])
    assert columns.status_code == 200, columns.text
    chosen = _selected(columns.text)
    assert {name: column for name, column in chosen.items() if column} == {
        "col.dealer": "经销商",
        "col.date": "日期",
        "col.product": "产品",
        "col.quantity": "数量",
        "col.amount": "金额",
        "col.document": "单据号",
        "col.line": "行号",
    }
    asked = _hidden(columns.text) | chosen | {"period": "2025-01", "keep_as": "ERP"}
    checked = await browser.post("/imports/check", data=asked)
    assert checked.status_code == 303, checked.text
    url = checked.headers["location"]
    waiting = await browser.get(url)
    assert 'hx-get="' + url + '/progress"' in waiting.text
    await run_waiting()
    assert (await browser.get(url + "/progress")).headers["hx-refresh"] == "true"
    preview = await browser.get(url)
    assert "DX" in preview.text
    assert "Load the other 1" in preview.text
    rejects = await browser.get(url + "/rejects.csv")
    assert rejects.content.decode("utf-8-sig").splitlines()[1].startswith("DX,2025-01-06,P1,1,10.00,A1,2,1,3,dealer,")
    alone = await browser.post(url + "/load", data={"_csrf_token": token})
    assert alone.status_code == 409
    assert "load the others alone" in alone.text
    assert "Load the other 1" in alone.text, "the load stands there as before"
    went = await browser.post(url + "/load", data={"_csrf_token": token, "partial": "yes"})
    assert "一月.csv" in (await browser.get("/account")).text, "the word of it names the file"
    assert went.status_code == 303, went.text
    await run_waiting()
    assert "The file is loaded." in (await browser.get(url)).text
    assert "ERP" in (await browser.get(sent.headers["location"])).text
    chinese = await browser.get(url, headers={"accept-language": "zh"})
    assert chinese.status_code == 200


async def test_what_is_wrong_is_told_beside_its_field(browser: httpx.AsyncClient) -> None:
    token = await _token(browser, "/imports")
    sent = await browser.post(
        "/imports/upload", data={"_csrf_token": token, "kind": "sell-in"}, files={"file": ("a.csv", CONTENT)}
    )
    columns = await browser.get(sent.headers["location"])
    asked = _hidden(columns.text) | _selected(columns.text) | {"period": "2025-13"}
    refused = await browser.post("/imports/check", data=asked)
    assert refused.status_code == 422
    assert "2025-13" in refused.text
    assert "This is no period." in refused.text


async def test_a_column_that_is_wanting_is_named_and_leads_back_to_the_columns(browser: httpx.AsyncClient) -> None:
    token = await _token(browser, "/imports")
    sent = await browser.post(
        "/imports/upload", data={"_csrf_token": token, "kind": "sell-in"}, files={"file": ("a.csv", CONTENT)}
    )
    columns = await browser.get(sent.headers["location"])
    asked = _hidden(columns.text) | _selected(columns.text) | {"col.dealer": ""}
    checked = await browser.post("/imports/check", data=asked)
    await run_waiting()
    page = await browser.get(checked.headers["location"])
    assert "<b>Dealer</b> Required: choose a column or enter a value." in page.text
    assert f'href="{sent.headers["location"].replace("&", "&amp;")}"' in page.text
    # Nothing was counted of it, and the list tells it all the same.
    assert "refused" in (await browser.get("/imports")).text


async def test_an_unreadable_file_is_told_so(browser: httpx.AsyncClient) -> None:
    token = await _token(browser, "/imports")
    sent = await browser.post(
        "/imports/upload", data={"_csrf_token": token, "kind": "sell-in"}, files={"file": ("a.pdf", b"%PDF-1.7 ...")}
    )
    page = await browser.get(sent.headers["location"])
    assert page.status_code == 422
    assert "neither CSV nor XLSX" in page.text


async def test_the_loads_of_others_are_not_told_to_regional_staff(
    browser: httpx.AsyncClient, api: Callable[..., httpx.AsyncClient]
) -> None:
    token = await _token(browser, "/imports")
    sent = await browser.post(
        "/imports/upload", data={"_csrf_token": token, "kind": "sell-in"}, files={"file": ("a.csv", CONTENT)}
    )
    columns = await browser.get(sent.headers["location"])
    checked = await browser.post("/imports/check", data=_hidden(columns.text) | _selected(columns.text))
    load_id = checked.headers["location"].rsplit("/", 1)[1]
    other = await api(await make_person(Role.REGIONAL))  # type: ignore[misc]
    for path in (f"/api/v1/imports/{load_id}", f"/api/v1/imports/{load_id}/rejects.csv"):
        assert (await other.get(path)).status_code == 404
    assert (await other.get("/api/v1/imports")).json()["items"] == []


@pytest.mark.parametrize(("decimal", "amount"), [(".", "1.23"), (",", "1,234")])
async def test_the_mark_before_decimals_is_asked_where_no_cell_shows_it(
    browser: httpx.AsyncClient, decimal: str, amount: str
) -> None:
    token = await _token(browser, "/imports")
    content = csv_of("Dealer;Date;Product;Quantity;Amount", "D1;1/5/25;P1;2;1.234")
    sent = await browser.post(
        "/imports/upload", data={"_csrf_token": token, "kind": "sell-in"}, files={"file": ("a.csv", content)}
    )
    columns = await browser.get(sent.headers["location"])
    asked = _hidden(columns.text) | _selected(columns.text) | {"period": "2025-01", "date_format": "M/D/YY"}
    url = (await browser.post("/imports/check", data=asked)).headers["location"]
    await run_waiting()
    page = (await browser.get(url)).text
    assert "In the column Amount, “1.234” can be read in two ways." in page
    assert "Which sign stands before the decimals?" in page
    again = await browser.post(f"{url}/again", data={"_csrf_token": token, "decimal": decimal})
    assert again.status_code == 303, again.text
    await run_waiting()
    checked = (await browser.get(again.headers["location"])).text
    assert "All lines can be loaded." in checked
    assert "Which sign" not in checked
    assert amount in checked
    assert "00 to 69 are read as 2000 to 2069" in checked
    neither = await browser.post(f"{url}/again", data={"_csrf_token": token})
    assert neither.status_code == 422


async def test_the_mark_before_decimals_can_be_set_with_the_columns(browser: httpx.AsyncClient) -> None:
    token = await _token(browser, "/imports")
    content = csv_of("Dealer;Date;Product;Quantity;Amount", "D1;2025-01-05;P1;2;12,34,567")
    sent = await browser.post(
        "/imports/upload", data={"_csrf_token": token, "kind": "sell-in"}, files={"file": ("a.csv", content)}
    )
    columns = await browser.get(sent.headers["location"])
    asked = _hidden(columns.text) | _selected(columns.text) | {"decimal": ".", "grouping": "indian", "keep_as": "IN"}
    url = (await browser.post("/imports/check", data=asked)).headers["location"]
    await run_waiting()
    assert "1,234,567" in (await browser.get(url)).text
    kept = (await browser.get(f"{sent.headers['location']}&profile=IN")).text
    assert '<option value="indian" selected>' in kept
    assert '<option value="." selected>' in kept


async def _brought(browser: httpx.AsyncClient, content: bytes, token: str) -> str:
    sent = await browser.post(
        "/imports/upload", data={"_csrf_token": token, "kind": "sell-in"}, files={"file": ("a.csv", content)}
    )
    assert sent.status_code == 303, sent.text
    return sent.headers["location"]


async def test_rejected_lines_come_back_mended_and_complete_their_load(browser: httpx.AsyncClient) -> None:
    token = await _token(browser, "/imports")
    columns = await browser.get(await _brought(browser, CONTENT, token))
    checked = await browser.post("/imports/check", data=_hidden(columns.text) | _selected(columns.text))
    await run_waiting()
    first = checked.headers["location"]
    await browser.post(first + "/load", data={"_csrf_token": token, "partial": "yes", "confirmed": "yes"})
    await run_waiting()
    mended = (await browser.get(first + "/rejects.csv")).content.replace(b"DX,2025", b"D2,2025")

    there = await _brought(browser, mended, token)
    page = await browser.get(there)
    assert f'<dt>Completes</dt><dd><a href="{first}">' in page.text
    assert "Nothing is superseded." in page.text
    assert "col-dealer" not in page.text
    asked = await browser.post("/imports/check", data=_hidden(page.text))
    assert asked.status_code == 303, asked.text
    await run_waiting()
    second = asked.headers["location"]
    assert "Load 1 line" in (await browser.get(second)).text
    await browser.post(second + "/load", data={"_csrf_token": token, "confirmed": "yes"})
    await run_waiting()
    done = (await browser.get(second)).text
    assert "The file is loaded." in done
    assert f'Completes <a href="{first}">' in done
    assert f'Completed by <a href="{second}">' in (await browser.get(first)).text

    again = await browser.get(there + "&new=yes")
    assert _selected(again.text)["col.dealer"] == "经销商"
    apart = await browser.post("/imports/check", data=_hidden(again.text) | _selected(again.text))
    await run_waiting()
    assert "Completes" not in (await browser.get(apart.headers["location"])).text
    refused = await browser.get(await _brought(browser, mended.replace(b"rejected_load", b"x"), token))
    assert refused.status_code == 422
    assert "Make it a load of its own" in refused.text


async def test_a_reject_names_its_field_once_in_the_language_of_the_reader(browser: httpx.AsyncClient) -> None:
    token = await _token(browser, "/imports")
    content = csv_of("dealer,date,product,quantity,amount", "D1,2025-01-05,P1,2,10", "DX,2025-01-05,PX,2,10")
    columns = await browser.get(await _brought(browser, content, token))
    checked = await browser.post("/imports/check", data=_hidden(columns.text) | _selected(columns.text))
    await run_waiting()
    url = checked.headers["location"]
    for language, told in (("en", ("Dealer", "Product")), ("zh", ("经销商", "产品"))):
        page = (await browser.get(url, headers={"accept-language": language})).text
        assert [page.count(f"<b>{name}</b>") for name in told] == [1, 1]


async def test_neither_list_nor_progress_carries_what_a_load_would_do(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await _token(browser, "/imports")
    columns = await browser.get(await _brought(browser, CONTENT, token))
    checked = await browser.post("/imports/check", data=_hidden(columns.text) | _selected(columns.text))
    await run_waiting()
    asked: list[str] = []
    fetch, fetchrow = db.fetch, db.fetchrow
    monkeypatch.setattr(db, "fetch", lambda sql, *args: asked.append(sql) or fetch(sql, *args))
    monkeypatch.setattr(db, "fetchrow", lambda sql, *args: asked.append(sql) or fetchrow(sql, *args))
    for path in ("/imports", "/api/v1/imports", f"{checked.headers['location']}/progress"):
        answer = await browser.get(path)
        assert answer.status_code == 200, answer.text
        assert "preview" not in answer.text
    assert [sql for sql in asked if "import_load" in sql]
    assert not [sql for sql in asked if "l.preview" in sql]


async def test_a_mapping_is_kept_with_the_check_or_neither_is(browser: httpx.AsyncClient) -> None:
    token = await _token(browser, "/imports")
    there = await _brought(browser, CONTENT, token)
    columns = await browser.get(there)
    asked = _hidden(columns.text) | _selected(columns.text) | {"keep_as": "X" * 201}
    refused = await browser.post("/imports/check", data=asked)
    loads = (await browser.get("/api/v1/imports")).json()["items"]
    kept = (await browser.get("/api/v1/imports/profiles")).json()["items"]
    assert (refused.status_code, len(loads), len(kept)) == (422, 0, 0)
    assert (await browser.post("/imports/check", data=asked | {"keep_as": "X" * 200})).status_code == 303
    assert len((await browser.get("/api/v1/imports/profiles")).json()["items"]) == 1
