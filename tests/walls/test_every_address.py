"""Every address of the service, page and API alike, asked by everybody, with one connection for all of it."""

import re

import httpx
import pytest
from litestar import Litestar

from channel import db
from channel.access.rules import Person, Role
from channel.embedded import EmbeddedPostgres
from tests.make.access import make_session, make_token
from tests.make.world import World, make_world

# What stands in a path for each of its places; a number that is nobody's is as good a question as any.
PLACES = {
    "code": "D-1",
    "kind": "sell-in",
    "year": "2026",
    "month": "2026-01",
    "version": "1",
    "line": "Road",
    "product": "RB-210",
    "currency": "EUR",
    "format": "csv",
    "fact": "grade",
    "name": "style.css",
    "digest": "0",
    "on": "2026-01-01",
    "login": "finance-1",
}
# What an address must be asked with, so that it is the dealer that is refused and not the question.
QUESTIONS = {"/api/v1/credit/dealers/D-1/diff": {"first": "2026-01-01", "second": "2026-02-01"}}
OPEN_TO_NOBODY = {"/sign-in", "/api/v1/sign-in", "/preferences", "/health"}


def paths_of(app: Litestar, method: str) -> list[str]:
    found = []
    for route in app.routes:
        handlers = getattr(route, "route_handler_map", {})
        if method in handlers and not handlers[method][0].opt.get("static"):
            found.append(re.sub(r"\{(\w+)(:\w+)?\}", lambda place: PLACES.get(place[1], "1"), route.path))
    return sorted(found)


@pytest.fixture
async def narrow(server: EmbeddedPostgres, database: str) -> World:
    """The small world, with a pool of one connection."""
    world = await make_world()
    await db.close_pool()
    await db.open_pool(server.dsn(db.APP_ROLE, database), size=1)
    return world


async def client(app: Litestar, person: Person | None, *, browser: bool = False) -> httpx.AsyncClient:
    made = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://channel.test", timeout=30)
    if person is not None and browser:
        made.cookies.set("channel_session", await make_session(person))
    elif person is not None:
        made.headers["authorization"] = f"Bearer {await make_token(person)}"
    return made


@pytest.mark.parametrize("role", [Role.MANAGER, Role.FINANCE, Role.REGIONAL, Role.AUDITOR, Role.ADMINISTRATOR])
async def test_no_address_fails_and_one_connection_is_enough(app: Litestar, narrow: World, role: Role) -> None:
    async with await client(app, narrow.people[role], browser=True) as browser:
        for path in paths_of(app, "GET"):
            answer = await browser.get(path)
            assert answer.status_code < 500, f"{path}: {answer.text[:500]}"
            # Whatever a page shows, it shows in the frame and under the policy.
            assert "content-security-policy" in answer.headers, path


async def test_nobody_in_particular_learns_nothing(app: Litestar, narrow: World) -> None:
    async with await client(app, None) as nobody:
        for path in paths_of(app, "GET"):
            if path in OPEN_TO_NOBODY:
                continue
            answer = await nobody.get(path)
            if path.startswith("/api/"):
                assert answer.status_code == 401, path
            else:
                assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/sign-in"), path


async def test_a_dealer_of_another_branch_does_not_exist(app: Litestar, narrow: World) -> None:
    """404 and never 403 for what one may not know of, and never a word of it in any list."""
    async with await client(app, narrow.elsewhere, browser=True) as stranger:
        for path in paths_of(app, "GET"):
            answer = await stranger.get(path, params=QUESTIONS.get(path))
            if "/D-1" in path and answer.status_code == 403:
                # What the role may do with no dealer at all: it is answered alike for a code that is nobody's.
                unknown = await stranger.get(path.replace("/D-1", "/NOBODY"), params=QUESTIONS.get(path))
                assert (unknown.status_code, unknown.text) == (403, answer.text.replace("D-1", "NOBODY")), path
            elif "/D-1" in path:
                assert answer.status_code == 404, f"{path}: {answer.status_code}"
            # The address itself may be told back; nothing else may name the dealer.
            assert "Dealer D-1" not in answer.text, path


async def test_what_changes_something_refuses_a_stranger(app: Litestar, narrow: World) -> None:
    async with await client(app, narrow.elsewhere) as stranger:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            for path in paths_of(app, method):
                if "/D-1" in path and path.startswith("/api/"):
                    answer = await stranger.request(method, path, json={})
                    assert answer.status_code in {403, 404, 405, 422, 400}, f"{method} {path}: {answer.status_code}"


def test_the_walk_is_not_empty(app: Litestar) -> None:
    assert "/api/v1/me" in paths_of(app, "GET")
