"""Collecting what limits are computed from: for all dealers asked for at once, in a handful of queries."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

from asyncpg import Record

from channel.access import service as access
from channel.consent.rules import Row
from channel.credit.queries import facts as fact_queries
from channel.credit.queries import inputs as queries
from channel.credit.queries import limits as limit_queries
from channel.credit.rules import (
    Basis,
    CreditInputs,
    LimitEvent,
    LimitEventKind,
    MonthSales,
    Rate,
    Statement,
    limit_in_force,
)
from channel.credit.rules.snapshot import NO_STATUS, Collected, Needs
from channel.credit.rules.steps import EXACT, settled
from channel.database import db
from channel.dealers.queries.facts import facts_in_each
from channel.dealers.queries.masters import company_currency
from channel.dealers.rules import DealerFacts, first_whole_month
from channel.errors import Message, NotFound, m
from channel.periods import Month, complete_months_before
from channel.sales.queries import months as sales_queries
from channel.view import View

R = TypeVar("R", bound=Row)

_YEAR = 12
_FEW = 20
_ZERO = Decimal(0)
_NIL = Decimal("0.0000")
"""What a covered month without lines comes to."""
_REPORTED = ("sell-in", "sell-through")
_BY_MONTH = ("months", "amounts", "returned", "company_amounts", "company_returned")
_INCOME = ("ebit", "sales", "net_profit")
_Spans = list[tuple[date, date]]
_IN_FORCE = m("the limit in force is brought from %(currency)s at %(rate)s %(mine)s")
_BEST = m("the best high credit is brought from %(currency)s at %(rate)s %(mine)s")
_NEED = m("the stated need is brought from %(currency)s at %(rate)s %(mine)s")
_REFERENCES = m("the trade references are brought from %(currency)s at %(rate)s %(mine)s")


@dataclass(frozen=True, slots=True)
class Asked:
    """A dealer of whom a limit is asked, with the currency cached on his row."""

    dealer_id: int
    code: str
    type: str
    currency: str

    @classmethod
    def of(cls, row: Record) -> "Asked":
        """From the dealer's row."""
        return cls(row["id"], row["code"], row["type"], row["currency"])


async def dealer_named(code: str) -> Record:
    """The dealer's row, if the asker may know of him."""
    row = await queries.dealer_asked(code)
    if row is None:
        raise NotFound(m("There is no dealer %(code)s.", code=code))
    return row


@dataclass(frozen=True, slots=True)
class Look:
    """Dealers looked at in one view, and for what."""

    asked: Sequence[Asked]
    view: View
    needs: Needs

    @property
    def months(self) -> tuple[Month, ...]:
        """The complete months that are wanted."""
        return complete_months_before(self.view.as_of, self.needs.months)

    @property
    def reported(self) -> list[str]:
        """The kinds of sales that are wanted."""
        return ["sell-in"] + ["sell-through"] * self.needs.sell_through

    @property
    def kinds(self) -> list[str]:
        """The same with stock, where that is wanted."""
        return self.reported + ["stock"] * self.needs.stock

    @property
    def year(self) -> tuple[date, date] | None:
        """The twelve complete months before the day, where the company's own sales of them are wanted."""
        last = complete_months_before(self.view.as_of, _YEAR)
        return (last[0].first, last[-1].end) if self.needs.own_sales else None


