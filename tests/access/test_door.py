from collections.abc import Awaitable, Callable

import httpx

from channel.access.rules import Person, Role
from tests.make.access import make_person, make_session

Api = Callable[[Person], Awaitable[httpx.AsyncClient]]


async def test_a_token_speaks_for_its_person(api: Api) -> None:
    client = await api(await make_person(Role.FINANCE, login="finance-1"))
    answer = await client.get("/api/v1/me")
    assert answer.status_code == 200
    assert answer.json() == {
        "login": "finance-1",
        "name": "finance-1",
        "role": "finance",
        "bound": False,
        "locale": None,
        "email": None,
        "messages": "daily",
    }


async def test_nobody_in_particular_is_asked_to_sign_in(api: Api) -> None:
    client = await api(await make_person(Role.FINANCE))
    answer = await client.get("/api/v1/me", headers={"authorization": "Bearer wrong"})
    assert answer.status_code == 401
    answer = await client.get("/api/v1/me", headers={"authorization": "Basic x"})
    assert answer.status_code == 401


async def test_the_session_cookie_reads_over_the_api(api: Api) -> None:
    person = await make_person(Role.AUDITOR)
    client = await api(person)
    del client.headers["authorization"]
    assert (await client.get("/api/v1/me")).status_code == 401
    client.cookies.set("channel_session", await make_session(person))
    assert (await client.get("/api/v1/me")).json()["role"] == "auditor"
