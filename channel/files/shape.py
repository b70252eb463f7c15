"""What a file is: its kind, encoding, delimiter, sheet and header, found out or told."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

from channel.files.encodings import Encoding, checked_encoding, find_encoding
from channel.files.kept_files import Source, opened
from channel.files.notices import Seen
from channel.files.problems import Unreadable
from channel.files.quotes import cells_of
from channel.files.table import Block, Record, csv_blocks, csv_records, judged, together
from channel.files.workbook import open_book
from channel.files.wrong_encoding import looks_misread

DELIMITERS = ",;\t|"
_SAMPLE = 20
_LOOKED_AT = 200
"""Records by which the delimiter is judged."""
_TOGETHER = 2000
"""Records of a workbook that are handed on at once."""
_TITLES = 30
"""Lines before the header (a title, a date of printing) that are passed over at most."""
_HEAD = 16
_NAMES, _SHOWN = 6, 40
"""Texts that are shown to see whether they are read rightly, and characters of each."""
_TOP = 8
"""Records from the top of a file that a person is shown."""
_SHEETS = 100
"""Sheets among which the table is sought."""

Known = Callable[[Sequence[str]], int]
"""How many of the names of a possible header are known; 0 where they are too few to tell a header by."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something about the file that a person should see: a code and what it is about, a column or sheets."""

    code: Literal["duplicate-column", "unnamed-column", "no-rows", "other-sheets", "hidden-sheets"]
    about: str = ""


@dataclass(frozen=True, slots=True)
class FileShape:
    """How a file is to be read. Storable as it is: reading again with the same shape gives the same records.

    `header` are the trimmed column names, '' where there is none; `header_line` is the line on which they stand;
    `sample_rows` are the first records after it, `top` the first of the file. `sheet`, `sheets` and `hidden` (sheets
    that nobody sees) are of workbooks only. `fits` are other encodings in which the bytes make sense, `names` some
    texts beyond ASCII, `doubtful` says that the encoding may be another one, `beyond` and `spoilt` in which columns
    texts are beyond ASCII, and in which they look misread.
    """

    kind: Literal["csv", "xlsx"]
    header: tuple[str, ...]
    header_line: int
    sample_rows: tuple[Record, ...]
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    fits: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    doubtful: bool = False
    beyond: frozenset[int] = frozenset()
    spoilt: frozenset[int] = frozenset()
    notes: tuple[Note, ...] = ()
    top: tuple[Record, ...] = ()

    @property
    def misread(self) -> bool:
        """Whether some text of the file may be read wrongly."""
        return self.doubtful or bool(self.spoilt)

    def misread_in(self, places: AbstractSet[int]) -> bool:
        """The same of the columns at these places alone."""
        return bool((self.doubtful and self.beyond & places) or self.spoilt & places)


