import asyncio
import csv
import io
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher
from litestar import Litestar

from channel import clock, files
from channel.access import service
from channel.access.acts import ChangePerson, MakeToken
from channel.access.rules import OPERATOR, RIGHTS, Person, Right, Role
from channel.access.service import signing
from channel.database import db
from channel.errors import Conflict
from tests.make.access import acting, adding, make_person, make_session, make_territories, make_token

Api = Callable[[Person], Awaitable[httpx.AsyncClient]]
GOOD, WRONG = "correct horse battery", "not the password"


async def make_with_password(role: Role, login: str, *territories: str, password: str = GOOD) -> None:
    async with acting(OPERATOR):
        await service.add_person(OPERATOR, adding(login, role, *territories, password=password))


def door(app: Litestar, address: str = "192.0.2.1") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, client=(address, 1234))
    return httpx.AsyncClient(transport=transport, base_url="http://channel.test")


async def try_in(client: httpx.AsyncClient, login: str, password: str = WRONG) -> int:
    return (await client.post("/api/v1/sign-in", json={"login": login, "password": password})).status_code


# --- who may do what: each role against each endpoint, from the table of rights -----------------------------------

PEOPLE = Right.KEEP_PEOPLE
ENDPOINTS: list[tuple[str, str, object, Right | None]] = [
    ("GET", "/api/v1/me", None, None),
    ("GET", "/api/v1/me/sessions", None, None),
    ("GET", "/api/v1/tokens", None, None),
    ("GET", "/api/v1/tokens?everybody=true", None, PEOPLE),
    ("POST", "/api/v1/tokens", {"name": "order desk", "machine": True}, PEOPLE),
    ("GET", "/api/v1/people", None, PEOPLE),
    ("GET", "/api/v1/people/target", None, PEOPLE),
    ("POST", "/api/v1/people", {"login": "new.one", "name": "New", "role": "finance"}, PEOPLE),
    ("PATCH", "/api/v1/people/target", {"name": "Other"}, PEOPLE),
    ("POST", "/api/v1/people/target/password", {}, PEOPLE),
    ("POST", "/api/v1/people/target/sign-out", {}, PEOPLE),
    ("GET", "/api/v1/audit", None, Right.READ_AUDIT),
    ("GET", "/api/v1/audit/export", None, Right.READ_AUDIT),
    ("GET", "/api/v1/audit/export?format=xlsx", None, Right.READ_AUDIT),
]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPERATOR])
async def test_each_role_at_each_endpoint(api: Api, role: Role) -> None:
    ids = await make_territories("East")
    await make_with_password(Role.FINANCE, "target")
    if role is Role.SYSTEM:
        client = await api(Person("order desk", "order desk", role))
    else:
        client = await api(await make_person(role, *([ids["East"]] if role is Role.REGIONAL else [])))
    for method, path, body, right in ENDPOINTS:
        answer = await client.request(method, path, json=body)
        if right is None or role in RIGHTS[right]:
            assert answer.status_code in {200, 201}, (method, path, answer.text)
        else:
            assert answer.status_code == 403, (method, path)
            assert answer.headers["content-type"].startswith("application/problem+json")


async def test_nobody_at_each_endpoint(app: Litestar, database: str) -> None:
    async with door(app) as client:
        for method, path, body, _ in ENDPOINTS:
            assert (await client.request(method, path, json=body)).status_code == 401, path


async def test_a_narrowed_token_of_an_administrator_keeps_no_people(app: Litestar, database: str) -> None:
    await make_territories("East")
    administrator = await make_person(Role.ADMINISTRATOR)
    async with acting(administrator):
        made = await service.add_own_token(administrator, MakeToken(name="east only", territories=["East"]))
    async with door(app) as client:
        client.headers["authorization"] = f"Bearer {made.text}"
        for method, path, body, right in ENDPOINTS:
            if right is PEOPLE:
                assert (await client.request(method, path, json=body)).status_code == 403, path


# --- signing in ---------------------------------------------------------------------------------------------------


