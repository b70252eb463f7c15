"""The months of dealers that the page of sales shows, as a file."""

from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from channel import web
from channel.access.rules import Person
from channel.lists import ALL, check_rows
from channel.periods import Span, months_of
from channel.sales.lists import MONTHS
from channel.sales.pages.overview import AnyRequest
from channel.sales.service import views


@get("/sales/export", include_in_schema=False, heavy=True)
async def export_months(
    request: AnyRequest,
    person: NamedDependency[Person],
    chosen: Annotated[web.FileKind, QueryParameter(name="format")] = "xlsx",
    kind: FromQuery[str | None] = None,
    q: FromQuery[str | None] = None,
    to: FromQuery[str | None] = None,
) -> Response[bytes]:
    """The months of every dealer that the filter finds, the missing ones among them."""
    first, last = await views.months_asked(None, to or None)
    dealers = (await views.dealers_page(person, q or "", None, ALL)).items
    check_rows(len(dealers) * len(months_of(Span(first.first, last.end))))
    rows = await views.months_of_dealers(dealers, views.checked_kinds([kind] if kind else [])[:1], first, last)
    return await web.list_file(MONTHS, chosen, rows, web.language_of(request))


ROUTES = (export_months,)
