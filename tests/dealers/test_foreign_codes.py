"""Whether a code is another branch's is told by acts that stand in the trail, and by nothing else."""

from typing import Any

import pytest

from channel.access.acts import MakeToken
from channel.access.rules import Person, Role
from channel.access.service import add_own_token, person_of_token
from channel.database import db
from channel.dealers.acts import AddDealer
from channel.dealers.rules import DealerType
from channel.dealers.service.dealers import add_dealer
from channel.errors import Conflict
from tests.make.access import acting
from tests.make.sales import csv_of, loaded
from tests.make.world import World, make_world


@pytest.fixture
async def world(database: str) -> World:
    return await make_world()


async def trail() -> list[tuple[str, str, Any]]:
    async with db.held(db.Scope("all", (), "auditor")):
        rows = await db.fetch(
            "SELECT actor, subject, after FROM audit_general WHERE act = 'find code taken' ORDER BY id"
        )
    return [(row["actor"], row["subject"], row["after"]) for row in rows]


def of_code(code: str, territory: str) -> AddDealer:
    return AddDealer(
        code=code, name="New", type=DealerType.TERMINAL, territory=territory, currency="USD", terms_days=30
    )


async def test_trying_a_code_of_another_branch_stands_in_the_trail(world: World) -> None:
    regional = world.people[Role.REGIONAL]
    async with acting(regional):
        # D-1 is his own, and no secret.
        with pytest.raises(Conflict, match="D-1 is taken"):
            await add_dealer(regional, of_code("D-1", "East"))
    assert await trail() == []
    async with acting(regional):
        with pytest.raises(Conflict, match="d-2 is taken"):
            await add_dealer(regional, of_code("d-2", "East"))
    assert await trail() == [(regional.login, "dealer d-2", None)]


async def bound_to(person: Person, territory: str) -> Person:
    async with acting(person):
        token = await add_own_token(person, MakeToken(name="narrow", territories=[territory]))
    async with db.held(db.EVERYTHING):
        found = await person_of_token(token.text)
    assert found is not None
    return found


async def test_a_mere_check_of_a_file_of_such_codes_stands_there_too(world: World) -> None:
    bound = await bound_to(world.people[Role.MANAGER], "East")
    file = csv_of(
        "code,name,type,territory,currency,terms_days",
        "D-2,Two,terminal,Harbour City,USD,30",
        "D-9,Nine,terminal,Harbour City,USD,30",
    )
    checked = await loaded(bound, "dealers", file, dry_run=True)
    assert (checked["state"], checked["counts"]["rejected"]) == ("checked", 1)
    ((actor, subject, after),) = await trail()
    assert (actor, subject, after) == (bound.login, "dealers of a file", {"count": 1, "codes": ["D-2"]})
    refused = await loaded(bound, "dealers", file)
    assert refused["state"] == "refused"
    assert len(await trail()) == 2
    whole = await loaded(world.people[Role.MANAGER], "dealers", file)
    assert whole["state"] == "loaded", whole
    assert len(await trail()) == 2
