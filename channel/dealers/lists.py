"""The lists of the room `dealers`."""

from channel.dealers.rules import DEALER_TYPE_NAMES, FACT_NAMES, SECOND_TIER_NAMES, STATUS_NAMES
from channel.dealers.rules.observed import BLOCK_NAMES
from channel.errors import m
from channel.lists import Column, Kind, List, value_of

DEALERS = List(
    "dealers",
    m("Dealers"),
    (
        Column("code", m("Code"), Kind.CODE, page=False),
        Column("name", m("Dealer")),
        Column("type", m("Type"), Kind.CHOICE, choices=DEALER_TYPE_NAMES),
        Column("territory", m("Territory"), path="territory_path", of=lambda row: value_of(row, "territory_path")),
        Column("grade", m("Grade"), Kind.CODE),
        Column("status", m("Status"), Kind.CHOICE, choices=STATUS_NAMES),
        Column("responsible", m("Responsible"), Kind.CODE, shown="responsible_name", nothing=m("nobody"), less=1),
        Column("currency", m("Currency"), Kind.CODE, page=False, less=3),
        Column("terms_days", m("Payment terms in days"), Kind.COUNT, less=2),
        Column("mismatch", m("Line meant for other type"), Kind.FLAG, sort=False, page=False, less=1),
    ),
    order="name",
    nothing=m("No dealers match."),
)
"""Who they are; the room `desk` adds what they come to."""

GRANTS = List(
    "exclusivity",
    m("Exclusivity"),
    (
        Column("id", m("Number"), Kind.COUNT, page=False, less=1),
        Column(
            "dealer", m("Dealer"), Kind.CODE, link="/dealers/{dealer}#exclusivity", shown="dealer_name", sub="dealer"
        ),
        Column("line", m("Product line"), Kind.CODE, shown="line_name", wraps=True),
        Column("territory", m("Territory"), Kind.CODE, shown="territory_name", nothing=m("outside your territories")),
        Column("from_on", m("From"), Kind.DAY),
        Column("to_on", m("Until before"), Kind.DAY, nothing=m("without an end")),
        Column("reason", m("Reason"), less=2, wraps=True),
        Column("recorded_at", m("Recorded"), Kind.MOMENT, sub="actor", less=4),
        Column("actor", m("By"), less=3),
    ),
    order="line",
    nothing=m("There is no exclusivity."),
)

LINES = List(
    "product-lines",
    m("Product lines"),
    (
        Column("code", m("Code"), Kind.CODE),
        Column("name", m("Product line"), link="/products?line={code}", sub="code"),
        Column("wanted_type", m("Meant for"), Kind.CHOICE, choices=DEALER_TYPE_NAMES, nothing=m("either type")),
        Column("products", m("Products"), Kind.COUNT),
        Column("dealers", m("Dealers"), Kind.COUNT, link="/dealers?line={code}"),
    ),
    order="code",
    key="code",
    nothing=m("There is no product line yet."),
)
PRODUCTS = List(
    "products",
    m("Products"),
    (
        Column("code", m("Code"), Kind.CODE),
        Column("name", m("Product"), sub="code"),
        Column("line", m("Product line"), Kind.CODE, shown="line_name"),
        Column("unit", m("Unit")),
    ),
    order="code",
    key="code",
    nothing=m("No products match."),
)
RATES = List(
    "rates",
    m("Exchange rates"),
    (
        Column("on", m("Day"), Kind.DAY),
        Column("currency", m("Currency"), Kind.CODE),
        Column("rate", m("Rate"), Kind.NUMBER, places=6),
        Column("recorded_at", m("Recorded"), Kind.MOMENT, less=1),
        Column("actor", m("By")),
    ),
    order="-on",
    key="-key",
    nothing=m("No rate is recorded. Sales in other currencies wait for one: record it, or bring a file."),
)
TERRITORIES = List(
    "territories",
    m("Territories"),
    (
        Column("code", m("Code"), Kind.CODE),
        Column("name", m("Territory"), sub="code"),
        Column("level", m("Level")),
        Column("parent", m("Under"), Kind.CODE, page=False),
        Column("path", m("Place"), less=4, page=False),
        Column("depth", m("Depth"), Kind.COUNT, less=5, page=False),
    ),
    order="path",
    key="code",
    nothing=m("There is no territory yet."),
)

FACTS = List(
    "facts",
    m("History of facts"),
    (
        Column("effective_on", m("Holds from"), Kind.DAY),
        Column("fact", m("Fact"), Kind.CHOICE, choices=FACT_NAMES),
        Column("value", m("Value"), nothing=m("none")),
        Column("reason", m("Reason"), less=1, wraps=True),
        Column("recorded_at", m("Recorded"), Kind.MOMENT, less=2),
        Column("actor", m("By")),
        Column("counts", m("Counts"), Kind.FLAG, page=False),
    ),
    order="-effective_on",
    key="-id",
)
CARRIED = List(
    "carried",
    m("Product lines carried"),
    (
        Column("code", m("Code"), Kind.CODE),
        Column("name", m("Product line"), sub="code"),
        Column("wanted_type", m("Meant for"), Kind.CHOICE, choices=DEALER_TYPE_NAMES, nothing=m("either type")),
        Column("mismatch", m("Mismatch")),
    ),
    order="code",
    key="code",
    nothing=m("No product line is recorded for this dealer."),
)
CONTACTS = List(
    "contacts",
    m("Contacts"),
    (
        Column("id", m("Number"), Kind.COUNT, page=False),
        Column("name", m("Name")),
        Column("role", m("Role")),
        Column("phone", m("Phone"), Kind.CODE),
        Column("email", m("E-mail"), Kind.CODE),
    ),
    order="name",
    nothing=m("Nobody at this dealer is recorded."),
)
CUSTOMERS = List(
    "customers",
    m("Second-tier customers"),
    (
        Column("code", m("Code"), Kind.CODE),
        Column("name", m("Name"), sub="code"),
        Column("kind", m("Kind"), Kind.CHOICE, choices=SECOND_TIER_NAMES),
    ),
    order="code",
    key="code",
    nothing=m("No second-tier customer is recorded."),
)
_OBSERVED = (
    Column("value", m("Value"), shown="said", nothing=m("not known yet"), sort=False, wraps=True),
    Column("unit", m("Unit"), sort=False, less=3, wraps=True),
    Column("observed_on", m("Found out on"), Kind.DAY, less=1),
    Column("source", m("Source"), less=2, wraps=True),
    Column("recorded_at", m("Recorded"), Kind.MOMENT, less=4, page=False),
    Column("actor", m("By"), less=4, page=False),
)
OBSERVED = List(
    "observed",
    m("Observed facts"),
    (
        Column("block", m("Part"), Kind.CHOICE, choices=BLOCK_NAMES, less=2, wraps=True),
        Column("fact", m("Fact"), Kind.CODE, shown="name", wraps=True),
        *_OBSERVED,
        Column("needed", m("Needed"), Kind.FLAG, less=2),
        Column("stale", m("Stale"), Kind.FLAG, less=1),
    ),
    order="block",
    key="fact",
)
OBSERVED_HISTORY = List(
    "observed-history",
    m("History of observed facts"),
    (Column("fact", m("Fact"), Kind.CODE, shown="name", wraps=True), *_OBSERVED),
    order="-observed_on",
    key="-id",
    nothing=m("Nothing was found out about this dealer yet."),
)
