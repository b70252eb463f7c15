"""The list of dealers: filtered, sorted by any column, page after page, and whole for an export.

First the places of a page are found (ids in order, from an index wherever there is one), then what is shown of them:
nothing is worked out for a dealer that is not on the page.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from asyncpg import Record

from channel.codes import plain_code, seen
from channel.database import db
from channel.dealers.queries.dealers import MOST_NAMED, like_escaped, named
from channel.dealers.rules import GRADES, StatusAsked
from channel.dealers.rules.responsible import NOBODY
from channel.digits import whole_number
from channel.lists import Kind, List, Order, Wanted, cursor_at, no_cursor, order_of

# Sort keys where they are not the column of the same name; each is never null, and those of `_SMALL` are integers.
_SORTS = MappingProxyType({"territory": "t.name", "grade": "d.grade_rank", "responsible": "coalesce(s.name, '')"})
_SMALL = frozenset({"grade", "terms_days"})

UNGRADED = "none"
"""The grade by which dealers without one are asked for."""


@dataclass(frozen=True, slots=True)
class DealerFilter:
    """What a list of dealers is filtered by; None filters nothing, grade "none" finds the ungraded.

    `territory` and `line` are codes; a territory finds what lies below it too. A status may stand for several
    (`rules.StatusAsked`). `responsible` is the code of a member of staff, or "nobody".
    """

    type: str | None = None
    territory: str | None = None
    line: str | None = None
    grade: str | None = None
    status: str | None = None
    text: str | None = None
    responsible: str | None = None


@dataclass(frozen=True, slots=True)
class SortFigure:
    """A figure of another room by which the list is sorted: its sort key, and a query of `dealer_id` and `figure`.

    A dealer has at most one row. Dealers without the figure come after all others, from the greatest down.
    """

    sort: str
    sql: str
    args: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions on `d` and their arguments, from `$1` on."""

    parts: tuple[str, ...]
    args: tuple[object, ...]

    def with_part(self, part: str, *args: object) -> "Filter":
        """One condition more; `{}` in it are the places of its arguments, in order."""
        start = len(self.args) + 1
        places = [f"${start + n}" for n in range(len(args))]
        return Filter((*self.parts, part.format(*places)), (*self.args, *args))

    @property
    def where(self) -> str:
        """The conditions as a clause, which is true where there is none."""
        return " AND ".join(self.parts) or "true"


_WHERE = MappingProxyType(
    {
        "type": "d.type = {}",
        "territory": "d.territory_id IN (SELECT x.territory_id FROM territory_tree x"
        " JOIN territory a ON a.id = x.ancestor_id WHERE a.code = (SELECT territory_meant({})))",
        "responsible": "d.responsible_id = (SELECT id FROM staff_member WHERE code = (SELECT staff_member_meant({})))",
        "line": "EXISTS (SELECT FROM dealer_line c WHERE c.dealer_id = d.id"
        " AND c.line_id = (SELECT id FROM product_line WHERE code = (SELECT product_line_meant({}))))",
    }
)
# Row-level security lets nothing else through, but its OR finds no index; this does.
_IN_REACH = "d.territory_id = ANY ((SELECT scope_territories())::bigint[])"
_RANKS = MappingProxyType({grade: rank for rank, grade in enumerate(GRADES, 1)} | {UNGRADED: 9})


