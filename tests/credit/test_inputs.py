"""What the database collects for a limit, held against a slow reading of the same reports line by line."""

import random
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from channel.credit.rules import Basis, MonthSales
from channel.credit.rules.snapshot import Needs
from channel.credit.service.inputs import collect
from channel.credit.service.looks import Asked, Look
from channel.database import db
from channel.database.snapshots import computed_on, view_of
from channel.dealers.rules import Fact
from channel.periods import Month, Span, complete_months_before, covers, merge
from tests.make.access import acting
from tests.make.dealers import change_fact
from tests.make.sales import csv_of, loaded, make_loader, make_masters

BEGIN = date(2025, 1, 1)
RATES = [("EUR", BEGIN - timedelta(days=3) + timedelta(days=5 * n), f"1.{10 + n:02}") for n in range(60)]
TURN = date(2025, 3, 10)
"""From here on D1 is held in EUR."""


@dataclass(frozen=True)
class Line:
    kind: str
    dealer: str
    on: date
    quantity: int
    amount: Decimal


@dataclass(frozen=True)
class Books:
    """The live lines and the reported days, as they are after some reports."""

    lines: tuple[Line, ...] = ()
    covered: tuple[tuple[str, str, Span], ...] = ()

    def with_report(self, kind: str, days: Span, dealers: set[str], lines: list[Line]) -> "Books":
        stay = tuple(x for x in self.lines if x.kind != kind or x.dealer not in dealers or x.on not in days)
        return Books((*stay, *lines), (*self.covered, *((kind, dealer, days) for dealer in sorted(dealers))))


def _rate(currency: str, on: date) -> Decimal:
    return next(Decimal(rate) for _, day, rate in reversed(RATES) if day <= on) if currency == "EUR" else Decimal(1)


def _currency(dealer: str, on: date) -> str:
    return "EUR" if dealer == "D3" or (dealer == "D1" and on >= TURN) else "USD"


def _rounded(x: Decimal, places: str = "0.0001") -> Decimal:
    return x.quantize(Decimal(places), rounding=ROUND_HALF_UP)


def _sum(lines: list[Line], dealer: str, as_of: date) -> Decimal:
    """In the currency of the day asked for: lines held in it as they are, others from the company's currency."""
    mine = _currency(dealer, as_of)
    own = sum((x.amount for x in lines if _currency(dealer, x.on) == mine), Decimal(0))
    older = [x for x in lines if _currency(dealer, x.on) != mine]
    company = sum((_rounded(x.amount * _rate(_currency(dealer, x.on), x.on)) for x in older), Decimal(0))
    return own + (_rounded(company / _rate(mine, as_of), "0.000000000001") if older else 0)


def _month(books: Books, dealer: str, month: Month, as_of: date) -> MonthSales | None:
    said: dict[str, Any] = {}
    for kind, covered, net, returns in (
        ("sell-in", "sell_in_covered", "net_sell_in", "sell_in_returns"),
        ("sell-through", "sell_through_covered", "net_sell_through", "sell_through_returns"),
    ):
        spans = merge(span for k, d, span in books.covered if (k, d) == (kind, dealer))
        lines = [x for x in books.lines if (x.kind, x.dealer) == (kind, dealer) and x.on in month.span]
        said[covered] = covers(spans, month)
        if lines or said[covered]:
            said[net] = _sum(lines, dealer, as_of)
            said[returns] = abs(_sum([x for x in lines if x.quantity < 0 or x.amount < 0], dealer, as_of))
    counted = [x for x in books.lines if (x.kind, x.dealer) == ("stock", dealer) and x.on in month.span]
    if counted:
        last = max(x.on for x in counted)
        said["stock_amount_end"] = _sum([x for x in counted if x.on == last], dealer, as_of)
    known = any(said.get(each) is not None for each in ("net_sell_in", "net_sell_through", "stock_amount_end"))
    return MonthSales(month, **said) if known else None


