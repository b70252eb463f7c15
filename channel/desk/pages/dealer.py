"""The page of one dealer: what holds, what would be computed and why, what was done."""

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from channel import clock, web
from channel.access.rules import Person
from channel.access.trail_words import act_words, subject_words
from channel.credit.pages.form_reading import WORDS as CREDIT_WORDS
from channel.dealers.pages.form_reading import AnyRequest, shared
from channel.desk.service.dealer import dealer_page
from channel.sales.rules import KIND_NAMES
from channel.view import View


@get("/dealers/{code:str}", include_in_schema=False)
async def show_dealer(
    request: AnyRequest,
    person: NamedDependency[Person],
    code: FromPath[str],
    view: NamedDependency[View],
) -> Response[str]:
    """The dealer as of a day as known at a moment."""
    found = await dealer_page(person, code, view)
    return web.page(
        request,
        "desk/dealer.html",
        page=found,
        sheets=found.sheets,
        local=lambda moment: moment.astimezone(clock.zone()).strftime("%Y-%m-%dT%H:%M:%S"),
        kinds=KIND_NAMES,
        credit=CREDIT_WORDS,
        act_words=act_words,
        subject_words=subject_words,
        **shared(request),
    )


ROUTES = (show_dealer,)
