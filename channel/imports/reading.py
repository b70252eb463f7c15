"""From the records of a file to the text that COPY takes: cells picked, looked up, read by their type, escaped.

Runs in a thread of its own, in constant memory. Reports repeat themselves (the same dealers, products, dates on line
after line), so each field remembers what a text was read as; the rules are asked once for each different text.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec

from channel import files
from channel.errors import FieldError, Invalid, Message, m
from channel.files import Block, FileShape, Record, Seen
from channel.imports.rules.kinds import Field, Kind, KindSpec, Type
from channel.imports.rules.mapping import Columns, Read, lookup_table, reader
from channel.imports.rules.profile import Lookup
from channel.imports.rules.reasons import reason
from channel.imports.rules.rows import Value, parse_cell, parse_row
from channel.imports.rules.shapes import doubts_of

NOTHING = "\\N"
_WRONG = "\0"
"""Begins what stands for a cell that cannot be used; no text of a file holds it, since channel.files replaces it."""
_REMEMBERED = 50_000
_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,14}(?:\.[0-9]{1,4})?", re.ASCII)
_PLAIN_NUMBERS = re.compile(rf"(?:{_PLAIN_NUMBER.pattern}\n)*+", re.ASCII)
"""Cells of a column, each with a line end behind it: no cell of a block holds one itself."""
_STORED_PLACES = 4
_SPECIAL = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_NEEDS_ESCAPE = re.compile(r"[\\\t\n\r]")

COLUMN_TYPES: Mapping[Type, str] = {
    Type.DATE: "date",
    Type.DECIMAL: "numeric",
    Type.WHOLE: "integer",
    Type.FLAG: "boolean",
    Type.LIST: "text[]",
}
"""Types of the staging columns; every other field is text."""


class _Remembered(dict[str, str]):
    """Text of a cell -> what COPY takes for it, or what is wrong with it behind `_WRONG`."""

    def __init__(self, spec_field: Field, decimal: str, form: str | None) -> None:
        super().__init__()
        self._field, self._decimal, self._form = spec_field, decimal, form
        self._plain = spec_field.type is Type.DECIMAL and decimal == "." and _takes_plain(spec_field)
        self._text = spec_field.type is Type.TEXT

    def __missing__(self, text: str) -> str:
        if (self._text and text.isalnum() and len(text) <= self._field.limit) or (
            self._plain and _PLAIN_NUMBER.fullmatch(text)
        ):
            made = text
        else:
            value = parse_cell(self._field, text, decimal=self._decimal, form=self._form)
            made = _wrong(self._field.name, value) if isinstance(value, Message) else _copied(value)
        if len(self) < _REMEMBERED:
            self[text] = made
        return made

    def column(self, texts: Sequence[str]) -> Sequence[str]:
        """The same for each cell of a column; amounts and texts, of which few repeat, are looked at all together."""
        if self._plain and _PLAIN_NUMBERS.fullmatch("\n".join(texts) + "\n"):
            return texts
        if self._text:
            trimmed = list(map(str.strip, texts))
            if max(map(len, trimmed)) <= self._field.limit and not _NEEDS_ESCAPE.search("".join(trimmed)):
                if "" not in trimmed:
                    return trimmed
                if not self._field.required:
                    return [text or NOTHING for text in trimmed]
        return list(map(self.__getitem__, texts))


def _takes_plain(spec_field: Field) -> bool:
    """Whether every number of up to 14 digits and 4 decimals is within the field's bounds and places."""
    limit = Decimal("99999999999999.9999")
    inside = (spec_field.low is None or spec_field.low <= -limit) and (
        spec_field.high is None or spec_field.high >= limit
    )
    return inside and spec_field.places >= _STORED_PLACES


def _wrong(field_name: str, message: Message) -> str:
    return _WRONG + msgspec.json.encode({"field": field_name, **message.as_json()}).decode()


def _copied(value: Value) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, tuple):
        quoted = ('"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"' for part in value)
        return ("{" + ",".join(quoted) + "}").translate(_SPECIAL)
    return str(value).translate(_SPECIAL)


