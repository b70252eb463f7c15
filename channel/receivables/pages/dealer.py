"""A dealer's receivables, as of a day as known at a moment."""

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from channel import clock, web
from channel.access.rules import Person, Right, require
from channel.dealers.service.facts import dealer_by_code
from channel.errors import Message, m
from channel.lists import ALL, Wanted
from channel.receivables.lists.disputes import DISPUTES
from channel.receivables.lists.figures import FIGURES
from channel.receivables.lists.incidents import INCIDENTS
from channel.receivables.lists.promises import PROMISES
from channel.receivables.pages.ageing import amount_columns, lines_of
from channel.receivables.pages.documents import WORDS
from channel.receivables.pages.figures import months_by_currency
from channel.receivables.queries.disputes import DisputeFilter
from channel.receivables.queries.incidents import IncidentFilter
from channel.receivables.rules.disputes import DisputeState
from channel.receivables.service.dealer import SHOWN_DOCUMENTS, dealer_account
from channel.receivables.service.disputes import disputes as disputes_in_scope
from channel.receivables.service.figures import Selection, figures_asked
from channel.receivables.service.incidents import incidents_told
from channel.receivables.service.promises import open_promises
from channel.view import View

AnyRequest = Request[Any, Any, Any]


LINKS: tuple[tuple[str, Message, Right], ...] = (
    ("/allocate", m("Allocate"), Right.ALLOCATE_MONEY),
    ("/write-off", m("Write off"), Right.WRITE_OFF),
    ("/promise", m("Promised to pay"), Right.ENTER_PROMISES),
)
"""Acts at the head of the page: the part of the address behind `/dealers/CODE/receivables`, its words, its right."""


@get("/dealers/{code:str}/receivables", include_in_schema=False)
async def show_account(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], view: NamedDependency[View]
) -> Response[str]:
    """What the dealer owes and paid."""
    found = await dealer_account(person, code, view)
    disputes = await disputes_in_scope(person, DisputeFilter(DisputeState.OPEN, dealer_id=found.dealer["id"]), ALL)
    # What is on account and in bills stands among the sums above already.
    columns = [each for each in amount_columns(found.aged) if each.name not in {"unapplied", "balance", "bills"}]
    return web.page(
        request,
        "receivables/dealer.html",
        account=found,
        columns=columns,
        aged=lines_of(found.aged, found.aged.rows, columns),
        disputes=disputes.items,
        dispute_list=DISPUTES,
        links=[each for each in LINKS if person.may(each[2])],
        right=Right,
        words=WORDS,
        most=SHOWN_DOCUMENTS,
        past=view.past or (view.dated and view.as_of != clock.today()),
        local=lambda moment: moment.astimezone(clock.zone()).strftime("%Y-%m-%dT%H:%M:%S"),
    )


@get("/dealers/{code:str}/receivables/figures", include_in_schema=False)
async def show_figures(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], view: NamedDependency[View]
) -> Response[str]:
    """His figures of the last months: a part of the page above, which comes by itself when that is there."""
    rows = await figures_asked(person, Selection(dealer=code), view)
    return web.fragment(
        request,
        "receivables/_dealer_figures.html",
        charts=months_by_currency(rows),
        together=[row for row in rows if row.month is None],
        listed=FIGURES,
    )


@get("/dealers/{code:str}/receivables/collecting", include_in_schema=False)
async def show_collecting(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], view: NamedDependency[View]
) -> Response[str]:
    """What he promised and what speaks against his credit: a part of the page above, which comes by itself."""
    require(person, Right.SEE_RECEIVABLES)
    dealer = await dealer_by_code(code)
    promised = await open_promises(person, dealer["id"], view)
    incidents = await incidents_told(person, IncidentFilter(dealer["id"]), Wanted(limit=10), view)
    return web.fragment(
        request,
        "receivables/_dealer_collecting.html",
        code=dealer["code"],
        promises=promised,
        promise_list=PROMISES,
        incidents=incidents.items,
        incident_list=INCIDENTS,
    )


ROUTES = (show_account, show_figures, show_collecting)