@dataclass(slots=True)
class Found:
    """Everything that the queries gave for a batch of dealers, by dealer; `lines` are those behind its sales."""

    look: Look
    company: str
    months: tuple[Month, ...]
    firsts: tuple[date, ...]
    facts: dict[int, DealerFacts]
    own_sales: Decimal | None = None
    lines: int = 0
    rates: dict[str, Rate] = field(default_factory=dict)
    sums: dict[tuple[int, str], list[Row]] = field(default_factory=dict)
    spans: dict[tuple[int, str], _Spans] = field(default_factory=dict)
    statements: dict[int, list[Record]] = field(default_factory=dict)
    known: dict[int, list[Record]] = field(default_factory=dict)
    events: dict[int, list[Row]] = field(default_factory=dict)

    def collected(self) -> list[Collected]:
        """What was found about each of the dealers, in their order."""
        return [collected(each, self) for each in self.look.asked]

    def take_sums(self, rows: Iterable[Row]) -> None:
        """Put the sums by their dealer and kind, in place of what is there of these dealers."""
        taken: dict[tuple[int, str], list[Row]] = {}
        for row in rows:
            taken.setdefault((row["dealer_id"], row["kind"]), []).append(row)
        self.sums |= taken

    def take_part(self, rows: Iterable[Record]) -> None:
        """Take of sums that were read for several looks those of one's own months and kinds."""
        firsts, parts = frozenset(self.firsts), []
        for row in rows:
            places = [place for place, month in enumerate(row["months"]) if month in firsts]
            if row["kind"] in _REPORTED:
                self.lines += sum(row["lines"][place] for place in places)
            if places and row["kind"] in self.look.kinds:
                parts.append({**row, **{name: [row[name][place] for place in places] for name in _BY_MONTH}})
        self.take_sums(parts)

    def statements_of(self, dealer_id: int) -> list[Record]:
        """The statements of periods that ended before the day; in `statements` are those of all periods."""
        return [row for row in self.statements.get(dealer_id, ()) if row["period_end"] < self.look.view.as_of]

    def currencies(self) -> set[str]:
        """Those in which any of the figures is held."""
        used = {each.currency for each in self.look.asked}
        used |= {each.currency for each in self.facts.values() if each.currency}
        for rows in (self.statements, self.known, self.events):
            used |= {row["currency"] for each in rows.values() for row in each if row["currency"]}
        return used

    def moved(self) -> list[int]:
        """The dealers who have lines of another currency than the one that counts for them: seldom any."""
        currencies = {each.dealer_id: _currency(each, self.facts) for each in self.look.asked}
        found = {
            dealer_id
            for (dealer_id, _), rows in self.sums.items()
            if any(row["currency"] != currencies[dealer_id] for row in rows)
        }
        return sorted(found)


async def collect(look: Look) -> list[Collected]:
    """What is known of these dealers, in their order. Called inside `snapshots.computed_on()`."""
    (found,) = await find([look])
    return found.collected()


async def find(
    looks: Sequence[Look],
    company: str | None = None,
    lines: Sequence[Row] | None = None,
    currencies: Collection[str] = (),
) -> list[Found]:
    """The part of `collect` that waits for the database, for several looks at the same dealers in the same statements.

    `company` is the company's currency and `lines` all of these dealers' journal as known now, in order, where they
    have been read already. `currencies` are those whose rates are wanted beside those of the figures.
    """
    ids = [each.dealer_id for each in looks[0].asked]
    async with db.planned_anew() if len(ids) > _FEW else nullcontext():
        views, moments = [look.view for look in looks], list({look.view.moment: None for look in looks})
        facts = await facts_in_each(ids, views)
        currency = access.chosen_currency(company or await company_currency())
        statements = dict(zip(moments, await fact_queries.statements_at_each(ids, moments), strict=True))
        known = await fact_queries.credit_facts_in_each(ids, views)
        if lines is None:
            lines = await limit_queries.limit_events(ids, moments[0] if len(moments) == 1 else None)
        found = [
            Found(
                look,
                currency,
                look.months,
                tuple(month.first for month in look.months),
                held,
                statements=by_dealer(statements[look.view.moment]),
                known=by_dealer(learnt),
                events=by_dealer(_known(lines, look.view.moment)),
            )
            for look, held, learnt in zip(looks, facts, known, strict=True)
        ]
        await _find_sales(ids, found)
        await _find_rates(found, currencies)
        return found


def _known(lines: Sequence[Row], moment: datetime | None) -> Iterable[Row]:
    """The lines of the journal that were known at the moment."""
    if moment is None:
        return lines
    return (row for row in lines if row["recorded_at"] is not None and row["recorded_at"] <= moment)


