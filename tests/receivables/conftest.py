"""Finance and a dealer in CNY, made in the past, for whatever is posted of him."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from channel import clock
from channel.access.rules import Person, Role
from channel.database.embedded import OWNER, EmbeddedPostgres
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


@pytest.fixture
async def owner(server: EmbeddedPostgres, database: str) -> AsyncIterator[asyncpg.Connection]:
    """The owner of the database, who may do what the service may not."""
    connection = await asyncpg.connect(server.dsn(OWNER, database))
    yield connection
    await connection.close()
