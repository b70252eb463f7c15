"""What is looked up for limits: everything that one or several looks at some dealers want, in a handful of queries."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.consent.rules import Row
from channel.credit.queries import facts as fact_queries
from channel.credit.queries import inputs as queries
from channel.credit.queries import limits as limit_queries
from channel.credit.rules import Rate
from channel.credit.rules.incident_gate import INCIDENTS_WITHIN_MONTHS
from channel.credit.rules.snapshot import Needs
from channel.database import db
from channel.dealers.queries.facts import facts_in_each
from channel.dealers.queries.masters import company_currency
from channel.dealers.rules import DealerFacts
from channel.errors import NotFound, m
from channel.periods import Month, complete_months_before, plus_months
from channel.receivables.queries.incidents import count_incidents
from channel.receivables.queries.owed import Owed, OwedAsked, owed_in_each
from channel.receivables.rules.incidents import IncidentKind
from channel.sales.queries import months as sales_queries
from channel.view import View

R = TypeVar("R", bound=Row)

_YEAR = 12
_FEW = 20
_REPORTED = ("sell-in", "sell-through")
_BY_MONTH = ("months", "amounts", "returned", "company_amounts", "company_returned")
_Spans = list[tuple[date, date]]


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
    def owed(self) -> OwedAsked:
        """What is wanted of the ledger."""
        needs = self.needs
        return OwedAsked(self.view, needs.exposure, needs.overdue, needs.high_credit)

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
    owed: dict[int, Owed] = field(default_factory=dict)
    incidents: dict[int, dict[IncidentKind, int]] = field(default_factory=dict)

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

    def take_span(self, dealer_id: int, kind: str, spans: _Spans) -> None:
        """Add days that reports of a kind cover, if that kind is wanted."""
        if kind in self.look.reported:
            self.spans.setdefault((dealer_id, kind), []).extend(spans)

    def statements_of(self, dealer_id: int) -> list[Record]:
        """The statements of periods that ended before the day; in `statements` are those of all periods."""
        return [row for row in self.statements.get(dealer_id, ()) if row["period_end"] < self.look.view.as_of]

    def currencies(self) -> set[str]:
        """Those in which any of the figures is held."""
        used = {each.currency for each in self.look.asked}
        used |= {each.currency for each in self.facts.values() if each.currency}
        for rows in (self.statements, self.known, self.events):
            used |= {row["currency"] for each in rows.values() for row in each if row["currency"]}
        for owed in self.owed.values():
            used |= {part.currency for part in owed.sums} | {best.currency for best in owed.cleared}
        return used

    def moved(self) -> list[int]:
        """The dealers who have lines of another currency than the one that counts for them: seldom any."""
        currencies = {each.dealer_id: currency_of(each, self.facts) for each in self.look.asked}
        found = {
            dealer_id
            for (dealer_id, _), rows in self.sums.items()
            if any(row["currency"] != currencies[dealer_id] for row in rows)
        }
        return sorted(found)


def currency_of(each: Asked, facts: Mapping[int, DealerFacts]) -> str:
    """The currency that counts for a dealer: the one of his facts, else the cached one."""
    held = facts.get(each.dealer_id)
    return each.currency if held is None or held.currency is None else held.currency


async def find(
    looks: Sequence[Look],
    company: str | None = None,
    lines: Sequence[Row] | None = None,
    currencies: Collection[str] = (),
) -> list[Found]:
    """What waits for the database, for several looks at the same dealers in the same statements.

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
        await _find_owed(ids, found)
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
        covered = dict(zip(at, await sales_queries.covered_of_each(ids, reported, stretches), strict=True))
        for each in found:
            for row in covered[each.look.view.moment]:
                each.take_span(row["dealer_id"], row["kind"], [(row["from_on"], row["to_on"])])
        return
    kinds = [*_REPORTED, *(["stock"] if any(each.look.needs.stock for each in found) else [])]
    told = dict(zip(at, await sales_queries.reported_in_each(ids, kinds, reported, stretches), strict=True))
    for each in found:
        mine = told[each.look.view.moment]
        each.take_part(mine.sums)
        for (dealer_id, kind), spans in mine.covered.items():
            each.take_span(dealer_id, kind, spans)


async def _find_sums_of_many(ids: Sequence[int], found: Sequence[Found]) -> None:
    """Their own amounts alone: those in the company's currency are read of the few who were held in another one."""
    for each in found:
        kinds, first, last = each.look.kinds, each.months[0], each.months[-1]
        each.take_sums(await sales_queries.own_sums(ids, kinds, first, last, each.look.view.moment))
        if moved := each.moved():
            each.take_sums(await sales_queries.all_sums(moved, kinds, first, last, each.look.view.moment))


async def _find_owed(ids: Sequence[int], found: Sequence[Found]) -> None:
    """What of the ledger is wanted, where anything is."""
    asking = [each for each in found if each.look.owed.anything]
    if asking:
        told = await owed_in_each(ids, [each.look.owed for each in asking], clock.today())
        for each, owed in zip(asking, told, strict=True):
            each.owed = owed
    for each in found:
        if each.look.needs.incidents:
            view = each.look.view
            after = plus_months(view.as_of, -INCIDENTS_WITHIN_MONTHS)
            each.incidents = await count_incidents(ids, after, view)


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
