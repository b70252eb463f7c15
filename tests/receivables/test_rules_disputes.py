"""Disputes by the rules: what counts in a view, and what may be contested and ended when."""

from decimal import Decimal
from typing import Any

import pytest

from channel.errors import Invalid
from channel.receivables.acts.disputes import EndDispute
from channel.receivables.rules.disputes import (
    OUTCOME_NAMES,
    REASON_NAMES,
    STATE_NAMES,
    Dispute,
    DisputeReason,
    DisputeState,
    Outcome,
    disputed_items,
    refused_dispute,
    refused_end,
)
from channel.receivables.rules.documents import Document, DocumentKind
from channel.receivables.rules.movements import ItemKey
from channel.view import View
from tests.make.receivables import D, day, moment, owed, paying


def contested(amount: str = "40", on: int = 5, at: int = 200, **given: Any) -> Dispute:  # noqa: ANN401 - fields of Dispute
    return Dispute(**{"document_id": 1, "amount": D(amount), "opened_on": day(on), "recorded_at": moment(at)} | given)


def view(on: int, known_at: int = 900) -> View:
    return View(day(on), moment(known_at), past=True, dated=True)


def test_every_word_has_its_name() -> None:
    assert set(REASON_NAMES) == set(DisputeReason)
    assert set(STATE_NAMES) == set(DisputeState)
    assert set(OUTCOME_NAMES) == set(Outcome)
    assert {each.value for each in Outcome} < {each.value for each in DisputeState}


def test_a_dispute_counts_from_its_day_and_moment_to_those_of_its_end() -> None:
    open_ = contested()
    assert [open_.counts(view(*each)) for each in ((4,), (5,), (5, 199), (5, 200))] == [False, True, False, True]
    ended = contested(ended_on=day(9), end_recorded_at=moment(400))
    assert [ended.counts(view(*each)) for each in ((8,), (9,), (30,), (30, 399), (30, 400))] == [
        True, False, False, True, False,
    ]  # fmt: skip


def test_the_first_instalments_are_disputed_first_and_never_beyond_what_is_open() -> None:
    both = {ItemKey(1, 1): D(30), ItemKey(1, 2): D(50), ItemKey(2, 1): D(70)}
    assert disputed_items(both, [contested("40")], view(9)) == {ItemKey(1, 1): D(30), ItemKey(1, 2): D(10)}
    assert disputed_items(both, [contested("40"), contested("90")], view(9)) == {
        ItemKey(1, 1): D(30), ItemKey(1, 2): D(50),
    }  # fmt: skip
    assert disputed_items({ItemKey(2, 1): D(70)}, [contested()], view(9)) == {}
    assert disputed_items(both, [contested(on=10)], view(9)) == {}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({}, None),
        ({"amount": D("60")}, None),
        ({"amount": D("60.01")}, "amount"),
        ({"amount": D("10.001")}, "amount"),
        ({"amount": D("0")}, "amount"),
        ({"free": D("0")}, "amount"),
        ({"on": day(1)}, "effective_on"),
        ({"on": day(2)}, None),
        ({"on": day(21), "due_on": day(22)}, "effective_on"),
        ({"due_on": day(4)}, "due_on"),
        ({"document": paying()}, "document"),
        ({"document": owed(on=2, kind=DocumentKind.DEBIT_NOTE)}, None),
    ],
)
def test_what_may_be_contested(changed: dict[str, Any], field: str | None) -> None:
    given: dict[str, Any] = {
        "document": owed(on=2), "amount": D("40"), "on": day(5), "due_on": day(5), "free": D("60"), "today": day(20),
    }  # fmt: skip
    faults = refused_dispute(**given | changed)
    assert [each.field for each in faults] == ([] if field is None else [field])


@pytest.mark.parametrize(
    ("on", "note", "refused"),
    [(5, None, False), (4, None, True), (21, None, True), (8, 8, False), (7, 8, True), (5, 2, False)],
)
def test_when_it_may_end(on: int, note: int | None, refused: bool) -> None:
    credit: Document | None = None if note is None else paying(on=note, kind=DocumentKind.CREDIT_NOTE)
    assert bool(refused_end(day(5), day(on), day(20), credit)) is refused


def test_only_what_is_credited_names_a_credit_note() -> None:
    EndDispute(outcome=Outcome.CREDITED, credit_note="C1", reason="so")
    EndDispute(outcome=Outcome.AGREED, reason="so")
    for outcome, note in ((Outcome.CREDITED, None), (Outcome.REFUSED, "C1")):
        with pytest.raises(Invalid) as refused:
            EndDispute(outcome=outcome, credit_note=note, reason="so")
        assert [each.field for each in refused.value.errors] == ["credit_note"]


def test_the_smallest_unit_is_that_of_the_currency() -> None:
    yen = owed(currency="JPY")
    assert refused_dispute(yen, Decimal("1.5"), day(0), day(0), D("60"), day(1))
    assert not refused_dispute(yen, Decimal(1), day(0), day(0), D("60"), day(1))