def sniff(
    source: Source,
    *,
    encoding: str = "",
    delimiter: str = "",
    sheet: str = "",
    header_line: int = 0,
    known: Known | None = None,
    likely: Iterable[str] = (),
) -> FileShape:
    """Find out what a file is by its content; what is told (an encoding, a header line) is not searched for.

    The header is the line of which most names are `known`, on the sheet that has most of them; where none are, it is
    found by its form. `likely` are encodings that speak for themselves.
    `Unreadable` where it is empty, no table, a damaged or too large workbook, or does not fit what was told.
    The name of the file is never asked: an XLSX called .csv is read as what it is.
    """
    with opened(source) as file:
        head = file.read(_HEAD)
    if not head:
        raise Unreadable("empty")
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("old-excel")
    if head.startswith(b"PK\x03\x04"):
        return _workbook_shape(source, sheet, header_line, known)
    if head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b", b"{\\rtf")):
        raise Unreadable("not-a-table")
    taken = Encoding(checked_encoding(encoding)) if encoding else find_encoding(source, likely)
    found = checked_delimiter(delimiter) if delimiter else _find_delimiter(source, taken.name)
    first = _first(csv_records(source, taken.name, found))
    if not first:
        raise Unreadable("empty")
    header = _header(first, header_line, known)
    if header is None:
        raise Unreadable("no-such-line", line=header_line)
    first = _first(csv_records(source, taken.name, found, len(_names(header))))
    lines = taken.evidence.decode(taken.name, "replace").splitlines()[:_LOOKED_AT]
    rows = [cells_of(line, found) for line in lines] if lines else [record.cells for record in first]
    shape = _finished(first, header, FileShape("csv", (), 0, (), taken.name, found))
    shape = _with_texts(replace(shape, fits=taken.fits, doubtful=taken.doubtful), rows)
    # Whoever said the encoding has looked at it.
    return replace(shape, spoilt=frozenset()) if encoding else shape


def checked_delimiter(name: str) -> str:
    """A delimiter that a person named, by itself or as `tab`; what cannot be one raises `Unreadable`."""
    found = {"tab": "\t", "\\t": "\t"}.get(name.casefold(), name)
    if len(found) != 1 or found.isalnum() or found in '"\r\n\0':
        raise Unreadable("unknown-delimiter", delimiter=name)
    return found


def read_rows(source: Source, shape: FileShape, seen: Seen | None = None) -> Iterator[Record]:
    """Every record after the header, in order, in constant memory for CSV; blank ones are left out.

    Records are never dropped for a fault: it stands in `Record.fault`. `Unreadable` ends the reading where the
    file as such ends to be a table (a cell or a line without end). `seen` fills with what shows beside them.
    """
    seen = seen or Seen()
    seen.begin(shape.header_line)
    for record in judged(_records(source, shape, seen), len(shape.header), padded=shape.kind == "xlsx"):
        if record.line_no > shape.header_line:
            yield record


def read_blocks(source: Source, shape: FileShape, seen: Seen | None = None) -> Iterator[Block | list[Record]]:
    """What `read_rows` gives, many records at a time, and by column wherever nothing is out of the ordinary."""
    if shape.kind == "csv" and shape.header:
        seen = seen or Seen()
        seen.begin(shape.header_line)
        width = len(shape.header)
        yield from csv_blocks(source, shape.encoding, shape.delimiter, width, shape.header_line, seen)
        return
    yield from together(read_rows(source, shape, seen), _TOGETHER)


def _records(source: Source, shape: FileShape, seen: Seen) -> Iterator[Record]:
    if shape.kind == "csv":
        yield from csv_records(source, shape.encoding, shape.delimiter, len(shape.header), seen)
    else:
        with open_book(source) as book:
            yield from book.records(shape.sheet, seen)


def _workbook_shape(source: Source, sheet: str, header_line: int, known: Known | None) -> FileShape:
    """The sheet with most known names in its header; of equals the first that has lines under its header."""
    best: tuple[tuple[int, bool], str, list[Record], Record] | None = None
    with open_book(source) as book:
        for name in (sheet,) if sheet else tuple(book.sheets)[:_SHEETS]:
            first = _first(book.records(name))
            header = _header(first, header_line, known) if first else None
            if header is None:
                continue
            score = (known(_names(header)) if known else 0, len(_names(header)) > 1 and header != first[-1])
            if best is None or score > best[0]:
                best = score, name, first, header
        sheets, hidden = tuple(book.sheets), tuple(book.hidden)
    if best is None:
        raise Unreadable("no-such-line", line=header_line) if header_line else Unreadable("empty")
    _, name, first, header = best
    shape = _finished(first, header, FileShape("xlsx", (), 0, (), sheet=name, sheets=sheets, hidden=hidden))
    return _with_texts(shape, [record.cells for record in first])


def _with_texts(shape: FileShape, rows: Iterable[Sequence[str]]) -> FileShape:
    """The shape with what its texts beyond ASCII tell, and the first different ones of them."""
    columns: dict[int, list[str]] = {}
    texts: dict[str, None] = {}
    for row in rows:
        for place, cell in enumerate(row):
            if not cell.isascii():
                columns.setdefault(place, []).append(cell)
                texts[cell.strip()[:_SHOWN]] = None
    names = tuple(text for text in texts if text not in shape.header)[:_NAMES]
    spoilt = frozenset(place for place, cells in columns.items() if looks_misread(cells))
    return replace(shape, names=names, beyond=frozenset(columns), spoilt=spoilt)


def _first(records: Iterator[Record]) -> list[Record]:
    return next(together(records, _TITLES + _SAMPLE + 1), [])


def _finished(first: list[Record], header: Record, shape: FileShape) -> FileShape:
    names = _names(header)
    judgement = judged(iter(first), len(names), padded=shape.kind == "xlsx")
    rows = _shown(islice((record for record in judgement if record.line_no > header.line_no), _SAMPLE))
    found = replace(shape, header=names, header_line=header.line_no, sample_rows=rows, top=_shown(first[:_TOP]))
    return replace(found, notes=tuple(_notes(found)))


def _shown(records: Iterable[Record]) -> tuple[Record, ...]:
    """Records as a person sees them: texts and nothing else."""
    return tuple(record._replace(cells=tuple(map(str, record.cells))) for record in records)


def _names(header: Record) -> tuple[str, ...]:
    names = tuple(" ".join(name.split()) for name in header.cells)
    while names and not names[-1]:
        names = names[:-1]
    return names


def _header(first: list[Record], header_line: int, known: Known | None) -> Record | None:
    """The record at the line that was told, None where there is none; otherwise that of which most names are known.

    Where none are, it is the first with at least two names that is more than half as wide as the widest: a title has
    a cell or two.
    """
    if header_line:
        return next((record for record in first if record.line_no == header_line), None)
    wide = [
        record for record in first[:_TITLES] if _filled(record) > 1 and not record.cells[0].lower().startswith("sep=")
    ]
    if known and (best := max(wide, key=lambda record: known(_names(record)), default=None)) and known(_names(best)):
        return best
    widest = max(map(_filled, first))
    return next((record for record in wide if 2 * _filled(record) > widest), first[0])


def _filled(record: Record) -> int:
    return sum(bool(cell.strip()) for cell in record.cells)


def _notes(shape: FileShape) -> Iterator[Note]:
    names, rows = shape.header, shape.sample_rows
    for name, times in Counter(names).items():
        if name and times > 1:
            yield Note("duplicate-column", name)
    nameless = [place for place, name in enumerate(names) if not name]
    if any(len(row.cells) > place and row.cells[place] for row in rows for place in nameless):
        yield Note("unnamed-column")
    if not rows:
        yield Note("no-rows")
    if others := [name for name in shape.sheets if name != shape.sheet]:
        yield Note("other-sheets", ", ".join(others))
    if others := [name for name in shape.hidden if name != shape.sheet]:
        yield Note("hidden-sheets", ", ".join(others))


def _find_delimiter(source: Source, encoding: str) -> str:
    """The delimiter under which most records have as many cells as most others; the comma where none splits."""
    scores = {delimiter: _evenness(source, encoding, delimiter) for delimiter in DELIMITERS}
    return max(DELIMITERS, key=lambda delimiter: scores[delimiter])


def _evenness(source: Source, encoding: str, delimiter: str) -> tuple[float, int]:
    """(share of records with the commonest number of cells above one, that number)."""
    widths: Counter[int] = Counter()
    try:
        for record in islice(csv_records(source, encoding, delimiter), _LOOKED_AT):
            widths[len(record.cells)] += 1
    except Unreadable:
        return 0.0, 0
    split = [(count, width) for width, count in widths.items() if width > 1]
    if not split:
        return 0.0, 0
    count, width = max(split)
    return count / widths.total(), width
