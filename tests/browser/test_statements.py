"""A statement of account on paper: as many sheets as it needs, and none that is empty."""

import re
from datetime import date

from litestar import Litestar
from playwright.async_api import Browser

from channel.access.rules import Role
from channel.receivables.acts.statements import GiveStatement
from channel.receivables.service.posting import Given, post_documents
from channel.receivables.service.statements import give_statement
from tests.browser.conftest import watched
from tests.browser.test_desk import without_life
from tests.make.access import acting
from tests.make.browser import serve
from tests.make.forms import Desks
from tests.make.receivables import owed
from tests.make.world import make_world

_PAGES = re.compile(rb"/Type /Page\b")


async def test_a_statement_is_printed_on_as_many_sheets_as_it_needs(
    app: Litestar, database: str, chromium: Browser
) -> None:
    world = await make_world()
    finance = world.people[Role.FINANCE]
    many = [owed("10", number=f"I{n}", currency="USD", id=0) for n in range(100)]
    async with acting(finance):
        await post_documents(finance, [Given("D-1", owed("100", number="I", currency="USD", id=0))])
        await give_statement(finance, GiveStatement(dealer="D-1", from_on=date(2025, 1, 1)))
        await post_documents(finance, [Given("D-1", each) for each in many])
        await give_statement(finance, GiveStatement(dealer="D-1", from_on=date(2025, 1, 1)))
    sheets = []
    async with serve(without_life(app)) as url:
        desks = Desks(chromium, url, app, watched)
        page = (await desks.of(finance)).page
        for number in (1, 2):
            await page.goto(f"{url}/receivables/statements/{number}")
            sheets.append(len(_PAGES.findall(await page.pdf(prefer_css_page_size=True))))
        await desks.close()
    assert sheets == [1, 3]
