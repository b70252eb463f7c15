"""Both sides of every bucket's edge, and buckets that make the open items whatever stands."""

from datetime import date
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel.receivables.rules.ageing import (
    DEFAULT_BUCKETS,
    LAST_EDGE,
    MOST_EDGES,
    AgeBasis,
    Ageing,
    Buckets,
    check_edges,
    compute_ageing,
    oldest_overdue_days,
    total_ageing,
)
from channel.receivables.rules.documents import Document, Instalment
from channel.receivables.rules.movements import ItemKey, Standing
from tests.make.receivables import day, owed

D = Decimal


def standing(items: dict[ItemKey, Decimal], on_account: str = "0", bills: str = "0") -> Standing:
    return Standing(items, {8: D(on_account)}, {9: D(bills)})


@pytest.mark.parametrize(
    ("days", "place"),
    [(-400, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (180, 4), (181, 5), (4000, 5)],
)
def test_an_edge_is_the_last_day_of_its_bucket_and_due_today_is_not_overdue(days: int, place: int) -> None:
    assert DEFAULT_BUCKETS.place(days) == place
    assert DEFAULT_BUCKETS.names == ("not_due", "1-30", "31-60", "61-90", "91-180", "181+")
    assert DEFAULT_BUCKETS.starts == (1, 31, 61, 91, 181)


@pytest.mark.parametrize(("days", "place"), [(0, 0), (30, 0), (31, 1), (60, 1), (61, 2), (365, 2)])
def test_by_document_day_the_first_bucket_begins_with_the_day_itself(days: int, place: int) -> None:
    buckets = Buckets(AgeBasis.DOCUMENT, (30, 60))
    assert buckets.place(days) == place
    assert buckets.names == ("0-30", "31-60", "61+")
    assert buckets.starts == (31, 61)


def test_one_edge_is_enough() -> None:
    assert Buckets(AgeBasis.DUE, (30,)).names == ("not_due", "1-30", "31+")
    assert Buckets(AgeBasis.DOCUMENT, (365,)).names == ("0-365", "366+")


def test_each_instalment_is_as_old_as_its_own_day() -> None:
    invoice = owed("100", instalments=(Instalment(day(30), D(40)), Instalment(day(60), D(60))))
    items = {ItemKey(1, 1): D(10), ItemKey(1, 2): D(60)}
    by_due = compute_ageing(standing(items), {1: invoice}, day(61))
    assert by_due.buckets == (0, 60, 10, 0, 0, 0)
    by_document = compute_ageing(standing(items), {1: invoice}, day(61), Buckets(AgeBasis.DOCUMENT, (60, 90)))
    assert by_document.buckets == (0, 70, 0)


def test_money_on_account_bills_and_disputes_stand_beside_the_buckets() -> None:
    found = compute_ageing(
        standing({ItemKey(1, 1): D(100)}, "30", "500"),
        {1: owed("100", due=0)},
        day(31),
        disputed={ItemKey(1, 1): D(120)},
    )
    assert found == Ageing((D(0), D(0), D(100), D(0), D(0), D(0)), D(30), D(500), D(100))
    assert (found.open, found.balance) == (D(100), D(70))
    part = compute_ageing(standing({ItemKey(1, 1): D(100)}), {1: owed("100")}, day(1), disputed={ItemKey(1, 1): D(20)})
    assert part.disputed == D(20)


@given(st.integers(min_value=0), st.sampled_from(AgeBasis), st.sets(st.integers(1, 120), min_size=1, max_size=5))
def test_buckets_make_the_open_items_and_columns_the_balance(seed: int, basis: AgeBasis, edges: set[int]) -> None:
    random = Random(seed)  # noqa: S311 - test data, not secrets
    buckets = Buckets(basis, tuple(sorted(edges)))
    as_of, rows, standings = day(random.randint(0, 150)), [], []
    for _ in range(random.randint(0, 4)):
        documents: dict[int, Document] = {}
        items: dict[ItemKey, Decimal] = {}
        for n in range(random.randint(0, 12)):
            documents[n] = owed(D(1000), on=random.randint(0, 150), due=random.randint(0, 300), id=n)
            items[ItemKey(n, 1)] = D(random.randint(1, 10**7)).scaleb(-4)
        stands = Standing(items, {1: D(random.randint(0, 99))}, {})
        row = compute_ageing(stands, documents, as_of, buckets)
        for place in range(len(buckets.names)):
            expected = D(0)
            for key, amount in items.items():
                document = documents[key.document_id]
                counted = document.instalments[0].due_on if basis is AgeBasis.DUE else document.effective_on
                ends = ([0] if basis is AgeBasis.DUE else []) + sorted(edges) + [10**6]
                first = -(10**6) if place == 0 else ends[place - 1] + 1
                if first <= (as_of - counted).days <= ends[place]:
                    expected += amount
            assert row.buckets[place] == expected
        assert (row.open, row.balance) == (stands.open, stands.balance)
        rows.append(row)
        standings.append(stands)
    total = total_ageing(rows, buckets)
    assert total.open == sum((each.open for each in standings), D(0))
    assert total.balance == sum((each.balance for each in standings), D(0))
    assert len(total.buckets) == len(buckets.names)


def test_rows_are_added_column_by_column() -> None:
    row = Ageing((D(1), D(2)), D(3), D(4), D(5))
    assert row.plus(Ageing((D(10), D(20)), D(30), D(40), D(50))) == Ageing((D(11), D(22)), D(33), D(44), D(55))


@pytest.mark.parametrize(
    ("edges", "refused"),
    [
        ((30,), False), ((1,), False), ((0,), True), ((), True), ((30, 30), True), ((60, 30), True),
        ((LAST_EDGE,), False), ((LAST_EDGE + 1,), True), (tuple(range(1, MOST_EDGES + 1)), False),
        (tuple(range(1, MOST_EDGES + 2)), True),
    ],
)  # fmt: skip
def test_edges_rise_from_above_nothing(edges: tuple[int, ...], refused: bool) -> None:
    assert [error.field for error in check_edges(edges)] == (["edges"] if refused else [])


@pytest.mark.parametrize(("due", "oldest"), [([], None), ([10], None), ([9], 1), ([9, 3, 20], 7), ([11], None)])
def test_the_oldest_overdue_item(due: list[int], oldest: int | None) -> None:
    assert oldest_overdue_days([day(n) for n in due], day(10)) == oldest


def test_an_age_counts_calendar_days() -> None:
    assert Buckets().days(date(2024, 2, 28), date(2024, 1, 1), date(2024, 3, 1)) == 2
    assert Buckets(AgeBasis.DOCUMENT).days(date(2024, 2, 28), date(2024, 1, 1), date(2024, 3, 1)) == 60
