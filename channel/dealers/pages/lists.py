"""The list of dealers, and the same as a file."""

from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from channel import clock, web
from channel.access.rules import Person, Right, require
from channel.dealers.pages.words import WORDS, AnyRequest, line_choices, places, shared
from channel.dealers.queries import lists, masters
from channel.errors import m

_PAGE = 50
_HEADINGS = (
    m("Code"),
    m("Name"),
    m("Type"),
    m("Territory"),
    m("Grade"),
    m("Status"),
    m("Currency"),
    m("Payment terms in days"),
)


@get("/dealers", include_in_schema=False)
async def show_dealers(
    request: AnyRequest,
    person: NamedDependency[Person],
    type: FromQuery[str | None] = None,
    territory: FromQuery[str | None] = None,
    line: FromQuery[str | None] = None,
    grade: FromQuery[str | None] = None,
    status: FromQuery[str | None] = None,
    q: FromQuery[str | None] = None,
    sort: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
) -> Response[str]:
    """A page of the list."""
    require(person, Right.SEE_DEALERS)
    asked = lists.Asked(type, territory, line, grade, status, q, sort or "name")
    rows = await lists.dealer_list(asked, cursor, _PAGE)
    found, wholesale, terminal = await lists.dealer_count(asked)
    return web.page(
        request,
        "dealers/list.html",
        rows=rows,
        next=lists.next_cursor(rows, _PAGE),
        found=found,
        wholesale=wholesale,
        terminal=terminal,
        filtered=asked != lists.Asked(sort=asked.sort),
        places=await places(),
        line_choices=line_choices(await masters.product_lines()),
        **shared(request),
    )


@get("/dealers/export", include_in_schema=False)
async def export_dealers(
    request: AnyRequest,
    person: NamedDependency[Person],
    kind: Annotated[web.FileKind, QueryParameter(name="format")] = "xlsx",
    type: FromQuery[str | None] = None,
    territory: FromQuery[str | None] = None,
    line: FromQuery[str | None] = None,
    grade: FromQuery[str | None] = None,
    status: FromQuery[str | None] = None,
    q: FromQuery[str | None] = None,
    sort: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Exactly the dealers that the filters let through, in the list's order, as a file."""
    require(person, Right.SEE_DEALERS)
    asked = lists.Asked(type, territory, line, grade, status, q, sort or "name")
    rows = await lists.dealer_list(asked, None, None)
    told = web.language_of(request)
    cells = [
        (
            row["code"],
            row["name"],
            told.tell(WORDS["types"][row["type"]]),
            row["territory_path"],
            row["grade"],
            told.tell(WORDS["statuses"][row["status"]]),
            row["currency"],
            row["terms_days"],
        )
        for row in rows
    ]
    return await web.download(f"dealers-{clock.today()}", kind, [told.tell(each) for each in _HEADINGS], cells)


ROUTES = (show_dealers, export_dealers)
