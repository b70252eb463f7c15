# ruff: noqa: ASYNC240, T201
"""A year of reviews by two services on one database under a moved clock, as a company would live through it.

The documents of a real company are loaded each Sunday; limits and promises are entered by hand. On Mondays and the
first of each month either service may open the reviews; every other Monday one of them is killed with -9 as soon as a
run has begun, and for more than five weeks neither runs. Fails where a review is missing, is there twice, is of another
dealer or tells other figures than those worked out from the file alone, or where a promise was judged otherwise.
"""

import asyncio
import csv
import io
import json
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from channel.database.locks import Lock
from tests.cli.installed import PASSWORD, command
from tests.hard.place import Service
from tests.real.ibm_reviews import FIRST, LAST, Year, compared, days

SECONDS = 3600.0
_DAY = timedelta(days=1)
DOWN = frozenset(days(date(2013, 6, 26), date(2013, 8, 1)))
IDLE = frozenset(each for each in days(FIRST, LAST) if each.isoweekday() != 1 and each.day != 1)
KINDS = ["plan reviews", "open reviews", "promises that are over"]
_MIND = random.Random(8)  # noqa: S311 - the moments of the kills
_REVIEWS = "SELECT x.plan, x.as_of, x.snapshot, d.code FROM review x JOIN dealer d ON d.id = x.dealer_id"
_JUDGED = """
SELECT d.code, p.given_on, j.judged_on, CASE WHEN j.kept THEN 'kept' ELSE 'broken' END AS state, j.came
FROM promise_judgement j JOIN promise p ON (p.dealer_id, p.id) = (j.dealer_id, j.promise_id)
JOIN dealer d ON d.id = j.dealer_id
"""
_PRESENT = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND objid = $2::bigint::oid"


