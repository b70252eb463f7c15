"""Ageing in sets: what `queries.standing` says is left, put into buckets by SQL as `rules.ageing` puts it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from asyncpg import Record

from channel.database import db
from channel.database.paging import page_of
from channel.database.posted import by_place
from channel.dealers.queries.facts import fact_spans, known_facts, looked_after
from channel.dealers.rules import Fact
from channel.lists import List, Page, Wanted
from channel.receivables.queries import standing
from channel.receivables.queries.disputed import disputed, disputed_part
from channel.receivables.rules.ageing import AgeBasis, AgeBy, Buckets
from channel.view import View


@dataclass(frozen=True, slots=True)
class Books:
    """Which books are aged: of these dealers (None: of all in scope), on the view's day, known at its moment."""

    view: View
    today: date
    dealer_ids: Sequence[int] | None = None
    currencies: Sequence[str] | None = None

    @property
    def args(self) -> list[object]:
        """The arguments of every query here, in the places $1 to $4."""
        return [self.dealer_ids, self.view.as_of, self.view.moment, self.currencies]


@dataclass(frozen=True, slots=True)
class Converting:
    """Into which currency amounts are brought, at which rates; what has no rate stays in its own."""

    currency: str
    rates: Mapping[str, Decimal]


def _placed(fact: Fact, which: str) -> str:
    spans = fact_spans(fact, which, "$3")
    return f"SELECT dealer_id, value, territory_id FROM ({spans}) AS s WHERE from_on <= $2::date AND to_on > $2::date"


def _agreed(which: str) -> str:
    """The days to pay of each dealer: not every dealer has had any."""
    known = known_facts(f"f.fact = '{Fact.TERMS_DAYS}' AND f.effective_on <= $2::date AND {which}", "$3")
    return f"SELECT DISTINCT ON (dealer_id) dealer_id, value FROM ({known}) AS k ORDER BY dealer_id, effective_on DESC"


@dataclass(frozen=True, slots=True)
class _Group:
    """How rows are put together: SQL of what joins the amounts `t`, and of the group's code and name."""

    joined: str
    code: str
    name: str = "NULL::text"


def _group(by: AgeBy, which: str) -> _Group:
    match by:
        case AgeBy.DEALER:
            return _Group("JOIN dealer d ON d.id = t.dealer_id", "d.code", "d.name")
        case AgeBy.TERRITORY:
            places = f"LEFT JOIN ({_placed(Fact.TERRITORY, which)}) AS g USING (dealer_id)"
            return _Group(f"{places} LEFT JOIN territory n ON n.id = g.territory_id", "n.code", "n.name")
        case AgeBy.TYPE:
            return _Group(f"LEFT JOIN ({_placed(Fact.TYPE, which)}) AS g USING (dealer_id)", "g.value")
        case AgeBy.RESPONSIBLE:
            spans = looked_after(which, "$3")
            held = (
                f"SELECT dealer_id, responsible_id FROM ({spans}) AS s WHERE from_on <= $2::date AND to_on > $2::date"
            )
            members = f"LEFT JOIN ({held}) AS g USING (dealer_id) LEFT JOIN staff_member n ON n.id = g.responsible_id"
            return _Group(members, "n.code", "n.name")
        case AgeBy.TERMS:
            return _Group(f"LEFT JOIN ({_agreed(which)}) AS g USING (dealer_id)", "g.value")
        case AgeBy.CURRENCY:
            return _Group("", "t.own")


@dataclass(frozen=True, slots=True)
class _Sources:
    """SQL of what is left, what of it is disputed, of the bills beside it, and of which facts `f` are asked."""

    left: str
    disputed: str
    bills: str
    which: str


def _sources(books: Books) -> _Sources:
    whose = "true" if books.dealer_ids is None else "x.dealer_id = ANY ($1::bigint[])"
    which = whose.replace("x.", "f.")
    today = standing.is_today(books.view, books.today)
    left = standing.standing_today(whose) if today else standing.standing(whose, "$2", "$3")
    contested, bills = disputed(whose, "$2", "$3", today=today), standing.bills(whose, "$2", "$3")
    if books.currencies is not None:
        left, contested, bills = (
            f"SELECT * FROM ({each}) AS s WHERE currency = ANY ($4::text[])" for each in (left, contested, bills)
        )
    return _Sources(left, contested, bills, which)


def _day(buckets: Buckets) -> str:
    return "due_on" if buckets.basis is AgeBasis.DUE else "effective_on"


