"""Every worked example of receivables in the oracle files is reproduced; a record that nothing handles fails."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from channel.dealers.rules.terms import OnDay
from channel.receivables.rules.ageing import Buckets
from channel.receivables.rules.allocation import AllocationRules, Book, allocate, items_of, money_of
from channel.receivables.rules.documents import Instalment
from channel.receivables.rules.due_days import due_on
from channel.receivables.rules.figures import (
    Behaviour,
    Figure,
    Settled,
    average_days_delinquent,
    behaviour_of,
    collection_effectiveness,
    dso_best_possible,
    dso_count_back,
    dso_simple,
    figures_of,
)
from channel.receivables.rules.paydex import days_of_score, score_of_days
from channel.receivables.rules.promises import Came, Promise, judge_promises, judged_from
from tests.make.receivables import day, owed, paying

D = Decimal
Record = dict[str, Any]
OF_PROVISIONS = {
    "ifrs9_ie12_company_m",
    "ifrscommunity_vintage_matrix",
    "roll_rates_product",
    "faqifrs_company_t_rows",
}
IN_THE_FILE_OF_LIMITS = {"paydex_days_beyond_terms", "paydex_dollar_weighted", "settlement_due_dates_7th"}


def records(name: str) -> dict[str, Record]:
    places = (parent / "shared" / "oracles" / f"{name}.json" for parent in Path(__file__).resolve().parents)
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        pytest.skip("the oracle files are not beside this checkout (shared/oracles)")
    return {record["id"]: record for record in json.loads(found.read_text(), parse_float=Decimal)}


def decimals(record: Record) -> dict[str, Decimal]:
    return {name: D(value) for name, value in record["inputs"].items()}


def agrees(figure: Figure, expected: object, record: Record) -> bool:
    assert figure.value is not None
    return abs(figure.value - D(str(expected))) <= D(str(record["tolerance"]))


def dso_of_a_year(record: Record) -> None:
    given = record["inputs"]
    assert agrees(dso_simple(D(given["ar"]), D(given["sales"]), given["days"]), record["expected"], record)


def dso_of_ninety_days(record: Record) -> None:
    given = record["inputs"]
    figure = dso_simple(D(given["balance"]), D(sum(given["sales"])), given["days"])
    assert agrees(figure, record["expected"], record)


def count_back(record: Record) -> None:
    months = [(D(sales), days) for sales, days in record["inputs"]["months_newest_first"]]
    assert agrees(dso_count_back(D(record["inputs"]["ar"]), months), record["expected"], record)


def delinquent(record: Record) -> None:
    given = decimals(record)
    dso = dso_simple(given["ar"], given["sales"], record["inputs"]["days"])
    best = dso_best_possible(given["current"], given["sales"], record["inputs"]["days"])
    expected = record["expected"]
    assert agrees(dso, expected["dso"], record)
    assert agrees(best, expected["bpdso"], record)
    assert agrees(average_days_delinquent(dso, best), expected["add"], record)


def cei(record: Record) -> None:
    given = decimals(record)
    figure = collection_effectiveness(given["beg"], given["sales"], given["end"], given["current"])
    assert agrees(figure, record["expected"], record)


def ageing_edges(record: Record) -> None:
    buckets = Buckets(edges=(30, 60, 90))
    assert [buckets.names[buckets.place(days)] for days in record["inputs"]["days_past_due"]] == record["expected"]


def allocation(record: Record) -> None:
    invoices = [
        owed(D(amount), on=0, number=number, id=place, instalments=(Instalment(date.fromisoformat(due), D(amount)),))
        for place, (number, due, amount) in enumerate(record["inputs"]["invoices"], 1)
    ]
    receipt = money_of(paying(D(record["inputs"]["payment"]), on=1, id=9))
    found = allocate(Book(), [item for each in invoices for item in items_of(each)], [receipt], AllocationRules(2))
    numbers = {each.id: each.number for each in invoices}
    applied = [[numbers[each.item.document_id], each.amount] for each in found.allocations]
    assert applied == record["expected"]["applied"]
    assert found.on_account == {9: record["expected"]["on_account"]}


def paydex_days(record: Record) -> None:
    for score in record["inputs"]["scores"]:
        days = record["expected"][str(score)]
        assert (days_of_score(score), score_of_days(days)) == (days, score)


def paydex_weighted(record: Record) -> None:
    sums = Behaviour()
    for amount, score in zip(record["inputs"]["amount"], record["inputs"]["score"], strict=True):
        late = int(days_of_score(score))
        sums = sums.plus(behaviour_of(Settled(D(amount), day(100), day(100 + late), day(300))))
    (figure,) = (each for each in figures_of(sums) if each.variant == "paydex_like")
    assert agrees(figure, record["expected"], record)


def settlement_days(record: Record) -> None:
    terms = {"monthly": OnDay(7), "quarterly": OnDay(7, period_months=3)}
    due = [due_on(terms[kind], date.fromisoformat(on)) for on, kind in record["inputs"]["cases"]]
    assert [str(each) for each in due] == record["expected"]


def promise_to_pay(record: Record) -> None:
    given = record["inputs"]
    due_on = date.fromisoformat(given["date"])
    promise = Promise(
        1,
        date.fromisoformat("2025-05-01"),
        given["grace_days"],
        D(given["threshold_pct"]) / 100,
        (Instalment(due_on, D(given["promised"])),),
    )
    found = [
        judge_promises(
            [promise],
            [Came(date.fromisoformat(on), D(amount)) for on, amount in payments],
            judged_from(due_on, promise.grace_days),
        )[0].state.value
        for payments in given["payments"]
    ]
    assert found == record["expected"]


HANDLERS: dict[str, Callable[[Record], None]] = {
    "dso_simple": dso_of_a_year,
    "dso_jde_90": dso_of_ninety_days,
    "dso_countback_1": count_back,
    "dso_countback_2": count_back,
    "dso_add_bpdso": delinquent,
    "cei_gaviti": cei,
    "cei_creditguru_avg_month": cei,
    "cei_full_period": cei,
    "ageing_edges_days_past_due": ageing_edges,
    "allocation_fifo_by_due_date": allocation,
    "paydex_days_beyond_terms": paydex_days,
    "paydex_dollar_weighted": paydex_weighted,
    "settlement_due_dates_7th": settlement_days,
    "promise_to_pay_status": promise_to_pay,
}


@pytest.mark.parametrize("name", sorted(HANDLERS))
def test_record(name: str) -> None:
    HANDLERS[name](records("credit_limit" if name in IN_THE_FILE_OF_LIMITS else "receivables")[name])


def test_every_record_is_handled() -> None:
    assert set(records("receivables")) == (HANDLERS.keys() - IN_THE_FILE_OF_LIMITS) | OF_PROVISIONS
    assert records("credit_limit").keys() >= IN_THE_FILE_OF_LIMITS