async def main() -> None:
    """The whole year."""
    with tempfile.TemporaryDirectory(prefix="hard-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        place = Place(Year(1, IDLE, DOWN), folder / "data")
        try:
            wrong = await place.live()
        finally:
            for each in place.services:
                await each.end()
    if wrong:
        print("did not hold:", *wrong[:40], sep="\n  ")
        sys.exit(1)


@dataclass
class Place:
    """Two services over one data folder, and the people who work there."""

    year: Year
    data: Path
    services: list[Service] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    killed: Counter[str] = field(default_factory=Counter)

    async def live(self) -> list[str]:
        """Everything from the evening before the year to its end; what did not hold."""
        start = {"CHANNEL_NOW": f"{FIRST - _DAY}T06:00:00", "CHANNEL_COMPANY_CURRENCY": "USD"}
        # Whoever starts again later is not told an earlier day: the clock stands in the database from here on.
        first = Service(self.data, **start)
        await first.start()
        await first.stop()
        self.services = [Service(self.data), Service(self.data)]
        self.services[1].log = self.data.parent / "second.log"
        await self.start()
        await self.people()
        await self.begin()
        known = FIRST - _DAY
        for day in days(FIRST, LAST):
            if day not in IDLE | DOWN:
                await self.work(day)
            if day in DOWN:
                await self.rest(day)
            if self.year.is_loaded(day):
                self.move(day, 18)
                await self.load(known, day)
                await self.promise(day)
                known = day
        return await self.compare()

    async def start(self) -> None:
        """Both of them."""
        for each in self.services:
            if each.process is None or each.process.poll() is not None:
                await each.start()

    async def people(self) -> None:
        """An administrator, a manager and two of finance, each with a token for the year."""
        added = command("user", "add", "admin", "--password-stdin", data=self.data, typed=f"{PASSWORD}\n")
        if added.returncode:
            raise RuntimeError(added.stderr)
        await self.sign_in("admin")
        async with self.client("admin") as client:
            for login, role in (("mei", "manager"), ("fang", "finance"), ("grace", "finance")):
                body = {"login": login, "name": login, "role": role, "password": PASSWORD}
                (await client.post("/api/v1/people", json=body)).raise_for_status()
                await self.sign_in(login)

    async def sign_in(self, login: str) -> None:
        """A token that lasts the year."""
        wish = {"login": login, "password": PASSWORD, "name": "hard", "days": 366}
        async with httpx.AsyncClient(base_url=self.services[0].url, timeout=120) as client:
            self.tokens[login] = (await client.post("/api/v1/sign-in", json=wish)).raise_for_status().json()["token"]

    def client(self, login: str) -> httpx.AsyncClient:
        """Who speaks to whichever service runs."""
        headers = {"authorization": f"Bearer {self.tokens[login]}"}
        running = [each for each in self.services if each.process is not None and each.process.poll() is None]
        return httpx.AsyncClient(base_url=_MIND.choice(running).url, headers=headers, timeout=120)

    async def begin(self) -> None:
        """The dealers, the limits by hand, and the documents of before."""
        await self.bring("mei", "territories", ["code", "name", "level"], [["land", "Land", "country"]])
        head = ["code", "name", "type", "territory", "currency", "status", "terms_days", "grade"]
        dealers = [[code, code, "terminal", "land", "USD", "active", "30", "A"] for code in self.year.of_dealer]
        await self.bring("mei", "dealers", head, dealers, effective_on="2010-01-01")
        async with self.client("fang") as asks, self.client("grace") as approves:
            for code, limit in self.year.limits.items():
                body = {
                    "kind": "base",
                    "amount": str(limit.amount),
                    "from_on": str(FIRST),
                    "to_on": str(limit.until),
                    "reason": "by hand",
                }
                made = await asks.post(f"/api/v1/credit/dealers/{code}/proposals", json=body)
                number = made.raise_for_status().json()["id"]
                done = await approves.post(f"/api/v1/credit/proposals/{number}/approve", json={"reason": "as agreed"})
                done.raise_for_status()
        await self.load(date.min, FIRST - _DAY)

    async def bring(self, login: str, kind: str, head: list[str], lines: Iterable[list[str]], **options: Any) -> None:  # noqa: ANN401 - of a load
        """A file, as far as it has lines, loaded to its end."""
        written = io.StringIO()
        writer = csv.writer(written)
        writer.writerows([head, *lines])
        if written.getvalue().count("\n") < 2:
            return
        sent = {"options": json.dumps({"kind": kind, **options})}
        async with self.client(login) as client:
            asked = await client.post(
                "/api/v1/imports", data=sent, files=[("file", (f"{kind}.csv", written.getvalue()))]
            )
            if asked.is_error:
                raise RuntimeError(asked.text)
            await _until(lambda: self._loaded(client, asked.json()["id"]))

    async def _loaded(self, client: httpx.AsyncClient, number: int) -> bool:
        told = (await client.get(f"/api/v1/imports/{number}")).json()
        if told["state"] not in {"queued", "running", "loaded"}:
            raise RuntimeError(json.dumps(told))
        return bool(told["state"] == "loaded")

    async def load(self, after: date, until: date) -> None:
        """What took effect after a day, up to another one."""
        lines = [each for its in self.year.of_dealer.values() for each in its]
        bills = [each for each in lines if after < each.invoiced_on <= until]
        money = [each for each in lines if after < each.settled_on <= until]
        head = ["dealer", "number", "date", "amount", "currency"]
        await self.bring(
            "fang",
            "invoices",
            head,
            ([each.dealer, each.number, str(each.invoiced_on), str(each.amount), "USD"] for each in bills),
        )
        await self.bring(
            "fang",
            "receipts",
            [*head, "reference"],
            ([each.dealer, each.number, str(each.settled_on), str(each.amount), "USD", each.number] for each in money),
        )

    async def promise(self, day: date) -> None:
        """What dealers promise on a day."""
        async with self.client("fang") as client:
            for each in self.year.promises:
                if each.given_on == day:
                    body = {
                        "amount": str(each.amount),
                        "due_on": str(each.due_on),
                        "given_on": str(day),
                        "promised_by": "Ms Lin",
                    }
                    made = await client.post(f"/api/v1/receivables/dealers/{each.dealer}/promises", json=body)
                    made.raise_for_status()

    def move(self, day: date, hour: int) -> None:
        """Move the clock on."""
        moved = command("clock", "set", f"{day}T{hour:02}:00", data=self.data)
        if moved.returncode:
            raise RuntimeError(moved.stderr)
        # A service that runs looks every two seconds how far the clock is moved.
        time.sleep(3)

    async def work(self, day: date) -> None:
        """A day on which reviews open; on some of them a service is killed as soon as a run has begun."""
        await self.start()
        owner = await self.services[0].database()
        began = time.monotonic()
        try:
            self.move(day, 1)
            if day.isocalendar().week % 2 and day.isoweekday() == 1:
                await self.kill(owner, day)
            await _until(lambda: _is_done(owner, day))
        finally:
            await owner.close()
        print(f"{day} done after {time.monotonic() - began:.1f} s, killed so far {dict(self.killed)}", flush=True)

    async def kill(self, owner: "asyncpg.Connection[asyncpg.Record]", day: date) -> None:
        """Kill whichever service has begun the weekly run, while it is at it where it can be caught."""
        worker = None
        until = time.monotonic() + 60
        while worker is None and time.monotonic() < until:
            worker = await owner.fetchval(
                "SELECT worker FROM work WHERE kind = 'open reviews' AND period = $1 AND worker IS NOT NULL", day
            )
            if await _is_done(owner, day):
                break
        victim = _MIND.choice(self.services)
        await victim.stop(signal.SIGKILL)
        at_it = worker is not None and await self._was_of(owner, worker)
        self.killed["while it opened them" if at_it else "while the other did, or none"] += 1

    async def _was_of(self, owner: "asyncpg.Connection[asyncpg.Record]", worker: int) -> bool:
        """Whether the worker went with what was killed: then its lock of presence is gone with it."""
        for _ in range(20):
            held = (
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND objid = $2::bigint::oid"
            )
            if not await owner.fetchval(held, Lock.WORKERS.value, worker):
                return True
            await asyncio.sleep(0.1)
        return False

    async def rest(self, day: date) -> None:
        """From the first of these days on neither runs."""
        if day == min(DOWN):
            for each in self.services:
                await each.stop()

    async def compare(self) -> list[str]:
        """What is otherwise than the file says."""
        owner = await self.services[0].database()
        try:
            rows = await owner.fetch(_REVIEWS)
            runs = await owner.fetch("SELECT plan, period, ended_at, problem FROM review_run WHERE period >= $1", FIRST)
            judged = {(row["code"], row["given_on"]): tuple(row[2:]) for row in await owner.fetch(_JUDGED)}
        finally:
            await owner.close()
        opened = [(row["plan"], row["as_of"], row["code"], json.loads(row["snapshot"])) for row in rows]
        wrong = [f"not ended: {dict(row)}" for row in runs if row["ended_at"] is None or row["problem"] is not None]
        wrong += compared(self.year, [(row["plan"], row["period"]) for row in runs], opened)
        wrong += [
            f"judged otherwise: {key}: {judged.get(key)}, by the file {self.year.judged.get(key)}"
            for key in judged.keys() | self.year.judged.keys()
            if judged.get(key) != self.year.judged.get(key)
        ]
        print(f"{len(runs)} runs, {len(opened)} reviews, {len(judged)} promises judged; killed {dict(self.killed)}")
        return wrong


async def _is_done(owner: "asyncpg.Connection[asyncpg.Record]", day: date) -> bool:
    return bool(
        await owner.fetchval(
            "SELECT (SELECT min(planned_until) FROM review_plan) = $1"
            " AND NOT EXISTS (SELECT FROM work WHERE kind = ANY ($2) AND failed_at IS NULL AND due_at < $3)",
            day,
            KINDS,
            datetime.combine(day + _DAY, datetime.min.time()).astimezone(),
        )
    )


async def _until(holds: Any, patience: float = 120) -> None:  # noqa: ANN401 - a question that is awaited
    until = time.monotonic() + patience
    while not await holds():
        if time.monotonic() > until:
            raise TimeoutError("it is not done")
        await asyncio.sleep(0.1)


if __name__ == "__main__":
    asyncio.run(main())
