"""The lists of documents and of what is open."""

from channel.dealers.rules import DEALER_TYPE_NAMES
from channel.errors import m
from channel.lists import Column, Kind, List, several
from channel.receivables.rules.choices import KIND_NAMES

_PAGE = "/receivables/documents/{dealer}/{id}"

DOCUMENTS = List(
    "documents",
    m("Documents"),
    (
        Column("effective_on", m("Day"), Kind.DAY),
        Column("number", m("Number"), Kind.CODE, link=_PAGE, sub="remark"),
        Column("kind", m("Kind"), Kind.CHOICE, choices=KIND_NAMES, less=1),
        Column(
            "dealer", m("Dealer"), Kind.CODE, link="/dealers/{dealer}/receivables", shown="name", sub="dealer",
            wraps=True,
        ),
        Column("amount", m("Amount"), Kind.MONEY, currency="currency", exact=True),
        Column("currency", m("Currency"), Kind.CODE),
        Column("open", m("Open or on account"), Kind.MONEY, currency="currency", exact=True),
        Column("due_on", m("Due on"), Kind.DAY, less=1),
        Column("tax", m("Tax"), Kind.MONEY, currency="currency", exact=True, nothing=m("not told"), page=False, less=3),
        Column("remark", m("Text"), less=3),
        Column(
            "live", m("State"), Kind.FLAG, choices={True: m("posted"), False: m("reversed")}, colours={False: "warn"},
            less=2,
        ),
        Column("recorded_at", m("Recorded"), Kind.MOMENT, sub="actor", less=4),
        Column("actor", m("By"), less=4),
        Column("id", m("No. in the ledger"), Kind.SERIAL, page=False, less=5),
    ),
    order="-effective_on",
    key="-id",
    nothing=m("There is no such document."),
)  # fmt: skip

ITEMS = List(
    "open-items",
    m("Open items"),
    (
        Column("due_on", m("Due on"), Kind.DAY),
        Column(
            "days_overdue", m("Overdue"), Kind.COUNT, nothing=m("not due"),
            plural=several("%(num)s day", "%(num)s days"),
        ),
        Column("number", m("Document"), Kind.CODE, link="/receivables/documents/{dealer}/{document_id}"),
        Column("instalment", m("Instalment"), Kind.COUNT, page=False, less=4),
        Column("kind", m("Kind"), Kind.CHOICE, choices=KIND_NAMES, less=3),
        Column(
            "dealer", m("Dealer"), Kind.CODE, link="/dealers/{dealer}/receivables", shown="name", sub="dealer",
            wraps=True,
        ),
        Column("territory", m("Territory"), Kind.CODE, shown="territory_name", page=False, less=3),
        Column("type", m("Type of dealer"), Kind.CHOICE, choices=DEALER_TYPE_NAMES, page=False, less=4),
        Column("effective_on", m("Day"), Kind.DAY, less=2),
        Column("amount", m("Amount"), Kind.MONEY, currency="currency", exact=True, less=1),
        Column("open", m("Still open"), Kind.MONEY, currency="currency", exact=True),
        Column("disputed", m("Of this disputed"), Kind.MONEY, currency="currency", exact=True, less=2),
        Column("currency", m("Currency"), Kind.CODE),
        Column("document_id", m("No. in the ledger"), Kind.SERIAL, page=False, less=5),
    ),
    order="due_on",
    key="place",
    nothing=m("Nothing is open."),
)  # fmt: skip
