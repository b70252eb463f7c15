"""A small whole world for tests that walk everything: a tree, a person of every role, two dealers in two branches."""

from dataclasses import dataclass

from channel.access.rules import Person, Role
from tests.make.access import make_person, make_territories


@dataclass(frozen=True)
class World:
    """The ids and people of the small world; `elsewhere` is regional staff of the other branch."""

    territories: dict[str, int]
    people: dict[Role, Person]
    elsewhere: Person


async def make_world() -> World:
    """Fill the open database."""
    territories = await make_territories("East/Harbour City", "North/Lake District")
    people = {
        role: await make_person(role, login=f"{role}-1")
        for role in (Role.MANAGER, Role.FINANCE, Role.AUDITOR, Role.ADMINISTRATOR)
    }
    people[Role.REGIONAL] = await make_person(Role.REGIONAL, territories["East"], login="regional-1")
    elsewhere = await make_person(Role.REGIONAL, territories["North"], login="regional-2")
    return World(territories, people, elsewhere)
