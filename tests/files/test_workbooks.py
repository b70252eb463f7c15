"""XLSX in and out."""

import io
import tempfile
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from channel import files


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
    assert (shape.header, shape.header_line) == (("经销商", "金额", "日期", "编码"), 4)
    assert list(files.read_rows(path, shape)) == [
        files.Record(5, ("D1", "49", "2013-01-02", "0049")),
        files.Record(7, ("D2", "0.3", "2013-01-02 10:05:00", "true")),
        files.Record(8, ("D3", "100000000000000000000", "", "")),
        files.Record(9, ("D4", "-0.00000015", "", "")),
        files.Record(10, ("D5", "", "", ""), "formula-error"),
        files.Record(11, ("D6", "1234567890.1234", "", "")),
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


def _workbook(cell: str, extra: dict[str, bytes] | None = None) -> io.BytesIO:
    kept, made = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        page = book.add_worksheet("s")
        page.write_row(0, 0, ["a", "b"])
        page.write_row(1, 0, [1, 2])
    with zipfile.ZipFile(kept) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                content = content.replace(b'<c r="B2">', cell.encode())
            new.writestr(part.filename, content)
        for name, content in (extra or {}).items():
            new.writestr(name, content)
    return made


@pytest.mark.parametrize("cell", ['<c r="XFD1048576">', "<c r='XFD1048576'>", '<c r = "xfd1048576">'])
def test_one_cell_far_out_does_not_take_all_memory(cell: str) -> None:
    with pytest.raises(files.Unreadable) as told:
        files.sniff(_workbook(cell))
    assert told.value.code == "workbook-too-large"


def test_a_workbook_that_unfolds_without_bound_is_refused() -> None:
    bomb = _workbook('<c r="B2">', {"xl/media/zeros.bin": bytes(513 << 20)})
    assert len(bomb.getvalue()) < 2 << 20
    with pytest.raises(files.Unreadable) as told:
        files.sniff(bomb)
    assert told.value.code == "workbook-too-large"


def test_a_zip_without_a_workbook_is_no_table() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("readme.txt", "a,b")
    with pytest.raises(files.Unreadable) as told:
        files.sniff(made)
    assert told.value.code == "not-a-table"
