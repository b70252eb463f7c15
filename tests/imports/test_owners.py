"""Whose loads are whose: people's and tokens', by who they are and by what they reach on the day."""

import asyncio
from contextvars import Context
from typing import Any

import asyncpg
import httpx
import pytest
from litestar import Litestar

from channel.access import service as access
from channel.access.acts import ChangePerson, MakeToken
from channel.access.rules import OPERATOR, Person, Role
from channel.database import db
from channel.database.embedded import EmbeddedPostgres
from channel.errors import Refused
from channel.imports.acts import LoadChecked
from channel.imports.queries import staging
from channel.imports.service.loads import LoadWish, load_checked, start_load
from channel.imports.service.sharing import told_loads
from channel.imports.service.uploads import take_in
from channel.imports.service.worker import run_waiting
from channel.lists import ALL
from migrations.imports.imports_0006_owners import SQL
from tests.make.access import acting, make_machine, make_session
from tests.make.dealers import move_territory
from tests.make.races import until_waiting
from tests.make.sales import csv_of, load_now, loaded
from tests.make.world import World, make_world

V1 = "/api/v1"
HEADER = "dealer,date,product,quantity,amount,document,line"
EAST = csv_of(HEADER, "D-1,2025-01-05,RB-210,2,200.25,A1,1", "D-2,2025-01-05,RB-210,1,777.77,GEHEIM,1")
GOOD = csv_of(HEADER, "D-1,2025-01-05,RB-210,2,200.25,A1,1")


@pytest.fixture
async def world(database: str) -> World:
    return await make_world()


async def own_token(person: Person, *territories: str) -> tuple[str, Person]:
    """A token of this person with whom it speaks for."""
    async with acting(person):
        made = await access.add_own_token(person, MakeToken(name="desk", territories=territories))
        speaker = await access.person_of_token(made.text)
    assert speaker is not None
    return made.text, speaker


async def machine(world: World, name: str, *territories: str) -> Person:
    return await make_machine(world.people[Role.ADMINISTRATOR], name, *territories)


def speaking(app: Litestar, token: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="http://channel.test",
        headers={"authorization": f"Bearer {token}"},
    )


def browsing(app: Litestar, session: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://channel.test", cookies={"channel_session": session}
    )


async def asked(person: Person, content: bytes = GOOD, **options: Any) -> int:  # noqa: ANN401 - what a wish takes
    async def chunks() -> Any:  # noqa: ANN401 - bytes by and by
        yield content

    async with acting(person):
        upload_id = await take_in(person, "a.csv", chunks())
        return await start_load(person, LoadWish("sell-in", upload_id, **{"period": "2025-01", **options}))


async def known(person: Person) -> list[tuple[int, str | None]]:
    """The loads of which somebody knows, each with its file where that is told."""
    async with acting(person):
        return [(row["id"], row["file_name"]) for row in (await told_loads(person, None, ALL)).items]


async def written(load_id: int) -> list[Any]:
    """Whose a load is, by which token it was asked for, and what it was read in sight of."""
    async with db.held(db.EVERYTHING):
        row = await db.fetchrow(
            "SELECT person_id, token_id, by_token_id, territory_ids, dealer_ids FROM import_load WHERE id = $1", load_id
        )
    return list(row or ())


async def moved(login: str, *territories: str) -> None:
    async with acting(OPERATOR):
        await access.change_person(OPERATOR, login, ChangePerson(territories=territories))


async def now(person: Person) -> Person:
    """The person as he comes in again."""
    async with db.held():
        found = await access.person_behind(person.person_id, person.own_token_id, None)
    assert found is not None
    return found


async def test_a_narrowed_token_knows_what_it_brought_and_its_person_all(app: Litestar, world: World) -> None:
    manager = world.people[Role.MANAGER]
    whole = await loaded(manager, "sell-in", EAST, "whole.csv", period="2025-02", dry_run=True)
    text, narrow = await own_token(manager, "East")
    branch = await loaded(narrow, "sell-in", EAST, "branch.csv", period="2025-01", dry_run=True)
    assert branch["counts"] == {"lines": 2, "rejected": 1}
    other_text, other = await own_token(manager, "East")
    assert await known(narrow) == [(branch["id"], "branch.csv")]
    assert await known(other) == []
    assert await known(manager) == [(branch["id"], "branch.csv"), (whole["id"], "whole.csv")]
    async with speaking(app, text) as client, speaking(app, other_text) as stranger:
        for asker, load in ((client, whole), (stranger, whole), (stranger, branch)):
            for path in (f"/imports/{load['id']}", f"/imports/{load['id']}/rejects.csv"):
                assert (await asker.get(f"{V1}{path}")).status_code == 404
            assert (await asker.post(f"{V1}/imports/{load['id']}/load", json={})).status_code == 404
        assert (await client.get(f"{V1}/imports/{branch['id']}")).json()["file_name"] == "branch.csv"
        assert "GEHEIM" in (await client.get(f"{V1}/imports/{branch['id']}/rejects.csv")).text
    # The person goes on with what his token brought; it is carried out as he may, and tells of more then.
    async with acting(manager):
        await load_checked(manager, branch["id"], LoadChecked(partial=True, confirmed=True))
    await run_waiting()
    done = await load_now(branch["id"])
    assert (done["state"], done["counts"]["loaded"]) == ("loaded", 2)
    assert await known(narrow) == [(branch["id"], None)], "the share of its branch is left to it"


