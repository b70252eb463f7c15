"""Promises to pay over the API."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from channel import web
from channel.access.rules import Person
from channel.acts import Why
from channel.dealers.service.responsible import responsible_asked
from channel.lists import Page, Wanted
from channel.receivables.acts.promises import EnterPromise
from channel.receivables.lists.promises import PROMISES
from channel.receivables.queries.promises import PromiseFilter
from channel.receivables.rules.promises import PromiseState
from channel.receivables.service import promises as service
from channel.receivables.service.documents import dealer_asked

_AT = "/api/v1/receivables/promises"
_OF_DEALER = "/api/v1/receivables/dealers/{code:str}/promises"


class PromiseRow(msgspec.Struct):
    """An instalment of the promise `id`: `amount` for the day, `promised` with all that was promised before it.

    `came_up_to` is what came for the promise by its last day of grace: as it was judged, or so far while it is open;
    null where it was cancelled. `came` is what of that falls to this instalment, the earlier ones first. `today` is the
    state by the books of today, where that is another one.
    """

    id: int
    place: int
    dealer: str
    currency: str
    due_on: date
    last_on: date
    amount: Decimal
    promised: Decimal
    came: Decimal | None
    came_up_to: Decimal | None
    state: PromiseState
    today: PromiseState | None
    judged_on: date | None
    given_on: date
    promised_by: str
    remark: str | None
    grace_days: int
    share: Decimal


class PromiseSaid(msgspec.Struct):
    """A promise with its instalments, and who cancelled it and why, where somebody did."""

    id: int
    instalments: list[PromiseRow]
    entered_by: str
    entered_at: datetime | None
    cancelled_on: date | None
    cancelled_by: str | None
    cancelled_why: str | None


class Entered(msgspec.Struct):
    """Under which number the promise stands."""

    id: int


@get(_AT, dependencies=web.list_asked(PROMISES, 200))
async def list_promises(
    person: NamedDependency[Person],
    wanted: NamedDependency[Wanted],
    dealer: FromQuery[str | None] = None,
    in_state: Annotated[PromiseState | None, QueryParameter(name="state")] = None,
    due_until: FromQuery[date | None] = None,
    responsible: FromQuery[str | None] = None,
) -> Page[PromiseRow]:
    """Instalments of promises: of a dealer, in a state, promised for a day up to `due_until`; or all.

    `responsible` is the member of staff who looks after the dealer, by code, or "nobody".
    """
    whose = await responsible_asked(responsible)
    asked = PromiseFilter(await dealer_asked(dealer), in_state, due_until, responsible=whose)
    return (await service.promises_told(person, asked, wanted)).as_(PromiseRow)


@get(_OF_DEALER, dependencies=web.list_asked(PROMISES, 200))
async def list_promises_of_dealer(
    person: NamedDependency[Person],
    wanted: NamedDependency[Wanted],
    code: FromPath[str],
    in_state: Annotated[PromiseState | None, QueryParameter(name="state")] = None,
) -> Page[PromiseRow]:
    """Instalments of a dealer's promises, in a state or all."""
    asked = PromiseFilter(await dealer_asked(code), in_state)
    return (await service.promises_told(person, asked, wanted)).as_(PromiseRow)


@post(_OF_DEALER)
async def enter_promise(person: NamedDependency[Person], code: FromPath[str], data: JSONBody[EnterPromise]) -> Entered:
    """Write down what a dealer promised to pay; it is never changed, only cancelled."""
    return Entered(await service.enter_promise(person, code, data))


@get(f"{_AT}/{{promise:int}}")
async def show_promise(person: NamedDependency[Person], promise: FromPath[int]) -> PromiseSaid:
    """One promise with its instalments."""
    told = await service.promise_told(person, promise)
    head = told.head
    rows = [PromiseRow(**{name: each[name] for name in PromiseRow.__struct_fields__}) for each in told.instalments]
    return PromiseSaid(
        head["id"],
        rows,
        head["actor"],
        head["recorded_at"],
        head["cancelled_on"],
        head["cancelled_by"],
        head["cancelled_why"],
    )


@post(f"{_AT}/{{promise:int}}/cancel", status_code=204)
async def cancel_promise(person: NamedDependency[Person], promise: FromPath[int], data: JSONBody[Why]) -> None:
    """Cancel what of a promise has not been judged yet."""
    await service.cancel_promise(person, promise, data)


ROUTES = (list_promises, list_promises_of_dealer, enter_promise, show_promise, cancel_promise)
