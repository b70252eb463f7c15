"""The form for what was found out about a dealer."""

from litestar import Response

from channel import clock, web
from channel.access.rules import Person, Right, require
from channel.database.snapshots import view_of
from channel.dealers.acts import ObservedGiven, ObserveFact
from channel.dealers.pages.form_reading import AnyRequest
from channel.dealers.queries.dealer_page import dealer_sheets
from channel.dealers.rules.observed import OBSERVED_KIND_NAMES, ObservedKind
from channel.dealers.service import observed as service
from channel.errors import NotFound, m


async def _form(request: AnyRequest, person: Person, code: str, observed: str) -> Response[str]:
    require(person, Right.ENTER_FOR_DEALERS)
    sheets = await dealer_sheets(code)
    if sheets is None:
        raise NotFound(m("The dealer %(code)s is not known.", code=code))
    rows = await service.file_of(sheets.card["id"], view_of())
    found = next((row for row in rows if row["fact"] == observed), None)
    if found is None:
        raise NotFound(m("There is no such fact."))
    language = web.language_of(request)
    told, at = service.in_language(found, language.code), 2 if language.code == "zh" else 1
    offered = [(each[0], each[at]) for each in service.choices_of(found)]
    unknown = ("", language.tell(m("not known any more")))
    return web.page(
        request,
        "dealers/act.html",
        card=sheets.card,
        title=told["name"],
        at=f"/observed/{observed}",
        act=ObservedGiven,
        button=m("Record"),
        facts=[told["unit"] or OBSERVED_KIND_NAMES[ObservedKind(found["kind"])]],
        values={"value": told["value"], "observed_on": clock.today()},
        choices={"value": [*offered, unknown]} if offered else {},
    )


async def _observe(person: Person, code: str, fact: str, given: ObservedGiven) -> None:
    act = ObserveFact(fact=fact, value=given.value, observed_on=given.observed_on, source=given.source)
    await service.observe_fact(person, code, act)


ROUTES = web.act_routes(
    "/dealers/{code:str}/observed/{observed:str}",
    ObservedGiven,
    _form,
    _observe,
    to="/dealers/{code}/observed",
    said=m("What was found out is recorded."),
)
