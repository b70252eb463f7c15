"""The form for a new dealer."""

from urllib.parse import quote

from litestar import Response, get, post
from litestar.di import NamedDependency

from channel import clock, web
from channel.access.rules import Person, Right, Role
from channel.dealers.acts import AddDealer
from channel.dealers.pages.words import AnyRequest, places
from channel.dealers.queries import masters
from channel.dealers.rules import GRADES
from channel.dealers.service.dealers import add_dealer
from channel.errors import Forbidden, m


@get("/dealers/new", include_in_schema=False)
async def show_form(request: AnyRequest, person: NamedDependency[Person]) -> Response[str]:
    """The empty form."""
    if not (person.may(Right.KEEP_DEALERS) or person.role is Role.REGIONAL):
        raise Forbidden(m("Channel managers add dealers; regional staff enter prospects."))
    return await _form(request, person)


async def _form(request: AnyRequest, person: Person) -> Response[str]:
    currency = await masters.company_currency()
    return web.page(
        request,
        "dealers/new.html",
        act=AddDealer,
        values={"currency": currency, "terms_days": 30, "effective_on": clock.today()},
        choices={"territory": await places(), "grade": [(grade, grade) for grade in GRADES]},
        only_prospects=person.role is Role.REGIONAL,
    )


@post("/dealers/new", include_in_schema=False)
async def add(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Add the dealer and go to it."""

    async def carry_out(act: AddDealer) -> str:
        await add_dealer(person, act)
        return f"/dealers/{quote(act.code)}"

    again = lambda: _form(request, person)  # noqa: E731 - as short as that
    return await web.act(request, AddDealer, carry_out, again, to=lambda url: url, said=m("%(name)s is added."))


ROUTES = (show_form, add)
