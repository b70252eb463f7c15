"""A dealer's account as of a day as known at a moment: what he owes, what he paid, and what came of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from asyncpg import Record

from channel import clock
from channel.access.rules import Person, Right, require
from channel.database.snapshots import known_as
from channel.dealers.service.facts import dealer_by_code
from channel.periods import Month
from channel.receivables.queries import dealer_account as queries
from channel.receivables.service.ageing import Told, ageing_of_dealer
from channel.view import View

SHOWN_DOCUMENTS = 40
SHOWN_MONTHS = 12

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class AccountSums:
    """What stands in an account in one currency, with tax: open items, of them overdue, money on account, bills.

    `disputed` is the part of the open items that is disputed, `overdue_disputed` that of the overdue ones.
    """

    currency: str
    open: Decimal
    overdue: Decimal
    on_account: Decimal
    bills: Decimal
    disputed: Decimal
    overdue_disputed: Decimal

    @property
    def balance(self) -> Decimal:
        """Open items less money on account; below 0 when we owe the dealer."""
        return self.open - self.on_account

    @property
    def exposure(self) -> Decimal:
        """The balance and the bills that have not matured."""
        return self.balance + self.bills


@dataclass(frozen=True, slots=True)
class DealerAccount:
    """A dealer's account in a view: its sums by currency, its ageing, what is open, what is on account, and bills.

    `documents` are the last ones up to the day, and `months` what was invoiced and paid by month, the oldest first, in
    `charted`, the currency of most of it. `by_month` has the months of every currency in which anything was.
    """

    dealer: Record
    view: View
    sums: tuple[AccountSums, ...]
    aged: Told
    items: tuple[Record, ...]
    money: tuple[Record, ...]
    bills: tuple[Record, ...]
    documents: tuple[Record, ...]
    charted: str | None
    months: tuple[tuple[Month, Decimal, Decimal], ...]
    by_month: tuple[Record, ...]


async def dealer_account(person: Person, code: str, view: View) -> DealerAccount:
    """All of it, in one snapshot; `NotFound` where there is no such dealer in scope."""
    require(person, Right.SEE_RECEIVABLES)
    dealer = await dealer_by_code(code)
    today = clock.today()
    async with known_as(view) as fixed:
        left = await queries.open_of_dealer(dealer["id"], fixed, today)
        bills = await queries.bills_of_dealer(dealer["id"], fixed)
        documents = await queries.timeline(dealer["id"], fixed, SHOWN_DOCUMENTS)
        last = Month.of(fixed.as_of)
        first = last.plus(1 - SHOWN_MONTHS)
        months = await queries.by_month(dealer["id"], fixed, first.first)
        aged = await ageing_of_dealer(dealer, fixed)
    charted = _most([*((row["currency"], row["invoiced"]) for row in months)])
    return DealerAccount(
        dealer,
        fixed,
        tuple(_sums(left, bills, fixed.as_of)),
        aged,
        tuple(row for row in left if row["instalment"]),
        tuple(row for row in left if not row["instalment"]),
        tuple(bills),
        tuple(documents),
        charted,
        tuple(_by_month(months, charted, first)) if charted else (),
        tuple(months),
    )


async def account_sums_of(dealer_id: int, view: View) -> tuple[AccountSums, ...]:
    """What stands in a dealer's account in a view whose snapshot is held, by currency."""
    left = await queries.open_of_dealer(dealer_id, view, clock.today())
    return tuple(_sums(left, await queries.bills_of_dealer(dealer_id, view), view.as_of))


def _sums(left: Sequence[Record], bills: Sequence[Record], as_of: date) -> Iterable[AccountSums]:
    for currency in sorted({row["currency"] for row in (*left, *bills)}):
        mine = [row for row in left if row["currency"] == currency]
        yield AccountSums(
            currency,
            _sum(row["open"] for row in mine if row["instalment"]),
            _sum(row["open"] for row in mine if row["instalment"] and row["due_on"] < as_of),
            _sum(row["open"] for row in mine if not row["instalment"]),
            _sum(row["amount"] for row in bills if row["currency"] == currency),
            _sum(row["disputed"] for row in mine),
            _sum(row["disputed"] for row in mine if row["instalment"] and row["due_on"] < as_of),
        )


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, _ZERO)


def _most(amounts: Iterable[tuple[str, Decimal | None]]) -> str | None:
    """The currency in which there is most; None where there is nothing."""
    found: dict[str, Decimal] = {}
    for currency, amount in amounts:
        found[currency] = found.get(currency, _ZERO) + (amount or _ZERO)
    return max(found, key=lambda currency: (found[currency], currency), default=None)


def _by_month(rows: Sequence[Record], currency: str, first: Month) -> Iterable[tuple[Month, Decimal, Decimal]]:
    held = {Month.of(row["month"]): row for row in rows if row["currency"] == currency}
    for month in (first.plus(n) for n in range(SHOWN_MONTHS)):
        row = held.get(month)
        yield month, (row and row["invoiced"]) or _ZERO, (row and row["paid"]) or _ZERO
