"""The ageing as a page: its table with totals, its months as a chart, the documents behind each cell; and as a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from asyncpg import Record
from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery, QueryParameter

from channel import web
from channel.access import queries as access
from channel.access.rules import Person, Right, require
from channel.dealers.pages.form_reading import member_filter
from channel.dealers.queries.masters import company_currency
from channel.dealers.rules import DEALER_TYPE_NAMES, DealerType
from channel.errors import Message, m
from channel.lists import Column, List, Page, Wanted, choice_asked, page_in
from channel.receivables.lists.ageing import AGED_ITEMS, AGEING, bucket_title, with_buckets
from channel.receivables.queries.ageing import Cell
from channel.receivables.rules.ageing import AgeBasis, AgeBy, Money
from channel.receivables.service import ageing as service
from channel.receivables.service.ageing import AgeingRow, Asked, Told
from channel.view import View

AnyRequest = Request[Any, Any, Any]
PATH = "/receivables/ageing"
_BY_NAMES = {
    AgeBy.DEALER: m("by dealer"),
    AgeBy.TERRITORY: m("by territory"),
    AgeBy.TYPE: m("by type"),
    AgeBy.RESPONSIBLE: m("by responsible"),
    AgeBy.TERMS: m("by terms"),
    AgeBy.CURRENCY: m("by currency"),
}
_GROUP_TITLES = {
    AgeBy.DEALER: m("Dealer"),
    AgeBy.TERRITORY: m("Territory"),
    AgeBy.TYPE: m("Type"),
    AgeBy.RESPONSIBLE: m("Responsible"),
    AgeBy.TERMS: m("Days to pay"),
    AgeBy.CURRENCY: m("Currency of the documents"),
}


async def asked_on_page(
    by: FromQuery[str | None] = None,
    basis: FromQuery[str | None] = None,
    money: FromQuery[str | None] = None,
    dealer: FromQuery[str | None] = None,
    territory: FromQuery[str | None] = None,
    type: FromQuery[str | None] = None,
    currency: FromQuery[str | None] = None,
    edges: FromQuery[str | None] = None,
    responsible: FromQuery[str | None] = None,
) -> Asked:
    """What a reader asks of an ageing: what he leaves open is by dealer, by due day, each currency by itself."""
    return Asked(
        choice_asked(AgeBy, by, "by") or AgeBy.DEALER,
        choice_asked(AgeBasis, basis, "basis") or AgeBasis.DUE,
        choice_asked(Money, money, "money") or Money.OWN,
        (dealer or "").strip() or None,
        territory or None,
        choice_asked(DealerType, type, "type"),
        currency or None,
        (edges or "").strip() or None,
        responsible or None,
    )


_ASKED = {"asked": Provide(asked_on_page)}


def list_of(told: Told) -> List:
    """The list of an ageing's rows, with its buckets and what its rows are."""
    titled = tuple(
        replace(each, title=_GROUP_TITLES[told.asked.by]) if each.name == "group" else each for each in AGEING.columns
    )
    return with_buckets(replace(AGEING, columns=titled), told.buckets.names)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: its words, and for each column its amount and the address of what that is made of."""

    row: AgeingRow
    label: str | Message
    sub: str | None
    url: str | None
    cells: tuple[tuple[Column, Any, str | None], ...]


def lines_of(told: Told, rows: Sequence[AgeingRow], columns: Sequence[Column], *, whole: bool = False) -> list[Line]:
    """Rows of an ageing as lines of a table with these columns; `whole` says that they are its totals."""
    return [_line(told, row, columns, whole=whole) for row in rows]


def amount_columns(told: Told) -> list[Column]:
    """The columns of amounts, in their order; that of what is disputed only where anything is."""
    disputed = any(each.disputed for each in told.totals)
    return [
        each for each in list_of(told).columns if each.currency == "currency" and (disputed or each.name != "disputed")
    ]


def _line(told: Told, row: AgeingRow, columns: Sequence[Column], *, whole: bool) -> Line:
    label, sub = (m("Total"), None) if whole else _label(told, row)
    cells = tuple((each, each.value(row), _behind(told, row, each, whole=whole)) for each in columns)
    leads = told.asked.by is AgeBy.DEALER and not whole and row.group is not None
    return Line(row, label, sub, f"/dealers/{quote(row.group or '', safe='')}/receivables" if leads else None, cells)


def _label(told: Told, row: AgeingRow) -> tuple[str | Message, str | None]:
    if row.group is None:
        nothing = {AgeBy.TERRITORY: m("outside your territories"), AgeBy.RESPONSIBLE: m("nobody")}
        return nothing.get(told.asked.by, m("none")), None
    if told.asked.by is AgeBy.TYPE:
        return DEALER_TYPE_NAMES[DealerType(row.group)], None
    if told.asked.by is AgeBy.TERMS:
        return m("%(days)s days", days=row.group), None
    return row.name or row.group, row.group if row.name else None


def _behind(told: Told, row: AgeingRow, column: Column, *, whole: bool) -> str | None:
    """The address of the documents of a cell; of a balance those of its open items and of what is on account."""
    name = column.name.removeprefix("buckets.")
    if not column.value(row):
        return None
    asked = questions(told)
    if told.company is None or row.currency != told.company:
        asked |= {"currency": row.currency, "money": Money.OWN.value}
    asked |= {"whole": "true"} if whole else {"group": row.group or ""}
    asked |= {} if name == "balance" else {"column": name}
    return f"{PATH}/items?{urlencode({key: value for key, value in asked.items() if value})}"


def questions(told: Told) -> dict[str, str]:
    """What an ageing was asked, as an address asks it, with the day and moment that give the same again."""
    asked = told.asked
    found = {
        "by": asked.by.value, "basis": asked.basis.value, "money": asked.money.value, "dealer": asked.dealer or "",
        "territory": asked.territory or "", "type": asked.type or "", "currency": asked.currency or "",
        "edges": asked.edges or "", "responsible": asked.responsible or "",
    }  # fmt: skip
    if told.view.dated:
        found["as_of"] = told.view.as_of.isoformat()
    if told.view.past:
        found["known_at"] = told.view.known_at.isoformat()
    return found


def facts_of(told: Told) -> list[Message]:
    """What an ageing is of, in words."""
    basis = m("by due day") if told.buckets.basis is AgeBasis.DUE else m("by document day")
    known = [m("as known at %(moment)s", moment=told.view.known_at)] if told.view.past else []
    return [m("as of %(day)s", day=told.view.as_of), *known, basis]


@get(PATH, dependencies=_ASKED, include_in_schema=False)
async def show_ageing(
    request: AnyRequest,
    person: NamedDependency[Person],
    view: NamedDependency[View],
    asked: NamedDependency[Asked],
    sort: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
) -> Response[str]:
    """How old what is owed is."""
    told = await service.ageing(person, asked, view)
    listed = list_of(told)
    found = page_in(told.rows, listed, Wanted(sort or None, cursor or None, web.A_PAGE))
    columns = amount_columns(told)
    language = web.language_of(request)
    return web.page(
        request,
        "receivables/ageing.html",
        told=told,
        facts=facts_of(told),
        listed=listed,
        columns=columns,
        lines=lines_of(told, found.items, columns),
        totals=lines_of(told, told.totals, columns, whole=True),
        next=found.next,
        said={},
        company=await company_currency(),
        by_choices=[(each.value, language.tell(name)) for each, name in _BY_NAMES.items()],
        type_choices=[(each.value, language.tell(name)) for each, name in DEALER_TYPE_NAMES.items()],
        member_filter=await member_filter(request),
        territory_choices=[(row["code"], row["path"]) for row in await access.territories()],
        currency_choices=[
            (code, code) for code in sorted({row.currency for row in told.totals} | {asked.currency or ""}) if code
        ],
    )


@get(f"{PATH}/months", dependencies=_ASKED, include_in_schema=False)
async def show_months(
    request: AnyRequest, person: NamedDependency[Person], view: NamedDependency[View], asked: NamedDependency[Asked]
) -> Response[str]:
    """The last twelve month ends as a chart: a part of the page of the ageing."""
    found = await service.history(person, asked, view)
    language = web.language_of(request)
    series = []
    if found is not None:
        colours = web.age_colours(len(found.buckets.names))
        series = [
            web.Series(
                language.tell(bucket_title(name)), [each.ageing.buckets[place] for each in found.ends], colours[place]
            )
            for place, name in enumerate(found.buckets.names)
        ]
    return web.fragment(request, "receivables/_ageing_months.html", history=found, series=series)


@get(f"{PATH}/export", dependencies=_ASKED, include_in_schema=False, heavy=True)
async def export_ageing(
    request: AnyRequest,
    person: NamedDependency[Person],
    view: NamedDependency[View],
    asked: NamedDependency[Asked],
    sort: FromQuery[str | None] = None,
    chosen: Annotated[web.FileKind, QueryParameter(name="format")] = "xlsx",
) -> Response[bytes]:
    """All its rows as a file."""
    told = await service.ageing(person, asked, view)
    listed = list_of(told)
    rows = page_in(told.rows, listed, Wanted(sort or None)).items
    return await web.list_file(listed, chosen, rows, web.language_of(request))


@dataclass(frozen=True, slots=True)
class Behind:
    """Which cell's documents are asked for, of an ageing that was asked so."""

    asked: Asked
    cell: Cell
    view: View