async def _find_sales(ids: Sequence[int], found: Sequence[Found]) -> None:
    """The sums by month and the days that reports cover: at one moment once, over the months of all that look there."""
    at: dict[datetime | None, list[Look]] = {}
    for each in found:
        at.setdefault(each.look.view.moment, []).append(each.look)
    stretches = [
        (
            min((look.months[0] for look in looks), key=_first_day),
            max((look.months[-1] for look in looks), key=_first_day),
            moment,
        )
        for moment, looks in at.items()
    ]
    reported = list(dict.fromkeys(kind for each in found for kind in each.look.reported))
    if len(ids) > _FEW:
        await _find_sums_of_many(ids, found)
    else:
        kinds = [*_REPORTED, *(["stock"] if any(each.look.needs.stock for each in found) else [])]
        sums = dict(zip(at, await sales_queries.sums_of_each(ids, kinds, stretches), strict=True))
        for each in found:
            each.take_part(sums[each.look.view.moment])
    covered = dict(zip(at, await sales_queries.covered_of_each(ids, reported, stretches), strict=True))
    for each in found:
        for row in covered[each.look.view.moment]:
            if row["kind"] in each.look.reported:
                each.spans.setdefault((row["dealer_id"], row["kind"]), []).append((row["from_on"], row["to_on"]))


async def _find_sums_of_many(ids: Sequence[int], found: Sequence[Found]) -> None:
    """Their own amounts alone: those in the company's currency are read of the few who were held in another one."""
    for each in found:
        kinds, first, last = each.look.kinds, each.months[0], each.months[-1]
        each.take_sums(await sales_queries.own_sums(ids, kinds, first, last, each.look.view.moment))
        if moved := each.moved():
            each.take_sums(await sales_queries.all_sums(moved, kinds, first, last, each.look.view.moment))


def _first_day(month: Month) -> date:
    return month.first


async def _find_rates(found: Sequence[Found], currencies: Collection[str]) -> None:
    """The rates of all currencies of the figures, and the company's own sales where they are wanted."""
    used = set(currencies).union(*(each.currencies() for each in found)) - {found[0].company}
    questions = [(each.look.view, each.look.year) for each in found]
    if not used and not any(year for _, year in questions):
        return
    for each, (rates, own) in zip(found, await queries.of_the_company(used, questions), strict=True):
        each.rates = {row["currency"]: Rate(row["currency"], row["rate"], row["on_date"]) for row in rates}
        each.own_sales = own


def by_dealer(rows: Iterable[R]) -> dict[int, list[R]]:
    """The rows of each dealer, in their order."""
    grouped: dict[int, list[R]] = {}
    for row in rows:
        grouped.setdefault(row["dealer_id"], []).append(row)
    return grouped


def _currency(each: Asked, facts: Mapping[int, DealerFacts]) -> str:
    held = facts.get(each.dealer_id)
    return each.currency if held is None or held.currency is None else held.currency


@dataclass(slots=True)
class _Conversions:
    """Figures of older currencies on their way into the dealer's, with what is told of them."""

    currency: str
    view: View
    found: Found
    said: dict[Message, None] = field(default_factory=dict)
    refused: Message | None = None

    def rate(self, currency: str) -> Decimal | None:
        """Company currency per unit, or None with the refusal noted."""
        if currency == self.found.company:
            return Decimal(1)
        rate = self.found.rates.get(currency)
        if rate is None:
            pair = {"currency": currency, "company": self.found.company, "on": str(self.view.as_of)}
            self.refused = self.refused or m("no rate from %(currency)s to %(company)s for %(on)s", **pair)
        return None if rate is None else rate.rate

    def bring(self, amount: Decimal, currency: str, what: Message) -> Decimal | None:
        """The amount in the dealer's currency at the rates of the as-of date; `what` is the text that tells it."""
        if currency == self.currency:
            return amount
        theirs, ours = self.rate(currency), self.rate(self.currency)
        if theirs is None or ours is None:
            return None
        cross = EXACT.divide(theirs, ours)
        self.said[m(what.text, currency=currency, rate=f"{cross:.6f}", mine=self.currency)] = None
        return settled(EXACT.multiply(amount, cross))

    def from_company(self, row: Row, own: str, company: str) -> list[Decimal | None]:
        """Figures that are held in another currency of the dealer's, in his present one: from the company's.

        None where a figure is not known (stock that was counted without its value). Without a rate nothing is counted:
        the refusal that is noted withholds the limit.
        """
        rate = self.rate(self.currency)
        if rate is None:
            return [None if mine is None else _ZERO for mine in row[own]]
        text = m(
            "lines held in %(old)s are counted from %(company)s at %(rate)s %(company)s per %(currency)s",
            old=row["currency"],
            company=self.found.company,
            rate=f"{rate:.6f}",
            currency=self.currency,
        )
        self.said[text] = None
        return [
            None if mine is None else settled(EXACT.divide(theirs, rate))
            for mine, theirs in zip(row[own], row[company], strict=True)
        ]


