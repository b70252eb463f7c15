"""Nobody locks somebody else out, many right sign-ins at once are let in, and failed ones are told."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from litestar import Litestar

from channel import clock
from channel.access.rules import Role
from channel.access.rules.signing_in import LOGIN_WINDOW, PLACE_KNOWN_FOR, TRIES_PER_LOGIN, TRIES_PER_PAIR
from tests.access.test_api import GOOD, door, make_with_password, try_in
from tests.access.test_pages import browsing, come_in
from tests.make.access import make_person, make_token

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOME, ELSEWHERE = "192.0.2.1", "203.0.113.1"


async def tried(app: Litestar, address: str, login: str = "li.wei", password: str = GOOD) -> int:
    async with door(app, address) as client:
        return await try_in(client, login, password)


async def guess_everywhere(app: Litestar, already: int = 0) -> None:
    """So many wrong tries that the login has to wait, none of them from the same place as five others."""
    for n in range(TRIES_PER_LOGIN - already):
        assert await tried(app, f"198.51.100.{n // (TRIES_PER_PAIR - 1)}", "li.wei", "a guess") == 401


async def test_wrong_tries_elsewhere_do_not_keep_somebody_out(app: Litestar, database: str) -> None:
    await make_with_password(Role.FINANCE, "li.wei")
    with clock.fixed(NOON):
        assert await tried(app, HOME) == 201
        answers = [await tried(app, ELSEWHERE, "li.wei", "a guess") for _ in range(6)]
        assert answers == [401] * 5 + [429]
        assert await tried(app, "192.0.2.99") == 201, "another place has tries of its own"
        await guess_everywhere(app, already=5)
        assert await tried(app, "192.0.2.50") == 429, "the login alone, where it is not known"
        assert await tried(app, HOME) == 201
        assert await tried(app, ELSEWHERE) == 429
    with clock.fixed(NOON + LOGIN_WINDOW):
        assert await tried(app, "192.0.2.50") == 201


async def test_who_has_to_wait_is_told_for_how_long(app: Litestar, database: str) -> None:
    await make_with_password(Role.FINANCE, "li.wei")
    with clock.fixed(NOON):
        for _ in range(TRIES_PER_PAIR):
            assert await tried(app, ELSEWHERE, "li.wei", "a guess") == 401
    with clock.fixed(NOON + timedelta(seconds=30)):
        async with door(app, ELSEWHERE) as client:
            answer = await client.post("/api/v1/sign-in", json={"login": "li.wei", "password": GOOD})
            await client.get("/sign-in")
            form = {"login": "li.wei", "password": GOOD, "_csrf_token": client.cookies["csrftoken"]}
            page = await client.post("/sign-in", data=form)
    window = timedelta(minutes=15) - timedelta(seconds=30)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, str(int(window.total_seconds())))
    assert (page.status_code, page.headers["retry-after"]) == (429, answer.headers["retry-after"])


async def test_a_place_is_known_for_a_time(app: Litestar, database: str) -> None:
    await make_with_password(Role.FINANCE, "li.wei")
    with clock.fixed(NOON):
        assert await tried(app, HOME) == 201
    with clock.fixed(NOON + PLACE_KNOWN_FOR):
        await guess_everywhere(app)
        assert await tried(app, HOME) == 429


async def test_a_neighbour_who_guesses_does_not_keep_others_out(app: Litestar, database: str) -> None:
    await make_with_password(Role.FINANCE, "li.wei")
    await make_with_password(Role.FINANCE, "new.here")
    with clock.fixed(NOON):
        assert await tried(app, HOME) == 201
        assert [await tried(app, HOME, f"guess-{n}") for n in range(21)] == [401] * 20 + [429]
        assert await tried(app, HOME, "new.here") == 429
        assert await tried(app, HOME) == 201


async def test_coming_in_forgives_only_what_failed_there(app: Litestar, database: str) -> None:
    await make_with_password(Role.FINANCE, "li.wei")
    with clock.fixed(NOON):
        assert [await tried(app, ELSEWHERE, "li.wei", "a guess") for _ in range(5)] == [401] * 5
        assert await tried(app, HOME) == 201
        assert await tried(app, ELSEWHERE, "li.wei", "a guess") == 429


async def test_twelve_right_sign_ins_at_once_are_let_in(app: Litestar, database: str) -> None:
    await make_with_password(Role.FINANCE, "li.wei")
    assert await asyncio.gather(*(tried(app, HOME) for _ in range(12))) == [201] * 12

    async def by_page() -> int:
        async with browsing(app) as browser:
            return (await come_in(browser, "li.wei")).status_code

    assert await asyncio.gather(*(by_page() for _ in range(12))) == [303] * 12


async def test_a_whole_office_comes_in_at_once(app: Litestar, database: str) -> None:
    logins = [f"person-{n}" for n in range(25)]
    for login in logins:
        await make_with_password(Role.FINANCE, login)
    assert await asyncio.gather(*(tried(app, HOME, login) for login in logins)) == [201] * 25


async def test_failed_sign_ins_stand_in_the_trail_and_with_the_person(app: Litestar, database: str) -> None:
    await make_with_password(Role.FINANCE, "li.wei")
    administrator = await make_person(Role.ADMINISTRATOR, login="admin-1")
    with clock.fixed(NOON):
        for address in (HOME, ELSEWHERE, ELSEWHERE):
            assert await tried(app, address, "li.wei", "a guess") == 401
        assert await tried(app, HOME, "hunter2 typed as a name", "x") == 401
        async with door(app) as client:
            client.headers["authorization"] = f"Bearer {await make_token(administrator)}"
            await _told_everywhere(client)


async def _told_everywhere(client: httpx.AsyncClient) -> None:
    async def get(path: str) -> Any:  # noqa: ANN401 - JSON
        return (await client.get(path)).json()

    lines = (await get("/api/v1/audit?act=fail to sign in"))["items"]
    told = [(line["actor"], line["subject"], line["after"]["address"]) for line in lines]
    assert told == [
        ("-", "nobody", HOME),
        ("-", "person li.wei", ELSEWHERE),
        ("-", "person li.wei", ELSEWHERE),
        ("-", "person li.wei", HOME),
    ]
    assert "hunter2" not in str(await get("/api/v1/audit"))
    person = await get("/api/v1/people/li.wei")
    assert person["failed_sign_ins"] == 3
    assert [each["address"] for each in person["last_failed"]] == [ELSEWHERE, ELSEWHERE, HOME]
    assert person["last_failed"][0]["at"] == "2026-05-04T12:00:00Z"
    assert (await get("/api/v1/people/admin-1"))["failed_sign_ins"] == 0
    page = (await client.get("/people/li.wei")).text
    assert "3 failed sign-ins in 30 days" in page
    assert f"from {ELSEWHERE}" in page
    trail = (await client.get("/audit?act=fail+to+sign+in")).text
    assert "a sign-in name that nobody has" in trail
    assert "Sign-in failed" in trail
    desk = (await client.get("/")).text
    assert "4 in 24 hours" in desk


async def test_a_wrong_present_password_is_told_as_tried_by_whom(app: Litestar, database: str) -> None:
    await make_with_password(Role.FINANCE, "li.wei")
    auditor = await make_person(Role.AUDITOR)
    async with door(app, HOME) as client:
        token = (await client.post("/api/v1/sign-in", json={"login": "li.wei", "password": GOOD})).json()["token"]
        change = {"old_password": "a guess", "password": "another pass phrase"}
        headers = {"authorization": f"Bearer {token}"}
        assert (await client.post("/api/v1/me/password", json=change, headers=headers)).status_code == 422
        headers = {"authorization": f"Bearer {await make_token(auditor)}"}
        (line,) = (await client.get("/api/v1/audit?act=fail to sign in", headers=headers)).json()["items"]
        assert (line["actor"], line["subject"]) == ("li.wei", "person li.wei")


async def test_tries_over_the_window_of_a_login_do_not_stay(app: Litestar, database: str) -> None:
    await make_with_password(Role.FINANCE, "li.wei")
    with clock.fixed(NOON):
        assert [await tried(app, ELSEWHERE, "li.wei", "a guess") for _ in range(6)] == [401] * 5 + [429]
    with clock.fixed(NOON + timedelta(minutes=15)):
        assert await tried(app, ELSEWHERE) == 201
