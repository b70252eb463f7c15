"""Every kind with its fields."""

from channel.errors import m
from channel.imports.rules.fields_figures import RATES, STATEMENTS
from channel.imports.rules.fields_masters import DEALERS, PRODUCTS, TERRITORIES
from channel.imports.rules.fields_sales import (
    AMOUNT,
    COST,
    CURRENCY,
    DATE,
    DEALER,
    DOCUMENT,
    LINE,
    NEW,
    PRODUCT,
    QUANTITY,
    SECOND_TIER,
    STOCKED,
    UNIT_PRICE,
)
from channel.imports.rules.kinds import Kind, KindSpec

SPECS: dict[Kind, KindSpec] = {
    spec.kind: spec
    for spec in (
        KindSpec(
            Kind.SELL_IN,
            m("Sell-in"),
            (DEALER, DATE, PRODUCT, QUANTITY, AMOUNT, UNIT_PRICE, CURRENCY, COST, DOCUMENT, LINE, *NEW),
        ),
        KindSpec(
            Kind.SELL_THROUGH,
            m("Sell-through"),
            (DEALER, DATE, PRODUCT, QUANTITY, AMOUNT, UNIT_PRICE, CURRENCY, SECOND_TIER, COST, DOCUMENT, LINE, *NEW),
        ),
        KindSpec(Kind.STOCK, m("Stock"), (DEALER, DATE, PRODUCT, *STOCKED, UNIT_PRICE, CURRENCY, *NEW)),
        KindSpec(Kind.DEALERS, m("Dealers"), DEALERS, ("code",)),
        KindSpec(Kind.PRODUCTS, m("Products"), PRODUCTS, ("code",)),
        KindSpec(Kind.TERRITORIES, m("Territories"), TERRITORIES),
        KindSpec(Kind.STATEMENTS, m("Statements"), STATEMENTS, ("dealer", "period_end", "period_months")),
        KindSpec(Kind.RATES, m("Exchange rates"), RATES, ("currency", "date")),
    )
}
"""The specification of each kind."""
