"""Asking and telling the database on the held connection."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from channel.database.holding import in_transaction, in_use
from channel.digits import whole_number


async def fetch(sql: str, *args: object) -> list[asyncpg.Record]:
    """All rows of a query on the held connection."""
    return await in_use().connection.fetch(sql, *args)


async def fetchrow(sql: str, *args: object) -> asyncpg.Record | None:
    """The first row of a query, or None."""
    return await in_use().connection.fetchrow(sql, *args)


async def fetchval(sql: str, *args: object) -> Any:  # noqa: ANN401 - the column's type is the query's affair
    """The first column of the first row, or None."""
    return await in_use().connection.fetchval(sql, *args)


async def execute(sql: str, *args: object) -> int:
    """Carry out a statement and tell how many rows it touched."""
    tag = await in_use().connection.execute(sql, *args)
    last = tag.rsplit(" ", 1)[-1]
    return whole_number(last) or 0


async def change_exactly(rows: int, sql: str, *args: object) -> None:
    """Carry out a change of exactly so many rows: one that row-level security refuses passes over the row in silence.

    For what is written once. That another number was touched is a fault of ours, and nothing of the act is kept.
    """
    check_changed(rows, await execute(sql, *args))


def check_changed(rows: int, touched: int) -> None:
    """That a change touched as many rows as it was to; another number is a fault of ours."""
    if touched != rows:
        raise RuntimeError(f"a change of {rows} rows touched {touched}")


async def execute_many(sql: str, rows: Iterable[Sequence[object]]) -> None:
    """Carry out one statement for each row of arguments."""
    await in_use().connection.executemany(sql, rows)


@asynccontextmanager
async def planned_anew() -> AsyncIterator[None]:
    """Have each statement planned for the very values that it is given: for one dealer or a thousand, on any day.

    A plan made for any list of dealers reads every dealer's rows instead, and a connection comes to it for good once a
    statement that can ask for all was asked for all, or for many, five times. And what is wanted of the dealers is read
    in the order of the indexes, without sorting. It needs a transaction and ends with the block, as what is written is
    planned once for all its rows: the check of a foreign key would be planned for each of them.
    """
    async with _planned({"plan_cache_mode": "force_custom_plan", "random_page_cost": "1.1"}):
        yield


@asynccontextmanager
async def summed_anew() -> AsyncIterator[None]:
    """Have sums over much of a ledger planned for the very values, and put together without sorting the rows.

    Whether an asker sees a row is thought to cost so much that sorting a million of them beside it seems to be nothing.
    It needs a transaction and ends with the block.
    """
    async with _planned({"plan_cache_mode": "force_custom_plan", "enable_sort": "off"}):
        yield


_SET = """
SELECT current_setting(name) AS before, set_config(name, value, true)
FROM unnest($1::text[], $2::text[]) AS s (name, value)
"""


@asynccontextmanager
async def _planned(settings: Mapping[str, str]) -> AsyncIterator[None]:
    if not in_transaction():
        raise RuntimeError("plans are chosen for a transaction")
    before = await fetch(_SET, list(settings), list(settings.values()))
    yield
    # When the block fails, the transaction is lost and the settings with it.
    await fetch(_SET, list(settings), [row["before"] for row in before])
