"""Collecting what limits are computed from: for all dealers asked for at once, in a handful of queries."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from asyncpg import Record

from channel.consent.rules import Row
from channel.credit.queries import facts as fact_queries
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
from channel.credit.rules.inputs import ClearedBalance, Incidents, OverdueItem, Owed
from channel.credit.rules.snapshot import NO_STATUS, Collected
from channel.credit.rules.steps import EXACT, settled
from channel.credit.service.looks import Asked, Found, Look, currency_of, find
from channel.dealers.rules import first_whole_month
from channel.errors import Message, m
from channel.receivables.rules.incidents import IncidentKind
from channel.view import View

_YEAR = 12
_ZERO = Decimal(0)
_NIL = Decimal("0.0000")
"""What a covered month without lines comes to."""
_INCOME = ("ebit", "sales", "net_profit")
_IN_FORCE = m("the limit in force is brought from %(currency)s at %(rate)s %(mine)s")
_BEST = m("the best high credit is brought from %(currency)s at %(rate)s %(mine)s")
_NEED = m("the stated need is brought from %(currency)s at %(rate)s %(mine)s")
_CLEARED = m("the best balance cleared on terms is brought from %(currency)s at %(rate)s %(mine)s")
_REFERENCES = m("the trade references are brought from %(currency)s at %(rate)s %(mine)s")


async def collect(look: Look) -> list[Collected]:
    """What is known of these dealers, in their order. Called inside `snapshots.computed_on()`."""
    (found,) = await find([look])
    return all_collected(found)


def all_collected(found: Found) -> list[Collected]:
    """What was found about each of the dealers, in their order."""
    return [collected(each, found) for each in found.look.asked]


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
    currency = currency_of(each, found.facts)
    if held is None:
        nothing = CreditInputs(view.as_of, each.code, each.type, currency, found.company, view.known_at)
        return Collected(each.dealer_id, nothing, (), m("nothing was known of the dealer on %(on)s", on=view.as_of))
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
        owed=_owed(each.dealer_id, found, brought),
        incidents=_incidents(each.dealer_id, found),
    )
    refused = brought.refused if held.status else m(NO_STATUS.text, on=view.as_of)
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


def _owed(dealer_id: int, found: Found, brought: _Conversions) -> Owed | None:
    """What of the ledger the policy reads; what is asked for nobody's limit stays out of what is kept."""
    needs, known = found.look.needs, found.owed.get(dealer_id)
    if known is None or not (needs.overdue or needs.high_credit):
        return None
    item = known.overdue
    overdue = None if item is None else OverdueItem(item.number, item.due_on, item.amount, item.currency)
    best: ClearedBalance | None = None
    for row in known.cleared:
        amount = brought.bring(row.amount, row.currency, _CLEARED)
        if amount is not None and (best is None or amount > best.amount):
            best = ClearedBalance(row.stood_on, amount, row.amount, row.currency)
    return Owed(overdue, best)


def _incidents(dealer_id: int, found: Found) -> Incidents | None:
    """How many incidents of each kind there were, where the policy reads them: none is known to be none."""
    if not found.look.needs.incidents:
        return None
    counted = found.incidents.get(dealer_id, {})
    return Incidents(**{_NAMED[kind]: count for kind, count in counted.items()})


_NAMED = {
    IncidentKind.BROKEN_PROMISE: "broken_promises",
    IncidentKind.WRITE_OFF: "write_offs",
    IncidentKind.DISHONOURED_BILL: "dishonoured_bills",
    IncidentKind.HOLD: "holds",
}


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
    if (owed := found.owed.get(dealer_id)) is not None:
        wanted |= {row.currency for row in owed.cleared}
    return tuple(found.rates[each] for each in sorted(wanted) if each in found.rates)