def _earlier(books: Books, dealer: str, before: Month) -> int:
    found = 0
    for month in complete_months_before(before.first, 24):
        spans = [
            merge(span for k, d, span in books.covered if (k, d) == (kind, dealer))
            for kind in ("sell-in", "sell-through")
        ]
        found += all(covers(each, month) for each in spans)
    return found


async def _collected(ids: dict[str, int], as_of: date, known_at: datetime | None) -> dict[str, Any]:
    asked = [Asked(ids[code], code, "terminal", _currency(code, date(2026, 1, 1))) for code in sorted(ids)]
    async with db.held(db.EVERYTHING), computed_on(view_of(as_of, known_at)) as view:
        found = await collect(Look(asked, view, Needs(4, Basis.SMALLER, sell_through=True, stock=True, own_sales=True)))
    return {each.inputs.dealer: each.inputs for each in found}


def _compare(books: Books, found: dict[str, Any], as_of: date) -> None:
    window = complete_months_before(as_of, 4)
    year = complete_months_before(as_of, 12)
    sold = [x for x in books.lines if x.kind == "sell-in" and any(x.on in month.span for month in year)]
    own = sum((_rounded(x.amount * _rate(_currency(x.dealer, x.on), x.on)) for x in sold), Decimal(0))
    for dealer, inputs in found.items():
        expected = [each for month in window if (each := _month(books, dealer, month, as_of))]
        assert list(inputs.months) == expected, (dealer, as_of)
        assert inputs.earlier_covered_months == _earlier(books, dealer, window[0]), (dealer, as_of)
        assert (inputs.own_annual_sales or 0) == own, as_of
        assert inputs.currency == _currency(dealer, as_of)


def _report(chance: random.Random, kind: str, days: Span) -> list[Line]:
    low = 0 if kind == "stock" else -5
    return [
        Line(
            kind,
            chance.choice(("D1", "D2", "D3")),
            days.start + timedelta(days=chance.randrange(days.days)),
            chance.randrange(low, 20),
            Decimal(f"{chance.randrange(low * 100, 5000)}.{chance.randrange(10000):04}"),
        )
        for _ in range(chance.randrange(1, 25))
    ]


@pytest.mark.parametrize("seed", range(4))
async def test_what_is_collected_equals_a_slow_reading_of_the_reports(database: str, seed: int) -> None:
    ids = await make_masters(rates=[(currency, day, rate) for currency, day, rate in RATES])
    person = await make_loader()
    async with acting(person):
        await change_fact(person, "D1", Fact.CURRENCY, "EUR", effective_on=TURN, reason="moved")
    chance = random.Random(seed)  # noqa: S311 - which reports come in
    books, states = Books(), list[tuple[datetime, Books]]()
    for number in range(10):
        kind = chance.choice(("sell-in", "sell-in", "sell-through", "sell-through", "stock"))
        start = BEGIN + timedelta(days=chance.randrange(150))
        # Whole months more often than not, so that months are covered.
        whole = Span(Month.of(start).first, Month.of(start).plus(chance.randrange(1, 4)).first)
        days = whole if chance.random() < 0.8 else Span(start, start + timedelta(days=70))
        lines = _report(chance, kind, days)
        rows = [f"{x.dealer},{x.on},P1,{x.quantity},{x.amount},{_currency(x.dealer, x.on)}" for x in lines]
        result = await loaded(
            person,
            kind,
            csv_of("dealer,date,product,quantity,amount,currency", *rows),
            f"{number}.csv",
            period=f"{days.start}:{days.last}",
            confirmed=True,
        )
        assert result["state"] == "loaded", result
        dealers = set(ids) if kind == "sell-in" else {x.dealer for x in lines}
        books = books.with_report(kind, days, dealers, lines)
        async with db.held(db.EVERYTHING), db.known() as moment:
            states.append((moment, replace(books)))
    for as_of in (date(2025, 2, 15), date(2025, 5, 1), date(2025, 7, 3)):
        _compare(books, await _collected(ids, as_of, None), as_of)
        for moment, then in states[::3]:
            _compare(then, await _collected(ids, as_of, moment), as_of)
