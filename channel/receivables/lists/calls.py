"""The call list of a day as a list."""

from collections.abc import Mapping
from types import MappingProxyType

from channel.errors import Message, m
from channel.lists import Column, Kind, List, several
from channel.receivables.rules.calls import LeftOut

LEFT_OUT_NAMES: Mapping[LeftOut, Message] = MappingProxyType(
    {
        LeftOut.DISPUTED: m("wholly disputed"),
        LeftOut.SMALL: m("below the least amount"),
        LeftOut.YOUNG: m("not overdue long enough"),
        LeftOut.PROMISED: m("promised, and not due yet"),
        LeftOut.CONTACTED: m("spoken with today"),
    }
)

CALLS = List(
    "call-list",
    m("Call list"),
    (
        Column(
            "dealer", m("Dealer"), Kind.CODE, link="/dealers/{dealer}/receivables/call", shown="dealer_name",
            sub="dealer", wraps=True,
        ),
        Column("to_collect", m("To collect"), Kind.MONEY, currency="currency", exact=True),
        Column("overdue", m("Overdue"), Kind.MONEY, currency="currency", exact=True, less=2),
        Column("disputed", m("Of this disputed"), Kind.MONEY, currency="currency", exact=True, page=False, less=4),
        Column("currency", m("Currency"), Kind.CODE),
        Column(
            "days_overdue", m("Days overdue"), Kind.COUNT, plural=several("%(num)s day", "%(num)s days"),
        ),
        Column("broken", m("Promises broken"), Kind.COUNT, less=1),
        Column("last_contact_on", m("Last contact"), Kind.DAY, nothing=m("none"), less=1),
        Column("tried", m("Tried today"), Kind.FLAG, page=False, less=5),
        Column("promised_on", m("Promised for"), Kind.DAY, nothing=m("nothing promised"), page=False, less=2),
        Column("claimed_by", m("Being called by"), nothing=m("nobody"), less=1),
        Column("claimed_at", m("since"), Kind.MOMENT, page=False, less=5),
        Column(
            "left_out", m("Why not called"), Kind.CHOICE, choices=LEFT_OUT_NAMES, nothing=m("to be called"),
            page=False, less=2,
        ),
        Column("urgency", m("Urgency"), Kind.NUMBER, places=0, less=1),
        Column("oldest_due_on", m("Oldest due day"), Kind.DAY, page=False, less=4, nothing=m("none")),
        Column("territory", m("Territory"), Kind.CODE, shown="territory_name", page=False, less=3),
        Column("key", m("Key"), Kind.CODE, page=False, less=6),
    ),
    order="-urgency",
    key="key",
    nothing=m("Nobody is to be called."),
)  # fmt: skip
