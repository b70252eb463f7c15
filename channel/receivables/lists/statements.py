"""The list of statements of account that were given."""

from channel.errors import m
from channel.lists import Column, Kind, List

STATEMENTS = List(
    "statements-of-account",
    m("Statements of account"),
    (
        Column("number", m("Number"), Kind.SERIAL, link="/receivables/statements/{number}"),
        Column(
            "dealer",
            m("Dealer"),
            Kind.CODE,
            link="/dealers/{dealer}/receivables",
            shown="dealer_name",
            sub="dealer",
            wraps=True,
        ),
        Column("from_on", m("From"), Kind.DAY, less=2, page=False),
        Column("as_of", m("As of"), Kind.DAY),
        Column("opening", m("Opening balance"), Kind.MONEY, currency="currency", exact=True, less=1),
        Column("closing", m("Closing balance"), Kind.MONEY, currency="currency", exact=True),
        Column("currency", m("Currency"), Kind.CODE),
        Column("run", m("Run"), Kind.SERIAL, less=3, nothing=m("alone"), page=False),
        Column("given_at", m("Given"), Kind.MOMENT, sub="given_by", less=1),
        Column("given_by", m("By")),
        Column("checksum", m("Checksum"), page=False),
    ),
    order="-number",
    key="number",
    nothing=m("No statement of account was given yet."),
)
