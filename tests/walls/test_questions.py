"""What an address is asked and nobody reads is refused by its name; what our own pages ask is always read."""

from collections.abc import AsyncIterator, Callable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from litestar import Litestar

from channel.access import service
from channel.access.rules import Person, Role
from channel.database import db
from tests.make.access import acting, make_session
from tests.make.sales import csv_of, loaded
from tests.make.world import World, make_full_world
from tests.walls.test_every_address import OPEN_TO_NOBODY, QUESTIONS, paths_of

API = "/api/v1"


class Asks(HTMLParser):
    """The addresses that a page leads to: its links, and its forms of questions as they stand."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._form: str | None = None
        self._fields: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        for name in ("href", "hx-get"):
            if told.get(name) and tag != "form":
                self.found.add(told[name] or "")
        if tag == "form" and told.get("method", "get") == "get":
            self._form, self._fields = told.get("action") or "", []
        elif tag in {"input", "select"} and told.get("name") and self._form is not None:
            self._fields.append((told["name"] or "", told.get("value") or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._form is not None:
            self.found.add(f"{self._form}?{urlencode(self._fields)}")
            self._form = None


@pytest.fixture
async def world(database: str) -> World:
    """The small world, in whose trail stands something of what each kind of page is about."""
    made = await make_full_world()
    manager = made.people[Role.MANAGER]
    # A report of somebody else speaks for the dealers of regional staff, too: their pages lead to it.
    await loaded(manager, "sell-in", csv_of("dealer,date,product,quantity,amount", "D-1,2025-01-05,RB-210,2,200.00"))
    async with acting(manager), db.transaction():
        for act, subject in (("change person", "person finance-1"), ("edit credit policy", "credit policy 1")):
            await service.audit(manager, act, subject)
            await service.audit(manager, act, subject, dealer_ids=[made.dealer_ids["D-1"]])
    return made


async def browser(app: Litestar, person: Person) -> httpx.AsyncClient:
    made = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://channel.test", timeout=30)
    made.cookies.set("channel_session", await make_session(person))
    return made


@pytest.fixture
async def manager(app: Litestar, world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with await browser(app, world.people[Role.MANAGER]) as made:
        yield made


async def test_no_address_passes_over_what_it_does_not_know(app: Litestar, manager: httpx.AsyncClient) -> None:
    asked = 0
    for path in paths_of(app, "GET"):
        if path in OPEN_TO_NOBODY:
            continue
        plain = await manager.get(path, params=QUESTIONS.get(path))
        if plain.status_code != 200:
            continue  # what is not there, or not the manager's, is said before anything else
        asked += 1
        answer = await manager.get(path, params={**QUESTIONS.get(path, {}), "nobody_reads_this": "1"})
        assert answer.status_code == 422, path
        assert "nobody_reads_this" in answer.text, path
    assert asked > 60


async def test_a_misspelt_filter_is_told_with_the_nearest_one(manager: httpx.AsyncClient) -> None:
    (error,) = (await manager.get(f"{API}/sales/totals", params={"teritory": "H"})).json()["errors"]
    assert error["field"] == "teritory"
    (error,) = (await manager.get(f"{API}/dealers", params={"statuss": "active"})).json()["errors"]
    assert (error["field"], error["expected"]) == ("statuss", "One of: status")


async def test_a_change_over_the_api_refuses_it_too(api: Callable[[Person], Any], world: World) -> None:
    manager = await api(world.people[Role.MANAGER])
    answer = await manager.post(f"{API}/dealers", params={"dry_run": "1"}, json={})
    # First what the body lacks would be told; a question that nobody reads comes before it.
    assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (422, ["dry_run"])


@pytest.mark.parametrize("role", [Role.MANAGER, Role.FINANCE, Role.REGIONAL, Role.AUDITOR, Role.ADMINISTRATOR])
async def test_whatever_our_pages_lead_to_can_be_opened(app: Litestar, world: World, role: Role) -> None:
    async with await browser(app, world.people[role]) as reader:
        seen: set[tuple[str, frozenset[str], bool]] = set()
        wanted = [(path, "") for path in paths_of(app, "GET") if not path.startswith("/api/")]
        followed = 0
        while wanted:
            path, shown_on = wanted.pop()
            parts = urlsplit(path)
            names = frozenset(name for name, _ in parse_qsl(parts.query, keep_blank_values=True))
            if parts.netloc or (key := (parts.path, names, bool(shown_on))) in seen:
                continue
            seen.add(key)
            answer = await reader.get(path)
            followed += 1
            assert "is asked what it does not know" not in answer.text, path
            # What may not be followed is not offered, and a form that is sent as it stands is understood.
            assert not shown_on or answer.status_code < 400, f"{path} on {shown_on}: {answer.status_code}"
            if answer.status_code == 200 and answer.headers["content-type"].startswith("text/html"):
                page = Asks()
                page.feed(answer.text)
                links = (each for each in page.found if not each.startswith(("#", "data:", "mailto:")))
                wanted += [(_on(path, each), path) for each in links]
        assert followed > 30


def _on(path: str, link: str) -> str:
    return urlsplit(path).path + link if link.startswith("?") else link
