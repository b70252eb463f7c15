"""All that the rooms know of one dealer, collected for the dealer page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from asyncpg import Record

from channel.access import service as access
from channel.access.queries.trail import audit_of_dealer
from channel.access.rules import Person, Right, require
from channel.credit.queries.proposals import history_of
from channel.credit.service.dealer import DealerLimit, limit_in_view, policies_of
from channel.credit.service.limits import Told
from channel.credit.service.looks import Asked
from channel.database import db
from channel.database.snapshots import known_as
from channel.dealers.queries.dealer_page import Sheets, beside, sheets_of
from channel.dealers.queries.dealers import dealer_card
from channel.dealers.queries.exclusivity import grants
from channel.dealers.queries.facts import facts_at, facts_history
from channel.dealers.rules import DealerFacts
from channel.desk.rules import YEAR, Year, compute_weeks_of_supply, compute_year
from channel.desk.service.months import months_before, months_in_order, quantities_in_order, shown_currency
from channel.errors import NotFound, m
from channel.periods import Month, complete_months_before
from channel.receivables.service.dealer import AccountSums, account_sums_of
from channel.sales.queries import coverage as coverage_queries
from channel.sales.queries import months as month_queries
from channel.sales.rules import KINDS, OwedReports
from channel.sales.service.views import chased
from channel.view import View

SHOWN_MONTHS = 2 * YEAR
CHASED_MONTHS = 3
_PACE_MONTHS = 3
_LINES_OF_TRAIL = 12
_REPORTS = 6


@dataclass(frozen=True, slots=True)
class Sales:
    """24 complete months of the three kinds, in `currency`; None in a row is a month without a report.

    The first `before_appointment` months are not missing where they have none, and `unasked` of them stand at the
    beginning with nothing in any row. `stock` is the last counted value of those months with its month, `weeks` how
    long it lasts at the pace of the last three covered months of sell-through, both in quantities.
    """

    months: tuple[Month, ...]
    currency: str
    rows: dict[str, tuple[Decimal | None, ...]]
    sell_in: Year
    sell_through: Year
    stock: Decimal | None
    stock_month: Month | None
    weeks: Decimal | None
    before_appointment: int
    unasked: int


@dataclass(frozen=True, slots=True)
class DealerPage:
    """A dealer as of a day as known at a moment; `facts` is None where nothing was known of it then.

    `limit` is None for who may not see it, and while no limit can be computed because the company has no currency.
    `account` is what stands in his books by currency, None for who may not see it. The sheets (contacts, lines,
    grants) are those of now.
    """

    view: View
    sheets: Sheets
    facts: DealerFacts | None
    sales: Sales
    limit: DealerLimit | None
    account: tuple[AccountSums, ...] | None
    owed: tuple[OwedReports, ...]
    reports: tuple[Record, ...]
    trail: tuple[Record, ...]

    @property
    def past(self) -> bool:
        """Whether the day or the moment was asked for."""
        return self.view.dated or self.view.past

    @property
    def waiting(self) -> list[Told]:
        """The proposals that wait, the biggest change first."""
        return [] if self.limit is None else sorted(self.limit.open, key=_biggest_first)

    @property
    def card(self) -> Record:
        """The dealer's row, as of now."""
        return self.sheets.card


async def dealer_page(person: Person, code: str, view: View) -> DealerPage:
    """Everything about a dealer in the person's scope; NotFound otherwise, whether there is such a dealer or not."""
    require(person, Right.SEE_DEALERS)
    card = await dealer_card(code)
    if card is None:
        raise NotFound(m("The dealer %(code)s is not known.", code=code))
    async with known_as(view) as fixed:
        return await _dealer_page(person, card, fixed)


async def _dealer_page(person: Person, card: Record, view: View) -> DealerPage:
    dealer_id = card["id"]
    months = complete_months_before(view.as_of, SHOWN_MONTHS)
    owing = complete_months_before(view.as_of, CHASED_MONTHS)
    around = await beside(dealer_id)
    facts = (await facts_at([dealer_id], view)).get(dealer_id)
    dated = await facts_history(dealer_id)
    granted = await grants(dealer_id)
    sold = await month_queries.months([dealer_id], list(KINDS), months[0], months[-1], view.moment)
    owed = [await coverage_queries.owed_reports(month, KINDS, dealer_id, view.moment) for month in owing]
    reports = await coverage_queries.reports_of(dealer_id, _REPORTS, view.moment)
    trail = await audit_of_dealer(dealer_id, _LINES_OF_TRAIL)
    policies = await policies_of(view)
    limit = None
    if person.may(Right.SEE_CREDIT) and policies.company is not None:
        history = await history_of(dealer_id, view.moment)
        async with db.system_scope():
            limit = await limit_in_view(Asked.of(card), policies, history)
    account = await account_sums_of(dealer_id, view) if person.may(Right.SEE_RECEIVABLES) else None
    return DealerPage(
        view,
        sheets_of(card, around, dated, granted.items),
        facts,
        _sales(sold, months, (card["currency"], policies.company), facts.appointed_on if facts else None),
        limit,
        account,
        tuple(chased(list(zip(owing, owed, strict=True)), view.as_of)),
        tuple(reports),
        tuple(trail),
    )


def _sales(
    figures: Sequence[month_queries.MonthFigures],
    months: tuple[Month, ...],
    currencies: tuple[str, str | None],
    appointed_on: date | None,
) -> Sales:
    own, company = currencies
    currency = shown_currency(figures, own)
    nothing = [None] * len(months)
    amounts = months_in_order(figures, months, currency)
    rows = {kind: tuple(amounts.get(kind, nothing)) for kind in KINDS}
    quantities = quantities_in_order(figures, months)
    counted = [(n, value) for n, value in enumerate(quantities.get("stock", nothing)) if value is not None]
    at, stocked = counted[-1] if counted else (None, None)
    before = months_before(months, appointed_on)
    known = next(
        (n for n, values in enumerate(zip(*rows.values(), strict=True)) if any(v is not None for v in values)),
        len(months),
    )
    pace = [value for value in quantities.get("sell-through", nothing) if value is not None][-_PACE_MONTHS:]
    return Sales(
        months,
        currency or access.chosen_currency(company),
        rows,
        compute_year(rows["sell-in"], before),
        compute_year(rows["sell-through"], before),
        None if at is None else rows["stock"][at],
        None if at is None else months[at],
        compute_weeks_of_supply(stocked, pace),
        before,
        min(before, known),
    )


def _biggest_first(proposal: Told) -> tuple[Decimal, int]:
    change = proposal["change_amount"]
    return (Decimal("-Infinity") if change is None else -abs(change), -proposal["id"])
