"""Ageing as it is told: of whom, as of when, in which money; every face has its figures from here."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import msgspec
from asyncpg import Record

from channel import clock
from channel.access import queries as access
from channel.access.rules import Person, Right, require
from channel.database import db
from channel.database.snapshots import known_as
from channel.dealers.queries.dealers import dealer_identity
from channel.dealers.queries.masters import company_currency, rates_at, rates_at_each
from channel.dealers.service.responsible import responsible_asked
from channel.errors import Invalid, NotFound, invalid, m
from channel.lists import List, Page, Wanted
from channel.periods import Month, is_day_of_business
from channel.receivables.queries import ageing as queries
from channel.receivables.queries.ageing import Books, Cell, Converting
from channel.receivables.queries.month_ends import Ends, aged_on_each
from channel.receivables.rules.ageing import AgeBasis, AgeBy, Ageing, Buckets, Money, check_edges, total_ageing
from channel.receivables.rules.settings import LEDGER_RULES
from channel.versions.service import in_force
from channel.view import View

MONTHS_BACK = 12


@dataclass(frozen=True, slots=True)
class Asked:
    """What an ageing is asked: of whom, by what, from which day age counts, and in which money.

    `edges` are the last days of the buckets, as text parted by commas; without any those of the ledger's rules.
    `responsible` is the code of the member of staff who looked after the dealers on the day, or "nobody".
    """

    by: AgeBy = AgeBy.DEALER
    basis: AgeBasis = AgeBasis.DUE
    money: Money = Money.OWN
    dealer: str | None = None
    territory: str | None = None
    type: str | None = None
    currency: str | None = None
    edges: str | None = None
    responsible: str | None = None


class AgeingRow(msgspec.Struct, frozen=True, kw_only=True):
    """A group and currency: an amount for each bucket by its name, and the columns beside them.

    `group` is the code of a dealer, territory, responsible or currency, a type, or days to pay; null of what is in no
    group. `disputed` is the part of the buckets that is disputed. `open` is their sum, `balance` = `open` -
    `unapplied`; bills that have not matured stand beside it.
    """

    key: str
    group: str | None
    name: str | None
    currency: str
    dealers: int
    buckets: dict[str, Decimal]
    open: Decimal
    unapplied: Decimal
    balance: Decimal
    disputed: Decimal
    bills: Decimal


@dataclass(frozen=True, slots=True)
class Told:
    """An ageing: its rows and, by currency, their totals.

    In company currency `rates` holds what it was brought at, with the day of each rate, and `lacking` the currencies
    that have none: their rows stand in their own, outside the company's total, of so many dealers each.
    """

    view: View
    asked: Asked
    buckets: Buckets
    rows: Sequence[AgeingRow]
    totals: Sequence[AgeingRow]
    company: str | None = None
    rates: Mapping[str, tuple[Decimal, date]] | None = None

    @property
    def lacking(self) -> Sequence[AgeingRow]:
        """The totals outside the company's."""
        return [each for each in self.totals if self.company is not None and each.currency != self.company]


async def ageing(person: Person, asked: Asked, view: View) -> Told:
    """How old what the asker's dealers owe is, as of the view's day as known at its moment."""
    require(person, Right.SEE_RECEIVABLES)
    async with known_as(view) as fixed:
        return await _told(asked, fixed)


async def _told(asked: Asked, view: View) -> Told:
    buckets = await _buckets(asked, view)
    books, company, rates = await _books(asked, view)
    into = None if company is None else Converting(company, {code: rate for code, (rate, _) in rates.items()})
    found = await queries.aged(books, buckets, asked.by, into)
    rows = [
        _row(each["code"], each["name"], each["currency"], each["dealers"], _ageing(each), buckets) for each in found
    ]
    used = rates if company is not None else None
    return Told(view, asked, buckets, rows, _totals(found, buckets, company), company, used)


async def ageing_of_dealer(dealer: Record, view: View) -> Told:
    """One dealer's, by due day and in each currency, in the snapshot that is open: the right was checked by then."""
    asked = Asked(dealer=dealer["code"])
    buckets = await _buckets(asked, view)
    found = await queries.aged(Books(view, clock.today(), [dealer["id"]]), buckets, asked.by)
    rows = [_row(each["code"], None, each["currency"], each["dealers"], _ageing(each), buckets) for each in found]
    return Told(view, asked, buckets, rows, _totals(found, buckets, None))


async def _buckets(asked: Asked, view: View) -> Buckets:
    if not asked.edges:
        return (await in_force(LEDGER_RULES, view)).buckets(asked.basis)
    edges: tuple[int, ...] = ()
    with suppress(ValueError):
        edges = tuple(int(each) for each in asked.edges.split(",") if each.isascii() and each.strip().isdigit())
    if len(edges) != asked.edges.count(",") + 1:
        edges = ()
    errors = check_edges(edges)
    if errors:
        raise Invalid(m("The input cannot be used."), errors)
    return Buckets(asked.basis, edges)