async def test_machines_of_one_name_are_two(world: World) -> None:
    one, two = await machine(world, "desk", "East"), await machine(world, "desk", "East")
    load = await loaded(one, "sell-in", EAST, "one.csv", period="2025-01", dry_run=True)
    assert one.login == two.login
    assert await known(one) == [(load["id"], "one.csv")]
    assert await known(two) == []
    free, twin = await machine(world, "free"), await machine(world, "free")
    waits = await loaded(free, "sell-in", GOOD, "free.csv", period="2025-01", dry_run=True)
    async with acting(twin):
        with pytest.raises(Refused, match="who brought it"):
            await load_checked(twin, waits["id"], LoadChecked(confirmed=True))
        with pytest.raises(Refused, match="no such file"):
            await start_load(twin, LoadWish("sell-in", waits["upload_id"], period="2025-01"))


async def test_who_is_moved_leaves_what_he_brought_there(app: Litestar, world: World) -> None:
    regional = world.people[Role.REGIONAL]
    gone_in = await loaded(regional, "sell-in", EAST, "in.csv", period="2025-01", partial=True)
    checked = await loaded(regional, "sell-in", EAST, "checked.csv", period="2025-02", dry_run=True)
    both = [(checked["id"], "checked.csv"), (gone_in["id"], "in.csv")]
    session = await make_session(regional)
    for territories, files in ((["North"], []), (["East", "North"], both), (["East"], both)):
        await moved(regional.login, *territories)
        person = await now(regional)
        assert await known(person) == files
        async with browsing(app, session) as browser:
            for load in (gone_in, checked):
                for path in ("", "/progress", "/rejects.csv"):
                    answer = await browser.get(f"/imports/{load['id']}{path}")
                    assert answer.status_code == (200 if files else 404), (path, territories)
            assert ("in.csv" in (await browser.get("/imports")).text) == bool(files)
    await moved(regional.login, "North")
    async with acting(person := await now(regional)):
        with pytest.raises(Refused, match="no such load"):
            await load_checked(person, checked["id"], LoadChecked(partial=True, confirmed=True))


async def test_of_dealers_who_are_moved_nothing_more_is_told(world: World) -> None:
    regional, manager = world.people[Role.REGIONAL], world.people[Role.MANAGER]
    await moved(regional.login, "East", "North")
    both = await now(regional)
    load = await loaded(both, "sell-in", EAST, "both.csv", period="2025-01")
    await moved(regional.login, "East")
    person = await now(regional)
    assert await known(person) == [(load["id"], None)]
    alone = await loaded(person, "sell-in", GOOD, "east.csv", period="2025-02", dry_run=True)
    assert (alone["id"], "east.csv") in await known(person)
    async with acting(manager):
        await move_territory(manager, "Harbour City", "North")
    assert await known(person) == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (ChangePerson(active=False), "can no longer sign in"),
        (ChangePerson(role=Role.AUDITOR, territories=[]), "not for your role"),
    ],
)
async def test_a_load_that_waits_is_carried_out_as_its_person_may_then(
    world: World, change: ChangePerson, word: str
) -> None:
    regional = world.people[Role.REGIONAL]
    load_id = await asked(regional)
    async with acting(OPERATOR):
        await access.change_person(OPERATOR, regional.login, change)
    await run_waiting()
    load = await load_now(load_id)
    assert (load["state"], load["posting_id"]) == ("refused", None)
    assert word in load["problem"]["title"]["text"] % load["problem"]["title"]["params"]


async def test_a_load_that_waits_is_read_within_the_territories_of_then(world: World) -> None:
    regional = world.people[Role.REGIONAL]
    load_id = await asked(regional)
    await moved(regional.login, "North")
    assert await known(await now(regional)) == [], "it was asked for in sight of the East"
    await run_waiting()
    assert await known(await now(regional)) == [(load_id, "a.csv")]
    load = await load_now(load_id)
    assert (load["state"], [line for line, _ in load["rejects"]]) == ("refused", [2])
    north = sorted((world.territories["North"], world.territories["Lake District"]))
    assert (await written(load_id))[3:] == [north, [world.dealer_ids["D-2"]]], "for whom it would have spoken"


