"""What is due is opened on its day and once: over a year, summer time, weeks that were missed, and several workers."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from channel import clock
from channel.access.rules import Person
from channel.database import db
from channel.database.embedded import EmbeddedPostgres
from channel.database.locks import Lock
from channel.reviews.service.opening import OPENING
from channel.reviews.service.planning import PLANNING
from channel.work.service import run_due
from tests.make.access import acting
from tests.make.dealers import make_dealer
from tests.make.ledger import post
from tests.make.limits import noon
from tests.make.receivables import day, moment, owed
from tests.make.reviews import make_plan, opened_by_hand, planned_alone, reviews, runs, work_at

ROOT = Path(__file__).parents[2]
DAY, WEEK = timedelta(days=1), timedelta(days=7)
EACH, MONTHLY = {"missed": "each"}, {"rhythm": "monthly", "day": 31, "missed": "each"}


@contextmanager
def zone(name: str) -> Iterator[ZoneInfo]:
    clock.use_zone(name)
    try:
        yield ZoneInfo(name)
    finally:
        clock.use_zone("UTC")


def at(on: date, hour: int = 0, minute: int = 1, zone: ZoneInfo | None = None) -> datetime:
    return datetime.combine(on, time(hour, minute), zone or UTC)


async def days_of(plan: str) -> list[date]:
    return [period for code, period, _ in await runs() if code == plan]


async def test_over_a_year_every_monday_and_every_month_is_opened_once(finance: Person) -> None:
    with zone("Europe/Berlin") as berlin:
        with clock.fixed(at(date(2025, 1, 1), zone=berlin)):
            await make_dealer("D-1")
        await planned_alone()
        await make_plan("weekly", {"when": EACH}, at(date(2025, 1, 1), 1, zone=berlin))
        await make_plan("monthly", {"when": MONTHLY}, at(date(2025, 1, 1), 2, zone=berlin))
        on = date(2025, 1, 1)
        while on <= date(2025, 12, 31):
            await work_at(at(on, 3, zone=berlin))
            on += timedelta(days=9)
        await work_at(at(date(2025, 12, 31), 23, 59, zone=berlin))
    mondays = [date(2025, 1, 6) + n * WEEK for n in range(52)]
    ends = [date(2025, month + 1, 1) - DAY if month < 12 else date(2025, 12, 31) for month in range(1, 13)]
    assert await days_of("weekly") == mondays
    assert await days_of("monthly") == ends
    opened = Counter((row["plan"], row["as_of"]) for row in await reviews())
    assert opened == Counter([*(("weekly", each) for each in mondays), *(("monthly", each) for each in ends)])


@pytest.mark.parametrize(
    ("name", "weekday", "turn"),
    [
        # Clocks go on at two and back at three; in Cairo the midnight of one day is not, and of another is twice.
        ("Europe/Berlin", "sunday", date(2025, 3, 30)),
        ("Europe/Berlin", "sunday", date(2025, 10, 26)),
        ("America/New_York", "sunday", date(2025, 11, 2)),
        ("Africa/Cairo", "friday", date(2025, 4, 25)),
        ("Africa/Cairo", "friday", date(2025, 10, 31)),
    ],
)
async def test_on_days_on_which_the_clocks_change_it_is_opened_once(
    name: str, weekday: str, turn: date, finance: Person
) -> None:
    with zone(name) as company:
        before = datetime.combine(turn - DAY, time(12), company).astimezone(UTC)
        with clock.fixed(before - DAY):
            await make_dealer("D-1")
        await planned_alone()
        await make_plan("there", {"when": {"weekday": weekday}}, before - DAY)
        seen: list[tuple[datetime, list[date]]] = []
        for halves in range(72):
            now = before + halves * timedelta(minutes=30)
            await work_at(now)
            seen.append((now, await days_of("there")))
    assert seen[-1][1] == [turn]
    for now, days in seen:
        assert (turn in days) == (now.astimezone(company).date() >= turn), now
    assert len(await reviews()) == 1


async def test_after_five_weeks_each_is_opened_or_only_the_last_as_the_plan_says(finance: Person) -> None:
    with clock.fixed(moment(0)):
        await make_dealer("D-1", currency="USD")
    await planned_alone()
    await make_plan("each", {"when": EACH}, moment(1))
    await make_plan("last", {}, moment(2))
    monday = date(2025, 1, 6)
    await work_at(at(monday))
    await post(finance, owed("5", on=20, due=21, currency="USD"), at=21 * 24)
    later = at(monday + 5 * WEEK + DAY)
    await work_at(later)
    assert await days_of("each") == [monday + n * WEEK for n in range(6)]
    assert await days_of("last") == [monday, monday + 5 * WEEK]
    # Each is as of its own day, as known when it was opened: the invoice of 21 January is in those after it.
    assert [row["exposure"] for row in await reviews("each")] == [None, None, None, 5, 5, 5]
    async with db.held(db.EVERYTHING):
        known = await db.fetch("SELECT DISTINCT known_at::date AS day FROM review_run WHERE plan = 'each' ORDER BY 1")
    assert [row["day"] for row in known] == [monday, later.date()]
    await work_at(later + timedelta(hours=1))
    assert len(await runs()) == 8


async def test_what_was_opened_stays_when_the_plan_changes_and_when_the_clock_goes_back(finance: Person) -> None:
    with clock.fixed(moment(0)):
        await make_dealer("D-1")
    await planned_alone()
    await make_plan("changing", {"when": EACH}, moment(1))
    monday = date(2025, 1, 13)
    await work_at(at(monday))
    before = await reviews()
    await make_plan("changing", {"when": EACH | {"weekday": "tuesday"}, "name": "Other"}, at(monday, 2))
    await make_plan(
        "changing", {"when": EACH | {"weekday": "monday"}, "name": "Back"}, at(monday, 3), monday + 2 * WEEK
    )
    await work_at(at(monday, 4))
    assert await reviews() == before
    await work_at(at(monday + 3 * WEEK))
    tuesdays = [monday + DAY, monday + DAY + WEEK]
    assert await days_of("changing") == [monday - WEEK, monday, *tuesdays, monday + 2 * WEEK, monday + 3 * WEEK]
    assert await work_at(at(monday + WEEK)) <= 1
    await opened_by_hand("changing", monday, at(monday + 3 * WEEK, 1))
    assert len(await reviews()) == 6
    async with db.held(db.EVERYTHING):
        rows = await db.fetch("SELECT plan_version FROM review_run")
    assert Counter(row["plan_version"] for row in rows) == Counter({1: 2, 2: 2, 3: 2})


async def test_several_workers_open_each_once(finance: Person) -> None:
    with clock.fixed(moment(0)):
        for number in range(5):
            await make_dealer(f"D-{number}")
    await planned_alone()
    for plan in ("one", "two", "three"):
        await make_plan(plan, {"when": EACH}, moment(1))
    with clock.fixed(noon(date(2025, 2, 4))):
        await asyncio.gather(*(run_due([PLANNING, OPENING]) for _ in range(4)))
        await run_due([PLANNING, OPENING])
    found = Counter((row["plan"], row["as_of"], row["code"]) for row in await reviews())
    assert len(found) == 3 * 5 * 5
    assert set(found.values()) == {1}
    assert all(opened == 5 for _, _, opened in await runs())


# A worker that is killed when so many reviews of a run were kept, two dealers at a time.
KILLED = """
import asyncio, os, signal
from datetime import datetime
from channel import clock
from channel.app import ROOMS, use_rooms
from channel.database import db
from channel.reviews.queries import runs
from channel.reviews.service import opening
from channel.work.service import run_due

