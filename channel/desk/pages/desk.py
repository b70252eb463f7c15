"""The first page of everybody: what waits, what is late, what has changed."""

from litestar import Response, get
from litestar.di import NamedDependency

from channel import web
from channel.access.lists import AUDIT
from channel.access.rules import Person
from channel.access.trail_words import act_words, subject_words
from channel.credit.lists import IN_FORCE
from channel.dealers.pages.form_reading import AnyRequest, shared
from channel.desk.service.desk import desk_of
from channel.sales.lists import OWED, REPORTS
from channel.sales.rules import KIND_NAMES


@get("/", include_in_schema=False)
async def show_desk(request: AnyRequest, person: NamedDependency[Person]) -> Response[str]:
    """The desk of whoever is signed in."""
    return web.page(
        request,
        "desk/desk.html",
        desk=await desk_of(person),
        kinds=KIND_NAMES,
        lists={"audit": AUDIT, "owed": OWED, "in_force": IN_FORCE, "reports": REPORTS},
        act_words=act_words,
        subject_words=subject_words,
        **shared(request),
    )


ROUTES = (show_desk,)
