"""The figures of receivables as a list: a row for each currency and month, and one for all of them."""

from collections.abc import Mapping
from types import MappingProxyType

from channel.errors import Message, m
from channel.lists import Column, Kind, List
from channel.receivables.rules.figures import Variant

FIGURE_NAMES: Mapping[Variant, Message] = MappingProxyType(
    {
        Variant.DSO_SIMPLE: m("DSO, 90 days"),
        Variant.DSO_COUNT_BACK: m("DSO, count-back"),
        Variant.DSO_BEST_POSSIBLE: m("Best possible DSO"),
        Variant.AVERAGE_DAYS_DELINQUENT: m("Average days delinquent"),
        Variant.CEI_FULL_PERIOD: m("CEI, full month"),
        Variant.DAYS_BEYOND_TERMS: m("Days beyond terms"),
        Variant.DAYS_BEYOND_TERMS_WEIGHTED: m("Days beyond terms, by amount"),
        Variant.DAYS_LATE: m("Days late"),
        Variant.DAYS_LATE_WEIGHTED: m("Days late, by amount"),
        Variant.PAID_ON_TIME: m("Paid on time"),
        Variant.PAID_ON_TIME_WEIGHTED: m("Paid on time, by amount"),
        Variant.PAYDEX_LIKE: m("PAYDEX-like index"),
        Variant.LONGEST_DELAY: m("Longest delay"),
    }
)
FIGURE_HINTS: Mapping[Variant, Message] = MappingProxyType(
    {
        Variant.DSO_SIMPLE: m("Balance / invoices and debit notes less credit notes of the 90 days x 90."),
        Variant.DSO_COUNT_BACK: m("How many days of the newest sales the balance is."),
        Variant.DSO_BEST_POSSIBLE: m("What is not due / the same sales x 90."),
        Variant.AVERAGE_DAYS_DELINQUENT: m("DSO less best possible DSO; not the mean days late of items."),
        Variant.CEI_FULL_PERIOD: m("(Open before + sales - open after) / (open before + sales - not due after) x 100."),
        Variant.DAYS_BEYOND_TERMS: m("Of items settled in the month: days from due day to money; early is below 0."),
        Variant.DAYS_LATE: m("The same, with early ones as 0."),
        Variant.PAID_ON_TIME: m("The share of these items that was paid by the due day."),
        Variant.PAYDEX_LIKE: m("80 is on terms, 100 is 30 days early, 50 is 30 days late; weighted by amount."),
    }
)
_SHARES = frozenset({Variant.PAID_ON_TIME, Variant.PAID_ON_TIME_WEIGHTED})
_SPARED = {
    Variant.DSO_BEST_POSSIBLE: 2,
    Variant.AVERAGE_DAYS_DELINQUENT: 2,
    Variant.DAYS_BEYOND_TERMS: 2,
    Variant.DAYS_BEYOND_TERMS_WEIGHTED: 2,
    Variant.DAYS_LATE_WEIGHTED: 2,
    Variant.PAID_ON_TIME_WEIGHTED: 2,
    Variant.LONGEST_DELAY: 1,
}


def _column(variant: Variant) -> Column:
    kind = Kind.PERCENT if variant in _SHARES else Kind.NUMBER
    places = 0 if variant is Variant.LONGEST_DELAY else 1
    return Column(
        variant.value, FIGURE_NAMES[variant], kind, places=places, nothing=m("no figure"), less=_SPARED.get(variant, 0)
    )


FIGURES = List(
    "receivables-figures",
    m("Figures of receivables"),
    (
        Column("key", m("Row"), Kind.CODE, page=False, less=3),
        Column("month", m("Month"), Kind.MONTH, nothing=m("these months together")),
        Column("currency", m("Currency"), Kind.CODE),
        Column("as_of", m("As of"), Kind.DAY, less=3, page=False),
        *(_column(variant) for variant in Variant),
    ),
    order="key",
    key="key",
    nothing=m("Nothing was posted yet."),
)
