"""The service with two further kinds of versioned documents, its clients, and its command line."""

from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import pytest
from litestar import Litestar

from channel.access.pages import SESSION_COOKIE
from channel.access.rules import Person
from channel.app import ROOMS, create_app, use_rooms
from channel.cli import main
from channel.cli.terminal.lazy_groups import Later
from channel.settings import Settings
from tests.cli.conftest import service
from tests.make import service_terms
from tests.make.access import make_session
from tests.make.limits import Desk, make_desk

HOUSE = (*ROOMS, service_terms.BRINGS, service_terms.BRINGS_OF_WORKSHOPS)
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
async def browser(app: Litestar, desk: Desk) -> AsyncIterator[Callable[[Person], httpx.AsyncClient]]:
    """`browser(person)` is a client with that person's session, and the mark of its forms."""
    del desk
    clients: list[httpx.AsyncClient] = []

    async def client(person: Person) -> httpx.AsyncClient:
        made = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),
            base_url="http://channel.test",
            cookies={SESSION_COOKIE: await make_session(person)},
        )
        clients.append(made)
        await made.get("/")
        return made

    yield client
    for made in clients:
        await made.aclose()
