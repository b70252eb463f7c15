"""The pages of what pays what: by hand, written off, taken back, and by the rules anew."""

from collections.abc import Callable
from functools import partial
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.di import NamedDependency
from litestar.params import FromPath

from channel import clock, web
from channel.access.rules import Person, Right, require
from channel.errors import Message, m
from channel.receivables.acts.allocating import AllocateByHand, Reallocate, TakeBackAllocation, WriteOff
from channel.receivables.pages.documents import WORDS
from channel.receivables.pages.waiting import page_after, word_after
from channel.receivables.service.account import ToAllocate, to_allocate
from channel.receivables.service.allocating import ALLOCATE, TAKE_BACK
from channel.receivables.service.documents import allocation_told
from channel.receivables.service.reallocating import REALLOCATE, shown_reallocation
from channel.receivables.service.waiting import Looked, do_or_ask, looked_at
from channel.receivables.service.writing_off import WRITE_OFF
from channel.receivables.trail_words import named

AnyRequest = Request[Any, Any, Any]
_ITEM = "item-"
_LOOK = "look"


def _said(waits: int | None) -> Message:
    return word_after(waits, m("It is done."))


def _to(page: str) -> Callable[[int | None], str]:
    """Back to this page of the account, where nothing waits now."""
    return lambda waits: page_after(waits, f"/dealers/{{code}}/receivables/{page}")


def _with_items(form: FormMultiDict) -> FormMultiDict:
    """The form with what stands beside each item as the act has it: `item-12-1` holds the amount of 12/1."""
    chosen = [
        f"{name.removeprefix(_ITEM).replace('-', '/')}={value.strip()}"
        for name, value in form.multi_items()
        if name.startswith(_ITEM) and isinstance(value, str) and value.strip()
    ]
    return FormMultiDict([*form.multi_items(), ("items", ";".join(chosen))])


def _shown(found: ToAllocate, currency: str) -> dict[str, Any]:
    return {
        "dealer": found.dealer,
        "currency": currency,
        "money": [each for of, each in found.money if of == currency],
        "items": [each for of, each in found.items if of == currency],
        "named": named,
        "today": clock.today(),
    }


def _currency(request: AnyRequest, found: ToAllocate) -> str:
    """The currency that is asked for, else the first one in which anything stood in the books; "" where nothing did."""
    asked = request.query_params.get("currency", "")
    return asked if asked in found.currencies else next(iter(found.currencies), "")


async def _hand_page(
    request: AnyRequest,
    person: Person,
    code: str,
    asked: str,
    looked: Looked | None = None,
    given: AllocateByHand | None = None,
) -> Response[str]:
    require(person, Right.ALLOCATE_MONEY)
    found = await to_allocate(person, code)
    chosen = next(((of, each) for of, each in found.money if str(each.document_id) == asked), None)
    currency = chosen[0] if chosen else _currency(request, found)
    mine = [each for each in found.money if each[0] == currency]
    if chosen is None and not asked and len(mine) == 1:
        # Where there is but one, nobody has to say which.
        (chosen,) = mine
    amounts = {(each.document_id, each.instalment): each.amount for each in given.chosen} if given else {}
    return web.page(
        request,
        "receivables/allocate.html",
        **_shown(found, currency),
        currencies=found.currencies,
        chosen=chosen[1] if chosen else None,
        act=AllocateByHand,
        values={"effective_on": given.effective_on, "reason": given.reason, "ask": given.ask} if given else {},
        amounts=amounts,
        looked=looked,
        left=chosen[1].left - sum(amounts.values()) if chosen else None,
    )


@get("/dealers/{code:str}/receivables/allocate", include_in_schema=False, opt={"asks": ("money", "currency")})
async def show_allocate(request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]) -> Response[str]:
    """Money on account, open items, and what the one is to pay of the others."""
    return await _hand_page(request, person, code, request.query_params.get("money", ""))


