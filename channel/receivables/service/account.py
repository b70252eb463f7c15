"""What of a dealer's account could be allocated."""

from dataclasses import dataclass

from asyncpg import Record

from channel import clock
from channel.access.rules import Person, Right, require
from channel.dealers.service.facts import dealer_by_code
from channel.receivables.queries import books
from channel.receivables.queries.accounts import account_sums
from channel.receivables.rules.allocation import Item, Money, money_order
from channel.receivables.rules.documents import number_order


@dataclass(frozen=True, slots=True)
class ToAllocate:
    """Money on account in the order in which it pays, and open items in the order in which they are paid.

    Each stands with its currency; `currencies` are those in which anything ever stood in his books.
    """

    dealer: Record
    money: tuple[tuple[str, Money], ...]
    items: tuple[tuple[str, Item], ...]
    currencies: tuple[str, ...]


async def to_allocate(person: Person, code: str) -> ToAllocate:
    """What could be allocated of a dealer now."""
    require(person, Right.SEE_RECEIVABLES)
    dealer = await dealer_by_code(code)
    money, items = await books.money_on_account([dealer["id"]]), await books.open_items([dealer["id"]])
    return ToAllocate(
        dealer,
        tuple(
            (currency, each)
            for (_, currency), every in sorted(money.items())
            for each in sorted(every, key=money_order)
        ),
        tuple(
            (currency, each)
            for (_, currency), every in sorted(items.items())
            for each in sorted(every, key=lambda item: (item.due_on, number_order(item.number), item.instalment))
        ),
        tuple(sorted({row["currency"] for row in await account_sums([dealer["id"]], clock.today())})),
    )
