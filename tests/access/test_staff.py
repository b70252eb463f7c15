"""The register of staff on PostgreSQL: kept by who keeps people, seen by who sees dealers."""

from collections.abc import Awaitable, Callable
from datetime import date

import httpx
import pytest
from msgspec import UNSET

from channel.access.acts import AddMember, ChangeMember
from channel.access.rules import Person, Role
from channel.access.service import staff as service
from channel.database import db
from channel.errors import Conflict, Forbidden, Invalid
from tests.make.access import acting, make_member, make_person
from tests.make.races import second_of
from tests.make.sales import csv_of, loaded
from tests.make.world import World, make_world

V1 = "/api/v1/staff"
Client = Callable[[Person], Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def world(database: str) -> World:
    return await make_world()


async def change(person: Person, code: str, **fields: object) -> None:
    async with acting(person):
        await service.change_member(person, code, ChangeMember(**fields))  # type: ignore[arg-type] # a test's own


async def trail(act: str) -> list[tuple[str, object, object]]:
    async with db.held(db.Scope("all", (), "auditor")):
        rows = await db.fetch("SELECT subject, before, after FROM audit_general WHERE act = $1 ORDER BY id", act)
    return [tuple(row) for row in rows]


async def test_everybody_who_sees_dealers_sees_whom_to_ask(api: Client, world: World) -> None:
    await change(world.people[Role.ADMINISTRATOR], "S-2", login="finance-1")
    for role, person in (*world.people.items(), ("elsewhere", world.elsewhere)):
        found = (await (await api(person)).get(f"{V1}/S-2")).json()
        # The territory is told to who works elsewhere, too; who signs in as whom to few.
        assert (found["manager"], found["territory"]) == ("S-1", "Lake District"), role
        assert found["login"] == ("finance-1" if role in {Role.ADMINISTRATOR, Role.AUDITOR} else None), role
        listed = (await (await api(person)).get(V1)).json()["items"]
        assert {each["code"]: each["login"] for each in listed} == {"S-1": None, "S-2": found["login"]}, role


async def test_line_up_and_beneath(api: Client, world: World) -> None:
    admin = world.people[Role.ADMINISTRATOR]
    await make_member(admin, "S-3", manager="s-2")
    client = await api(world.people[Role.MANAGER])
    found = (await client.get(f"{V1}/s-3")).json()
    assert [each["code"] for each in found["line_up"]] == ["S-2", "S-1"]
    assert [each["code"] for each in (await client.get(f"{V1}/S-1")).json()["beneath"]] == ["S-2"]
    under = (await client.get(V1, params={"under": "S-1"})).json()["items"]
    assert sorted(each["code"] for each in under) == ["S-2", "S-3"]


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ({"q": "TANG"}, ["S-2"]),
        ({"q": "s-"}, ["S-1", "S-2", "S-3"]),
        ({"territory": "north"}, ["S-2"]),
        ({"standing": "left"}, ["S-3"]),
        ({"standing": "present"}, ["S-1", "S-2"]),
        ({"standing": "coming"}, []),
    ],
)
async def test_filters(api: Client, world: World, asked: dict[str, str], codes: list[str]) -> None:
    await make_member(world.people[Role.ADMINISTRATOR], "S-3", name="Zhou", last_on=date(2021, 1, 31))
    found = (await (await api(world.people[Role.FINANCE])).get(V1, params=asked)).json()["items"]
    assert [each["code"] for each in found] == codes


async def test_nobody_else_keeps_the_register(world: World) -> None:
    for role in (Role.MANAGER, Role.FINANCE, Role.REGIONAL, Role.AUDITOR):
        with pytest.raises(Forbidden):
            await change(world.people[role], "S-2", name="X")
        async with acting(world.people[role]) as person:
            with pytest.raises(Forbidden):
                await service.add_member(person, AddMember(code="S-9", name="X"))


async def test_a_change_is_told_before_and_after_and_a_repeated_one_is_none(world: World) -> None:
    admin = world.people[Role.ADMINISTRATOR]
    for _ in range(2):
        await change(admin, "s-2", manager=None, last_on=date(2030, 1, 31), reason="moves on")
    assert await trail("change member") == [
        ("member S-2", {"manager": "S-1", "last_on": None}, {"manager": None, "last_on": "2030-01-31"})
    ]


async def test_what_is_not_known_or_would_be_a_circle_is_refused(world: World) -> None:
    admin = world.people[Role.ADMINISTRATOR]
    for fields, field in (
        ({"manager": "S-2"}, "manager"),
        ({"manager": "s-1"}, "manager"),
        ({"manager": "nobody"}, "manager"),
        ({"territory": "Mars"}, "territory"),
        ({"login": "nobody"}, "login"),
        ({"last_on": date(2019, 1, 1)}, "last_on"),
    ):
        with pytest.raises(Invalid) as refused:
            await change(admin, "S-1", **fields)
        assert [each.field for each in refused.value.errors] == [field], fields
    assert await trail("change member") == []


