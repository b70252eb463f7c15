"""A small world whose people are members of staff, and the kinds of tasks of the tests."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest

from channel import clock
from tests.make.tasks import make_staff, using_kinds
from tests.make.world import World, make_world

MONDAY = datetime(2025, 3, 3, 9, tzinfo=UTC)


@pytest.fixture
def now() -> Iterator[datetime]:
    """It is a Monday."""
    with clock.fixed(MONDAY):
        yield MONDAY


@pytest.fixture
async def world(database: str, now: datetime, app: object) -> AsyncIterator[World]:
    """The small world; tasks of the kinds of the tests are known in it."""
    with using_kinds():
        yield await make_world()


@pytest.fixture
async def staff(world: World) -> dict[str, int]:
    """M-1 (manager) above R-1 (East), R-2 (North) and F-1 (finance), with their ids."""
    return await make_staff(world)
