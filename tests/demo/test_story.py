"""The demonstration's story: the same each time, and with everything in it that a real channel shows."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from channel.demo.story import MONTHS, Reports, Story
from channel.periods import Month

LAST = Month(2026, 10)


@pytest.fixture(scope="module")
def story() -> Story:
    return Story(LAST)


@pytest.fixture(scope="module")
def reports(story: Story) -> list[Reports]:
    return list(story.reports())


def test_the_same_last_month_tells_the_same_story(reports: list[Reports]) -> None:
    assert list(Story(LAST).reports()) == reports


def test_there_are_two_years_up_to_the_last_month(reports: list[Reports]) -> None:
    assert len(reports) == MONTHS
    assert (reports[0].month, reports[-1].month) == (Month(2024, 11), LAST)


def test_every_line_lies_in_its_month_and_names_what_exists(story: Story, reports: list[Reports]) -> None:
    codes = {dealer.code for dealer in story.dealers}
    products = {row[0] for row in story.product_file().rows}
    for of_month in reports:
        for file in (of_month.sell_in, of_month.sell_through, of_month.stock):
            for row in file.rows:
                assert len(row) == len(file.header)
                assert row[0] in codes
                assert of_month.month.first <= date.fromisoformat(row[1]) < of_month.month.end
                assert row[2] in products


def test_a_document_has_each_line_once(reports: list[Reports]) -> None:
    lines = Counter(row[-2:] for of_month in reports for row in of_month.sell_in.rows)
    assert set(lines.values()) == {1}


def test_both_types_and_both_currencies_trade(story: Story) -> None:
    assert len(story.dealers) == 150
    assert Counter(dealer.type for dealer in story.dealers) == {"wholesale": 50, "terminal": 100}
    assert {dealer.currency for dealer in story.dealers} == {"CNY", "HKD"}
    assert len({dealer.name for dealer in story.dealers}) == 150


def test_what_must_be_seen_is_there(story: Story, reports: list[Reports]) -> None:
    sold = [row for of_month in reports for row in of_month.sell_in.rows]
    assert any(Decimal(row[3]) < 0 and Decimal(row[4]) < 0 for row in sold), "returns"
    trading = {dealer.code for dealer in story.dealers if dealer.first == 0 and dealer.last == MONTHS}
    missed = [trading - {row[0] for row in of_month.stock.rows} for of_month in reports]
    assert any(missed), "missing reports"
    assert any(dealer.growth > 0.2 for dealer in story.dealers), "growth"
    assert any(dealer.growth < -0.1 for dealer in story.dealers), "decline"
    assert any(dealer.target and dealer.first >= MONTHS - 2 for dealer in story.dealers), "new dealers with targets"
    mismatches = [d for d in story.dealers if any(g.line.wanted_type not in {"", d.type} for g in d.goods)]
    assert 0 < len(mismatches) < 30, "a few lines with the wrong type of dealer"


def test_air_conditioners_sell_in_summer_and_heaters_in_winter(reports: list[Reports]) -> None:
    def pieces(line: str, months: set[int]) -> int:
        rows = (row for r in reports if r.month.month in months for row in r.sell_through.rows)
        return sum(int(row[3]) for row in rows if row[2].startswith(line))

    assert pieces("AC", {6, 7}) > 2 * pieces("AC", {1, 2})
    assert pieces("HT", {11, 12}) > 3 * pieces("HT", {5, 6})


def test_every_selling_day_has_a_rate_at_most_a_week_old(story: Story) -> None:
    days = sorted(date.fromisoformat(row[1]) for row in story.rate_file(date.min, LAST.end).rows)
    assert days[0] <= story.months[0].first - timedelta(days=7)
    assert max(later - earlier for earlier, later in pairwise(days)) <= timedelta(days=3)


def test_a_territory_stands_below_one_that_came_before(story: Story) -> None:
    seen = {""}
    levels = set()
    for code, _, level, parent in story.territory_file().rows:
        assert parent in seen
        seen.add(code)
        levels.add(level)
    assert levels == {"region", "city", "district"}
    assert {dealer.territory for dealer in story.dealers} <= seen
