"""A small whole world for tests that walk everything: a tree, a person of every role, a dealer in each branch."""

from dataclasses import dataclass

from channel.access.rules import Person, Role
from tests.make.access import make_person, make_territories
from tests.make.dealers import make_dealer, make_line, make_product


@dataclass(frozen=True)
class World:
    """The ids and people of the small world; `elsewhere` is regional staff of the branch where D-1 is not."""

    territories: dict[str, int]
    people: dict[Role, Person]
    elsewhere: Person
    dealer_ids: dict[str, int]


async def make_world() -> World:
    """Fill the open database: D-1 stands in the East, D-2 in the North."""
    territories = await make_territories("East/Harbour City", "North/Lake District")
    people = {
        role: await make_person(role, login=f"{role}-1")
        for role in (Role.MANAGER, Role.FINANCE, Role.AUDITOR, Role.ADMINISTRATOR)
    }
    people[Role.REGIONAL] = await make_person(Role.REGIONAL, territories["East"], login="regional-1")
    elsewhere = await make_person(Role.REGIONAL, territories["North"], login="regional-2")
    await make_line("Road")
    await make_product("RB-210", "Road")
    dealer_ids = {
        "D-1": await make_dealer("D-1", type="wholesale", territory="Harbour City", lines=["Road"]),
        "D-2": await make_dealer("D-2", territory="Lake District", lines=["Road"]),
    }
    return World(territories, people, elsewhere, dealer_ids)
