"""Where only a browser sees it: what an act would replace is asked, and the answer is sent as it was asked for."""

from decimal import Decimal

from litestar import Litestar
from playwright.async_api import Browser

from channel import clock
from channel.access.rules import Role
from channel.credit.queries.proposals import Queue
from channel.credit.service.limits import proposals
from channel.database.snapshots import view_of
from tests.browser.conftest import watched
from tests.browser.forms.credit import _selling
from tests.browser.test_desk import without_life
from tests.make.access import acting, make_person
from tests.make.browser import serve
from tests.make.forms import Desks
from tests.make.limits import assess, propose_limit
from tests.make.world import make_world


async def test_what_would_be_replaced_is_asked_and_sent_once_more(
    app: Litestar, database: str, chromium: Browser
) -> None:
    world = await make_world()
    finance, manager = world.people[Role.FINANCE], await make_person(Role.MANAGER)
    code = (await _selling(manager))["code"]
    async with acting(manager):
        await propose_limit(manager, code, "base", amount=Decimal(12_000), reason="wish")
    async with serve(without_life(app)) as url:
        desks = Desks(chromium, url, app, watched)
        looked = await desks.of(finance)
        page = looked.page
        await page.goto(f"{url}/credit/runs")
        assert not await page.is_checked("[name=propose]"), "a proposal is open"
        await page.check("[name=propose]")
        await page.fill("[name=reason]", "yearly")
        await page.click("#assess button.main")
        assert "Replace the open proposal?" in await page.locator("h1").inner_text()
        text = await page.locator("main").inner_text()
        assert f"{finance.login} would be the proposer" in text
        assert "12,000" in text
        assert await page.locator(".notice.good").count() == 0, "nothing typed here has to come back"
        await page.get_by_role("button", name="Replace and propose").click()
        assert "1 in place of open ones" in await page.locator("body").inner_text()
        faults = [each for each in looked.faults if "409" not in each]
        await desks.close()
    assert faults == []
    async with acting(finance):
        (row,) = (await proposals(finance, Queue(dealer=code))).items
        assert (row["amount"], row["proposer"], row["reason"]) == (60_000, finance.login, "yearly")
    async with acting(manager):
        assert (await assess(manager, dealer=code, view=view_of(clock.today()), propose=True)).kept == 1
