"""The list of dealers with their figures, the same as a file, and the search in the bar."""

from datetime import timedelta
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from channel import web
from channel.access.rules import Person, Right, require
from channel.dealers.pages.form_reading import AnyRequest, line_choices, member_filter, places, shared
from channel.dealers.queries import masters
from channel.dealers.queries.dealers import find_dealers
from channel.dealers.queries.lists import DealerFilter
from channel.desk.lists import DEALERS
from channel.desk.service.lists import DealerList, dealer_list
from channel.lists import Wanted

_FOUND = 8
_COUNTED = 10_000
"""Of more dealers the page says that there are more: nobody looks through them, and counting them takes its time."""


async def _asked(
    type: FromQuery[str | None] = None,
    territory: FromQuery[str | None] = None,
    line: FromQuery[str | None] = None,
    grade: FromQuery[str | None] = None,
    status: FromQuery[str | None] = None,
    q: FromQuery[str | None] = None,
    responsible: FromQuery[str | None] = None,
) -> DealerFilter:
    """What the form of the list asks; a field left open comes empty and filters nothing."""
    return DealerFilter(
        type or None,
        territory or None,
        line or None,
        grade or None,
        status or None,
        q or None,
        responsible or None,
    )


async def _dealers(person: Person, asked: DealerFilter, wanted: Wanted) -> DealerList:
    return await dealer_list(person, asked, wanted, _COUNTED)


async def _beside(request: AnyRequest, _person: Person, asked: DealerFilter) -> dict[str, Any]:
    return {
        "columns": DEALERS.on_page(),
        "most": _COUNTED,
        "one_day": timedelta(days=1),
        "dense": True,
        "filtered": asked != DealerFilter(),
        "places": await places(),
        "line_choices": line_choices(await masters.line_names()),
        "member_filter": await member_filter(request),
        "said": {"currency": await masters.company_currency() or ""},
        **shared(request),
    }


@get("/search", include_in_schema=False)
async def search(
    request: AnyRequest, person: NamedDependency[Person], q: FromQuery[str | None] = None
) -> Response[str]:
    """Dealers that the bar offers while somebody types: by a part of name or code, or the beginning of a phone."""
    require(person, Right.SEE_DEALERS)
    text = (q or "").strip()
    found = await find_dealers(text, _FOUND) if text else []
    return web.fragment(request, "desk/_found.html", text=text, found=found, **shared(request))


ROUTES = (
    *web.list_routes(DEALERS, "/dealers", _dealers, template="desk/dealers.html", filtered=_asked, context=_beside),
    search,
)
