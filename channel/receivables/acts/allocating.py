"""The acts on what pays what: their bodies."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated

import msgspec

from channel.acts import Said
from channel.digits import whole_number
from channel.errors import FieldError, m
from channel.money import parse_decimal
from channel.receivables.acts.asking import MayWait

MOST_ITEMS = 500
"""Items of one act by hand."""
_ITEM = m("The document's number in the ledger, its instalment and the amount: 12/1=500")


class Chosen(msgspec.Struct, frozen=True):
    """So much of an item: the document's number in the ledger, the place of its instalment, and how much."""

    document_id: int
    instalment: int
    amount: Decimal


def read_chosen(text: str) -> Chosen:
    """What is written as `12/1=500`, or `12=500` of the first instalment; `ValueError` where it is not."""
    item, _, amount = text.partition("=")
    document, slash, place = item.partition("/")
    document_id, instalment = whole_number(document.strip()), whole_number(place.strip()) if slash else 1
    if document_id is None or instalment is None:
        raise ValueError(text)
    return Chosen(document_id, instalment, parse_decimal(amount))


class _OfItems(MayWait, frozen=True, kw_only=True):
    items: Annotated[
        list[str],
        Said(
            m("Items and amounts"),
            hint=m("Such as 12/1=500; 13/2=80.50: number in the ledger, instalment, amount."),
            parted=";",
            option="--item",
        ),
    ]

    @property
    def chosen(self) -> list[Chosen]:
        """The items with their amounts, in the order given."""
        return [read_chosen(text) for text in self.items]

    def between(self) -> Iterable[FieldError]:
        """Every item can be read, is named once, and there are some."""
        if not 1 <= len(self.items) <= MOST_ITEMS:
            yield FieldError(
                "items", m("Choose what is settled."), m("from %(low)s to %(high)s", low=1, high=MOST_ITEMS)
            )
            return
        seen = set()
        for text in self.items:
            try:
                each = read_chosen(text)
            except ValueError:
                yield FieldError("items", m("%(value)s cannot be read.", value=text[:60]), _ITEM)
                continue
            if (each.document_id, each.instalment) in seen:
                yield FieldError("items", m("%(value)s names an item that is named already.", value=text[:60]))
            seen.add((each.document_id, each.instalment))


class AllocateByHand(_OfItems, frozen=True, kw_only=True):
    """Let money on account settle chosen items.

    `money` is the number in the ledger of the document that pays.
    """

    money: Annotated[int, Said(m("Money"), low=1, hint=m("The number in the ledger of the document that pays."))]
    effective_on: Annotated[
        date | None,
        Said(
            m("From"), hint=m("From the first day on which both are there, unless a later one is given."), option="--on"
        ),
    ] = None


class TakeBackAllocation(MayWait, frozen=True, kw_only=True):
    """Take an allocation back, with the discount and the difference that belong to it."""

    effective_on: Annotated[
        date | None, Said(m("From"), hint=m("Today, unless another day is given."), option="--on")
    ] = None


class Reallocate(MayWait, frozen=True, kw_only=True):
    """Allocate everything of a dealer and currency anew by the rules, as if it had come in one load.

    Every day is then as after one load, unless `from_on` says from which day on it is to be.
    """

    currency: Annotated[str, Said(m("Currency"), longest=3)]
    from_on: Annotated[
        date | None,
        Said(m("From"), hint=m("The days before stay as they were; every day changes, unless one is given.")),
    ] = None
    keep_by_hand: Annotated[bool, Said(m("Keep what was allocated by hand"), option="--keep-by-hand")] = False


class WriteOff(_OfItems, frozen=True, kw_only=True):
    """Give up what is open on chosen items of one currency."""

    effective_on: Annotated[
        date | None, Said(m("From"), hint=m("Today, unless another day is given."), option="--on")
    ] = None