async def test_a_sign_in_gives_a_token_that_sign_out_ends(app: Litestar, database: str) -> None:
    await make_with_password(Role.MANAGER, "li.wei")
    async with door(app) as client:
        answer = await client.post("/api/v1/sign-in", json={"login": " LI.Wei ", "password": GOOD, "days": 1})
        assert answer.status_code == 201
        client.headers["authorization"] = f"Bearer {answer.json()['token']}"
        assert (await client.get("/api/v1/me")).json()["login"] == "li.wei"
        assert (await client.post("/api/v1/sign-out")).status_code == 204
        assert (await client.get("/api/v1/me")).status_code == 401


async def test_wrong_unknown_and_deactivated_look_the_same(app: Litestar, database: str) -> None:
    await make_with_password(Role.MANAGER, "li.wei")
    await make_with_password(Role.MANAGER, "gone")
    await make_person(Role.MANAGER, login="no.password")
    async with acting(OPERATOR):
        await service.change_person(OPERATOR, "gone", ChangePerson(active=False))
    answers = set()
    async with door(app) as client:
        for login, password in (("li.wei", "x"), ("nobody", GOOD), ("gone", GOOD), ("no.password", ""), ("a\0", GOOD)):
            answer = await client.post("/api/v1/sign-in", json={"login": login, "password": password})
            answers.add((answer.status_code, answer.text))
    assert {status for status, _ in answers} == {401}
    assert len(answers) == 1


async def test_a_login_has_five_tries_and_its_owner_clears_them(app: Litestar, database: str) -> None:
    await make_with_password(Role.MANAGER, "li.wei")
    noon = datetime(2026, 5, 4, 12, tzinfo=UTC)
    async with door(app) as client:
        with clock.fixed(noon):
            assert [await try_in(client, "li.wei") for _ in range(4)] == [401] * 4
            assert await try_in(client, "li.wei", GOOD) == 201
            assert [await try_in(client, "li.wei") for _ in range(6)] == [401] * 5 + [429]
            refused = await client.post("/api/v1/sign-in", json={"login": "li.wei", "password": GOOD})
            assert refused.status_code == 429
            assert "15 min" in refused.json()["title"]
            assert await try_in(client, "other") == 401
        with clock.fixed(noon + timedelta(minutes=15) - timedelta(microseconds=1)):
            assert await try_in(client, "li.wei", GOOD) == 429
        with clock.fixed(noon + timedelta(minutes=15)):
            assert await try_in(client, "li.wei", GOOD) == 201


async def test_many_tries_at_once_do_not_get_past_the_limit(app: Litestar, database: str) -> None:
    await make_with_password(Role.MANAGER, "li.wei")
    async with door(app) as client:
        answers = await asyncio.gather(*(try_in(client, "li.wei") for _ in range(9)))
    assert sorted(answers) == [401] * 5 + [429] * 4


async def test_two_administrators_cannot_each_take_the_other_for_not_the_last(database: str) -> None:
    pair = [await make_person(Role.ADMINISTRATOR, login=login) for login in ("admin-1", "admin-2")]

    async def deactivate(by: Person, login: str) -> bool:
        async with acting(by):
            try:
                await service.change_person(by, login, ChangePerson(active=False))
            except Conflict:
                return False
            return True

    done = await asyncio.gather(deactivate(pair[0], "admin-2"), deactivate(pair[1], "admin-1"))
    assert sorted(done) == [False, True]


async def test_an_address_has_twenty_tries_whatever_the_logins(app: Litestar, database: str) -> None:
    await make_with_password(Role.MANAGER, "li.wei")
    async with door(app, "192.0.2.7") as client, door(app, "192.0.2.8") as neighbour:
        assert [await try_in(client, f"guess-{n}") for n in range(21)] == [401] * 20 + [429]
        assert await try_in(client, "li.wei", GOOD) == 429
        assert await try_in(neighbour, "li.wei", GOOD) == 201


async def test_the_browsers_session_changes_nothing_over_the_api(app: Litestar, database: str) -> None:
    person = await make_person(Role.ADMINISTRATOR)
    async with door(app) as client:
        client.cookies.set("channel_session", await make_session(person))
        assert (await client.get("/api/v1/people")).status_code == 200
        for method, path, body, _ in ENDPOINTS:
            if method != "GET":
                assert (await client.request(method, path, json=body)).status_code == 401


# --- people -------------------------------------------------------------------------------------------------------


