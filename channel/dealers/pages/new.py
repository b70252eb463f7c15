"""The form for a new dealer."""

from urllib.parse import quote

from litestar import Response, get, post
from litestar.di import NamedDependency

from channel import web
from channel.access.rules import Person, Right, Role
from channel.dealers.pages.words import AnyRequest, places, shared, typed
from channel.dealers.queries import masters
from channel.dealers.rules import Fact
from channel.dealers.service.dealers import NewDealer, add_dealer
from channel.errors import Forbidden, Refused, m
from channel.moments import read_day


@get("/dealers/new", include_in_schema=False)
async def show_form(request: AnyRequest, person: NamedDependency[Person]) -> Response[str]:
    """The empty form."""
    if not (person.may(Right.KEEP_DEALERS) or person.role is Role.REGIONAL):
        raise Forbidden(m("Channel managers add dealers; regional staff enter prospects."))
    return await _form(request, person)


async def _form(
    request: AnyRequest, person: Person, refused: Refused | None = None, form: dict[str, str] | None = None
) -> Response[str]:
    return web.page(
        request,
        "dealers/new.html",
        refused=refused,
        form=form,
        places=await places(),
        company_currency=await masters.company_currency(),
        only_prospects=person.role is Role.REGIONAL,
        **shared(request),
    )


@post("/dealers/new", include_in_schema=False)
async def add(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Add the dealer and go to it."""
    form = await typed(request)
    try:
        facts: dict[Fact, str | None] = {
            fact: form.get(fact.value) or None
            for fact in Fact
            if fact.value in form and fact not in {Fact.REPORTS_OWED, Fact.REPORTS_DUE_DAY}
        }
        facts.setdefault(Fact.STATUS, "prospect")
        new = NewDealer(form.get("code", ""), form.get("name", ""), facts)
        await add_dealer(person, new, effective_on=read_day(form, "effective_on"))
    except Refused as refused:
        return await _form(request, person, refused, form)
    return web.redirect(f"/dealers/{quote(new.code.strip())}", m("%(name)s is added.", name=new.name.strip()))


ROUTES = (show_form, add)
