"""XLSX in and out."""

import contextlib
import io
import random
import tempfile
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from channel import files
from channel.files import workbook as limits
from channel.files import workcells
from channel.files.workformats import date_text, shows_date


def read(path: Path, **told: str) -> list[files.Record]:
    return list(files.read_rows(path, files.sniff(path, **told)))


def test_values_are_read_as_people_see_them(tmp_path: Path) -> None:
    path = tmp_path / "in.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        book.add_worksheet("空")
        page = book.add_worksheet("销售 & more")
        page.write(1, 1, "Report of March")
        page.write_row(3, 1, ["经销商", "金额", "日期", "编码"])
        page.write_row(4, 1, ["D1", 49])
        page.write_datetime(4, 3, datetime(2013, 1, 2), day)  # noqa: DTZ001 - spreadsheets know no zones
        page.write_string(4, 4, "0049")
        page.write_row(6, 1, ["D2", 0.1 + 0.2])
        page.write_datetime(6, 3, datetime(2013, 1, 2, 10, 5), moment)  # noqa: DTZ001 - see above
        page.write_boolean(6, 4, True)
        page.write_row(7, 1, ["D3", 1e20])
        page.write_row(8, 1, ["D4", -1.5e-7])
        page.write_row(9, 1, ["D5"])
        page.write_formula(9, 2, "=1/0", None, "#DIV/0!")
        page.write_row(10, 1, ["D6", 1234567890.1234])
    shape = files.sniff(path)
    assert (shape.kind, shape.sheet, shape.sheets) == ("xlsx", "销售 & more", ("空", "销售 & more"))
    assert (shape.header, shape.header_line) == (("", "经销商", "金额", "日期", "编码"), 4)
    assert list(files.read_rows(path, shape)) == [
        files.Record(5, ("", "D1", "49", "2013-01-02", "0049")),
        files.Record(7, ("", "D2", "0.3", "2013-01-02 10:05:00", "true")),
        files.Record(8, ("", "D3", "1.00000E+20", "", "")),
        files.Record(9, ("", "D4", "-0.00000015", "", "")),
        files.Record(10, ("", "D5", "", "", ""), "formula-error"),
        files.Record(11, ("", "D6", "1234567890.1234", "", "")),
    ]
    with pytest.raises(files.Unreadable, match="no sheet x"):
        files.sniff(path, sheet="x")


def test_what_is_exported_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    rows: list[tuple[files.Cell, ...]] = [
        ("经销商", Decimal("1234567.8900"), date(2013, 2, 28), True, 49, None),
        ("=1+1", Decimal("-0.0001"), datetime(2013, 2, 28, 8, 30, tzinfo=UTC), False, -3, "https://a.example"),
        ("@x", Decimal("12345678901234567.1234"), date(1899, 1, 1), None, 10**20, "x" * 40_000),
    ]
    files.write_xlsx(path, ("name", "amount", "on", "yes", "n", "text"), rows)
    found = [r.cells for r in read(path)]
    assert found[0] == ("经销商", "1234567.89", "2013-02-28", "true", "49", "")
    assert found[1] == ("=1+1", "-0.0001", "2013-02-28 08:30:00", "false", "-3", "https://a.example")
    assert found[2] == ("@x", "12345678901234567.1234", "1899-01-01", "", "1" + "0" * 20, "x" * 32_767)


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.decimals(min_value=-(10**10), max_value=10**10, places=4),
            st.dates(min_value=date(1901, 1, 1)),
            st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=20),
        ),
        max_size=5,
    )
)
def test_amounts_dates_and_texts_survive(rows: list[tuple[Decimal, date, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.xlsx"
        files.write_xlsx(path, ("amount", "on", "name"), rows)
        found = [r.cells for r in read(path)]
    assert [(Decimal(a), date.fromisoformat(d), t) for a, d, t in found] == rows


SHEET = "xl/worksheets/sheet1.xml"


def workbook(
    changed: dict[str, Callable[[bytes], bytes]] | None = None, extra: dict[str, bytes] | None = None
) -> io.BytesIO:
    """A workbook with the sheet `s`: a, b and 1, 2; with parts changed or added."""
    kept, made = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        page = book.add_worksheet("s")
        page.write_row(0, 0, ["a", "b"])
        page.write_row(1, 0, [1, 2])
    with zipfile.ZipFile(kept) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            change = (changed or {}).get(part.filename, bytes)
            new.writestr(part.filename, change(old.read(part)))
        for name, content in (extra or {}).items():
            new.writestr(name, content)
    return made


@pytest.mark.parametrize("cell", [b'<c r="XFD1048576">', b"<c r='XFD1048576'>", b'<c r = "xfd2">'])
def test_a_cell_far_out_takes_no_memory_for_the_cells_before_it(cell: bytes) -> None:
    source = workbook({SHEET: lambda xml: xml.replace(b'<c r="B2">', cell)})
    tracemalloc.start()
    shape = files.sniff(source)
    assert shape.header == ("a", "b")
    assert [record.fault for record in files.read_rows(source, shape)] == ["ragged"]
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="XFE2">',
        b'<c r="AAAA2">',
        b'<c r="2">',
        b'<c r="B2" t="s">',
        b'<c r="B2" s="x">',
        b'<c r="B2"><c>',
        b'</row><row r="1048577"><c r="B1048577">',
        b'</row><row r="-1"><c>',
        b'</row><row r="1e9"><c>',
    ],
)
def test_what_no_spreadsheet_writes_is_damage(cell: bytes) -> None:
    def spoil(xml: bytes) -> bytes:
        return xml.replace(b'<c r="B2"><v>2', cell + b"<v>7777")

    with pytest.raises(files.Unreadable) as told:
        files.sniff(workbook({SHEET: spoil}))
    assert told.value.code == "bad-workbook"


def test_a_workbook_with_a_document_type_is_refused() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    with pytest.raises(files.Unreadable) as told:
        files.sniff(workbook({SHEET: lambda xml: bomb + xml.partition(b"?>")[2]}))
    assert told.value.code == "bad-workbook"


def test_a_workbook_that_unfolds_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UNPACKED_LIMIT", 4 << 20)
    bomb = workbook(extra={"xl/media/zeros.bin": bytes(5 << 20)})
    assert len(bomb.getvalue()) < 1 << 20
    with pytest.raises(files.Unreadable) as told:
        files.sniff(bomb)
    assert told.value.code == "workbook-too-large"


def test_rows_without_end_are_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workcells, "CELLS_LIMIT", 100_000)
    far = b"".join(b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (n, n) for n in range(3, 12))
    source = workbook({SHEET: lambda xml: xml.replace(b"</sheetData>", far + b"</sheetData>")})
    shape = files.sniff(workbook())
    with pytest.raises(files.Unreadable) as told:
        list(files.read_rows(source, shape))
    assert told.value.code == "workbook-too-large"


