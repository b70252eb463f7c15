"""Records of a CSV or XLSX file, one after the other."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from operator import methodcaller
from typing import BinaryIO, NamedTuple

from channel.files.kept_files import CHUNK, Source, opened
from channel.files.notices import OpenQuote, Seen
from channel.files.problems import Unreadable
from channel.files.quotes import LOST, RECORD_LIMIT, Lines, cells_of, mended
from channel.files.written import unguarded

LINE_LIMIT = 4 << 20
"""Bytes without a line end after which a file is not taken for a table."""
_AT_ONCE = 1 << 17
"""Characters of lines that are taken apart together: some two thousand lines, some 10 ms of work."""


class Record(NamedTuple):
    """One record: the line on which it begins (in XLSX the row), its cells as text, and its fault, if any.

    `ragged`: more or fewer cells than the header (empty cells past the header are not counted). `open-quote`: the
    same, and the record goes over several lines.
    `bad-character`: bytes that are no text in the file's encoding. `formula-error`: a formula that failed.
    """

    line_no: int
    cells: tuple[str, ...]
    fault: str | None = None


class Block(NamedTuple):
    """Records that follow one another line by line, all of the header's width, none blank or at fault, by column.

    The first of them stands on line `first`. No cell holds a line end.
    """

    first: int
    columns: list[tuple[str, ...]]

    @property
    def length(self) -> int:
        """How many records there are."""
        return len(self.columns[0])

    def records(self) -> list[Record]:
        """The same, one by one."""
        return [Record(line, cells) for line, cells in enumerate(zip(*self.columns, strict=True), self.first)]


class _LineGuard(io.BufferedIOBase):
    """Passes a binary file on, and stops when no line end comes for too long: memory stays bounded."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._since, self.name = file, 0, "table"

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        chunk = self._file.read(CHUNK if size is None or size < 0 else size)
        end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        self._since = self._since + len(chunk) if end < 0 else len(chunk) - end
        if self._since > LINE_LIMIT:
            raise Unreadable("line-too-long", limit=LINE_LIMIT)
        return chunk

    read1 = read


def csv_records(
    source: Source, encoding: str, delimiter: str, width: int = 0, seen: Seen | None = None
) -> Iterator[Record]:
    """All records that are not blank, the header among them; none is judged by its length yet.

    With the `width` of the header, lines that a stray quote swallows are records each, and told in `seen`.
    """
    for some in _parts(source, encoding, delimiter, width, seen):
        yield from some.records()


def csv_blocks(
    source: Source, encoding: str, delimiter: str, width: int, after: int, seen: Seen | None = None
) -> Iterator[Block | list[Record]]:
    """What `csv_records` gives after a line, judged by `width`, many at a time.

    A part of the file in which nothing is out of the ordinary comes as a `Block`; any other as its records.
    """
    for some in _parts(source, encoding, delimiter, width, seen):
        block = some.block(width, after)
        if block is not None:
            yield block
        else:
            records = (record for record in some.records() if record.line_no > after)
            yield list(judged(records, width, padded=False))


def _parts(source: Source, encoding: str, delimiter: str, width: int, seen: Seen | None) -> Iterator["_Some"]:
    """The file some two thousand lines at a time; of each the block or the records must be taken before the next."""
    with opened(source) as file:
        text = io.TextIOWrapper(_LineGuard(file), encoding=encoding, errors="replace", newline="")
        line = 1
        try:
            while lines := text.readlines(_AT_ONCE):
                some = _Some(line, lines, text, delimiter, width, seen or Seen())
                yield some
                line = some.end
        finally:
            text.detach()


