"""Every form of the service, opened and sent by a browser: none is held back before anyone typed, each act is done."""

from types import ModuleType

import pytest
from litestar import Litestar
from playwright.async_api import Browser

from channel.access.rules import Role
from tests.browser.conftest import watched
from tests.browser.forms import (
    access,
    allocating,
    calls,
    contact_log,
    credit,
    dealers,
    disputes,
    documents,
    ledger_rules,
    masters,
    months,
    policies,
    promises,
    review_decisions,
    reviews,
    statements,
    tasks,
    unknown_money,
)
from tests.browser.test_desk import without_life
from tests.make.browser import serve
from tests.make.forms import Desks, posted_routes
from tests.make.world import make_world

ROOMS = (
    access,
    allocating,
    calls,
    contact_log,
    dealers,
    masters,
    credit,
    policies,
    months,
    unknown_money,
    statements,
    promises,
    reviews,
    review_decisions,
    documents,
    disputes,
    ledger_rules,
    tasks,
)


def _said(given: object) -> str:
    return given.__name__.rpartition(".")[2] if isinstance(given, ModuleType) else str(given)


def test_every_form_is_sent(app: Litestar) -> None:
    assert {case.route for room in ROOMS for case in room.CASES} == posted_routes(app)


@pytest.mark.parametrize(("room", "part"), [(room, part) for room in ROOMS for part in (0, 1)], ids=_said)
async def test_forms_are_sent_by_everybody_who_may(
    app: Litestar, database: str, chromium: Browser, room: ModuleType, part: int
) -> None:
    world = await make_world()
    async with serve(without_life(app)) as url:
        desks = Desks(chromium, url, app, watched)
        for case in room.CASES[part::2]:
            for role in case.by:
                await desks.send(case, world.people[role])
        await desks.close()


async def test_what_a_person_left_empty_is_shown_even_in_a_closed_part(
    app: Litestar, database: str, chromium: Browser
) -> None:
    world = await make_world()
    async with serve(without_life(app)) as url:
        desks = Desks(chromium, url, app, watched)
        page = (await desks.of(world.people[Role.FINANCE])).page
        await page.goto(f"{url}/credit/policies/new")
        part = page.locator("details", has=page.locator("[name='parameters.net_worth_rate']"))
        assert not await part.evaluate("part => part.open")
        await part.locator("summary").click()
        await page.fill("[name='parameters.net_worth_rate']", "")
        await part.locator("summary").click()
        await page.get_by_role("button", name="Keep the draft").click()
        assert await page.evaluate("document.activeElement.name") == "parameters.net_worth_rate"
        assert await page.locator("[name='parameters.net_worth_rate']").is_visible()
        await desks.close()


async def test_what_was_refused_of_a_closed_part_lies_in_sight(app: Litestar, database: str, chromium: Browser) -> None:
    world = await make_world()
    async with serve(without_life(app)) as url:
        desks = Desks(chromium, url, app, watched)
        page = (await desks.of(world.people[Role.FINANCE])).page
        await page.goto(f"{url}/rates")
        await page.locator("details.confirm > summary").click()
        await page.fill("[name=currency]", "EUR")
        await page.fill("[name=rate]", "much")
        async with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
            await page.get_by_role("button", name="Record the rate").click()
        assert (await answered.value).status == 422
        await page.locator("[name=rate][aria-invalid=true]").wait_for(state="visible")
        assert await page.locator("[name=rate]").input_value() == "much"
        await desks.close()


async def test_what_was_typed_for_a_token_does_not_come_back_once_it_is_made(
    app: Litestar, database: str, chromium: Browser
) -> None:
    world = await make_world()
    async with serve(without_life(app)) as url:
        desks = Desks(chromium, url, app, watched)
        page = (await desks.of(world.people[Role.ADMINISTRATOR])).page
        await page.goto(f"{url}/machines")
        await page.fill("[name=name]", "ERP of the warehouse")
        await page.get_by_role("button", name="Make the token").click()
        await page.get_by_role("link", name="I have copied it").click()
        await page.get_by_role("cell", name="ERP of the warehouse").wait_for()
        assert await page.locator("[name=name]").input_value() == ""
        await desks.close()
