"""The rules of receivables alone on the receivables of a real company, against what its file says by itself.

2,466 invoices of 100 dealers and the day on which each was paid. The second time every payment comes later by the
invoice's number modulo 250 days, so that every bucket is filled.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import count

import msgspec
import pytest

from channel.dealers.rules.terms import InDays
from channel.receivables.rules.ageing import compute_ageing, total_ageing
from channel.receivables.rules.allocation import AllocationRules, Book, allocate, items_of, money_of
from channel.receivables.rules.documents import Document, DocumentKind, check_document
from channel.receivables.rules.due_days import compute_instalments
from channel.receivables.rules.figures import Behaviour, behaviour_of, figures_of, settled_item
from channel.receivables.rules.movements import (
    Allocation,
    Movement,
    compute_standing,
    movements_of_allocation,
    movements_of_document,
)
from channel.view import View
from tests.real.ibm import LAST_DAY, aged_by_hand, month_ends, recorded_at_the_end_of, rows

D = Decimal
LATER = [False, True]


class Ledger(msgspec.Struct, frozen=True):
    """One dealer's documents and what they pay."""

    documents: Mapping[int, Document]
    allocations: tuple[Allocation, ...]


@cache
def ledgers(later: bool) -> Mapping[str, Ledger]:
    documents: dict[str, list[Document]] = defaultdict(list)
    ids = count(1)
    for row in rows(later):
        due = compute_instalments(InDays(30), row.amount, row.invoiced_on, 2)
        invoice = Document(
            DocumentKind.INVOICE, row.number, "USD", row.amount, row.invoiced_on, next(ids), instalments=due
        )
        receipt = Document(
            DocumentKind.RECEIPT, row.number, "USD", row.amount, row.settled_on, next(ids), references=(row.number,)
        )
        documents[row.dealer] += [invoice, receipt]
    return {dealer: allocated(of_dealer) for dealer, of_dealer in documents.items()}


def allocated(documents: list[Document]) -> Ledger:
    items = [item for each in documents for item in items_of(each)]
    money = [money_of(each) for each in documents if not each.kind.is_owed]
    found = allocate(Book(), items, money, AllocationRules(2))
    assert (found.on_account, found.book.items, found.book.waiting) == ({}, (), ())
    return Ledger({each.id: each for each in documents}, found.allocations)


def movements(ledger: Ledger) -> Iterator[Movement]:
    for document in ledger.documents.values():
        yield from movements_of_document(document, recorded_at_the_end_of(document.effective_on))
    for each in ledger.allocations:
        yield from movements_of_allocation(each, recorded_at_the_end_of(each.effective_on))


def aged_by_the_rules(moved: Mapping[str, list[Movement]], later: bool, view: View) -> dict[str, list[Decimal]]:
    found = {}
    for dealer, its in moved.items():
        standing = compute_standing(its, view)
        ageing = compute_ageing(standing, ledgers(later)[dealer].documents, view.as_of)
        assert (ageing.open, ageing.balance, ageing.unapplied) == (standing.open, standing.open, D(0))
        if any(ageing.buckets):
            found[dealer] = list(ageing.buckets)
    return found


@pytest.mark.parametrize("later", LATER)
def test_every_document_of_the_file_can_be_posted(later: bool) -> None:
    documents = [each for ledger in ledgers(later).values() for each in ledger.documents.values()]
    invoices = [each for each in documents if each.kind.is_owed]
    assert (len(ledgers(later)), len(invoices)) == (100, 2466)
    assert sum(each.amount for each in invoices) == D("147703.18")
    assert {error for each in documents for error in check_document(each, LAST_DAY, 2)} == set()
    due = {(row.dealer, row.number): row.due_on for row in rows(later)}
    for dealer, ledger in ledgers(later).items():
        for each in ledger.documents.values():
            assert not each.kind.is_owed or each.instalments[0].due_on == due[dealer, each.number]


@pytest.mark.parametrize("later", LATER)
def test_each_receipt_pays_the_invoice_that_it_names_and_nothing_is_open_after_the_last(later: bool) -> None:
    for ledger in ledgers(later).values():
        for each in ledger.allocations:
            invoice, receipt = ledger.documents[each.item.document_id], ledger.documents[each.money_id]
            assert (invoice.number, each.amount, each.why) == (receipt.number, receipt.amount, "reference")
        standing = compute_standing(movements(ledger), View(LAST_DAY, recorded_at_the_end_of(LAST_DAY)))
        assert (standing.open, standing.unapplied, standing.balance) == (0, 0, 0)


@pytest.mark.parametrize("later", LATER)
def test_the_ageing_of_every_month_end_is_what_the_file_says_for_every_dealer_and_bucket(later: bool) -> None:
    moved = {dealer: list(movements(ledger)) for dealer, ledger in ledgers(later).items()}
    filled = [D(0)] * 6
    for as_of in [*month_ends(2012, 2013), date(2013, 6, 24)]:
        found = aged_by_the_rules(moved, later, View(as_of, recorded_at_the_end_of(LAST_DAY)))
        assert found == aged_by_hand(later, as_of, LAST_DAY)
        filled = [
            held + sum(each) for held, each in zip(filled, zip(*found.values(), strict=True), strict=False)
        ] or filled
    assert later == all(filled)


def test_the_ageing_as_of_a_month_end_as_known_at_another_is_what_was_loaded_by_then() -> None:
    moved = {dealer: list(movements(ledger)) for dealer, ledger in ledgers(True).items()}
    for known in month_ends(2012, 2014):
        for as_of in month_ends(2012, 2013):
            found = aged_by_the_rules(moved, True, View(as_of, recorded_at_the_end_of(known)))
            assert found == aged_by_hand(True, as_of, known)


def test_the_rows_of_all_dealers_make_one() -> None:
    as_of = date(2013, 6, 24)
    view = View(as_of, recorded_at_the_end_of(LAST_DAY))
    every = [
        compute_ageing(compute_standing(movements(ledger), view), ledger.documents, as_of)
        for ledger in ledgers(True).values()
    ]
    by_hand = aged_by_hand(True, as_of, LAST_DAY).values()
    assert list(total_ageing(every).buckets) == [sum(column) for column in zip(*by_hand, strict=True)]


def test_the_dealers_pay_three_and_a_half_days_early_and_are_three_and_a_half_days_late() -> None:
    sums = Behaviour()
    for ledger in ledgers(False).values():
        by_item: dict[object, list[Allocation]] = defaultdict(list)
        for each in ledger.allocations:
            by_item[each.item].append(each)
        for document in ledger.documents.values():
            for item in items_of(document):
                settled = settled_item(item, by_item[item.key], ledger.documents)
                assert settled is not None
                sums = sums.plus(behaviour_of(settled))
    figures = {figure.variant.value: figure.value for figure in figures_of(sums)}
    assert round(figures["days_late"] or 0, 4) == D("3.4424")
    assert round(figures["days_beyond_terms"] or 0, 4) == D("-3.5552")
    beyond = [(row.settled_on - row.due_on).days for row in rows(False)]
    amounts = [row.amount for row in rows(False)]
    weighted = sum(amount * max(days, 0) for amount, days in zip(amounts, beyond, strict=True)) / sum(amounts)
    assert abs((figures["days_late_weighted"] or 0) - weighted) < D("1e-20")
    assert figures["longest_delay"] == max(beyond)
    on_time = figures["paid_on_time"]
    assert on_time is not None
    assert round(1 - on_time, 4) == D("0.3556")
