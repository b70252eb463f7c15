"""Several questions to the database in one statement: a page that asks many rooms makes few round trips.

Each question becomes a subquery whose rows come back as an array of records. What cannot be read inside a record
(JSON and arrays) travels as JSON text and is given back as it would have come alone, so that a figure is the same
whether it was asked alone or together.
"""

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar, cast

import asyncpg
import msgspec
from asyncpg.pool import PoolConnectionProxy

T = TypeVar("T")
_PLACE = re.compile(r"\$(\d+)")


class Together:
    """Questions under way, and what they wait for."""

    def __init__(self, *, apart: bool = False) -> None:
        self._apart = apart
        self._live = 0
        self._tasks: list[asyncio.Task[Any]] = []
        self._waiting: list[tuple[str, tuple[object, ...], asyncio.Future[list[asyncpg.Record]]]] = []
        self._ready = asyncio.Event()

    def ask(self, question: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begin a question; the task has its result after the block."""
        self._live += 1
        task = asyncio.create_task(question)
        task.add_done_callback(self._done)
        self._tasks.append(task)
        return task

    async def answer(self, sql: str, args: tuple[object, ...]) -> list[asyncpg.Record]:
        """The rows of a query, read together with what the other questions wait for."""
        answered: asyncio.Future[list[asyncpg.Record]] = asyncio.get_running_loop().create_future()
        self._waiting.append((sql, args, answered))
        self._look()
        return await answered

    def forget(self) -> None:
        """Let go of questions that nobody wants answered any more."""
        for task in self._tasks:
            task.cancel()

    async def run(self, connection: "PoolConnectionProxy[asyncpg.Record] | asyncpg.Connection[asyncpg.Record]") -> None:
        """Read until every question is answered; the first error of a question is raised."""
        try:
            while self._live:
                await self._ready.wait()
                self._ready.clear()
                asked, self._waiting = self._waiting, []
                if asked:
                    answers = await self._read(connection, [(sql, args) for sql, args, _ in asked])
                    for (_, _, answered), rows in zip(asked, answers, strict=True):
                        if not answered.done():
                            answered.set_result(rows)
        except BaseException:
            self.forget()
            raise
        await asyncio.gather(*self._tasks)

    async def _read(
        self,
        connection: "PoolConnectionProxy[asyncpg.Record] | asyncpg.Connection[asyncpg.Record]",
        asked: Sequence[tuple[str, tuple[object, ...]]],
    ) -> list[list[asyncpg.Record]]:
        if self._apart:
            return [await connection.fetch(sql, *args) for sql, args in asked]
        return await _read(connection, asked)

    def _done(self, _: asyncio.Task[Any]) -> None:
        self._live -= 1
        self._look()

    def _look(self) -> None:
        if len(self._waiting) >= self._live:
            self._ready.set()


# What a statement gives, by its text: its columns and how each travels. Filled as statements are first asked.
_columns: dict[str, tuple[tuple[str, str, Callable[[Any], Any] | None], ...]] = {}


def _decimals(text: str | None) -> list[Decimal | None] | None:
    if text is None:
        return None
    return [None if each is None else Decimal(each) for each in msgspec.json.decode(text, type=list[str | None])]


def _dates(text: str | None) -> list[date | None] | None:
    return None if text is None else msgspec.json.decode(text, type=list[date | None])


def _json(text: str | None) -> Any:  # noqa: ANN401 - whatever the column holds
    return None if text is None else msgspec.json.decode(text)


def _travels(name: str, kind: asyncpg.Type) -> tuple[str, str, Callable[[Any], Any] | None]:
    column = 'q."' + name.replace('"', '""') + '"'
    if kind.name == "numeric[]":
        return name, f"to_jsonb({column}::text[])::text", _decimals
    if kind.name == "date[]":
        return name, f"to_jsonb({column})::text", _dates
    if kind.kind == "array" or kind.name in {"json", "jsonb"}:
        return name, f"to_jsonb({column})::text", _json
    return name, column, None


async def _read(
    connection: "PoolConnectionProxy[asyncpg.Record] | asyncpg.Connection[asyncpg.Record]",
    asked: Sequence[tuple[str, tuple[object, ...]]],
) -> list[list[asyncpg.Record]]:
    if len(asked) == 1:
        return [await connection.fetch(asked[0][0], *asked[0][1])]
    parts: list[str] = []
    args: list[object] = []
    for sql, own in asked:
        if sql not in _columns:
            prepared = await connection.prepare(sql)
            _columns[sql] = tuple(_travels(each.name, each.type) for each in prepared.get_attributes())
        columns = ", ".join(f"{expression} AS c{n}" for n, (_, expression, _) in enumerate(_columns[sql]))
        rows = f"SELECT {columns} FROM (\n{_shifted(sql, len(args))}\n) AS q"
        parts.append(f"(SELECT array_agg(r) FROM ({rows}) AS r) AS p{len(parts)}")
        args += own
    row = await connection.fetchrow("SELECT " + ",\n".join(parts), *args)
    found = () if row is None else tuple(row)
    return [
        cast("list[asyncpg.Record]", [_row(sql, each) for each in rows or ()])
        for (sql, _), rows in zip(asked, found, strict=True)
    ]


def _shifted(sql: str, by: int) -> str:
    """The statement with its places counted on from those before it."""
    return _PLACE.sub(lambda place: f"${int(place[1]) + by}", sql)


def _row(sql: str, values: Sequence[Any]) -> Mapping[str, Any]:
    return {
        name: value if read is None else read(value)
        for (name, _, read), value in zip(_columns[sql], values, strict=True)
    }
