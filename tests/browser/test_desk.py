"""The desk, the list and the dealer page in a browser: no fault, by keyboard, on a phone."""

from typing import Any, cast

import pytest
from litestar import Litestar

from channel.access.rules import Role
from tests.make.access import make_session
from tests.make.browser import Look, serve
from tests.make.world import make_world


def without_life(app: Litestar) -> Litestar:
    """The app as it stands: the test's own database is open already, so start and stop are left away."""

    async def http_only(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - as ASGI hands them over
        if scope["type"] == "lifespan":
            raise RuntimeError("no lifespan here")
        await app(scope, receive, send)

    return cast("Litestar", http_only)


PAGES = ("/", "/dealers", "/dealers/D-1")


async def _signed_in(url: str, token: str) -> list[Any]:
    return [{"name": "channel_session", "value": token, "url": url}]


@pytest.mark.parametrize(("width", "locale"), [(1280, "en-GB"), (390, "zh-CN")])
async def test_pages_keep_to_the_policy_and_to_the_width(
    app: Litestar, database: str, look: Look, width: int, locale: str
) -> None:
    world = await make_world()
    token = await make_session(world.people[Role.FINANCE])
    async with serve(without_life(app)) as url:
        for path in PAGES:
            looked = await look(url + path, width=width, locale=locale, cookies=await _signed_in(url, token))
            assert looked.faults == [], path
            assert await looked.page.evaluate("document.documentElement.scrollWidth") <= width, path


ROOMS = {
    Role.MANAGER: ("/", "/territories", "/products", "/dealers/new", "/dealers/D-1/facts/grade", "/dealers/D-1/lines"),
    Role.FINANCE: (
        *(
            "/credit",
            "/credit/runs",
            "/credit/limits",
            "/credit/policies",
            "/credit/policies/1",
            "/credit/policies/new",
        ),
        *("/credit/dealers/D-1", "/credit/dealers/D-1/what-if", "/credit/dealers/D-1/statements", "/rates", "/imports"),
        *("/sales", "/sales/chase", "/dealers/D-1/sales", "/nowhere"),
        *(
            f"/receivables{each}"
            for each in ("", "/ageing", "/items", "/documents", "/documents/new?kind=invoice", "/figures")
        ),
        *(f"/receivables{each}" for each in ("/statements", "/unknown", "/unknown/new", "/months", "/waiting")),
        *(f"/dealers/D-1/receivables{each}" for each in ("", "/allocate", "/write-off")),
    ),
    Role.ADMINISTRATOR: ("/", "/people", "/add-person", "/people/finance-1", "/machines", "/audit", "/account"),
}


@pytest.mark.parametrize("role", ROOMS)
async def test_no_page_is_wider_than_a_phone_or_a_sheet_of_paper(
    app: Litestar, database: str, look: Look, role: Role
) -> None:
    world = await make_world()
    token = await make_session(world.people[role])
    async with serve(without_life(app)) as url:
        looked = await look(url + "/", width=390, locale="zh-CN", cookies=await _signed_in(url, token))
        for path in ROOMS[role]:
            await looked.page.goto(url + path)
            assert await looked.page.evaluate("document.documentElement.scrollWidth") <= 390, path
            await looked.page.emulate_media(media="print")
            await looked.page.set_viewport_size({"width": 718, "height": 1000})
            assert await looked.page.evaluate("document.documentElement.scrollWidth") <= 718, path
            await looked.page.emulate_media(media="screen")
            await looked.page.set_viewport_size({"width": 390, "height": 844})
        assert looked.faults == []


async def test_on_a_phone_sheets_open_by_their_head_and_by_the_jump_that_leads_there(
    app: Litestar, database: str, look: Look
) -> None:
    world = await make_world()
    token = await make_session(world.people[Role.FINANCE])
    async with serve(without_life(app)) as url:
        cookies = await _signed_in(url, token)
        page = (await look(f"{url}/dealers/D-1", width=390, cookies=cookies)).page
        history, who = page.locator("#history > .body"), page.locator("#who > .body")
        assert not await history.is_visible()
        await page.locator(".jump a[href='#history']").click()
        await history.wait_for(state="visible")
        assert not await who.is_visible()
        opener = page.locator("#who .fold")
        await opener.press("Enter")
        assert await who.is_visible()
        assert await opener.get_attribute("aria-expanded") == "true"
        await opener.press("Enter")
        assert not await who.is_visible()
        # A wide screen has room for all of it, and so has paper.
        wide = (await look(f"{url}/dealers/D-1", cookies=cookies)).page
        assert await wide.locator("#history > .body").is_visible()
        assert not await wide.locator(".jump").is_visible()
        await page.emulate_media(media="print")
        assert await who.is_visible()


async def test_a_dealer_is_found_and_opened_by_the_keyboard(app: Litestar, database: str, look: Look) -> None:
    world = await make_world()
    token = await make_session(world.people[Role.FINANCE])
    async with serve(without_life(app)) as url:
        looked = await look(f"{url}/dealers", cookies=await _signed_in(url, token))
        page = looked.page
        await page.keyboard.press("/")
        await page.keyboard.type("D-1")
        await page.wait_for_selector("#found a")
        await page.keyboard.press("ArrowDown")
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        assert page.url == f"{url}/dealers/D-1"
        # What if: a turned knob shows the limit without leaving the page.
        await page.fill("#w-terms", "60")
        await page.wait_for_selector("#tried .figure")
        assert looked.faults == []
