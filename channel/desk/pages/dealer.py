"""The page of one dealer: what holds, what would be computed and why, what was done."""

from datetime import date, datetime

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from channel import clock, web
from channel.access.rules import Person
from channel.credit.pages.words import WORDS as CREDIT_WORDS
from channel.dealers.pages.words import AnyRequest, shared
from channel.desk.pages.words import KIND_NAMES
from channel.desk.service.dealer import dealer_page
from channel.errors import invalid, m


def read_view(as_of: str | None, known_at: str | None) -> tuple[date | None, datetime | None]:
    """The day and the moment that a form or an address asks for; a moment without a zone is in the company's."""
    day = moment = None
    try:
        day = date.fromisoformat(as_of) if as_of else None
    except ValueError:
        raise invalid("as_of", m("This is no date."), m("A date such as 2013-01-31.")) from None
    try:
        moment = datetime.fromisoformat(known_at) if known_at else None
    except ValueError:
        raise invalid("known_at", m("This is no moment."), m("A moment such as 2013-01-31T08:00.")) from None
    if moment is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=clock.zone())
    return day, moment


@get("/dealers/{code:str}", include_in_schema=False)
async def show_dealer(
    request: AnyRequest,
    person: NamedDependency[Person],
    code: FromPath[str],
    as_of: FromQuery[str | None] = None,
    known_at: FromQuery[str | None] = None,
) -> Response[str]:
    """The dealer as of a day as known at a moment."""
    found = await dealer_page(person, code, *read_view(as_of, known_at))
    return web.page(
        request,
        "desk/dealer.html",
        page=found,
        sheets=found.sheets,
        local=lambda moment: moment.astimezone(clock.zone()).strftime("%Y-%m-%dT%H:%M"),
        kinds=KIND_NAMES,
        credit=CREDIT_WORDS,
        **shared(request),
    )


ROUTES = (show_dealer,)
