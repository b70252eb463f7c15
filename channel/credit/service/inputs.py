"""Collecting what limits are computed from: for all dealers asked for at once, in a handful of queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from asyncpg import Record

from channel import db
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
from channel.credit.rules.collected import Collected, Needs
from channel.credit.rules.steps import EXACT, settled
from channel.dealers.queries.facts import facts_at
from channel.dealers.queries.masters import company_currency
from channel.dealers.rules import DealerFacts
from channel.errors import Message, m
from channel.periods import Month, Span, complete_months_before
from channel.sales.queries.months import MonthFigures
from channel.sales.queries.months import months as months_of_sales

_YEAR = 12
_FEW = 20
_ZERO = Decimal(0)
_INCOME = ("ebit", "sales", "net_profit")
_Sums = dict[str, dict[Month, list[MonthFigures]]]
_NET = ("amount", "company_amount")
_RETURNED = ("returned_amount", "returned_company_amount")
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


@dataclass(frozen=True, slots=True)
class View:
    """The state that is looked at: a business date as known at a moment, which is `past` when somebody asked for it."""

    as_of: date
    known_at: datetime
    past: bool

    @property
    def moment(self) -> datetime | None:
        """The moment for queries: None reads what this snapshot holds, which is quicker and the same."""
        return self.known_at if self.past else None


@dataclass(slots=True)
class _Found:
    """Everything that the queries gave for a batch of dealers, by dealer."""

    company: str
    months: tuple[Month, ...]
    facts: dict[int, DealerFacts]
    own_sales: Decimal | None
    rates: dict[str, Rate]
    sums: dict[int, _Sums] = field(default_factory=dict)
    spans: dict[int, dict[str, list[Span]]] = field(default_factory=dict)
    statements: dict[int, list[Record]] = field(default_factory=dict)
    known: dict[int, list[Record]] = field(default_factory=dict)
    events: dict[int, list[Record]] = field(default_factory=dict)
    since: dict[tuple[int, str], date] = field(default_factory=dict)


async def collect(asked: Sequence[Asked], view: View, needs: Needs) -> list[Collected]:
    """What is known of these dealers, in their order. Called inside `db.known()` and under the system scope."""
    found = await _find(asked, view, needs)
    return [_collected(each, view, needs, found) for each in asked]


async def own_sales(view: View) -> Decimal | None:
    """The company's net sell-in of the twelve complete months before the as-of date."""
    last = complete_months_before(view.as_of, _YEAR)
    return await queries.own_sales((last[0].first, last[-1].end), view.moment)


async def _find(asked: Sequence[Asked], view: View, needs: Needs) -> _Found:
    ids = [each.dealer_id for each in asked]
    months = complete_months_before(view.as_of, needs.months)
    kinds = ["sell-in"] + ["sell-through"] * needs.sell_through + ["stock"] * needs.stock
    through = needs.sell_through
    # One dealer's page asks in one statement; of a thousand dealers the rows are too many to travel as one.
    async with db.together(apart=len(ids) > _FEW) as together:
        ask = together.ask
        held = ask(facts_at(ids, view.as_of, view.moment))
        company = ask(company_currency())
        own = ask(own_sales(view)) if needs.own_sales else None
        statements = ask(fact_queries.statements(ids, view.as_of, view.moment))
        known = ask(fact_queries.credit_facts(ids, view.as_of, view.moment))
        events = ask(limit_queries.limit_events(ids, view.moment))
        since = ask(queries.facts_since(ids, view.as_of, view.moment))
        sold = ask(months_of_sales(ids, kinds, months[0], months[-1], view.moment))
        covered = ask(queries.covered_before(ids, months[0].first, with_sell_through=through, known_at=view.moment))
    facts = held.result()
    found = _Found(company.result(), months, facts, own.result() if own else None, {})
    found.statements = _by_dealer(statements.result())
    found.known = _by_dealer(known.result())
    found.events = _by_dealer(events.result())
    for row in since.result():
        found.since[row["dealer_id"], row["fact"]] = row["effective_on"]
    for sales in sold.result():
        kind = found.sums.setdefault(sales.dealer_id, {}).setdefault(sales.kind, {})
        kind.setdefault(sales.month, []).append(sales)
    for row in covered.result():
        spans = found.spans.setdefault(row["dealer_id"], {})
        spans.setdefault(row["kind"], []).append(Span(row["from_on"], row["to_on"]))
    currencies = {each.currency for each in facts.values() if each.currency}
    for rows in (found.statements, found.known, found.events):
        currencies |= {row["currency"] for each in rows.values() for row in each if row["currency"]}
    found.rates = {
        row["currency"]: Rate(row["currency"], row["rate"], row["on_date"])
        for row in await queries.rates(sorted(currencies - {found.company}), view.as_of, view.moment)
    }
    return found


def _by_dealer(rows: Iterable[Record]) -> dict[int, list[Record]]:
    grouped: dict[int, list[Record]] = {}
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
    found: _Found
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

    def sales(self, rows: Sequence[MonthFigures], own: str, company: str) -> Decimal | None:
        """A month's sum of the figure `own`: what is held in the dealer's currency, and the rest from the company's.

        None where a figure is not known (stock that was counted without its value).
        """
        amount = _ZERO
        for row in rows:
            part: Decimal | None = getattr(row, own)
            if part is None:
                return None
            if row.currency not in {None, self.currency}:
                rate = self.rate(self.currency)
                if rate is None:
                    continue
                text = m(
                    "lines held in %(old)s are counted from %(company)s at %(rate)s %(company)s per %(currency)s",
                    old=row.currency,
                    company=self.found.company,
                    rate=f"{rate:.6f}",
                    currency=self.currency,
                )
                self.said[text] = None
                part = settled(EXACT.divide(getattr(row, company), rate))
            amount = EXACT.add(amount, part)
        return amount


