"""Every list that stands on the declaration: its columns are fields of the API, it sorts, pages and exports."""

import csv
import io
import re
from typing import Any, get_args

import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from channel.access.rules import Role
from channel.lists import List
from channel.web.language import translate
from channel.web.listing import LISTS
from tests.make.access import make_session
from tests.make.lists import FILLED, QUESTIONS, fill_lists
from tests.make.world import World, make_full_world


def _handlers(app: Litestar) -> list[tuple[str, HTTPRouteHandler]]:
    return [(path, each) for route in app.routes for each in route.route_handlers for path in [route.path]]  # type: ignore[attr-defined]


def _told(app: Litestar) -> list[tuple[str, HTTPRouteHandler, List]]:
    """The addresses of the API that tell a list."""
    return [
        (path, handler, LISTS[given.dependency])
        for path, handler in _handlers(app)
        for name, given in handler.resolve_dependencies().items()
        if name == "wanted" and given.dependency in LISTS
    ]


def _shown(app: Litestar) -> list[tuple[str, List]]:
    return [(path, handler.opt["list"]) for path, handler in _handlers(app) if "list" in handler.opt]


@pytest.fixture
async def world(database: str) -> World:
    made = await make_full_world()
    await fill_lists(made)
    return made


def _rows(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]  # type: ignore[no-any-return]


async def _client(app: Litestar, world: World, role: Role) -> httpx.AsyncClient:
    made = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://channel.test", timeout=30)
    made.cookies.set("channel_session", await make_session(world.people[role]))
    return made


def test_every_column_is_a_field_of_the_api(app: Litestar) -> None:
    told = _told(app)
    assert told
    for path, handler, listed in told:
        page = handler.parsed_fn_signature.return_type.annotation
        (items,) = (each for each in msgspec.structs.fields(page) if each.name == "items")
        (shape,) = get_args(items.type)
        fields = {each.encode_name for each in msgspec.structs.fields(shape)}
        assert {each.told.partition(".")[0] for each in listed.columns} <= fields, path


def test_every_list_of_a_page_is_told_by_the_api_and_as_a_file(app: Litestar) -> None:
    shown = _shown(app)
    told = {id(listed) for _, _, listed in _told(app)}
    assert {id(listed) for _, listed in shown} <= told
    assert {path for path, _ in shown if path.endswith("/export")} == {
        f"{path}/export" for path, _ in shown if not path.endswith("/export")
    }


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_no_two_columns_of_a_list_have_the_same_heading(app: Litestar, locale: str) -> None:
    assert LISTS
    for listed in LISTS.values():
        headings = [translate(each.title, locale) for each in listed.columns]
        assert len(set(headings)) == len(headings), (listed.name, headings)


async def test_every_list_sorts_pages_and_exports_by_each_of_its_columns(app: Litestar, world: World) -> None:
    """Page by page it is the same as at once, no row twice, none lost; the file has the rows of the page, so sorted."""
    seen = set()
    for path, role in FILLED.items():
        listed = next(each for at, each in _shown(app) if _leads_to(path, at))
        seen.add(id(listed))
        async with await _client(app, world, role) as client:
            for by in listed.sorts:
                for sort in (by, f"-{by}"):
                    await _compare(client, path, listed, sort)
    assert seen == {id(listed) for _, listed in _shown(app)}, "every list is filled and tried"


def _leads_to(path: str, at: str) -> bool:
    """Whether an address is one of a route's."""
    return re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", at), path.split("?", maxsplit=1)[0]) is not None


async def _compare(client: httpx.AsyncClient, path: str, listed: List, sort: str) -> None:
    plain, _, asked = path.partition("?")
    question = dict(each.split("=") for each in asked.split("&") if each)
    page = await client.get(plain, params={**question, "sort": sort})
    assert page.status_code == 200, (path, sort, page.text[:500])
    shown = page.text.partition(" data-list>")[2]
    in_lines = shown.count('<details class="proposal"')
    assert (
        in_lines
        or f'aria-sort="{"descending" if sort.startswith("-") else "ascending"}"' in shown
        or not any(each.name == sort.removeprefix("-") for each in listed.on_page())
    ), (path, sort)
    exported = await client.get(f"{plain}/export", params={**question, "sort": sort, "format": "csv"})
    assert exported.status_code == 200, (path, sort, exported.text[:500])
    lines = list(csv.reader(io.StringIO(exported.content.decode("utf-8-sig"))))
    assert len(lines[0]) == len(listed.columns)
    assert (in_lines or shown.count("<tr>") - 1) == min(len(lines) - 1, 50), (path, sort)
    book = await client.get(f"{plain}/export", params={**question, "sort": sort, "format": "xlsx"})
    assert book.content[:2] == b"PK"


async def test_every_list_of_the_api_is_page_by_page_what_it_is_at_once(app: Litestar, world: World) -> None:
    """In every order, and the last page says that it is the last."""
    roles = {id(listed): FILLED[path] for path in FILLED for at, listed in _shown(app) if _leads_to(path, at)}
    for path, _, listed in _told(app):
        async with await _client(app, world, roles.get(id(listed), Role.MANAGER)) as client:
            for sort in (each for by in listed.sorts for each in (by, f"-{by}")):
                code = "D-3" if path.endswith("/journal") else "D-1"
                at = path.replace("{code:str}", code).replace("{run:int}", "2").replace("{of:str}", "stale-files")
                await _walk(client, at, sort)


async def _walk(client: httpx.AsyncClient, path: str, sort: str) -> None:
    question = QUESTIONS.get(path, {})
    whole = (await client.get(path, params={**question, "sort": sort, "limit": 1000})).json()
    assert whole["next"] is None
    told, cursor = [], None
    while True:
        asked = {**question, "sort": sort, "limit": 2} | ({"cursor": cursor} if cursor else {})
        answer = await client.get(path, params=asked)
        told += _rows(answer)
        cursor = answer.json()["next"]
        if cursor is None:
            break
        assert len(answer.json()["items"]) == 2
    assert told == whole["items"], (path, sort)
    assert len(told) > 1, f"{path} has too few rows for a test of its order"
