"""A dealer's own sheets as a page."""

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from channel import web
from channel.access.rules import Person, Right, require
from channel.dealers.pages.form_reading import AnyRequest, shared
from channel.dealers.queries.dealer_page import dealer_sheets
from channel.errors import NotFound, m


@get("/dealers/{code:str}/record", include_in_schema=False)
async def show_record(request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]) -> Response[str]:
    """Who the dealer is and all that was recorded of it."""
    require(person, Right.SEE_DEALERS)
    sheets = await dealer_sheets(code)
    if sheets is None:
        raise NotFound(m("The dealer %(code)s is not known.", code=code))
    return web.page(request, "dealers/record.html", sheets=sheets, **shared(request))


ROUTES = (show_record,)
