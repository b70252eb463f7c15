"""`channel receivables account`: what a dealer owes and paid, as of a day as known at a moment."""

from datetime import date

import click

from channel.cli.terminal.arguments import AS_OF, KNOWN_AT, day
from channel.cli.terminal.client import Api, connected, part
from channel.cli.terminal.output import Part, Show, columns_of, formatted, inform
from channel.cli.terminal.text_tables import ItemColumn
from channel.errors import m
from channel.lists import Column, Kind
from channel.receivables.lists.ageing import AGEING, with_buckets
from channel.receivables.rules.ageing import DEFAULT_BUCKETS


def _money(name: str, title: str) -> ItemColumn:
    return ItemColumn(name, title, True, declared=Column(name, m(title), Kind.MONEY, currency="currency", exact=True))


_AMOUNTS = (ItemColumn("currency", "Currency"), _money("amount", "Amount"))
_DOCUMENT = (ItemColumn("kind", "Kind", less=1), ItemColumn("number", "Document"))
_SUMS = (
    ItemColumn("currency", "Currency"),
    _money("balance", "Balance"),
    _money("open", "Open items"),
    _money("overdue", "Overdue"),
    _money("disputed", "Disputed"),
    _money("on_account", "On account"),
    _money("bills", "Bills not matured"),
    _money("exposure", "Exposure"),
)
_PARTS: tuple[tuple[str, str, str, tuple[ItemColumn, ...]], ...] = (
    (
        "items", "Open items", "Nothing is open.",
        (
            ItemColumn("due_on", "Due on"), ItemColumn("days_overdue", "Days overdue", number=True), *_DOCUMENT,
            ItemColumn("instalment", "Instalment", number=True, less=2), *_AMOUNTS,
            _money("open", "Still open"), _money("disputed", "Of this disputed"),
        ),
    ),
    (
        "money", "Money on account", "No money is on account.",
        (ItemColumn("effective_on", "Day"), *_DOCUMENT, *_AMOUNTS, _money("on_account", "On account")),
    ),
    (
        "bills", "Bills not matured", "There is no bill that has not matured.",
        (ItemColumn("matures_on", "Matures on"), *_DOCUMENT, *_AMOUNTS),
    ),
    (
        "documents", "Invoices and payments", "No document of this dealer was in the books then.",
        (
            ItemColumn("effective_on", "Day"), *_DOCUMENT, *_AMOUNTS, _money("settled", "Settled"),
            ItemColumn("numbers", "Settled with", less=2),
        ),
    ),
)  # fmt: skip
_NOT_OF_ONE = {"group", "name", "dealers", "open", "unapplied", "balance", "bills"}
"""What an ageing tells of many dealers, or what the sums above tell already."""


@click.command()
@click.argument("code")
@AS_OF
@KNOWN_AT
@formatted
@connected
def account(api: Api, show: Show, code: str, as_of: date | None, known_at: str | None) -> None:
    """Print a dealer's balance, ageing, open items, money on account, bills and last documents."""
    found = api.get(f"/api/v1/receivables/dealers/{part(code)}", as_of=day(as_of), known_at=known_at)
    if show.format != "table":
        show.document(found)
        return
    buckets = next((tuple(each["buckets"]) for each in found["ageing"]), DEFAULT_BUCKETS.names)
    aged = columns_of(each for each in with_buckets(AGEING, buckets).columns if each.name not in _NOT_OF_ONE)
    show.parts(
        Part("Account", found["sums"], _SUMS, "Nothing stands in this account on the day."),
        Part("Ageing", found["ageing"], aged, AGEING.nothing.text),
        *(Part(title, found[name], columns, nothing) for name, title, nothing, columns in _PARTS),
    )
    inform("%(name)s (%(dealer)s), as of %(as_of)s, as known at %(known_at)s; amounts are with tax.", **found)
