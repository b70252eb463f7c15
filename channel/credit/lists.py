"""The lists of the room `credit`."""

from channel.errors import m
from channel.lists import Column, Kind, List

IN_FORCE = List(
    "limits-in-force",
    m("Limits in force"),
    (
        Column("dealer", m("Dealer code"), Kind.CODE),
        Column("name", m("Name"), link="/credit/dealers/{dealer}", sub="dealer", less=1),
        Column("amount", m("Limit"), Kind.MONEY, currency="currency"),
        Column("currency", m("Currency"), Kind.CODE),
        Column("from_on", m("From"), Kind.DAY, less=1),
        Column("to_on", m("Until before"), Kind.DAY, nothing=m("without an end")),
        Column("company_amount", m("In company currency"), Kind.MONEY, less=3, page=False),
    ),
    order="dealer",
    key="dealer",
    nothing=m("No limit is in force on this day."),
)
