"""What people keep here: files within a bound, and mappings that are whose they are."""

import asyncio
import secrets
from collections.abc import AsyncIterator

import pytest

from channel.access.acts import MakeToken
from channel.access.rules import Person, Role
from channel.access.service import add_machine_token, add_own_token, person_of_token
from channel.database import db
from channel.errors import Conflict, Invalid, NotFound
from channel.imports.service import uploads
from channel.imports.service.loads import LoadWish, start_load
from channel.imports.service.mappings import keep_profile, profiles_of, remove_profile
from channel.imports.service.uploads import forget_uploads, take_in
from tests.make.access import acting, make_person, make_territories
from tests.make.sales import csv_of, make_masters

MAPPING = {"columns": {"dealer": "A", "date": "B", "product": "C", "quantity": "D", "amount": "E"}}
OTHER = {"columns": MAPPING["columns"] | {"dealer": "Z"}}
NAMING = {"columns": {k: v for k, v in MAPPING["columns"].items() if k != "dealer"}, "constants": {"dealer": "D1"}}


async def coming(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def kept(person: Person, size: int, name: str = "f.csv") -> int:
    async with acting(person):
        return await take_in(person, name, coming(b"x" * size), here=True)


async def test_what_one_keeps_has_a_bound_and_is_told(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "UPLOAD_LIMIT", 10_000)
    person, other = await make_person(Role.MANAGER), await make_person(Role.FINANCE)
    await kept(person, 4_000, "first.csv")
    await kept(person, 6_000, "second.csv")
    with pytest.raises(Conflict) as refused:
        await kept(person, 1)
    assert [dict(error.reason.params)["file"] for error in refused.value.errors] == ["first.csv", "second.csv"]
    await kept(other, 10_000)
    # What is forgotten makes room.
    monkeypatch.setattr(uploads, "KEPT", -uploads.KEPT)
    async with db.held(db.EVERYTHING):
        await forget_uploads()
    await kept(person, 10_000)
    async with db.held(db.EVERYTHING):
        assert await db.fetchval("SELECT count(*) FROM upload") == 4


async def test_two_files_at_once_do_not_pass_the_bound_together(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "UPLOAD_LIMIT", 10_000)
    person = await make_person(Role.MANAGER)
    outcomes = await asyncio.gather(*(kept(person, 6_000) for _ in range(4)), return_exceptions=True)
    assert sorted(isinstance(each, Conflict) for each in outcomes) == [False, True, True, True]


async def test_a_token_narrowed_to_a_branch_keeps_in_its_persons_room(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "UPLOAD_LIMIT", 10_000)
    await make_territories("East")
    person = await make_person(Role.MANAGER)
    narrow = await narrowed(person)
    await kept(narrow, 6_000)
    with pytest.raises(Conflict):
        await kept(person, 6_000)


async def narrowed(person: Person) -> Person:
    async with acting(person):
        token = await add_own_token(person, MakeToken(name=secrets.token_hex(3), territories=["East"]))
    async with db.held(db.EVERYTHING):
        found = await person_of_token(token.text)
    assert found is not None
    return found


async def machine(name: str) -> Person:
    administrator = await make_person(Role.ADMINISTRATOR)
    async with acting(administrator):
        token = await add_machine_token(administrator, MakeToken(name=name))
    async with db.held(db.EVERYTHING):
        found = await person_of_token(token.text)
    assert found is not None
    return found


async def names(person: Person) -> dict[str, bool]:
    async with acting(person):
        return {row["name"]: row["own"] for row in await profiles_of(person, "sell-in")}


async def test_a_mapping_is_changed_and_removed_by_who_made_it_alone(database: str) -> None:
    await make_territories("East")
    owner, colleague = await make_person(Role.MANAGER), await make_person(Role.FINANCE)
    strangers = [colleague, await narrowed(owner), await machine("erp"), await machine("erp")]
    async with acting(owner):
        await keep_profile(owner, "sell-in", "ERP", MAPPING)
    for stranger in strangers:
        assert (await names(stranger)) == {"ERP": False}
        async with acting(stranger):
            with pytest.raises(Conflict, match="Somebody else keeps"):
                await keep_profile(stranger, "sell-in", "ERP", OTHER)
            with pytest.raises(Conflict, match="Somebody else keeps"):
                await remove_profile(stranger, "sell-in", "ERP")
            with pytest.raises(NotFound):
                await remove_profile(stranger, "sell-in", "none")
    async with acting(owner):
        assert (await profiles_of(owner, "sell-in"))[0]["document"]["columns"]["dealer"] == "A"
        await keep_profile(owner, "sell-in", "ERP", OTHER)
        assert (await profiles_of(owner, "sell-in"))[0]["document"]["columns"]["dealer"] == "Z"
        await remove_profile(owner, "sell-in", "ERP")
    assert await names(owner) == {}
    # Two machines of one name are two.
    async with acting(strangers[2]):
        await keep_profile(strangers[2], "sell-in", "nightly", MAPPING)
    assert (await names(strangers[2]), await names(strangers[3])) == ({"nightly": True}, {"nightly": False})


async def test_what_a_narrowed_token_keeps_is_its_persons_too(database: str) -> None:
    await make_territories("East")
    owner = await make_person(Role.MANAGER)
    narrow, another = await narrowed(owner), await narrowed(owner)
    async with acting(narrow):
        await keep_profile(narrow, "sell-in", "ERP", MAPPING)
    assert (await names(owner), await names(narrow), await names(another)) == (
        {"ERP": True},
        {"ERP": True},
        {"ERP": False},
    )
    async with acting(owner):
        await remove_profile(owner, "sell-in", "ERP")


async def test_the_mapping_of_somebody_who_is_gone_is_free(database: str) -> None:
    gone, stays = await make_person(Role.MANAGER), await make_person(Role.MANAGER)
    async with acting(gone):
        await keep_profile(gone, "sell-in", "ERP", MAPPING)
    async with db.held(db.EVERYTHING):
        await db.execute("UPDATE person SET active = false WHERE id = $1", gone.person_id)
    async with acting(stays):
        await keep_profile(stays, "sell-in", "ERP", OTHER)
    assert await names(stays) == {"ERP": True}


async def test_mappings_that_name_dealers_are_not_told_to_who_is_bound(database: str) -> None:
    await make_masters()
    owner = await make_person(Role.MANAGER)
    narrow = await narrowed(owner)
    async with acting(owner):
        await keep_profile(owner, "sell-in", "naming", NAMING)
        await keep_profile(owner, "sell-in", "mapping", MAPPING | {"value_maps": {"dealer": {"One": "D1"}}})
        await keep_profile(owner, "sell-in", "plain", MAPPING | {"value_maps": {"product": {"One": "P1"}}})
    assert await names(narrow) == {"plain": False}
    content = csv_of("A,B,C,D,E", "D1,2025-01-05,P1,2,200.00")
    async with acting(narrow):
        upload_id = await take_in(narrow, "f.csv", coming(content), here=True)
        with pytest.raises(Invalid):
            await start_load(narrow, LoadWish("sell-in", upload_id, profile_name="naming"))
        await start_load(narrow, LoadWish("sell-in", upload_id, profile_name="plain"))
