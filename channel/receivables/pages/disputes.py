"""Disputes as pages: the list, one with its history, and the forms that open, hand on and end one."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

from asyncpg import Record
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from channel import clock, web
from channel.access.rules import Person, Right, require
from channel.access.rules.signing_in import plain_login
from channel.dealers.pages.form_reading import member_filter
from channel.dealers.service.responsible import responsible_asked
from channel.digits import whole_number
from channel.errors import m
from channel.lists import Page, Wanted, choice_asked
from channel.money import digits_of, round_half_away
from channel.receivables.acts.disputes import EndDispute, HandOnDispute, OpenDispute
from channel.receivables.lists.disputes import DISPUTES
from channel.receivables.queries.disputes import DisputeFilter
from channel.receivables.rules.disputes import OUTCOME_NAMES, REASON_NAMES, STATE_NAMES, DisputeReason, DisputeState
from channel.receivables.rules.documents import DocumentKind
from channel.receivables.service import disputes as service
from channel.receivables.service.documents import dealer_asked
from channel.receivables.trail_words import named

AnyRequest = Request[Any, Any, Any]
_PAGE = "/receivables/disputes"


async def _asked(
    in_state: Annotated[str, QueryParameter(name="state")] = "",
    owner: FromQuery[str] = "",
    dealer: FromQuery[str] = "",
    reason_code: FromQuery[str] = "",
    late: FromQuery[str] = "",
    responsible: FromQuery[str] = "",
) -> DisputeFilter:
    """What the form above the list asks: the open ones, unless another state is chosen."""
    return DisputeFilter(
        None if in_state == "any" else choice_asked(DisputeState, in_state, "state") or DisputeState.OPEN,
        plain_login(owner) or None,
        await dealer_asked(dealer.strip()),
        None,
        choice_asked(DisputeReason, reason_code, "reason_code"),
        late == "yes",
        await responsible_asked(responsible),
    )


async def _rows(person: Person, asked: DisputeFilter, wanted: Wanted) -> Page[Record]:
    return await service.disputes(person, asked, wanted)


async def _beside(request: AnyRequest, _person: Person, _asked: DisputeFilter) -> Mapping[str, Any]:
    tell = web.language_of(request).tell
    states = [(each.value, tell(name)) for each, name in STATE_NAMES.items() if each is not DisputeState.OPEN]
    return {
        "crumbs": [(m("Receivables"), "/receivables")],
        "dense": True,
        "member_filter": await member_filter(request),
        "state_choices": [*states, ("any", tell(m("Every state")))],
        "reason_choices": [(each.value, tell(name)) for each, name in REASON_NAMES.items()],
    }


async def _form(request: AnyRequest, person: Person, code: str) -> Response[str]:
    """The form, filled with what is left to dispute of the document that the address names."""
    require(person, Right.KEEP_DISPUTES)
    asked = whole_number(request.query_params.get("document", ""))
    dealer, document, free = await service.to_dispute(person, code, asked)
    values: dict[str, Any] = {"owner": person.login, "document": asked, "effective_on": clock.today()}
    if document is not None and free > 0:
        values["amount"] = round_half_away(free, digits_of(document.currency))
    return web.page(
        request,
        "receivables/dispute_new.html",
        dealer=dealer,
        document=document,
        free=free,
        named=named,
        act=OpenDispute,
        values=values,
    )


async def _one(request: AnyRequest, person: Person, dispute: int) -> Response[str]:
    found = await service.dispute_of(person, dispute)
    return web.page(
        request,
        "receivables/dispute.html",
        row=found.row,
        whole=found,
        document=named(DocumentKind(found.row["kind"]), found.row["number"]),
        reasons=REASON_NAMES,
        states=STATE_NAMES,
        outcomes=OUTCOME_NAMES,
        acts={"hand_on": HandOnDispute, "end": EndDispute},
        right=Right,
    )


@get(f"{_PAGE}/{{dispute:int}}", include_in_schema=False)
async def show_dispute(request: AnyRequest, person: NamedDependency[Person], dispute: FromPath[int]) -> Response[str]:
    """One dispute with its history, and what to do with it."""
    return await _one(request, person, dispute)


@post(f"{_PAGE}/{{dispute:int}}/hand-on", include_in_schema=False)
async def hand_on(
    request: AnyRequest, person: NamedDependency[Person], dispute: FromPath[int]
) -> Response[str] | Response[None]:
    """Let another answer for it."""
    return await web.act(
        request,
        HandOnDispute,
        lambda act: service.hand_on_dispute(person, dispute, act),
        partial(_one, request, person, dispute),
        to=f"{_PAGE}/{dispute}",
        said=m("%(owner)s answers for the dispute."),
    )


@post(f"{_PAGE}/{{dispute:int}}/end", include_in_schema=False)
async def end(
    request: AnyRequest, person: NamedDependency[Person], dispute: FromPath[int]
) -> Response[str] | Response[None]:
    """Say how it ended."""
    return await web.act(
        request,
        EndDispute,
        lambda act: service.end_dispute(person, dispute, act),
        partial(_one, request, person, dispute),
        to=f"{_PAGE}/{dispute}",
        said=m("The dispute has ended."),
    )


ROUTES = (
    *web.list_routes(DISPUTES, _PAGE, _rows, template="receivables/disputes.html", filtered=_asked, context=_beside),
    show_dispute,
    hand_on,
    end,
    *web.act_routes(
        "/dealers/{code:str}/receivables/dispute",
        OpenDispute,
        _form,
        service.open_dispute,
        to=lambda number: f"{_PAGE}/{number}",
        said=m("The dispute is open."),
        asks=("document",),
    ),
)