def collected(each: Asked, found: Found) -> Collected:
    """What was found about one dealer of the batch, put together."""
    view, needs = found.look.view, found.look.needs
    held = found.facts.get(each.dealer_id)
    currency = _currency(each, found.facts)
    if held is None:
        nothing = CreditInputs(view.as_of, each.code, each.type, currency, found.company, view.known_at)
        return Collected(
            each.dealer_id, nothing, (), m("nothing was known of the dealer on %(on)s", on=str(view.as_of))
        )
    brought = _Conversions(currency, view, found)
    known = {(row["fact"], row["factor"]): row for row in found.known.get(each.dealer_id, ())}
    covered = {
        kind: _whole_months(tuple(found.spans.get((each.dealer_id, kind), ()))) for kind in ("sell-in", "sell-through")
    }
    inputs = CreditInputs(
        as_of=view.as_of,
        dealer=each.code,
        dealer_type=held.type or each.type,
        currency=currency,
        company_currency=found.company,
        known_at=view.known_at,
        terms_days=held.terms_days,
        terms_since=held.terms_since,
        grade=held.grade,
        grade_since=held.grade_since,
        appointed_on=held.appointed_on,
        first_year_target=held.first_year_target,
        months=_months(each.dealer_id, found, covered, brought),
        earlier_covered_months=_earlier(held.appointed_on, _place(found.firsts[0]), covered, needs.basis),
        limit_in_force=_limit(found.events.get(each.dealer_id, ()), view, brought),
        own_annual_sales=found.own_sales,
        statements=tuple(_statement(row) for row in found.statements_of(each.dealer_id)),
        scores=tuple((factor, row["amounts"][0]) for (fact, factor), row in known.items() if fact == "score"),
        best_high_credit=_amount(known.get(("best_high_credit", "")), _BEST, brought),
        reference_limits=_references(known.get(("reference_limits", "")), brought),
        stated_need=_amount(known.get(("stated_need", "")), _NEED, brought),
        rates=_rates(currency, each.dealer_id, found),
        status=held.status,
    )
    refused = brought.refused if held.status else m(NO_STATUS.text, on=str(view.as_of))
    return Collected(each.dealer_id, inputs, tuple(brought.said), refused)


def _place(day: date) -> int:
    """The place of the day's month in the count of months."""
    return day.year * _YEAR + day.month - 1


@lru_cache(maxsize=4096)
def _whole_months(spans: tuple[tuple[date, date], ...]) -> tuple[int, ...]:
    """The places of the months of which every day lies in one of the ascending spans; most dealers share theirs."""
    return tuple(place for start, end in spans for place in range(_place(start) + (start.day > 1), _place(end)))


def _months(
    dealer_id: int, found: Found, covered: Mapping[str, tuple[int, ...]], brought: _Conversions
) -> tuple[MonthSales, ...]:
    """The months of which anything is known: covered ones, and sums of others to be shown."""
    sold = _sums(found.sums.get((dealer_id, "sell-in")), brought)
    resold = _sums(found.sums.get((dealer_id, "sell-through")), brought)
    stock = _sums(found.sums.get((dealer_id, "stock")), brought)
    sold_in, sold_on = frozenset(covered["sell-in"]), frozenset(covered["sell-through"])
    months: list[MonthSales] = []
    for place, (month, first) in enumerate(zip(found.months, found.firsts, strict=True), _place(found.firsts[0])):
        here, there = place in sold_in, place in sold_on
        net, returns = sold.get(first, _NO_LINE if here else _NOTHING)
        through, back = resold.get(first, _NO_LINE if there else _NOTHING)
        if net is not None or through is not None or first in stock:
            value, _ = stock.get(first, _NOTHING)
            months.append(MonthSales(month, here, there, net, through, value, returns, back))
    return tuple(months)


