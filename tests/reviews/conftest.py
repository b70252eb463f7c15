"""Finance, made in the past, for whatever is posted and reviewed."""

import pytest

from channel.access.rules import Person, Role
from tests.make.access import make_person


@pytest.fixture
async def finance(database: str) -> Person:
    return await make_person(Role.FINANCE)
