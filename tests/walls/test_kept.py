"""What an act has written is kept when its answer is whole: what fails before that leaves nothing and says so."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias

import asyncpg
import httpx
import pytest
from litestar import Litestar, get, post
from litestar.di import NamedDependency
from litestar.response import Stream
from litestar.response.base import ASGIResponse

from channel.access import service as access
from channel.access.rules import Person, Role
from channel.app import create_app
from channel.credit.service.decisions import bulk_of
from channel.database import db
from channel.database.embedded import OWNER, EmbeddedPostgres
from channel.errors import Conflict, m
from channel.settings import Settings
from tests.make.access import acting, make_person, make_session, make_token
from tests.make.limits import AS_OF, Desk, assess, make_dealer_selling, make_desk, on_day
from tests.make.whole import Owner, everything

Trail: TypeAlias = "Callable[[str], Awaitable[tuple[httpx.Response, list[str]]]]"
DOORS = ("api_token", "session")
"""The tables of what the tests themselves come in by."""
NOTHING = "Something went wrong on our side. It has been noted; nothing was changed."


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "channel.web.problems")


@pytest.fixture
async def owner(server: EmbeddedPostgres, database: str) -> AsyncIterator[Owner]:
    connection = await asyncpg.connect(server.dsn(OWNER, database))
    yield connection
    await connection.close()


async def _proposed() -> Desk:
    """A desk with a run of two proposals."""
    found = await make_desk()
    for n in (1, 2):
        await make_dealer_selling(found, f"D-{n}", 60_000 + n)
    async with acting(found.manager):
        await assess(found.manager, propose=True)
    return found


DEALER = {"code": "N-1", "name": "New", "type": "terminal", "territory": "East", "currency": "USD", "terms_days": 30}
PERSON = {"login": "wang.fang", "name": "王芳", "role": "finance", "locale": "zh"}
NODE = {"code": "S", "name": "South", "level": "region"}
# Who does it, and over which face; {proposal}, {run} and {mark} are those of the desk.
ACTS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "approval": ("finance", "/api/v1/credit/proposals/{proposal}/approve", "", {"reason": "sound"}),
    "approval by page": ("finance", "/credit/proposals/{proposal}/approve", "/credit", {"reason": "sound"}),
    "bulk approval": ("finance", "/api/v1/credit/runs/{run}/approval", "", {"mark": "{mark}", "reason": "sound"}),
    "bulk approval by page": ("finance", "/credit/runs/{run}/approval", "/credit", {"mark": "{mark}", "reason": "x"}),
    "dealer": ("manager", "/api/v1/dealers", "", DEALER),
    "dealer by page": ("manager", "/dealers/new", "/dealers/new", DEALER | {"status": "active"}),
    "contact": ("manager", "/api/v1/dealers/D-1/contacts", "", {"name": "Lin"}),
    "contact by page": ("manager", "/dealers/D-1/contacts/0", "/dealers/D-1/contacts/0", {"name": "Lin"}),
    "territory": ("manager", "/api/v1/territories", "", NODE),
    "territory by page": ("manager", "/territories", "/territories", NODE | {"parent": ""}),
    "person": ("administrator", "/api/v1/people", "", PERSON),
    "person by page": ("administrator", "/add-person", "/people", PERSON),
}


async def _done(app: Litestar, desk: Desk, name: str) -> httpx.Response:
    """Carry out one of the acts, over the API or as a browser sends its form."""
    who, path, form_at, fields = ACTS[name]
    person = await make_person(Role.ADMINISTRATOR) if who == "administrator" else getattr(desk, who)
    async with acting(desk.finance):
        known = {
            "proposal": await db.fetchval("SELECT min(id) FROM limit_proposal"),
            "run": (run := await db.fetchval("SELECT max(id) FROM assessment_run")),
            "mark": (await bulk_of(desk.finance, run)).mark,
        }
    sent = {key: value.format(**known) if isinstance(value, str) else value for key, value in fields.items()}
    path, transport = path.format(**known), httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://channel.test") as client:
        if not form_at:
            headers = {"authorization": f"Bearer {await make_token(person)}"}
            return await client.post(path, json=sent, headers=headers)
        client.cookies.set("channel_session", await make_session(person))
        token = re.search(r'name="_csrf_token" value="([^"]+)"', (await client.get(form_at)).text)
        assert token is not None
        return await client.post(path, data={"_csrf_token": token[1], **sent})


@on_day(AS_OF)
@pytest.mark.parametrize("name", ACTS)
async def test_an_answer_that_fails_while_it_is_made_leaves_nothing_changed(
    app: Litestar, owner: Owner, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await _proposed()
    before, made = await everything(owner, DOORS), ASGIResponse.__call__

    async def fail(self: ASGIResponse, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        if scope["method"] == "POST" and self.status_code < 400:
            raise ZeroDivisionError
        await made(self, scope, receive, send)

    with monkeypatch.context() as failing:
        failing.setattr(ASGIResponse, "__call__", fail)
        answer = await _done(app, desk, name)
    assert (answer.status_code, "nothing was changed" in answer.text) == (500, True)
    after = await everything(owner, DOORS)
    if "person" not in name:
        assert after == before
    else:
        # The administrator is made by the test.
        assert {each for each in after if after[each] != before[each]} == {"person"}
        assert not await owner.fetchval("SELECT count(*) FROM person WHERE login = 'wang.fang'")
    answer = await _done(app, desk, name)
    assert answer.status_code < 400, answer.text
    assert await everything(owner, DOORS) != after


@on_day(AS_OF)
@pytest.mark.parametrize("name", ["approval", "approval by page", "dealer", "dealer by page"])
async def test_what_the_database_refuses_at_the_end_is_not_answered_as_done(
    app: Litestar, owner: Owner, name: str
) -> None:
    desk = await _proposed()
    await owner.execute(
        "CREATE FUNCTION refused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;"
        "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON posting DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION refused()"
    )
    before = await everything(owner, DOORS)
    answer = await _done(app, desk, name)
    assert (answer.status_code, "nothing was changed" in answer.text) == (500, True)
    assert await everything(owner, DOORS) == before
    await owner.execute("DROP FUNCTION refused() CASCADE")
    assert (await _done(app, desk, name)).status_code < 400


async def _audit(person: Person, subject: str) -> None:
    async with db.transaction():
        posting_id = await access.open_posting(person, "keep rate")
        await access.audit(person, "keep rate", f"rate {subject}", posting_id=posting_id)


_set_off: list[str] = []


@post("/api/v1/act-and-look")
async def act_and_look(person: NamedDependency[Person]) -> list[bool]:
    await _audit(person, "EUR")
    async with db.transaction():
        await _audit(person, "CNY")
    db.after_commit(lambda: _set_off.append("set off"))
    stamped = "SELECT bool_and(recorded_at IS NOT NULL) FROM posting"
    return [await db.fetchval(stamped), _set_off == []]


@post("/api/v1/act-and-refuse")
async def act_and_refuse(person: NamedDependency[Person]) -> None:
    await _audit(person, "EUR")
    async with db.transaction():
        await _audit(person, "CNY")
        raise Conflict(m("The period is closed."))


@post("/api/v1/act-and-fail")
async def act_and_fail(person: NamedDependency[Person]) -> None:
    await _audit(person, "EUR")
    db.after_commit(lambda: _set_off.append("set off"))
    raise ZeroDivisionError


@post("/api/v1/act-and-ask-wrongly")
async def act_and_ask_wrongly(person: NamedDependency[Person]) -> None:
    await _audit(person, "EUR")
    try:
        await db.fetchval("SELECT 1 / 0")
    except asyncpg.DivisionByZeroError:
        return


@post("/api/v1/act-and-view")
async def act_and_view(person: NamedDependency[Person]) -> int:
    await _audit(person, "EUR")
    async with db.known() as moment:
        return await db.fetchval("SELECT count(*) FROM posting WHERE recorded_at <= $1 AND act = 'keep rate'", moment)


@post("/api/v1/act-and-lose")
async def act_and_lose(person: NamedDependency[Person]) -> None:
    await _audit(person, "EUR")
    db.connection().terminate()


@get("/api/v1/half")
async def half() -> Stream:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"half of it"
        raise ZeroDivisionError

    return Stream(pieces())


OWN = (act_and_look, act_and_refuse, act_and_fail, act_and_ask_wrongly, act_and_view, act_and_lose, half)


@pytest.fixture
async def asked(settings: Settings, database: str) -> AsyncIterator[Trail]:
    """Asks for one of the acts above; the answer and what the trail says afterwards."""
    own = create_app(settings, dsn="")
    for handler in OWN:
        own.register(handler)
    _set_off.clear()
    headers = {"authorization": f"Bearer {await make_token(await make_person(Role.ADMINISTRATOR))}"}
    transport = httpx.ASGITransport(app=own)
    async with httpx.AsyncClient(transport=transport, base_url="http://channel.test", headers=headers) as client:

        async def ask(name: str) -> tuple[httpx.Response, list[str]]:
            answer = await (client.get if name == "half" else client.post)(f"/api/v1/{name}")
            async with acting(await make_person(Role.AUDITOR)):
                rows = await db.fetch("SELECT subject FROM audit_general ORDER BY id")
            return answer, [row["subject"] for row in rows]

        yield ask


async def test_what_is_read_after_an_act_sees_its_stamp_and_what_it_sets_off_comes_after_it(asked: Trail) -> None:
    answer, trail = await asked("act-and-look")
    assert (answer.status_code, answer.json()) == (201, [True, True])
    assert trail == ["rate EUR", "rate CNY"]
    assert _set_off == ["set off"]


async def test_a_refusal_keeps_what_ended_well_before_it(asked: Trail) -> None:
    answer, trail = await asked("act-and-refuse")
    assert (answer.status_code, trail) == (409, ["rate EUR"])


async def test_what_is_not_kept_sets_nothing_off(asked: Trail) -> None:
    answer, trail = await asked("act-and-fail")
    assert (answer.status_code, answer.json()["title"], trail, _set_off) == (500, NOTHING, [], [])


async def test_a_statement_that_failed_after_an_act_is_not_answered_as_done(asked: Trail) -> None:
    answer, trail = await asked("act-and-ask-wrongly")
    assert (answer.status_code, answer.json()["title"], trail) == (500, NOTHING, [])


async def test_a_view_after_an_act_in_one_request_sees_it(asked: Trail) -> None:
    answer, trail = await asked("act-and-view")
    assert (answer.status_code, answer.json(), trail) == (201, 1, ["rate EUR"])


async def test_a_connection_that_is_lost_before_the_commit_is_not_answered_as_done(asked: Trail) -> None:
    answer, trail = await asked("act-and-lose")
    assert (answer.status_code, "retry-after" in answer.headers, trail) == (503, True, [])


async def test_an_answer_that_breaks_off_is_told_as_a_fault_and_never_half(asked: Trail) -> None:
    answer, _ = await asked("half")
    assert (answer.status_code, answer.json()["title"]) == (500, NOTHING)
    assert "half of it" not in answer.text


async def test_acts_and_views_at_once_do_not_wait_for_each_other_for_ever(asked: Trail) -> None:
    """Each holds the posting lock shared when it wants it alone: a deadlock would be answered with 409."""
    answers = await asyncio.gather(*(asked("act-and-view") for _ in range(8)))
    assert {answer.status_code for answer, _ in answers} == {201}


async def test_a_try_for_whose_hashing_there_was_no_room_is_not_counted_as_failed(
    app: Litestar, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_person(Role.FINANCE, login="li.wei")
    monkeypatch.setattr("channel.access.service.hashing._MOST_WAITING", 0)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://channel.test") as client:
        answer = await client.post("/api/v1/sign-in", json={"login": "li.wei", "password": "whatever it is"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    async with db.held(db.EVERYTHING):
        assert await db.fetchval("SELECT count(*) FROM sign_in_failure") == 0
