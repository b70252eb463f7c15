import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel.periods import Month
from channel.web import charts
from channel.web.language import language

EN = language("en")
MONTHS = [Month(2025, 11).plus(n) for n in range(4)]
VALUES = st.lists(
    st.none() | st.decimals(min_value=-(10**9), max_value=10**9, places=4, allow_nan=False), min_size=1, max_size=36
)


def draw(values: list[Decimal | None], lines: list[charts.Series] | None = None) -> str:
    months = [Month(2025, 11).plus(n) for n in range(len(values))]
    return str(charts.monthly(EN, months, charts.Series("sell-in", values), lines or [], title="Sales", currency="USD"))


def test_a_gap_is_a_gap_and_zero_is_a_bar_of_no_height() -> None:
    svg = draw([Decimal(10), None, Decimal(0), Decimal(20)])
    assert len(re.findall(r'class="gap"', svg)) == 1
    bars = re.findall(r'class="column [^"]*"[^>]* height="([0-9.]+)"', svg)
    assert len(bars) == 3
    assert bars[1] == "0"
    assert '"no report"' in svg
    assert "dashed: no report" in svg
    assert "1 of 4 months: no report." in svg
    assert "dashed" not in draw([Decimal(1)])


def test_what_is_not_known_is_told_in_the_words_of_its_series() -> None:
    months = [Month(2025, 11), Month(2025, 12)]
    svg = str(charts.monthly(EN, months, charts.Series("DSO", [None, Decimal(3)], unknown="no figure"), title="Days"))
    assert "1 of 2 months: no figure." in svg
    assert "dashed: no figure" in svg
    assert "no report" not in svg


def test_a_line_breaks_at_a_gap() -> None:
    line = charts.Series("sell-through", [Decimal(1), Decimal(2), None, Decimal(3)], "sell-through")
    svg = draw([Decimal(1)] * 4, [line])
    assert len(re.findall(r'class="line k-sell-through"', svg)) == 1
    assert len(re.findall(r'class="dot k-sell-through"', svg)) == 3


def test_bars_start_at_zero_also_below_it() -> None:
    svg = draw([Decimal(-50), Decimal(100)])
    zero = Decimal(re.findall(r'class="zero"[^>]* y1="([0-9.]+)"', svg)[0])
    (below, _), (above, height) = [
        (Decimal(y), Decimal(h)) for y, h in re.findall(r'class="column[^>]* y="([0-9.]+)" height="([0-9.]+)"', svg)
    ]
    assert below == zero
    assert above + height == zero


@given(VALUES)
def test_a_scale_holds_every_value_and_zero(values: list[Decimal | None]) -> None:
    scale = charts.scale_of(values)
    known = [value for value in values if value is not None]
    assert scale.low <= min([*known, Decimal(0)])
    assert scale.high >= max([*known, Decimal(0)])
    assert Decimal(0) in scale.ticks
    assert 2 <= len(scale.ticks) <= 7


@given(VALUES)
def test_every_figure_stands_in_the_table_and_nothing_is_styled_inline(values: list[Decimal | None]) -> None:
    svg = draw(values)
    table = svg[svg.index("<table") :]
    whole = all(value is None or value == value.to_integral_value() for value in values)
    for value in values:
        assert (EN.money(value, places=0 if whole else 2) if value is not None else "no report") in table
    assert "style=" not in svg
    assert svg.count('class="hit"') == len(values)


@pytest.mark.parametrize(("currency", "shown"), [("CNY", "1,234.57"), ("JPY", "1,235"), (None, "1,234.57")])
def test_amounts_have_the_digits_of_their_currency_and_the_rest_in_the_title(currency: str, shown: str) -> None:
    months = [Month(2025, 11), Month(2025, 12)]
    amounts = [Decimal("1234.5678"), Decimal(20)]
    svg = str(charts.monthly(EN, months, charts.Series("x", amounts), title="Sales", currency=currency))
    assert f'<td class="n" data-label="x" title="1,234.5678">{shown}</td>' in svg
    assert f'data-v0="{shown}"' in svg
    # What is told whole needs no title, and stands with as many digits as its neighbours.
    assert f'<td class="n" data-label="x">{EN.money(Decimal(20), places=0 if currency == "JPY" else 2)}</td>' in svg


def test_the_text_alternative_names_the_highest_month() -> None:
    svg = draw([Decimal(1), Decimal(5000), None, Decimal(7)])
    assert "Sales, Nov 2025 to Feb 2026. sell-in is highest in Dec 2025: 5,000." in svg


def test_names_are_escaped() -> None:
    hostile = '<script>"x"</script>'
    svg = str(charts.monthly(EN, MONTHS[:1], charts.Series(hostile, [Decimal(1)]), title=hostile))
    assert "<script>" not in svg


def test_series_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="one value for each month"):
        charts.monthly(EN, MONTHS, charts.Series("sell-in", [Decimal(1)]), title="x")


def test_no_months_are_said_to_be_none() -> None:
    assert "There are no months to show." in charts.monthly(EN, [], charts.Series("x", []), title="x")


def test_a_sparkline_breaks_and_says_what_is_missing() -> None:
    svg = charts.sparkline(EN, [Decimal(1), None, Decimal(3), Decimal(2)], "Sell-in")
    assert svg.count("<polyline") == 2
    assert "Sell-in, 1 without a report" in svg
    assert "<circle" not in charts.sparkline(EN, [Decimal(1), None], "x")
    assert "<svg" in charts.sparkline(EN, [], "x")


def test_small_movements_stay_small_in_a_sparkline() -> None:
    points = re.findall(r",([0-9.]+)", str(charts.sparkline(EN, [Decimal(1000), Decimal(1001)], "x")))
    assert abs(float(points[0]) - float(points[1])) < 1


def test_a_meter_marks_what_is_over_the_whole() -> None:
    parts = [charts.MeterPart("open", Decimal(90)), charts.MeterPart("orders", Decimal(60), "sell-through")]
    under = charts.meter(EN, parts, Decimal(200), "Exposure")
    assert "Exposure: 150 of 200, 75%" in under
    assert "k-bad" not in under
    assert 'width="45%"' in under
    over = charts.meter(EN, parts, Decimal(100), "Exposure")
    assert "Exposure: 150 of 100, 150%" in over
    assert 'class="mark" x1="66.67%"' in over
    assert 'class="k-bad" x="66.67%" width="33.33%"' in over


def test_a_meter_at_the_whole_is_not_over_it() -> None:
    assert "k-bad" not in charts.meter(EN, [charts.MeterPart("a", Decimal(100))], Decimal(100), "x")


@pytest.mark.parametrize("whole", [None, Decimal(0)])
def test_without_a_whole_nothing_is_measured(whole: Decimal | None) -> None:
    svg = charts.meter(EN, [charts.MeterPart("a", Decimal(5))], whole, "Used")
    assert "nothing to measure against" in svg
    assert "<rect" not in svg


def test_what_is_explored_holds_the_same_figures() -> None:
    spec = charts.exploring(EN, MONTHS, [charts.Series("sell-in", [Decimal("1.5"), None, Decimal(0), Decimal(2)])])
    assert [row["value"] for row in spec["data"]["values"]] == [1.5, None, 0.0, 2.0]
