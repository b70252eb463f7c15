"""Figures of receivables: each variant by hand, at its edges, and None where it has no meaning."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from channel.periods import Span
from channel.receivables.rules.allocation import items_of
from channel.receivables.rules.documents import Document, DocumentKind
from channel.receivables.rules.figures import (
    Behaviour,
    Figure,
    Settled,
    Variant,
    average_days_delinquent,
    behaviour_of,
    collection_effectiveness,
    count_back_spans,
    dso_best_possible,
    dso_count_back,
    dso_simple,
    dso_window,
    figures_of,
    settled_item,
)
from channel.receivables.rules.movements import Allocation, ItemKey, Settles
from channel.receivables.rules.paydex import days_of_score, score_of_days
from tests.make.receivables import allocated, day, owed, paying

D = Decimal


@pytest.mark.parametrize(
    ("receivables", "sales", "value"),
    [
        ("100", "300", "30"),
        ("0", "300", "0"),
        ("100", "0", None),
        ("100", "0.5", "18000"),
        ("0.1", "0.0001", "90000"),
        ("100", "-1", None),
        ("-0.01", "300", None),
    ],
)
def test_dso_has_no_meaning_without_sales_or_where_we_owe(receivables: str, sales: str, value: str | None) -> None:
    for figure in (dso_simple(D(receivables), D(sales)), dso_best_possible(D(receivables), D(sales))):
        assert figure.value == (None if value is None else D(value))
        assert [amount for _, amount in figure.workings] == [D(receivables), D(sales), 90]


def test_the_ninety_days_end_with_the_day() -> None:
    assert dso_window(date(2025, 3, 31)) == Span(date(2025, 1, 1), date(2025, 4, 1))
    assert dso_window(date(2025, 3, 31)).days == 90


def test_average_days_delinquent_is_known_when_both_are() -> None:
    dso, best = dso_simple(D(15000), D(10000), 30), dso_best_possible(D(4000), D(10000), 30)
    assert average_days_delinquent(dso, best).value == 33
    nothing = Figure(Variant.DSO_SIMPLE, None)
    assert average_days_delinquent(nothing, best).value is None
    assert average_days_delinquent(dso, nothing).value is None


@pytest.mark.parametrize(
    ("receivables", "months", "value", "at_least", "left"),
    [
        ("100", [("100", 31), ("100", 28)], "31", "31", "0"),
        ("101", [("100", 31), ("100", 28)], "31.28", "31.28", "0"),
        ("50", [("100", 31)], "15.5", "15.5", "0"),
        ("0.25", [("0.5", 31)], "15.5", "15.5", "0"),
        ("0", [("100", 31)], "0", "0", "0"),
        ("-5", [("100", 31)], None, "0", "0"),
        ("150", [("100", 31)], None, "31", "50"),
        ("150", [("100", 31), ("0", 28), ("100", 31)], None, "31", "50"),
        ("150", [("100", 31), ("-10", 28), ("100", 31)], None, "31", "50"),
        ("150", [("100", 31), ("20", 28)], None, "59", "30"),
        ("100", [("100", 31), ("0", 28)], "31", "31", "0"),
        ("100", [("0.0001", 31), ("0", 28)], None, "31", "99.9999"),
        ("1", [], None, "0", "1"),
    ],
)
def test_count_back_takes_off_the_newest_sales_and_stops_without_them(
    receivables: str, months: list[tuple[str, int]], value: str | None, at_least: str, left: str
) -> None:
    figure = dso_count_back(D(receivables), [(D(sales), days) for sales, days in months])
    assert figure.value == (None if value is None else D(value))
    assert figure.workings == (("receivables", D(receivables)), ("days", D(at_least)), ("left", D(left)))
    assert figure.variant is Variant.DSO_COUNT_BACK


def test_count_back_begins_with_the_month_up_to_the_day() -> None:
    assert count_back_spans(date(2025, 3, 10), 3) == (
        Span(date(2025, 3, 1), date(2025, 3, 11)),
        Span(date(2025, 2, 1), date(2025, 3, 1)),
        Span(date(2025, 1, 1), date(2025, 2, 1)),
    )
    assert [span.days for span in count_back_spans(date(2025, 3, 31), 2)] == [31, 28]


@pytest.mark.parametrize(
    ("begin", "sales", "end", "current", "value"),
    [
        ("100", "50", "80", "80", "100"),
        ("100", "50", "150", "50", "0"),
        ("100", "50", "150", "150", None),
        ("100", "50", "160", "151", None),
        ("0", "0.5", "0.125", "0", "75"),
        ("0.25", "0.5", "0.5", "0.25", "50"),
        ("0", "0.0001", "0", "0", "100"),
        ("0", "0", "0", "0", None),
    ],
)
def test_collection_effectiveness(begin: str, sales: str, end: str, current: str, value: str | None) -> None:
    figure = collection_effectiveness(D(begin), D(sales), D(end), D(current))
    assert figure.value == (None if value is None else D(value))


def settled(amount: str, days: int) -> Settled:
    return Settled(D(amount), day(40), day(40 + days), day(90))


def values(*items: Settled) -> dict[str, Decimal | None]:
    sums = Behaviour()
    for item in items:
        sums = sums.plus(behaviour_of(item))
    return {figure.variant.value: figure.value for figure in figures_of(sums)}


def test_payment_behaviour_is_told_signed_and_late_weighted_and_not() -> None:
    assert values(settled("300", -20), settled("100", 0), settled("100", 30), settled("500", 120)) == {
        "days_beyond_terms": D("32.5"),
        "days_beyond_terms_weighted": D("57"),
        "days_late": D("37.5"),
        "days_late_weighted": D("63"),
        "paid_on_time": D("0.5"),
        "paid_on_time_weighted": D("0.4"),
        "paydex_like": D("50"),
        "longest_delay": D("120"),
    }


def test_nothing_settled_is_no_figure_and_never_late_is_a_delay_of_nothing() -> None:
    assert set(values().values()) == {None}
    assert values(settled("1", -5))["longest_delay"] == 0


@given(st.lists(st.tuples(st.integers(1, 10**9), st.integers(-60, 200)), min_size=1), st.data())
def test_sums_of_parts_are_the_sums_of_all(drawn: list[tuple[int, int]], data: st.DataObject) -> None:
    items = [settled(str(units), days) for units, days in drawn]
    cut = data.draw(st.integers(0, len(items)))
    both = Behaviour()
    for part in (items[:cut], items[cut:]):
        sums = Behaviour()
        for item in part:
            sums = sums.plus(behaviour_of(item))
        both = both.plus(sums)
    found = {figure.variant.value: figure.value for figure in figures_of(both)}
    assert found == values(*items)
    lates = [max(days, 0) for _, days in drawn]
    assert found["days_late"] is not None
    assert abs(found["days_late"] - D(sum(lates)) / len(lates)) < D("1e-20")
    assert found["longest_delay"] == max(lates)


def how_settled(item: Document, *paid: tuple[Allocation, Document]) -> Settled | None:
    return settled_item(items_of(item)[0], [each for each, _ in paid], {money.id: money for _, money in paid})


def test_an_item_is_settled_when_its_last_money_is_there() -> None:
    first = (allocated("60", on=5), paying(id=2, on=5))
    second = (allocated("40", on=50, money_id=3), paying(id=3, on=50, value_on=day(45)))
    assert how_settled(owed("100", on=1), first) is None
    assert how_settled(owed("100", on=1), first, second) == Settled(D(100), day(31), day(45), day(50))
    taken = (replace(second[0], taken_back_on=day(60)), second[1])
    assert how_settled(owed("100", on=1), first, taken) is None
    other = (replace(second[0], item=ItemKey(1, 2)), second[1])
    assert how_settled(owed("100", on=1), first, other) is None


def test_our_own_acts_close_an_item_and_tell_nothing_of_how_it_was_paid() -> None:
    paid = (allocated("60", on=5), paying(id=2, on=5))
    for kind in (DocumentKind.CREDIT_NOTE, DocumentKind.WRITE_OFF):
        credit = (allocated("40", on=80, money_id=3), paying(id=3, on=80, kind=kind))
        assert how_settled(owed("100", on=1), paid, credit) == Settled(D(100), day(31), day(5), day(80))
        whole = (allocated("100", on=80, money_id=3), paying(id=3, on=80, kind=kind))
        assert how_settled(owed("100", on=1), whole) is None
    bill = (allocated("40", on=8, money_id=3), paying(id=3, on=8, kind=DocumentKind.BILL, matures_on=day(90)))
    rest = (allocated("60", on=5, settles=Settles.DIFFERENCE), paying(id=2, on=5))
    assert how_settled(owed("100", on=1), bill, rest) == Settled(D(100), day(31), day(8), day(8))


def test_money_that_was_there_before_the_invoice_is_paid_on_its_day() -> None:
    found = how_settled(owed("100", on=10), (allocated("100", on=10), paying(on=2)))
    assert found is not None
    assert (found.paid_on, found.days_beyond_terms) == (day(10), -30)


@pytest.mark.parametrize(
    ("days", "score"),
    [
        (-31, "100"), (-30, "100"), (-29, "99"), (-20, "90"), (-18, "89"), (0, "80"), (15, "70"), (30, "50"),
        (33, "49"), (1, "79.333333"), (2, "78.666667"), (120, "20"), (123, "19"), (177, "1"), (178, "1"), (9999, "1"),
    ],
)  # fmt: skip
def test_the_index_between_and_beyond_the_corners_of_the_chart(days: int, score: str) -> None:
    assert score_of_days(days) == D(score)


@pytest.mark.parametrize(("score", "days"), [(59, 23), (56, 26), (55, 26), (52, 29), (51, 29)])
def test_the_points_of_the_chart_that_look_uneven_are_rounded_ones(score: int, days: int) -> None:
    assert days_of_score(score).quantize(D(1), "ROUND_HALF_UP") == days


@given(st.integers(1, 100))
def test_days_and_scores_are_each_others_inverse(score: int) -> None:
    days = days_of_score(score)
    if days == days.to_integral_value():
        assert score_of_days(int(days)) == score
    assert -30 <= days <= 177
