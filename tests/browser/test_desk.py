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
