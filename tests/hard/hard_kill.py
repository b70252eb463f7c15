# ruff: noqa: T201
"""Kills the database, over and over: under requests, loads, assessments and restores; then makes it stay away.

Prints for each kill how long the service needed, and what it answered meanwhile. Fails where a request was answered
with anything but itself or 503 with when to come again, where a load was given up, where more than one line a second
was logged of it, where kept figures differ afterwards, or where a database that stays away does not end the service.
"""

import asyncio
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg
import httpx

from tests.cli.installed import command, environment
from tests.hard.place import Service, service
from tests.make.falls import WAYS, kill

SECONDS = 900.0
KILLS = 4
"""Of each way, under requests; so many again under loads, and under assessments."""
LOADS, ASSESSMENTS, RESTORES = 9, 6, 6
PATIENCE = 60.0
_MIND = random.Random(8)  # noqa: S311 - the moments of the kills
_BACKENDS = "SELECT pid FROM pg_stat_activity WHERE usename = 'channel_app' ORDER BY state = 'active' DESC LIMIT 1"


async def main() -> None:
    """All of it, on one demonstration."""
    async with service() as running:
        token = await running.token("mei")
        headers = {"authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=running.url, headers=headers, timeout=PATIENCE) as client:
            wrong = [
                *await _under_requests(running, client),
                *await _under_loads(running, client),
                *await _under_assessments(running, client),
            ]
        wrong += _log_lines(running)
        await running.stop()
        wrong += await _restores(running)
        wrong += _reconciled(running)
        await running.start()
        wrong += await _stays_away(running)
    if wrong:
        print("did not hold:", *wrong, sep="\n  ")
        sys.exit(1)


async def _fell(running: Service, way: str) -> None:
    backend = None
    if way == "backend":
        owner = await running.database()
        backend = await owner.fetchval(_BACKENDS)
        await owner.close()
        if backend is None:
            way = "whole"
    kill(running.postgres(), way, backend)


@asynccontextmanager
async def _asking(client: httpx.AsyncClient) -> AsyncIterator[Counter[str]]:
    """Twenty requests a second while the block lasts; what was answered."""
    answers: Counter[str] = Counter()

    async def one(path: str) -> None:
        try:
            answer = await client.get(path)
        except httpx.HTTPError as fault:
            answers[type(fault).__name__] += 1
            return
        later = "" if answer.status_code != 503 or "retry-after" in answer.headers else " without Retry-After"
        answers[f"{answer.status_code}{later}"] += 1

    async def ask() -> None:
        async with asyncio.TaskGroup() as tasks:
            while True:
                tasks.create_task(one(_MIND.choice(["/api/v1/me", "/api/v1/dealers", "/sign-in"])))
                await asyncio.sleep(0.05)

    asking = asyncio.create_task(ask())
    try:
        yield answers
    finally:
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking


async def _healed(client: httpx.AsyncClient) -> float:
    """Seconds until a request that needs the database is answered; infinite when it never is."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        if (await client.get("/api/v1/me")).is_success and (await client.get("/health/ready")).is_success:
            return time.monotonic() - began
        await asyncio.sleep(0.05)
    return float("inf")


async def _under_requests(running: Service, client: httpx.AsyncClient) -> list[str]:
    wrong = []
    for way in WAYS:
        took = []
        async with _asking(client) as answers:
            for _ in range(KILLS):
                await asyncio.sleep(_MIND.uniform(0.5, 1.5))
                await _fell(running, way)
                took.append(await _healed(client))
        print(f"under requests, {way:<10} {KILLS} kills, healed in {_all(took)} s; answers {dict(answers)}", flush=True)
        wrong += [f"{way}: answered {each}" for each in answers if each not in {"200", "303", "503"}]
        wrong += [f"{way}: never healed" for each in took if each == float("inf")]
    return wrong


async def _under_loads(running: Service, client: httpx.AsyncClient) -> list[str]:
    ended: Counter[str] = Counter()
    attempts: Counter[int] = Counter()
    codes = [each["code"] for each in (await client.get("/api/v1/dealers", params={"limit": 100})).json()["items"]]
    owner = await running.database()
    products = [row["code"] for row in await owner.fetch("SELECT code FROM product ORDER BY code LIMIT 20")]
    months = await owner.fetchval("SELECT to_char(min(on_date), 'YYYY-MM') FROM sales_line")
    await owner.close()
    token = {"authorization": f"Bearer {await running.token('fang')}"}
    for number in range(LOADS):
        lines = [
            f"{_MIND.choice(codes)},{months}-{_MIND.randint(1, 28):02},{_MIND.choice(products)},{n % 9 + 1},{n}.00"
            for n in range(150_000)
        ]
        content = "\n".join(["dealer,date,product,quantity,amount", *lines]).encode()
        query = {"kind": "sell-in", "file_name": f"{number}.csv", "confirmed": "true", "partial": "true"}
        asked = await client.post("/api/v1/imports", params=query, content=content, headers=token)
        asked.raise_for_status()
        await asyncio.sleep(_MIND.uniform(0.2, 3.0))
        await _fell(running, WAYS[number % len(WAYS)])
        await _healed(client)
        load = await _load_done(client, asked.json()["id"], token)
        ended[load["state"]] += 1
        owner = await running.database()
        attempts[await owner.fetchval("SELECT attempts FROM import_load WHERE id = $1", load["id"])] += 1
        await owner.close()
    print(f"under loads, {LOADS} kills: ended {dict(ended)}, after attempts {dict(attempts)}", flush=True)
    return [f"a load ended as {state}" for state in ended if state in {"failed", "running", "queued"}]


async def _load_done(client: httpx.AsyncClient, number: int, token: dict[str, str]) -> dict[str, object]:
    until = time.monotonic() + PATIENCE
    while True:
        answer = await client.get(f"/api/v1/imports/{number}", headers=token)
        if answer.is_success:
            load: dict[str, object] = answer.json()
            if load["state"] not in {"queued", "running"} or time.monotonic() > until:
                return load
        await asyncio.sleep(0.2)


async def _under_assessments(running: Service, client: httpx.AsyncClient) -> list[str]:
    answers: Counter[str] = Counter()
    for number in range(ASSESSMENTS):
        assessing = asyncio.create_task(client.post("/api/v1/credit/assess", json={}))
        await asyncio.sleep(_MIND.uniform(0.02, 0.6))
        await _fell(running, WAYS[number % len(WAYS)])
        answer = await assessing
        # In the moment of the commit nobody can say what became of it, and then that is the answer.
        told = " (not known)" if "not known whether" in answer.text else ""
        answers[f"{answer.status_code}{told}"] += 1
        await _healed(client)
    print(f"under assessments, {ASSESSMENTS} kills: answers {dict(answers)}", flush=True)
    fine = {"200", "201", "503", "500 (not known)"}
    return [f"an assessment was answered {each}" for each in answers if each not in fine]


def _log_lines(running: Service) -> list[str]:
    """At most one line a second tells that the database is away; and no fault was written down."""
    said = running.said()
    away = Counter(re.findall(r"^(\d\d:\d\d:\d\d) . The database has been away", said, re.MULTILINE))
    traces = said.count("Traceback")
    print(f"logged: {sum(away.values())} lines of an absence, at most {max(away.values(), default=0)} in a second;")
    print(f"        {traces} traces", flush=True)
    return [f"{traces} traces in the log"] * (traces > 0) + ["more than one line in a second"] * (
        max(away.values(), default=0) > 1
    )


async def _restores(running: Service) -> list[str]:
    file = running.data.parent / "kept.backup"
    if command("backup", str(file), data=running.data).returncode:
        return ["no backup could be made"]
    seen: Counter[str] = Counter()
    wrong = []
    for _ in range(RESTORES):
        owner = await running.database()
        before = await owner.fetchval("SELECT count(*) FROM audit_general WHERE act = 'restore'")
        await owner.execute("INSERT INTO setting VALUES ('not in the backup', '1')")
        await owner.close()
        restoring = subprocess.Popen(  # noqa: ASYNC220 - it returns at once
            [sys.executable, "-m", "channel.cli", "restore", str(file), "--yes"],
            env=environment(running.data),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
        )
        await asyncio.sleep(_MIND.uniform(0.5, 9.0))
        restoring.kill()
        restoring.wait()
        told = command("migrate", data=running.data)
        owner = await running.database()
        replaced = not await owner.fetchval("SELECT count(*) FROM setting WHERE name = 'not in the backup'")
        audited = await owner.fetchval("SELECT count(*) FROM audit_general WHERE act = 'restore'")
        copies = await owner.fetchval("SELECT count(*) FROM pg_database WHERE datname ~ '_(incoming|outgoing)$'")
        await owner.execute("DELETE FROM setting WHERE name = 'not in the backup'")
        await owner.close()
        seen["replaced" if replaced else "as it was"] += 1
        seen["with a copy told and removed"] += "it is removed" in told.stderr
        if told.returncode or copies or audited != (1 if replaced else before):
            wrong.append(f"a killed restore: {told.stderr.strip()}, {copies} copies, {audited} times in the trail")
    print(f"restores, {RESTORES} kills: {dict(seen)}", flush=True)
    return wrong


def _reconciled(running: Service) -> list[str]:
    done = command("reconcile", data=running.data)
    print(f"reconcile ended with {done.returncode}", flush=True)
    return [f"reconcile: {done.stdout}"] * (done.returncode != 0)


async def _stays_away(running: Service) -> list[str]:
    """Without its control file the server cannot start: within a minute and a little the service says why, and ends."""
    assert running.process is not None
    server = running.postgres()
    assert server._seat is not None
    control = server._seat.data / "global" / "pg_control"
    control.rename(control.with_suffix(".away"))
    began = time.monotonic()
    try:
        await _fell(running, "whole")
        await asyncio.sleep(5)
        async with httpx.AsyncClient(base_url=running.url) as client:
            live, ready = await client.get("/health/live"), await client.get("/health/ready")
        code = await asyncio.to_thread(running.process.wait, 120)
    except (httpx.HTTPError, asyncpg.PostgresError, subprocess.TimeoutExpired) as fault:
        return [f"a database that stays away: {fault!r}"]
    finally:
        control.with_suffix(".away").rename(control)
    took = time.monotonic() - began
    print(f"stays away: live {live.status_code} {live.json()}, ready {ready.status_code} {ready.json()};")
    print(f"            the service ended with {code} after {took:.0f} s, saying")
    print("            " + running.said().strip().splitlines()[-1][:300], flush=True)
    await running.start()
    code_of_stop = await running.stop(signal.SIGTERM)
    print(f"            started anew, and stopped with {code_of_stop}")
    held = code == 1 and 60 <= took <= 90 and (live.status_code, ready.status_code) == (200, 503)
    return [] if held and code_of_stop == 0 else ["a database that stays away did not end the service as it should"]


def _all(took: list[float]) -> str:
    return ", ".join(f"{each:.1f}" for each in took)


if __name__ == "__main__":
    asyncio.run(main())
