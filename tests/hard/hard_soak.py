# ruff: noqa: ASYNC110, T201
"""A working day in short: everybody at work at once, for as long as HARD_SOAK_MINUTES says (20), and nothing grows.

Twenty requests a second of all roles: pages, lists, searches, reads over the API, writes, and a small file each half
minute. At each minute's end nobody asks for a moment, and what the service then holds is told. At the end it may hold
1.1 times the memory of minute five and as many connections as then, and no answer was an error.
"""

import asyncio
import os
import random
import statistics
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx

from channel.access.rules import Role
from channel.app import ROOMS
from channel.database.db import APP_ROLE
from channel.demo.company import ACCOUNTS, PASSWORD
from tests.hard.place import Service, service

MINUTES = int(os.environ.get("HARD_SOAK_MINUTES", "20"))
SECONDS = MINUTES * 60 + 600.0
A_SECOND = 20
FILE_EVERY = 30 * A_SECOND
MOST_WAITING = 400
"""Requests that wait at once; beyond, the service is too slow for the load, and that is a failure."""
MOST_GROWTH = 1.1
# What a role has no right to is refused, and that is a part of the load.
FINE = {200, 201, 202, 204, 303, 403}


@dataclass(frozen=True)
class Somebody:
    """One of the demonstration's people with a browser and a token, and the dealers whom he sees."""

    login: str
    role: Role
    browser: httpx.AsyncClient
    program: httpx.AsyncClient
    dealers: list[str]


@dataclass
class Seen:
    """What came back: seconds of each answer, and every answer that was none of the expected."""

    seconds: list[float] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)
    count: int = 0


@dataclass(frozen=True)
class Held:
    """What the service holds while nobody asks."""

    memory: float
    sockets: int
    connections: int


async def main() -> None:
    async with service() as running:
        people = [await _come_in(running, each.login, Role(each.role)) for each in ACCOUNTS]
        draw, seen, held = random.Random(1), Seen(), list[Held]()  # noqa: S311 - a load, no secret
        print(f"{MINUTES} minutes at {A_SECOND} requests a second on {len(people[0].dealers)} dealers", flush=True)
        for minute in range(1, MINUTES + 1):
            now = Seen()
            await _a_minute(people, draw, now, (minute - 1) * 60 * A_SECOND)
            held.append(await _held(running))
            _tell(minute, now, held[-1])
            seen.count += now.count
            seen.wrong += now.wrong
        for each in people:
            await each.browser.aclose()
            await each.program.aclose()
    _judge(seen, held)


def _judge(seen: Seen, held: list[Held]) -> None:
    first, last = held[min(5, len(held)) - 1], held[-1]
    print(f"{seen.count} answers, {seen.wrong.total()} of them wrong {dict(seen.wrong)}")
    print(f"memory {last.memory / first.memory:.2f} times that of minute {min(5, len(held))}; {first} -> {last}")
    assert not seen.wrong, "no answer is an error"
    assert last.memory <= MOST_GROWTH * first.memory, "memory grows"
    assert last.connections <= first.connections, "connections to the database grow"
    assert last.sockets <= first.sockets, "sockets grow"


def _tell(minute: int, now: Seen, held: Held) -> None:
    middle, slow = statistics.median(now.seconds), statistics.quantiles(now.seconds, n=100)[98]
    print(
        f"minute {minute:>2}: {now.count} answers, {now.wrong.total()} wrong, median {middle * 1000:.0f} ms,"
        f" 99 of 100 below {slow * 1000:.0f} ms, {held.memory:.0f} MiB, {held.sockets} sockets,"
        f" {held.connections} database connections {dict(now.wrong) or ''}",
        flush=True,
    )


async def _a_minute(people: list[Somebody], draw: random.Random, seen: Seen, number: int) -> None:
    """Ask in an even beat, whether or not the answers come, and wait for the last of them."""
    began = time.monotonic()
    async with asyncio.TaskGroup() as asking:
        waiting: set[asyncio.Task[None]] = set()
        for beat in range(60 * A_SECOND):
            await asyncio.sleep(max(0.0, began + beat / A_SECOND - time.monotonic()))
            assert len(waiting) < MOST_WAITING, "the answers do not keep up with the requests"
            act = _file if (number + beat) % FILE_EVERY == 0 else draw.choices(ACTS, WEIGHTS)[0]
            task = asking.create_task(_answered(act, people, number + beat, draw, seen))
            waiting.add(task)
            task.add_done_callback(waiting.discard)


async def _answered(act: "Act", people: list[Somebody], number: int, draw: random.Random, seen: Seen) -> None:
    began = time.monotonic()
    try:
        answer = await act(people, number, draw)
    except httpx.HTTPError as fault:
        seen.wrong[f"{act.__name__}: {type(fault).__name__}"] += 1
    else:
        if answer.status_code not in FINE:
            seen.wrong[f"{answer.request.method} {answer.url.path} {answer.status_code}: {answer.text[:200]}"] += 1
    seen.count += 1
    seen.seconds.append(time.monotonic() - began)