@post("/dealers/{code:str}/receivables/allocate", include_in_schema=False)
async def allocate(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]
) -> Response[str] | Response[None]:
    """Look at what would remain, or let the money settle the items."""
    form = await request.form()
    looking = form.get(_LOOK) == "yes"

    async def carry_out(act: AllocateByHand) -> tuple[AllocateByHand, Looked | int | None]:
        if looking:
            return act, await looked_at(person, ALLOCATE, code, 0, act)
        return act, await do_or_ask(person, ALLOCATE, code, 0, act)

    async def shown(done: tuple[AllocateByHand, Looked | int | None]) -> Response[str] | None:
        act, came = done
        return await _hand_page(request, person, code, str(act.money), came, act) if isinstance(came, Looked) else None

    return await web.act(
        request,
        AllocateByHand,
        carry_out,
        partial(_hand_page, request, person, code, str(form.get("money", ""))),
        to=lambda done: _to("allocate")(None if isinstance(done[1], Looked) else done[1]),
        said=lambda done: _said(None if isinstance(done[1], Looked) else done[1]),
        shown=shown,
        read=_with_items,
    )


async def _write_off_page(request: AnyRequest, person: Person, code: str) -> Response[str]:
    require(person, Right.WRITE_OFF)
    found = await to_allocate(person, code)
    return web.page(
        request,
        "receivables/write_off.html",
        **_shown(found, _currency(request, found)),
        currencies=found.currencies,
        act=WriteOff,
        amounts={},
    )


@get("/dealers/{code:str}/receivables/write-off", include_in_schema=False, opt={"asks": ("currency",)})
async def show_write_off(request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]) -> Response[str]:
    """Open items, and what of them is to be given up."""
    return await _write_off_page(request, person, code)


@post("/dealers/{code:str}/receivables/write-off", include_in_schema=False)
async def write_off(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]
) -> Response[str] | Response[None]:
    """Write them off."""
    return await web.act(
        request,
        WriteOff,
        lambda act: do_or_ask(person, WRITE_OFF, code, 0, act),
        partial(_write_off_page, request, person, code),
        to=_to("write-off"),
        said=_said,
        read=_with_items,
    )


async def _anew_page(request: AnyRequest, person: Person, code: str) -> Response[str]:
    require(person, Right.ALLOCATE_MONEY)
    found = await to_allocate(person, code)
    currency = _currency(request, found)
    keep = request.query_params.get("keep_by_hand") == "yes"
    act = Reallocate(currency=currency, keep_by_hand=keep, reason="-") if currency else None
    return web.page(
        request,
        "receivables/reallocate.html",
        dealer=found.dealer,
        currency=currency,
        currencies=found.currencies,
        keep=keep,
        shown=await shown_reallocation(person, code, act) if act else None,
        act=Reallocate,
        named=named,
    )


async def _carry_out_anew(person: Person, code: str, act: Reallocate) -> int | None:
    return await do_or_ask(person, REALLOCATE, code, 0, act)


async def _take_back_page(request: AnyRequest, person: Person, code: str, allocation_id: int) -> Response[str]:
    require(person, Right.ALLOCATE_MONEY)
    dealer, row = await allocation_told(person, code, allocation_id)
    return web.page(
        request,
        "receivables/take_back.html",
        dealer=dealer,
        number=allocation_id,
        row=row,
        words=WORDS,
        act=TakeBackAllocation,
        values={"effective_on": clock.today()},
    )


async def _carry_out_taking_back(person: Person, code: str, allocation_id: int, act: TakeBackAllocation) -> int | None:
    return await do_or_ask(person, TAKE_BACK, code, allocation_id, act)


ROUTES = (
    show_allocate,
    allocate,
    show_write_off,
    write_off,
    *web.act_routes(
        "/dealers/{code:str}/receivables/reallocate",
        Reallocate,
        _anew_page,
        _carry_out_anew,
        to=_to("reallocate"),
        said=_said,
        asks=("currency", "keep_by_hand"),
    ),
    *web.act_routes(
        "/dealers/{code:str}/receivables/allocations/{allocation_id:int}/take-back",
        TakeBackAllocation,
        _take_back_page,
        _carry_out_taking_back,
        to=_to("allocate"),
        said=_said,
    ),
)
