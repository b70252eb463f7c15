"""Finance and a dealer in CNY, made in the past, for whatever is posted of him."""

import pytest

from channel import clock
from channel.access.rules import Person, Role
from tests.make.access import make_person
from tests.make.dealers import make_dealer
from tests.make.receivables import moment


@pytest.fixture
async def finance(database: str) -> Person:
    return await make_person(Role.FINANCE)


@pytest.fixture
async def dealer(finance: Person) -> int:
    with clock.fixed(moment(0)):
        return await make_dealer("D-1", currency="CNY")
