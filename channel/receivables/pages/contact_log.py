"""The contact log as pages: the list, an entry with its corrections, the part of a dealer's pages, and the forms."""

from collections.abc import Mapping
from typing import Any

from asyncpg import Record
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from channel import clock, web
from channel.access.rules import Person, Right, require
from channel.access.rules.signing_in import plain_login
from channel.dealers.service.facts import dealer_by_code
from channel.digits import whole_number
from channel.errors import m
from channel.lists import Page, Wanted, choice_asked
from channel.receivables.acts.contact_log import CorrectContact, LogContact
from channel.receivables.lists.contact_log import CONTACT_LOG
from channel.receivables.queries.contact_log import ContactFilter, people_at
from channel.receivables.rules.contact_log import KIND_NAMES, OUTCOME_NAMES, ContactKind, ContactOutcome
from channel.receivables.service import contact_log as service
from channel.receivables.service.documents import dealer_asked
from channel.view import View
from channel.web.moments import read_day

AnyRequest = Request[Any, Any, Any]
_PAGE = "/receivables/contact-log"
SHOWN_ENTRIES = 5


async def _asked(
    dealer: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    outcome: FromQuery[str] = "",
    actor: FromQuery[str] = "",
    from_on: FromQuery[str] = "",
    until: FromQuery[str] = "",
) -> ContactFilter:
    return ContactFilter(
        await dealer_asked(dealer.strip()),
        choice_asked(ContactKind, kind, "kind"),
        choice_asked(ContactOutcome, outcome, "outcome"),
        plain_login(actor) or None,
        read_day({"from_on": from_on}, "from_on"),
        read_day({"until": until}, "until"),
    )


async def _rows(person: Person, asked: ContactFilter, wanted: Wanted) -> Page[Record]:
    return await service.contact_log(person, asked, wanted)


async def _beside(request: AnyRequest, _person: Person, _asked: ContactFilter) -> Mapping[str, Any]:
    tell = web.language_of(request).tell
    return {
        "crumbs": [(m("Receivables"), "/receivables")],
        "dense": True,
        "kinds": [(str(each), tell(name)) for each, name in KIND_NAMES.items()],
        "outcomes": [(str(each), tell(name)) for each, name in OUTCOME_NAMES.items()],
    }


@get(f"{_PAGE}/{{entry:int}}", include_in_schema=False)
async def show_entry(request: AnyRequest, person: NamedDependency[Person], entry: FromPath[int]) -> Response[str]:
    """One entry, what it stands in place of, and what stands in its place."""
    told = await service.entry_told(person, entry)
    return web.page(
        request,
        "receivables/contact_entry.html",
        told=told,
        row=told.row,
        listed=CONTACT_LOG,
        kinds=KIND_NAMES,
        outcomes=OUTCOME_NAMES,
        right=Right,
    )


@get("/dealers/{code:str}/contact-log", include_in_schema=False)
async def show_of_dealer(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], view: NamedDependency[View]
) -> Response[str]:
    """The last contacts with a dealer and the form for another: a part of his pages, which comes by itself."""
    require(person, Right.SEE_RECEIVABLES)
    dealer = await dealer_by_code(code)
    found = await service.contact_log(person, ContactFilter(dealer["id"]), Wanted(limit=SHOWN_ENTRIES), view)
    writes = person.may(Right.LOG_CONTACTS) and not view.past
    return web.fragment(
        request,
        "receivables/_contact_log.html",
        code=dealer["code"],
        rows=found.items,
        listed=CONTACT_LOG,
        act=LogContact if writes else None,
        people=await _people(dealer["id"]) if writes else (),
        today=clock.today(),
        right=Right,
    )


async def _people(dealer_id: int) -> list[tuple[str, str]]:
    return [(str(row["id"]), row["name"]) for row in await people_at(dealer_id)]


async def _form(request: AnyRequest, person: Person, code: str) -> Response[str]:
    require(person, Right.LOG_CONTACTS)
    dealer = await dealer_by_code(code)
    return web.page(
        request,
        "receivables/contact_new.html",
        dealer=dealer,
        act=LogContact,
        people=await _people(dealer["id"]),
        values={
            "took_place_on": clock.today(),
            "task": whole_number(request.query_params.get("task", "")) or None,
        },
        right=Right,
    )


async def _correction(request: AnyRequest, person: Person, entry: int) -> Response[str]:
    require(person, Right.LOG_CONTACTS)
    row = (await service.entry_told(person, entry)).row
    values = dict(row.items()) | {"with_whom": None if row["contact"] is not None else row["with_whom"]}
    return web.page(
        request,
        "receivables/contact_correct.html",
        row=row,
        act=CorrectContact,
        people=await _people(row["dealer_id"]),
        values={**values, "reason": None},
    )


ROUTES = (
    *web.list_routes(
        CONTACT_LOG, _PAGE, _rows, template="receivables/contact_log.html", filtered=_asked, context=_beside
    ),
    show_entry,
    show_of_dealer,
    *web.act_routes(
        "/dealers/{code:str}/contact-log/new",
        LogContact,
        _form,
        service.log_contact,
        to="/dealers/{code}/receivables#contact-log",
        said=m("The contact is written down."),
        asks=("task",),
    ),
    *web.act_routes(
        f"{_PAGE}/{{entry:int}}/correct",
        CorrectContact,
        _correction,
        service.correct_contact,
        to=lambda number: f"{_PAGE}/{number}",
        said=m("The entry is corrected."),
    ),
)