async def _page(people: list[Somebody], _: int, draw: random.Random) -> httpx.Response:
    return await draw.choice(people).browser.get(draw.choice([each for room in ROOMS for each in room.nav]).url)


async def _dealer_page(people: list[Somebody], _: int, draw: random.Random) -> httpx.Response:
    who = draw.choice(people)
    page = draw.choice(("/dealers/{}", "/credit/dealers/{}", "/dealers/{}?as_of=2026-01-31"))
    return await who.browser.get(page.format(draw.choice(who.dealers)) if who.dealers else "/account")


async def _search(people: list[Somebody], _: int, draw: random.Random) -> httpx.Response:
    text = draw.choice(("恒", "Heng", "D10", "sh", "空调", "100%"))
    return await draw.choice(people).browser.get(
        draw.choice(("/search", "/dealers", "/sales", "/products")), params={"q": text}
    )


async def _read(people: list[Somebody], _: int, draw: random.Random) -> httpx.Response:
    who = draw.choice(people)
    code = draw.choice(who.dealers) if who.dealers else "none"
    about = ("/dealers/{}/card", "/credit/dealers/{}/explain", "/credit/dealers/{}/limits", "/sales/lines?dealer={}")
    of_all = ("/dealers?limit=50", "/credit/limits", "/credit/proposals?limit=50", "/sales/months?limit=200", "/desk")
    return await who.program.get("/api/v1" + draw.choice((*about, *of_all) if who.dealers else of_all).format(code))


async def _write(people: list[Somebody], number: int, draw: random.Random) -> httpx.Response:
    """A contact, a customer, a product, one's language; an assessment and a question of what if."""
    who = _of(people, draw, Role.MANAGER)
    code = draw.choice(who.dealers)
    match draw.randrange(6):
        case 0:
            body = {"name": f"Contact {number} 联系人", "phone": "+86 21 5555 0000"}
            return await who.program.post(f"/api/v1/dealers/{code}/contacts", json=body)
        case 1:
            kept = {"code": f"C{number % 50}", "name": f"Shop {number} 店", "kind": "direct"}
            return await who.program.post(f"/api/v1/dealers/{code}/second-tier", json=kept)
        case 2:
            return await who.program.patch(f"/api/v1/dealers/{code}", json={"traits": {"brands_carried": number % 9}})
        case 3:
            spoken = draw.choice(("en", "zh"))
            return await draw.choice(people).program.patch("/api/v1/me", json={"locale": spoken})
        case 4:
            return await _of(people, draw, Role.FINANCE).program.post("/api/v1/credit/assess", json={"dealer": code})
        case _:
            return await who.program.post(f"/api/v1/credit/dealers/{code}/what-if", json={"overrides": {}})


async def _file(people: list[Somebody], number: int, draw: random.Random) -> httpx.Response:
    """A file of rates of long ago, another one each time."""
    rows = "".join(f"EUR,2001-{month:02}-01,{7 + number / 1e5:.5f}\n" for month in range(1, 13))
    return await _of(people, draw, Role.FINANCE).program.post(
        "/api/v1/imports",
        data={"kind": "rates", "confirmed": "true"},
        files={"file": (f"rates-{number}.csv", f"currency,date,rate\n{rows}".encode())},
    )


Act = Callable[[list[Somebody], int, random.Random], Awaitable[httpx.Response]]
ACTS: tuple[Act, ...] = (_page, _dealer_page, _search, _read, _write)
WEIGHTS = (30, 20, 15, 25, 10)


def _of(people: list[Somebody], draw: random.Random, role: Role) -> Somebody:
    return draw.choice([each for each in people if each.role is role])


async def _come_in(running: Service, login: str, role: Role) -> Somebody:
    """Signed in on a page and with a token; connections are not kept, so that those of the service can be counted."""
    no_keeping = httpx.Limits(max_keepalive_connections=0)
    browser = httpx.AsyncClient(base_url=running.url, limits=no_keeping, timeout=60)
    await browser.get("/sign-in")
    form = {"login": login, "password": PASSWORD, "next": "/", "_csrf_token": browser.cookies["csrftoken"]}
    entered = await browser.post("/sign-in", data=form)
    assert entered.status_code == 303, entered.text
    signed = {"authorization": f"Bearer {await running.token(login)}"}
    program = httpx.AsyncClient(base_url=running.url, limits=no_keeping, timeout=60, headers=signed)
    listed = await program.get("/api/v1/dealers", params={"limit": 500})
    return Somebody(login, role, browser, program, [each["code"] for each in listed.json().get("items", [])])


async def _held(running: Service) -> Held:
    """What it holds once the load under way is done and the last answers are away."""
    owner = await running.database()
    try:
        while await owner.fetchval("SELECT EXISTS (SELECT 1 FROM import_load WHERE state IN ('queued', 'running'))"):
            await asyncio.sleep(0.2)
        await asyncio.sleep(1)
        connections = await owner.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = $1", APP_ROLE
        )
    finally:
        await owner.close()
    return Held(running.rss(), running.sockets(), connections)


if __name__ == "__main__":
    asyncio.run(main())