class _Some:
    """Lines that follow one another, and the text after them. `end` is the line after the last record taken."""

    def __init__(
        self, first: int, lines: list[str], text: Iterable[str], delimiter: str, width: int, seen: Seen
    ) -> None:
        self.end = first + len(lines)
        self._width, self._seen = width, seen
        self._first, self._lines, self._text, self._delimiter = first, lines, text, delimiter
        whole = "".join(lines)
        self._damaged = "\0" in whole or LOST in whole
        self._quoted, self._guarded = '"' in whole, "'" in whole

    def block(self, width: int, after: int) -> Block | None:
        """The records after a line by column, if every one is a whole undamaged line of the wanted width."""
        first = max(self._first, after + 1)
        if self._damaged or first >= self.end:
            return None
        if self._quoted or self._guarded:
            rows = self._rows()
            columns = None if rows is None else _turned(rows[first - self._first :])
        else:
            columns = _split(self._lines[first - self._first :], self._delimiter)
        if columns is None or len(columns) < width or any(map(any, columns[width:])):
            return None
        return Block(first, columns[:width])

    def records(self) -> Iterator[Record]:
        """All records that begin in these lines; the last may go on after them."""
        rows = None if self._damaged else self._rows()
        if rows is None:
            yield from (record for record in self._one_by_one() if any(record.cells))
            return
        for line, cells in enumerate(rows, self._first):
            if any(cells):
                yield Record(line, tuple(cells))

    def _rows(self) -> list[list[str]] | None:
        """The cells of each line, or None where a record is more than its line, or might be."""
        try:
            rows = list(csv.reader(self._lines, delimiter=self._delimiter))
            if self._quoted:
                # As many records as lines: each is one. Only the last could go on in the lines that come next, and a
                # strict reader refuses the end of a text within quotes.
                if len(rows) != len(self._lines):
                    return None
                list(csv.reader(self._lines[-1:], delimiter=self._delimiter, strict=True))
        except csv.Error:
            return None
        return [unguarded(row) for row in rows] if self._guarded else rows  # see `written.guarded`

    def _one_by_one(self) -> Iterator[Record]:
        lines = Lines(chain(self._lines, self._text))
        reader = csv.reader(lines, delimiter=self._delimiter)
        line = self._first
        while line < self.end or lines.returned:
            try:
                cells = next(reader, None)
            except csv.Error:
                cells = None
            taken = lines.of_record()
            single = mended(taken, self._delimiter, self._width)
            if single is not None:
                # The last of them is read anew: it may open a quote of its own.
                self._seen.take_quote(OpenQuote(line, line + len(taken) - 1))
                lines.give_back(single.pop())
                reader = csv.reader(lines, delimiter=self._delimiter)
                for each in single:
                    yield _record(line, cells_of(each, self._delimiter), [each])
                    line += 1
                continue
            if cells is None:
                if not taken:
                    break
                raise Unreadable("cell-too-long", line=line, limit=csv.field_size_limit())
            record = _record(line, cells, taken)
            if len(taken) > 1 and self._width and not _fits(cells, self._width):
                record = record._replace(fault=record.fault or "open-quote")
            yield record
            line += len(taken)
        self.end = line


def _record(line: int, cells: list[str], lines: list[str]) -> Record:
    """A record from its cells and the lines on which it stands."""
    if any("'" in each for each in lines):
        cells = unguarded(cells)  # see `written.guarded`
    return Record(line, tuple(cells), "bad-character" if any(LOST in each for each in lines) else None)


def _fits(cells: Sequence[str], width: int) -> bool:
    return len(cells) >= width and not any(cells[width:])


def _split(lines: list[str], delimiter: str) -> list[tuple[str, ...]] | None:
    """The columns of lines without quotes, or None where their widths differ or one of them may be blank.

    What a csv.reader would give, in less than half of its time.
    """
    widths = set(map(methodcaller("count", delimiter), lines))
    width = widths.pop() + 1
    whole = "".join(lines).replace("\r\n", "\n").removesuffix("\n")
    # A blank line is as long as its delimiters and its end; a long one may have a cell that no reader would take.
    if widths or "\r" in whole or not width + 1 < min(map(len, lines)) <= max(map(len, lines)) < csv.field_size_limit():
        return None
    cells = whole.replace("\n", delimiter).split(delimiter)
    return [tuple(cells[place::width]) for place in range(width)]


def _turned(rows: list[list[str]]) -> list[tuple[str, ...]] | None:
    """The columns of rows, or None where their widths differ or one of them is blank."""
    if len(set(map(len, rows))) > 1 or not all(map(any, rows)):
        return None
    return list(zip(*rows, strict=True))


def together(records: Iterable[Record], most: int) -> Iterator[list[Record]]:
    """Records some at a time: `most` of them, or fewer where they are long."""
    some: list[Record] = []
    size = 0
    for record in records:
        some.append(record)
        size += sum(map(len, record.cells))
        if len(some) == most or size > RECORD_LIMIT:
            yield some
            some, size = [], 0
    if some:
        yield some


def judged(records: Iterator[Record], width: int, *, padded: bool) -> Iterator[Record]:
    """The records with `ragged` set where the number of cells is not that of the header.

    `padded`: a short record is filled up, since workbooks leave out the empty cells at the end of a row.
    """
    for record in records:
        cells = record.cells
        if len(cells) == width:
            yield record
        elif len(cells) > width and not any(cells[width:]):
            yield record._replace(cells=cells[:width])
        elif padded and len(cells) < width:
            yield record._replace(cells=cells + ("",) * (width - len(cells)))
        else:
            yield record._replace(fault=record.fault or "ragged")
