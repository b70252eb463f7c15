"""The list of dealers with figures of other rooms; its page draws its own cells."""

from typing import Any

from channel.dealers.rules import DEALER_TYPE_NAMES, STATUS_NAMES
from channel.errors import m
from channel.lists import Column, Kind, List


def _of(name: str) -> Any:  # noqa: ANN401 - reads a field of the dealer's own row
    return lambda listed: listed.row[name]


DEALERS = List(
    "dealers",
    m("Dealers"),
    (
        Column("code", m("Code"), Kind.CODE, of=_of("code"), page=False),
        Column("name", m("Dealer"), of=_of("name")),
        Column("type", m("Type"), Kind.CHOICE, choices=DEALER_TYPE_NAMES, of=_of("type")),
        Column("territory", m("Territory"), of=_of("territory_path")),
        Column("grade", m("Grade"), Kind.CODE, of=_of("grade")),
        Column("status", m("Status"), Kind.CHOICE, choices=STATUS_NAMES, of=_of("status")),
        Column("currency", m("Currency"), Kind.CODE, of=_of("currency"), page=False),
        Column("terms_days", m("Payment terms in days"), Kind.COUNT, of=_of("terms_days")),
        Column("sell_in", m("Sell-in of 12 months, %(currency)s"), Kind.MONEY, of=lambda each: each.year.total),
        Column("missing", m("Months without a report"), Kind.COUNT, of=lambda each: each.year.missing, page=False),
        Column(
            "change_rate",
            m("Change on the year before, percent"),
            Kind.PERCENT,
            of=lambda each: each.year.change_rate,
            page=False,
        ),
        Column("limit", m("Limit in force"), Kind.MONEY, currency="limit_currency", of=lambda each: each.limit.total),
        Column("limit_currency", m("Currency of the limit"), Kind.CODE),
        Column(
            "limit_until",
            m("Limit holds until before"),
            Kind.DAY,
            of=lambda each: None if each.limit.total is None else each.limit.until,
            page=False,
        ),
    ),
    order="name",
    nothing=m("No dealers match."),
)