go_on, batches = runs.go_on, 0


async def killed(*args):
    global batches
    await go_on(*args)
    batches += 1
    if batches == {batches}:
        os.kill(os.getpid(), signal.SIGKILL)


async def work():
    use_rooms(ROOMS)
    opening.BATCH = 2
    runs.go_on = killed
    await db.open_pool({dsn!r}, size=3)
    with clock.fixed(datetime.fromisoformat({now!r})):
        await run_due([opening.OPENING])


asyncio.run(work())
"""


@pytest.mark.parametrize("batches", [1, 3])
async def test_a_run_that_is_killed_goes_on_as_known_at_the_same_moment_and_opens_none_twice(
    batches: int, finance: Person, server: EmbeddedPostgres, database: str, tmp_path: Path
) -> None:
    with clock.fixed(moment(0)):
        for number in range(7):
            await make_dealer(f"D-{number}", currency="USD")
    await make_plan("all", {}, moment(1))
    for number in range(7):
        await post(finance, owed(str(100 + number), on=1, due=5, currency="USD"), at=10 * 24, code=f"D-{number}")
    on = date(2025, 1, 20)
    with clock.fixed(at(on, 2)):
        async with db.held(db.EVERYTHING):
            await db.execute("DELETE FROM work")
            await db.execute("UPDATE review_plan SET planned_until = $1 WHERE code <> 'all'", on)
        await run_due([PLANNING])
    script = tmp_path / "worker.py"
    now = at(on, 3).isoformat()
    script.write_text(KILLED.format(dsn=server.dsn(db.APP_ROLE, database), batches=batches, now=now))
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, script],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
        timeout=120,
    )
    assert done.returncode == -signal.SIGKILL
    async with db.alone(db.EVERYTHING):
        # PostgreSQL sees the end of the connection in its own time; this waits for exactly that.
        await db.execute("SELECT pg_advisory_lock($1, worker) FROM work WHERE worker IS NOT NULL", Lock.WORKERS)
        kept = await db.fetch("SELECT dealer_id, snapshot FROM review ORDER BY dealer_id")
        known_at = await db.fetchval("SELECT known_at FROM review_run")
    assert len(kept) == 2 * (batches - 1)
    # What is posted in between was not known yet when the run was begun.
    for number in range(7):
        later = owed("9000", on=1, due=5, currency="USD", number="late")
        await post(finance, later, at=(on - day(0)).days * 24 + 4, code=f"D-{number}")
    await work_at(at(on, 5))
    found = await reviews("all")
    assert [row["code"] for row in found] == [f"D-{number}" for number in range(7)]
    assert [row["exposure"] for row in found] == [100 + number for number in range(7)]
    assert [(row["dealer_id"], row["snapshot"]) for row in found][: len(kept)] == [tuple(row) for row in kept]
    async with acting(finance):
        run = await db.fetchrow("SELECT * FROM review_run WHERE plan = 'all' AND period = $1", on)
    assert run is not None
    assert (run["known_at"], run["opened"], run["looked_at"]) == (known_at, 7, 7)
    assert run["ended_at"] is not None
    assert await work_at(at(on, 6)) == 0