ADDED = {
    "name": "王芳",
    "role": "regional",
    "territories": ["East"],
    "locale": "zh",
    "email": None,
    "messages": "daily",
}


async def test_people_are_added_listed_changed_and_deactivated(api: Api, app: Litestar) -> None:
    await make_territories("East/Harbour City", "North")
    client = await api(await make_person(Role.ADMINISTRATOR, login="admin-1"))
    body = {"login": "Wang.Fang", "name": "王芳", "role": "regional", "territories": ["East"], "locale": "zh"}
    added = (await client.post("/api/v1/people", json=body)).json()
    assert added["person"]["login"] == "wang.fang"
    assert added["person"]["territories"] == ["East"]
    async with door(app) as browser:
        assert await try_in(browser, "wang.fang", added["password"]) == 201
    for wrong in ({"role": "system"}, {"role": "operator"}, {"locale": "fr"}, {"name": ""}, {"territories": []}):
        assert (await client.patch("/api/v1/people/wang.fang", json=wrong)).status_code == 422, wrong
    moved = await client.patch("/api/v1/people/wang.fang", json={"territories": ["North"], "reason": "new patch"})
    assert (moved.json()["territories"], moved.json()["tokens"]) == (["North"], 1)
    promoted = await client.patch("/api/v1/people/wang.fang", json={"role": "manager"})
    assert (promoted.json()["territories"], promoted.json()["tokens"]) == ([], 0)
    listed = (await client.get("/api/v1/people", params={"q": "王", "active": "true"})).json()
    assert [item["login"] for item in listed["items"]] == ["wang.fang"]
    gone = await client.patch("/api/v1/people/wang.fang", json={"active": False})
    assert gone.json()["active"] is False
    async with door(app) as browser:
        assert await try_in(browser, "wang.fang", added["password"]) == 401
    trail = (await client.get("/api/v1/audit", params={"subject": "person wang.fang", "actor": "admin-1"})).json()
    assert [(line["act"], line["after"]) for line in trail["items"]] == [
        ("change person", {"active": False}),
        ("change person", {"role": "manager", "territories": []}),
        ("change person", {"territories": ["North"]}),
        ("add person", ADDED),
    ]
    assert trail["items"][2]["reason"] == "new patch"
    assert added["password"] not in str(trail)


UNFIT: list[tuple[dict[str, object], str]] = [
    ({"login": "a b", "name": "A", "role": "finance"}, "login"),
    ({"login": "a", "name": " ", "role": "finance"}, "name"),
    ({"login": "a", "name": "A", "role": "system"}, "role"),
    ({"login": "a", "name": "A", "role": "regional"}, "territories"),
    ({"login": "a", "name": "A", "role": "finance", "territories": ["East"]}, "territories"),
    ({"login": "a", "name": "A", "role": "regional", "territories": ["Nowhere"]}, "territories"),
    ({"login": "a", "name": "A", "role": "finance", "locale": "fr"}, "locale"),
    ({"login": "a", "name": "A", "role": "finance", "password": "too short"}, "password"),
    ({"login": "longer.login.1", "name": "A", "role": "finance", "password": "LONGER.login.1"}, "password"),
    ({"login": "taken", "name": "A", "role": "finance"}, "login"),
]


async def test_who_cannot_be_added(api: Api) -> None:
    await make_territories("East")
    await make_person(Role.FINANCE, login="taken")
    client = await api(await make_person(Role.ADMINISTRATOR))
    for body, field in UNFIT:
        answer = await client.post("/api/v1/people", json=body)
        assert answer.status_code in {409, 422}, body
        assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert len((await client.get("/api/v1/people")).json()["items"]) == 2


async def test_nobody_changes_his_own_role_and_the_last_administrator_stays(api: Api) -> None:
    first = await make_person(Role.ADMINISTRATOR, login="admin-1")
    client = await api(first)
    for change in ({"role": "finance"}, {"active": False}):
        assert (await client.patch("/api/v1/people/admin-1", json=change)).status_code == 409
    assert (await client.patch("/api/v1/people/admin-1", json={"name": "Head"})).status_code == 200
    async with acting(OPERATOR):
        for step in (ChangePerson(active=False), ChangePerson(role=Role.AUDITOR)):
            with pytest.raises(Conflict, match="last active"):
                await service.change_person(OPERATOR, "admin-1", step)
    await make_person(Role.ADMINISTRATOR, login="admin-2")
    assert (await client.patch("/api/v1/people/admin-2", json={"active": False})).status_code == 200