async def test_a_load_of_a_token_that_is_ended_does_not_go_in(world: World) -> None:
    manager = world.people[Role.MANAGER]
    _, speaker = await own_token(manager)
    load_id = await asked(speaker)
    other_id = await asked(manager)
    async with acting(manager):
        assert speaker.token_id is not None
        await access.revoke_token(manager, speaker.token_id)
    await run_waiting()
    assert [(await load_now(each))["state"] for each in (load_id, other_id)] == ["refused", "loaded"]


async def test_who_is_deactivated_while_his_file_is_read_brings_nothing_in(world: World) -> None:
    regional = world.people[Role.REGIONAL]
    load_id = await asked(regional)

    async with db.alone(db.EVERYTHING):
        async with db.transaction():
            await staging.lock_kind("sell-in")
            carrying = asyncio.create_task(run_waiting(), context=Context())
            await until_waiting(carrying)
            async with asyncio.TaskGroup() as group:
                group.create_task(_deactivate(regional.login), context=Context())
        await carrying
    load = await load_now(load_id)
    assert (load["state"], load["posting_id"]) == ("refused", None)


async def _deactivate(login: str) -> None:
    async with acting(OPERATOR):
        await access.change_person(OPERATOR, login, ChangePerson(active=False))


async def test_the_same_file_is_another_in_other_territories(world: World) -> None:
    regional = world.people[Role.REGIONAL]
    await moved(regional.login, "East", "North")
    first = await loaded(await now(regional), "sell-in", EAST, period="2025-01")
    again = await loaded(await now(regional), "sell-in", EAST, period="2025-01")
    assert (first["state"], again["state"], again["same_as"]) == ("loaded", "unchanged", first["id"])
    waiting = await asked(await now(regional), EAST, partial=True, confirmed=True)
    await moved(regional.login, "East")
    await run_waiting()
    load = await load_now(waiting)
    assert (load["state"], load["counts"]["rejected"]) == ("loaded", 1)


BEFORE = """
DROP FUNCTION is_seen(import_load), is_own(bigint, bigint);
ALTER TABLE import_load DROP COLUMN person_id, DROP COLUMN token_id, DROP COLUMN by_token_id,
    DROP COLUMN by_session_id, DROP COLUMN territory_ids, DROP COLUMN dealer_ids;
ALTER TABLE upload DROP COLUMN person_id, DROP COLUMN token_id;
UPDATE import_load SET person = $${"login": "x", "person_id": %s, "token_id": %s, "session_id": 9, "bound": %s,
    "narrowed": %s, "territory_ids": [%s]}$$ WHERE id = %s;
"""


async def test_loads_of_the_version_before_come_to_their_owners(
    server: EmbeddedPostgres, database: str, world: World
) -> None:
    manager, regional = world.people[Role.MANAGER], world.people[Role.REGIONAL]
    _, narrow = await own_token(manager, "East")
    desk, twin = await machine(world, "desk"), await machine(world, "desk")
    people = (manager, narrow, regional, desk)
    months = [
        (f"2025-0{n}", GOOD.replace(b"-01-", f"-0{n}-".encode()).replace(b"A1", f"A{n}".encode())) for n in range(1, 5)
    ]
    loads = [
        (who, await loaded(who, "sell-in", content, period=month))
        for who, (month, content) in zip(people, months, strict=True)
    ]
    assert [(load["state"], load["problem"]) for _, load in loads] == [("loaded", None)] * 4
    before = [await written(load["id"]) for _, load in loads]
    assert [row[4] for row in before] == [[], [1], [1], []]
    for unloaded in (manager, twin):
        async with acting(unloaded):
            await take_in(unloaded, "alone.csv", _bytes())
    owner = await asyncpg.connect(server.dsn("channel_owner", database))
    drop, copy = BEFORE.rsplit("UPDATE", 1)
    try:
        await owner.execute(drop)
        for who, load in loads:
            told = [_json(value) for value in (who.person_id, who.token_id, who.bound, who.narrowed)]
            await owner.execute("UPDATE" + copy % (*told, ",".join(map(str, who.territory_ids)), load["id"]))
        await owner.execute(SQL)
        uploads = await owner.fetch("SELECT person_id, token_id FROM upload ORDER BY id")
    finally:
        await owner.close()
    assert [await written(load["id"]) for _, load in loads] == before
    assert [(await load_now(load["id"]))["by_session_id"] for _, load in loads] == [9] * 4
    # Of two machines of one name nobody can tell which one brought a file that was never loaded.
    assert [tuple(row) for row in uploads] == [who.owned_by for who in people] + [manager.owned_by, (None, None)]


async def _bytes() -> Any:  # noqa: ANN401 - bytes by and by
    yield GOOD


def _json(value: object) -> str:
    return "null" if value is None else str(value).lower()
