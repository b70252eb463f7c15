"""The call list over the API."""

import msgspec
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from channel import web
from channel.access.rules import Person
from channel.lists import Page, Wanted
from channel.receivables.acts.calls import LogCall, NextCall
from channel.receivables.lists.calls import CALLS
from channel.receivables.rules.ageing import Money
from channel.receivables.rules.calls import LeftOut
from channel.receivables.service import calls as service
from channel.receivables.service.calls import CallRow, CallsAsked

_AT = "/api/v1/receivables/calls"
_OF_DEALER = "/api/v1/receivables/dealers/{code:str}/call"


class LeftOutCount(msgspec.Struct):
    """How many dealers are left out of the list for one reason."""

    why: LeftOut
    dealers: int


class NextDealer(msgspec.Struct):
    """The dealer who is yours to call for a quarter of an hour; null where there is nobody more."""

    dealer: str | None


class CallLogged(msgspec.Struct):
    """Under which numbers the call stands: the entry of the contact log, and the promise where one was given."""

    entry: int
    promise: int | None


@get(_AT, dependencies=web.list_asked(CALLS, 200))
async def list_calls(
    person: NamedDependency[Person],
    wanted: NamedDependency[Wanted],
    territory: FromQuery[str | None] = None,
    currency: FromQuery[str | None] = None,
    money: FromQuery[Money | None] = None,
    responsible: FromQuery[str | None] = None,
    *,
    left_out: FromQuery[bool] = False,
) -> Page[CallRow]:
    """Whom to call today about what is overdue, the most urgent first; with `left_out` who is not to be called and why.

    Amounts are in the company's currency, where it has one and a rate is there, unless `money` is own.
    `responsible` is the code of the member of staff who looks after the dealers, or "nobody".
    """
    asked = CallsAsked(territory, currency, money, left_out, responsible)
    return await service.call_list(person, asked, wanted)


@get(f"{_AT}/left-out")
async def count_left_out(
    person: NamedDependency[Person],
    territory: FromQuery[str | None] = None,
    currency: FromQuery[str | None] = None,
    money: FromQuery[Money | None] = None,
    responsible: FromQuery[str | None] = None,
) -> list[LeftOutCount]:
    """How many with something overdue are left out of the list, by reason."""
    found = await service.calls_told(person, CallsAsked(territory, currency, money, responsible=responsible))
    return [LeftOutCount(why, count) for why, count in found.left_out]


@post(f"{_AT}/next", status_code=200)
async def next_call(person: NamedDependency[Person], data: JSONBody[NextCall]) -> NextDealer:
    """Go on to the next dealer whom nobody else is calling: he is yours to call until you go on, or 15 minutes."""
    asked = CallsAsked(data.territory, data.currency, data.money, responsible=data.responsible)
    return NextDealer(await service.next_call(person, asked, data.after, back=data.back))


@post(_OF_DEALER)
async def log_call(person: NamedDependency[Person], code: FromPath[str], data: JSONBody[LogCall]) -> CallLogged:
    """Write a call down, with the promise to pay that was given in it."""
    done = await service.log_call(person, code, data)
    return CallLogged(done.entry, done.promise)


@post(f"{_OF_DEALER}/claim", status_code=204)
async def claim_call(person: NamedDependency[Person], code: FromPath[str]) -> None:
    """Call this dealer: nobody else does for 15 minutes; refused while somebody else is calling him."""
    await service.claim_call(person, code)


@delete(f"{_OF_DEALER}/claim")
async def release_call(person: NamedDependency[Person], code: FromPath[str]) -> None:
    """Let others call this dealer."""
    await service.release_call(person, code)


ROUTES = (list_calls, count_left_out, next_call, log_call, claim_call, release_call)
