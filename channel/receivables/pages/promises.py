"""The pages of promises to pay: the list, one with what became of it, and the acts on it."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from channel import clock, web
from channel.access.rules import Person, Right, require
from channel.acts import Why
from channel.dealers.pages.form_reading import member_filter
from channel.dealers.service.facts import dealer_by_code
from channel.dealers.service.responsible import responsible_asked
from channel.errors import m
from channel.lists import Page, Wanted, choice_asked
from channel.receivables.acts.promises import EnterPromise
from channel.receivables.lists.promises import PROMISE_STATES, PROMISES
from channel.receivables.queries.promises import PromiseFilter
from channel.receivables.rules.promises import PromiseState
from channel.receivables.service import promises as service
from channel.receivables.service.documents import dealer_asked
from channel.receivables.service.settings import rules_today
from channel.web.moments import read_day

AnyRequest = Request[Any, Any, Any]
_PAGE = "/receivables/promises"


async def _asked(
    dealer: FromQuery[str] = "",
    in_state: Annotated[str, QueryParameter(name="state")] = "",
    due_until: FromQuery[str] = "",
    responsible: FromQuery[str] = "",
) -> PromiseFilter:
    return PromiseFilter(
        await dealer_asked(dealer.strip()),
        choice_asked(PromiseState, in_state, "state"),
        read_day({"due_until": due_until}, "due_until"),
        responsible=await responsible_asked(responsible),
    )


async def _rows(person: Person, asked: PromiseFilter, wanted: Wanted) -> Page[service.Told]:
    return await service.promises_told(person, asked, wanted)


async def _beside(request: AnyRequest, _person: Person, _asked: PromiseFilter) -> Mapping[str, Any]:
    tell = web.language_of(request).tell
    return {
        "crumbs": [(m("Receivables"), "/receivables")],
        "dense": True,
        "member_filter": await member_filter(request),
        "states": [(str(each), tell(name)) for each, name in PROMISE_STATES.items()],
    }


async def _one(request: AnyRequest, person: Person, number: int) -> Response[str]:
    told = await service.promise_told(person, number)
    return web.page(
        request, "receivables/promise.html", told=told, listed=PROMISES, act=Why, right=Right.ENTER_PROMISES
    )


@get(f"{_PAGE}/{{promise:int}}", include_in_schema=False)
async def show_promise(request: AnyRequest, person: NamedDependency[Person], promise: FromPath[int]) -> Response[str]:
    """One promise, what each of its instalments was judged to be, and what it would be by the books of today."""
    return await _one(request, person, promise)


@post(f"{_PAGE}/{{promise:int}}/cancel", include_in_schema=False)
async def cancel_promise(
    request: AnyRequest, person: NamedDependency[Person], promise: FromPath[int]
) -> Response[str] | Response[None]:
    """Cancel what of it is open."""
    return await web.act(
        request,
        Why,
        lambda act: service.cancel_promise(person, promise, act),
        partial(_one, request, person, promise),
        to=f"{_PAGE}/{promise}",
        said=m("The promise is cancelled."),
    )


async def _form(request: AnyRequest, person: Person, code: str) -> Response[str]:
    require(person, Right.ENTER_PROMISES)
    return web.page(
        request,
        "receivables/promise_new.html",
        dealer=await dealer_by_code(code),
        rules=await rules_today(),
        act=EnterPromise,
        values={"given_on": clock.today()},
    )


ROUTES = (
    *web.list_routes(PROMISES, _PAGE, _rows, template="receivables/promises.html", filtered=_asked, context=_beside),
    *web.act_routes(
        "/dealers/{code:str}/receivables/promise",
        EnterPromise,
        _form,
        service.enter_promise,
        to="/dealers/{code}/receivables#promises",
        said=m("The promise is written down."),
    ),
    show_promise,
    cancel_promise,
)
