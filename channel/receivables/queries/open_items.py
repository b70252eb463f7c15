"""What is open as a list, as of a day as known at a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from asyncpg import Record

from channel.database import db
from channel.database.paging import page_of
from channel.dealers.queries.facts import held_sql
from channel.dealers.queries.lists import Filter
from channel.dealers.queries.masters import territory_in_scope
from channel.lists import ALL, Page, Wanted
from channel.receivables.lists.documents import ITEMS
from channel.receivables.queries.disputed import disputed, disputed_part
from channel.receivables.queries.selecting import dealers_selected
from channel.receivables.queries.standing import is_today, standing
from channel.view import View


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Which open items are wanted; None leaves a question open.

    `territory` is a code and means what lies below it, too. Territory, type and responsible (the number of a member of
    staff, 0 for nobody) are those of the view's day as known at its moment. `days_from` are so many days overdue or
    more; `overdue_only` leaves out what is not overdue, and `disputed_only` what nobody disputes.
    """

    dealer_id: int | None = None
    territory: str | None = None
    type: str | None = None
    currency: str | None = None
    overdue_only: bool = False
    days_from: int | None = None
    disputed_only: bool = False
    responsible: int | None = None


# Of each row its dealer is found first, in a query of its own (OFFSET 0): so few rows seem to have a document and an
# item that what held of all dealers would be gone through for each of them.
_ITEMS = """
SELECT x.dealer_id, x.dealer, x.name, t.code AS territory, t.name AS territory_name, x.type,
       d.kind, d.number, x.document_id, x.instalment, x.document_id * 10000 + x.instalment AS place, x.currency,
       i.amount, x.amount AS open, coalesce({disputed}, 0) AS disputed, x.effective_on, x.due_on,
       nullif(greatest($2::date - x.due_on, 0), 0) AS days_overdue
FROM (SELECT x.*, r.code AS dealer, r.name, {type} AS type, {territory} AS territory_id
      FROM {left} x JOIN dealer r ON r.id = x.dealer_id {held}
      WHERE x.instalment > 0 AND {where} {fence}) AS x
JOIN receivable_document d ON d.dealer_id = x.dealer_id AND d.id = x.document_id
JOIN receivable_item i ON i.dealer_id = x.dealer_id AND i.document_id = x.document_id AND i.instalment = x.instalment
LEFT JOIN territory t ON t.id = x.territory_id
"""
_WITHIN = (
    "r.territory_id IN (SELECT b.territory_id FROM territory_tree b JOIN territory a ON a.id = b.ancestor_id"
    " WHERE a.code = (SELECT territory_meant({})))"
)
_WHOSE = "($1::bigint[] IS NULL OR x.dealer_id = ANY ($1::bigint[]))"
_STANDING = standing(_WHOSE, "$2", "$3")
_DISPUTED = disputed_part(disputed(_WHOSE, "$2", "$3"), "x")
_DISPUTED_TODAY = disputed_part(disputed(_WHOSE, "$2", "NULL", today=True), "x")
_HELD = held_sql("($1::bigint[] IS NULL OR f.dealer_id = ANY ($1::bigint[])) AND f.fact IN ('type', 'territory')")


def _now(found: Filter, asked: ItemFilter) -> tuple[str, Sequence[object]]:
    """The rows as everything posted makes them, by the dealers' places and types of today."""
    for value, part in (
        (asked.territory, _WITHIN),
        (asked.type, "r.type = {}"),
        (asked.responsible, "r.responsible_id = {}" if asked.responsible else "coalesce(r.responsible_id, 0) = {}"),
    ):
        found = found.with_part(part, value) if value is not None else found
    sql = _ITEMS.format(
        left="open_item",
        held="",
        type="r.type",
        territory="r.territory_id",
        disputed=_DISPUTED_TODAY,
        where=found.where,
        fence="",
    )
    return sql, found.args


def _then(found: Filter) -> tuple[str, Sequence[object]]:
    """The rows of a day as known at a moment; who was not anywhere yet is told where he came to be."""
    items = _ITEMS.format(
        left=f"({_STANDING})",
        held="LEFT JOIN held h ON h.dealer_id = x.dealer_id",
        type="coalesce(h.type, r.type)",
        territory="coalesce(h.territory_id, r.territory_id)",
        disputed=_DISPUTED,
        where=found.where,
        fence="OFFSET 0",
    )
    return f"WITH {_HELD} {items}", found.args


async def _selected(asked: ItemFilter, view: View) -> Sequence[int]:
    """The dealers who were there, of the type, and of the responsible, on the day as known at the moment."""
    place = None if asked.territory is None else await territory_in_scope(asked.territory)
    if asked.territory is not None and place is None:
        return ()
    return await dealers_selected(None if place is None else place["id"], asked.type, view, asked.responsible) or ()


async def _asked(asked: ItemFilter, view: View, today: date) -> tuple[str, Sequence[object]]:
    """The rows that are asked for, without an order, and their arguments."""
    whose = None if asked.dealer_id is None else [asked.dealer_id]
    now = is_today(view, today)
    if not now and any(each is not None for each in (asked.territory, asked.type, asked.responsible)):
        whose = [each for each in await _selected(asked, view) if whose is None or each in whose]
    found = Filter((_WHOSE,), (whose, view.as_of) if now else (whose, view.as_of, view.moment))
    for value, part in (
        (asked.currency, "x.currency = {}"),
        (view.as_of if asked.overdue_only else None, "x.due_on < {}::date"),
        (asked.days_from, "$2::date - x.due_on >= {}::integer"),
    ):
        found = found.with_part(part, value) if value is not None else found
    if asked.disputed_only:
        found = Filter((*found.parts, f"{_DISPUTED_TODAY if now else _DISPUTED} > 0"), found.args)
    return _now(found, asked) if now else _then(found)


async def open_items_listed(asked: ItemFilter, view: View, today: date, wanted: Wanted = ALL) -> Page[Record]:
    """What was open on the view's day as known at its moment, of the dealers in scope; what fell due first is first."""
    sql, args = await _asked(asked, view, today)
    return await page_of(sql, args, ITEMS, wanted)


async def open_items_summed(asked: ItemFilter, view: View, today: date) -> list[Record]:
    """By currency how many items that are, what of them is open, what of that is overdue, and disputed of both."""
    sql, args = await _asked(asked, view, today)
    return await db.fetch(
        "SELECT currency, count(*) AS items, sum(open) AS open, count(days_overdue) AS overdue_items,"
        " coalesce(sum(open) FILTER (WHERE days_overdue > 0), 0) AS overdue, sum(disputed) AS disputed,"
        " coalesce(sum(disputed) FILTER (WHERE days_overdue > 0), 0) AS overdue_disputed"
        f" FROM ({sql}) AS listed GROUP BY currency ORDER BY currency",
        *args,
    )