def _within(buckets: Buckets, as_of: date) -> list[str]:
    """SQL: for each bucket, that an item lies in it. The days are whole numbers, so that they stand in the text."""
    ends = [f"{_day(buckets)} > DATE '{as_of - timedelta(days=start)}'" for start in buckets.starts]
    begins = [f"{_day(buckets)} <= DATE '{as_of - timedelta(days=start)}'" for start in buckets.starts]
    later = [f"{begin} AND {end}" for begin, end in zip(begins, ends[1:], strict=False)]
    return [ends[0], *later, begins[-1]]


def _bucket(buckets: Buckets, as_of: date) -> str:
    """SQL: the place of the bucket in which an item lies, as `_within` says, or -1 for money on account."""
    starts = ",".join(map(str, buckets.starts))
    days = f"DATE '{as_of}' - {_day(buckets)}"
    return f"CASE WHEN instalment = 0 THEN -1 ELSE width_bucket({days}, '{{{starts}}}'::integer[]) END"


_SETTINGS = "SELECT $1::bigint[], $2::date, $3::timestamptz, $4::text[]"


def _aged_sql(books: Books, buckets: Buckets, by: AgeBy) -> str:
    source, places = _sources(books), range(len(buckets.starts) + 1)
    # Every amount is added to one sum, and only the sums are laid side by side: most of the time goes into the amounts.
    sums = ", ".join(f"coalesce(sum(amount) FILTER (WHERE bucket = {n}), 0) AS b{n}" for n in places)
    nothing = ", ".join("0" for _ in places)
    names = [*(f"b{n}" for n in places), "unapplied", "bills", "disputed"]
    brought = ", ".join(f"coalesce(round(a.{name} * r.rate, 4), a.{name}) AS {name}" for name in names)
    group = _group(by, source.which)
    return f"""
    WITH asked AS ({_SETTINGS}), aged AS (
        SELECT dealer_id, currency, {sums}, coalesce(sum(amount) FILTER (WHERE bucket = -1), 0) AS unapplied,
               0::numeric AS bills, 0::numeric AS disputed
        FROM (SELECT dealer_id, currency, {_bucket(buckets, books.view.as_of)} AS bucket, sum(amount) AS amount
              FROM ({source.left}) AS l GROUP BY 1, 2, 3) AS l
        GROUP BY dealer_id, currency
        UNION ALL
        SELECT dealer_id, currency, {nothing}, 0, sum(amount), 0
        FROM ({source.bills}) AS b GROUP BY dealer_id, currency
        UNION ALL
        SELECT dealer_id, currency, {nothing}, 0, 0, sum(disputed)
        FROM ({source.disputed}) AS s GROUP BY dealer_id, currency
    ), told AS (
        SELECT a.dealer_id, a.currency AS own, CASE WHEN r.rate IS NULL THEN a.currency ELSE $5 END AS currency,
               {brought}
        FROM aged a LEFT JOIN unnest($6::text[], $7::numeric[]) AS r (currency, rate) ON r.currency = a.currency
    )
    SELECT {group.code} AS code, {group.name} AS name, t.currency, count(DISTINCT t.dealer_id) AS dealers,
           ARRAY[{", ".join(f"sum(b{n})" for n in places)}] AS buckets, sum(unapplied) AS unapplied,
           sum(bills) AS bills, sum(disputed) AS disputed
    FROM told t {group.joined}
    GROUP BY 1, 2, 3 ORDER BY 1, 3
    """


async def aged(books: Books, buckets: Buckets, by: AgeBy, into: Converting | None = None) -> list[Record]:
    """What is owed by group and currency: code, name, currency, dealers, an amount for each bucket and beside them.

    Beside the buckets stand unapplied, bills and disputed. Amounts that are converted are rounded to 4 decimals for
    each dealer, own currency and column, so that they make the same sums however they are put together. The code is
    null of what is in no group: no terms, or a territory outside the asker's.
    """
    rates = {} if into is None else {**into.rates, into.currency: Decimal(1)}
    to = None if into is None else into.currency
    return await db.fetch(_aged_sql(books, buckets, by), *books.args, to, list(rates), list(rates.values()))


_WHICH = "($4::bigint IS NULL OR f.dealer_id = $4)"


def _placed_on_each(fact: Fact) -> str:
    spans = fact_spans(fact, _WHICH, "$3")
    on = "a.as_of >= s.from_on AND a.as_of < s.to_on"
    return f"SELECT a.as_of, s.* FROM ({spans}) AS s JOIN unnest($2::date[]) AS a (as_of) ON {on}"


