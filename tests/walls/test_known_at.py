"""Every address that is asked as known at a moment treats the moment alike: zone, future, and what is being posted."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from litestar import Litestar

from channel import clock
from channel.access.rules import Role
from channel.database import db
from channel.database.embedded import OWNER, EmbeddedPostgres
from channel.database.locks import Lock
from channel.web.moments import A_MOMENT
from tests.make.access import make_session
from tests.make.world import World, make_world

V1 = "/api/v1"
# Every address that takes `known_at`, and with what else it must be asked.
ADDRESSES = {
    f"{V1}/sales/months": {"dealer": "D-1"},
    f"{V1}/sales/lines": {"dealer": "D-1"},
    f"{V1}/sales/coverage": {},
    f"{V1}/rates": {},
    f"{V1}/receivables/contact-log": {},
    f"{V1}/receivables/dealers/{{code}}/contact-log": {},
    f"{V1}/rates/on": {"currency": "EUR"},
    f"{V1}/exclusivity": {},
    f"{V1}/dealers/{{code}}": {},
    f"{V1}/dealers/{{code}}/card": {},
    f"{V1}/dealers/{{code}}/exclusivity": {},
    f"{V1}/dealers/{{code}}/observed": {},
    f"{V1}/credit/dealers/{{code}}/limit": {},
    f"{V1}/credit/dealers/{{code}}/explain": {},
    f"{V1}/credit/dealers/{{code}}/knobs": {},
    f"{V1}/receivables/ageing": {},
    f"{V1}/receivables/ageing/items": {"whole": "true"},
    f"{V1}/receivables/figures": {},
    f"{V1}/receivables/dealers/{{code}}": {},
    f"{V1}/receivables/incidents": {},
    f"{V1}/receivables/open-items": {},
    f"{V1}/receivables/open-items/totals": {},
}
PAGES = (
    "/dealers/D-1",
    "/credit/dealers/D-1",
    "/credit/dealers/D-1/what-if",
    "/dealers/D-1/receivables",
    "/receivables/items",
)


@pytest.fixture
async def browser(app: Litestar, database: str) -> httpx.AsyncClient:
    world: World = await make_world()
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="http://channel.test",
        cookies={"channel_session": await make_session(world.people[Role.FINANCE])},
    )


def test_no_address_is_left_out(app: Litestar) -> None:
    document = app.openapi_schema.to_schema()
    taking = {
        path
        for path, item in document["paths"].items()
        if any(each["name"] == "known_at" for each in item.get("get", {}).get("parameters", ()))
    }
    assert taking == set(ADDRESSES)


def _all() -> list[tuple[str, dict[str, str]]]:
    return [*((path.replace("{code}", "D-1"), rest) for path, rest in ADDRESSES.items()), *((p, {}) for p in PAGES)]


async def test_what_will_be_known_is_asked_nowhere(browser: httpx.AsyncClient) -> None:
    later = (clock.now() + timedelta(hours=1)).isoformat()
    for path, rest in _all():
        answer = await browser.get(path, params=rest | {"known_at": later})
        assert answer.status_code == 422, path
        if path.startswith("/api/"):
            assert [each["field"] for each in answer.json()["errors"]] == ["known_at"], path


async def test_a_moment_without_a_zone_is_the_company_s(browser: httpx.AsyncClient) -> None:
    """Half an hour ago in Shanghai is still to come in UTC."""
    clock.use_zone("Asia/Shanghai")
    there = clock.now().astimezone(clock.zone()).replace(tzinfo=None)
    try:
        for path, rest in _all():
            for minutes, status in ((-30, 200), (30, 422)):
                moment = (there + timedelta(minutes=minutes)).isoformat()
                answer = await browser.get(path, params=rest | {"known_at": moment})
                assert answer.status_code == status, (path, moment, answer.text[:400])
    finally:
        clock.use_zone("UTC")


@pytest.mark.parametrize("text", ["yesterday", "2013-13-01T00:00"])
async def test_what_is_no_moment_is_told_with_an_example(browser: httpx.AsyncClient, text: str) -> None:
    for path, rest in ADDRESSES.items():
        answer = await browser.get(path.replace("{code}", "D-1"), params=rest | {"known_at": text})
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["field"]) == (422, "known_at"), path
        assert error["expected"] == str(A_MOMENT), path


async def test_a_moment_before_all_business_is_told_so(browser: httpx.AsyncClient) -> None:
    for path, rest in ADDRESSES.items():
        asked = rest | {"known_at": "0001-01-01T00:00:00+14:00"}
        answer = await browser.get(path.replace("{code}", "D-1"), params=asked)
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["field"]) == (422, "known_at"), path
        assert error["expected"] == "a day from 1 Jan 1900 to 31 Dec 2199", path


async def test_what_is_being_posted_is_waited_for(
    browser: httpx.AsyncClient, server: EmbeddedPostgres, database: str
) -> None:
    """Somebody has stamped a posting and not committed yet: whoever asks as known at a moment has to wait for him.

    The wait is cut by the database after an instant, which tells it from an answer given without waiting.
    """
    poster = await asyncpg.connect(server.dsn(OWNER, database))
    await poster.execute(f'ALTER DATABASE "{database}" SET lock_timeout = 20')
    await db.close_pool()
    await db.open_pool(server.dsn(db.APP_ROLE, database), size=2)
    past = (clock.now() - timedelta(hours=1)).isoformat()
    try:
        await poster.execute("BEGIN")
        await poster.execute("SELECT pg_advisory_xact_lock_shared($1)", Lock.POSTINGS)
        for path, rest in _all():
            waiting = await browser.get(path, params=rest | {"known_at": past})
            assert waiting.status_code == 409, path
        await poster.execute("COMMIT")
        for path, rest in _all():
            assert (await browser.get(path, params=rest | {"known_at": past})).status_code == 200, path
    finally:
        await poster.close()


@pytest.mark.parametrize("text", ["soon", "2013-02-30", "0001-01-01", "9999-12-31"])
async def test_days_no_business_knows_are_refused(browser: httpx.AsyncClient, text: str) -> None:
    for path in ("/api/v1/dealers/D-1", "/api/v1/credit/limits", "/api/v1/credit/dealers/D-1/explain"):
        answer = await browser.get(path, params={"as_of": text})
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["field"]) == (422, "as_of"), path
        assert error["expected"], path


async def test_a_day_or_moment_in_a_body_is_told_as_the_callers_fault(
    app: Litestar, database: str, api: Callable[..., Any]
) -> None:
    world = await make_world()
    finance = await api(world.people[Role.FINANCE])
    for field in ("as_of", "known_at"):
        answer = await finance.post(f"{V1}/credit/assess", json={field: "soon"})
        assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (422, [field])