async def filter_of(asked: DealerFilter) -> Filter:
    """The conditions of what is asked; a text is looked up first, because an index finds it only by itself."""
    found = Filter((), ())
    if db.scope().reach == "territories":
        found = found.with_part(_IN_REACH)
    for name, part in _WHERE.items():
        value = getattr(asked, name)
        if name == "responsible" and value == NOBODY:
            found = found.with_part("d.responsible_id IS NULL")
        elif value:
            found = found.with_part(part, value)
    if asked.status:
        group = asked.status in list(StatusAsked)
        statuses = StatusAsked(asked.status).statuses if group else (asked.status,)
        part = "d.status = {}" if len(statuses) == 1 else "d.status = ANY ({}::text[])"
        found = found.with_part(part, statuses[0] if len(statuses) == 1 else list(statuses))
    if asked.grade:
        found = found.with_part("d.grade_rank = {}", _RANKS.get(asked.grade, 0))
    if asked.text and asked.text.strip():
        text = seen(asked.text)
        ids = await named(text)
        if not ids and (plain := plain_code(text)) != text:
            text, ids = plain, await named(plain)
        if len(ids) <= MOST_NAMED:
            found = found.with_part("d.id = ANY ({}::bigint[])", ids)
        else:
            found = found.with_part("d.search LIKE lower({}::text)", f"%{like_escaped(text)}%")
    return found


async def dealer_page(
    listed: List, within: Filter, wanted: Wanted, figure: SortFigure | None = None
) -> tuple[list[int], str | None]:
    """The ids of a page of dealers (or of all, without a limit) in the order asked for, and the next page's cursor.

    An unknown sort or cursor is refused. `figure` is what the list is sorted by where its name is asked for.
    """
    order = order_of(listed, wanted)
    name, turned = order.by.name, order.turned
    # One more than the page holds says whether another one follows.
    most = None if wanted.limit is None else wanted.limit + 1
    if figure is not None and name == figure.sort:
        rows = await _by_figure(figure, within, _place(order), most, turned=turned)
    else:
        rows = await _by_column(_SORTS.get(name, f"d.{name}"), within, _place(order), most, turned=turned)
    page = rows[: wanted.limit]
    more = len(rows) > len(page)
    return [row["id"] for row in page], cursor_at(order, page[-1]["key"], page[-1]["id"]) if more else None


def _place(order: Order) -> tuple[Any, int] | None:
    """Behind which sort key and dealer the list goes on."""
    if order.after is None:
        return None
    value, dealer_id = order.after
    if value is None and order.by.kind is not Kind.MONEY:
        raise no_cursor()
    if order.by.name in _SMALL:
        value = whole_number(str(value))
        if value is None or value >= 2**31:
            raise no_cursor()
    return value, dealer_id


async def _by_column(
    key: str, wanted: Filter, after: tuple[Any, int] | None, limit: int | None, *, turned: bool
) -> list[Record]:
    way, sign = ("DESC", "<") if turned else ("ASC", ">")
    source = "dealer d"
    if key.startswith("t."):
        source += " JOIN territory t ON t.id = d.territory_id"
    elif "s." in key:
        source += " LEFT JOIN staff_member s ON s.id = d.responsible_id"
    if after is not None:
        wanted = wanted.with_part(f"({key}, d.id) {sign} ({{}}, {{}})", *after)
        # A comparison of two tables' columns finds no index; the first column by itself does.
        wanted = wanted.with_part(f"{key} {sign}= {{}}", after[0])
    return await db.fetch(
        f"SELECT d.id, {key} AS key FROM {source} WHERE {wanted.where}"
        f" ORDER BY {key} {way}, d.id {way} LIMIT ${len(wanted.args) + 1}",
        *wanted.args,
        limit,
    )


