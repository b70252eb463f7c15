"""Lists of receivables at the width of a phone and of a desk: all of a row is in sight, a card says what is what."""

import pytest
from litestar import Litestar

from channel import clock
from channel.access.rules import Role
from channel.receivables.service.posting import Given, post_documents
from tests.browser.test_desk import without_life
from tests.make.access import acting, make_session
from tests.make.browser import Look, serve
from tests.make.receivables import moment, owed, paying
from tests.make.world import World, make_world

NOW = 250 * 24
HIDDEN = """() => [...document.querySelectorAll('.scroll')].filter(each => each.scrollWidth > each.clientWidth)
    .map(each => `${each.querySelector('table').ariaLabel}: ${each.scrollWidth} of ${each.clientWidth}`)"""
AGEING = "/receivables/ageing"
PAGES = {
    390: (AGEING, f"{AGEING}?by=territory", "/receivables/figures", "/dealers/D-1/receivables"),
    1280: ("/receivables/documents", f"{AGEING}?by=currency"),
}


async def _owing() -> World:
    """Something in every bucket, money on account, and texts of bank lines as long as banks make them."""
    with clock.fixed(moment(0)):
        world = await make_world()
    finance = world.people[Role.FINANCE]
    text = "货款 Payment for goods of the third quarter according to our order 4711 of the first of May"
    with clock.fixed(moment(NOW)):
        async with acting(finance):
            for n, on in enumerate((0, 60, 140, 170, 200, 240)):
                document = owed(f"123456{n}.89", on=on, due=on + 5, number=f"I{n}", currency="USD")
                await post_documents(finance, [Given("D-1", document, text)])
            money = paying("345678.01", on=245, number="R1", currency="USD", references=("none",))
            await post_documents(finance, [Given("D-1", money, text)])
    return world


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
async def test_all_of_a_row_is_in_sight(app: Litestar, database: str, look: Look, locale: str) -> None:
    world = await _owing()
    with clock.fixed(moment(NOW + 1)):
        token = await make_session(world.people[Role.FINANCE])
        async with serve(without_life(app)) as url:
            cookies = [{"name": "channel_session", "value": token, "url": url}]
            for width, paths in PAGES.items():
                for path in paths:
                    page = (await look(url + path, width=width, locale=locale, cookies=cookies)).page
                    if path.startswith(AGEING):
                        await page.wait_for_selector(".figures-table", state="attached")
                    assert await page.locator(".sheet table tbody tr").count(), path
                    await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
                    assert await page.evaluate(HIDDEN) == [], f"{path} at {width}"


async def test_a_card_of_an_ageing_names_what_holds_something(app: Litestar, database: str, look: Look) -> None:
    world = await _owing()
    with clock.fixed(moment(NOW + 1)):
        token = await make_session(world.people[Role.FINANCE])
        async with serve(without_life(app)) as url:
            cookies = [{"name": "channel_session", "value": token, "url": url}]
            page = (await look(f"{url}{AGEING}?edges=30,365,400", width=390, cookies=cookies)).page
            told = await page.locator("tbody td.n").evaluate_all(
                """all => all.filter(each => each.checkVisibility())
                    .map(each => getComputedStyle(each, '::before').content.replaceAll('"', ''))"""
            )
    assert told == ["1-30 days", "31-365 days", "Open items", "On account", "Balance"]
