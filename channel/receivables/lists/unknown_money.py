"""The list of money whose payer is not known."""

from collections.abc import Mapping
from types import MappingProxyType

from channel.errors import Message, m
from channel.lists import Column, Kind, List

STATES: Mapping[str, Message] = MappingProxyType(
    {
        "unknown": m("not identified"),
        "assigned": m("assigned"),
        "taken_back": m("assignment taken back"),
        "returned": m("sent back"),
    }
)

UNKNOWN_MONEY = List(
    "unknown-money",
    m("Money not identified"),
    (
        Column("number", m("Bank's number"), Kind.CODE, link="/receivables/unknown/{id}"),
        Column("id", m("No."), Kind.SERIAL, less=2, page=False),
        Column("booked_on", m("Bank's day"), Kind.DAY),
        Column("amount", m("Amount"), Kind.MONEY, currency="currency", exact=True),
        Column("currency", m("Currency"), Kind.CODE),
        Column("remark", m("Text of the bank line"), wraps=True, less=1),
        Column("payer_account", m("Account it came from"), Kind.CODE, less=2, nothing=m("not told")),
        Column("state", m("State"), Kind.CHOICE, choices=STATES, colours={"unknown": "warn", "assigned": "good"}),
        Column(
            "dealer", m("Dealer"), Kind.CODE, link="/dealers/{dealer}/receivables", shown="dealer_name", sub="dealer",
            less=1, nothing=m("none"), wraps=True,
        ),
    ),
    order="-booked_on",
    nothing=m("No money waits to be identified."),
)  # fmt: skip
