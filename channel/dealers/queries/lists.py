"""The list of dealers: filtered, sorted by any column, page after page, and whole for an export."""

import base64
import binascii
import re
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

import msgspec
from asyncpg import Record

from channel import db
from channel.dealers.queries.dealers import like_escaped
from channel.errors import invalid, m

# Sort keys by the name of the column, each never null, with the type in which a cursor carries it.
_SORTS = MappingProxyType(
    {
        "name": ("d.name", "text"),
        "code": ("d.code", "text"),
        "type": ("d.type", "text"),
        "territory": ("t.name", "text"),
        "grade": ("coalesce(array_position('{AAA,AA,A,B,C}', d.grade), 9)", "integer"),
        "status": ("d.status", "text"),
        "currency": ("d.currency", "text"),
        "terms_days": ("d.terms_days", "integer"),
    }
)
SORTS = tuple(_SORTS)
"""The columns by which the list can be sorted; a minus before the name turns it round."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list of dealers is filtered and sorted by; None filters nothing, grade "none" finds the ungraded.

    `territory` and `line` are codes; a territory finds what lies below it too.
    """

    type: str | None = None
    territory: str | None = None
    line: str | None = None
    grade: str | None = None
    status: str | None = None
    text: str | None = None
    sort: str = "name"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of another room by which the list is sorted: its sort key, and a query of `dealer_id` and `figure`.

    Dealers without the figure come after all others, from the greatest down.
    """

    sort: str
    sql: str
    args: tuple[object, ...]


_WHERE = MappingProxyType(
    {
        "type": "d.type = {}",
        "territory": "d.territory_id IN (SELECT x.territory_id FROM territory_tree x"
        " JOIN territory a ON a.id = x.ancestor_id WHERE a.code = {})",
        "line": "d.id IN (SELECT c.dealer_id FROM dealer_line c JOIN product_line l ON l.id = c.line_id"
        " WHERE l.code = {})",
        "grade": "coalesce(d.grade, 'none') = {}",
        "status": "d.status = {}",
        "text": "d.code || ' ' || d.name ILIKE {}",
    }
)
_ROWS = """
SELECT d.id, d.code, d.name, d.type, d.grade, d.status, d.currency, d.terms_days, t.code AS territory_code,
       t.name AS territory_name,
       (SELECT string_agg(a.name, ' / ' ORDER BY x.depth DESC) FROM territory_tree x
        JOIN territory a ON a.id = x.ancestor_id WHERE x.territory_id = d.territory_id) AS territory_path,
       EXISTS (SELECT 1 FROM dealer_line c JOIN product_line l ON l.id = c.line_id
               WHERE c.dealer_id = d.id AND l.wanted_type <> d.type) AS mismatch,
       {key} AS sort_key
FROM dealer d JOIN territory t ON t.id = d.territory_id {joined}
"""
_PLACE = re.compile(r"\$(\d+)")


def _filtered(asked: Asked) -> tuple[list[str], list[object]]:
    parts: list[str] = []
    args: list[object] = []
    for name, part in _WHERE.items():
        value = getattr(asked, name)
        if value:
            args.append(f"%{like_escaped(value.strip())}%" if name == "text" else value)
            parts.append(part.format(f"${len(args)}"))
    return parts, args


async def dealer_list(
    asked: Asked, cursor: str | None = None, limit: int | None = 50, figure: Figure | None = None
) -> list[Record]:
    """A page of dealers (or all of them, without a limit), in the order asked for.

    `next_cursor` of the page's last row asks for the page after it. An unknown sort or cursor is refused. `figure`
    is what the list is sorted by where its name is asked for.
    """
    name, turned = asked.sort.removeprefix("-"), asked.sort.startswith("-")
    parts, args = _filtered(asked)
    joined = ""
    if figure is not None and name == figure.sort:
        key, key_type = "coalesce(f.figure, '-Infinity'::numeric)::text", "text"
        order = "coalesce(f.figure, '-Infinity'::numeric)"
        joined = f"LEFT JOIN ({_shifted(figure.sql, len(args))}) f ON f.dealer_id = d.id"
        args += figure.args
    elif name in _SORTS:
        key, key_type = _SORTS[name]
        order = key
    else:
        raise invalid("sort", m("The list cannot be sorted so."), m("One of: %(choices)s", choices=", ".join(_SORTS)))
    if cursor:
        last, last_id = _read_cursor(cursor, Decimal if joined else int if key_type == "integer" else str)
        args += [str(last) if joined else last, last_id]
        sign = "<" if turned else ">"
        cast = "::text::numeric" if joined else f"::{key_type}"
        parts.append(f"({order}, d.id) {sign} (${len(args) - 1}{cast}, ${len(args)}::bigint)")
    where = f"WHERE {' AND '.join(parts)}" if parts else ""
    way = "DESC" if turned else "ASC"
    args.append(limit)
    rows = _ROWS.format(key=key, joined=joined)
    return await db.fetch(f"{rows} {where} ORDER BY {order} {way}, d.id {way} LIMIT ${len(args)}", *args)


def _shifted(sql: str, by: int) -> str:
    return _PLACE.sub(lambda place: f"${int(place[1]) + by}", sql)


def next_cursor(rows: list[Record], limit: int) -> str | None:
    """Where the next page begins; None when this page was not full and so is the last."""
    if len(rows) < limit:
        return None
    told = msgspec.json.encode([rows[-1]["sort_key"], rows[-1]["id"]])
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def _read_cursor(cursor: str, key_type: type[int | str | Decimal]) -> tuple[object, object]:
    try:
        told = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        key, dealer_id = msgspec.json.decode(told, type=tuple[key_type, int])  # type: ignore[valid-type]
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise invalid("cursor", m("This is no cursor of this list.")) from None
    return key, dealer_id


async def dealer_count(asked: Asked) -> tuple[int, int, int]:
    """How many dealers are found: all, wholesale, terminal."""
    parts, args = _filtered(asked)
    where = f"WHERE {' AND '.join(parts)}" if parts else ""
    row = await db.fetchrow(
        f"SELECT count(*) AS found, count(*) FILTER (WHERE d.type = 'wholesale') AS wholesale FROM dealer d {where}",
        *args,
    )
    return (0, 0, 0) if row is None else (row["found"], row["wholesale"], row["found"] - row["wholesale"])
