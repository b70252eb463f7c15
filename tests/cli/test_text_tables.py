"""Tables on screens of any width: nothing cut, nothing lost without a word."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from channel.cli.terminal.output import Show
from channel.cli.terminal.text_tables import ItemColumn, lay, wrap

COLUMNS = (
    ItemColumn("code", "Code"),
    ItemColumn("name", "Name"),
    ItemColumn("amount", "Amount, company currency", number=True),
    ItemColumn("by", "By", less=1),
    ItemColumn("at", "At", less=2),
)
ROWS = (
    ("D1", "长江国际贸易发展有限公司", "1,234,567.50", "fang", "2026-11-22"),
    ("D2", "Harbour Electrical & Refrigeration Sons", "–", "mei", "2026-11-23"),
)


def test_without_a_width_a_table_is_as_wide_as_it_is() -> None:
    laid = lay(ROWS, COLUMNS, None)
    assert (len(laid.head), len(laid.body), laid.left_out) == (1, 2, [])
    assert laid.body[1].startswith("D2    Harbour Electrical & Refrigeration Sons")


def test_a_number_is_aligned_right_beside_chinese() -> None:
    first, second = lay(ROWS, COLUMNS[:3], None).body
    assert cell_len(first) == cell_len(second)
    assert first.endswith("1,234,567.50")


def test_texts_are_wrapped_before_columns_are_left_out() -> None:
    laid = lay(ROWS, COLUMNS, 70)
    assert laid.left_out == []
    assert len(laid.body) > len(ROWS)
    assert max(map(cell_len, laid.head + laid.body)) <= 70


@pytest.mark.parametrize(
    ("width", "gone"),
    [(54, []), (53, ["At"]), (42, ["At"]), (41, ["By", "At"]), (36, ["By", "At"]), (35, ["By", "At"])],
)
def test_the_least_important_columns_go_first_and_the_others_stay(width: int, gone: list[str]) -> None:
    laid = lay(ROWS, COLUMNS, width)
    assert [c.title for c in laid.left_out] == gone
    assert any("1,234,567.50" in line for line in laid.body)
    assert laid.fits == (width != 35)


@given(
    rows=st.lists(st.tuples(st.text("ab 公司", max_size=60), st.text("0123456789.", max_size=15)), max_size=5),
    width=st.integers(1, 90),
)
def test_no_letter_is_lost_at_any_width(rows: Sequence[tuple[str, str]], width: int) -> None:
    columns = (ItemColumn("a", "A text"), ItemColumn("b", "Figure", number=True))
    laid = lay(rows, columns, width)
    told = sorted("".join(laid.body).replace(" ", ""))
    assert told == sorted("".join(map("".join, rows)).replace(" ", ""))
    if laid.fits:
        assert max(map(cell_len, laid.head + laid.body), default=0) <= width


@given(text=st.text("ab 公,", max_size=80), width=st.integers(2, 30))
def test_wrapped_lines_are_no_wider_than_asked(text: str, width: int) -> None:
    lines = list(wrap(text, width))
    assert all(cell_len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_what_was_left_out_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "53")
    Show("table").rows([dict(zip([c.field for c in COLUMNS], row, strict=True)) for row in ROWS], *COLUMNS)
    said = capsys.readouterr()
    assert "Left out for want of room: At." in said.err
    assert "2026-11-22" not in said.out


def test_a_table_that_nobody_laid_out_becomes_a_list_where_it_is_too_wide(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "30")
    Show("table").rows([{"total_assets": "1000000.0000", "net_worth": "400000.0000", "recorded_by": "finance"}])
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["Total", "assets", "1,000,000.00"], ["Net", "worth", "400,000.00"], ["Recorded", "by", "finance"],
    ]  # fmt: skip


def test_codes_keep_their_letters_and_moments_lose_parts_of_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    Show("table").document({"known_at": "2026-11-22T05:42:29.273661Z", "coefficients": {"AAA": "2.0"}})
    out = capsys.readouterr().out
    assert "2026-11-22T05:42:29Z" in out
    assert "AAA" in out
