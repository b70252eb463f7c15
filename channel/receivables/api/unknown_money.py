"""JSON of money whose payer is not known."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from channel import web
from channel.access.rules import Person
from channel.lists import Page, Wanted
from channel.receivables.acts.unknown_money import AssignMoney, KeepUnknownMoney, ReturnMoney, TakeBackAssignment
from channel.receivables.lists.unknown_money import UNKNOWN_MONEY
from channel.receivables.service import unknown_money as service

_AT = "/api/v1/receivables/unknown-money"


class MoneyTold(msgspec.Struct):
    """A bank line without a dealer, and what became of it: `unknown`, `assigned`, `taken_back` or `returned`."""

    id: int
    number: str
    booked_on: date
    amount: Decimal
    currency: str
    remark: str
    payer_account: str | None
    state: str
    dealer: str | None
    document_id: int | None
    recorded_at: datetime | None


class Ground(msgspec.Struct):
    """What speaks for a dealer: a `number` that is named, the `account`, the `amount`; for how many dealers it does."""

    ground: str
    what: str
    shared_by: int


class PayerTold(msgspec.Struct):
    """A dealer for whom the money may be."""

    dealer: str
    name: str
    reasons: list[Ground]


class Kept(msgspec.Struct):
    """Under which number the money stands."""

    id: int


class TakenBackTold(msgspec.Struct):
    """Under which number the money waits again; or under which its taking back waits for a second person."""

    id: int | None
    waits: int | None


class Assigned(msgspec.Struct):
    """The receipt that it became, and how much of it pays something by itself, in its currency."""

    dealer: str
    document_id: int
    allocated: Decimal
    currency: str


@get(_AT, dependencies=web.list_asked(UNKNOWN_MONEY, 200))
async def list_unknown_money(
    person: NamedDependency[Person],
    wanted: NamedDependency[Wanted],
    in_state: Annotated[str | None, QueryParameter(name="state")] = None,
) -> Page[MoneyTold]:
    """Bank lines without a dealer, in a state or all; finance alone sees them."""
    return (await service.list_money(person, in_state or None, wanted)).as_(MoneyTold)


@get(f"{_AT}/{{number:int}}/payers")
async def list_payers(person: NamedDependency[Person], number: FromPath[int]) -> list[PayerTold]:
    """For whom it may be, the strongest first."""
    return [
        PayerTold(each.dealer, each.name, [Ground(r.ground.value, r.what, r.shared_by) for r in each.reasons])
        for each in await service.payers_proposed(person, number)
    ]


@post(_AT)
async def keep_unknown_money(person: NamedDependency[Person], data: JSONBody[KeepUnknownMoney]) -> Kept:
    """Keep a bank line apart until somebody says whose it is."""
    return Kept(await service.keep_money(person, data))


@post(f"{_AT}/{{number:int}}/assign", status_code=200)
async def assign_unknown_money(
    person: NamedDependency[Person], number: FromPath[int], data: JSONBody[AssignMoney]
) -> Assigned:
    """Make it a receipt of a dealer's: in the books from today, in time or late by the bank's day."""
    posted = await service.assign_money(person, number, data)
    paid = sum((each.amount for one in posted.planned for each in one.allocations), start=Decimal(0))
    receipt = posted.documents[0].document
    return Assigned(data.dealer, receipt.id, paid, receipt.currency)


@post(f"{_AT}/{{number:int}}/take-back", status_code=200)
async def take_back_assignment(
    person: NamedDependency[Person], number: FromPath[int], data: JSONBody[TakeBackAssignment]
) -> TakenBackTold:
    """Reverse the receipt that it became; the money waits again, under the number that is told.

    Where the receipt lies in a closed month it is refused, or with `ask` waits for a second person.
    """
    done = await service.take_back(person, number, data)
    return TakenBackTold(done.money_id, done.waits)


@post(f"{_AT}/{{number:int}}/return", status_code=204)
async def return_unknown_money(
    person: NamedDependency[Person], number: FromPath[int], data: JSONBody[ReturnMoney]
) -> None:
    """Write down that it was sent back."""
    await service.return_money(person, number, data)


ROUTES = (
    list_unknown_money,
    list_payers,
    keep_unknown_money,
    assign_unknown_money,
    take_back_assignment,
    return_unknown_money,
)
