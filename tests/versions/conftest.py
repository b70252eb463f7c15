"""The service with two further kinds of versioned documents, its clients, and its command line."""

from collections.abc import Awaitable, Callable, Iterator

import httpx
import pytest
from litestar import Litestar

from channel.access.rules import Person
from channel.app import ROOMS, create_app, use_rooms
from channel.cli import main
from channel.cli.terminal.lazy_groups import Later
from channel.settings import Settings
from tests.cli.conftest import service
from tests.make import service_terms
from tests.make.limits import Desk, make_desk

HOUSE = (*ROOMS, service_terms.BRINGS, service_terms.BRINGS_OF_WORKSHOPS)
Client = Callable[..., Awaitable[httpx.AsyncClient]]
__all__ = ["service"]


@pytest.fixture
def app(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Litestar]:
    """The house with the two kinds."""
    for name, place in (("terms", "COMMANDS"), ("workshop-terms", "COMMANDS_OF_WORKSHOPS")):
        monkeypatch.setitem(main._later, name, Later(f"tests.make.service_terms:{place}", ""))  # type: ignore[attr-defined]
    yield create_app(settings, dsn="", rooms=HOUSE)
    use_rooms(ROOMS)


@pytest.fixture
async def desk(app: Litestar, database: str) -> Desk:
    """Who draft and decide; the test's database has set what the rooms of the house bring."""
    del app, database
    use_rooms(HOUSE)
    return await make_desk()


@pytest.fixture
def browser(browser: Client, desk: Desk) -> Client:
    """`browser(person)` has the mark of its forms besides."""
    del desk

    async def client(person: Person) -> httpx.AsyncClient:
        made = await browser(person)
        await made.get("/")
        return made

    return client
