"""The pages of acts that wait for a second person."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Annotated, Any

from asyncpg import Record
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from channel import web
from channel.access.rules import Person, Right, holders_of, require
from channel.access.trail_words import NAMES
from channel.acts import Act, Why, fields_of
from channel.errors import Message, m
from channel.lists import Page, Wanted
from channel.receivables.lists.waiting import ASKED_NAMES, STATE_NAMES, WAITING, whose
from channel.receivables.queries import waiting as queries
from channel.receivables.rules.documents import DocumentKind
from channel.receivables.service import waiting as service
from channel.receivables.service.documents import named_by
from channel.receivables.trail_words import named

AnyRequest = Request[Any, Any, Any]
_PAGE = "/receivables/waiting"


def page_after(waits: int | None, otherwise: str) -> str:
    """Where one goes on after an act: to the page of what waits now, which says for whom; else to this address."""
    return otherwise if waits is None else f"{_PAGE}/{waits}"


def word_after(waits: int | None, done: Message) -> Message:
    """Word of an act: this one where it was done, else that it waits."""
    if waits is None:
        return done
    return m("It waits for a second person under number %(number)s.", number=str(waits))


async def _state(in_state: Annotated[str, QueryParameter(name="state")] = "") -> str | None:
    return None if in_state == "any" else in_state or "open"


async def _rows(person: Person, state: str | None, wanted: Wanted) -> Page[Record]:
    require(person, Right.SEE_RECEIVABLES)
    return await queries.waiting_acts(state, None, wanted)


async def _beside(request: AnyRequest, _person: Person, _state: str | None) -> Mapping[str, Any]:
    tell = web.language_of(request).tell
    states = [(each, tell(name)) for each, name in STATE_NAMES.items() if each != "open"]
    return {"state_choices": [*states, ("any", tell(m("Every state")))], "whose": whose}


async def _one(request: AnyRequest, person: Person, number: int) -> Response[str]:
    found = await service.waiting_act(person, number)
    kind = service.KINDS[found.row["kind"]]
    shape: type[Act] = type(found.body)
    body = [
        (each.said.label, getattr(found.body, each.name))
        for each in fields_of(shape)
        if each.name not in {"reason", "ask", "documents", "items", "money"}
    ]
    return web.page(
        request,
        "receivables/waiting_one.html",
        row=found.row,
        body=body,
        documents=getattr(found.body, "documents", ()),
        about=await named_by(found.row, found.body),
        kind=DocumentKind,
        named=named,
        found=found.found,
        refused=found.refused,
        act_name=ASKED_NAMES[found.row["act"]],
        state=STATE_NAMES[found.row["state"]],
        decides=kind.decides,
        holders=m("waits for a second person: %(holders)s", holders=holders_of(kind.decides)),
        mine=person.person_id == found.row["proposer_id"],
        act=Why,
        names=NAMES,
    )


@get("/receivables/waiting/{waiting:int}", include_in_schema=False)
async def show_waiting(request: AnyRequest, person: NamedDependency[Person], waiting: FromPath[int]) -> Response[str]:
    """One act that waits: what it would do, and the words on it."""
    return await _one(request, person, waiting)


async def _word(
    request: AnyRequest,
    person: Person,
    number: int,
    give: Callable[[Person, int, Why], Awaitable[Any]],
    said: Message,
) -> Response[str] | Response[None]:
    return await web.act(
        request,
        Why,
        lambda act: give(person, number, act),
        partial(_one, request, person, number),
        to=f"{_PAGE}/{number}",
        said=said,
    )


@post("/receivables/waiting/{waiting:int}/approve", include_in_schema=False)
async def approve_waiting(
    request: AnyRequest, person: NamedDependency[Person], waiting: FromPath[int]
) -> Response[str] | Response[None]:
    """Approve it: it is carried out."""
    return await _word(request, person, waiting, service.approve_waiting, m("Approved and carried out."))


@post("/receivables/waiting/{waiting:int}/refuse", include_in_schema=False)
async def refuse_waiting(
    request: AnyRequest, person: NamedDependency[Person], waiting: FromPath[int]
) -> Response[str] | Response[None]:
    """Refuse it."""
    return await _word(request, person, waiting, service.refuse_waiting, m("Refused."))


@post("/receivables/waiting/{waiting:int}/withdraw", include_in_schema=False)
async def withdraw_waiting(
    request: AnyRequest, person: NamedDependency[Person], waiting: FromPath[int]
) -> Response[str] | Response[None]:
    """Take back what one has asked for."""
    return await _word(request, person, waiting, service.withdraw_waiting, m("Withdrawn."))


ROUTES = (
    *web.list_routes(WAITING, _PAGE, _rows, template="receivables/waiting.html", filtered=_state, context=_beside),
    show_waiting,
    approve_waiting,
    refuse_waiting,
    withdraw_waiting,
)
