"""One embedded PostgreSQL for the whole run, one migrated template, and a fresh clone of it for every test."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest
from hypothesis import settings
from litestar import Litestar

from channel.access.pages import SESSION_COOKIE
from channel.access.rules import Person
from channel.app import ROOMS, create_app, use_rooms
from channel.database import db, schema
from channel.database.embedded import EmbeddedPostgres
from channel.settings import Settings
from tests.make.access import make_session, make_token

# How long an example takes is the machine's affair: no test fails because the machine is busy.
settings.register_profile("channel", deadline=None)
settings.load_profile("channel")
# Kinds of files and words of the trail are known to every test, and to what collects them.
use_rooms(ROOMS)

UNSAFE_BUT_QUICK = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "60",
    "autovacuum": "off",
}


ROOM_IN_MEMORY = 4 * 1024**3
"""Bytes that must be free in memory's own file system for the tests to lie there."""


def in_memory() -> Path | None:
    """A file system in memory with room enough: hundreds of files are made and removed for each test's database."""
    shared = Path("/dev/shm")  # noqa: S108 - the folder made there is the tests' own
    if not os.access(shared, os.W_OK | os.X_OK) or os.statvfs(shared).f_flag & os.ST_NOEXEC:
        return None
    return shared if shutil.disk_usage(shared).free >= ROOM_IN_MEMORY else None


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="channel-tests-", dir=in_memory()))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    postgres = EmbeddedPostgres(folder / "postgres", conf=UNSAFE_BUT_QUICK)
    postgres.start()
    yield postgres
    postgres.stop()


@pytest.fixture(scope="session")
def template(server: EmbeddedPostgres) -> str:
    async def make() -> None:
        owner = await asyncpg.connect(server.dsn("channel_owner", "postgres"))
        try:
            await owner.execute("CREATE DATABASE template_channel")
        finally:
            await owner.close()
        await schema.migrate(server.dsn("channel_owner", "template_channel"))
        owner = await asyncpg.connect(server.dsn("channel_owner", "template_channel"))
        await owner.execute("INSERT INTO setting (name, value) VALUES ('company_currency', '\"USD\"')")
        await owner.close()

    asyncio.run(make())
    return "template_channel"


_made = 0


@pytest.fixture
async def database(server: EmbeddedPostgres, template: str) -> AsyncIterator[str]:
    """A fresh database with the pool open on it; its name."""
    global _made  # noqa: PLW0603 - databases of one run are numbered
    _made += 1
    name = f"test_{_made}"
    owner = await asyncpg.connect(server.dsn("channel_owner", "postgres"))
    await owner.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    use_rooms(ROOMS)
    await db.open_pool(server.dsn(db.APP_ROLE, name), size=4)
    yield name
    await db.close_pool()
    await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await owner.close()


@pytest.fixture
async def no_currency(server: EmbeddedPostgres, database: str) -> None:
    """The company has not chosen the currency in which it adds up, as after a first start without a choice."""
    owner = await asyncpg.connect(server.dsn("channel_owner", database))
    await owner.execute("DELETE FROM setting WHERE name = 'company_currency'")
    await owner.close()


@pytest.fixture(scope="session")
def settings(folder: Path) -> Settings:
    return Settings(data_dir=folder / "data")


@pytest.fixture(scope="session")
def app(settings: Settings) -> Litestar:
    """The service; its lifespan is not run, because `database` opens the pool for each test."""
    return create_app(settings, dsn="")


@pytest.fixture
async def api(app: Litestar, database: str) -> AsyncIterator[Callable[[Person], httpx.AsyncClient]]:
    """`api(person)` is a client that speaks to the service with that person's API token."""
    clients: list[httpx.AsyncClient] = []

    async def client(person: Person) -> httpx.AsyncClient:
        token = await make_token(person)
        made = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),
            base_url="http://channel.test",
            headers={"authorization": f"Bearer {token}"},
        )
        clients.append(made)
        return made

    yield client
    for made in clients:
        await made.aclose()


@pytest.fixture
async def browser(app: Litestar, database: str) -> AsyncIterator[Callable[..., Awaitable[httpx.AsyncClient]]]:
    """`browser(person)` is a client with that person's session, in English unless `language` says otherwise."""
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
