"""What an `Idempotency-Key` promises: once, however often, at once, broken off or begun anew; and to nobody else."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeAlias

import asyncpg
import httpx
import pytest
from litestar import Litestar, post
from litestar.di import NamedDependency
from litestar.exceptions import LitestarException

from channel import clock
from channel.access import service as access
from channel.access.acts import MakeToken
from channel.access.rules import Person, Role
from channel.access.service import add_own_token, idempotency
from channel.access.service.signing import forget_old
from channel.app import create_app
from channel.database import db
from channel.database.embedded import OWNER, EmbeddedPostgres
from channel.errors import Conflict, m
from channel.settings import Settings
from tests.make.access import acting, adding, make_person, make_token
from tests.make.world import World, make_world

V1 = "/api/v1"
KEY = "Idempotency-Key"
PASSWORD = "seven brave words"
CONTACTS = f"{V1}/dealers/D-1/contacts"
Api: TypeAlias = Callable[[Person], Awaitable[httpx.AsyncClient]]
Owner: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@pytest.fixture
async def owner(server: EmbeddedPostgres, database: str) -> AsyncIterator[Owner]:
    connection = await asyncpg.connect(server.dsn(OWNER, database))
    yield connection
    await connection.close()


async def _contacts(owner: Owner) -> list[str]:
    rows = await owner.fetch("SELECT name FROM contact ORDER BY id")
    trail = await owner.fetchval("SELECT count(*) FROM audit_dealer WHERE act = 'keep contact'")
    assert trail == len(rows), "each of them stands in the trail"
    return [row["name"] for row in rows]


async def _add(client: httpx.AsyncClient, key: str = "one", name: str = "Lin", **headers: str) -> httpx.Response:
    return await client.post(CONTACTS, json={"name": name}, headers={KEY: key, **headers})


def _refused(answer: httpx.Response) -> tuple[int, str]:
    """The status and the first reason, of a refusal that names the header."""
    (error, *_) = answer.json()["errors"]
    assert error["field"] == KEY
    return answer.status_code, error["reason"]


async def test_the_same_request_at_once_any_number_of_times_is_one(api: Api, owner: Owner, database: str) -> None:
    client = await api((await make_world()).people[Role.MANAGER])
    for n in range(6):
        pauses = random.Random(n)  # noqa: S311 - the same order each time

        async def one(n: int = n, pauses: random.Random = pauses) -> httpx.Response:
            for _ in range(pauses.randrange(40)):
                await asyncio.sleep(0)
            return await _add(client, f"key-{n}", f"Lin {n}")

        answers = await asyncio.gather(*(one() for _ in range(7)))
        done = [each for each in answers if each.status_code == 201]
        waiting = [each for each in answers if each.status_code == 409]
        assert len(done) + len(waiting) == 7
        assert {each.headers["retry-after"] for each in waiting} <= {"1"}
        assert {_refused(each) for each in waiting} <= {(409, "A request under this key is being carried out.")}
        again = await one()
        assert {each.content for each in (*done, again)} == {again.content}
        assert [each.headers.get("idempotent-replayed") for each in done].count(None) == 1
        assert again.headers["idempotent-replayed"] == "true"
    assert await _contacts(owner) == [f"Lin {n}" for n in range(6)]


async def test_another_request_under_the_same_key_is_refused(api: Api, owner: Owner, database: str) -> None:
    client = await api((await make_world()).people[Role.MANAGER])
    assert (await _add(client)).status_code == 201
    for path, body in ((CONTACTS, {"name": "Wu"}), (f"{V1}/dealers/D-2/contacts", {"name": "Lin"})):
        answer = await client.post(path, json=body, headers={KEY: "one"})
        assert _refused(answer) == (409, "This key was used for another request.")
        assert "retry-after" not in answer.headers
    assert await _contacts(owner) == ["Lin"]


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 201, "键", "a\tb", "\x7f", "a\x00"])
async def test_what_can_be_no_key_is_refused_by_the_name_of_its_header(
    api: Api, owner: Owner, database: str, key: str
) -> None:
    client = await api((await make_world()).people[Role.MANAGER])
    raw = [(b"idempotency-key", key.encode()), (b"authorization", client.headers["authorization"].encode())]
    answer = await client.post(CONTACTS, json={"name": "Lin"}, headers=raw)
    assert _refused(answer) == (422, "This can be no key.")
    assert await _contacts(owner) == []


async def test_a_key_is_said_once_and_may_hold_whatever_is_visible(api: Api, owner: Owner, database: str) -> None:
    client = await api((await make_world()).people[Role.MANAGER])
    token = ("authorization", client.headers["authorization"])
    twice = await client.post(CONTACTS, json={"name": "Lin"}, headers=[(KEY, "a"), (KEY, "b"), token])
    assert _refused(twice)[0] == 422
    for key in ("';DROP/**/TABLE/**/contact;--", '"8e03978e-40d5"', "%(x)s{0}", "~" * 200):
        assert (await _add(client, key, key[:20])).status_code == 201
        assert (await _add(client, key, key[:20])).headers["idempotent-replayed"] == "true"
    assert len(await _contacts(owner)) == 4


async def test_a_key_belongs_to_the_token_that_sent_it(api: Api, owner: Owner, database: str) -> None:
    world = await make_world()
    manager = world.people[Role.MANAGER]
    for client in (await api(manager), await api(manager), await api(world.people[Role.FINANCE])):
        answer = await _add(client)
        assert (answer.status_code, "idempotent-replayed" in answer.headers) == (201, False)
    assert await _contacts(owner) == ["Lin"] * 3


async def test_a_refused_request_leaves_its_key_to_the_mended_one(api: Api, owner: Owner, database: str) -> None:
    client = await api((await make_world()).people[Role.MANAGER])
    for wrong in ({"name": ""}, {"name": "Lin", "huh": 1}, [], {"name": "x" * 5000}):
        assert (await client.post(CONTACTS, json=wrong, headers={KEY: "one"})).status_code in {400, 422}
    assert (await client.post(f"{V1}/dealers/NOBODY/contacts", json={"name": "x"}, headers={KEY: "one"})).is_error
    assert (await _add(client)).status_code == 201
    assert (await _add(client)).headers["idempotent-replayed"] == "true"
    assert await _contacts(owner) == ["Lin"]


async def test_a_key_is_forgotten_after_seven_days(api: Api, owner: Owner, database: str) -> None:
    world, now = await make_world(), clock.now()
    client = await api(world.people[Role.MANAGER])
    machine = await _machine_client(client, world)
    count = "SELECT count(*) FROM keyed_request"
    with clock.fixed(now):
        assert (await _add(machine)).status_code == 201
    with clock.fixed(now + timedelta(days=7) - timedelta(seconds=1)):
        assert (await _add(machine)).headers["idempotent-replayed"] == "true"
        async with db.held(db.EVERYTHING):
            await forget_old()
        assert await owner.fetchval(count) == 1
    with clock.fixed(now + timedelta(days=7)):
        assert "idempotent-replayed" not in (await _add(machine)).headers
    assert (await owner.fetchval(count), await _contacts(owner)) == (1, ["Lin", "Lin"])
    with clock.fixed(now + timedelta(days=15)):
        async with db.held(db.EVERYTHING):
            await forget_old()
    assert await owner.fetchval(count) == 0


async def _machine_client(client: httpx.AsyncClient, world: World) -> httpx.AsyncClient:
    """Somebody whose token has no end."""
    administrator = world.people[Role.ADMINISTRATOR]
    async with acting(administrator):
        made = await access.add_machine_token(administrator, MakeToken(name="desk", machine=True))
    return _client(client, made.text)


def _client(client: httpx.AsyncClient, token: str) -> httpx.AsyncClient:
    """The same service with another token."""
    return httpx.AsyncClient(
        transport=client._transport, base_url="http://channel.test", headers={"authorization": f"Bearer {token}"}
    )


async def test_who_may_no_more_does_not_get_the_answer_again(api: Api, owner: Owner, database: str) -> None:
    world = await make_world()
    regional, manager = world.people[Role.REGIONAL], world.people[Role.MANAGER]
    east, city, north = (world.territories[name] for name in ("East", "Harbour City", "North"))
    client = await api(regional)
    async with acting(manager):
        narrow = _client(client, (await add_own_token(manager, MakeToken(name="n", territories=["East"], days=1))).text)
    clients = (client, narrow)
    for each in clients:
        assert (await _add(each)).status_code == 201
        assert (await _add(each)).headers["idempotent-replayed"] == "true"

    async def hidden_from(*clients: httpx.AsyncClient) -> None:
        for each in clients:
            answer = await _add(each)
            assert (answer.status_code, "Lin" in answer.text) == (404, False)

    # The dealer goes to another branch.
    await owner.execute("UPDATE dealer SET territory_id = $1 WHERE code = 'D-1'", north)
    await hidden_from(*clients)
    await owner.execute("UPDATE dealer SET territory_id = $1 WHERE code = 'D-1'", city)
    # The branch goes to other people.
    await owner.execute("UPDATE person_territory SET territory_id = $1 WHERE person_id = $2", north, regional.person_id)
    await hidden_from(client)
    await owner.execute("UPDATE person_territory SET territory_id = $1 WHERE person_id = $2", east, regional.person_id)
    assert (await _add(client)).headers["idempotent-replayed"] == "true"
    # Somebody has another role, or leaves, or his token is revoked: the token is dead.
    await owner.execute("UPDATE person SET role = 'auditor' WHERE id = $1", manager.person_id)
    assert (await _add(narrow)).status_code == 401
    await owner.execute("UPDATE api_token SET revoked_at = now() WHERE person_id = $1", regional.person_id)
    assert (await _add(client)).status_code == 401
    assert await _contacts(owner) == ["Lin", "Lin"]


async def test_beyond_its_bounds_a_key_says_so(
    api: Api, owner: Owner, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await api((await make_world()).people[Role.MANAGER])
    monkeypatch.setattr(access, "LONGEST_ANSWER", 10)
    assert (await _add(client, "long")).status_code == 201
    answer = await _add(client, "long")
    assert _refused(answer) == (
        409, "This was done before under this key. What it answered was too long to be kept.",
    )  # fmt: skip
    assert any(each["field"] == "done" and "D-1" in each["reason"] for each in answer.json()["errors"])
    monkeypatch.setattr(idempotency, "KEYS_OF_A_DAY", 3)
    assert {(await _add(client, f"key-{n}")).status_code for n in range(2)} == {201}
    full = await _add(client, "more")
    assert (full.status_code, 86_000 < int(full.headers["retry-after"]) <= 86_400) == (429, True)
    assert (await _add(client, "key-0")).status_code == 409
    with clock.fixed(clock.now() + timedelta(hours=23)):
        assert (await _add(client, "more")).status_code == 429
    assert (await client.post(CONTACTS, json={"name": "Lin"})).status_code == 201
    assert len(await _contacts(owner)) == 4


# A file: as the body, and in a form, whose bytes differ each time that it is sent.
FILE, OTHER = b"dealer,date,product,quantity,amount\nD-1,2025-01-05,RB-210,2,200.00\n", b"dealer\nD-2\n"
Send: TypeAlias = Callable[[httpx.AsyncClient, bytes, str], Awaitable[httpx.Response]]


async def _as_body(client: httpx.AsyncClient, content: bytes, name: str = "a.csv") -> httpx.Response:
    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(content), 7):
            yield content[at : at + 7]

    query = {"kind": "sell-in", "dry_run": "true", "file_name": name}
    return await client.post(f"{V1}/imports", params=query, content=pieces(), headers={KEY: "one"})


async def _in_form(client: httpx.AsyncClient, content: bytes, name: str = "a.csv") -> httpx.Response:
    fields = {"kind": "sell-in", "dry_run": "true"}
    return await client.post(f"{V1}/imports", data=fields, files={"file": (name, content)}, headers={KEY: "one"})


@pytest.mark.parametrize("send", [_as_body, _in_form])
async def test_a_file_that_is_sent_again_is_taken_once(api: Api, owner: Owner, database: str, send: Send) -> None:
    client = await api((await make_world()).people[Role.MANAGER])
    first = await send(client, FILE, "a.csv")
    assert first.status_code == 202
    again = await send(client, FILE, "a.csv")
    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
    for content, name in ((OTHER, "a.csv"), (FILE[:-1], "a.csv"), (FILE + b"\n", "a.csv"), (FILE, "b.csv")):
        assert _refused(await send(client, content, name)) == (409, "This key was used for another request.")
    assert (
        await owner.fetchval("SELECT count(*) FROM upload"),
        await owner.fetchval("SELECT count(*) FROM import_load"),
    ) == (1, 1)


async def test_of_one_file_sent_at_once_one_is_taken(api: Api, owner: Owner, database: str) -> None:
    """While a body comes in, nobody holds the key: what is kept first counts."""
    client = await api((await make_world()).people[Role.MANAGER])
    answers = await asyncio.gather(*(_as_body(client, FILE) for _ in range(4)))
    assert {each.status_code for each in answers} <= {202, 409}
    assert len({each.content for each in answers if each.status_code == 202}) == 1
    assert {each.headers.get("retry-after", each.text) for each in answers if each.status_code == 409} <= {"1"}
    assert await owner.fetchval("SELECT count(*) FROM import_load") == 1


async def _audit(person: Person, subject: str) -> None:
    async with db.transaction():
        await access.audit(person, "keep rate", f"rate {subject}")


_told: list[str] = []
_go_on = asyncio.Event()
_at_work = asyncio.Event()


@post("/api/v1/act-and-wait")
async def act_and_wait(person: NamedDependency[Person]) -> str:
    await _audit(person, "EUR")
    _at_work.set()
    await _go_on.wait()
    return "done"


@post("/api/v1/act-and-lose")
async def act_and_lose(person: NamedDependency[Person]) -> str:
    await _audit(person, "EUR")
    if not _told:
        _told.append("lost")
        db.connection().terminate()
    return "done"


@post("/api/v1/act-twice")
async def act_twice(person: NamedDependency[Person]) -> str:
    """A part is kept before the rest is done, which is refused, fails, or is lost with the database."""
    await _audit(person, "EUR")
    await db.commit()
    match _told.pop() if _told else "":
        case "refuse":
            raise Conflict(m("The period is closed."))
        case "fail":
            raise ZeroDivisionError
        case "lose":
            db.connection().terminate()
    await _audit(person, "CNY")
    return "done"


@pytest.fixture
async def own(settings: Settings, database: str) -> AsyncIterator[tuple[Litestar, httpx.AsyncClient]]:
    """A service with the acts above, and somebody who asks for them."""
    service = create_app(settings, dsn="")
    for handler in (act_and_wait, act_and_lose, act_twice):
        service.register(handler)
    _told.clear()
    _go_on.clear()
    _at_work.clear()
    token = await make_token(await make_person(Role.ADMINISTRATOR))
    transport = httpx.ASGITransport(app=service)
    headers = {"authorization": f"Bearer {token}", KEY: "one"}
    async with httpx.AsyncClient(transport=transport, base_url="http://channel.test", headers=headers) as client:
        yield service, client


async def _trail(owner: Owner) -> list[str]:
    return [row["subject"] for row in await owner.fetch("SELECT subject FROM audit_general ORDER BY id")]


async def test_while_one_is_carried_out_others_are_told_when_to_come_again(
    own: tuple[Litestar, httpx.AsyncClient], owner: Owner
) -> None:
    _, client = own
    first = asyncio.create_task(client.post(f"{V1}/act-and-wait"))
    await _at_work.wait()
    for _ in range(2):
        waiting = await client.post(f"{V1}/act-and-wait")
        assert (waiting.status_code, waiting.headers["retry-after"]) == (409, "1")
    _go_on.set()
    assert (await first).status_code == 201
    assert (await client.post(f"{V1}/act-and-wait")).headers["idempotent-replayed"] == "true"
    assert await _trail(owner) == ["rate EUR"]


async def test_what_is_lost_before_it_is_kept_leaves_its_key_free(
    own: tuple[Litestar, httpx.AsyncClient], owner: Owner
) -> None:
    _, client = own
    assert (await client.post(f"{V1}/act-and-lose")).status_code == 503
    assert (await _trail(owner), await owner.fetchval("SELECT count(*) FROM keyed_request")) == ([], 0)
    assert (await client.post(f"{V1}/act-and-lose")).status_code == 201
    assert (await client.post(f"{V1}/act-and-lose")).headers["idempotent-replayed"] == "true"
    assert await _trail(owner) == ["rate EUR"]


async def test_what_is_lost_after_it_was_kept_is_answered_when_it_is_sent_again(
    own: tuple[Litestar, httpx.AsyncClient], owner: Owner
) -> None:
    service, client = own
    _go_on.set()

    async def cut(scope: Any, receive: Any, _: Any) -> None:  # noqa: ANN401 - ASGI
        async def send(_: object) -> None:
            raise ConnectionResetError

        await service(scope, receive, send)

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=cut), base_url="http://channel.test", headers=client.headers
    ) as lost:
        with pytest.raises(LitestarException):
            await lost.post(f"{V1}/act-and-wait")
    answer = await client.post(f"{V1}/act-and-wait")
    assert (answer.status_code, answer.text, answer.headers["idempotent-replayed"]) == (201, "done", "true")
    assert await _trail(owner) == ["rate EUR"]


@pytest.mark.parametrize("how", ["fail", "lose"])
async def test_what_broke_off_in_the_middle_is_never_begun_again(
    own: tuple[Litestar, httpx.AsyncClient], owner: Owner, how: str
) -> None:
    _, client = own
    _told.append(how)
    assert (await client.post(f"{V1}/act-twice")).status_code == 500
    # So soon it may still be under way, as far as anybody knows.
    soon = await client.post(f"{V1}/act-twice")
    assert (_refused(soon)[0], soon.headers["retry-after"]) == (409, "1")
    await owner.execute("UPDATE keyed_request SET at = at - $1::interval", idempotency.BEGUN_LASTS)
    answer = await client.post(f"{V1}/act-twice")
    assert (_refused(answer)[0], "retry-after" in answer.headers) == (409, False)
    (done,) = [each["reason"] for each in answer.json()["errors"] if each["field"] == "done"]
    assert "EUR" in done
    assert await _trail(owner) == ["rate EUR"]
    assert (await client.post(f"{V1}/act-twice", headers={KEY: "two"})).status_code == 201


async def test_a_refusal_in_the_middle_frees_the_key(own: tuple[Litestar, httpx.AsyncClient], owner: Owner) -> None:
    _, client = own
    _told.append("refuse")
    assert (await client.post(f"{V1}/act-twice")).status_code == 409
    assert await owner.fetchval("SELECT count(*) FROM keyed_request") == 0
    done = await client.post(f"{V1}/act-twice")
    assert (done.status_code, "idempotent-replayed" in done.headers) == (201, False)
    again = await client.post(f"{V1}/act-twice")
    assert (again.text, again.headers["idempotent-replayed"]) == ("done", "true")
    assert await _trail(owner) == ["rate EUR", "rate EUR", "rate CNY"]


async def test_a_sign_in_under_a_key_asks_for_the_password_first(app: Litestar, owner: Owner, database: str) -> None:
    administrator = await make_person(Role.ADMINISTRATOR)
    async with acting(administrator):
        await access.add_person(administrator, adding("ada", Role.FINANCE, password=PASSWORD))
        await access.add_person(administrator, adding("bob", Role.FINANCE, password=PASSWORD))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://channel.test") as nobody:

        async def sign_in(login: str, password: str) -> httpx.Response:
            wish = {"login": login, "password": password}
            return await nobody.post(f"{V1}/sign-in", json=wish, headers={KEY: "one"})

        assert (await sign_in("ada", "seven wrong words")).status_code == 401
        assert (await sign_in("ada", PASSWORD)).status_code == 201
        assert (await sign_in("ada", "seven wrong words")).status_code == 401
        assert _refused(await sign_in("ada", PASSWORD))[0] == 409
        assert (await sign_in("bob", PASSWORD)).status_code == 201
    assert await owner.fetchval("SELECT count(*) FROM api_token") == 2
    kept = await owner.fetch("SELECT row_to_json(k)::text AS told, body FROM keyed_request k")
    assert [row["body"] for row in kept] == [None, None]