async def test_a_code_that_differs_only_in_how_it_is_written_is_taken(world: World) -> None:
    with pytest.raises(Conflict):
        await make_member(world.people[Role.ADMINISTRATOR], "ｓ-1")


async def test_two_at_once_make_no_circle(world: World) -> None:
    """Each would put the one under the other; whoever comes second sees what the first has done."""
    admin = world.people[Role.ADMINISTRATOR]
    for code in ("A", "B"):
        await make_member(admin, code)

    def under(code: str, manager: str) -> Callable[[], Awaitable[object]]:
        return lambda: service.change_member(admin, code, ChangeMember(manager=manager))

    refused = await second_of(admin, under("A", "B"), under("B", "A"))
    assert isinstance(refused, Invalid)
    assert [each.field for each in refused.errors] == ["manager"]


async def test_a_form_writes_only_what_its_writer_changed(world: World) -> None:
    admin = world.people[Role.ADMINISTRATOR]
    shown = {
        "name": "Tang Wei",
        "manager": "S-1",
        "territory": "Lake District",
        "first_on": "2020-01-01",
        "last_on": None,
        "login": None,
    }
    whole = {**shown, "first_on": date(2020, 1, 1)}
    await change(admin, "S-2", manager=None, last_on=date(2031, 1, 1))
    await change(admin, "S-2", **whole | {"territory": "North"}, opened=shown)
    assert (await trail("change member"))[-1] == (
        "member S-2", {"territory": "Lake District"}, {"territory": "North"},
    )  # fmt: skip
    with pytest.raises(Conflict):
        await change(admin, "S-2", **whole | {"last_on": date(2030, 1, 1)}, opened=shown)
    await change(admin, "S-2", **whole | {"last_on": date(2032, 1, 1)}, opened=shown | {"last_on": "2031-01-01"})
    assert (await trail("change member"))[-1][1:] == ({"last_on": "2031-01-01"}, {"last_on": "2032-01-01"})
    assert UNSET is ChangeMember().last_on


HEAD = "code,name,manager,territory,first day,last day,login"


async def test_a_file_adds_and_changes_and_says_nothing_new_twice(world: World) -> None:
    admin = world.people[Role.ADMINISTRATOR]
    lines = csv_of(HEAD, "S-7,Seven,s-8,north,2024-02-01,,", "S-8,Eight,S-1,,,,finance-1", "s-2,Tang W.,,,,2030-01-31,")
    done = await loaded(admin, "staff", lines)
    assert (done["state"], done["counts"]) == (
        "loaded", {"lines": 3, "rejected": 0, "added": 2, "changed": 1, "unchanged": 0},
    )  # fmt: skip
    async with acting(admin):
        seven, two = await service.member_named(admin, "S-7"), await service.member_named(admin, "S-2")
    assert (seven["manager"], seven["territory"], seven["first_on"]) == ("S-8", "North", date(2024, 2, 1))
    assert (two["name"], two["manager"], two["territory"]) == ("Tang W.", "S-1", "Lake District")
    assert [subject for subject, _, _ in await trail("add member")][-2:] == ["member S-7", "member S-8"]
    before = await trail("change member")
    assert (await loaded(admin, "staff", lines))["state"] == "unchanged"
    assert await trail("change member") == before


async def test_a_file_with_a_circle_is_refused_with_the_lines_that_make_it(world: World) -> None:
    admin = world.people[Role.ADMINISTRATOR]
    lines = csv_of(HEAD, "S-1,Su Min,S-3,,,,", "S-3,Three,S-2,,,,", "S-4,Four,,Mars,,,", "S-5,Five,,,,,")
    done = await loaded(admin, "staff", lines)
    assert (done["state"], done["counts"]["rejected"]) == ("refused", 3)
    done = await loaded(admin, "staff", lines, partial=True)
    assert (done["counts"]["added"], done["counts"]["changed"]) == (1, 0)


async def test_who_keeps_no_people_loads_no_staff(world: World) -> None:
    somebody = await make_person(Role.MANAGER)
    with pytest.raises(Forbidden):
        await loaded(somebody, "staff", csv_of("code,name", "S-9,Nine"))


async def test_a_file_that_holds_sign_in_names_is_seen_by_who_may_know_them(api: Client, world: World) -> None:
    lines = csv_of("code,name,login", "S-9,Nine,finance-1", "S-8,Eight,nobody")
    number = (await loaded(world.people[Role.ADMINISTRATOR], "staff", lines))["id"]
    for role, person in world.people.items():
        client = await api(person)
        answers = [(await client.get(f"/api/v1/imports/{number}{part}")).status_code for part in ("", "/rejects.csv")]
        listed = [each["id"] for each in (await client.get("/api/v1/imports")).json()["items"]]
        may = role in {Role.ADMINISTRATOR, Role.AUDITOR}
        assert (set(answers), listed) == (({200}, [number]) if may else ({404}, [])), (role, answers)
