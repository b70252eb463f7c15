"""A further room stands in the house by what it brings alone: no line of any other room knows of it."""

import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import asyncpg
import httpx
import pytest
from litestar import Litestar

from channel import web
from channel.access.pages import SESSION_COOKIE
from channel.access.rules import OPERATOR, Person, Role
from channel.access.service import scope_of
from channel.app import ROOMS, create_app, use_rooms
from channel.cli.imports import KINDS
from channel.cli.operator.upkeep import compare
from channel.database import db
from channel.database.embedded import EmbeddedPostgres
from channel.dealers.rules import Fact
from channel.imports.loader import specs
from channel.imports.service.worker import run_waiting
from channel.settings import Settings
from channel.work.service import run_due
from tests.make import a_further_room
from tests.make.access import acting, make_session, make_token
from tests.make.dealers import change_fact
from tests.make.sales import csv_of
from tests.make.world import World, make_world

HOUSE = (*ROOMS, a_further_room.BRINGS)
CONTENT = csv_of("dealer,退货件数", "D-1,120", "D-2,7")


@pytest.fixture
def house(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Litestar]:
    """The service with the further room."""
    chinese = web.language("zh").texts
    for text, told in a_further_room.CHINESE.items():
        monkeypatch.setitem(chinese._catalog, text, told)  # type: ignore[attr-defined]
    yield create_app(settings, dsn="", rooms=HOUSE)
    use_rooms(ROOMS)


@pytest.fixture
async def world(server: EmbeddedPostgres, database: str, house: Litestar) -> World:
    owner = await asyncpg.connect(server.dsn("channel_owner", database))
    await owner.execute(a_further_room.TABLES)
    await owner.close()
    # The test's database has set what the rooms of the house bring.
    use_rooms(HOUSE)
    return await make_world()


