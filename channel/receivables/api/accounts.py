"""A dealer's account over the API: what he owes, what he paid, and what came of it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Self

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from channel.access.rules import Person
from channel.periods import Month
from channel.receivables.service.ageing import AgeingRow
from channel.receivables.service.dealer import DealerAccount, dealer_account
from channel.view import View


class AccountSum(msgspec.Struct):
    """What stands in the account in one currency, with tax.

    `balance` = `open` - `on_account`, below 0 when the dealer is owed; `exposure` = `balance` + `bills`, which are
    those that have not matured. `overdue` is the part of `open` that is past its due day; `disputed` and
    `overdue_disputed` are the parts of both that are disputed.
    """

    currency: str
    open: Decimal
    overdue: Decimal
    disputed: Decimal
    overdue_disputed: Decimal
    on_account: Decimal
    balance: Decimal
    bills: Decimal
    exposure: Decimal


class AccountItem(msgspec.Struct):
    """An open item: `amount` is what the instalment came to, `open` what of it was open, `disputed` what of that."""

    document_id: int
    instalment: int
    kind: str
    number: str
    currency: str
    amount: Decimal
    open: Decimal
    disputed: Decimal
    effective_on: date
    due_on: date
    days_overdue: int | None


class AccountMoney(msgspec.Struct):
    """A document that pays, `amount` in all, and what of it was on account."""

    document_id: int
    kind: str
    number: str
    currency: str
    amount: Decimal
    on_account: Decimal
    effective_on: date
    references: list[str]
    stays_on_account: bool
    remark: str | None


class AccountBill(msgspec.Struct):
    """A bill that had not matured."""

    document_id: int
    kind: str
    number: str
    currency: str
    amount: Decimal
    matures_on: date


class AccountDocument(msgspec.Struct):
    """A document of the account; `settled` of it was settled with the documents of these `numbers`."""

    id: int
    kind: str
    number: str
    currency: str
    amount: Decimal
    effective_on: date
    settled: Decimal | None
    numbers: list[str] | None
    remark: str | None
    reversed_on: date | None
    recorded_at: datetime
    actor: str


class AccountMonth(msgspec.Struct):
    """What was invoiced and debited in a month, and what was paid, also by bills; without what was reversed."""

    month: str
    currency: str
    invoiced: Decimal
    paid: Decimal


class AccountTold(msgspec.Struct):
    """A dealer's account as of a day as known at a moment, which gives the same again.

    `ageing` has a row for each currency, by due day. `documents` are the last 40 up to the day, the latest first; all
    of them are under `/api/v1/receivables/documents`. `months` are the last twelve in which anything was.
    """

    dealer: str
    name: str
    as_of: date
    known_at: datetime
    sums: list[AccountSum]
    ageing: list[AgeingRow]
    items: list[AccountItem]
    money: list[AccountMoney]
    bills: list[AccountBill]
    documents: list[AccountDocument]
    months: list[AccountMonth]

    @classmethod
    def of(cls, found: DealerAccount) -> Self:
        """From what is known of it."""
        view = found.view
        zero = Decimal(0)
        return cls(
            found.dealer["code"],
            found.dealer["name"],
            view.as_of,
            view.known_at,
            [AccountSum(**{name: getattr(each, name) for name in AccountSum.__struct_fields__}) for each in found.sums],
            list(found.aged.rows),
            [
                AccountItem(
                    each["document_id"], each["instalment"], each["kind"], each["number"], each["currency"],
                    each["whole"], each["open"], each["disputed"], each["effective_on"], each["due_on"],
                    max((view.as_of - each["due_on"]).days, 0) or None,
                )
                for each in found.items
            ],
            [
                AccountMoney(
                    each["document_id"], each["kind"], each["number"], each["currency"], each["amount"], each["open"],
                    each["effective_on"], each["references"], each["stays_on_account"], each["remark"],
                )
                for each in found.money
            ],
            [AccountBill(**{name: each[name] for name in AccountBill.__struct_fields__}) for each in found.bills],
            [
                AccountDocument(**{name: each[name] for name in AccountDocument.__struct_fields__})
                for each in found.documents
            ],
            [
                AccountMonth(
                    str(Month.of(each["month"])), each["currency"], each["invoiced"] or zero, each["paid"] or zero
                )
                for each in found.by_month
            ],
        )  # fmt: skip


@get("/api/v1/receivables/dealers/{code:str}")
async def show_account(
    person: NamedDependency[Person], code: FromPath[str], view: NamedDependency[View]
) -> AccountTold:
    """What the dealer owes and paid, as of a day as known at a moment."""
    return AccountTold.of(await dealer_account(person, code, view))


ROUTES = (show_account,)
