"""The form for a new dealer."""

from litestar import Response

from channel import clock, web
from channel.access.rules import Person, Right, Role
from channel.dealers.acts import AddDealer
from channel.dealers.pages.form_reading import AnyRequest, members, places
from channel.dealers.queries import masters
from channel.dealers.rules import GRADES
from channel.dealers.service.dealers import add_dealer
from channel.errors import Forbidden, m


async def _form(request: AnyRequest, person: Person) -> Response[str]:
    if not (person.may(Right.KEEP_DEALERS) or person.role is Role.REGIONAL):
        raise Forbidden(m("Channel managers add dealers; regional staff enter prospects."))
    currency = await masters.company_currency()
    return web.page(
        request,
        "dealers/new.html",
        act=AddDealer,
        values={"currency": currency, "terms_days": 30, "effective_on": clock.today()},
        choices={
            "territory": await places(),
            "responsible": await members(),
            "grade": [(grade, grade) for grade in GRADES],
        },
        only_prospects=person.role is Role.REGIONAL,
    )


ROUTES = web.act_routes(
    "/dealers/new", AddDealer, _form, add_dealer, to="/dealers/{code}", said=m("%(name)s is added.")
)
