"""Nobody keeps others from the database: with one connection for all, whoever is slow holds none."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from litestar import Litestar

from channel import door
from channel.access.rules import OPERATOR, Person, Role
from channel.access.service import add_person, one_at_a_time, signing
from channel.database import db, presence
from channel.database.embedded import EmbeddedPostgres
from channel.errors import TooMany, Unavailable
from channel.web.bodies import LONGEST_BODY
from tests.make.access import acting, adding, make_person, make_session, make_token

GOOD = "correct horse battery"


@pytest.fixture
async def one_connection(server: EmbeddedPostgres, database: str) -> None:
    await db.close_pool()
    await db.open_pool(server.dsn(db.APP_ROLE, database), size=1)


class Slow:
    """One request by hand: its body comes and its answer is read when the test says so."""

    def __init__(self, app: Litestar, method: str, path: str, **headers: str) -> None:
        self.sending, self.reading = asyncio.Event(), asyncio.Event()
        self.asked, self.answering = asyncio.Event(), asyncio.Event()
        self.body = b""
        self.status = 0
        self.answer = b""
        path, _, query = path.partition("?")
        scope: Any = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": query.encode(),
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.9", 1), "server": ("channel.test", 80), "scheme": "http", "root_path": "",
            "http_version": "1.1", "asgi": {"version": "3.0"}, "state": {},
        }  # fmt: skip
        self.task = asyncio.create_task(app(scope, self._receive, self._send))

    async def _receive(self) -> Any:  # noqa: ANN401 - ASGI
        self.asked.set()
        await self.sending.wait()
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def _send(self, message: Any) -> None:  # noqa: ANN401 - ASGI
        self.answering.set()
        await self.reading.wait()
        self.status = message.get("status", self.status)
        self.answer += message.get("body", b"")


@asynccontextmanager
async def asking(app: Litestar, person: Person, known: str = "") -> AsyncIterator[httpx.AsyncClient]:
    known = known or f"Bearer {await make_token(person)}"
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://channel.test") as client:
        client.headers["authorization"] = known
        yield client


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", "/sign-in", FORM),
        ("POST", "/preferences", FORM),
        ("POST", "/api/v1/sign-in", "application/json"),
        ("PATCH", "/api/v1/me", "application/json"),
        ("POST", "/credit/runs", FORM),
        ("POST", "/imports/upload", "multipart/form-data; boundary=x"),
        ("POST", "/api/v1/imports?kind=dealers", "text/csv"),
        ("POST", "/api/v1/imports", "multipart/form-data; boundary=x"),
        ("POST", "/api/v1/uploads?file_name=f", "text/csv"),
    ],
)
async def test_a_slow_sender_holds_no_connection(
    app: Litestar, one_connection: None, method: str, path: str, kind: str
) -> None:
    person = await make_person(Role.MANAGER)
    known = {"authorization": f"Bearer {await make_token(person)}"}
    cookie = {"cookie": f"channel_session={await make_session(person)}"}
    mine = known if path.startswith("/api/") else cookie
    slow = Slow(app, method, path, content_type=kind, content_length="500", **mine)
    await asyncio.wait_for(slow.asked.wait(), 10)
    async with asking(app, person, known["authorization"]) as other:
        answered = (await other.get("/api/v1/me")).status_code
    slow.sending.set()
    slow.reading.set()
    await slow.task
    assert answered == 200
    assert 200 <= slow.status < 500


async def test_a_slow_reader_holds_no_connection(app: Litestar, one_connection: None) -> None:
    person = await make_person(Role.AUDITOR)
    token = await make_token(person)
    for path in ("/api/v1/me", "/audit", "/api/v1/audit/export", "/people"):
        slow = Slow(app, "GET", path, authorization=f"Bearer {token}")
        await asyncio.wait_for(slow.answering.wait(), 10)
        async with asking(app, person, f"Bearer {token}") as other:
            answered = (await other.get("/api/v1/me")).status_code
        slow.reading.set()
        await slow.task
        assert answered == 200
        assert slow.status in {200, 403}


async def test_a_password_that_is_hashed_holds_no_connection(
    app: Litestar, one_connection: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await make_person(Role.AUDITOR)
    begun, go_on, compare = threading.Event(), threading.Event(), signing._compare

    def slowly(stored: str | None, password: str) -> tuple[bool, bool]:
        begun.set()
        go_on.wait(30)
        return compare(stored, password)

    monkeypatch.setattr(signing, "_compare", slowly)
    async with asking(app, person) as other:
        wish = {"login": "nobody", "password": "wrong words"}
        wrong = asyncio.create_task(other.post("/api/v1/sign-in", json=wish))
        assert await asyncio.to_thread(begun.wait, 10)
        try:
            assert (await other.get("/api/v1/me")).status_code == 200
        finally:
            go_on.set()
        assert (await wrong).status_code == 401


async def test_a_right_password_still_lets_in_with_one_connection(app: Litestar, one_connection: None) -> None:
    async with acting(OPERATOR):
        await add_person(OPERATOR, adding("li.wei", Role.FINANCE, password=GOOD))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://channel.test") as client:
        answers = await asyncio.gather(
            *(client.post("/api/v1/sign-in", json={"login": "li.wei", "password": GOOD}) for _ in range(3))
        )
    assert [each.status_code for each in answers] == [201] * 3


async def test_who_finds_no_connection_in_time_is_told_when_to_come_again(
    app: Litestar, one_connection: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    person = await make_person(Role.AUDITOR)
    monkeypatch.setattr(door, "PATIENCE", db.Patience(connection=0.05))
    taken, enough = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with acting(person):
            taken.set()
            await enough.wait()

    async with asking(app, person) as client:
        holding = asyncio.create_task(hold())
        await taken.wait()
        answer, page = await client.get("/api/v1/me"), await client.get("/account")
        enough.set()
        await holding
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert (page.status_code, page.headers["retry-after"]) == (503, "5")
        assert answer.headers["content-type"] == "application/problem+json"
        # Others use it: that is no database that went away, and no fault.
        assert answer.json()["title"] == "The service is busy. Please try again in a moment."
        assert "The service is busy" in page.text
        assert not [each for each in caplog.records if each.levelno >= logging.WARNING]
        assert (await client.get("/api/v1/me")).status_code == 200


async def test_no_connection_in_time_is_told_from_a_database_that_is_lost(one_connection: None) -> None:
    taken, enough = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with db.held():
            taken.set()
            await enough.wait()

    async def ask() -> None:
        async with db.held(patience=db.Patience(connection=0.01)):
            pass

    holding = asyncio.create_task(hold())
    await taken.wait()
    try:
        with pytest.raises(Unavailable) as refused:
            await ask()
    finally:
        enough.set()
        await holding
    assert not presence.is_lost(refused.value)


async def test_a_statement_of_a_request_has_an_end(
    app: Litestar, one_connection: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await make_person(Role.AUDITOR)
    monkeypatch.setattr(door, "PATIENCE", db.Patience(connection=10, statement=0.05))

    async def forever() -> None:
        await db.fetchval("SELECT pg_sleep(60)")

    async with asking(app, person) as client:
        monkeypatch.setattr("channel.access.service.door.queries.record_token_use", lambda *_: forever())
        answer = await client.get("/api/v1/me")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")


async def test_statements_of_heavy_acts_and_of_the_next_request_take_their_time(one_connection: None) -> None:
    async with db.held(patience=db.Patience(statement=30)):
        assert await db.fetchval("SHOW statement_timeout") == "30s"
        async with db.let_go():
            pass
        assert await db.fetchval("SHOW statement_timeout") == "30s"
        await db.take_time()
        assert await db.fetchval("SHOW statement_timeout") == "0"
    async with db.held():
        assert await db.fetchval("SHOW statement_timeout") == "0", "a limit does not reach who comes next"


async def test_of_heavy_acts_a_person_has_one_at_a_time(app: Litestar, one_connection: None) -> None:
    person, other = await make_person(Role.AUDITOR), await make_person(Role.AUDITOR)
    slow = Slow(app, "GET", "/api/v1/audit/export", authorization=f"Bearer {await make_token(person)}")
    await asyncio.wait_for(slow.answering.wait(), 10)
    async with asking(app, person) as client, asking(app, other) as another:
        again = await client.get("/audit/export")
        assert again.status_code == 429
        assert "under way" in again.text
        assert (await client.get("/api/v1/audit")).status_code == 200
        assert (await another.get("/api/v1/audit/export")).status_code == 200
        slow.reading.set()
        await slow.task
        assert (await client.get("/api/v1/audit/export")).status_code == 200


async def test_an_assessment_of_all_is_one_of_them(app: Litestar, one_connection: None) -> None:
    person = await make_person(Role.FINANCE)
    async with asking(app, person) as client:
        with one_at_a_time(person):
            answer = await client.post("/api/v1/credit/assess", json={})
            assert answer.status_code == 429
            assert (await client.post("/api/v1/credit/assess", json={"dealer": "D-1"})).status_code == 404
        with one_at_a_time(person), pytest.raises(TooMany), one_at_a_time(person):
            pass


@pytest.mark.parametrize("path", ["/api/v1/imports?kind=dealers", "/api/v1/uploads?file_name=f", "/imports/upload"])
async def test_a_file_is_read_from_those_alone_who_may_load_it(app: Litestar, one_connection: None, path: str) -> None:
    auditor = await make_person(Role.AUDITOR)
    known = {"authorization": f"Bearer {await make_token(auditor)}"}
    if not path.startswith("/api/"):
        known = {"cookie": f"channel_session={await make_session(auditor)}"}
    slow = Slow(app, "POST", path, content_type="multipart/form-data; boundary=x", content_length="500", **known)
    slow.reading.set()
    await asyncio.wait_for(slow.task, 10)
    assert slow.status == 403
    assert not slow.asked.is_set(), "not a byte of it was asked for"


async def test_a_form_and_a_document_have_an_end(app: Litestar, one_connection: None) -> None:
    async with asking(app, await make_person(Role.MANAGER)) as client:
        long = "x" * LONGEST_BODY
        assert (await client.patch("/api/v1/me", json={"locale": long})).status_code == 413
        assert (await client.post("/preferences", data={"language": long})).status_code == 413
        assert (await client.patch("/api/v1/me", json={"locale": "zh"})).status_code == 200