@pytest.fixture
async def client(house: Litestar, world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A channel manager at the API."""
    async with _client(house, await make_token(world.people[Role.MANAGER])) as made:
        yield made


def _client(house: Litestar, token: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=house),
        base_url="http://channel.test",
        headers={"authorization": f"Bearer {token}"},
    )


async def _load(client: httpx.AsyncClient, content: bytes) -> dict[str, object]:
    asked = await client.post("/api/v1/imports", params={"kind": "returns"}, content=content)
    assert asked.status_code == 202, asked.text
    await run_waiting()
    load: dict[str, object] = (await client.get(f"/api/v1/imports/{asked.json()['id']}")).json()
    return load


async def test_its_files_are_loaded_into_its_own_table(client: httpx.AsyncClient) -> None:
    kinds = (await client.get("/api/v1/imports/kinds", headers={"accept-language": "zh"})).json()["items"]
    assert [(each["kind"], each["label"]) for each in kinds][-1] == ("returns", "退货")
    assert [field["name"] for field in kinds[-1]["fields"]] == ["dealer", "pieces"]
    wrong = await _load(client, csv_of("dealer,pieces", "D-1,120", "D-9,1", "D-2,0"))
    assert (wrong["state"], wrong["counts"]) == ("refused", {"lines": 3, "rejected": 2})
    done = await _load(client, CONTENT)
    assert (done["state"], done["counts"]) == ("loaded", {"lines": 2, "rejected": 0, "added": 2})
    assert (await client.get("/api/v1/returns")).json() == [
        {"code": "D-1", "pieces": 120},
        {"code": "D-2", "pieces": 7},
    ]
    assert (await _load(client, CONTENT))["state"] == "unchanged"


async def test_its_files_go_through_the_pages(house: Litestar, world: World) -> None:
    session = await make_session(world.people[Role.MANAGER])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=house), base_url="http://channel.test", cookies={SESSION_COOKIE: session}
    ) as browser:
        page = (await browser.get("/imports")).text
        assert '<option value="returns"' in page
        assert 'href="/returns"' in page
        token = browser.cookies["csrftoken"]
        sent = await browser.post(
            "/imports/upload", data={"_csrf_token": token, "kind": "returns"}, files={"file": ("r.csv", CONTENT)}
        )
        columns = await browser.get(sent.headers["location"])
        assert columns.status_code == 200, columns.text
        assert '<option value="退货件数" selected' in columns.text


async def test_its_acts_are_told_in_both_languages(house: Litestar, world: World, client: httpx.AsyncClient) -> None:
    await _load(client, CONTENT)
    async with db.held(db.EVERYTHING):
        await a_further_room.sum_up()
    async with _client(house, await make_token(world.people[Role.AUDITOR])) as auditor:
        told = {}
        for language in ("en", "zh"):
            file = await auditor.get("/audit/export", params={"format": "csv"}, headers={"accept-language": language})
            lines = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
            told[language] = {tuple(line[4:6]) + tuple(line[7:9]) for line in lines[1:]}
    assert ("Returns summed", "Returned goods of all", "pieces sent back: 0", "pieces sent back: 127") in told["en"]
    assert ("退货已汇总", "all 的退货", "退回件数: 0", "退回件数: 127") in told["zh"]
    assert {"Returns loaded", "退货已导入"} <= {line[0] for lines in told.values() for line in lines}


async def test_its_work_is_carried_out(world: World, client: httpx.AsyncClient) -> None:
    await _load(client, CONTENT)
    assert await run_due([each for room in HOUSE for each in room.work]) > 0
    async with db.held(db.EVERYTHING):
        assert await db.fetchval("SELECT pieces FROM returned_sum") == 127


async def test_its_part_of_the_desk_is_shown_and_told(house: Litestar, world: World, client: httpx.AsyncClient) -> None:
    none = (await client.get("/api/v1/desk")).json()
    reviews = {key: [] for key in ("holds_of_reviews", "reviews_opened", "reviews_to_decide")}
    assert none["also"] == {"tasks": [], "returns": [], "returns_to_see": [], "disputes": [], **reviews}
    await _load(client, CONTENT)
    chinese = {"accept-language": "zh"}
    told = (await client.get("/api/v1/desk", headers=chinese)).json()
    assert told["waiting"] == none["waiting"] + 1
    assert told["also"]["returns"] == [{"code": "D-1", "pieces": 120}, {"code": "D-2", "pieces": 7}]
    (waits,) = told["also"]["returns_to_see"]
    assert (waits["key"], waits["what"], waits["url"]) == ("D-1", "D-1 退回 120 件", "/returns/D-1")
    session = await make_session(world.people[Role.MANAGER])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=house), base_url="http://channel.test", cookies={SESSION_COOKIE: session}
    ) as browser:
        page = (await browser.get("/", headers=chinese)).text
    assert '<a class="what" href="/returns/D-1">D-1 退回 120 件</a>' in page
    assert "全部退货" in page
    assert '<a href="/dealers/D-2">D-2</a>' in page


async def test_the_house_tells_no_more_on_the_desk_than_before(
    api: Callable[[Person], Awaitable[httpx.AsyncClient]], database: str
) -> None:
    world = await make_world()
    reviews = {key: [] for key in ("holds_of_reviews", "reviews_opened", "reviews_to_decide")}
    for role, also in ((Role.MANAGER, {"tasks": [], "disputes": [], **reviews}), (Role.ADMINISTRATOR, {"mail": []})):
        assert (await (await api(world.people[role])).get("/api/v1/desk")).json().get("also") == also


async def test_what_is_open_of_it_goes_along_with_who_looks_after_a_dealer(
    world: World, client: httpx.AsyncClient
) -> None:
    await _load(client, CONTENT)
    manager, members = world.people[Role.MANAGER], []
    async with acting(manager):
        for code, member in (("D-1", "S-1"), ("D-2", "S-2"), ("D-1", "S-2"), ("D-1", None)):
            await change_fact(manager, code, Fact.RESPONSIBLE, member)
            rows = await db.fetch(
                "SELECT s.code FROM returned r LEFT JOIN staff_member s ON s.id = r.looked_at_by ORDER BY r.dealer_id"
            )
            members.append([row["code"] for row in rows])
    assert members == [["S-1", None], ["S-1", "S-2"], ["S-2", "S-2"], [None, "S-2"]]


async def test_reconcile_has_its_lines(world: World, client: httpx.AsyncClient) -> None:
    await _load(client, CONTENT)
    async with db.held(scope_of(OPERATOR)):
        found = [await compare(HOUSE, mend=mend) for mend in (False, True, False)]
    assert [kept[-1]["differences"] for kept, _ in found] == [1, 1, 0]
    assert found[0][0][-1]["check"] == "sum of returns against the returns"
    much = {"check": "dealers who send back more than they may", "differences": 1, "dealers": ["D-1"]}
    assert found[0][1][-1] == much


def test_the_command_line_knows_every_kind_of_the_house() -> None:
    assert list(specs()) == list(KINDS)


def test_two_rooms_never_say_the_same_act() -> None:
    try:
        with pytest.raises(ValueError, match="two rooms have words for the acts"):
            use_rooms((*ROOMS, ROOMS[0]))
    finally:
        use_rooms(ROOMS)
