"""Rows written as CSV and XLSX for people who open them in a spreadsheet."""

import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

Cell = str | int | Decimal | date | datetime | bool | None
"""What a row may hold; an absent value is an empty cell."""

_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
_GUARDED = re.compile(r"'+[=+\-@\t\r＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?", re.ASCII)
_QUOTED = re.compile('[",;|\t\n\r\v\f\x85\u2028\u2029]')
_PIECE = 64 * 1024
_SHEET_ROWS = 1_048_576
_CELL_CHARACTERS = 32_767
_FIRST_YEAR = 1900
"""Before it a spreadsheet has no dates."""
_EXACT_DIGITS = 15
"""Digits that a spreadsheet's number keeps; longer numbers are written as text so that none is lost."""
_MEASURED = 500
"""Rows by whose cells the columns are made wide enough."""
_NARROWEST, _WIDEST, _AIR = 8, 60, 2
"""The least and the greatest width of a column, in signs, and what is left free beside its longest cell."""


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe before what begins like one.

    Numbers stay as they are. `unguarded` undoes it when our own file comes back, mended by hand.
    """
    return "'" + text if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def unguarded(cells: list[str]) -> list[str]:
    """The cells without the apostrophes that `guarded` set."""
    return [cell[1:] if cell.startswith("'") and _GUARDED.match(cell) else cell for cell in cells]


def as_text(value: Cell) -> str:
    """A value as CSV and exports show it: plain digits, ISO dates, times in UTC, true and false, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return _utc(value).isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date) else str(value)


def csv_bytes(
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    delimiter: str = ",",
    mark: bool = True,
    first: bool = True,
) -> Iterator[bytes]:
    """A CSV file in pieces: UTF-8 with its mark, so that Excel shows Chinese, and safe against formulas.

    A text with any sign that some reader takes for a delimiter or a line end stands in quotes: a spreadsheet in another
    country parts the file at semicolons, whatever it was written with. Rows that come later, to go on with the file,
    are not the `first`: they have neither mark nor header.
    """
    out = io.StringIO(newline="")
    if first:
        out.write(("\ufeff" if mark else "") + _csv_line(header, delimiter))
    for row in rows:
        out.write(_csv_line(row, delimiter))
        if out.tell() > _PIECE:
            yield out.getvalue().encode("utf-8", "replace")
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode("utf-8", "replace")


def _csv_line(row: Sequence[Cell], delimiter: str) -> str:
    line = delimiter.join([_csv_cell(value) for value in row])
    # A line with nothing at all is passed over by many readers; a single empty cell says that it is one.
    return (line if line or len(row) != 1 else '""') + "\r\n"


def _csv_cell(value: Cell) -> str:
    if not isinstance(value, str):
        return as_text(value)
    text = guarded(value)
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) or text != text.strip() else text


def write_xlsx(path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]], *, sheet: str = "channel") -> None:
    """A workbook at `path`, written row by row: numbers as numbers, dates as dates, texts never as formulas.

    Past the 1,048,575 rows of a sheet it goes on in a further sheet with the header again. Numbers of more than
    15 digits are written as text; a text is cut at the 32,767 characters that a cell can hold. A column is as wide as
    its heading and its cells in the first some hundred rows want it.
    """
    # Its parts lie beside the file, where whoever wants it removes what is left of one that was broken off.
    aside = {"tmpdir": str(path.parent)}
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False} | aside
    with xlsxwriter.Workbook(str(path), options) as book:
        formats = _Formats(book)
        page, line = _new_sheet(book, formats, sheet, 1, header), 1
        widths = [_width(title) for title in header]
        for row in rows:
            if line == _SHEET_ROWS:
                page, line = _new_sheet(book, formats, sheet, len(book.worksheets()) + 1, header), 1
            for column, value in enumerate(row):
                _put(page, formats, line, column, value)
            if line <= _MEASURED:
                widths = [max(known, _width(value)) for known, value in zip_longest(widths, row, fillvalue=0)]
            line += 1
        for each in book.worksheets():
            for column, width in enumerate(widths):
                each.set_column(column, column, min(max(width + _AIR, _NARROWEST), _WIDEST))


def _width(value: Cell) -> int:
    """How many signs wide a value is shown; a Chinese one takes the room of two."""
    match value:
        case bool():
            return len("FALSE")
        case str():
            text = value[:_WIDEST].partition("\n")[0]
            return len(text) if text.isascii() else sum(2 if _is_wide(sign) else 1 for sign in text)
        case Decimal() if _fits(value):
            return len(f"{value:,f}")
        case datetime():
            return len("2013-01-31 00:00:00")
        case _:
            return len(as_text(value))


def _is_wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in "WF"


class _Formats:
    """One format per kind of value, as a workbook may hold only so many."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._numbers: dict[int, Format] = {}
        self.header: Format = book.add_format({"bold": True, "bottom": 1})
        self.day: Format = book.add_format({"num_format": "yyyy-mm-dd"})
        self.moment: Format = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})

    def number(self, places: int) -> Format:
        if places not in self._numbers:
            shown = "#,##0" + ("." + "0" * places if places else "")
            self._numbers[places] = self._book.add_format({"num_format": shown})
        return self._numbers[places]


def _new_sheet(book: xlsxwriter.Workbook, formats: _Formats, name: str, count: int, header: Sequence[str]) -> Worksheet:
    page = book.add_worksheet(name if count == 1 else f"{name} {count}")
    page.freeze_panes(1, 0)
    for column, title in enumerate(header):
        page.write_string(0, column, title[:_CELL_CHARACTERS], formats.header)
    return page


def _put(page: Worksheet, formats: _Formats, line: int, column: int, value: Cell) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        page.write_boolean(line, column, value)
    elif isinstance(value, datetime) and value.year >= _FIRST_YEAR:
        page.write_datetime(line, column, _utc(value), formats.moment)
    elif isinstance(value, date) and value.year >= _FIRST_YEAR:
        page.write_datetime(line, column, value, formats.day)
    elif isinstance(value, Decimal) and _fits(value):
        page.write_number(line, column, float(value), formats.number(_places(value)))
    elif isinstance(value, int) and len(str(abs(value))) <= _EXACT_DIGITS:
        page.write_number(line, column, value)
    else:
        page.write_string(line, column, as_text(value)[:_CELL_CHARACTERS])


def _fits(value: Decimal) -> bool:
    return value.is_finite() and len(value.as_tuple().digits) <= _EXACT_DIGITS and _places(value) <= _EXACT_DIGITS


def _places(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