_LOOKED_AFTER = f"""
SELECT a.as_of, s.dealer_id, s.responsible_id FROM ({looked_after(_WHICH, "$3")}) AS s
JOIN unnest($2::date[]) AS a (as_of) ON a.as_of >= s.from_on AND a.as_of < s.to_on WHERE s.responsible_id IS NOT NULL
"""
_DEALERS = f"""
SELECT a.place, d.id FROM dealer d CROSS JOIN unnest($2::date[]) WITH ORDINALITY AS a (as_of, place)
WHERE ($4::bigint IS NULL OR d.id = $4)
  AND ($1::bigint IS NULL OR (a.as_of, d.id) IN (
       SELECT as_of, dealer_id FROM ({_placed_on_each(Fact.TERRITORY)}) AS g
       WHERE territory_id IN (SELECT territories_below($1, $3::timestamptz))))
  AND ($5::text IS NULL OR (a.as_of, d.id) IN (
       SELECT as_of, dealer_id FROM ({_placed_on_each(Fact.TYPE)}) AS g WHERE value = $5))
  AND ($6::bigint IS NULL
       OR $6 > 0 AND (a.as_of, d.id) IN (
          SELECT as_of, dealer_id FROM ({_LOOKED_AFTER}) AS g WHERE responsible_id = $6)
       OR $6 = 0 AND (a.as_of, d.id) NOT IN (SELECT as_of, dealer_id FROM ({_LOOKED_AFTER}) AS g))
"""


async def dealers_placed(
    days: Sequence[date],
    moment: datetime | None,
    *,
    territory_id: int | None = None,
    type_: str | None = None,
    dealer_id: int | None = None,
    responsible: int | None = None,
) -> list[list[int]]:
    """For each of the days the dealers in scope who stood in a territory or below it, and had a type, as known then.

    `responsible` is the number of the member of staff who looked after them on the day, 0 for nobody.
    """
    rows = await db.fetch(_DEALERS, territory_id, days, moment, dealer_id, type_, responsible)
    return [sorted(row["id"] for row in found) for found in by_place(rows, len(days))]


_COLUMNS: Mapping[str, str] = MappingProxyType({"open": "instalment > 0", "unapplied": "instalment = 0"})
BILLS, DISPUTED = "bills", "disputed"
"""The columns of the bills and of what is disputed among `columns_of`."""


def columns_of(buckets: Buckets) -> tuple[str, ...]:
    """The columns of an ageing whose documents can be listed."""
    return (*buckets.names, *_COLUMNS, DISPUTED, BILLS)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of an ageing: a group (code None: what is in none), or with `by` None the total, and one column or all."""

    by: AgeBy | None = None
    code: str | None = None
    column: str | None = None


def _items_sql(books: Books, buckets: Buckets, cell: Cell) -> str:
    source = _sources(books)
    in_column = dict(
        zip(buckets.names, (f"instalment > 0 AND {x}" for x in _within(buckets, books.view.as_of)), strict=True)
    )
    if cell.column == BILLS:
        rows = (
            "SELECT dealer_id, document_id, 0 AS instalment, currency, matures_on AS due_on,"
            f" NULL::date AS effective_on, amount, NULL::numeric AS disputed FROM ({source.bills}) AS b"
        )
    elif cell.column == DISPUTED:
        rows = source.disputed
    else:
        which = {**in_column, **_COLUMNS}.get(cell.column or "", "true")
        part = disputed_part(source.disputed, "l")
        rows = f"SELECT l.*, {part} AS disputed FROM ({source.left}) AS l WHERE {which}"
    group = _group(cell.by, source.which) if cell.by is not None else _Group("", "$5::text")
    day = "l.due_on" if buckets.basis is AgeBasis.DUE else "x.effective_on"
    return f"""
    WITH asked AS ({_SETTINGS}), t AS (SELECT *, currency AS own FROM ({rows}) AS r), l AS (
        SELECT t.* FROM t {group.joined} WHERE {group.code} IS NOT DISTINCT FROM $5::text
    )
    SELECT l.document_id * 1000 + l.instalment AS id, e.code AS dealer, e.name AS dealer_name, x.kind, x.number,
           l.document_id AS document, nullif(l.instalment, 0) AS instalment, l.currency, x.effective_on, l.due_on,
           CASE WHEN l.instalment > 0 THEN $2::date - {day} END AS days, x.amount, l.amount AS left,
           l.disputed
    FROM l JOIN receivable_document x ON x.dealer_id = l.dealer_id AND x.id = l.document_id
    JOIN dealer e ON e.id = l.dealer_id
    """


async def items(books: Books, buckets: Buckets, cell: Cell, listed: List, wanted: Wanted) -> Page[Record]:
    """The documents that a cell is made of, each in its own currency with what is left of it."""
    return await page_of(_items_sql(books, buckets, cell), [*books.args, cell.code], listed, wanted)
