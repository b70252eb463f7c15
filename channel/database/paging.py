"""Pages of a query: its rows in the order that is asked for, from behind the last one shown."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any

from asyncpg import Record

from channel.database import db
from channel.lists import MOST_ROWS, Kind, List, Order, Page, Wanted, check_rows, cut_page, no_cursor, order_of

_TYPES: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.FLAG: "boolean", Kind.SERIAL: "bigint", Kind.COUNT: "bigint", Kind.NUMBER: "numeric",
        Kind.MONEY: "numeric", Kind.PERCENT: "numeric", Kind.DAY: "date", Kind.MONTH: "date",
        Kind.MOMENT: "timestamptz",
    }
)  # fmt: skip


async def page_of(sql: str, args: Sequence[object], listed: List, wanted: Wanted) -> Page[Record]:
    """The page that is wanted of the rows of `sql`, a query without an order whose columns bear the list's names.

    Rows without a value come last, whichever way round; equal ones stand by the list's key. What every row has, as the
    list's own order, is ordered as an index is, so that one can be used. Without a limit all rows are read, at most as
    many as a file holds.
    """
    order = order_of(listed, wanted)
    where, more = _behind(order, listed, len(args))
    limit = MOST_ROWS if wanted.limit is None else wanted.limit
    rows = await db.fetch(
        f"SELECT * FROM (\n{sql}\n) AS listed WHERE {where} ORDER BY {_ordered(order, listed)} LIMIT {limit + 1}",
        *args,
        *more,
    )
    if wanted.limit is None:
        check_rows(len(rows))
    return cut_page(rows, listed, order, wanted.limit)


def _is_whole(order: Order, listed: List) -> bool:
    """Whether every row has a value by which it is sorted."""
    return order.by.by is not None or order.by.name in {listed.key_name, listed.order.removeprefix("-")}


def _ordered(order: Order, listed: List) -> str:
    last = "" if _is_whole(order, listed) else " NULLS LAST"
    key_way = _way(turned=listed.key.startswith("-"))
    return f'"{order.field}" {_way(turned=order.turned)}{last}, "{listed.key_name}" {key_way}'


def _way(*, turned: bool) -> str:
    return "DESC" if turned else "ASC"


def _behind(order: Order, listed: List, given: int) -> tuple[str, list[object]]:
    """The condition of the rows behind the place where the list goes on, and its arguments."""
    if order.after is None:
        return "true", []
    value, key = order.after
    column, than = f'"{order.field}"', "<" if order.turned else ">"
    name, key_than = f'"{listed.key_name}"', "<" if listed.key.startswith("-") else ">"
    if value is None:
        return f"{column} IS NULL AND {name} {key_than} ${given + 1}", [key]
    at, key_at = f"${given + 1}::{_TYPES.get(order.by.kind, 'text')}", f"${given + 2}"
    found: list[object] = [value_in(order.by.kind, value), key]
    if than == key_than and _is_whole(order, listed):
        return f"({column}, {name}) {than} ({at}, {key_at})", found
    equal = f"{column} = {at} AND {name} {key_than} {key_at}"
    return f"({column} {than} {at} OR {equal} OR {column} IS NULL)", found


def value_in(kind: Kind, value: Any) -> object:  # noqa: ANN401 - as the cursor held it
    """The value as the database compares it."""
    try:
        match kind:
            case Kind.DAY | Kind.MONTH:
                return date.fromisoformat(value)
            case Kind.MOMENT:
                return datetime.fromisoformat(value).astimezone(UTC)
            case _:
                return value
    except (ValueError, OverflowError):
        raise no_cursor() from None