async def _behind_asked(
    view: NamedDependency[View],
    by: FromQuery[str | None] = None,
    basis: FromQuery[str | None] = None,
    money: FromQuery[str | None] = None,
    dealer: FromQuery[str | None] = None,
    territory: FromQuery[str | None] = None,
    type: FromQuery[str | None] = None,
    currency: FromQuery[str | None] = None,
    edges: FromQuery[str | None] = None,
    responsible: FromQuery[str | None] = None,
    group: FromQuery[str | None] = None,
    column: FromQuery[str | None] = None,
    whole: FromQuery[bool] = False,  # noqa: FBT002 - a question of an address
) -> Behind:
    asked = await asked_on_page(by, basis, money, dealer, territory, type, currency, edges, responsible)
    return Behind(asked, Cell(None if whole else asked.by, None if whole else group or None, column or None), view)


async def _documents(person: Person, of: Behind, wanted: Wanted) -> Page[Record]:
    return await service.documents_behind(person, of.asked, of.cell, of.view, AGED_ITEMS, wanted)


async def _beside_documents(_request: AnyRequest, person: Person, of: Behind) -> Mapping[str, Any]:
    require(person, Right.SEE_RECEIVABLES)
    name = of.cell.column
    plain = {"open": m("Open items"), "unapplied": m("On account"), "bills": m("Bills not matured")}
    facts: list[Message | str] = [] if name is None else [plain.get(name) or bucket_title(name)]
    if of.cell.code is not None:
        facts.insert(0, of.cell.code)
    return {"crumbs": [(m("Ageing"), PATH)], "facts": facts, "dense": True}


ROUTES = (
    show_ageing,
    show_months,
    export_ageing,
    *web.list_routes(
        AGED_ITEMS,
        f"{PATH}/items",
        _documents,
        filtered=_behind_asked,
        context=_beside_documents,
    ),
)