@given(st.integers(0, 2**32))
@settings(max_examples=60)
def test_a_damaged_workbook_is_read_or_refused_and_nothing_else(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - damage, not secrets
    content = bytearray(workbook().getvalue())
    for _ in range(chance.randint(1, 6)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    source = io.BytesIO(bytes(content))
    with contextlib.suppress(files.Unreadable):
        list(files.read_rows(source, files.sniff(source)))


@given(st.binary(max_size=300) | st.text(',;\t|"\r\n\0aé中', max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused_and_nothing_else(content: bytes) -> None:
    source = io.BytesIO(content)
    with contextlib.suppress(files.Unreadable):
        list(files.read_rows(source, files.sniff(source)))


def test_another_reader_sees_the_same(tmp_path: Path) -> None:
    path = tmp_path / "same.xlsx"
    days = [date(1900, 2, 28), date(1900, 3, 1), date(2013, 12, 31), date(9999, 12, 31)]
    rows = [(f"D{n}", Decimal(n) / 8, day, f" _x{n} 中<&>", n) for n, day in enumerate(days)]
    files.write_xlsx(path, ("a", "b", "c", "d", "e"), rows)
    page = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    theirs = [[str(cell) for cell in row] for row in page.to_python()][1:]
    ours = [list(record.cells) for record in read(path)]
    assert [[r[0], Decimal(r[1]), r[2], r[3].strip(), Decimal(r[4])] for r in theirs] == [
        [r[0], Decimal(r[1]), r[2], r[3], Decimal(r[4])] for r in ours
    ]


@pytest.mark.parametrize(
    ("serial", "from_1904", "text"),
    [
        (41276, False, "2013-01-02"),
        (41276.5, False, "2013-01-02 12:00:00"),
        (1, False, "1900-01-01"),
        (59, False, "1900-02-28"),
        (61, False, "1900-03-01"),
        (0.25, False, "06:00:00"),
        (0, True, "00:00:00"),
        (39814, True, "2013-01-02"),
        (1e12, False, "1000000000000"),
    ],
)
def test_days_are_counted_as_spreadsheets_count(serial: float, from_1904: bool, text: str) -> None:
    assert date_text(serial, from_1904=from_1904) == text


@pytest.mark.parametrize(
    ("code", "is_date"),
    [
        ("yyyy-mm-dd", True),
        ('yyyy"年"m"月"d"日"', True),
        ("[$-804]yyyy年m月d日;@", True),
        ("[h]:mm", True),
        ("General", False),
        ("0.00", False),
        ('#,##0.00" days"', False),
        ("[Red]0.00", False),
        ("0.00E+00", False),
        ("@", False),
        (r"0\d", False),
    ],
)
def test_formats_that_show_days(code: str, is_date: bool) -> None:
    assert shows_date(code) == is_date


def test_a_zip_without_a_workbook_is_no_table() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("readme.txt", "a,b")
    with pytest.raises(files.Unreadable) as told:
        files.sniff(made)
    assert told.value.code == "not-a-table"
