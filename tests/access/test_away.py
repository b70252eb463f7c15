"""Days away on PostgreSQL: entered, corrected, ended, and told to whoever looks whom to ask."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
import pytest

from channel import clock
from channel.access.acts import EndAway, EnterAway
from channel.access.rules import Person, Role
from channel.access.service import away as service
from channel.database import db
from channel.errors import Forbidden, Invalid, NotFound
from tests.make.access import acting, make_member
from tests.make.races import second_of
from tests.make.world import World, make_world

V1 = "/api/v1/staff"
Client = Callable[[Person], Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def world(database: str) -> World:
    made = await make_world()
    await make_member(made.people[Role.ADMINISTRATOR], "S-3", name="Wu An")
    return made


def days(first: int, back: int, deputy: str) -> EnterAway:
    today = clock.today()
    return EnterAway(from_on=today + timedelta(days=first), to_on=today + timedelta(days=back), deputy=deputy)


async def enter(person: Person, member: str, act: EnterAway) -> None:
    async with acting(person):
        await service.enter_away(person, member, act)


async def trail() -> list[tuple[str, object, object]]:
    async with db.held(db.Scope("all", (), "auditor")):
        rows = await db.fetch(
            "SELECT act, before, after FROM audit_general"
            " WHERE act LIKE '%days away' AND subject = 'member S-2' ORDER BY id"
        )
    return [tuple(row) for row in rows]


async def test_everybody_is_told_who_stands_in(api: Client, world: World) -> None:
    admin = world.people[Role.ADMINISTRATOR]
    await enter(admin, "S-2", days(-1, 3, "s-1"))
    await enter(admin, "S-1", days(0, 1, "S-3"))
    client = await api(world.people[Role.REGIONAL])
    told = {each["code"]: each for each in (await client.get(V1)).json()["items"]}
    until = (clock.today() + timedelta(days=3)).isoformat()
    assert (told["S-2"]["away_until"], told["S-2"]["stands_in"]) == (until, "S-3")
    assert (told["S-1"]["stands_in"], told["S-3"]["away_until"], told["S-3"]["stands_in"]) == ("S-3", None, None)
    one = (await client.get(f"{V1}/S-3")).json()
    assert [each["code"] for each in one["stands_in_for"]] == ["S-1", "S-2"]
    with clock.fixed(clock.now() + timedelta(days=1)):
        client = await api(world.people[Role.REGIONAL])
        assert (await client.get(f"{V1}/S-2")).json()["stands_in"] == "S-1"
    with clock.fixed(clock.now() + timedelta(days=3)):
        client = await api(world.people[Role.REGIONAL])
        back = (await client.get(f"{V1}/S-2")).json()
        assert (back["stands_in"], back["away_until"]) == (None, None)


async def test_what_cannot_be_is_refused_with_its_field(world: World) -> None:
    admin = world.people[Role.ADMINISTRATOR]
    await enter(admin, "S-2", days(0, 3, "S-1"))
    for member, act, field in (
        ("S-2", days(2, 5, "S-3"), "from_on"),
        ("S-1", days(2, 5, "S-2"), "deputy"),
        ("S-1", days(2, 5, "S-1"), "deputy"),
        ("S-1", days(2, 5, "nobody"), "deputy"),
    ):
        with pytest.raises(Invalid) as refused:
            await enter(admin, member, act)
        assert [each.field for each in refused.value.errors] == [field]
    with pytest.raises(NotFound):
        await enter(admin, "nobody", days(0, 1, "S-1"))
    await enter(admin, "S-2", days(3, 5, "S-3"))


async def test_a_correction_closes_what_was_said_before_and_keeps_it(world: World) -> None:
    admin = world.people[Role.ADMINISTRATOR]
    await enter(admin, "S-2", days(0, 3, "S-1"))
    async with acting(admin):
        for _ in range(2):  # the second one says what stands, under its own number
            (row,) = await service.days_away(await _member(admin))
            await service.correct_away(admin, "S-2", row["id"], days(0, 5, "s-3"))
        (row,) = await service.days_away(await _member(admin))
        await service.end_away(admin, "S-2", row["id"], EndAway(to_on=clock.today() + timedelta(days=1)))
        with pytest.raises(NotFound):
            await service.end_away(admin, "S-2", row["id"], EndAway(to_on=clock.today()))
        (row,) = await service.days_away(await _member(admin))
        assert (row["to_on"], row["deputy"]) == (clock.today() + timedelta(days=1), "S-3")
        with pytest.raises(Invalid):
            await service.end_away(admin, "S-2", row["id"], EndAway(to_on=row["to_on"]))
        await service.end_away(admin, "S-2", row["id"], EndAway(to_on=row["from_on"]))
        assert await service.days_away(await _member(admin)) == []
        assert await db.fetchval("SELECT count(*) FROM staff_away WHERE from_on = $1", clock.today()) == 3
    acts = await trail()
    assert [act for act, _, _ in acts] == ["enter days away", "correct days away", "end days away", "end days away"]
    assert (acts[1][1]["deputy"], acts[1][2]["deputy"], acts[3][2]) == ("S-1", "S-3", {"to_on": None})  # type: ignore[index]


async def _member(person: Person) -> object:
    return await service.member_named(person, "S-2")


async def test_two_at_once_lead_to_no_circle_of_deputies(world: World) -> None:
    admin = world.people[Role.ADMINISTRATOR]

    def away(member: str, deputy: str) -> Callable[[], Awaitable[object]]:
        return lambda: service.enter_away(admin, member, days(0, 3, deputy))

    refused = await second_of(admin, away("S-1", "S-2"), away("S-2", "S-1"))
    assert isinstance(refused, Invalid)
    assert [each.field for each in refused.errors] == ["deputy"]


async def test_nobody_else_enters_days_away(world: World) -> None:
    for role in (Role.MANAGER, Role.FINANCE, Role.REGIONAL, Role.AUDITOR):
        with pytest.raises(Forbidden):
            await enter(world.people[role], "S-2", days(0, 1, "S-1"))
