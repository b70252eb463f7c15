"""The list of disputes."""

from channel.errors import m
from channel.lists import Column, Kind, List, several
from channel.receivables.rules.disputes import REASON_NAMES, STATE_NAMES, DisputeState

DISPUTES = List(
    "disputes",
    m("Disputes"),
    (
        Column("due_on", m("To be answered by"), Kind.DAY),
        Column(
            "days_late", m("Late"), Kind.COUNT, nothing=m("not late"), plural=several("%(num)s day", "%(num)s days")
        ),
        Column("id", m("No."), Kind.SERIAL, link="/receivables/disputes/{id}"),
        Column(
            "dealer", m("Dealer"), Kind.CODE, link="/dealers/{dealer}/receivables", shown="dealer_name", sub="dealer",
            wraps=True,
        ),
        Column("number", m("Document"), Kind.CODE, link="/receivables/documents/{dealer}/{document_id}"),
        Column("reason_code", m("Why it is disputed"), Kind.CHOICE, choices=REASON_NAMES, wraps=True, less=1),
        Column("amount", m("Amount disputed"), Kind.MONEY, currency="currency", exact=True),
        Column("open", m("Open of the document"), Kind.MONEY, currency="currency", exact=True, less=2),
        Column("currency", m("Currency"), Kind.CODE),
        Column("owner", m("Owner"), shown="owner_name", less=1),
        Column("state", m("State"), Kind.CHOICE, choices=STATE_NAMES, colours={DisputeState.OPEN: "warn"}),
        Column("opened_on", m("Disputed from"), Kind.DAY, page=False, less=3),
        Column("ended_on", m("Ended on"), Kind.DAY, page=False, less=3, nothing=m("not ended")),
        Column("document_id", m("No. in the ledger"), Kind.SERIAL, page=False, less=5),
    ),
    order="due_on",
    nothing=m("There is no such dispute."),
)  # fmt: skip
