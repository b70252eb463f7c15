"""Rows for every list, so that each can be sorted and paged; and where each stands, for whom."""

from datetime import date

from channel.access.rules import Role
from channel.dealers.service.exclusivity import grant_exclusivity
from tests.make.dealers import granting, make_line
from tests.make.world import World

FILLED = {
    "/sales/chase": Role.MANAGER,
    "/credit/limits": Role.FINANCE,
    "/exclusivity": Role.MANAGER,
}
"""The address of the page of each list, with what it is asked, and who asks."""


async def fill_lists(world: World) -> None:
    """Three grants, of two lines, one with an end."""
    manager = world.people[Role.MANAGER]
    await make_line("Touring")
    await grant_exclusivity(manager, "D-1", granting("Road", "Harbour City", date(2024, 1, 1)))
    await grant_exclusivity(manager, "D-1", granting("Touring", "Harbour City", date(2023, 1, 1), date(2027, 1, 1)))
    await grant_exclusivity(manager, "D-2", granting("Touring", "Lake District", date(2024, 6, 1)))
