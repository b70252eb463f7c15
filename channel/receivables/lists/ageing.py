"""The lists of ageing: its rows, with a column for each bucket, and the documents behind a cell."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from channel.errors import Message, m
from channel.lists import Column, Kind, List
from channel.receivables.rules.ageing import DEFAULT_BUCKETS

_AMOUNT = partial(Column, kind=Kind.MONEY, currency="currency", exact=True)
_LEAD = (
    Column("group", m("Group"), Kind.CODE, nothing=m("none")),
    Column("name", m("Name")),
    Column("currency", m("Currency"), Kind.CODE),
    Column("dealers", m("Dealers"), Kind.COUNT),
)
_BESIDE = (
    _AMOUNT("open", m("Open items")),
    _AMOUNT("unapplied", m("On account")),
    _AMOUNT("balance", m("Balance")),
    _AMOUNT("disputed", m("Of these disputed"), less=1),
    _AMOUNT("bills", m("Bills not matured")),
)


def bucket_title(name: str) -> Message:
    """How a bucket is called: "not due", "1-30 days", "over 180 days"."""
    if name == "not_due":
        return m("Not due")
    if name.endswith("+"):
        return m("Over %(days)s days", days=int(name[:-1]) - 1)
    return m("%(days)s days", days=name)


def with_buckets(listed: List, names: Sequence[str]) -> List:
    """The list of the rows of an ageing with a column for each of its buckets, before the open items."""
    columns = tuple(_AMOUNT(f"buckets.{each}", bucket_title(each), of=partial(_in_bucket, each)) for each in names)
    place = next(n for n, column in enumerate(listed.columns) if column.name == "open")
    return replace(listed, columns=(*listed.columns[:place], *columns, *listed.columns[place:]))


def _in_bucket(name: str, row: Any) -> object:  # noqa: ANN401 - a row of an ageing, whatever made it
    return row.buckets[name]


AGEING = List(
    "ageing",
    m("Ageing"),
    (*_LEAD, *_BESIDE),
    order="group",
    key="key",
    nothing=m("Nothing is open, on account or in bills."),
)
"""Without its buckets, which are data: `with_buckets` puts them in."""
AGEING_USUAL = with_buckets(AGEING, DEFAULT_BUCKETS.names)

AGED_ITEMS = List(
    "aged-items",
    m("Documents of the ageing"),
    (
        Column(
            "dealer", m("Dealer"), Kind.CODE, link="/dealers/{dealer}/receivables", shown="dealer_name", sub="dealer",
            wraps=True,
        ),
        Column("kind", m("Kind"), Kind.CHOICE, choices={
            "invoice": m("Invoice"), "debit_note": m("Debit note"), "credit_note": m("Credit note"),
            "receipt": m("Receipt"), "bill": m("Bill"), "write_off": m("Write-off"),
        }),
        Column("number", m("Number"), Kind.CODE, link="/receivables/documents/{dealer}/{document}"),
        Column("instalment", m("Instalment"), Kind.COUNT, less=3, nothing=m("none")),
        Column("effective_on", m("Of"), Kind.DAY),
        Column("due_on", m("Due"), Kind.DAY, nothing=m("none")),
        Column("days", m("Days past"), Kind.COUNT, nothing=m("none")),
        Column("currency", m("Currency"), Kind.CODE),
        _AMOUNT("amount", m("Amount"), less=1),
        _AMOUNT("left", m("Left")),
        _AMOUNT("disputed", m("Of this disputed"), less=2, nothing=m("nothing")),
    ),
    order="dealer",
    nothing=m("No document is behind this."),
)  # fmt: skip