def _collected(each: Asked, view: View, needs: Needs, found: _Found) -> Collected:
    held = found.facts.get(each.dealer_id)
    currency = _currency(each, found.facts)
    if held is None:
        nothing = CreditInputs(view.as_of, each.code, each.type, currency, found.company, view.known_at)
        return Collected(
            each.dealer_id, nothing, (), m("nothing was known of the dealer on %(on)s", on=str(view.as_of))
        )
    brought = _Conversions(currency, view, found)
    known = {(row["fact"], row["factor"]): row for row in found.known.get(each.dealer_id, ())}
    spans = found.spans.get(each.dealer_id, {})
    inputs = CreditInputs(
        as_of=view.as_of,
        dealer=each.code,
        dealer_type=held.type or each.type,
        currency=currency,
        company_currency=found.company,
        known_at=view.known_at,
        terms_days=held.terms_days,
        terms_since=found.since.get((each.dealer_id, "terms_days")),
        grade=held.grade,
        grade_since=found.since.get((each.dealer_id, "grade")),
        appointed_on=held.appointed_on,
        first_year_target=held.first_year_target,
        months=_months(found, found.sums.get(each.dealer_id, {}), brought),
        earlier_covered_months=_earlier(held.appointed_on, found.months[0], spans, needs.basis),
        limit_in_force=_limit(found.events.get(each.dealer_id, ()), view, brought),
        own_annual_sales=found.own_sales,
        statements=tuple(_statement(row) for row in found.statements.get(each.dealer_id, ())),
        scores=tuple((factor, row["amounts"][0]) for (fact, factor), row in known.items() if fact == "score"),
        best_high_credit=_amount(known.get(("best_high_credit", "")), _BEST, brought),
        reference_limits=_references(known.get(("reference_limits", "")), brought),
        stated_need=_amount(known.get(("stated_need", "")), _NEED, brought),
        rates=_rates(currency, each.dealer_id, found),
    )
    return Collected(each.dealer_id, inputs, tuple(brought.said), brought.refused)


def _months(found: _Found, sums: _Sums, brought: _Conversions) -> tuple[MonthSales, ...]:
    """The months of which anything is known: covered ones, and sums of others to be shown."""
    sell_in, sell_through, stock = sums.get("sell-in", {}), sums.get("sell-through", {}), sums.get("stock", {})
    months: list[MonthSales] = []
    for month in found.months:
        sold = _read(sell_in.get(month), brought) if sell_in else _NOTHING
        through = _read(sell_through.get(month), brought) if sell_through else _NOTHING
        counted = stock.get(month) if stock else None
        if counted or sold is not _NOTHING or through is not _NOTHING:
            stocked = counted and any(row.counted_on for row in counted)
            value = brought.sales(counted, *_NET) if counted and stocked else None
            months.append(MonthSales(month, sold[0], through[0], sold[1], through[1], value, sold[2], through[2]))
    return tuple(months)


_Read = tuple[bool, Decimal | None, Decimal | None]
_NOTHING: _Read = (False, None, None)


def _read(rows: list[MonthFigures] | None, brought: _Conversions) -> _Read:
    """Whether the month is covered, its net sum and its returns as a positive amount."""
    if not rows:
        return _NOTHING
    if len(rows) == 1 and rows[0].currency in {None, brought.currency}:
        # Nearly every month is so; a run over the whole channel reads hundreds of thousands of them.
        return rows[0].covered, rows[0].amount, abs(rows[0].returned_amount)
    returns = brought.sales(rows, *_RETURNED)
    covered = any(row.covered for row in rows)
    return covered, brought.sales(rows, *_NET), None if returns is None else abs(returns)


def _earlier(appointed_on: date | None, first: Month, spans: Mapping[str, list[Span]], basis: Basis) -> int:
    """Covered whole months from the appointment (or the first report) up to the window."""
    kinds = {Basis.SELL_IN: ("sell-in",), Basis.SELL_THROUGH: ("sell-through",)}.get(basis, ("sell-in", "sell-through"))
    covered = [_whole_months(spans.get(kind, ()), appointed_on, first) for kind in kinds]
    return len(set.intersection(*covered))


def _whole_months(spans: Iterable[Span], since: date | None, before: Month) -> set[int]:
    found: set[int] = set()
    for span in spans:
        start = span.start if since is None else max(span.start, since)
        first = start.year * _YEAR + start.month - 1 + (start.day > 1)
        end = min(span.end.year * _YEAR + span.end.month - 1, before.year * _YEAR + before.month - 1)
        found.update(range(first, end))
    return found


def events_of(rows: Iterable[Record]) -> list[LimitEvent]:
    """The journal's lines as the rules read them."""
    return [
        LimitEvent(LimitEventKind(row["kind"]), row["id"], row["from_on"], row["to_on"], row["amount"]) for row in rows
    ]


def _limit(rows: Sequence[Record], view: View, brought: _Conversions) -> Decimal | None:
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


def _rates(currency: str, dealer_id: int, found: _Found) -> tuple[Rate, ...]:
    wanted = {currency} | {row["currency"] for row in found.statements.get(dealer_id, ())}
    wanted |= {row["currency"] for row in found.known.get(dealer_id, ()) if row["currency"]}
    return tuple(found.rates[each] for each in sorted(wanted) if each in found.rates)
