"""Addresses that lead nowhere: told in the frame of whoever asked, without a word of what there is."""

import httpx
import pytest
from litestar import Litestar

from channel.access.rules import Role
from tests.make.access import make_session
from tests.make.world import make_world

NOWHERE = ["/nowhere", "/dealers/D-1/nowhere", "/credit/nowhere/3", "/people/finance-1/standing", "/static/nowhere"]


@pytest.mark.parametrize("path", NOWHERE)
async def test_who_is_lost_finds_the_rooms(app: Litestar, database: str, path: str) -> None:
    world = await make_world()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://channel.test") as browser:
        lonely = await browser.get(path)
        assert lonely.status_code in {404, 405}
        assert 'class="rooms"' not in lonely.text
        browser.cookies.set("channel_session", await make_session(world.people[Role.FINANCE]))
        await browser.get("/")
        answer = await browser.get(path)
        assert answer.status_code == lonely.status_code
        assert 'class="rooms"' in answer.text
        assert "content-security-policy" in answer.headers
        # The frame's forms work from here too.
        token = {"_csrf_token": browser.cookies["csrftoken"]}
        assert token["_csrf_token"] in answer.text
        assert (await browser.post("/sign-out", data=token)).status_code == 303


async def test_a_session_that_is_over_is_nobodys(app: Litestar, database: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://channel.test") as browser:
        browser.cookies.set("channel_session", "nobodys")
        answer = await browser.get("/nowhere")
        assert answer.status_code == 404
        assert 'class="rooms"' not in answer.text


async def test_the_api_says_so_as_a_problem(app: Litestar, database: str) -> None:
    world = await make_world()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://channel.test") as browser:
        browser.cookies.set("channel_session", await make_session(world.people[Role.FINANCE]))
        answer = await browser.get("/api/v1/nowhere")
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert answer.json()["status"] == 404
