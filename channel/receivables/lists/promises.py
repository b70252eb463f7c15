"""The list of promises to pay: each instalment is a row of it."""

from collections.abc import Mapping
from types import MappingProxyType

from channel.errors import Message, m
from channel.lists import Column, Kind, List
from channel.receivables.rules.promises import PromiseState

PROMISE_STATES: Mapping[str, Message] = MappingProxyType(
    {
        PromiseState.OPEN: m("outstanding"),
        PromiseState.KEPT: m("kept"),
        PromiseState.BROKEN: m("broken"),
        PromiseState.CANCELLED: m("cancelled"),
    }
)
STATE_COLOURS: Mapping[str, str] = MappingProxyType({PromiseState.KEPT: "good", PromiseState.BROKEN: "bad"})

PROMISES = List(
    "promises",
    m("Promises to pay"),
    (
        Column("due_on", m("Promised for"), Kind.DAY, link="/receivables/promises/{id}"),
        Column(
            "dealer", m("Dealer"), Kind.CODE, link="/dealers/{dealer}/receivables#promises", shown="name",
            sub="dealer", wraps=True,
        ),
        Column("amount", m("Amount promised"), Kind.MONEY, currency="currency", exact=True),
        Column("currency", m("Currency"), Kind.CODE),
        Column("promised", m("Promised up to then"), Kind.MONEY, currency="currency", exact=True, page=False, less=4),
        Column("came", m("Came for it"), Kind.MONEY, currency="currency", exact=True, sort=False),
        Column(
            "came_up_to", m("Came up to then"), Kind.MONEY, currency="currency", exact=True, page=False, less=4,
            sort=False,
        ),
        Column("state", m("State"), Kind.CHOICE, choices=PROMISE_STATES, colours=STATE_COLOURS),
        Column(
            "today", m("By the books of today"), Kind.CHOICE, choices=PROMISE_STATES, colours=STATE_COLOURS,
            nothing=m("the same"), less=2, sort=False,
        ),
        Column("last_on", m("Last day of grace"), Kind.DAY, page=False, less=3),
        Column("judged_on", m("Judged on"), Kind.DAY, less=3, nothing=m("not yet")),
        Column("promised_by", m("Who promised"), wraps=True, sub="given_on", less=1),
        Column("given_on", m("Given on"), Kind.DAY),
        Column("grace_days", m("Days of grace"), Kind.COUNT, page=False, less=5),
        Column("share", m("Share that keeps it"), Kind.PERCENT, page=False, less=5),
        Column("remark", m("Text"), page=False, wraps=True, less=5),
        Column("id", m("No."), Kind.SERIAL, page=False, less=4),
        Column("place", m("Instalment"), Kind.COUNT, page=False, less=4),
    ),
    order="due_on",
    key="line",
    nothing=m("There is no such promise."),
)  # fmt: skip
