"""The API does what its description says: schemathesis walks it, every role asks, and no answer differs from it."""

import asyncio
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import asyncpg
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from litestar.serialization import decode_json, encode_json
from schemathesis import checks
from schemathesis.core.transport import Response
from schemathesis.generation import GenerationMode
from schemathesis.generation.meta import TestPhase
from schemathesis.specs.openapi import checks as openapi_checks

from channel.access.rules import Person, Role
from channel.app import create_app
from channel.database import db
from channel.database.embedded import OWNER, EmbeddedPostgres
from channel.settings import Settings
from tests.make.access import make_token
from tests.make.links import linked
from tests.make.world import make_full_world

EXAMPLES = int(os.environ.get("CHANNEL_OPENAPI_EXAMPLES", "2"))
"""Requests of each operation, each asked by every role; a role walks twice as often from answer to answer."""
STEPS = 10
"""Requests of a walk."""
NO_DIFFERENCE = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
]
ROLES = [Role.MANAGER, Role.FINANCE, Role.REGIONAL, Role.AUDITOR, Role.ADMINISTRATOR]
ASKS_PASSWORD = {"POST /api/v1/sign-in", "POST /api/v1/me/password"}
THERE = {
    "code": "D-1",
    "dealer": "D-1",
    "customer": "C-1",
    "login": "regional-2",
    "currency": "USD",
    "kind": "sell-in",
    **dict.fromkeys(("load_id", "contact_id", "grant_id", "version", "run", "assessment", "proposal"), 1),
}
"""What is there under the names by which an address asks for it; the requests that try out each name draw others."""
# As it is served: through JSON, so that nothing of Python is left in it.
DOCUMENT = decode_json(
    encode_json(create_app(Settings(data_dir=Path(), given_secret="x" * 32), dsn="").openapi_schema.to_schema())
)
schema = schemathesis.openapi.from_dict(DOCUMENT)
ways = schemathesis.openapi.from_dict(linked(DOCUMENT))
ways.config.generation.update(modes=[GenerationMode.POSITIVE])
walked = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
    deadline=None,
)


class Service:
    """The service on a free port, in a thread with a loop of its own."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.answered: dict[str, Role] = {}
        self._people: dict[Role, Person] = {}
        self._tokens: dict[Role, str] = {}
        self._dsn = dsn
        self._ready = threading.Event()
        self._server = uvicorn.Server(
            uvicorn.Config(
                create_app(Settings(data_dir=folder, pool_size=2), dsn=dsn), log_level="error", lifespan="on"
            )
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._work()))

    def ask(self, case: schemathesis.Case, role: Role) -> Response:
        """The answer to somebody of this role, whom what was asked before may have signed out or shut out."""
        answer = case.call(base_url=self.url, headers=self._signed(role))
        # Some requests try out what comes of no token, or of one that is none.
        if answer.status_code == 401 and self._signed(role).items() <= dict(answer.request.headers).items():
            asyncio.run_coroutine_threadsafe(self._let_in(role), self._loop).result(60)
            answer = case.call(base_url=self.url, headers=self._signed(role))
            # Who is never let in compares nothing. A wrong password is refused in the same way.
            assert answer.status_code != 401 or case.operation.label in ASKS_PASSWORD, f"{role}: {answer.text}"
        if answer.status_code < 300:
            self.answered[case.operation.label] = role
        return answer

    def roles_for(self, case: schemathesis.Case) -> list[Role]:
        """All roles; the many requests that try out each parameter are asked by one who was answered already."""
        known = self.answered.get(case.operation.label)
        tries_out = case.meta is not None and case.meta.phase.name is TestPhase.COVERAGE
        return [known] if known and tries_out else ROLES

    def _signed(self, role: Role) -> dict[str, str]:
        return {"authorization": f"Bearer {self._tokens[role]}"}

    async def _let_in(self, role: Role) -> None:
        person = self._people[role]
        async with db.held(db.EVERYTHING), db.transaction():
            await db.execute("UPDATE person SET active = true, role = $2 WHERE id = $1", person.person_id, role.value)
        self._tokens[role] = await make_token(person)

    async def _work(self) -> None:
        await db.open_pool(self._dsn, size=2)
        self._people = (await make_full_world()).people
        self._tokens = {role: await make_token(person) for role, person in self._people.items()}
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
        self._loop.close()


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
@walked
def test_no_answer_differs_from_the_description(case: schemathesis.Case, service: Service) -> None:
    if case.meta is None or case.meta.phase.name is not TestPhase.COVERAGE:
        for asked in (case.path_parameters, case.query):
            asked.update({name: THERE[name] for name in asked if name in THERE})
    for role in service.roles_for(case):
        case.validate_response(service.ask(case, role), checks=NO_DIFFERENCE)


@pytest.mark.parametrize("role", ROLES)
def test_no_answer_differs_on_a_walk_from_answer_to_answer(role: Role, service: Service) -> None:
    """What one answer names, the next request asks for: ids, codes and cursors that are really there."""

    class Walk(ways.as_state_machine()):  # type: ignore[misc] # it is made of the document
        def call(self, case: schemathesis.Case, **_: Any) -> Response:  # noqa: ANN401 - schemathesis' own
            return service.ask(case, role)

        def validate_response(self, response: Response, case: schemathesis.Case, **_: Any) -> None:  # noqa: ANN401
            case.validate_response(response, checks=NO_DIFFERENCE)

    run_state_machine_as_test(Walk, settings=settings(walked, max_examples=2 * EXAMPLES))
