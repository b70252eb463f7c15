"""The lists of the room `sales`."""

from channel.errors import m
from channel.lists import Column, Kind, List, several
from channel.sales.rules import KIND_NAMES

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
