"""What a file is: its kind, encoding, delimiter, sheet and header, found out or told."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from channel.files.encodings import checked_encoding, find_encoding
from channel.files.problems import Unreadable
from channel.files.stored import Source, opened
from channel.files.table import Block, Record, csv_blocks, csv_records, judged
from channel.files.workbook import open_book, xlsx_records

DELIMITERS = ",;\t|"
_SAMPLE = 20
_LOOKED_AT = 200
"""Records by which the delimiter is judged."""
_TOGETHER = 2000
"""Records of a workbook that are handed on at once."""
_TITLES = 30
"""Lines before the header (a title, a date of printing) that are passed over at most."""
_HEAD = 16


@dataclass(frozen=True, slots=True)
class Note:
    """Something about the header that a person should see: `duplicate-column`, `unnamed-column` or `no-rows`."""

    code: Literal["duplicate-column", "unnamed-column", "no-rows"]
    column: str = ""


@dataclass(frozen=True, slots=True)
class FileShape:
    """How a file is to be read. Storable as it is: reading again with the same shape gives the same records.

    `header` are the trimmed column names, '' where there is none; `header_line` is the line on which they stand;
    `sample_rows` are the first records after it. `sheet` and `sheets` are of workbooks only.
    """

    kind: Literal["csv", "xlsx"]
    header: tuple[str, ...]
    header_line: int
    sample_rows: tuple[Record, ...]
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()


def sniff(
    source: Source, *, encoding: str = "", delimiter: str = "", sheet: str = "", header_line: int = 0
) -> FileShape:
    """Find out what a file is by its content; what is told (an encoding, a header line) is not searched for.

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
        return _workbook_shape(source, sheet, header_line)
    if head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b", b"{\\rtf")):
        raise Unreadable("not-a-table")
    codec = checked_encoding(encoding) if encoding else find_encoding(source)
    found = delimiter or _find_delimiter(source, codec)
    return _finished(csv_records(source, codec, found), header_line, FileShape("csv", (), 0, (), codec, found))


def read_rows(source: Source, shape: FileShape) -> Iterator[Record]:
    """Every record after the header, in order, in constant memory for CSV; blank ones are left out.

    Records are never dropped for a fault: it stands in `Record.fault`. `Unreadable` ends the reading where the
    file as such ends to be a table (a cell or a line without end).
    """
    for record in judged(_records(source, shape), len(shape.header), padded=shape.kind == "xlsx"):
        if record.line_no > shape.header_line:
            yield record


def read_blocks(source: Source, shape: FileShape) -> Iterator[Block | list[Record]]:
    """What `read_rows` gives, many records at a time, and by column wherever nothing is out of the ordinary."""
    if shape.kind == "csv" and shape.header:
        yield from csv_blocks(source, shape.encoding, shape.delimiter, len(shape.header), shape.header_line)
        return
    records = read_rows(source, shape)
    while some := list(islice(records, _TOGETHER)):
        yield some


def _records(source: Source, shape: FileShape) -> Iterator[Record]:
    if shape.kind == "csv":
        return csv_records(source, shape.encoding, shape.delimiter)
    return xlsx_records(source, shape.sheet)


def _workbook_shape(source: Source, sheet: str, header_line: int) -> FileShape:
    sheets = tuple(open_book(source).sheets)
    for name in (sheet,) if sheet else sheets:
        try:
            shape = FileShape("xlsx", (), 0, (), sheet=name, sheets=sheets)
            return _finished(xlsx_records(source, name), header_line, shape)
        except Unreadable as problem:  # an empty sheet before the one that is meant
            if problem.code != "empty":
                raise
    raise Unreadable("empty")


def _finished(records: Iterator[Record], header_line: int, shape: FileShape) -> FileShape:
    first = list(islice(records, _TITLES + _SAMPLE + 1))
    if not first:
        raise Unreadable("empty")
    header = _header(first, header_line)
    names = tuple(" ".join(name.split()) for name in header.cells)
    while names and not names[-1]:
        names = names[:-1]
    judgement = judged(iter(first), len(names), padded=shape.kind == "xlsx")
    rows = tuple(islice((record for record in judgement if record.line_no > header.line_no), _SAMPLE))
    return FileShape(
        shape.kind,
        names,
        header.line_no,
        rows,
        shape.encoding,
        shape.delimiter,
        shape.sheet,
        shape.sheets,
        tuple(_notes(names, rows)),
    )


def _header(first: list[Record], header_line: int) -> Record:
    """The record at the line that was told; otherwise the first with two names, past titles in a single cell."""
    if header_line:
        for record in first:
            if record.line_no == header_line:
                return record
        raise Unreadable("no-such-line", line=header_line)
    for record in first[:_TITLES]:
        if sum(bool(cell.strip()) for cell in record.cells) > 1 and not record.cells[0].lower().startswith("sep="):
            return record
    return first[0]


def _notes(names: tuple[str, ...], rows: tuple[Record, ...]) -> Iterator[Note]:
    for name, times in Counter(names).items():
        if name and times > 1:
            yield Note("duplicate-column", name)
    nameless = [place for place, name in enumerate(names) if not name]
    if any(len(row.cells) > place and row.cells[place] for row in rows for place in nameless):
        yield Note("unnamed-column")
    if not rows:
        yield Note("no-rows")


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
