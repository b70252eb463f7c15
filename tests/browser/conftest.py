"""A Chromium for all browser tests, a page that notes every fault, and the sample app; skipped where there is none."""

from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from tests.browser.sample import sample_app
from tests.make.browser import Look, Looked, arguments, find_chromium, serve


@pytest_asyncio.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium on this machine: install one, or name it in CHANNEL_CHROMIUM")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=arguments())
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def look(chromium: Browser) -> AsyncIterator[Look]:
    """`looked = await look(url, width=390, scheme="dark", locale="zh-CN", cookies=[...])` opens a page of its own."""
    contexts = []

    async def open_page(
        url: str,
        *,
        width: int = 1280,
        height: int = 900,
        scheme: Literal["light", "dark"] = "light",
        locale: str = "en-GB",
        cookies: list[Any] | None = None,
    ) -> Looked:
        context = await chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, locale=locale
        )
        contexts.append(context)
        if cookies:
            await context.add_cookies(cookies)
        looked = watched(await context.new_page())
        await looked.page.goto(url)
        return looked

    yield open_page
    for context in contexts:
        await context.close()


def watched(page: Page) -> Looked:
    """The page, with every fault on it noted from now on."""
    looked = Looked(page)
    page.on("pageerror", lambda error: looked.faults.append(str(error)))
    page.on("console", lambda said: _note(looked, said))
    return looked


def _note(looked: Looked, said: ConsoleMessage) -> None:
    # A page that is itself an error is logged by the browser as a failed load of its address; that is no fault.
    if said.type in {"error", "warning"} and said.location.get("url") != looked.page.url:
        looked.faults.append(said.text)


@pytest_asyncio.fixture(scope="session")
async def sample() -> AsyncIterator[str]:
    async with serve(sample_app()) as url:
        yield url
