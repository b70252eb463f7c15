"""The pages of money whose payer is not known: the list, one with its proposals, and the acts on it."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

from asyncpg import Record
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from channel import clock, web
from channel.access.rules import Person, Right, require
from channel.errors import Message, m
from channel.lists import Page, Wanted
from channel.receivables.acts.unknown_money import AssignMoney, KeepUnknownMoney, ReturnMoney, TakeBackAssignment
from channel.receivables.lists.unknown_money import STATES, UNKNOWN_MONEY
from channel.receivables.pages.waiting import page_after, word_after
from channel.receivables.rules.payers import Ground
from channel.receivables.service import unknown_money as service

AnyRequest = Request[Any, Any, Any]
_PAGE = "/receivables/unknown"
_GROUNDS: Mapping[Ground, Message] = {
    Ground.NUMBER: m("its text names %(what)s"),
    Ground.ACCOUNT: m("he has paid from this account before"),
    Ground.AMOUNT: m("%(what)s is open with this very amount"),
}


async def _state(in_state: Annotated[str | None, QueryParameter(name="state")] = None) -> str | None:
    return in_state if in_state in STATES else None


async def _rows(person: Person, state: str | None, wanted: Wanted) -> Page[Record]:
    return await service.list_money(person, state, wanted)


async def _beside(_request: AnyRequest, _person: Person, _state: str | None) -> Mapping[str, Any]:
    return {"crumbs": [(m("Receivables"), "/receivables")], "states": STATES}


async def _form(request: AnyRequest, person: Person) -> Response[str]:
    require(person, Right.KEEP_UNKNOWN_MONEY)
    values = {"booked_on": clock.today()}
    return web.page(request, "receivables/unknown_new.html", act=KeepUnknownMoney, values=values)


async def _one(request: AnyRequest, person: Person, number: int) -> Response[str]:
    row = await service.money_of(person, number)
    payers = await service.payers_proposed(person, number) if row["state"] == "unknown" else []
    grounds = [
        (each, [m(_GROUNDS[reason.ground].text, what=reason.what) for reason in each.reasons]) for each in payers
    ]
    acts = {"assign": AssignMoney, "return": ReturnMoney, "take_back": TakeBackAssignment}
    return web.page(request, "receivables/unknown_one.html", money=row, payers=grounds, acts=acts, states=STATES)


@get("/receivables/unknown/{number:int}", include_in_schema=False)
async def show_unknown_money(
    request: AnyRequest, person: NamedDependency[Person], number: FromPath[int]
) -> Response[str]:
    """One bank line, for whom it may be and why, and what to do with it."""
    return await _one(request, person, number)


@post("/receivables/unknown/{number:int}/assign", include_in_schema=False)
async def assign_money(
    request: AnyRequest, person: NamedDependency[Person], number: FromPath[int]
) -> Response[str] | Response[None]:
    """Assign it to a dealer."""
    return await web.act(
        request,
        AssignMoney,
        lambda act: service.assign_money(person, number, act),
        partial(_one, request, person, number),
        to=f"{_PAGE}/{number}",
        said=m("The money is a receipt of %(dealer)s."),
    )


@post("/receivables/unknown/{number:int}/return", include_in_schema=False)
async def return_money(
    request: AnyRequest, person: NamedDependency[Person], number: FromPath[int]
) -> Response[str] | Response[None]:
    """Write down that it was sent back."""
    return await web.act(
        request,
        ReturnMoney,
        lambda act: service.return_money(person, number, act),
        partial(_one, request, person, number),
        to=_PAGE,
        said=m("The money was sent back."),
    )


@post("/receivables/unknown/{number:int}/take-back", include_in_schema=False)
async def take_back(
    request: AnyRequest, person: NamedDependency[Person], number: FromPath[int]
) -> Response[str] | Response[None]:
    """Take the assignment back."""
    return await web.act(
        request,
        TakeBackAssignment,
        lambda act: service.take_back(person, number, act),
        partial(_one, request, person, number),
        to=lambda done: page_after(done.waits, _PAGE),
        said=lambda done: word_after(done.waits, m("The receipt is reversed, and the money waits again.")),
    )


ROUTES = (
    *web.list_routes(
        UNKNOWN_MONEY, _PAGE, _rows, template="receivables/unknown.html", filtered=_state, context=_beside
    ),
    *web.act_routes(
        "/receivables/unknown/new",
        KeepUnknownMoney,
        _form,
        service.keep_money,
        to=_PAGE,
        said=m("The money %(number)s is kept apart."),
    ),
    show_unknown_money,
    assign_money,
    return_money,
    take_back,
)
