"""What the tests of this room share."""

from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar

from channel.access.pages import SESSION_COOKIE
from channel.access.rules import Person
from tests.make.access import make_session


@pytest.fixture
async def browser(app: Litestar, database: str) -> AsyncIterator[object]:
    """`browser(person)` is a client with that person's session."""
    clients: list[httpx.AsyncClient] = []

    async def client(person: Person, language: str = "en") -> httpx.AsyncClient:
        made = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),
            base_url="http://channel.test",
            cookies={SESSION_COOKIE: await make_session(person)},
            headers={"accept-language": language},
        )
        clients.append(made)
        return made

    yield client
    for made in clients:
        await made.aclose()
