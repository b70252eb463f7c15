"""What is said is true: after a fault people and programs are told what stands, and it does."""

import logging
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx
import pytest
from litestar import Litestar, post
from litestar.di import NamedDependency

from channel.access import service as access
from channel.access.rules import Person, Role
from channel.access.trail_words import subject_words
from channel.app import create_app
from channel.consent import service as consent
from channel.credit.queries.proposals import Queue
from channel.credit.service import decisions, run_proposals
from channel.credit.service.limits import proposals
from channel.database import db
from channel.database.embedded import OWNER, EmbeddedPostgres
from channel.settings import Settings
from tests.make.access import acting, make_person, make_session, make_token
from tests.make.limits import AS_OF, Desk, assess, make_dealer_selling, make_desk, on_day

Api = Callable[[Person], Any]


async def _act(person: Person, name: str) -> None:
    async with db.transaction():
        await access.audit(person, "keep rate", f"rate {name}")


@post("/api/v1/before")
async def fail_before(person: NamedDependency[Person]) -> None:
    raise ZeroDivisionError


@post("/api/v1/inside")
async def fail_inside(person: NamedDependency[Person]) -> None:
    async with db.transaction():
        await access.audit(person, "keep rate", "rate EUR")
        raise ZeroDivisionError


@post("/api/v1/after")
async def fail_after(person: NamedDependency[Person]) -> None:
    await _act(person, "EUR")
    raise ZeroDivisionError


@post("/api/v1/between")
async def fail_between(person: NamedDependency[Person]) -> None:
    await _act(person, "EUR")
    await _act(person, "CNY")
    async with db.transaction():
        await access.audit(person, "keep rate", "rate JPY")
        raise ZeroDivisionError


@post(["/api/v1/kept", "/kept"])
async def fail_after_it_was_kept(person: NamedDependency[Person]) -> None:
    await _act(person, "EUR")
    await _act(person, "CNY")
    async with db.let_go():
        pass
    await _act(person, "JPY")
    raise ZeroDivisionError


@post("/api/v1/answer")
async def fail_in_the_answer(person: NamedDependency[Person]) -> dict[str, object]:
    await _act(person, "EUR")
    return {"it": object()}


@post("/api/v1/cut")
async def fail_before_the_commit(person: NamedDependency[Person]) -> None:
    async with db.transaction():
        await access.audit(person, "keep rate", "rate EUR")
        db.connection().terminate()


@post("/api/v1/only-read")
async def fail_after_reading(person: NamedDependency[Person]) -> None:
    async with db.transaction(reading=True):
        await db.fetchval("SELECT 1")
    raise ZeroDivisionError


FAILING = (
    fail_before, fail_inside, fail_after, fail_between, fail_after_it_was_kept, fail_in_the_answer,
    fail_before_the_commit, fail_after_reading,
)  # fmt: skip


@pytest.fixture
def failing(settings: Settings, database: str, caplog: pytest.LogCaptureFixture) -> Litestar:
    """The service with some acts more, each of which fails in another place."""
    caplog.set_level(logging.CRITICAL, "channel.web.problems")
    app = create_app(settings, dsn="")
    for handler in FAILING:
        app.register(handler)
    return app


@asynccontextmanager
async def _client(app: Litestar, person: Person) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"authorization": f"Bearer {await make_token(person)}"}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://channel.test", headers=headers) as client:
        yield client


async def _rates() -> list[str]:
    """What the trail says was done."""
    async with acting(await make_person(Role.AUDITOR)):
        return [row["subject"] for row in await db.fetch("SELECT subject FROM audit_general ORDER BY id")]


NOTHING = "Something went wrong on our side. It has been noted; nothing was changed."


@pytest.mark.parametrize(
    ("path", "done", "title"),
    [
        ("before", [], NOTHING),
        ("inside", [], NOTHING),
        ("only-read", [], NOTHING),
        ("after", [], NOTHING),
        ("between", [], NOTHING),
        ("answer", [], NOTHING),
        ("kept", ["rate EUR", "rate CNY"], "and it stands"),
    ],
)
async def test_what_a_fault_says_is_what_the_trail_says(
    failing: Litestar, path: str, done: list[str], title: str
) -> None:
    async with _client(failing, await make_person(Role.ADMINISTRATOR)) as client:
        answer = await client.post(f"/api/v1/{path}")
    problem = answer.json()
    assert answer.status_code == 500
    assert title in problem["title"]
    assert [each["field"] for each in problem["errors"]] == ["done"] * len(done)
    assert [each["reason"] for each in problem["errors"]] == [
        f"Exchange rate recorded: {subject_words('keep rate', each).words}" for each in done
    ]
    assert await _rates() == done


