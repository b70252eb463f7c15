"""What a file may hold at most, whatever it says of itself; and that its reading takes no more memory for more."""

import csv
import io
import struct
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from channel import files
from channel.files import quotes, workbook, workcells

CELL = 131_072
SHEET = "xl/worksheets/sheet1.xml"
_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_MIB = 1 << 20


def book(path: Path, rows: str, texts: str = "", styles: str = "", names: str = "") -> Path:
    """A workbook of one sheet by the XML of its rows and of the texts that its cells share."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        packed.writestr("xl/workbook.xml", f'<workbook>{names}<sheets><sheet name="s" r:id="r1"/></sheets></workbook>')
        packed.writestr("xl/sharedStrings.xml", f"<sst>{texts}</sst>")
        packed.writestr("xl/styles.xml", f"<styleSheet>{styles}</styleSheet>")
        head = '<row><c t="str"><v>a</v></c><c t="str"><v>b</v></c></row>'
        packed.writestr(SHEET, f"<worksheet><sheetData>{head}{rows}</sheetData></worksheet>")
    return path


def read(path: Path) -> list[files.Record]:
    return list(files.read_rows(path, files.sniff(path, header_line=1)))


def row(*cells: str) -> str:
    return f"<row>{''.join(cells)}</row>"


def text(value: str) -> str:
    return f'<c t="str"><v>{value}</v></c>'


SHARED = '<c t="s"><v>0</v></c>'
DEEP = "<a>" * 200 + "</a>" * 200


def test_a_cell_of_a_workbook_has_131072_characters_at_most(tmp_path: Path) -> None:
    most = book(tmp_path / "most.xlsx", row(text("x" * CELL), SHARED), f"<si><t>{'y' * CELL}</t></si>")
    assert [tuple(map(len, record.cells)) for record in read(most)] == [(CELL, CELL)]
    own = book(tmp_path / "own.xlsx", row(text("x" * (CELL + 1))))
    with pytest.raises(files.Unreadable, match="line 2 has a cell of more than 131072"):
        read(own)
    shared = book(tmp_path / "shared.xlsx", row(SHARED), f"<si><r><t>y</t></r><r><t>{'y' * CELL}</t></r></si>")
    with pytest.raises(files.Unreadable, match="a cell of more than 131072"):
        read(shared)


def test_a_cell_of_a_csv_has_131072_characters_at_most(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    for cell in ("x" * CELL, '"' + "x" * CELL + '"'):
        path.write_text(f"a,b\n{cell},1\n")
        assert [tuple(map(len, record.cells)) for record in read(path)] == [(CELL, 1)]
    for cell in ("x" * (CELL + 1), '"' + "x" * (CELL + 1) + '"', '"' + "x\n" * CELL + '"'):
        path.write_text(f"a,b\n1,2\n{cell},1\n")
        with pytest.raises(files.Unreadable, match="line 3 has a cell of more than 131072"):
            read(path)
    assert csv.field_size_limit() == CELL


def test_a_record_is_bounded_in_however_many_lines_and_cells_it_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotes, "RECORD_LIMIT", 10_000)
    monkeypatch.setattr(workcells, "RECORD_LIMIT", 10_000)
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + '"x\n",' * 1_900 + "\n")
    assert [len(record.cells) for record in read(path)] == [1_901]
    path.write_text("a,b\n" + '"x\n",' * 2_100 + "\n")
    with pytest.raises(files.Unreadable, match="longer than 10000 characters"):
        read(path)
    shared = f"<si><t>{'y' * 1_000}</t></si>"
    assert len(read(book(tmp_path / "t.xlsx", row(*[SHARED] * 10), shared))) == 1
    with pytest.raises(files.Unreadable, match="longer than 10000 characters"):
        read(book(tmp_path / "t.xlsx", row(*[SHARED] * 11), shared))


def test_what_many_cells_share_counts_for_each_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workcells, "SHEET_LIMIT", 50_000)
    shared = f"<si><t>{'y' * 1_000}</t></si>"
    assert len(read(book(tmp_path / "t.xlsx", row(SHARED) * 49, shared))) == 49
    with pytest.raises(files.Unreadable, match="too large"):
        read(book(tmp_path / "t.xlsx", row(SHARED) * 51, shared))


def test_texts_that_cells_share_are_bounded_by_what_they_take_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workcells, "TEXTS_LIMIT", 100 * 60)
    assert read(book(tmp_path / "t.xlsx", row(SHARED), "<si><t>ab</t></si>" * 90))[0].cells[0] == "ab"
    with pytest.raises(files.Unreadable, match="too large"):
        read(book(tmp_path / "t.xlsx", row(SHARED), "<si><t>ab</t></si>" * 110))


@pytest.mark.parametrize(
    ("rows", "styles", "names"),
    [
        pytest.param('<row><c r="' + "A" * 2 * _MIB + '"/></row>', "", "", id="an attribute"),
        pytest.param("<!--" + "x" * 2 * _MIB + "-->", "", "", id="a comment"),
        pytest.param("".join(f"<n{n}/>" for n in range(12_000)), "", "", id="names of elements"),
        pytest.param("<row>" + "".join(f'<c n{n}="1"/>' for n in range(12_000)) + "</row>", "", "", id="of attributes"),
        pytest.param(DEEP, "", "", id="elements in each other"),
        pytest.param("", DEEP, "", id="in each other among styles"),
        pytest.param("", "", DEEP, id="in each other among sheets"),
        pytest.param("", "<cellXfs>" + "<xf/>" * 70_000 + "</cellXfs>", "", id="styles"),
        pytest.param("", " " * 17 * _MIB, "", id="a part of styles"),
        pytest.param("", "", " " * 17 * _MIB, id="a part of sheets"),
    ],
)
def test_what_a_parser_would_hold_without_end_is_refused(tmp_path: Path, rows: str, styles: str, names: str) -> None:
    path = book(tmp_path / "t.xlsx", rows, styles=styles, names=names)
    with pytest.raises(files.Unreadable, match=r"damaged|too large"):
        read(path)


def test_shared_texts_have_a_bound_of_depth(tmp_path: Path) -> None:
    path = book(tmp_path / "t.xlsx", row(SHARED), f"<si><t>a</t></si>{DEEP}")
    with pytest.raises(files.Unreadable, match="damaged"):
        read(path)


def test_the_list_of_parts_of_a_zip_is_not_read_whatever_its_length(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = book(tmp_path / "t.xlsx", row(text("1"), text("2")))
    assert len(read(path)) == 1
    monkeypatch.setattr(workbook, "READ_LIMIT", 70_000)
    listed = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(listed, "a") as packed:
        for number in range(2_000):
            packed.writestr(f"part{number}", b"")
    assert struct.unpack("<I", listed.getvalue()[-10:-6])[0] > workbook.READ_LIMIT
    with pytest.raises(files.Unreadable, match="too large"):
        files.sniff(listed)


def test_a_cell_of_a_hundred_megabytes_takes_no_hundred_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"

    def pieces() -> Iterator[bytes]:
        yield b'<worksheet><sheetData><row><c t="str"><v>'
        for _ in range(100):
            yield b"x" * _MIB
        yield b"</v></c></row></sheetData></worksheet>"

    book(path, "")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "n.xlsx", "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            with new.open(part.filename, "w", force_zip64=True) as out:
                for piece in pieces() if part.filename == SHEET else [old.read(part)]:
                    out.write(piece)
    tracemalloc.start()
    try:
        with pytest.raises(files.Unreadable, match="cell of more than"):
            files.sniff(tmp_path / "n.xlsx")
        assert tracemalloc.get_traced_memory()[1] < 8 * _MIB
    finally:
        tracemalloc.stop()


def test_long_records_are_handed_on_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    records = [files.Record(n, ("x" * 400,)) for n in range(100)]
    assert list(map(len, files.together(records, 30))) == [30, 30, 30, 10]
    monkeypatch.setattr("channel.files.table.RECORD_LIMIT", 2_000)
    assert list(map(len, files.together(records[:13], 30))) == [6, 6, 1]
