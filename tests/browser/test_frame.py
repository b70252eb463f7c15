import pytest

from tests.make.browser import Look

PAGES = ("/", "/dealers", "/dealers/D-0417", "/import", "/refused", "/nowhere")


@pytest.mark.parametrize(
    ("width", "locale", "lang"), [(1280, "en-GB", "en"), (390, "en-GB", "en"), (390, "zh-CN", "zh-Hans")]
)
async def test_every_manner_of_page_fits_and_keeps_the_policy(
    look: Look, sample: str, width: int, locale: str, lang: str
) -> None:
    looked = await look(sample, width=width, locale=locale)
    for path in PAGES:
        await looked.page.goto(sample + path)
        assert await looked.page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert await looked.page.evaluate("document.documentElement.lang") == lang
    assert looked.faults == []


async def test_the_policy_bites(look: Look, sample: str) -> None:
    looked = await look(sample + "/")
    await looked.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">')")
    assert any("Content Security Policy" in fault for fault in looked.faults)


async def test_the_api_is_read_under_the_policy(look: Look, sample: str) -> None:
    looked = await look(sample + "/api/docs")
    await looked.page.locator(".opblock").first.click()
    await looked.page.locator(".opblock-body").first.wait_for()
    assert looked.faults == []


async def test_a_chart_is_printed_whole(look: Look, sample: str) -> None:
    page = (await look(sample + "/dealers/D-0417", width=760)).page
    await page.emulate_media(media="print")
    assert await page.locator("rect.column").first.is_visible()
    assert await page.locator("header.bar").is_hidden()
    assert await page.locator(".receipt tr").first.evaluate("row => getComputedStyle(row).display") == "table-row"


async def test_the_chart_is_explored_under_the_policy(look: Look, sample: str) -> None:
    looked = await look(sample + "/dealers/D-0417")
    page = looked.page
    await page.get_by_role("button", name="Explore").click()
    await page.wait_for_selector(".explored svg path[aria-roledescription=point]")
    await page.locator(".explored path[aria-roledescription=point]").nth(4).hover(force=True)
    await page.wait_for_selector("#vg-tooltip-element.visible")
    assert looked.faults == []
    await page.get_by_role("button", name="Back to the chart").click()
    assert await page.locator(".plot").is_visible()


async def test_the_chart_reads_out_a_month_by_pointer_and_by_key(look: Look, sample: str) -> None:
    page = (await look(sample + "/dealers/D-0417")).page
    await page.locator(".hit").nth(0).hover()
    assert await page.locator(".readout [data-month]").inner_text() == "Nov 2024"
    await page.locator("[data-chart]").press("ArrowRight")
    assert await page.locator(".readout [data-v='0']").inner_text() == "58,000"
    await page.locator(".hit").nth(14).hover()
    assert await page.locator(".readout [data-v='0']").inner_text() == "no report"


async def test_keys_find_move_and_open(look: Look, sample: str) -> None:
    page = (await look(sample + "/dealers")).page
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    assert "Harbour Supplies" in await page.locator("tr.at").inner_text()
    await page.keyboard.press("k")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/dealers/D-0417")
    await page.keyboard.press("/")
    await page.keyboard.type("north")
    await page.wait_for_selector("#found a")
    await page.keyboard.press("ArrowDown")
    assert "Northgate" in await page.evaluate("document.activeElement.innerText")
    await page.keyboard.press("Escape")
    await page.evaluate("document.activeElement.blur()")
    await page.keyboard.press("?")
    assert await page.locator("#keys").is_visible()


async def test_a_filter_asks_at_once_and_keeps_the_address(look: Look, sample: str) -> None:
    looked = await look(sample + "/dealers")
    page = looked.page
    async with page.expect_response("**/dealers?q=harbour**"):
        await page.locator(".filters input[type=search]").fill("harbour")
    await page.wait_for_url("**/dealers?q=harbour**")
    assert await page.locator("#results tbody tr", has_text="Northgate").count() == 0
    assert looked.faults == []


async def test_the_light_and_the_language_are_chosen_and_kept(look: Look, sample: str) -> None:
    page = (await look(sample + "/dealers")).page
    await page.get_by_role("button", name="Dark").click()
    dark = await page.evaluate("getComputedStyle(document.body).color")
    await page.reload()
    assert await page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert await page.evaluate("getComputedStyle(document.body).color") == dark
    await page.get_by_role("button", name="中文").click()
    await page.wait_for_url("**/dealers")
    assert await page.evaluate("document.documentElement.lang") == "zh-Hans"


async def test_a_typed_form_survives_and_a_sent_one_does_not_come_back(look: Look, sample: str) -> None:
    page = (await look(sample + "/import")).page
    await page.get_by_label("Code", exact=False).fill("D-1")
    await page.goto(sample + "/?nobody=1")
    await page.goto(sample + "/import")
    assert await page.get_by_label("Code", exact=False).input_value() == "D-1"
    await page.get_by_label("Reason").fill("because")
    await page.get_by_role("button", name="Raise to 250,000").click()
    await page.wait_for_selector(".notice.good")
    assert "The limit is raised." in await page.locator("#said").inner_text()
    await page.goto(sample + "/import")
    assert await page.get_by_label("Code", exact=False).input_value() == ""
    assert await page.locator("#said .notice").count() == 0


async def test_an_upload_goes_where_the_server_says(look: Look, sample: str) -> None:
    looked = await look(sample + "/import")
    page = looked.page
    await page.locator("#field-file").set_input_files(
        {"name": "sales.csv", "mimeType": "text/csv", "buffer": b"dealer,amount\n" * 1000}
    )
    await page.get_by_role("button", name="Read the file").click()
    await page.wait_for_url("**/dealers")
    assert looked.faults == []


async def test_progress_asks_again_until_it_is_done(look: Look, sample: str) -> None:
    looked = await look(sample + "/import")
    await looked.page.get_by_text("All 18,204 lines are loaded.").wait_for()
    assert looked.faults == []