@dataclass(slots=True)
class Reading:
    """A file on its way in; `lines` and `done` (bytes) tell how far it is."""

    spec: KindSpec
    path: Path
    shape: FileShape
    columns: Columns
    tables: Mapping[str, Mapping[str, str]]
    date_format: str | None = None
    decimal: str = "."
    lines: int = 0
    done: int = 0
    wrong: int = 0
    seen: Seen = field(default_factory=Seen)
    _together: bool = field(init=False)
    _parted: bool = field(init=False)

    def __post_init__(self) -> None:
        self._together = self.spec.kind in {Kind.TERRITORIES, Kind.DEALERS}
        self._parted = any(len(places) > 1 for places in self.columns.fields.values())

    @property
    def staged(self) -> tuple[str, ...]:
        """The columns of the staging table in the order of the text."""
        return ("line_no", *self.columns.names, "faults")

    def pieces(self) -> Iterator[bytes]:
        """The file as COPY text, piece by piece; `Unreadable` where the file ends to be a table."""
        names = self.columns.names
        remembered = [_Remembered(self.spec.field(name), self.decimal, self.date_format) for name in names]
        read = reader(self.columns, self.tables)
        with self.path.open("rb") as source:
            for some in files.read_blocks(source, self.shape, self.seen):
                self.lines += some.length if isinstance(some, Block) else len(some)
                text = self._text_of(some, remembered, read)
                self.done = source.tell()
                yield text.encode()

    def _text_of(
        self, some: Block | list[Record], remembered: list[_Remembered], read: Callable[[Sequence[str]], Read]
    ) -> str:
        if isinstance(some, Block):
            text = self._by_columns(some, remembered)
            if text is not None:
                return text
            some = some.records()
        return "".join([self._by_row(record, remembered, read) for record in some])

    def _by_columns(self, block: Block, remembered: list[_Remembered]) -> str | None:
        """The text of a block in which all is well, or None. Columns are walked in C: quicker than line by line."""
        if self._together or self._parted:
            return None
        cells: list[Sequence[str]] = list(block.columns)
        for found in self.columns.lookups:
            table = self.tables[found.name]
            values = [table.get(text.strip(), _WRONG) for text in cells[found.source]]
            if _WRONG in values:
                return None
            cells.append(values)
        made: list[Sequence[str]] = []
        for name, known in zip(self.columns.names, remembered, strict=True):
            if name in self.columns.constants:
                made.append([known[self.columns.constants[name]]] * block.length)
                continue
            texts = cells[self.columns.fields[name][0]]
            pairs = self.columns.value_maps.get(name)
            if pairs is not None:
                texts = [pairs.get(text, text) for text in map(str.strip, texts)]
            made.append(known.column(texts))
        numbers = map(str, range(block.first, block.first + block.length))
        text = "\n".join(map("\t".join, zip(numbers, *made, [NOTHING] * block.length, strict=True))) + "\n"
        return None if _WRONG in text else text

    def _by_row(self, record: Record, remembered: list[_Remembered], read: Callable[[Sequence[str]], Read]) -> str:
        if record.fault is not None:
            return self._unreadable(record)
        texts, unmatched = read(record.cells)
        return self._judged(
            record, [known[text] for known, text in zip(remembered, texts, strict=True)], texts, unmatched
        )

    def _judged(
        self, record: Record, cells: list[str], texts: list[str], unmatched: tuple[tuple[str, Message], ...]
    ) -> str:
        """A line of which something is wrong, or may be when its fields are seen together."""
        faults = [_wrong(name, message)[1:] for name, message in unmatched]
        unmatched_fields = {name for name, _ in unmatched}
        names = self.columns.names
        faults += [
            cell[1:]
            for name, cell in zip(names, cells, strict=True)
            if cell.startswith(_WRONG) and name not in unmatched_fields
        ]
        if self._together and not faults:
            given = dict(zip(names, texts, strict=True))
            _, wrong = parse_row(self.spec, given, decimal=self.decimal, form=self.date_format)
            faults = [_wrong(name, message)[1:] for name, message in wrong]
        kept = "\t".join(NOTHING if cell.startswith(_WRONG) else cell for cell in cells)
        if not faults:
            return f"{record.line_no}\t{kept}\t\\N\n"
        self.wrong += 1
        told = ("[" + ",".join(faults) + "]").translate(_SPECIAL)
        return f"{record.line_no}\t{kept}\t{told}\n"

    def _unreadable(self, record: Record) -> str:
        self.wrong += 1
        if record.fault == "ragged":
            message = reason("ragged", found=len(record.cells), expected=len(self.shape.header))
        elif record.fault == "open-quote":
            message = reason("open-quote", count="".join(record.cells).count("\n"))
        else:
            message = reason(record.fault or "")
        nothing = "\t".join([NOTHING] * len(self.columns.names))
        told = ("[" + _wrong("", message)[1:] + "]").translate(_SPECIAL)
        return f"{record.line_no}\t{nothing}\t{told}\n"


def read_lookup(lookup: Lookup, path: Path) -> dict[str, str]:
    """The table of a look-up from its own file; `Invalid` where its columns or keys are not clear."""
    shape, seen = files.sniff(path), Seen()
    table = lookup_table(lookup, shape.header, (record.cells for record in files.read_rows(path, shape, seen)))
    if doubts := doubts_of(shape, seen):
        title = m("The file of look-ups %(file)s cannot be used.", file=lookup.file)
        raise Invalid(title, tuple(FieldError("lookups", why) for why in doubts))
    return table
