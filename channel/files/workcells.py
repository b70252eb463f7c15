"""The XML of a sheet: cells become the texts that a person reads in the spreadsheet."""

import re
import string
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from xml.parsers import expat

from channel.files.problems import Unreadable
from channel.files.seen import Merged, Seen
from channel.files.table import Record

COLUMNS_LIMIT = 16_384
ROWS_LIMIT = 1_048_576
CELLS_LIMIT = 50_000_000
"""Cells of a sheet, empty ones before filled ones among them: work that one file may ask for."""
CELL_LIMIT = 131_072
TEXTS_LIMIT = 128 << 20
"""Characters of all texts that cells share."""
_DIGITS_SHOWN = 15
"""Significant digits that a spreadsheet shows; those beyond are the noise of binary fractions."""

_LEAP_DAY = 60
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_UNSHOWN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Numbers of the formats for dates and times that every workbook has; 27 to 36 and 50 to 58 are the Chinese ones."""


def safe_parser() -> expat.XMLParserType:
    """A parser that refuses a document type: workbooks have none, and entities are how XML is made to explode."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise Unreadable("bad-workbook")

    parser.StartDoctypeDeclHandler = refuse
    return parser


@dataclass(frozen=True, slots=True)
class Styles:
    """Whether the cells of each style show dates."""

    dates: tuple[bool, ...]


def styles_of(xml: bytes) -> Styles:
    """The styles of a workbook by its styles part."""
    codes: dict[str, str] = {}
    dates: list[bool] = []
    inside = False
    parser = safe_parser()

    def start(name: str, found: dict[str, str]) -> None:
        nonlocal inside
        local = name.rpartition(":")[2]
        if local == "numFmt":
            codes[found.get("numFmtId", "")] = found.get("formatCode", "")
        elif local == "cellXfs":
            inside = True
        elif local == "xf" and inside:
            number = found.get("numFmtId", "0")
            dates.append(shows_date(codes[number]) if number in codes else int(number) in _DATE_FORMATS)

    def end(name: str) -> None:
        nonlocal inside
        if name.rpartition(":")[2] == "cellXfs":
            inside = False

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(xml, True)
    return Styles(tuple(dates))


def shows_date(code: str) -> bool:
    """Whether a number format shows a date or a time: any of its letters y, m, d, h, s outside quotes."""
    shown = _UNSHOWN.sub("", code.partition(";")[0]).lower()
    return "general" not in shown and bool(re.search("[ymdhs]", shown))