async def test_the_list_of_people_goes_on_behind_its_cursor(api: Api) -> None:
    for number in range(5):
        await make_person(Role.FINANCE, login=f"f-{number}")
    client = await api(await make_person(Role.ADMINISTRATOR, login="z"))
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/api/v1/people", params=params)).json()
        seen += [item["login"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == ["f-0", "f-1", "f-2", "f-3", "f-4", "z"]


# --- passwords and sessions ---------------------------------------------------------------------------------------


async def test_an_own_password_is_changed_for_the_old_one(app: Litestar, database: str) -> None:
    await make_with_password(Role.MANAGER, "li.wei")
    async with door(app) as client:
        token = (await client.post("/api/v1/sign-in", json={"login": "li.wei", "password": GOOD})).json()["token"]
        client.headers["authorization"] = f"Bearer {token}"
        change = {"old_password": "not the old one", "password": "another long one"}
        wrong = await client.post("/api/v1/me/password", json=change)
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "old_password")
        assert (await client.post("/api/v1/me/password", json=change | {"old_password": GOOD})).status_code == 204
        assert await try_in(client, "li.wei", GOOD) == 401
        assert await try_in(client, "li.wei", "another long one") == 201
        for _ in range(5):
            await client.post("/api/v1/me/password", json=change)
        assert (await client.post("/api/v1/me/password", json=change)).status_code == 429


async def test_sessions_are_seen_and_ended_by_their_person_alone(app: Litestar, database: str) -> None:
    one, other = await make_person(Role.FINANCE), await make_person(Role.FINANCE)
    cookies = [await make_session(one) for _ in range(3)]
    async with door(app) as client:
        client.headers["authorization"] = f"Bearer {await make_token(other)}"
        async with acting(one):
            ids = [row["id"] for row in (await service.own_sessions(one)).items]
        assert (await client.delete(f"/api/v1/me/sessions/{ids[0]}")).status_code == 404
        client.headers["authorization"] = f"Bearer {await make_token(one)}"
        assert (await client.delete(f"/api/v1/me/sessions/{ids[0]}")).json() == {"ended": 1, "tokens": 0}
        assert (await client.delete(f"/api/v1/me/sessions/{ids[0]}")).status_code == 404
        assert len((await client.get("/api/v1/me/sessions")).json()["items"]) == 2
        assert (await client.delete("/api/v1/me/sessions")).json() == {"ended": 2, "tokens": 0}
        del client.headers["authorization"]
        for cookie in cookies:
            assert (await client.get("/api/v1/me", headers={"cookie": f"channel_session={cookie}"})).status_code == 401


async def test_a_session_lasts_twelve_hours(app: Litestar, database: str) -> None:
    await make_with_password(Role.FINANCE, "li.wei")
    noon = datetime(2026, 5, 4, 12, tzinfo=UTC)
    with clock.fixed(noon):
        async with db.held():
            cookie = await service.sign_in("li.wei", GOOD, address="192.0.2.1", agent="x" * 1000)
    for hours, known in ((11.999, True), (12, False)):
        async with db.held():
            with clock.fixed(noon + timedelta(hours=hours)):
                assert (await service.person_of_session(cookie) is not None) is known


# --- the trail ----------------------------------------------------------------------------------------------------


async def fill_trail() -> None:
    for hour in range(6):
        with clock.fixed(datetime(2026, 5, 4 + hour // 3, 8 + hour, tzinfo=UTC)):
            async with acting(OPERATOR), db.transaction():
                await service.audit(
                    OPERATOR,
                    "keep rate" if hour % 2 else "keep product",
                    f"thing {hour}",
                    after={"value": f"=1+{hour}"},
                    reason="复核" if hour == 3 else None,
                )


SEARCHES: list[tuple[dict[str, str], list[int]]] = [
    ({}, [5, 4, 3, 2, 1, 0]),
    ({"from": "2026-05-05"}, [5, 4, 3]),
    ({"to": "2026-05-04"}, [2, 1, 0]),
    ({"from": "2026-05-04", "to": "2026-05-04", "act": "keep rate"}, [1]),
    ({"act": "keep"}, []),
    ({"subject": "THING 4"}, [4]),
    ({"q": "复核"}, [3]),
    ({"q": "1+5"}, [5]),
    ({"q": "%"}, []),
    ({"actor": "operator"}, [5, 4, 3, 2, 1, 0]),
    ({"actor": "somebody"}, []),
    ({"dealer": "W-1"}, []),
    ({"to": "2199-12-31", "from": "1900-01-01"}, [5, 4, 3, 2, 1, 0]),
]


async def test_the_trail_is_searched(api: Api) -> None:
    await fill_trail()
    client = await api(await make_person(Role.AUDITOR))
    for params, found in SEARCHES:
        answer = await client.get("/api/v1/audit", params=params)
        assert [item["subject"] for item in answer.json()["items"]] == [f"thing {n}" for n in found], params


async def test_the_trail_goes_on_behind_its_cursor_and_moments_may_be_shared(api: Api) -> None:
    with clock.fixed(datetime(2026, 5, 4, tzinfo=UTC)):
        async with acting(OPERATOR), db.transaction():
            for number in range(7):
                await service.audit(OPERATOR, "reconcile", f"thing {number}")
    client = await api(await make_person(Role.AUDITOR))
    seen, cursor = [], None
    while True:
        params = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/api/v1/audit", params=params)).json()
        seen += [item["subject"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [f"thing {n}" for n in (6, 5, 4, 3, 2, 1, 0)]
    for wrong in ("x", "AAAA", "bm90IGEgY3Vyc29y"):
        assert (await client.get("/api/v1/audit", params={"cursor": wrong})).status_code == 422


async def test_an_export_holds_exactly_what_is_filtered(api: Api, tmp_path: Path) -> None:
    await fill_trail()
    client = await api(await make_person(Role.AUDITOR))
    params = {"act": "keep rate"}
    listed = (await client.get("/api/v1/audit", params=params)).json()["items"]
    as_csv = await client.get("/api/v1/audit/export", params=params | {"format": "csv"})
    rows = list(csv.DictReader(io.StringIO(as_csv.content.decode("utf-8-sig"))))
    assert [row["Subject"] for row in rows] == [item["subject"] for item in listed] == ["thing 5", "thing 3", "thing 1"]
    assert rows[1]["Reason"] == "复核"
    assert rows[0]["After"] == "value: =1+5"
    assert {row["Act"] for row in rows} == {"Exchange rate recorded"}
    at = datetime.fromisoformat(listed[0]["at"]).astimezone(clock.zone())
    assert rows[0][f"When ({clock.zone().key})"] == at.isoformat(" ", "seconds")[:19]
    told = (await client.get("/api/v1/audit/export?format=csv", headers={"accept-language": "zh"})).content.decode()
    assert not re.search("keep rate|Who|Reason|finance", told), told
    book = tmp_path / "audit.xlsx"
    book.write_bytes((await client.get("/api/v1/audit/export", params=params | {"format": "xlsx"})).content)
    with book.open("rb") as file:
        records = list(files.read_rows(file, files.sniff(file)))
    assert [record.cells[5] for record in records] == ["thing 5", "thing 3", "thing 1"]
    assert (await client.get("/api/v1/audit/export?format=pdf")).status_code == 422


async def test_a_hash_of_past_parameters_is_made_anew_at_the_next_sign_in(
    app: Litestar, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_with_password(Role.FINANCE, "li.wei")

    async def stored() -> str:
        async with db.held():
            return str(await db.fetchval("SELECT password_hash FROM person WHERE login = 'li.wei'"))

    old = await stored()
    async with door(app) as client:
        assert await try_in(client, "li.wei", GOOD) == 201
        assert await stored() == old
        monkeypatch.setattr(signing, "_hasher", PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
        assert await try_in(client, "li.wei", WRONG) == 401
        assert await stored() == old
        assert await try_in(client, "li.wei", GOOD) == 201
        assert (await stored()).startswith("$argon2id$v=19$m=16,t=2,p=1$")
        assert await try_in(client, "li.wei", GOOD) == 201
