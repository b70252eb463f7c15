"""Every list at the width of a desk and of a phone, in both languages: nothing of a row is out of sight."""

import pytest
from litestar import Litestar

from tests.browser.test_desk import without_life
from tests.browser.test_receivables import HIDDEN
from tests.make.access import make_session
from tests.make.browser import Look, serve
from tests.make.lists import FILLED, fill_lists
from tests.make.world import make_full_world

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
async def test_every_list_fits_a_desk_and_a_phone(app: Litestar, database: str, look: Look, locale: str) -> None:
    world = await make_full_world()
    await fill_lists(world)
    tokens = {role: await make_session(world.people[role]) for role in set(FILLED.values())}
    seen: list[str] = []
    async with serve(without_life(app)) as url:
        for role in sorted(set(FILLED.values())):
            page = (await look(url, locale=locale, cookies=[_session(tokens[role], url)])).page
            for path in (path for path, whose in FILLED.items() if whose is role):
                answer = await page.goto(url + path)
                assert answer is not None, path
                assert answer.status == 200, path
                for width in (1280, 390):
                    await page.set_viewport_size({"width": width, "height": 900})
                    if over := await page.evaluate(SIDEWAYS):
                        seen.append(f"{path} at {width}: {over} too wide")
                    seen += [f"{path} at {width}: {each}" for each in await page.evaluate(HIDDEN)]
    assert not seen, "\n".join(seen)


def _session(token: str, url: str) -> dict[str, str]:
    return {"name": "channel_session", "value": token, "url": url}
