"""Ageing by dealer over a million invoices, against one GROUP BY over a plain table of what is open.

The ledger is that of `bench.ledger`. The ageing is the service's own query, as the application's role under row-level
security: as of today as known now, and as of a past day as known at its end, with money on account and bills. The bare
query is the owner's: for each dealer the sums by bucket of a table that holds what was open in that very view and
nothing else, with a column for each of what it needs; made before the clock runs, the best of three in turns.
"""

from datetime import UTC, date, datetime, time, timedelta

from bench.ledger import FIRST, LAST, make_ledger
from bench.place import Measured, Place, best, memory, place, run, tell
from channel import clock
from channel.database import db
from channel.receivables.queries.ageing import Books, aged
from channel.receivables.queries.standing import left_of
from channel.receivables.rules.ageing import DEFAULT_BUCKETS, AgeBy
from channel.view import View

TODAY_BOUND, PAST_BOUND = 2, 6
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

    took, least = await best(3, ours, bare)
    tell(Measured(f"ageing by dealer {what}", took, least, took / least, f"at most {bound}", memory(), None))


async def main() -> None:
    async with place() as at:
        await make_ledger(at.owner)
        with clock.fixed(_end_of(LAST)):
            await _measured(at, "as of today", View(LAST, _end_of(LAST)), TODAY_BOUND)
            for back in (30, 100, 300):
                day = LAST - timedelta(days=back)
                past = View(max(day, FIRST), _end_of(day), past=True, dated=True)
                await _measured(at, f"{back} days ago, as known then", past, PAST_BOUND)


if __name__ == "__main__":
    run(main)
