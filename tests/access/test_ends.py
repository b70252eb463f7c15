"""What ends a token: its person's password, sign-outs, standing and role, and the end of the token that made it."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar

from channel import clock
from channel.access import queries, service
from channel.access.acts import ChangePerson, MakeToken, SetPassword
from channel.access.rules import OPERATOR, Person, Role
from channel.access.service.signing import _identify, hash_password
from channel.access.service.tokens import NewToken
from channel.database import db
from channel.database.embedded import OWNER, EmbeddedPostgres
from channel.errors import Invalid, NotSignedIn
from tests.cli.installed import command
from tests.make.access import acting, adding, make_person, make_session
from tests.make.races import until_waiting

GOOD, BETTER = "correct horse battery", "another long password"
_TOKEN = re.compile(r'name="_csrf_token" value="([^"]+)"')


@pytest.fixture
async def keeper(database: str) -> Person:
    """The administrator, and "wang" with a password, a machine made on the page beside."""
    keeper = await make_person(Role.ADMINISTRATOR, login="keeper")
    async with acting(OPERATOR):
        await service.add_person(OPERATOR, adding("wang", Role.FINANCE, password=GOOD))
    return keeper


async def sign_in() -> NewToken:
    async with acting(OPERATOR):
        return await service.sign_in_for_token("wang", GOOD, name="test", days=30, address="192.0.2.1")


async def speaker(text: str) -> Person | None:
    async with db.held():
        return await service.person_of_token(text)


async def lives(*made: NewToken) -> list[bool]:
    return [await speaker(each.text) is not None for each in made]


def client_of(app: Litestar, **more: Any) -> httpx.AsyncClient:  # noqa: ANN401 - what a client takes
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://channel.test", **more)


def bearing(app: Litestar, text: str) -> httpx.AsyncClient:
    return client_of(app, headers={"authorization": f"Bearer {text}"})


def browsing(app: Litestar, session: str) -> httpx.AsyncClient:
    return client_of(app, cookies={"channel_session": session})


async def send(browser: httpx.AsyncClient, page: str, action: str, **fields: str) -> None:
    found = _TOKEN.search((await browser.get(page)).text)
    assert found is not None
    answer = await browser.post(action, data={"_csrf_token": unescape(found.group(1)), **fields})
    assert answer.status_code in {200, 303}, answer.text


Act = Callable[[Litestar, Person], Awaitable[None]]


async def _reset(_app: Litestar, keeper: Person) -> None:
    async with acting(keeper):
        await service.set_password(keeper, "wang", SetPassword(password=BETTER))


async def _reset_on_page(app: Litestar, keeper: Person) -> None:
    async with browsing(app, await make_session(keeper)) as browser:
        await send(browser, "/people/wang", "/people/wang/password")


async def _signed_out_on_page(app: Litestar, keeper: Person) -> None:
    async with browsing(app, await make_session(keeper)) as browser:
        await send(browser, "/people/wang", "/people/wang/sign-out")


async def _signed_out(_app: Litestar, keeper: Person) -> None:
    async with acting(keeper):
        assert (await service.sign_out_person(keeper, "wang")) == service.SignedOut(0, 2)


async def _changed(change: ChangePerson, keeper: Person) -> None:
    async with acting(keeper):
        await service.change_person(keeper, "wang", change)


async def _deactivated_and_back(_app: Litestar, keeper: Person) -> None:
    for active in (False, True):
        await _changed(ChangePerson(active=active), keeper)


async def _another_role_and_back(_app: Litestar, keeper: Person) -> None:
    for role in (Role.AUDITOR, Role.FINANCE):
        await _changed(ChangePerson(role=role), keeper)


@pytest.mark.parametrize(
    "act",
    [_reset, _reset_on_page, _signed_out, _signed_out_on_page, _deactivated_and_back, _another_role_and_back],
)
async def test_what_is_done_to_a_person_ends_all_tokens(app: Litestar, keeper: Person, act: Act) -> None:
    first, second = await sign_in(), await sign_in()
    await act(app, keeper)
    assert await lives(first, second) == [False, False]


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("/account/password", {"old_password": GOOD, "password": BETTER, "again": BETTER}),
        ("/account/sessions/end", {}),
    ],
)
async def test_what_a_person_does_on_his_page_ends_all_tokens(
    app: Litestar, keeper: Person, action: str, fields: dict[str, str]
) -> None:
    first, second = await sign_in(), await sign_in()
    person = await speaker(first.text)
    assert person is not None
    async with browsing(app, await make_session(person)) as browser:
        await send(browser, "/account", action, **fields)
        assert (await browser.get("/account")).status_code == 200, "where he is he stays"
    assert await lives(first, second) == [False, False]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/v1/me/password", {"old_password": GOOD, "password": BETTER}),
        ("DELETE", "/api/v1/me/sessions", None),
    ],
)
async def test_over_the_api_the_token_that_asks_alone_stays(
    app: Litestar, keeper: Person, method: str, path: str, body: dict[str, str] | None
) -> None:
    here, elsewhere = await sign_in(), await sign_in()
    async with bearing(app, here.text) as client:
        answer = await client.request(method, path, json=body)
        assert answer.status_code in {200, 204}, answer.text
        if answer.status_code == 200:
            assert answer.json() == {"ended": 0, "tokens": 1}
    assert await lives(here, elsewhere) == [True, False]


async def test_a_token_makes_none_that_outlives_it(app: Litestar, keeper: Person) -> None:
    async with acting(keeper):
        own = await service.add_own_token(keeper, MakeToken(name="ten days", days=10))
    async with bearing(app, own.text) as client:
        for wish in ({}, {"machine": True}):
            refused = await client.post("/api/v1/tokens", json={"name": "longer", "days": 11, **wish})
            assert refused.status_code == 422, refused.text
            (error,) = refused.json()["errors"]
            assert error["field"] == "days"
            assert "9 days" in error["expected"]
            made = (await client.post("/api/v1/tokens", json={"name": "as long", **wish})).json()
            assert made["expires_at"] == own.expires_at.isoformat().replace("+00:00", "Z")
            within = (await client.post("/api/v1/tokens", json={"name": "within", "days": 2, **wish})).json()
            assert within["expires_at"] < made["expires_at"]
    async with acting(keeper):
        lasting = await service.add_machine_token(keeper, MakeToken(name="made on the page"))
    assert lasting.expires_at is None


async def test_what_a_token_made_ends_with_it_and_so_on(keeper: Person) -> None:
    async with acting(keeper):
        own = await service.add_own_token(keeper, MakeToken(name="first"))
        beside = await service.add_own_token(keeper, MakeToken(name="beside"))
    made: list[NewToken] = []
    for maker in (own, own):
        person = await speaker(maker.text)
        assert person is not None
        async with acting(person):
            made.append(await service.add_own_token(person, MakeToken(name="second")))
    person = await speaker(made[0].text)
    assert person is not None
    async with acting(person):
        machine = await service.add_machine_token(person, MakeToken(name="third"))
    async with acting(keeper):
        await service.revoke_token(keeper, made[0].id)
    assert await lives(own, *made, machine, beside) == [True, False, True, False, True]
    person = await speaker(own.text)
    assert person is not None
    async with acting(person):
        await service.sign_out(person)
    assert await lives(own, *made, machine, beside) == [False, False, False, False, True]


async def test_a_token_that_is_being_ended_makes_no_other(keeper: Person) -> None:
    """Whoever comes second waits: a token made meanwhile is ended too, or is not made."""
    async with acting(keeper):
        own = await service.add_own_token(keeper, MakeToken(name="first"))
    person = await speaker(own.text)
    assert person is not None
    for first, second in ((_make, _revoke), (_revoke, _make)):
        async with db.alone(db.EVERYTHING):
            async with db.transaction():
                await first(person, keeper)
                task = asyncio.create_task(_apart(second(person, keeper)))
                await until_waiting(task)
            await task
        async with db.held(db.EVERYTHING):
            live = "SELECT count(*) FROM api_token WHERE revoked_at IS NULL AND name <> 'first'"
            assert await db.fetchval(live) == 0
        async with acting(keeper):
            own = await service.add_own_token(keeper, MakeToken(name="first"))
        person = await speaker(own.text)
        assert person is not None


async def _apart(act: Awaitable[None]) -> None:
    async with db.alone(db.EVERYTHING):
        await act


async def _make(person: Person, _keeper: Person) -> None:
    try:
        await service.add_own_token(person, MakeToken(name="child"))
    except NotSignedIn:
        return


async def _revoke(person: Person, keeper: Person) -> None:
    assert person.token_id is not None
    await service.revoke_token(keeper, person.token_id)


async def test_a_password_that_was_changed_meanwhile_lets_nobody_in(keeper: Person) -> None:
    async with acting(OPERATOR):
        person_id, compared = await _identify("wang", GOOD, "192.0.2.1")
        hashed = await hash_password(BETTER)
        async with db.transaction():
            await queries.change_password_hash(person_id, hashed)
            assert not await queries.hold_identified(person_id, compared)
            assert await queries.hold_identified(person_id, hashed)


async def test_the_end_of_its_maker_ends_a_token(keeper: Person) -> None:
    async with acting(keeper):
        own = await service.add_own_token(keeper, MakeToken(name="a day", days=1))
    person = await speaker(own.text)
    assert person is not None
    async with acting(person):
        child = await service.add_own_token(person, MakeToken(name="child"))
        with pytest.raises(Invalid):
            await service.add_own_token(person, MakeToken(name="longer", days=1))
    with clock.fixed(clock.now() + timedelta(days=1)):
        assert await lives(own, child) == [False, False]


async def test_on_the_command_line(server: EmbeddedPostgres, database: str, keeper: Person, tmp_path: Path) -> None:
    here, elsewhere = await sign_in(), await sign_in()
    env = {
        "CHANNEL_DATABASE_URL": server.dsn(db.APP_ROLE, database),
        "CHANNEL_OWNER_DATABASE_URL": server.dsn(OWNER, database),
        "CHANNEL_TOKEN": here.text,
    }

    async def say(*words: str) -> tuple[int, str, str]:
        done = await asyncio.to_thread(command, *words, data=tmp_path, **env)
        return done.returncode, done.stdout.strip(), done.stderr

    code, text, said = await say("token", "add", "script")
    assert (code, "It ends with the token you work with" in said) == (0, True)
    child = await speaker(text)
    assert child is not None
    code, _, said = await say("token", "add", "script", "--days", "60")
    assert (code, "ends sooner" in said) == (1, True)
    code, _, said = await say("account", "end-sessions")
    assert (code, "API tokens: 2" in said or "API tokens: 2" in _) == (0, True), said
    assert await lives(here, elsewhere) == [True, False]
    assert await speaker(text) is None
