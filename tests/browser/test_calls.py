"""The call list worked through by keyboard in a browser: next after next, without a hand on the mouse."""

import pytest
from litestar import Litestar
from playwright.async_api import Page

from channel.access.rules import Role
from channel.database import db
from channel.receivables.service.posting import Given, post_documents
from tests.browser.test_desk import without_life
from tests.make.access import acting, make_session
from tests.make.browser import Look, serve
from tests.make.dealers import make_contact, make_dealer
from tests.make.receivables import owed
from tests.make.world import World, make_world


async def _owing() -> World:
    """Three dealers whose invoices fell due long ago, D-1 with the least."""
    world = await make_world()
    await make_dealer("D-3", territory="Lake District")
    finance = world.people[Role.FINANCE]
    async with acting(finance):
        for code, amount in (("D-1", "1000"), ("D-2", "2000"), ("D-3", "3000")):
            await post_documents(finance, [Given(code, owed(amount, number=f"I-{code}", currency="USD", id=0))])
    async with acting(world.people[Role.MANAGER]) as manager:
        await make_contact(manager, "D-3", phone="+86 21 5550 1234")
    return world


async def _press(page: Page, key: str, dealer: str) -> None:
    """A key leads to the call of a dealer."""
    async with page.expect_navigation(wait_until="domcontentloaded"):
        await page.keyboard.press(key)
    assert page.url.partition("?")[0].endswith(f"/dealers/{dealer}/receivables/call"), (key, page.url)


@pytest.mark.parametrize(("width", "locale"), [(1280, "en-GB"), (390, "zh-CN")])
async def test_the_list_is_worked_through_by_keyboard(
    app: Litestar, database: str, look: Look, width: int, locale: str
) -> None:
    world = await _owing()
    token = await make_session(world.people[Role.FINANCE])
    async with serve(without_life(app)) as url:
        cookies = [{"name": "channel_session", "value": token, "url": url}]
        looked = await look(url + "/receivables/calls", width=width, locale=locale, cookies=cookies)
        page = looked.page
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        await _press(page, "n", "D-3")
        assert await page.locator("a[href='tel:+862155501234']").count() == 1
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        await _press(page, "n", "D-2")
        await _press(page, "p", "D-3")
        await page.keyboard.press("l")
        await page.keyboard.press("Tab")
        await page.keyboard.type("npl")
        await page.keyboard.press("Tab")
        await page.keyboard.type("he pays next week, no promise")
        await page.keyboard.press("Escape")
        await page.keyboard.press("a")
        await page.keyboard.type("500")
        await page.keyboard.press("Enter")
        await page.locator("[aria-invalid='true']").first.wait_for()
        looked.faults.clear()  # that the form was refused is told by the browser as a failed load
        await page.locator("[name='promised_on']").fill("2040-01-02")
        await page.keyboard.press("Escape")
        async with page.expect_navigation(wait_until="domcontentloaded"):
            await page.locator("[name='promised_amount']").press("Enter")
        assert page.url.endswith("/dealers/D-2/receivables/call")
        await _press(page, "n", "D-1")
        async with page.expect_navigation(wait_until="domcontentloaded"):
            await page.keyboard.press("n")
        assert page.url.endswith("/receivables/calls")
        assert looked.faults == []
    async with db.held(db.EVERYTHING):
        (row,) = await db.fetch("SELECT with_whom, said, outcome FROM contact_entry")
        assert tuple(row) == ("npl", "he pays next week, no promise", "by_us")
        assert await db.fetchval("SELECT amount FROM promise_instalment") == 500
        assert await db.fetchval("SELECT count(*) FROM call_claim") == 0
