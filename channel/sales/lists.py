"""The lists of the room `sales`."""

from channel.errors import m
from channel.lists import Column, Kind, List, several
from channel.sales.rules import KIND_NAMES

MONTHS = List(
    "sales-months",
    m("Sales by month"),
    (
        Column("dealer", m("Dealer"), Kind.CODE, sort=False),
        Column("name", m("Name"), less=4, sort=False),
        Column("kind", m("Report"), Kind.CHOICE, choices=KIND_NAMES, sort=False),
        Column("month", m("Month"), Kind.MONTH, sort=False),
        Column("covered", m("Covered"), Kind.FLAG, sort=False),
        Column("before_appointment", m("Before the appointment"), Kind.FLAG, less=1, sort=False),
        Column("quantity", m("Quantity"), Kind.NUMBER, less=2, sort=False),
        Column("amount", m("Amount"), Kind.MONEY, currency="currency", sort=False),
        Column("currency", m("Currency"), Kind.CODE, sort=False),
        Column("company_amount", m("Company currency"), Kind.MONEY, less=1, sort=False),
        Column("returned_amount", m("Of it returns"), Kind.MONEY, currency="currency", less=3, sort=False),
        Column("lines", m("Lines"), Kind.COUNT, less=4, sort=False),
    ),
    order="dealer",
    key="dealer",
)
"""Its pages hold whole dealers, in the order of their codes, and a page of the service shows it as a matrix of dealers
and months: it is a list of files and programs.
"""

LINES = List(
    "sales-lines",
    m("Lines"),
    (
        Column("on_date", m("Date"), Kind.DAY),
        Column("product_code", m("Product"), Kind.CODE, shown="product_name", sub="product_code"),
        Column("product_name", m("Name"), less=4, page=False),
        Column("line_code", m("Product line"), Kind.CODE, less=4, page=False),
        Column("kind", m("Report"), Kind.CHOICE, choices=KIND_NAMES, page=False),
        Column("document", m("Document"), Kind.CODE, sub="line_number", less=1),
        Column("line_number", m("Line"), Kind.CODE, less=4),
        Column("quantity", m("Quantity"), Kind.NUMBER),
        Column("amount", m("Amount"), Kind.MONEY, currency="currency", nothing=m("not known")),
        Column("currency", m("Currency"), Kind.CODE),
        Column("rate", m("Rate"), Kind.NUMBER, less=3),
        Column("company_amount", m("Company currency"), Kind.MONEY, nothing=m("not known"), places=2, less=2),
        Column("second_tier", m("Second-tier customer"), Kind.CODE, less=4, page=False),
        Column("file_name", m("From"), less=4),
    ),
    order="on_date",
    nothing=m("There are no lines in these months."),
)

COVERED = List(
    "sales-coverage",
    m("Which days are covered"),
    (
        Column("dealer", m("Dealer"), Kind.CODE, sort=False),
        Column("name", m("Name"), less=1, sort=False),
        Column("kind", m("Report"), Kind.CHOICE, choices=KIND_NAMES, sort=False),
        Column("days", m("Days"), sort=False),
    ),
    order="dealer",
    key="dealer",
)

TOTALS = List(
    "sales-totals",
    m("All dealers by month"),
    (
        Column("kind", m("Report"), Kind.CHOICE, choices=KIND_NAMES),
        Column("month", m("Month"), Kind.MONTH),
        Column("quantity", m("Quantity"), Kind.NUMBER),
        Column("company_amount", m("Company currency"), Kind.MONEY),
        Column("returned_company_amount", m("Of it returns"), Kind.MONEY, less=1),
        Column("dealers", m("Dealers"), Kind.COUNT),
        Column("lines", m("Lines"), Kind.COUNT, less=2),
    ),
    order="kind",
    key="key",
    nothing=m("Nothing is reported of these months."),
)

REPORTS = List(
    "sales-reports",
    m("Reports loaded"),
    (
        Column("id", m("Number"), Kind.COUNT, page=False),
        Column("file_name", m("File"), less=1),
        Column("kind", m("Report"), Kind.CHOICE, choices=KIND_NAMES),
        Column("covers_from", m("Covers from"), Kind.DAY),
        Column("covers_last", m("Covers to"), Kind.DAY),
        Column("dealers", m("Dealers"), Kind.COUNT, sort=False),
        Column("lines", m("Lines"), Kind.COUNT, sort=False),
        Column("superseded", m("Lines superseded"), Kind.COUNT, sort=False, less=3),
        Column("load_id", m("Load"), Kind.COUNT, page=False, less=3),
        Column("actor", m("By"), less=2),
        Column("recorded_at", m("Recorded"), Kind.MOMENT, less=1),
    ),
    order="-id",
    nothing=m("No report is loaded yet."),
)

STOCK = List(
    "stock-checks",
    m("Counted stock against movements"),
    (
        Column("line_code", m("Product line"), Kind.CODE, shown="line_name", sub="line_code"),
        Column("line_name", m("Name"), less=3, page=False),
        Column("opened_on", m("Counted before on"), Kind.DAY, less=1, page=False),
        Column("closed_on", m("Counted on"), Kind.DAY),
        Column("opening", m("Opening"), Kind.NUMBER),
        Column("sell_in", m("Sell-in"), Kind.NUMBER),
        Column("sell_through", m("Sell-through"), Kind.NUMBER),
        Column("expected", m("Expected"), Kind.NUMBER, nothing=m("not known")),
        Column("closing", m("Counted"), Kind.NUMBER),
        Column("difference", m("Difference"), Kind.NUMBER, nothing=m("reports are missing")),
    ),
    order="closed_on",
    key="key",
    nothing=m("No two counts in these months."),
)

OWED = List(
    "reports-owed",
    m("Reports owed"),
    (
        Column("dealer", m("Dealer"), Kind.CODE),
        Column("name", m("Name"), link="/dealers/{dealer}", sub="dealer", less=1),
        Column("kind", m("Report"), Kind.CHOICE, choices=KIND_NAMES),
        Column("months", m("Months"), Kind.MONTH),
        Column("begun", m("In part"), Kind.FLAG, less=2),
        Column("due_on", m("Was due on"), Kind.DAY, less=1),
        Column("days_late", m("Days late"), Kind.COUNT, plural=several("%(num)s day", "%(num)s days")),
    ),
    order="-days_late",
    key="key",
    nothing=m("Every report that is due is in."),
)
