"""Months that were closed and opened again."""

from asyncpg import Record

from channel.database import db
from channel.database.locks import Lock
from channel.database.paging import page_of
from channel.database.posted import latest_of
from channel.lists import ALL, Page, Wanted
from channel.periods import Month
from channel.receivables.lists.months import MONTHS

_LAST = latest_of("month_closing c", "month", "c.id, c.closed, c.reason, p.recorded_at, p.actor", "true")
_TOLD = f"SELECT id, month, closed, reason, recorded_at, actor FROM ({_LAST}) AS last"


async def hold_months(*, alone: bool) -> None:
    """Keep the months as they are (or from everybody else) to the end of the transaction.

    Whoever closes or opens one holds them alone, whoever posts shared: nothing is posted into a month unseen that was
    closed meanwhile.
    """
    lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    await db.execute(f"SELECT {lock}($1)", Lock.MONTHS)


async def months_told(wanted: Wanted = ALL) -> Page[Record]:
    """Every month that was ever closed, with the last word on it."""
    return await page_of(_TOLD, (), MONTHS, wanted)


async def closed_now() -> frozenset[Month]:
    """The months that are closed."""
    rows = await db.fetch(f"SELECT month FROM ({_LAST}) AS last WHERE closed")
    return frozenset(Month.of(row["month"]) for row in rows)


async def record_closing(month: Month, *, closed: bool, reason: str, posting_id: int) -> None:
    """A month is closed, or opened again."""
    await db.execute(
        "INSERT INTO month_closing (month, closed, reason, posting_id) VALUES ($1, $2, $3, $4)",
        month.first,
        closed,
        reason,
        posting_id,
    )
