"""From the records of a file to the text that COPY takes: cells picked, looked up, read by their type, escaped.

Runs in a thread of its own, in constant memory. Where nobody said which mark stands before decimals, the file is read
as its first lines suggest, and once more where it turns out to say otherwise.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from operator import itemgetter
from pathlib import Path

import msgspec

from channel import files
from channel.errors import FieldError, Invalid, Message, m
from channel.files import Block, Exact, FileShape, Known, Record, Seen
from channel.imports.columns import NOTHING, SPECIAL, WRONG, Manner, Priced, Remembered, wrong
from channel.imports.rules.dates import has_short_years, written
from channel.imports.rules.kinds import FileField, KindSpec, Type
from channel.imports.rules.mapping import Columns, Read, lookup_table, reader
from channel.imports.rules.numbers import UNDECIDED, Marks, marks_of
from channel.imports.rules.profile import Lookup
from channel.imports.rules.reasons import NOTES, reason
from channel.imports.rules.shapes import doubts_of

COLUMN_TYPES: Mapping[Type, str] = {
    Type.DATE: "date",
    Type.DECIMAL: "numeric",
    Type.WHOLE: "integer",
    Type.FLAG: "boolean",
    Type.LIST: "text[]",
}
"""Types of the staging columns; every other field is text."""
_ISO = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@dataclass(slots=True)
class Reading:
    """A file on its way in; `lines` and `done` (bytes) tell how far it is.

    `decimal` is the mark before decimals; where nobody said it, each column is asked (`settle`), but for those whose
    mark is known by `marks`.

    Of a file that mends lines of another, `numbered` is the place of the cell with the number of the line there, and
    `numbers` are those that were read. Lines of `passed` are left out: a later file brings them. `last` is the line
    that stands last, by its number. `beside` are the names and signs of currencies that stand beside numbers.
    """

    spec: KindSpec
    path: Path
    shape: FileShape
    columns: Columns
    tables: Mapping[str, Mapping[str, str]]
    date_format: str | None = None
    decimal: str = "."
    grouping: str = "thousands"
    marks: Mapping[str, str] = field(default_factory=dict)
    numbered: int | None = None
    passed: tuple[AbstractSet[int], ...] = ()
    numbers: set[int] = field(default_factory=set)
    last: tuple[int, Sequence[str]] = (0, ())
    beside: set[str] = field(default_factory=set)
    lines: int = 0
    done: int = 0
    wrong: int = 0
    seen: Seen = field(default_factory=Seen)
    _parted: bool = field(init=False)
    _decimals: dict[str, str] = field(init=False)
    _known: dict[str, Remembered] = field(init=False)
    _money: list[tuple[int, str, Remembered]] = field(init=False)
    _priced: Priced | None = field(init=False, default=None)
    _read: Callable[[Sequence[str]], Read] = field(init=False)

    def __post_init__(self) -> None:
        self._parted = any(len(places) > 1 for places in self.columns.fields.values())
        self._decimals = (
            {}
            if self.decimal
            else {name: self.marks.get(name) or self._suggested(name) for name in self.columns.fields}
        )
        self._read = reader(self.columns, self.tables)
        self._begin()

    def _suggested(self, name: str) -> str:
        """The mark before decimals that the first lines show in a column; a point where they show none."""
        place = self.columns.fields[name][0]
        rows = self.shape.sample_rows
        return "," if marks_of(row.cells[place] for row in rows if place < len(row.cells)).decided == "," else "."

    def _begin(self) -> None:
        self.lines = self.done = self.wrong = 0
        priced = "unit_price" in self.columns.names
        self._known = {}
        for name in self.columns.names:
            each = self.spec.field(name)
            if name == "amount" and priced:
                each = replace(each, required=False)
            decimal = self.decimal or self._decimals.get(name, ".")
            told = bool(self.decimal) or name in self.columns.constants or name in self.marks
            self._known[name] = Remembered(each, Manner(self.date_format, decimal, self.grouping), told=told)
        self._money = [
            (place, name, known)
            for place, (name, known) in enumerate(self._known.items())
            if known.field.type is Type.DECIMAL
        ]
        if priced and "quantity" in self._known:
            self._priced = Priced(self.spec.field("amount"), self._known["quantity"], self._known["unit_price"])

    @property
    def staged(self) -> tuple[str, ...]:
        """The columns of the staging table in the order of the text."""
        made = ("amount",) if self._priced is not None and "amount" not in self.columns.names else ()
        return ("line_no", *self.columns.names, *made, "beside", "faults")

    def pieces(self) -> Iterator[bytes]:
        """The file as COPY text, piece by piece; `Unreadable` where the file ends to be a table."""
        with self.path.open("rb") as source:
            for some in files.read_blocks(source, self.shape, self.seen):
                self.lines += some.length if isinstance(some, Block) else len(some)
                own = self._own(some)
                self._see_last(own)
                text = self._text_of(own)
                self.done = source.tell()
                yield text.encode()

    def _see_last(self, own: Block | list[Record]) -> None:
        if isinstance(own, Block):
            self.last = (own.first + own.length - 1, [column[-1] for column in own.columns])
        else:
            self.last = max([self.last, *((record.line_no, record.cells) for record in own[-1:])], key=itemgetter(0))

    def records(self) -> Iterator[Record]:
        """The records once more, for the cells of those that were rejected."""
        for record in files.read_rows(self.path, self.shape):
            own = self._own([record])
            yield from own.records() if isinstance(own, Block) else own

    def _own(self, some: Block | list[Record]) -> Block | list[Record]:
        """Of some records those that this file brings, each under its number."""
        if self.numbered is None and not self.passed:
            return some
        if isinstance(some, Block):
            if self.numbered is None and not self._passes(range(some.first, some.first + some.length)):
                return some
            some = some.records()
        if self.numbered is not None:
            some = [record._replace(line_no=int(record.cells[self.numbered])) for record in some]
            self.numbers.update(record.line_no for record in some)
        return [record for record in some if not self._passes((record.line_no,))]

    def _passes(self, numbers: Iterable[int]) -> bool:
        return any(number in lines for number in numbers for lines in self.passed)

    def settle(self) -> bool:
        """After all pieces: whether every column was read by the mark that it shows; else it is to be read again.

        `Invalid` where a column shows neither: which mark stands before decimals is not guessed.
        """
        shown = {name: known.marks for name, known in self._known.items() if known.marks is not None}
        errors = tuple(self._undecided(name, marks) for name, marks in shown.items() if marks.decided == UNDECIDED)
        if errors:
            raise Invalid(m("The file does not show which mark stands before decimals."), errors)
        decided = self._decimals | {name: marks.decided for name, marks in shown.items()}
        if all(marks.silent or decided[name] == self._decimals[name] for name, marks in shown.items()):
            return True
        self._decimals = decided
        self._begin()
        return False

    @property
    def decided(self) -> Mapping[str, str]:
        """The mark before decimals by which each column was read, where nobody said it."""
        return {
            name: self._decimals[name]
            for name, known in self._known.items()
            if name in self._decimals and (name in self.marks or (known.marks is not None and not known.marks.silent))
        }

    def notes(self) -> list[Message]:
        """What a person should know of how the file was read."""
        commas = [name for name, mark in self._decimals.items() if mark == ","]
        said = [NOTES["short-years"]] if has_short_years(self.date_format) else []
        return said + [Message(NOTES["decimal-comma"].text, (("column", self._column_of(name)),)) for name in commas]

    def _column_of(self, name: str) -> str:
        """The column of the file from which a field comes; the field itself where a look-up gives it."""
        place = self.columns.fields[name][0]
        return self.shape.header[place] if place < len(self.shape.header) else name

    def _undecided(self, name: str, marks: Marks) -> FieldError:
        why = m(
            "In the column %(column)s, “%(value)s” can be read in two ways.",
            column=self._column_of(name),
            value=marks.example,
        )
        return FieldError("decimal", why, m("Set the mark before decimals, “.” or “,”: --decimal at the terminal."))

    def _text_of(self, some: Block | list[Record]) -> str:
        if isinstance(some, Block):
            text = self._by_columns(some)
            if text is not None:
                return text
            some = some.records()
        return "".join([self._by_row(record) for record in some])

    def _by_columns(self, block: Block) -> str | None:
        """The text of a block in which all is well, or None. Columns are walked in C: quicker than line by line."""
        if self.spec.wrong_together is not None or self._parted:
            return None
        cells: list[Sequence[str]] = list(block.columns)
        for found in self.columns.lookups:
            table = self.tables[found.name]
            values = [table.get(text.strip(), WRONG) for text in cells[found.source]]
            if WRONG in values:
                return None
            cells.append(values)
        texts: dict[str, Sequence[str]] = {}
        made: dict[str, Sequence[str]] = {}
        for name, known in self._known.items():
            if name in self.columns.constants:
                texts[name] = [self.columns.constants[name]] * block.length
                made[name] = [known[self.columns.constants[name]]] * block.length
                continue
            texts[name] = cells[self.columns.fields[name][0]]
            pairs = self.columns.value_maps.get(name)
            if pairs is not None:
                texts[name] = [pairs.get(text, text) for text in map(str.strip, texts[name])]
            made[name] = known.column(texts[name])
            if known.names_currency(texts[name], made[name]):
                return None
        if self._priced is not None:
            amounts = list(map(self._priced, texts["quantity"], texts["unit_price"]))
            kept = made.get("amount")
            made["amount"] = (
                amounts
                if kept is None
                else [own if each == NOTHING else each for each, own in zip(kept, amounts, strict=True)]
            )
            if NOTHING in made["amount"]:
                return None
        numbers = map(str, range(block.first, block.first + block.length))
        nothing = [NOTHING + "\t" + NOTHING] * block.length
        text = "\n".join(map("\t".join, zip(numbers, *made.values(), nothing, strict=True))) + "\n"
        return None if WRONG in text else text

    def _by_row(self, record: Record) -> str:
        if record.fault is not None:
            return self._unreadable(record)
        texts, unmatched = self._read(record.cells)
        made = {
            name: known.taken(text) if isinstance(text, Exact) else known[text]
            for (name, known), text in zip(self._known.items(), texts, strict=True)
        }
        if self._priced is not None and made.get("amount", NOTHING) == NOTHING:
            made["amount"] = self._amount(made, dict(zip(self.columns.names, texts, strict=True)))
        beside = {
            name: found
            for place, name, known in self._money
            if type(texts[place]) is str and (found := known.currency(texts[place]))
        }
        kept = "\t".join(made.values())
        if WRONG not in kept and not (unmatched or beside or self.spec.wrong_together is not None):
            return f"{record.line_no}\t{kept}\t\\N\t\\N\n"
        self.beside.update(beside.values())
        return self._judged(record, made, unmatched, beside)

    def _amount(self, made: Mapping[str, str], texts: Mapping[str, str]) -> str:
        """The amount of a line that names none: by quantity and unit price, where they can be read."""
        if self._priced is None or any(made[name].startswith(WRONG) for name in ("quantity", "unit_price")):
            return NOTHING
        amount = self._priced(texts["quantity"], texts["unit_price"])
        needed = amount == NOTHING and self.spec.field("amount").required
        return wrong("amount", reason("missing")) if needed else amount

    def _judged(
        self,
        record: Record,
        cells: Mapping[str, str],
        unmatched: tuple[tuple[str, Message], ...],
        beside: Mapping[str, str],
    ) -> str:
        """A line of which something is wrong, or may be when its fields are seen together."""
        faults = [wrong(name, message)[1:] for name, message in unmatched]
        unmatched_fields = {name for name, _ in unmatched}
        faults += [cell[1:] for name, cell in cells.items() if cell.startswith(WRONG) and name not in unmatched_fields]
        if self.spec.wrong_together is not None and not faults:
            given = {name: None if cell == NOTHING else cell for name, cell in cells.items()}
            faults = [wrong(name, message)[1:] for name, message in self.spec.wrong_together(given)]
        kept = "\t".join(NOTHING if cell.startswith(WRONG) else cell for cell in cells.values())
        kept += "\t" + (msgspec.json.encode(beside).decode().translate(SPECIAL) if beside else NOTHING)
        if not faults:
            return f"{record.line_no}\t{kept}\t\\N\n"
        self.wrong += 1
        told = ("[" + ",".join(faults) + "]").translate(SPECIAL)
        return f"{record.line_no}\t{kept}\t{told}\n"

    def told(self, cells: Sequence[str]) -> list[str]:
        """The cells of a record as a CSV file can hold them, so that it is read as the workbook was.

        Days are written in the form that is set, numbers with the mark that is set, all else as a person sees it.
        """
        if not any(isinstance(cell, Exact) for cell in cells):
            return list(cells)
        fields = {places[0]: self._known[name].field for name, places in self.columns.fields.items()}
        return [self._plainly(cell, fields.get(place)) for place, cell in enumerate(cells)]

    def _plainly(self, cell: str, given: FileField | None) -> str:
        if given is None or not isinstance(cell, Exact):
            return str(cell)
        if cell.day:
            day = cell.value[: len("2000-01-01")]
            return (
                written(date.fromisoformat(day), self.date_format)
                if given.type is Type.DATE and _ISO.fullmatch(day)
                else str(cell)
            )
        if given.type in {Type.DECIMAL, Type.WHOLE}:
            return cell.value.replace(".", self.decimal or self._decimals.get(given.name, "."))
        return str(cell)

    def _unreadable(self, record: Record) -> str:
        self.wrong += 1
        if record.fault == "ragged":
            message = reason("ragged", found=len(record.cells), expected=len(self.shape.header))
        elif record.fault == "open-quote":
            message = reason("open-quote", count="".join(record.cells).count("\n"))
        else:
            message = reason(record.fault or "")
        nothing = "\t".join([NOTHING] * (len(self.staged) - 2))
        told = ("[" + wrong("", message)[1:] + "]").translate(SPECIAL)
        return f"{record.line_no}\t{nothing}\t{told}\n"


def _names_of(lookup: Lookup) -> Known:
    """Of a possible header of a look-up's file: how many of its two columns stand in it."""
    return lambda header: len({lookup.key, lookup.value} & set(header))


def read_lookup(lookup: Lookup, path: Path, likely: Iterable[str] = ()) -> dict[str, str]:
    """The table of a look-up from its own file; `Invalid` where its columns or keys are not clear."""
    shape, seen = files.sniff(path, known=_names_of(lookup), likely=likely), Seen()
    table = lookup_table(lookup, shape.header, (record.cells for record in files.read_rows(path, shape, seen)))
    used = {place for place, name in enumerate(shape.header) if name in {lookup.key, lookup.value}}
    if doubts := doubts_of(shape, seen, used):
        title = m("The file of look-ups %(file)s cannot be used.", file=lookup.file)
        right = m("A CSV file in UTF-8 without quotes that are left open.")
        raise Invalid(title, tuple(FieldError("lookups", why, right) for why in doubts))
    return table
