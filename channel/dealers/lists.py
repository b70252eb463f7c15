"""The lists of the room `dealers`."""

from channel.errors import m
from channel.lists import Column, Kind, List

GRANTS = List(
    "exclusivity",
    m("Exclusivity"),
    (
        Column("id", m("Number"), Kind.COUNT, page=False, less=1),
        Column(
            "dealer", m("Dealer"), Kind.CODE, link="/dealers/{dealer}#exclusivity", shown="dealer_name", sub="dealer"
        ),
        Column("line", m("Product line"), Kind.CODE, shown="line_name"),
        Column("territory", m("Territory"), Kind.CODE, shown="territory_name", nothing=m("outside your territories")),
        Column("from_on", m("From"), Kind.DAY),
        Column("to_on", m("Until before"), Kind.DAY, nothing=m("without an end")),
        Column("reason", m("Reason"), less=2),
        Column("recorded_at", m("Recorded"), Kind.MOMENT, less=4),
        Column("actor", m("By"), less=3),
    ),
    order="line",
    nothing=m("There is no exclusivity."),
)