async def test_where_the_connection_was_lost_before_the_commit_it_is_to_be_tried_again(failing: Litestar) -> None:
    async with _client(failing, await make_person(Role.ADMINISTRATOR)) as client:
        answer = await client.post("/api/v1/cut")
    assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (503, True)
    assert await _rates() == []


async def test_a_page_says_it_too_in_the_reader_s_language(failing: Litestar) -> None:
    person = await make_person(Role.ADMINISTRATOR)
    transport = httpx.ASGITransport(app=failing)
    cookies = {"channel_session": await make_session(person), "language": "zh"}
    async with httpx.AsyncClient(transport=transport, base_url="http://channel.test", cookies=cookies) as browser:
        token = re.search(r'name="_csrf_token" value="([^"]+)"', (await browser.get("/account")).text)
        assert token is not None
        answer = await browser.post("/kept", data={"_csrf_token": token[1]})
    assert answer.status_code == 500
    assert "没有任何更改" not in answer.text
    assert "已经生效" in answer.text
    assert "EUR" in answer.text


async def _refuse_third(server: EmbeddedPostgres, database: str, table: str) -> None:
    """From the third dealer's row on the database refuses what is written into a table."""
    owner = await asyncpg.connect(server.dsn(OWNER, database))
    await owner.execute(
        "CREATE FUNCTION refused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        "  IF (SELECT code FROM dealer WHERE id = NEW.dealer_id) = 'D-3' THEN RAISE EXCEPTION 'no more'; END IF;"
        "  RETURN NEW; END $$;"
        f"CREATE TRIGGER refuse BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refused();"
    )
    await owner.close()


async def _assessed(monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk with four dealers, of whom two are decided at a time."""
    monkeypatch.setattr(consent, "_BATCH", 2)
    monkeypatch.setattr(run_proposals, "_BATCH", 2)
    desk = await make_desk()
    for n in range(1, 5):
        await make_dealer_selling(desk, f"D-{n}", 60_000 + n)
    return desk


@on_day(AS_OF)
async def test_an_approval_of_a_run_that_fails_in_the_middle_has_approved_none(
    server: EmbeddedPostgres, database: str, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await _assessed(monkeypatch)
    async with acting(desk.manager):
        run = await assess(desk.manager, propose=True)
    async with acting(desk.finance):
        bulk = await decisions.bulk_of(desk.finance, run.run_id)
    assert len(bulk.proposals) == 4
    await _refuse_third(server, database, "credit_limit")
    client = await api(desk.finance)
    answer = await client.post(
        f"/api/v1/credit/runs/{run.run_id}/approval", json={"mark": bulk.mark, "reason": "reviewed"}
    )
    assert (answer.status_code, answer.json()["title"]) == (500, NOTHING)
    async with acting(desk.finance):
        assert await db.fetchval("SELECT count(*) FROM credit_limit") == 0
        assert (await decisions.bulk_of(desk.finance, run.run_id)).mark == bulk.mark


@on_day(AS_OF)
async def test_a_run_whose_proposals_fail_in_the_middle_is_told_and_has_proposed_none(
    server: EmbeddedPostgres, database: str, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await _assessed(monkeypatch)
    await _refuse_third(server, database, "limit_proposal")
    answer = await (await api(desk.manager)).post("/api/v1/credit/assess", json={"propose": True})
    problem = answer.json()
    assert answer.status_code == 500
    assert "and it stands" in problem["title"]
    assert [each["reason"].startswith("Limits assessed: ") for each in problem["errors"]] == [True]
    async with acting(desk.finance):
        assert await db.fetchval("SELECT count(*) FROM assessment_run") == 1
        assert (await proposals(desk.finance, Queue())).items == []
