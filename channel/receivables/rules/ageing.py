"""How old what is open is: buckets by due day or by document day, money on account and bills in columns of their own.

The buckets always make the open items, and the open items less the money on account the balance.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import reduce
from itertools import pairwise

from channel.errors import FieldError, m
from channel.receivables.rules.documents import EXACT, Document, add_up
from channel.receivables.rules.movements import ItemKey, Standing

MOST_EDGES = 12
LAST_EDGE = 3_660
"""Buckets end within ten years."""

_ZERO = Decimal(0)


class AgeBasis(StrEnum):
    """From which day age is counted: the item's due day, or its document's."""

    DUE = "due"
    DOCUMENT = "document"


class AgeBy(StrEnum):
    """By what the rows of an ageing are told: of dealers, or of all that stand in a territory, have a type, ..."""

    DEALER = "dealer"
    TERRITORY = "territory"
    TYPE = "type"
    RESPONSIBLE = "responsible"
    TERMS = "terms"
    CURRENCY = "currency"


class Money(StrEnum):
    """In which money an ageing is told: each currency by itself, or all in the company's."""

    OWN = "own"
    COMPANY = "company"


@dataclass(frozen=True, slots=True)
class Buckets:
    """The buckets of an ageing; an edge is the last day of its bucket, and the last bucket has none.

    By due day the first bucket is what is not due: due today is not overdue. By document day there is no such bucket,
    and the first one begins with day 0, the document's own.
    """

    basis: AgeBasis = AgeBasis.DUE
    edges: tuple[int, ...] = (30, 60, 90, 180)

    @property
    def starts(self) -> tuple[int, ...]:
        """The first day of every bucket but the first: the thresholds of PostgreSQL's `width_bucket(days, starts)`."""
        ends = self.edges if self.basis is AgeBasis.DOCUMENT else (0, *self.edges)
        return tuple(end + 1 for end in ends)

    @property
    def names(self) -> tuple[str, ...]:
        """A name for each bucket, in order: `not_due`, `1-30`, ... `181+`, or `0-30` first by document day."""
        first = "not_due" if self.basis is AgeBasis.DUE else f"0-{self.edges[0]}"
        between = [f"{start}-{following - 1}" for start, following in pairwise(self.starts)]
        return (first, *between, f"{self.starts[-1]}+")

    def place(self, days: int) -> int:
        """The place of the bucket of so many days past the day that counts, from 0; early days are below 0."""
        return bisect_right(self.starts, days)

    def days(self, due_on: date, effective_on: date, as_of: date) -> int:
        """How many days past the day that counts an item is."""
        return (as_of - (due_on if self.basis is AgeBasis.DUE else effective_on)).days


DEFAULT_BUCKETS = Buckets()


def check_edges(edges: tuple[int, ...]) -> tuple[FieldError, ...]:
    """What is wrong with the edges of buckets; nothing when an ageing can have them."""
    rising = all(before < after for before, after in pairwise((0, *edges)))
    if rising and 1 <= len(edges) <= MOST_EDGES and edges[-1] <= LAST_EDGE:
        return ()
    expected = m(
        "From 1 to %(most)s whole numbers that rise, the last at most %(last)s", most=MOST_EDGES, last=LAST_EDGE
    )
    return (FieldError("edges", m("The buckets do not follow one another."), expected),)


@dataclass(frozen=True, slots=True)
class Ageing:
    """One row: an amount for each bucket, and beside them what is on account and what is in bills.

    `disputed` is the part of the buckets that is disputed: it stays in them, and is told beside them.
    """

    buckets: tuple[Decimal, ...]
    unapplied: Decimal
    bills: Decimal
    disputed: Decimal = _ZERO

    @property
    def open(self) -> Decimal:
        """The open items: the sum of the buckets."""
        return add_up(self.buckets)

    @property
    def balance(self) -> Decimal:
        """The open items less what is on account."""
        return EXACT.subtract(self.open, self.unapplied)

    def plus(self, other: "Ageing") -> "Ageing":
        """Both rows in one, column by column."""
        pairs = zip(self.buckets, other.buckets, strict=True)
        return Ageing(
            tuple(EXACT.add(mine, its) for mine, its in pairs),
            EXACT.add(self.unapplied, other.unapplied),
            EXACT.add(self.bills, other.bills),
            EXACT.add(self.disputed, other.disputed),
        )


def compute_ageing(
    standing: Standing,
    documents: Mapping[int, Document],
    as_of: date,
    buckets: Buckets = DEFAULT_BUCKETS,
    disputed: Mapping[ItemKey, Decimal] | None = None,
) -> Ageing:
    """The ageing of what stands in one dealer's books as of a day.

    `documents` holds the documents of the open items by id; `disputed` what of an item is disputed, of which no more
    counts than is open.
    """
    amounts = [_ZERO] * len(buckets.names)
    in_dispute = _ZERO
    for key, amount in standing.items.items():
        document = documents[key.document_id]
        due_on = document.instalments[key.instalment - 1].due_on
        place = buckets.place(buckets.days(due_on, document.effective_on, as_of))
        amounts[place] = EXACT.add(amounts[place], amount)
        in_dispute = EXACT.add(in_dispute, min(amount, (disputed or {}).get(key, _ZERO)))
    return Ageing(tuple(amounts), standing.unapplied, standing.in_bills, in_dispute)


def total_ageing(rows: Iterable[Ageing], buckets: Buckets = DEFAULT_BUCKETS) -> Ageing:
    """The sum of rows of one currency and the same buckets; of no rows a row of zeros."""
    nothing = Ageing((_ZERO,) * len(buckets.names), _ZERO, _ZERO)
    return reduce(Ageing.plus, rows, nothing)


def oldest_overdue_days(due_days: Iterable[date], as_of: date) -> int | None:
    """How many days the oldest of the open items' due days is past; None when nothing is overdue."""
    oldest = min(due_days, default=as_of)
    return (as_of - oldest).days if oldest < as_of else None
