"""What the pages of sales show, as files: months of dealers, the lines of a dealer's month."""

from collections.abc import Sequence
from typing import Annotated

from asyncpg import Record
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from channel import web
from channel.access.rules import Person
from channel.errors import Message, m
from channel.files import Cell
from channel.lists import MOST_ROWS, check_rows
from channel.periods import Span, months_of
from channel.sales.pages.overview import AnyRequest
from channel.sales.queries import months as month_queries
from channel.sales.rules import KIND_NAMES
from channel.sales.service import views

Format = Annotated[web.FileKind, QueryParameter(name="format")]
_MONTHS = (
    m("Code"), m("Name"), m("Report"), m("Month"), m("Covered"), m("Currency"), m("Quantity"), m("Amount"),
    m("Company currency"), m("Returns"), m("Lines"),
)  # fmt: skip
_LINES = (
    m("Date"), m("Product"), m("Name"), m("Product line"), m("Document"), m("Line"), m("Quantity"), m("Amount"),
    m("Currency"), m("Rate"), m("Company currency"), m("Second-tier customer"), m("Report"),
)  # fmt: skip


def _kinds(kind: str | None) -> tuple[str, ...]:
    return views.checked_kinds([kind] if kind else [])[:1]


async def _file(
    request: AnyRequest, stem: str, kind: web.FileKind, header: Sequence[Message], rows: Sequence[Sequence[Cell]]
) -> Response[bytes]:
    told = web.language_of(request)
    return await web.download(stem, kind, [told.tell(each) for each in header], rows)


@get("/sales/export", include_in_schema=False, heavy=True)
async def export_months(
    request: AnyRequest,
    person: NamedDependency[Person],
    chosen: Format = "xlsx",
    kind: FromQuery[str | None] = None,
    q: FromQuery[str | None] = None,
    to: FromQuery[str | None] = None,
) -> Response[bytes]:
    """The months of every dealer that the filter finds, the missing ones among them."""
    first, last = await views.months_asked(None, to or None)
    dealers = await views.dealers_page(person, q or "", None, "", MOST_ROWS + 1)
    check_rows(len(dealers) * len(months_of(Span(first.first, last.end))))
    rows = await views.months_of_dealers(dealers, _kinds(kind), first, last)
    tell = web.language_of(request).tell
    yes, no, before = tell(m("yes")), tell(m("no")), tell(m("before the appointment"))
    cells = [
        (
            row.dealer, row.name, tell(KIND_NAMES[row.kind]), str(row.month),
            yes if row.covered else before if row.before_appointment else no,
            row.currency, row.quantity, row.amount, row.company_amount, row.returned_amount, row.lines,
        )
        for row in rows
    ]  # fmt: skip
    return await _file(request, "sales-months", chosen, _MONTHS, cells)


@get("/dealers/{code:str}/sales/export", include_in_schema=False, heavy=True)
async def export_lines(
    request: AnyRequest,
    person: NamedDependency[Person],
    code: FromPath[str],
    chosen: Format = "xlsx",
    kind: FromQuery[str | None] = None,
    month: FromQuery[str | None] = None,
) -> Response[bytes]:
    """The lines that a dealer's month is made of; of the last twelve months where none is named."""
    dealer = await views.dealer_named(person, code)
    first, last = await views.months_asked(month or None, month or None)
    kinds = _kinds(kind)
    days = await views.days_behind(dealer["id"], kinds[0], first) if month else Span(first.first, last.end)
    rows = await month_queries.month_lines(dealer["id"], kinds, days, limit=MOST_ROWS + 1)
    check_rows(len(rows))
    return await _file(request, f"sales-{code}", chosen, _LINES, [_line(row) for row in rows])


def _line(row: Record) -> Sequence[Cell]:
    return (
        row["on_date"], row["product_code"], row["product_name"], row["line_code"], row["document"],
        row["line_number"], row["quantity"], row["amount"], row["currency"], row["rate"], row["company_amount"],
        row["second_tier"], row["file_name"],
    )  # fmt: skip


ROUTES = (export_months, export_lines)
