"""The list of dealers with their figures, the same as a file, and the search in the bar."""

from datetime import timedelta
from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery, QueryParameter

from channel import web
from channel.access.rules import Person, Right, require
from channel.dealers.pages.form_reading import AnyRequest, line_choices, places, shared
from channel.dealers.queries import masters
from channel.dealers.queries.dealers import find_dealers
from channel.dealers.queries.lists import DealerFilter
from channel.desk.lists import DEALERS
from channel.desk.service.lists import dealer_list

_PAGE = 50
_FOUND = 8
_COUNTED = 10_000
"""Of more dealers the page says that there are more: nobody looks through them, and counting them takes its time."""


def _asked(
    type: FromQuery[str | None] = None,
    territory: FromQuery[str | None] = None,
    line: FromQuery[str | None] = None,
    grade: FromQuery[str | None] = None,
    status: FromQuery[str | None] = None,
    q: FromQuery[str | None] = None,
    sort: FromQuery[str | None] = None,
) -> DealerFilter:
    """What the form of the list asks; a field left open comes empty and filters nothing."""
    return DealerFilter(type, territory, line, grade, status, q, sort or "name")


_ASKED = {"asked": Provide(_asked, sync_to_thread=False)}


@get("/dealers", dependencies=_ASKED, include_in_schema=False)
async def show_dealers(
    request: AnyRequest,
    person: NamedDependency[Person],
    asked: NamedDependency[DealerFilter],
    cursor: FromQuery[str | None] = None,
) -> Response[str]:
    """A page of the list."""
    found = await dealer_list(person, asked, cursor, _PAGE, _COUNTED)
    return web.page(
        request,
        "desk/dealers.html",
        listed=found,
        columns=DEALERS.on_page(),
        most=_COUNTED,
        one_day=timedelta(days=1),
        filtered=asked != DealerFilter(sort=asked.sort),
        places=await places(),
        line_choices=line_choices(await masters.line_names()),
        **shared(request),
    )


@get("/dealers/export", dependencies=_ASKED, include_in_schema=False, heavy=True)
async def export_dealers(
    request: AnyRequest,
    person: NamedDependency[Person],
    asked: NamedDependency[DealerFilter],
    kind: Annotated[web.FileKind, QueryParameter(name="format")] = "xlsx",
) -> Response[bytes]:
    """Exactly the dealers that the filters let through, in the list's order, as a file."""
    found = await dealer_list(person, asked, None, None)
    return await web.list_file(DEALERS, kind, found.rows, web.language_of(request), {"currency": found.currency or ""})


@get("/search", include_in_schema=False)
async def search(
    request: AnyRequest, person: NamedDependency[Person], q: FromQuery[str | None] = None
) -> Response[str]:
    """Dealers that the bar offers while somebody types: by a part of name or code, or the beginning of a phone."""
    require(person, Right.SEE_DEALERS)
    text = (q or "").strip()
    found = await find_dealers(text, _FOUND) if text else []
    return web.fragment(request, "desk/_found.html", text=text, found=found, **shared(request))


ROUTES = (show_dealers, export_dealers, search)
