"""Asking together gives what asking alone gives, in one statement."""

from collections.abc import Coroutine
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from channel.database import db

KINDS = """
SELECT 1::bigint AS whole, 2.50::numeric AS money, NULL::numeric AS none, 'x?$y'::text AS words,
       DATE '2013-02-28' AS day, TIMESTAMPTZ '2013-02-28 01:02:03.000004+00' AS moment, true AS yes,
       '{"a": [1, "2.50"]}'::jsonb AS document,
       ARRAY[1, 2]::bigint[] AS ids, ARRAY['a', NULL]::text[] AS texts, ARRAY[0.10, 2]::numeric[] AS amounts,
       ARRAY['2013-02-28', NULL]::date[] AS days,
       '{}'::bigint[] AS nobody
"""


async def _kinds() -> dict[str, Any]:
    row = await db.fetchrow(KINDS)
    assert row is not None
    return dict(row)


async def _steps(start: int) -> list[int]:
    first = await db.fetchval("SELECT $1::integer + 1", start)
    rows = await db.fetch("SELECT x FROM generate_series($1::integer, $2::integer) x ORDER BY x DESC", start, first)
    return [row["x"] for row in rows]


async def _nothing() -> tuple[object, object]:
    return await db.fetchrow("SELECT 1 AS a WHERE false"), await db.fetchval("SELECT 1 WHERE false")


async def _asked() -> tuple[list[str], Any]:
    told: list[str] = []
    connection = db.connection()
    logger = lambda query: told.append(query.query)  # noqa: E731 - handed in and taken away again
    connection.add_query_logger(logger)
    async with db.together() as together:
        tasks = together.ask(_kinds()), together.ask(_steps(5)), together.ask(_nothing())
    connection.remove_query_logger(logger)
    return told, tuple(task.result() for task in tasks)


async def test_what_is_asked_together_is_what_is_asked_alone(database: str) -> None:
    async with db.held(db.EVERYTHING):
        alone = await _kinds(), await _steps(5), await _nothing()
        await _asked()  # a connection learns once how to read an array of records
        told, together = await _asked()
    assert together == alone
    assert together[0]["money"] == Decimal("2.50")
    assert together[0]["amounts"] == [Decimal("0.10"), Decimal(2)]
    assert together[0]["days"] == [date(2013, 2, 28), None]
    assert (together[0]["day"], together[0]["moment"]) == (
        date(2013, 2, 28),
        datetime(2013, 2, 28, 1, 2, 3, 4, tzinfo=UTC),
    )
    assert together[1] == [6, 5]
    assert len(told) == 2, "one statement for each time that all were waiting"


async def test_an_error_of_one_question_is_raised_and_the_connection_is_usable_afterwards(database: str) -> None:
    async def broken() -> None:
        await db.fetchval("SELECT 1")
        raise LookupError("nothing here")

    async def ask(question: Coroutine[Any, Any, Any], error: Exception | None = None) -> None:
        async with db.together() as together:
            together.ask(question)
            together.ask(_steps(1))
            if error is not None:
                raise error

    async with db.held(db.EVERYTHING):
        with pytest.raises(LookupError):
            await ask(broken())
        with pytest.raises(ValueError, match="outside"):
            await ask(_steps(1), ValueError("outside"))
        assert await _steps(1) == [2, 1]
