"""What pays what of a dealer, by hand and by the rules anew, and what is written off, over the API."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from channel.access.rules import Person
from channel.dealers.rules import read_currency
from channel.errors import FieldError, Invalid, m
from channel.receivables.acts.allocating import AllocateByHand, Reallocate, TakeBackAllocation, WriteOff
from channel.receivables.rules.documents import Document
from channel.receivables.rules.movements import Allocation
from channel.receivables.service.account import to_allocate
from channel.receivables.service.allocating import ALLOCATE, TAKE_BACK
from channel.receivables.service.reallocating import REALLOCATE, shown_reallocation
from channel.receivables.service.waiting import do_or_ask
from channel.receivables.service.writing_off import WRITE_OFF

_AT = "/api/v1/receivables/dealers/{code:str}"


class MoneyLeft(msgspec.Struct):
    """Money on account: of which document, and what of it is left."""

    document_id: int
    kind: str
    number: str
    currency: str
    effective_on: date
    amount: Decimal
    left: Decimal


class ItemOpen(msgspec.Struct):
    """An open item: of which document, its instalment, and what of it is open."""

    document_id: int
    instalment: int
    kind: str
    number: str
    currency: str
    effective_on: date
    due_on: date
    amount: Decimal
    open: Decimal


class ToAllocate(msgspec.Struct):
    """What could be allocated: money on account and open items, in the order of their days."""

    dealer: str
    money: list[MoneyLeft]
    items: list[ItemOpen]


class Done(msgspec.Struct):
    """Whether it is done; else `waits` is the number under which it waits for a second person."""

    done: bool
    waits: int | None

    @classmethod
    def of(cls, waits: int | None) -> "Done":
        """From the number under which it waits."""
        return cls(waits is None, waits)


class Changed(msgspec.Struct):
    """An allocation that would end or be made: which document pays which item, how much, from when and why."""

    money_id: int
    money: str
    document_id: int
    document: str
    instalment: int
    amount: Decimal
    effective_on: date
    settles: str
    why: str


class Anew(msgspec.Struct):
    """What allocating everything anew would take back and make, and how many allocations would stay."""

    dealer: str
    currency: str
    taken_back: list[Changed]
    made: list[Changed]
    unchanged: int


@get(f"{_AT}/to-allocate")
async def show_to_allocate(person: NamedDependency[Person], code: FromPath[str]) -> ToAllocate:
    """Money on account and open items of a dealer."""
    found = await to_allocate(person, code)
    money = [
        MoneyLeft(each.document_id, each.kind.value, each.number, currency, each.effective_on, each.amount, each.left)
        for currency, each in found.money
    ]
    items = [
        ItemOpen(
            each.document_id, each.instalment, each.kind.value, each.number, currency, each.effective_on, each.due_on,
            each.amount, each.open,
        )
        for currency, each in found.items
    ]  # fmt: skip
    return ToAllocate(found.dealer["code"], money, items)


@post(f"{_AT}/allocations")
async def allocate(person: NamedDependency[Person], code: FromPath[str], data: JSONBody[AllocateByHand]) -> Done:
    """Let money on account settle chosen items."""
    return Done.of(await do_or_ask(person, ALLOCATE, code, 0, data))


@post(f"{_AT}/allocations/{{allocation_id:int}}/take-back", status_code=200)
async def take_back(
    person: NamedDependency[Person],
    code: FromPath[str],
    allocation_id: FromPath[int],
    data: JSONBody[TakeBackAllocation],
) -> Done:
    """Take an allocation back, with the discount and the difference that belong to it."""
    return Done.of(await do_or_ask(person, TAKE_BACK, code, allocation_id, data))


@post(f"{_AT}/write-offs")
async def write_off(person: NamedDependency[Person], code: FromPath[str], data: JSONBody[WriteOff]) -> Done:
    """Give up what is open on chosen items; above what one may do alone it waits for a second person."""
    return Done.of(await do_or_ask(person, WRITE_OFF, code, 0, data))


@get(f"{_AT}/reallocation")
async def show_reallocation(
    person: NamedDependency[Person],
    code: FromPath[str],
    currency: FromQuery[str],
    from_on: FromQuery[date | None] = None,
    keep_by_hand: FromQuery[bool] = False,  # noqa: FBT002 - a parameter of the address
) -> Anew:
    """What the rules would do now with everything of a dealer and currency; nothing is written."""
    read = read_currency(currency)
    if isinstance(read, FieldError):
        raise Invalid(m("The input cannot be used."), (read,))
    act = Reallocate(currency=read, from_on=from_on, keep_by_hand=keep_by_hand, reason="-")
    found = await shown_reallocation(person, code, act)
    taken = _changed((each.allocation for each in found.plan.taken_back), found.documents)
    return Anew(code, read, taken, _changed(found.plan.made, found.documents), len(found.plan.unchanged))


def _changed(allocations: Iterable[Allocation], documents: dict[int, Document]) -> list[Changed]:
    return [
        Changed(
            each.money_id, documents[each.money_id].number, each.item.document_id,
            documents[each.item.document_id].number, each.item.instalment, each.amount, each.effective_on,
            each.settles.value, each.why.value,
        )
        for each in allocations
    ]  # fmt: skip


@post(f"{_AT}/reallocation", status_code=200)
async def reallocate(person: NamedDependency[Person], code: FromPath[str], data: JSONBody[Reallocate]) -> Done:
    """Do what the rules would do now: afterwards the allocations are those of one load."""
    return Done.of(await do_or_ask(person, REALLOCATE, code, 0, data))


ROUTES = (show_to_allocate, allocate, take_back, write_off, show_reallocation, reallocate)
