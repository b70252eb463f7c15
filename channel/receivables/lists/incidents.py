"""The list of credit incidents."""

from collections.abc import Mapping
from types import MappingProxyType

from channel.errors import Message, m
from channel.lists import Column, Kind, List
from channel.receivables.rules.incidents import IncidentKind

INCIDENT_NAMES: Mapping[str, Message] = MappingProxyType(
    {
        IncidentKind.BROKEN_PROMISE: m("Promise broken"),
        IncidentKind.WRITE_OFF: m("Write-off"),
        IncidentKind.DISHONOURED_BILL: m("Bill dishonoured"),
        IncidentKind.HOLD: m("Dealer put on hold"),
    }
)

INCIDENTS = List(
    "credit-incidents",
    m("Credit incidents"),
    (
        Column("incident_on", m("Day"), Kind.DAY),
        Column(
            "dealer", m("Dealer"), Kind.CODE, link="/dealers/{dealer}/receivables#incidents", shown="name",
            sub="dealer", wraps=True,
        ),
        Column("kind", m("What it was"), Kind.CHOICE, choices=INCIDENT_NAMES),
        Column("about", m("Promise or document"), Kind.CODE, less=1),
        Column("amount", m("Amount"), Kind.MONEY, currency="currency", exact=True),
        Column("currency", m("Currency"), Kind.CODE),
        Column("reversed", m("Reversed since"), Kind.FLAG, less=2),
        Column("recorded_at", m("Recorded"), Kind.MOMENT, sub="actor", less=3),
        Column("actor", m("By"), less=4),
        Column("id", m("No."), Kind.SERIAL, page=False, less=5),
    ),
    order="-incident_on",
    key="-id",
    nothing=m("There is no credit incident."),
)  # fmt: skip
