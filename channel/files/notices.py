"""What shows beside the records of a file while it is read; nothing of it may go by in silence."""

from dataclasses import dataclass, field
from typing import NamedTuple

KEPT = 10_000
"""Merged ranges and open quotes that are kept by their places; those beyond are counted only."""
_LINES = 2_000_000
"""Lines over which the merged ranges that are kept may reach, all together."""


class Merged(NamedTuple):
    """Cells of a spreadsheet that are merged: only the first holds a value. Columns count from 0, the last included."""

    cells: str
    first_line: int
    last_line: int
    first_column: int
    last_column: int


class OpenQuote(NamedTuple):
    """A quote that opens on `line` and takes in the lines up to `last`, each of which is a record by itself."""

    line: int
    last: int


@dataclass(slots=True)
class Seen:
    """Fills while a file is read, with what stands after line `after`.

    `dragged`: rows that were passed over, since they hold nothing but 0 or nothing from a formula.
    `hidden`: rows that the spreadsheet does not show and that are read all the same. `merged`: merged cells.
    `quotes`: quotes that would have swallowed lines; those lines were read one by one.
    """

    after: int = 0
    dragged: int = 0
    hidden: int = 0
    merged_count: int = 0
    quotes_count: int = 0
    merged: list[Merged] = field(default_factory=list)
    quotes: list[OpenQuote] = field(default_factory=list)
    _lines: int = 0

    def begin(self, after: int) -> None:
        """The file is read from its beginning, maybe once more: what was seen before is forgotten."""
        fresh = Seen(after)
        for name in self.__slots__:
            setattr(self, name, getattr(fresh, name))

    def take_dragged(self, line: int) -> None:
        """A row without anything of its own was passed over."""
        self.dragged += line > self.after

    def take_hidden(self, line: int) -> None:
        """A row that is hidden was read."""
        self.hidden += line > self.after

    def take_merged(self, merged: Merged) -> None:
        """Cells are merged."""
        if merged.last_line > self.after:
            self.merged_count += 1
            self._lines += merged.last_line - merged.first_line + 1
            if len(self.merged) < KEPT and self._lines <= _LINES:
                self.merged.append(merged)

    def take_quote(self, quote: OpenQuote) -> None:
        """A quote was not taken at its word."""
        if quote.line > self.after:
            self.quotes_count += 1
            if len(self.quotes) < KEPT:
                self.quotes.append(quote)
