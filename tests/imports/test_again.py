"""The same file a second time, of every kind: what holds already is told as unchanged and nothing is written."""

import pytest

from channel.access.rules import Person, Role
from channel.database import db
from channel.dealers.service.masters import keep_product
from tests.make.access import acting, make_person, make_territories
from tests.make.dealers import keeping_product
from tests.make.sales import csv_of, loaded

FILES = {
    "territories": csv_of("path", "Group/North/Lake", "Group/South"),
    "products": csv_of("code,name,line,line_name", "P-1,Pump,R,Road", "P-2,Bell,R,Road"),
    "dealers": csv_of("code,name,type,territory,currency,terms_days", "D-1,One,terminal,East,USD,30"),
    "rates": csv_of("currency,date,rate", "EUR,2025-01-02,1.1"),
}


async def _people() -> dict[str, Person]:
    await make_territories("East")
    manager, finance = await make_person(Role.MANAGER), await make_person(Role.FINANCE)
    return {kind: finance if kind == "rates" else manager for kind in FILES}


@pytest.mark.parametrize("kind", list(FILES))
async def test_the_same_file_again_is_told_as_unchanged(database: str, kind: str) -> None:
    person = (await _people())[kind]
    first = await loaded(person, kind, FILES[kind])
    assert first["state"] == "loaded", first
    async with db.held(db.EVERYTHING):
        acts = await db.fetchval("SELECT (SELECT count(*) FROM audit_general) + (SELECT count(*) FROM audit_dealer)")
    again = await loaded(person, kind, FILES[kind])
    assert (again["state"], again["same_as"], again["counts"]["lines"]) == (
        "unchanged",
        first["id"],
        first["counts"]["lines"],
    )
    async with db.held(db.EVERYTHING):
        now = await db.fetchval("SELECT (SELECT count(*) FROM audit_general) + (SELECT count(*) FROM audit_dealer)")
    assert now == acts


async def test_what_was_changed_meanwhile_is_loaded_again(database: str) -> None:
    person = (await _people())["products"]
    first = await loaded(person, "products", FILES["products"])
    async with acting(person):
        await keep_product(person, keeping_product("P-1", "Another name", "R"))
    again = await loaded(person, "products", FILES["products"])
    assert (again["state"], again["counts"]["changed"]) == ("loaded", 1)
    third = await loaded(person, "products", FILES["products"])
    assert (third["state"], third["same_as"]) == ("unchanged", again["id"])
    assert first["id"] != again["id"]
