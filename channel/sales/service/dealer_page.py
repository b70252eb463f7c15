"""A dealer's sales by month, as the dealer page shows them: sell-in, sell-through and stock beside each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import dropwhile

from channel import clock
from channel.dealers.queries.facts import appointments
from channel.dealers.queries.masters import company_currency
from channel.dealers.rules import is_before_appointment
from channel.periods import Month, Span, months_of
from channel.sales.queries import months as month_queries
from channel.sales.queries.months import MonthFigures
from channel.sales.rules import KINDS, StockDifference
from channel.sales.service.views import stock_checks

SHOWN_MONTHS = 24


@dataclass(frozen=True, slots=True)
class SheetMonth:
    """One month; a value is None where no report speaks for the whole month, which is not zero."""

    month: Month
    values: dict[str, Decimal | None]
    returned: Decimal
    partly: frozenset[str]


@dataclass(frozen=True, slots=True)
class DealerSales:
    """Months in ascending order, in `currency`; `checks` are the latest counts of stock against movements.

    Months before the dealer's appointment of which nothing is known are left out: they are not missing.
    """

    months: Sequence[SheetMonth]
    currency: str | None
    checks: Sequence[StockDifference]

    @property
    def reported(self) -> bool:
        """Whether anything is known at all."""
        return any(value is not None for month in self.months for value in month.values.values())

    def series(self, kind: str) -> list[Decimal | None]:
        """One kind's values by month."""
        return [month.values[kind] for month in self.months]


async def dealer_sales(dealer_id: int, *, shown: int = SHOWN_MONTHS) -> DealerSales:
    """The last months up to the latest that anything is reported of, in the dealer's own currency.

    Where that changed in these months everything is told in the company's currency, in which it can be compared.
    """
    reported = await month_queries.months_with_sales()
    last = reported[1] if reported else Month.of(clock.today()).plus(-1)
    first = last.plus(1 - shown)
    figures = await month_queries.months([dealer_id], KINDS, first, last)
    own = {each.currency for each in figures if each.currency}
    single = len(own) == 1
    currency = own.pop() if single else await company_currency()
    appointed = await appointments([dealer_id], clock.today())
    months = [_month(month, figures, single=single) for month in months_of(Span(first.first, last.end))]
    months = list(dropwhile(lambda each: _nothing_wanted(each, appointed.get(dealer_id)), months))
    return DealerSales(months, currency, (await stock_checks(dealer_id, first, last))[-6:])


def _nothing_wanted(each: SheetMonth, appointed_on: date | None) -> bool:
    known = each.partly or any(value is not None for value in each.values.values())
    return not known and is_before_appointment(each.month, appointed_on)


def _month(month: Month, figures: Sequence[MonthFigures], *, single: bool) -> SheetMonth:
    values: dict[str, Decimal | None] = {}
    partly = set()
    for kind in KINDS:
        here = [each for each in figures if each.month == month and each.kind == kind]
        amounts = [each.amount if single or not each.lines else each.company_amount for each in here]
        known = [amount for amount in amounts if amount is not None]
        values[kind] = sum(known, Decimal(0)) if here and here[0].covered and known else None
        if here and not here[0].covered:
            partly.add(kind)
    back = [
        each.returned_amount if single else each.returned_company_amount
        for each in figures
        if each.month == month and each.kind == "sell-in"
    ]
    return SheetMonth(month, values, sum(back, Decimal(0)), frozenset(partly))
