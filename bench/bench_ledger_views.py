"""Views of a ledger of a million invoices: ageing by dealer against one GROUP BY, a dealer's account against his page.

The ledger is that of `bench.ledger`. The ageing is the service's own query, as the application's role under row-level
security: as of today as known now, and as of a past day as known at its end, with money on account and bills. The bare
query is the owner's: for each dealer the sums by bucket of a table that holds what was open in that very view and
nothing else, with a column for each of what it needs; made before the clock runs. Both sides are short: the best of ten
in turns.

The page of a dealer's receivables is asked for as a browser does, in the service's own process, as of today and as of
a past day, beside his dealer page: the median of many, in turns.
"""

import statistics
import tempfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any, cast

import httpx

from bench.ledger import FIRST, LAST, make_ledger
from bench.place import Measured, Place, best, memory, place, run, tell
from channel import clock
from channel.access.service.door import hash_token
from channel.app import create_app
from channel.database import db
from channel.receivables.queries.ageing import Books, aged
from channel.receivables.queries.standing import left_of
from channel.receivables.rules.ageing import DEFAULT_BUCKETS, AgeBy
from channel.settings import Settings
from channel.view import View

TODAY_BOUND, PAST_BOUND, PAGE_BOUND = 2, 6, 2
TURNS, ROUNDS, WARM = 10, 20, 5
_SESSION = """
WITH finance AS (UPDATE person SET role = 'finance' WHERE login = 'bench' RETURNING id)
INSERT INTO session (token_hash, person_id, created_at, expires_at, address, agent)
SELECT $1, id, '2020-01-01', '2100-01-01', '127.0.0.1', 'bench' FROM finance
"""
_PLAIN = """
SELECT dealer_id, currency, width_bucket($1::date - due_on, $2::integer[]) AS bucket, sum(amount)
FROM plain WHERE due_on IS NOT NULL GROUP BY 1, 2, 3
"""


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59), UTC)


async def _plain(at: Place, view: View) -> None:
    """The plain table of what was left in a view."""
    async with db.held(db.EVERYTHING):
        dealers = [row["id"] for row in await db.fetch("SELECT id FROM dealer")]
        rows = await left_of(dealers, view, LAST)
    await at.owner.execute("DROP TABLE IF EXISTS plain")
    await at.owner.execute("CREATE TABLE plain (dealer_id bigint, currency text, due_on date, amount numeric(18, 4))")
    records = [(row["dealer_id"], row["currency"], row["due_on"], row["amount"]) for row in rows]
    await at.owner.copy_records_to_table("plain", records=records)
    await at.owner.execute("VACUUM ANALYZE plain")


async def _measured(at: Place, what: str, view: View, bound: int) -> None:
    await _plain(at, view)

    async def ours() -> None:
        async with db.held(db.EVERYTHING):
            await aged(Books(view, LAST), DEFAULT_BUCKETS, AgeBy.DEALER)

    async def bare() -> None:
        await at.owner.fetch(_PLAIN, view.as_of, list(DEFAULT_BUCKETS.starts))

    took, least = await best(TURNS, ours, bare)
    tell(Measured(f"ageing by dealer {what}", took, least, took / least, f"at most {bound}", memory(), None))


async def _pages(at: Place) -> None:
    """Ask for a dealer's pages in turns, and tell each page of his account beside his dealer page."""
    await at.owner.execute(_SESSION, hash_token("bench"))
    past = LAST - timedelta(days=100)
    asked = {
        "dealer page": "/dealers/D00405",
        "today": "/dealers/D00405/receivables",
        "100 days ago, as known then": f"/dealers/D00405/receivables?as_of={past}&known_at={past}T23:59:00",
    }
    taken: dict[str, list[float]] = {name: [] for name in asked}
    app = create_app(Settings(data_dir=Path(tempfile.gettempdir()) / "channel-bench"), dsn=at.dsn)
    transport = httpx.ASGITransport(app=cast("Any", app))  # the two libraries name one protocol differently
    async with httpx.AsyncClient(transport=transport, base_url="http://channel.bench", timeout=120) as browser:
        browser.cookies.set("channel_session", "bench")
        for number in range(ROUNDS + WARM):
            for name, path in asked.items():
                start = perf_counter()
                answer = await browser.get(path)
                if answer.status_code != httpx.codes.OK:
                    raise RuntimeError(f"{path}: {answer.status_code}")
                if number >= WARM:
                    taken[name].append(perf_counter() - start)
    floor, *rest = ((name, statistics.median(each)) for name, each in taken.items())
    for name, took in rest:
        what = f"a dealer's receivables {name}, to his page"
        tell(Measured(what, took, floor[1], took / floor[1], f"at most {PAGE_BOUND}", memory(), None))


async def main() -> None:
    async with place() as at:
        await make_ledger(at.owner)
        with clock.fixed(_end_of(LAST)):
            await _measured(at, "as of today", View(LAST, _end_of(LAST)), TODAY_BOUND)
            for back in (30, 100, 300):
                day = LAST - timedelta(days=back)
                past = View(max(day, FIRST), _end_of(day), past=True, dated=True)
                await _measured(at, f"{back} days ago, as known then", past, PAST_BOUND)
            await _pages(at)


if __name__ == "__main__":
    run(main)