async def _books(asked: Asked, view: View) -> tuple[Books, str | None, dict[str, tuple[Decimal, date]]]:
    """The books that are asked for and, where they are told in company currency, it and the rates that count."""
    currencies = [asked.currency] if asked.currency else None
    placed = await placed_dealers(asked, [view])
    books = Books(view, clock.today(), None if placed is None else placed[0], currencies)
    if asked.money is Money.OWN:
        return books, None, {}
    company = await company_currency()
    if company is None:
        raise invalid("money", m("The company has no currency yet."), m("own, or a currency that is set first"))
    rates = {row["currency"]: (row["rate"], row["on_date"]) for row in await rates_at(view)}
    return books, company, {code: each for code, each in rates.items() if code != company}


async def placed_dealers(asked: Asked, views: Sequence[View]) -> list[list[int]] | None:
    """For views of one moment the dealers who are asked for; None for all, where the asker sees all."""
    if not (asked.dealer or asked.territory or asked.type or asked.responsible) and db.scope().reach != "territories":
        return None
    dealer = await dealer_identity(asked.dealer) if asked.dealer else None
    if asked.dealer and dealer is None:
        raise NotFound(m("The dealer %(code)s is not known.", code=asked.dealer))
    node = await access.territory_by_code(asked.territory) if asked.territory else None
    if asked.territory and node is None:
        raise NotFound(m("The territory %(code)s is not known.", code=asked.territory))
    return await queries.dealers_placed(
        [view.as_of for view in views],
        views[0].moment,
        territory_id=None if node is None else node["id"],
        type_=asked.type or None,
        dealer_id=None if dealer is None else dealer["id"],
        responsible=await responsible_asked(asked.responsible),
    )


def _ageing(row: Record) -> Ageing:
    return Ageing(tuple(row["buckets"]), row["unapplied"], row["bills"], row["disputed"])


def _row(group: str | None, name: str | None, currency: str, dealers: int, aged: Ageing, buckets: Buckets) -> AgeingRow:
    return AgeingRow(
        key=f"{group or ''} {currency}",
        group=group,
        name=name,
        currency=currency,
        dealers=dealers,
        buckets=dict(zip(buckets.names, aged.buckets, strict=True)),
        open=aged.open,
        unapplied=aged.unapplied,
        balance=aged.balance,
        disputed=aged.disputed,
        bills=aged.bills,
    )


def _totals(found: Iterable[Record], buckets: Buckets, company: str | None) -> list[AgeingRow]:
    """A total for each currency, the company's first, then by code."""
    by_currency: dict[str, list[Record]] = {}
    for row in found:
        by_currency.setdefault(row["currency"], []).append(row)
    in_order = sorted(by_currency.items(), key=lambda each: (each[0] != company, each[0]))
    return [
        _row(None, None, code, sum(row["dealers"] for row in rows), total_ageing(map(_ageing, rows), buckets), buckets)
        for code, rows in in_order
    ]


async def documents_behind(
    person: Person, asked: Asked, cell: Cell, view: View, listed: List, wanted: Wanted
) -> Page[Record]:
    """The documents that a cell of an ageing is made of: of its row, or with no group of its total."""
    require(person, Right.SEE_RECEIVABLES)
    async with known_as(view) as fixed:
        buckets = await _buckets(asked, fixed)
        names = queries.columns_of(buckets)
        if cell.column is not None and cell.column not in names:
            raise invalid("column", m("The ageing has no such column."), m("One of: %(names)s", names=", ".join(names)))
        books, company, rates = await _books(asked, fixed)
        if company is not None and books.currencies is None:
            books = replace(books, currencies=[company, *rates])
        return await queries.items(books, buckets, cell, listed, wanted)


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """What was open at the end of a month, by bucket; of the present month so far."""

    month: Month
    ageing: Ageing


@dataclass(frozen=True, slots=True)
class History:
    """Month ends up to the view's day, all of them as known at its moment, in one currency.

    The buckets are those of the view's day at every end.
    """

    buckets: Buckets
    currency: str
    ends: Sequence[MonthEnd]


async def history(person: Person, asked: Asked, view: View) -> History | None:
    """The last twelve month ends: in the currency asked for, the company's, or the one there is; None where none is.

    What has no rate on a month's end is not in it.
    """
    require(person, Right.SEE_RECEIVABLES)
    async with known_as(view) as fixed:
        buckets = await _buckets(asked, fixed)
        views = [replace(fixed, as_of=day) for day in _month_ends(fixed.as_of)]
        days = [each.as_of for each in views]
        books = Ends(days, fixed.moment, await placed_dealers(asked, views), asked.currency)
        company = None if asked.currency else await company_currency()
        into = None if company is None else await _converting(company, views)
        found = await aged_on_each(books, buckets, into)
    currency = asked.currency or company or next((code for each in reversed(found) for code in each), None)
    if currency is None:
        return None
    nothing = total_ageing((), buckets)
    ends = [MonthEnd(Month.of(day), each.get(currency, nothing)) for day, each in zip(days, found, strict=True)]
    return History(buckets, currency, ends)


def _month_ends(as_of: date) -> list[date]:
    """The last days of the months before the day's, as far back as business goes, and the day."""
    last = Month.of(as_of)
    ends = (last.plus(-n).end - timedelta(days=1) for n in range(MONTHS_BACK - 1, 0, -1))
    return [*(each for each in ends if is_day_of_business(each)), as_of]


async def _converting(company: str, views: Sequence[View]) -> list[Converting]:
    return [
        Converting(company, {row["currency"]: row["rate"] for row in rows if row["currency"] != company})
        for rows in await rates_at_each(views)
    ]
