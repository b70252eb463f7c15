"""No input makes the service fail: the OpenAPI document is the map, schemathesis walks it, and every role asks."""

import asyncio
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import asyncpg
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, settings
from litestar.serialization import decode_json, encode_json

from channel import db
from channel.access.rules import Role
from channel.app import create_app
from channel.embedded import OWNER, EmbeddedPostgres
from channel.settings import Settings
from tests.make.access import make_token
from tests.make.world import make_world

EXAMPLES = int(os.environ.get("CHANNEL_OPENAPI_EXAMPLES", "6"))
# As it is served: through JSON, so that nothing of Python is left in it.
DOCUMENT = decode_json(
    encode_json(create_app(Settings(data_dir=Path(), given_secret="x" * 32), dsn="").openapi_schema.to_schema())
)
# The document describes itself too; that part is the framework's own.
schema = schemathesis.openapi.from_dict(DOCUMENT).exclude(path_regex="^/api/schema")


class Service:
    """The service on a free port, in a thread with a loop of its own."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.tokens: dict[Role, str] = {}
        self.may: dict[str, Role] = {}
        self._dsn = dsn
        self._ready = threading.Event()
        self._server = uvicorn.Server(
            uvicorn.Config(
                create_app(Settings(data_dir=folder, pool_size=2), dsn=dsn), log_level="error", lifespan="on"
            )
        )
        self._thread = threading.Thread(target=lambda: asyncio.run(self._work()))

    def roles_for(self, operation: str) -> list[Role]:
        known = self.may.get(operation)
        return [known] if known else list(self.tokens)

    async def _work(self) -> None:
        await db.open_pool(self._dsn, size=2)
        world = await make_world()
        self.tokens = {role: await make_token(person) for role, person in world.people.items()}
        await db.close_pool()
        self._ready.set()
        await self._server.serve([self._listener])

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(30)


@pytest.fixture(scope="module")
def service(server: EmbeddedPostgres, template: str, folder: Path) -> Iterator[Service]:
    async def make() -> None:
        owner = await asyncpg.connect(server.dsn(OWNER, "postgres"))
        try:
            await owner.execute(f"CREATE DATABASE openapi TEMPLATE {template}")
        finally:
            await owner.close()

    asyncio.run(make())
    with Service(server.dsn(db.APP_ROLE, "openapi"), folder / "openapi") as running:
        yield running


@schema.parametrize()
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
def test_no_input_makes_the_service_fail(case: schemathesis.Case, service: Service) -> None:
    """Asked by whoever may do it: the first role that is not forbidden is remembered for the operation."""
    for role in service.roles_for(case.operation.label):
        answer = case.call(base_url=service.url, headers={"authorization": f"Bearer {service.tokens[role]}"})
        assert answer.status_code < 500, f"{role}: {case.method} {answer.request.url}: {answer.text[:2000]}"
        if answer.status_code >= 400:
            assert answer.headers["content-type"][0].startswith("application/problem+json")
        if answer.status_code != 403:
            service.may[case.operation.label] = role
            break
