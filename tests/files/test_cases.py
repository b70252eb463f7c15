"""Files that people sent elsewhere and that were misread: each with what it holds."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel import files
from channel.files.workbook_parts import plain
from tests.make.workbooks import workbook

CASES = Path(__file__).parent / "cases"
NORMAL = [("D1014", "2026-11-05", "AC10", "2", "2000"), ("D1014", "2026-11-06", "AC20", "1", "1500")]
NAMES = frozenset({"Dealer", "Date", "Product", "Quantity", "Amount"})


def known(header: tuple[str, ...]) -> int:
    return len(NAMES & set(header))


@pytest.mark.parametrize("name", ["normal", "part_name", "shared_strings_name", "backslashes"])
def test_parts_of_a_workbook_are_found_by_their_relations(name: str) -> None:
    path = CASES / f"workbook_{name}.xlsx"
    shape = files.sniff(path)
    assert (shape.sheet, shape.header) == ("Report", ("Dealer", "Date", "Product", "Quantity", "Amount"))
    assert [record.cells for record in files.read_rows(path, shape)] == NORMAL


@pytest.mark.parametrize("by_names", [True, False])
def test_the_header_is_found_under_titles_of_several_cells(by_names: bool) -> None:
    path = CASES / "header_in_third_row.xlsx"
    shape = files.sniff(path, known=known if by_names else None)  # type: ignore[arg-type]
    assert (shape.header_line, shape.header) == (3, ("Dealer", "Date", "Product", "Quantity", "Amount"))
    assert [record.cells for record in files.read_rows(path, shape)] == NORMAL[:1]


def test_rows_that_a_formula_was_dragged_down_to_are_passed_over_and_counted() -> None:
    path = CASES / "formulas_dragged_down.xlsx"
    seen = files.Seen()
    rows = list(files.read_rows(path, files.sniff(path), seen))
    assert [(row.line_no, row.cells) for row in rows] == [(2, NORMAL[0]), (30, ("Total", "", "", "2", "2000"))]
    assert seen.dragged == 27


def test_a_part_is_one_by_any_name_that_means_it() -> None:
    names = ("xl/worksheets/sheet1.xml", "/XL/Worksheets/Sheet1.xml", "xl\\worksheets\\sheet1.xml")
    assert {plain(name) for name in names} == {"xl/worksheets/sheet1.xml"}
    targets = ("worksheets/sheet1.xml", "/xl/worksheets/sheet1.xml", "../xl/./worksheets\\Sheet1.xml")
    assert {plain(target, "xl") for target in targets} == {"xl/worksheets/sheet1.xml"}


def test_a_row_with_anything_of_its_own_beside_a_formula_is_read() -> None:
    content = workbook([["D1", "2025-01-05", "P1", 2, 0], ["", "", "", "", "=D3*2"], ["", "", "", 0, ""]])
    source, seen = io.BytesIO(content), files.Seen()
    shape = files.sniff(source, sheet="Report")
    assert [record.line_no for record in files.read_rows(source, shape, seen)] == [2, 4]
    assert seen.dragged == 1


def test_hidden_sheets_are_read_only_when_they_are_named() -> None:
    source = io.BytesIO(workbook([["D1", "2025-01-05", "P1", 2, 0]]))
    shape = files.sniff(source, known=known)  # type: ignore[arg-type]
    assert (shape.sheet, shape.sheets, shape.hidden) == ("Report", ("Cover", "Report"), ("Notes",))
    assert {note.code: note.about for note in shape.notes} == {"other-sheets": "Cover", "hidden-sheets": "Notes"}
    assert files.sniff(source, sheet="Notes").header == ("Dealer", "Date", "Product", "Quantity", "Amount")


def test_a_quote_that_swallows_lines_is_told_and_swallows_none() -> None:
    path, seen = CASES / "quote_swallows_rows.csv", files.Seen()
    shape = files.sniff(path)
    rows = list(files.read_rows(path, shape, seen))
    assert [(row.line_no, row.cells[4], row.cells[5], row.fault) for row in rows] == [
        (2, "2000", "A-1", None),
        (3, "1000", "A-2", None),
        (4, "7500", "A-3", None),
        (5, "1500", "A-5", None),
    ]
    assert seen.quotes == [files.OpenQuote(3, 4)]
    assert shape.sample_rows == tuple(rows)


@pytest.mark.parametrize("sep", [",", ";", "\t"])
@given(data=st.data())
def test_any_stray_pair_of_quotes_swallows_nothing(sep: str, data: st.DataObject) -> None:
    cell = st.text(st.sampled_from("aé1 .-中'"), min_size=1, max_size=6).map(lambda text: f"x{text}")
    rows = data.draw(st.lists(st.lists(cell, min_size=4, max_size=4), min_size=2, max_size=8))
    opens = data.draw(st.integers(0, len(rows) - 2))
    closes = data.draw(st.integers(opens + 1, len(rows) - 1))
    spoilt = [list(row) for row in rows]
    at = data.draw(st.integers(0, 3))
    spoilt[opens][at] = f'"{spoilt[opens][at]}'
    if data.draw(st.booleans()):
        at = data.draw(st.integers(0, 3))
        spoilt[closes][at] = f'{spoilt[closes][at]}"'
    else:  # never closed: it would take in all that follows
        closes = len(rows) - 1
    content = "".join(sep.join(row) + "\r\n" for row in (["a", "b", "c", "d"], *spoilt)).encode()
    source, seen = io.BytesIO(content), files.Seen()
    shape = files.sniff(source, delimiter=sep, encoding="utf-8", header_line=1)
    found = [record.cells for record in files.read_rows(source, shape, seen)]
    assert found == [tuple(row) for row in rows]
    assert seen.quotes == [files.OpenQuote(opens + 2, closes + 2)]


def test_a_cell_of_several_lines_is_one_cell() -> None:
    rows = [("D1", "Shop 5,\nMain Street", "3"), ("D2", "a, b\n\nc, d, e\nf", "4")]
    source, seen = io.BytesIO(b"".join(files.csv_bytes(("code", "place", "n"), rows))), files.Seen()
    assert [record.cells for record in files.read_rows(source, files.sniff(source), seen)] == rows
    assert seen.quotes == []


def test_a_quote_that_takes_in_what_is_no_record_is_a_fault_of_its_line() -> None:
    source = io.BytesIO(b'a,b,c,d\n1,2,3,4\n1,"2,3\nremark\nanother",3\n1,2,3,4\n')
    found = [(record.line_no, record.fault) for record in files.read_rows(source, files.sniff(source))]
    assert found == [(2, None), (3, "open-quote"), (6, None)]