async def _by_figure(
    figure: SortFigure, wanted: Filter, after: tuple[Decimal | None, int] | None, limit: int | None, *, turned: bool
) -> list[Record]:
    """The dealers with the figure and those without are read apart, each in the order of an index.

    The second part is only read where the first one does not fill the page.
    """
    way, sign = ("DESC", "<") if turned else ("ASC", ">")
    of_figure = f"({_shifted(figure.sql, len(wanted.args))}) f"
    # The order of the figures finds a page among the dealers in reach sooner than all of those, sorted.
    parts_here = tuple(part for part in wanted.parts if part != _IN_REACH)
    all_args = Filter(parts_here, (*wanted.args, *figure.args))
    having = (
        f"SELECT d.id, f.figure AS key FROM {of_figure} JOIN dealer d ON d.id = f.dealer_id WHERE f.figure IS NOT NULL"
    )
    lacking = (
        "SELECT d.id, NULL::numeric AS key FROM dealer d"
        f" WHERE NOT EXISTS (SELECT FROM {of_figure} WHERE f.dealer_id = d.id AND f.figure IS NOT NULL)"
    )
    parts = [
        (having, f"f.figure {way}, f.dealer_id {way}", f"(f.figure, f.dealer_id) {sign} ({{}}::numeric, {{}})"),
        (lacking, f"d.id {way}", f"d.id {sign} {{}}"),
    ]
    begun = 1 if after is not None and after[0] is None else 0
    if not turned:
        parts.reverse()
        begun = 1 if after is not None and after[0] is not None else 0
    rows: list[Record] = []
    for number, (sql, order, place) in enumerate(parts[begun:]):
        these = all_args
        if after is not None and number == 0:
            these = these.with_part(place, *(part for part in after if part is not None))
        left = None if limit is None else limit - len(rows)
        rows += await db.fetch(
            f"{sql} AND {these.where} ORDER BY {order} LIMIT ${len(these.args) + 1}", *these.args, left
        )
        if limit is not None and len(rows) >= limit:
            break
    return rows


_PLACE = re.compile(r"\$(\d+)")


def _shifted(sql: str, by: int) -> str:
    return _PLACE.sub(lambda place: f"${int(place[1]) + by}", sql)


_ROWS = """
WITH page AS MATERIALIZED (
    SELECT u.place, d.* FROM unnest($1::bigint[]) WITH ORDINALITY AS u (id, place) JOIN dealer d ON d.id = u.id
), paths AS MATERIALIZED (
    SELECT x.territory_id, string_agg(a.name, ' / ' ORDER BY x.depth DESC) AS path
    FROM territory_tree x JOIN territory a ON a.id = x.ancestor_id
    WHERE x.territory_id IN (SELECT territory_id FROM page) GROUP BY x.territory_id
)
SELECT d.id, d.code, d.name, d.type, d.grade, d.status, d.currency, d.terms_days, t.code AS territory_code,
       t.name AS territory_name, paths.path AS territory_path, s.code AS responsible, s.name AS responsible_name,
       EXISTS (SELECT FROM dealer_line c JOIN product_line l ON l.id = c.line_id
               WHERE c.dealer_id = d.id AND l.wanted_type <> d.type) AS mismatch
FROM page d
LEFT JOIN territory t ON t.id = d.territory_id
LEFT JOIN paths ON paths.territory_id = d.territory_id
LEFT JOIN staff_member s ON s.id = d.responsible_id
ORDER BY d.place
"""


async def dealer_rows(dealer_ids: Sequence[int]) -> list[Record]:
    """What a list shows of these dealers, in this order."""
    return await db.fetch(_ROWS, dealer_ids)


async def dealer_count(wanted: Filter, most: int | None = None) -> tuple[int, int, int]:
    """How many dealers are found: all, wholesale, terminal. Counting ends at `most`, where that is given."""
    found = f"SELECT d.type FROM dealer d WHERE {wanted.where}"
    row = await db.fetchrow(
        "SELECT count(*) AS found, count(*) FILTER (WHERE type = 'wholesale') AS wholesale FROM"
        f" ({found} LIMIT ${len(wanted.args) + 1}) AS d",
        *wanted.args,
        most,
    )
    return (0, 0, 0) if row is None else (row["found"], row["wholesale"], row["found"] - row["wholesale"])


_MISMATCHED = """
SELECT d.code, d.name, d.type, array_agg(l.name ORDER BY l.code) AS lines, count(*) OVER () AS found
FROM dealer d JOIN dealer_line c ON c.dealer_id = d.id JOIN product_line l ON l.id = c.line_id
WHERE l.wanted_type <> d.type AND d.status <> 'ended'
GROUP BY d.id ORDER BY d.name, d.id LIMIT $1
"""


async def mismatched(limit: int) -> list[Record]:
    """The first dealers with product lines that want the other type, each with how many there are."""
    return await db.fetch(_MISMATCHED, limit)
