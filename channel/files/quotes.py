"""Quotes that open and are not meant: a stray one swallows the lines up to the next, each of them a record.

A cell may hold line ends, so a record of several lines is first taken at its word. It is a swallowed one when its
lines, without the stray quote and its other end, are records of the header's width each.
"""

import csv
from collections import deque
from collections.abc import Iterable, Iterator

from channel.files.problems import Unreadable

LOST = "\ufffd"
"""Stands for what could not be decoded, and for zero bytes, which the database cannot hold."""
RECORD_LIMIT = 4 << 20
"""Characters of a record, in however many lines and cells, after which a file is not taken for a table."""
NARROWEST = 3
"""Columns from which the width of a line says that it is a record; texts of two commas are many."""


class Lines:
    """Lines of text for a csv.reader, which takes one at a time; remembers those of the record under way."""

    def __init__(self, text: Iterable[str]) -> None:
        self._text, self._again, self._taken = iter(text), deque[str](), list[str]()
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._text)
        if "\0" in line:
            line = line.replace("\0", LOST)
        self._taken.append(line)
        self._size += len(line)
        if self._size > RECORD_LIMIT:
            raise Unreadable("record-too-long", limit=RECORD_LIMIT)
        return line

    @property
    def returned(self) -> bool:
        """Whether a line that was given back waits."""
        return bool(self._again)

    def of_record(self) -> list[str]:
        """The lines that were taken since this was last asked."""
        taken, self._taken, self._size = self._taken, [], 0
        return taken

    def give_back(self, line: str) -> None:
        """Have a line come once more."""
        self._again.append(line)


def mended(lines: list[str], delimiter: str, width: int) -> list[str] | None:
    """The lines of a record without the quote that swallowed them, or None where the record is one.

    The first line and more than half of the others, blank ones aside, must have the width of the header.
    """
    if width < NARROWEST or len(lines) < 2:  # noqa: PLR2004 - a record of one line swallows nothing
        return None
    mended_lines = [_without_opening(lines[0], delimiter), *lines[1:-1], _without_closing(lines[-1], delimiter)]
    first = _is_record(mended_lines[0], delimiter, width)
    others = [_is_record(line, delimiter, width) for line in mended_lines[1:] if line.strip()]
    return mended_lines if first and 2 * sum(others) > len(others) else None


def cells_of(line: str, delimiter: str) -> list[str]:
    """The cells of a line by itself; none where a reader takes no such cell."""
    try:
        return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])
    except csv.Error:
        return []


def _is_record(line: str, delimiter: str, width: int) -> bool:
    cells = cells_of(line, delimiter)
    return len(cells) >= width and not any(cells[width:])


def _without_opening(line: str, delimiter: str) -> str:
    """The line without the last quote at the beginning of a cell: it is the one that was not closed."""
    at = max(line.rfind(f'{delimiter}"') + 1, 0)
    return line[:at] + line[at + 1 :] if line[at : at + 1] == '"' else line


def _without_closing(line: str, delimiter: str) -> str:
    """The line without the quote that ends what was swallowed, where it is not the beginning of a cell's own."""
    at = line.replace('""', "  ").find('"')
    if at < 0 or line.count('"') % 2 == 0 or at == 0 or line[at - 1] == delimiter:
        return line
    return line[:at] + line[at + 1 :]
