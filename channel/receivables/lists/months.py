"""The list of months that were closed."""

from channel.errors import m
from channel.lists import Column, Kind, List

MONTHS = List(
    "closed-months",
    m("Closed months"),
    (
        Column("month", m("Month"), Kind.MONTH),
        Column(
            "closed",
            m("State"),
            Kind.FLAG,
            choices={True: m("closed"), False: m("opened again")},
            colours={True: "warn", False: ""},
        ),
        Column("reason", m("Reason"), wraps=True, less=1),
        Column("recorded_at", m("Recorded"), Kind.MOMENT, sub="actor"),
        Column("actor", m("By")),
    ),
    order="-month",
    nothing=m("No month was ever closed."),
)
