"""What of a dealer's documents stands as it is now, and what allocating them all anew would change.

A document that comes late changes no posted allocation. Reallocating takes back what one load of all documents would
not have made, and makes what it would have: afterwards the allocations are those of one load.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from channel.codes import code_key
from channel.receivables.rules.allocation import AllocationRules, Book, Item, Money, allocate, items_of, money_of
from channel.receivables.rules.documents import Document, DocumentKind
from channel.receivables.rules.movements import Allocation, ItemKey, Settles, TakenBack

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Reallocation:
    """What is taken back first, what is made anew then, and what stays as it is."""

    taken_back: tuple[TakenBack, ...]
    made: tuple[Allocation, ...]
    unchanged: tuple[Allocation, ...]


def as_they_stand(
    documents: Sequence[Document], allocations: Iterable[Allocation]
) -> tuple[tuple[Item, ...], tuple[Money, ...]]:
    """Every item and all money of live documents of one dealer and currency, after the allocations between them.

    What was taken back settles nothing; it says from which day its item and its money are free.
    """
    settled: dict[ItemKey, Decimal] = defaultdict(Decimal)
    credited: dict[ItemKey, Decimal] = defaultdict(Decimal)
    used: dict[int, Decimal] = defaultdict(Decimal)
    free_items: dict[ItemKey, date] = {}
    free_money: dict[int, date] = {}
    credit_notes = {each.id for each in documents if each.kind is DocumentKind.CREDIT_NOTE}
    for each in allocations:
        if each.taken_back_on is not None:
            free_items[each.item] = max(each.taken_back_on, free_items.get(each.item, date.min))
            free_money[each.money_id] = max(each.taken_back_on, free_money.get(each.money_id, date.min))
            continue
        settled[each.item] += each.amount
        if each.settles is Settles.PAYMENT:
            used[each.money_id] += each.amount
        if each.money_id in credit_notes:
            credited[each.item] += each.amount
    items = tuple(
        replace(
            item,
            open=item.amount - settled.get(item.key, _ZERO),
            credited=credited.get(item.key, _ZERO),
            free_on=free_items.get(item.key),
        )
        for document in documents
        for item in items_of(document)
    )
    money = tuple(
        replace(
            money_of(document),
            left=document.amount - used.get(document.id, _ZERO),
            free_on=free_money.get(document.id),
        )
        for document in documents
        if not document.kind.is_owed
    )
    return items, money


def book_before_a_load(documents: Sequence[Document], allocations: Iterable[Allocation]) -> Book:
    """What a load of further documents of the same dealer and currency finds: see `Book`."""
    items, money = as_they_stand(documents, allocations)
    numbers = frozenset(code_key(item.number) for item in items)
    waiting = tuple(
        each
        for each in money
        if each.left and not each.stays and not numbers.issuperset(map(code_key, each.references))
    )
    open_items = tuple(item for item in items if item.open)
    return Book(open_items, waiting, numbers - {code_key(item.number) for item in open_items})


def plan_reallocation(
    documents: Sequence[Document],
    allocations: Sequence[Allocation],
    rules: AllocationRules,
    on: date | None = None,
    kept: frozenset[int] = frozenset(),
) -> Reallocation:
    """What makes the allocations of live documents those of one load.

    `allocations` are all that were ever made to or from them. Those of write-offs and those whose ids are `kept` are
    left alone, and the rest is allocated around them. So are those with a document that was reversed since: until that
    day it was there, and what it settled or was settled by is free from then on.
    `on` is the day from which it holds: the days before it stay as they were, and as much is open and on account as
    after one load from it on, or from when all that stays has taken effect. Without `on` every day is as after one
    load: each allocation is taken back from its own day, also one that was taken back later, and each new one takes
    effect on the later of its documents' days.
    """
    write_offs = {each.id for each in documents if each.kind is DocumentKind.WRITE_OFF}
    live = {each.id for each in documents}
    past = [each for each in allocations if not live.issuperset((each.money_id, each.item.document_id))]
    fixed = [each for each in allocations if each.holds and (each.id in kept or each.money_id in write_offs)]
    items, money = as_they_stand(documents, [*fixed, *past])
    fresh: dict[tuple[object, ...], Allocation] = {}
    for each in allocate(Book(), items, money, rules).allocations:
        fresh[_what(each, on)] = each
    taken_back, unchanged = [], list(fixed)
    left_alone = {each.id for each in (*fixed, *past)}
    for each in allocations:
        if each.id in left_alone:
            continue
        if each.holds and fresh.pop(_what(each, on), None) is not None:
            unchanged.append(each)
        elif each.holds or (on is None and _held_once(each)):
            taken_back.append(TakenBack(each, max(on or each.effective_on, each.effective_on)))
    made = tuple(fresh.values())
    if on is not None:
        made = _from(on, made, allocations, taken_back)
    return Reallocation(tuple(taken_back), made, tuple(unchanged))


def _what(each: Allocation, on: date | None) -> tuple[object, ...]:
    """By what two allocations are the same: the day as well, where every day is to be as after one load."""
    return each.money_id, each.item, each.settles, each.amount, each.effective_on if on is None else None


def _held_once(each: Allocation) -> bool:
    return each.taken_back_on is not None and each.taken_back_on > each.effective_on


def _from(
    on: date, made: Iterable[Allocation], allocations: Iterable[Allocation], taken_back: Iterable[TakenBack]
) -> tuple[Allocation, ...]:
    """The same from a day on, and never before the item or the money is free."""
    ends = [(each, each.taken_back_on) for each in allocations if each.taken_back_on is not None]
    free: dict[ItemKey | int, date] = {}
    for each, end in [*ends, *((taken.allocation, taken.on) for taken in taken_back)]:
        for key in (each.item, each.money_id):
            free[key] = max(end, free.get(key, on))
    return tuple(
        replace(each, effective_on=max(each.effective_on, on, free.get(each.item, on), free.get(each.money_id, on)))
        for each in made
    )
