"""The XML of a sheet: cells become the texts that a person reads in the spreadsheet."""

import re
import string
import sys
from collections.abc import Callable, Iterable, Iterator
from xml.parsers import expat

from channel.files.notices import Merged, Seen
from channel.files.problems import Unreadable
from channel.files.quotes import RECORD_LIMIT
from channel.files.table import Record
from channel.files.workformats import Day, Exact, Styles

COLUMNS_LIMIT = 16_384
ROWS_LIMIT = 1_048_576
CELLS_LIMIT = 50_000_000
"""Cells of a sheet, empty ones before filled ones among them: work that one file may ask for."""
CELL_LIMIT = 131_072
SHEET_LIMIT = 1 << 30
"""Characters of a sheet: a text that many cells share is little in the file, and much in what is read of it."""
TEXTS_LIMIT = 256 << 20
"""Bytes of memory for all texts that cells share."""
TAG_LIMIT = 1 << 20
"""Bytes of one tag or comment, of which a parser hands on nothing before its end."""
NAMES_LIMIT = 10_000
"""Different names of elements and attributes: a parser remembers each."""
DEPTH_LIMIT = 100
"""Elements inside each other: a parser holds each until its end, in forty times the room that it has in the file."""
STYLES_LIMIT = 65_536
_POINTER = 8
_REMEMBERED = 20_000
_REMEMBERED_LENGTH = 32
_FORMAT_LENGTH = 255
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def safe_parser(
    start: Callable[[str, dict[str, str]], None], end: Callable[[str], None] | None = None
) -> expat.XMLParserType:
    """A parser that tells of elements as they start and end, and refuses what has no end of depth.

    It refuses a document type as well: workbooks have none, and entities are how XML is made to explode.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = 0

    def refuse(*_: object) -> None:
        raise Unreadable("bad-workbook")

    def begun(name: str, found: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH_LIMIT:
            refuse()
        start(name, found)

    def ended(name: str) -> None:
        nonlocal depth
        depth -= 1
        if end is not None:
            end(name)

    parser.StartElementHandler, parser.EndElementHandler = begun, ended
    parser.StartDoctypeDeclHandler = refuse
    return parser


def fed(parser: expat.XMLParserType, pieces: Iterable[bytes]) -> Iterator[None]:
    """Feed a part to a parser, pausing after each piece; what would be held without a bound meanwhile is damage."""
    came = 0
    for piece in pieces:
        parser.Parse(piece, False)
        came += len(piece)
        if came - parser.CurrentByteIndex > TAG_LIMIT or len(parser.intern) > NAMES_LIMIT:
            raise Unreadable("bad-workbook")
        yield
    parser.Parse(b"", True)
    yield


def styles_of(pieces: Iterable[bytes]) -> Styles:
    """The styles of a workbook by its styles part."""
    codes: dict[str, str] = {}
    formats: list[tuple[int, str | None]] = []
    inside = False

    def start(name: str, found: dict[str, str]) -> None:
        nonlocal inside
        local = name.rpartition(":")[2]
        if local == "numFmt":
            code = found.get("formatCode", "")
            if len(code) <= _FORMAT_LENGTH:
                codes[found.get("numFmtId", "")] = code
        elif local == "cellXfs":
            inside = True
        elif local == "xf" and inside:
            number = found.get("numFmtId", "0")
            formats.append((int(number), codes.get(number)))
            if len(formats) > STYLES_LIMIT:
                raise Unreadable("workbook-too-large")

    def end(name: str) -> None:
        nonlocal inside
        if name.rpartition(":")[2] == "cellXfs":
            inside = False

    for _ in fed(safe_parser(start, end), pieces):
        pass
    return Styles.of(formats)


class TextsReader:
    """The texts that cells share, in their order; `found` fills while the parser is fed."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.parser = safe_parser(self._start, self._end)
        self._pieces: list[str] = []
        self._size, self._length, self._aside = 0, 0, False

    def _start(self, name: str, _found: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "rPh":  # how a text is pronounced, not what it says
            self._aside = True
        elif local == "t" and not self._aside:
            self.parser.CharacterDataHandler = self._take

    def _take(self, text: str) -> None:
        self._length += len(text)
        if self._length > CELL_LIMIT:
            raise Unreadable("text-too-long", limit=CELL_LIMIT)
        self._pieces.append(text)

    def _end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if local == "t":
            self.parser.CharacterDataHandler = None
        elif local == "rPh":
            self._aside = False
        elif local == "si":
            text = plain_text("".join(self._pieces))
            self._size += sys.getsizeof(text) + _POINTER
            if self._size > TEXTS_LIMIT:
                raise Unreadable("workbook-too-large")
            self.found.append(text)
            self._pieces.clear()
            self._length = 0


class SheetReader:
    """The rows of one sheet; `taken` gives those that were completed since it was last asked."""

    def __init__(self, texts: list[str], styles: Styles, *, from_1904: bool, seen: Seen | None = None) -> None:
        self._texts, self._styles, self._from_1904 = texts, styles, from_1904
        self._beside = seen or Seen()
        self.parser = safe_parser(self._start, self._end)
        self._rows: list[Record] = []
        self._tags: dict[str, str] = {}
        self._columns: dict[str, int] = {}
        self._numbers: dict[tuple[int, str], Exact] = {}
        self._line, self._column, self._seen = 0, -1, 0
        self._length = self._size = 0
        self._cells: list[str] = []
        self._failed = self._formula = self._valued = self._aside = False
        self._own = self._dragged = self._hidden = False
        self._kind, self._style = "n", 0
        self._pieces: list[str] = []

    def taken(self) -> list[Record]:
        """The completed rows that are not blank; a cell under way is held to its bound."""
        self._check_cell(sum(map(len, self._pieces)))
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
            self._column, self._cells, self._failed, self._length = -1, [], False, 0
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
            self._size += self._length
            if self._size > SHEET_LIMIT:
                raise Unreadable("workbook-too-large")

    def _check_cell(self, length: int) -> None:
        if length > CELL_LIMIT:
            raise Unreadable("cell-too-long", line=self._line, limit=CELL_LIMIT)

    def _column_of(self, place: str) -> int:
        letters = place.rstrip("0123456789")
        known = self._columns.get(letters)
        if known is None:
            known = self._columns[letters] = column_number(letters)
        return known

    def _put(self) -> None:
        """Take the value of the cell that ends into its column; whatever does not fit the format is damage."""
        raw = "".join(self._pieces)
        self._check_cell(len(raw))
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
            text = self._number(raw)
        elif kind == "b":
            text = "true" if raw.strip() == "1" else "false"
        elif kind == "d":
            text = Day(raw.replace("T00:00:00", "").replace("T", " "))
        else:
            text = plain_text(raw)
        self._keep(text)

    def _number(self, raw: str) -> Exact:
        """The cell of a number; days and quantities repeat themselves, so that what each is read as is remembered."""
        key = (self._style, raw)
        known = self._numbers.get(key)
        if known is None:
            known = self._styles.cell(self._style, raw, from_1904=self._from_1904)
            if len(self._numbers) < _REMEMBERED and len(raw) <= _REMEMBERED_LENGTH:
                self._numbers[key] = known
        return known

    def _keep(self, text: str) -> None:
        self._length += len(text)
        if self._length > RECORD_LIMIT:
            raise Unreadable("record-too-long", limit=RECORD_LIMIT)
        if self._column == len(self._cells) < COLUMNS_LIMIT and self._seen < CELLS_LIMIT:
            self._seen += 1
            self._cells.append(text)
        else:
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
