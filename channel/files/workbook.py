"""Reading XLSX: the limits that are checked before the workbook is opened, and its cells as text.

A workbook is a ZIP of XML, so a small file can unfold without bound, and one cell far out makes the reader
reserve every cell before it. Both are measured on the packed parts first.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from channel.files.problems import Unreadable
from channel.files.stored import CHUNK, Source, opened
from channel.files.table import Record

PACKED_LIMIT = 200 << 20
UNPACKED_LIMIT = 512 << 20
PARTS_LIMIT = 5_000
CELLS_LIMIT = 10_000_000
"""Cells of a sheet's filled rectangle, empty ones among them: the reader holds them all, 32 bytes each."""
_OVERLAP = 512
_DIGITS_SHOWN = 15
"""Significant digits that a spreadsheet shows; those beyond are the noise of binary fractions."""

_PLACE = re.compile(rb'r="([A-Za-z]{1,3})([0-9]{1,7})"')
_ODD_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,3})([0-9]{1,7})["']""")
_ODD = (b"r='", b"r =", b"r= ", b"r\n", b"r\r", b"r\t")
"""Ways of writing a place that are right, are hardly ever used, and cost too much to look for everywhere."""
_ERROR = re.compile(rb"""<(?:\w+:)?c\b(?=[^>]*\bt\s*=\s*["']e["'])[^>]*?\br\s*=\s*["'][A-Z]+([0-9]+)["']""")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*["']([^"']*)["']""")


@dataclass(frozen=True, slots=True)
class Book:
    """What is known of a workbook before its cells are read: visible sheets, and rows with failed formulas."""

    sheets: tuple[str, ...]
    failed_rows: dict[str, frozenset[int]]


def measure(source: Source) -> Book:
    """Check the limits of a workbook; `Unreadable` when it is damaged, too large or not a workbook."""
    with opened(source) as file:
        try:
            with zipfile.ZipFile(file) as packed:
                return _measure(packed)
        except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise Unreadable("bad-workbook") from error


def _measure(packed: zipfile.ZipFile) -> Book:
    parts = packed.infolist()
    if "xl/workbook.xml" not in packed.namelist():
        raise Unreadable("not-a-table")
    if (
        len(parts) > PARTS_LIMIT
        or sum(part.file_size for part in parts) > UNPACKED_LIMIT
        or sum(part.compress_size for part in parts) > PACKED_LIMIT
    ):
        raise Unreadable("workbook-too-large")
    names = _sheet_parts(packed)
    failed = {}
    for part in parts:
        rows = _scan(packed, part)  # reads every part to its end, so a size that was declared falsely fails its sum
        if part.filename in names:
            failed[names[part.filename]] = rows
    return Book(tuple(names.values()), failed)


def _sheet_parts(packed: zipfile.ZipFile) -> dict[str, str]:
    """Part name -> sheet name, in the workbook's order, hidden sheets left out."""
    try:
        relations = {
            found["Id"]: found["Target"]
            for found in _attributes(_RELATION, packed.read("xl/_rels/workbook.xml.rels"))
            if "Id" in found and "Target" in found
        }
    except KeyError:
        raise Unreadable("bad-workbook") from None
    names = {}
    for found in _attributes(_SHEET, packed.read("xl/workbook.xml")):
        target = next((relations.get(value) for key, value in found.items() if key.endswith(":id")), None)
        if target and found.get("state", "visible") == "visible":
            names[target.lstrip("/") if target.startswith("/") else f"xl/{target}"] = _unescaped(found.get("name", ""))
    return names


def _attributes(tag: re.Pattern[bytes], xml: bytes) -> Iterator[dict[str, str]]:
    for element in tag.finditer(xml):
        yield {key.decode(): value.decode("utf-8", "replace") for key, value in _ATTRIBUTE.findall(element[0])}


def _unescaped(text: str) -> str:
    for name, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(name, character)
    return text


def _scan(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> frozenset[int]:
    """Read one part through; the rows with failed formulas. A sheet whose rectangle is too large is refused."""
    is_sheet = part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml")
    low, high, columns, failed, tail = 1 << 30, 0, set[bytes](), set[int](), b""
    with packed.open(part) as stream:
        while chunk := stream.read(CHUNK):
            if not is_sheet:
                continue
            piece = tail + chunk
            places = (_ODD_PLACE if any(odd in piece for odd in _ODD) else _PLACE).findall(piece)
            if places:
                found, lines = map(set, zip(*places, strict=True))
                columns |= found
                rows = [int(line) for line in lines]
                low, high = min(low, *rows), max(high, *rows)
            if b't="e"' in piece or b"t='e'" in piece:
                failed.update(int(row) for row in _ERROR.findall(piece))
            tail = piece[-_OVERLAP:]
    if high and columns:
        numbers = [_column_number(column) for column in columns]
        if (high - low + 1) * (max(numbers) - min(numbers) + 1) > CELLS_LIMIT:
            raise Unreadable("workbook-too-large")
    return frozenset(failed)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def xlsx_records(source: Source, book: Book, sheet: str) -> Iterator[Record]:
    """The rows of a sheet that are not blank, numbered as the spreadsheet numbers them."""
    failed = book.failed_rows.get(sheet, frozenset())
    with opened(source) as file:
        try:
            page: CalamineSheet = CalamineWorkbook.from_filelike(file).get_sheet_by_name(sheet)
        except (CalamineError, ValueError, OSError) as error:
            raise Unreadable("bad-workbook") from error
    for line, row in enumerate(page.iter_rows(), start=1):
        cells = tuple(map(_as_text, row))
        if any(cells) or line in failed:
            yield Record(line, cells, "formula-error" if line in failed else None)


def _as_text(value: object) -> str:
    """A cell as a person reads it in the spreadsheet: 49 and not 49.0, 0.3 and not 0.30000000000000004."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number_text(value)
    if isinstance(value, datetime):
        return value.isoformat(" ") if value.time() != time() else value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return _number_text(value.total_seconds() / 86400) if isinstance(value, timedelta) else str(value)


def _number_text(value: float) -> str:
    shown = f"{value:.{_DIGITS_SHOWN}g}"
    if "e" not in shown:
        return shown
    plain = Decimal(shown)
    return format(plain, "f") if abs(plain.adjusted()) <= 2 * _DIGITS_SHOWN else shown