class TextsReader:
    """The texts that cells share, in their order; `found` fills while the parser is fed."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.parser = safe_parser()
        self._pieces: list[str] = []
        self._size, self._aside = 0, False
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._start, self._end

    def _start(self, name: str, _found: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "rPh":  # how a text is pronounced, not what it says
            self._aside = True
        elif local == "t" and not self._aside:
            self.parser.CharacterDataHandler = self._take

    def _take(self, text: str) -> None:
        self._size += len(text)
        if self._size > TEXTS_LIMIT:
            raise Unreadable("workbook-too-large")
        self._pieces.append(text)

    def _end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if local == "t":
            self.parser.CharacterDataHandler = None
        elif local == "rPh":
            self._aside = False
        elif local == "si":
            self.found.append(plain_text("".join(self._pieces)))
            self._pieces.clear()


class SheetReader:
    """The rows of one sheet; `taken` gives those that were completed since it was last asked."""

    def __init__(self, texts: list[str], styles: Styles, *, from_1904: bool, seen: Seen | None = None) -> None:
        self._texts, self._dates, self._from_1904 = texts, styles.dates, from_1904
        self._beside = seen or Seen()
        self.parser = safe_parser()
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._start, self._end
        self._rows: list[Record] = []
        self._tags: dict[str, str] = {}
        self._columns: dict[str, int] = {}
        self._line, self._column, self._seen = 0, -1, 0
        self._cells: list[str] = []
        self._failed = self._formula = self._valued = self._aside = False
        self._own = self._dragged = self._hidden = False
        self._kind, self._style = "n", 0
        self._pieces: list[str] = []

    def taken(self) -> list[Record]:
        """The completed rows that are not blank."""
        rows, self._rows = self._rows, []
        return rows

    def _start(self, name: str, found: dict[str, str]) -> None:
        tag = self._tags.get(name) or self._tags.setdefault(name, name.rpartition(":")[2])
        if tag == "c":
            place = found.get("r")
            self._column = self._column + 1 if place is None else self._column_of(place)
            self._kind, self._style = found.get("t", "n"), int(found.get("s", 0))
            self._formula = self._valued = False
            self._pieces.clear()
        elif tag in {"v", "t"}:
            if not self._aside:
                self._valued = True
                self.parser.CharacterDataHandler = self._pieces.append
        elif tag == "f":
            self._formula = True
        elif tag == "row":
            self._line = int(found.get("r", self._line + 1))
            if not 0 < self._line <= ROWS_LIMIT:
                raise Unreadable("bad-workbook")
            self._column, self._cells, self._failed = -1, [], False
            self._own, self._dragged, self._hidden = False, False, found.get("hidden") in {"1", "true"}
        elif tag == "rPh":
            self._aside = True
        elif tag == "mergeCell":
            self._beside.take_merged(merged_cells(found.get("ref", "")))

    def _end(self, name: str) -> None:
        tag = self._tags[name]
        if tag in {"v", "t"}:
            self.parser.CharacterDataHandler = None
        elif tag == "c":
            self._put()
        elif tag == "rPh":
            self._aside = False
        elif tag == "row":
            if self._dragged and not self._own:
                self._beside.take_dragged(self._line)
            elif self._failed or any(self._cells):
                if self._hidden:
                    self._beside.take_hidden(self._line)
                self._rows.append(Record(self._line, tuple(self._cells), "formula-error" if self._failed else None))
            self._cells = []

    def _column_of(self, place: str) -> int:
        letters = place.rstrip("0123456789")
        known = self._columns.get(letters)
        if known is None:
            known = self._columns[letters] = column_number(letters)
        return known

    def _put(self) -> None:
        """Take the value of the cell that ends into its column; whatever does not fit the format is damage."""
        raw = "".join(self._pieces)
        if len(raw) > CELL_LIMIT:
            raise Unreadable("cell-too-long", line=self._line, limit=CELL_LIMIT)
        kind = self._kind
        if kind == "e" or (self._formula and not self._valued):
            self._failed = self._own = True
            return
        if self._formula and (not raw.strip() or (kind == "n" and float(raw) == 0)):
            self._dragged = True
        elif raw:
            self._own = True
        if not raw:
            return
        if kind == "s":
            text = self._texts[int(raw)]
        elif kind == "n":
            shown = 0 <= self._style < len(self._dates) and self._dates[self._style]
            text = date_text(float(raw), from_1904=self._from_1904) if shown else number_text(raw)
        elif kind == "b":
            text = "true" if raw.strip() == "1" else "false"
        elif kind == "d":
            text = raw.replace("T00:00:00", "").replace("T", " ")
        else:
            text = plain_text(raw)
        self._widen()
        self._cells[self._column] = text

    def _widen(self) -> None:
        if self._column >= COLUMNS_LIMIT:
            raise Unreadable("bad-workbook")
        missing = self._column + 1 - len(self._cells)
        if missing > 0:
            self._seen += missing
            if self._seen > CELLS_LIMIT:
                raise Unreadable("workbook-too-large")
            self._cells.extend([""] * missing)


def column_number(letters: str) -> int:
    """The place of a column from its letters: A is 0, XFD is 16383; anything else is damage."""
    number = 0
    if not re.fullmatch("[A-Za-z]{1,3}", letters):
        raise Unreadable("bad-workbook")
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def merged_cells(ref: str) -> Merged:
    """What a reference such as A2:A5 or C7 covers."""
    first, _, last = ref.partition(":")
    columns = [column_number(cell.rstrip("0123456789")) for cell in (first, last or first)]
    lines = [int(cell.lstrip(string.ascii_letters)) for cell in (first, last or first)]
    return Merged(ref, min(lines), max(lines), min(columns), max(columns))


def plain_text(text: str) -> str:
    """A text as it is meant: `_x000D_` is a line end, and what cannot stand in a database is a mark of loss."""
    if "_x" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd").strip()


def number_text(raw: str) -> str:
    """A number as a person reads it: 49 and not 49.0, 0.3 and not 0.30000000000000004."""
    if raw.isdecimal() and raw.isascii() and len(raw) <= _DIGITS_SHOWN:
        return raw
    shown = f"{float(raw):.{_DIGITS_SHOWN}g}"
    if "e" not in shown:
        return shown
    plain = Decimal(shown)
    return format(plain, "f") if abs(plain.adjusted()) <= 2 * _DIGITS_SHOWN else shown


def date_text(serial: float, *, from_1904: bool) -> str:
    """The day, and the time where it is not midnight, that a number of days stands for in a workbook.

    A number without a day is a time or a duration and stays a number of hours, minutes and seconds; what no
    calendar holds stays the number. The 29 February 1900 that spreadsheets know and the calendar does not is
    stepped over.
    """
    seconds = round(serial * 86_400)
    if 0 <= serial < 1:
        return str(timedelta(seconds=seconds)).rjust(8, "0")
    start = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - workbooks know no zones
    if not from_1904 and serial < _LEAP_DAY:
        start += timedelta(days=1)
    try:
        moment = start + timedelta(seconds=seconds)
    except OverflowError:
        return number_text(repr(serial))
    return moment.isoformat(" ") if seconds % 86_400 else date.isoformat(moment.date())
