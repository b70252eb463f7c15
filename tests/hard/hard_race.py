# ruff: noqa: ASYNC240, T201
"""Races of approvals and of stamps, with clocks that go back: no vote is lost or counted twice, and no view changes.

Six post and four look, first with clocks that agree, then each with a clock of its own that is up to an hour back.
"""

import asyncio
import random
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg

from channel import clock
from channel.access import service as access
from channel.access.rules import OPERATOR, Person
from channel.app import ROOMS, use_rooms
from channel.credit.service.decisions import bulk_of
from channel.database import db, schema
from channel.database.embedded import OWNER, EmbeddedPostgres
from channel.errors import Refused
from tests.make.access import acting
from tests.make.limits import AS_OF, Desk, approve_proposal, approve_run, assess, make_dealer_selling, make_desk, noon

SECONDS = 300.0
RACES = 40
"""Proposals for which four people reach at once."""
TAKES = 15.0
"""Seconds of posting and looking, in each of the two rounds."""


@dataclass
class Seen:
    """What the posters and the lookers saw."""

    posted: list[datetime] = field(default_factory=list)
    views: list[tuple[datetime, int]] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)


async def main() -> None:
    """Race, and tell."""
    with tempfile.TemporaryDirectory(prefix="hard-race-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        server = EmbeddedPostgres(folder / "postgres")
        await asyncio.to_thread(server.start)
        try:
            async with _opened(server):
                await _race_of_stamps("clocks that agree", timedelta())
                await _race_of_stamps("clocks up to an hour back", timedelta(hours=1))
                await _race_of_approvals()
        finally:
            await asyncio.to_thread(server.stop)


@asynccontextmanager
async def _opened(server: EmbeddedPostgres) -> AsyncIterator[None]:
    owner = await asyncpg.connect(server.dsn(OWNER, "postgres"))
    await owner.execute("CREATE DATABASE channel")
    await owner.close()
    await schema.migrate(server.dsn(OWNER, "channel"))
    owner = await asyncpg.connect(server.dsn(OWNER, "channel"))
    await owner.execute("INSERT INTO setting (name, value) VALUES ('company_currency', '\"USD\"')")
    await owner.close()
    use_rooms(ROOMS)
    await db.open_pool(server.dsn(db.APP_ROLE, "channel"), size=12)
    try:
        yield
    finally:
        await db.close_pool()


async def _race_of_stamps(told: str, back: timedelta) -> None:
    """Six post and four look, each with a clock of its own; every view is then looked at again."""
    seen, until = Seen(), time.monotonic() + TAKES
    own = [asyncio.create_task(_post(seen, until, back), context=Context()) for _ in range(6)]
    own += [asyncio.create_task(_look(seen, until, back), context=Context()) for _ in range(4)]
    await asyncio.gather(*own)
    changed = 0
    async with db.held(db.EVERYTHING):
        for k, then in seen.views:
            changed += await _known_at(k) != then
        total = await db.fetchval("SELECT count(*) FROM posting WHERE recorded_at IS NULL")
    print(f"stamps, {told}:")
    print(f"  {len(seen.posted)} acts ({len(seen.posted) / TAKES:.0f} a second, {_median(seen.took):.1f} ms each)")
    print(f"  {len(seen.views)} views ({len(seen.views) / TAKES:.0f} a second, {_median(seen.waited):.1f} ms to begin)")
    print(f"  {changed} views changed afterwards; {total} acts without a moment")
    assert (changed, total) == (0, 0)


def _median(of: list[float]) -> float:
    return sorted(of)[len(of) // 2] * 1000


@asynccontextmanager
async def _clock(back: timedelta) -> AsyncIterator[None]:
    """A clock that is somewhere between right and so far back."""
    if not back:
        yield
        return
    with clock.fixed(clock.now() - random.random() * back):  # noqa: S311 - any will do
        yield


async def _post(seen: Seen, until: float, back: timedelta) -> None:
    async with db.held(db.EVERYTHING):
        while time.monotonic() < until:
            async with _clock(back):
                began = time.monotonic()
                async with db.transaction():
                    posting_id = await access.open_posting(OPERATOR, "keep rate")
                seen.took.append(time.monotonic() - began)
            seen.posted.append(await db.fetchval("SELECT recorded_at FROM posting WHERE id = $1", posting_id))


async def _look(seen: Seen, until: float, back: timedelta) -> None:
    async with db.held(db.EVERYTHING):
        while time.monotonic() < until:
            async with _clock(back):
                began = time.monotonic()
                async with db.known() as k:
                    seen.waited.append(time.monotonic() - began)
                    seen.views.append((k, await _known_at(k)))
            await asyncio.sleep(0.02)


async def _known_at(k: datetime) -> int:
    return int(await db.fetchval("SELECT count(*) FROM posting WHERE recorded_at <= $1", k))


async def _race_of_approvals() -> None:
    """Two of finance approve each proposal twice at once, while a third approves the whole run again and again."""
    with clock.fixed(noon(AS_OF)):
        desk = await make_desk()
        for n in range(RACES):
            await make_dealer_selling(desk, f"D-{n:03}", 150_000)
        async with acting(desk.manager):
            run = await assess(desk.manager, propose=True)
        async with acting(desk.auditor):
            ids = [row["id"] for row in await db.fetch("SELECT id FROM limit_proposal ORDER BY id")]
        bulk = asyncio.create_task(_approve_all(desk, run.run_id))
        outcomes: Counter[str] = Counter()
        for each in ids:
            outcomes.update(
                await asyncio.gather(
                    *(_approve(who, each) for who in (desk.finance, desk.finance, desk.second, desk.second))
                )
            )
        bulk.cancel()
        await asyncio.gather(bulk, return_exceptions=True)
        async with db.held(db.EVERYTHING):
            doubled = await db.fetchval(
                "SELECT count(*) FROM (SELECT proposal_id FROM credit_limit GROUP BY 1 HAVING count(*) > 1) x"
            )
            lacking = await db.fetchval(
                "SELECT count(*) FROM credit_limit c WHERE (SELECT count(*) FROM vote_dealer v"
                " WHERE v.request_id = c.proposal_id AND v.vote = 'approve') <> 2"
            )
            lines = await db.fetchval("SELECT count(*) FROM credit_limit")
            still = await db.fetchval("SELECT count(*) FROM request_dealer WHERE state = 'open'")
    print(f"approvals of {len(ids)} proposals by four hands and a whole run at once:")
    for said, count in outcomes.most_common():
        print(f"  {count:>4} {said}")
    print(f"  {lines} limits in force, {still} proposals open")
    print(f"  {doubled} in force twice, {lacking} by more or fewer approvals than two")
    assert (lines, still, doubled, lacking) == (len(ids), 0, 0, 0)


async def _approve(who: Person, proposal_id: int) -> str:
    async with acting(who):
        try:
            return "in force" if await approve_proposal(who, proposal_id, "race") else "one approval more"
        except Refused as refused:
            return str(refused.title)


async def _approve_all(desk: Desk, run_id: int) -> None:
    async with acting(desk.third):
        while True:
            bulk = await bulk_of(desk.third, run_id)
            with suppress(Refused):
                await approve_run(desk.third, run_id, bulk.mark, "race")
            await asyncio.sleep(0.2)


if __name__ == "__main__":
    asyncio.run(main())
