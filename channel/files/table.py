"""Records of a CSV or XLSX file, one after the other."""

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from channel.files.problems import Unreadable
from channel.files.stored import CHUNK, Source, opened
from channel.files.written import unguarded

FAULTS = ("ragged", "bad-character", "formula-error")
"""What a record can be at fault with as a record, before anybody asks what its cells mean."""

LINE_LIMIT = 4 << 20
"""Bytes without a line end after which a file is not taken for a table."""
LOST = "\ufffd"
"""Stands for what could not be decoded, and for zero bytes, which the database cannot hold."""


class Record(NamedTuple):
    """One record: the line on which it begins (in XLSX the row), its cells as text, and its fault, if any.

    `ragged`: more or fewer cells than the header (empty cells past the header are not counted).
    `bad-character`: bytes that are no text in the file's encoding. `formula-error`: a formula that failed.
    """

    line_no: int
    cells: tuple[str, ...]
    fault: str | None = None


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


class _Lines:
    """Lines of text; remembers whether a damaged one went by since it was last asked."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text, self.damaged, self.quoted = text, False, False

    def __iter__(self) -> Iterator[str]:
        for line in self._text:
            if "\0" in line:
                line = line.replace("\0", LOST)  # noqa: PLW2901 - the mended line takes the place of the read one
            if LOST in line:
                self.damaged = True
            if "'" in line:
                self.quoted = True
            yield line


def csv_records(source: Source, encoding: str, delimiter: str) -> Iterator[Record]:
    """All records that are not blank, the header among them; none is judged by its length yet."""
    with opened(source) as file:
        text = io.TextIOWrapper(_LineGuard(file), encoding=encoding, errors="replace", newline="")
        lines = _Lines(text)
        reader = csv.reader(lines, delimiter=delimiter)
        line = 1
        try:
            for cells in reader:
                if any(cells):
                    fault = None
                    if lines.damaged:
                        fault, lines.damaged = "bad-character", False
                    if lines.quoted:
                        cells, lines.quoted = unguarded(cells), False  # noqa: PLW2901 - see `written.guarded`
                    yield Record(line, tuple(cells), fault)
                line = reader.line_num + 1
        except csv.Error:
            raise Unreadable("cell-too-long", line=line, limit=csv.field_size_limit()) from None
        finally:
            text.detach()


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