_Sums = tuple[Decimal | None, Decimal | None]
_NOTHING: _Sums = (None, None)
_NO_LINE: _Sums = (_NIL, _NIL)


def _sums(rows: Sequence[Row] | None, brought: _Conversions) -> dict[date, _Sums]:
    """What one kind of report comes to by month: the net sum and the returns as a positive amount."""
    sums: dict[date, _Sums] = {}
    for row in rows or ():
        if row["currency"] == brought.currency:
            nets, returns = row["amounts"], row["returned"]
        else:
            nets = brought.from_company(row, "amounts", "company_amounts")
            returns = brought.from_company(row, "returned", "company_returned")
        backs = [None if each is None else abs(each) for each in returns]
        here = dict(zip(row["months"], zip(nets, backs, strict=True), strict=True))
        # Nearly every dealer has one currency; a run over the whole channel reads hundreds of thousands of months.
        sums = _joined(sums, here) if sums else here
    return sums


def _joined(sums: dict[date, _Sums], others: Mapping[date, _Sums]) -> dict[date, _Sums]:
    both = {
        month: (_plus(net, others[month][0]), _plus(back, others[month][1]))
        for month, (net, back) in sums.items()
        if month in others
    }
    return {**sums, **others, **both}


def _plus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else EXACT.add(one, other)


def _earlier(appointed_on: date | None, before: int, covered: Mapping[str, tuple[int, ...]], basis: Basis) -> int:
    """Covered whole months from the appointment (or the first report) up to the window, which begins at a place."""
    since = 0 if appointed_on is None else _place(first_whole_month(appointed_on).first)
    if basis is Basis.SMALLER:
        both = set(covered["sell-in"]).intersection(covered["sell-through"])
        return sum(since <= place < before for place in both)
    months = covered["sell-through" if basis is Basis.SELL_THROUGH else "sell-in"]
    return bisect_left(months, before) - bisect_left(months, min(since, before))


def events_of(rows: Iterable[Row]) -> list[LimitEvent]:
    """The journal's lines as the rules read them."""
    return [
        LimitEvent(
            LimitEventKind(row["kind"]),
            row["id"],
            row["from_on"],
            row["to_on"],
            row["amount"],
            row["ends_id"],
            row["currency"],
        )
        for row in rows
    ]


def _limit(rows: Sequence[Row], view: View, brought: _Conversions) -> Decimal | None:
    if not rows:
        return None
    state = limit_in_force(events_of(rows), view.as_of)
    if state.base is None:
        return None
    begun = [row for row in rows if row["kind"] == "limit" and row["from_on"] == state.since]
    return brought.bring(state.base, begun[-1]["currency"], _IN_FORCE)


def _amount(row: Record | None, what: Message, brought: _Conversions) -> Decimal | None:
    return None if row is None else brought.bring(row["amounts"][0], row["currency"], what)


def _references(row: Record | None, brought: _Conversions) -> tuple[Decimal, ...] | None:
    if row is None:
        return None
    amounts = [brought.bring(amount, row["currency"], _REFERENCES) for amount in row["amounts"]]
    return tuple(amount for amount in amounts if amount is not None)


def _statement(row: Record) -> Statement:
    """Income figures of another period than a year are not those of its year, so they are not shown as such."""
    figures = {
        name: None if name in _INCOME and row["period_months"] != _YEAR else row[name] for name in fact_queries.FIGURES
    }
    return Statement(row["period_end"], row["currency"], **figures)


def _rates(currency: str, dealer_id: int, found: Found) -> tuple[Rate, ...]:
    wanted = {currency} | {row["currency"] for row in found.statements_of(dealer_id)}
    wanted |= {row["currency"] for row in found.known.get(dealer_id, ()) if row["currency"]}
    return tuple(found.rates[each] for each in sorted(wanted) if each in found.rates)
