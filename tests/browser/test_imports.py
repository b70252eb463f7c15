"""A file in a browser: what it is read as is seen first, and said where it is not right."""

import re
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar

from channel.access.rules import Role
from channel.imports.service.worker import run_waiting
from tests.browser.test_desk import without_life
from tests.make.access import make_person, make_session
from tests.make.browser import Look, Looked, serve
from tests.make.sales import csv_of, make_masters
from tests.make.workbooks import workbook

ROWS = [["D1", "2025-01-05", "P1", 2, 200], ["D1", "2025-01-06", "P2", 1, 150]]


async def signed_in(look: Look, url: str, **how: Any) -> Looked:  # noqa: ANN401 - what `look` takes
    token = await make_session(await make_person(Role.MANAGER))
    return await look(f"{url}/imports", cookies=[{"name": "channel_session", "value": token, "url": url}], **how)


async def bring(looked: Looked, path: Path) -> None:
    await looked.page.select_option("[name=kind]", "sell-in")
    await looked.page.set_input_files("[name=file]", path)
    await looked.page.locator("form[action='/imports/upload'] button.main").click()
    await looked.page.wait_for_url("**/imports/columns**")


@pytest.mark.parametrize(("width", "locale"), [(1280, "en-GB"), (390, "zh-CN")])
async def test_the_encoding_is_asked_for_before_the_columns(
    app: Litestar, database: str, look: Look, tmp_path: Path, width: int, locale: str
) -> None:
    await make_masters()
    path = tmp_path / "a.csv"
    content = csv_of("dealer,date,product,quantity,amount,document", "D1,2025-01-05,P1,2,200,Plzeň")
    path.write_bytes(content.decode().encode("cp1250"))
    async with serve(without_life(app)) as url:
        looked = await signed_in(look, url, width=width, locale=locale)
        page = looked.page
        async with page.expect_request("**/imports/upload") as sent:
            await bring(looked, path)
        # With the token in a header nobody has to take in the file to find it.
        assert len((await (await sent.value).all_headers())["x-csrftoken"]) > 64
        assert await page.locator("[name='col.dealer']").count() == 0
        assert await page.get_by_role("cell", name="Plzeò").is_visible()
        await page.select_option("[name=encoding]", "cp1250")
        await page.locator("form:has([name=encoding]) button").click()
        assert await page.get_by_role("cell", name="Plzeň").first.is_visible()
        assert await page.locator("[name='col.dealer']").input_value() == "dealer"
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        await page.locator("form[action='/imports/check'] button.main").click()
        await page.wait_for_url(re.compile("/imports/[0-9]+$"))
        await run_waiting()
        await page.reload()
        assert await page.locator("form[action$='/load'] button").is_visible()
        assert looked.faults == []


async def test_another_sheet_and_line_are_chosen(app: Litestar, database: str, look: Look, tmp_path: Path) -> None:
    await make_masters()
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook(ROWS))
    async with serve(without_life(app)) as url:
        looked = await signed_in(look, url)
        page = looked.page
        await bring(looked, path)
        assert await page.locator("[name='col.dealer']").input_value() == "Dealer"
        await page.locator("details:has([name=sheet]) summary").click()
        await page.select_option("[name=sheet]", "Cover")
        await page.fill("[name=header_line]", "2")
        await page.locator("form:has(select[name=sheet]) button").click()
        assert await page.get_by_role("columnheader", name="made by").is_visible()
        assert await page.locator("form[action='/imports/check'] [name=sheet]").input_value() == "Cover"
        assert looked.faults == []


async def test_the_reason_of_a_rejected_line_is_read_whole_on_a_telephone(
    app: Litestar, database: str, look: Look, tmp_path: Path
) -> None:
    await make_masters()
    path = tmp_path / "a.csv"
    path.write_bytes(csv_of("dealer,date,product,quantity,amount,document", "D1,12/1/10 14:05,P1,2,200,X-1"))
    async with serve(without_life(app)) as url:
        looked = await signed_in(look, url, width=390, locale="zh-CN")
        page = looked.page
        await bring(looked, path)
        await page.locator("form[action='/imports/check'] button.main").click()
        await page.wait_for_url(re.compile("/imports/[0-9]+$"))
        await run_waiting()
        await page.reload()
        reason = page.get_by_text("有多种读法")
        sheet = await page.locator("section, .sheet", has=reason).last.bounding_box()
        told = await reason.bounding_box()
        assert sheet is not None
        assert told is not None
        assert told["x"] + told["width"] <= sheet["x"] + sheet["width"]
        assert looked.faults == []
