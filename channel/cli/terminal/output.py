"""What a command prints: the same list or document as a table, JSON, CSV or XLSX."""

import contextlib
import functools
import json
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import click
from rich.cells import cell_len

from channel.cli.terminal.fields import FIELDS
from channel.cli.terminal.text_tables import ItemColumn, lay, wrap
from channel.cli.terminal.words import NONE, say
from channel.lists import Column, Kind, List
from channel.money import digits_of, in_digits, round_half_away

Cell = str | int | Decimal | bool | date | None
"""What a field of a sheet may hold here."""

FORMATS = ("table", "json", "csv", "xlsx")

_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_FIRST_DAY = re.compile(r"(?<=\d{4}-\d\d)-01$", re.ASCII)
_GROUPED = re.compile(r"(?<=\d)(?=(?:\d{3})+$)")
_MOMENT = re.compile(r"(?<=T)(\d\d:\d\d:\d\d)\.\d+(?=Z|[+-]\d\d:)", re.ASCII)
"""Parts of a second, which a list is easier to read without; JSON, CSV and XLSX have them."""
_PLACES = 2
_INDENT = "  "
_LEAST = 20
"""As narrow as a value beside its name may get."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of several tables that are printed together: its title, its rows, and what is said where there are none."""

    title: str
    items: Sequence[Mapping[str, Any]]
    columns: Sequence[ItemColumn]
    nothing: str


@dataclass(frozen=True, slots=True)
class Show:
    """How the user wants the answer: in which format, and into which file (standard output, if none)."""

    format: str = "table"
    output: Path | None = None

    def rows(self, items: Iterable[Mapping[str, Any]], *columns: ItemColumn, empty: str | None = None) -> None:
        """Print items; without columns, every plain field of the first one. JSON gives the items whole."""
        stream = iter(items)
        first = next(stream, None)
        shown = columns or (() if first is None else _columns_of(first))
        everything = stream if first is None else chain((first,), stream)
        if self.format == "json":
            self._json_list(everything)
        elif self.format == "table":
            if first is None:
                inform("Nothing found.") if empty is None else pass_on(empty)
            else:
                self._print(_table(list(everything), shown, self._width(), declared=bool(columns)))
        else:
            book = self.format == "xlsx"
            head = [_heading(c, book=book) for c in shown]
            self._sheet(head, ([_cell(i, c, book=book) for c in shown] for i in everything))

    def listed(
        self, listed: List, items: Iterable[Mapping[str, Any]], only: Sequence[str] = (), said: Mapping[str, str] = {}
    ) -> None:
        """Print the items of a list under its own columns, or `only` some; `said` are values of places in headings."""
        columns = listed.on_page(only) if only else listed.columns
        self.rows(items, *columns_of(columns, said), empty=say(listed.nothing.text))

    def parts(self, *parts: Part) -> None:
        """Print several tables, each under its title; other formats than tables print the whole as a `document`."""
        self._print(chain.from_iterable(self._part(place, each) for place, each in enumerate(parts)))

    def _part(self, place: int, part: Part) -> Iterator[str]:
        yield from [""] * bool(place)
        yield _strong(say(part.title))
        if part.items:
            yield from _table(part.items, part.columns, self._width(), declared=True)
        else:
            yield say(part.nothing)

    def document(self, document: Mapping[str, Any], *, title: str = "") -> None:
        """Print one thing: its fields, and what it is made of beneath; CSV and XLSX as pairs of field and value."""
        if self.format == "json":
            with self._bytes() as out:
                out.write(json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n")
        elif self.format == "table":
            self._print(chain([_strong(title)] if title else [], _fields(document, self._width())))
        else:
            self._sheet(["field", "value"], ([path, _plain(value)] for path, value in _flat(document)))

    def _json_list(self, items: Iterable[Mapping[str, Any]]) -> None:
        with self._bytes() as out:
            before = b"[\n"
            for item in items:
                out.write(before + json.dumps(item, ensure_ascii=False).encode())
                before = b",\n"
            out.write(b"[]\n" if before == b"[\n" else b"\n]\n")

    def _sheet(self, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
        from channel import files  # noqa: PLC0415 - the makers of workbooks, which most answers do not need

        with self._bytes() as out:
            if self.format == "csv":
                out.writelines(files.csv_bytes(header, rows))
                return
            with files.scratch() as folder:
                book = folder / "channel.xlsx"
                files.write_xlsx(book, header, rows)
                out.write(book.read_bytes())

    def _width(self) -> int | None:
        """The cells of a line of the screen; None where it goes into a pipe or a file, which have no width."""
        if self.output is not None or not sys.stdout.isatty():
            return None
        return shutil.get_terminal_size().columns

    def _print(self, lines: Iterable[str]) -> None:
        if self.output is None:
            # A terminal of another alphabet shows a mark in place of what it cannot write.
            with contextlib.suppress(AttributeError):
                sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr] # tests put other things there
            # click takes the bold out where nobody sees it.
            for line in lines:
                click.echo(line)
            return
        with _naming(self.output), self.output.open("w", encoding="utf-8") as file:
            file.writelines(f"{click.unstyle(line)}\n" for line in lines)

    @contextlib.contextmanager
    def _bytes(self) -> Iterator[BinaryIO]:
        if self.output is not None:
            with _naming(self.output), self.output.open("wb") as file:
                yield file
        else:
            yield sys.stdout.buffer


@contextlib.contextmanager
def _naming(path: Path) -> Iterator[None]:
    """A file that cannot be written is a sentence with its name."""
    try:
        yield
    except OSError as fault:
        raise click.FileError(str(path), fault.strerror or "unknown error") from None


def columns_of(columns: Iterable[Column], said: Mapping[str, str] = {}) -> list[ItemColumn]:
    """Columns of a declared list as they are printed; `said` are values of places in headings."""
    return [
        ItemColumn(
            each.told, say(each.title.text, **{**dict(each.title.params), **said}), each.is_number, each.less, each
        )
        for each in columns
    ]


def formatted(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options --format and --output; it gets them as `show`."""

    @click.option(
        "--format", "format_", type=click.Choice(FORMATS), default="table", show_default=True, help="How to print it."
    )
    @click.option(
        "--output",
        "-o",
        type=click.Path(dir_okay=False, writable=True, path_type=Path),
        help="Write it into this file instead of the screen.",
    )
    @functools.wraps(command)
    def with_show(*args: object, format_: str, output: Path | None, **options: object) -> object:
        # Said before anything is done, because what is done may be more than a look.
        if format_ == "xlsx" and output is None and sys.stdout.isatty():
            raise click.UsageError("A workbook is not for the screen: give a file with --output FILE.")
        if output is not None and not output.absolute().parent.is_dir():
            raise click.FileError(str(output), "its folder does not exist")
        return command(*args, show=Show(format_, output), **options)

    return with_show


def inform(text: str, **params: object) -> None:
    """A sentence for the person at the terminal, moments as tables tell them.

    It goes beside the data, so that a pipe carries data alone.
    """
    pass_on(say(text, **{n: _MOMENT.sub(r"\1", each) if isinstance(each, str) else each for n, each in params.items()}))


def pass_on(text: str) -> None:
    """What the service said already in the reader's language, told like a sentence of our own."""
    click.echo(text, err=True)


def _at(item: object, path: str) -> object:
    for step in path.split("."):
        item = item.get(step) if isinstance(item, Mapping) else None
    return item


def _columns_of(item: Mapping[str, Any]) -> tuple[ItemColumn, ...]:
    return tuple(
        ItemColumn(name, _title(name), number=_looks_like_number(value) and not _is_named_by(name))
        for name, value in item.items()
        if not isinstance(value, Mapping | list)
    )


def _is_named_by(name: str) -> bool:
    """Whether a field holds what something is named by: it is typed again as it is told, and so without separators."""
    return name == "id" or name.endswith(("code", "_id"))


def _title(name: str) -> str:
    # Names of fields are made of small letters; anything else is a code, such as a grade, and stays as it is.
    if name != name.lower():
        return name
    return say(FIELDS.get(name) or name.replace("_", " ").capitalize())


def _looks_like_number(value: object) -> bool:
    if isinstance(value, bool):
        return False
    # Figures come over JSON as strings with their decimals; a string of digits alone may as well be a code.
    return isinstance(value, int | float) or (
        isinstance(value, str) and "." in value and _NUMBER.fullmatch(value) is not None
    )


def _cell_text(item: object, column: ItemColumn) -> str:
    """What a table has of a column; an amount of an account with every digit of its currency."""
    value, declared = _value(item, column), column.declared
    if value is not None and declared is not None and declared.exact and declared.currency:
        return exact_amount(value, _at(item, declared.currency))
    if isinstance(value, bool):
        return _flag(value, declared)
    if declared is not None and declared.kind is Kind.NUMBER and declared.places is not None and value is not None:
        return grouped(round_half_away(Decimal(str(value)), declared.places))
    return _shown(value, number=column.number)


def _flag(value: bool, declared: Column | None) -> str:  # noqa: FBT001 - it is what is told
    """A flag by the name that its list gives it, as on pages; otherwise as yes or no."""
    named = declared.choices.get(value) if declared is not None else None
    return _shown(value, number=False) if named is None else say(named.text)


def exact_amount(value: object, currency: object) -> str:
    """An amount of an account, grouped, with every digit of its currency: 1,234.50, and 1,235 in JPY."""
    return f"{round_half_away(Decimal(str(value)), digits_of(str(currency))):,f}"


def grouped(value: object) -> str:
    """A figure with separators between thousands: 1,234,567.50; zeros past the second decimal are left away."""
    text = NONE if value is None else str(value)
    if not _NUMBER.fullmatch(text):
        return text
    whole, point, places = text.partition(".")
    return _GROUPED.sub(",", whole) + point + places[:_PLACES] + places[_PLACES:].rstrip("0")


def _shown(value: object, *, number: bool) -> str:
    if value is None:
        return NONE
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    if isinstance(value, Mapping):
        if _is_message(value):
            return str(value["text"]) % value["params"] if value["params"] else str(value["text"])
        return "; ".join(f"{_title(str(k))}: {_shown(v, number=_looks_like_number(v))}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(_shown(v, number=number) for v in value)
    return grouped(value) if number else _MOMENT.sub(r"\1", str(value))


def _value(item: object, column: ItemColumn) -> object:
    """What an item has in a column: a fraction in percent, as its heading says, a month without a day."""
    value = _at(item, column.field)
    if column.declared is not None and column.declared.kind is Kind.MONTH and isinstance(value, str):
        return _FIRST_DAY.sub("", value)
    is_rate = column.declared is not None and column.declared.kind is Kind.PERCENT
    return str(round_half_away(Decimal(str(value)) * 100, 1)) if is_rate and value is not None else value


def _heading(column: ItemColumn, *, book: bool) -> str:
    """The heading of a sheet; a workbook knows no zones, so that of a moment names the one in which it stands."""
    is_moment = column.declared is not None and column.declared.kind is Kind.MOMENT
    return f"{say(column.title)} (UTC)" if book and is_moment else say(column.title)


def _cell(item: object, column: ItemColumn, *, book: bool) -> Cell:
    """What stands in a file: numbers as numbers, in a workbook days and moments as such, flags in words."""
    value, declared = _value(item, column), column.declared
    if isinstance(value, bool):
        return _flag(value, declared)
    if not isinstance(value, str):
        return _plain(value)
    if column.number and _NUMBER.fullmatch(value):
        return _number(item, Decimal(value), declared)
    if book and declared is not None and declared.kind in {Kind.DAY, Kind.MOMENT}:
        read: type[date] = date if declared.kind is Kind.DAY else datetime
        with contextlib.suppress(ValueError):
            return read.fromisoformat(value)
    return value


def _number(item: object, value: Decimal, declared: Column | None) -> Decimal:
    """A number; an amount with the digits of its currency."""
    if declared is None or declared.kind is not Kind.MONEY:
        return value
    currency = _at(item, declared.currency) if declared.currency else None
    return in_digits(value, None if currency is None else str(currency))


def _plain(value: object) -> Cell:
    if value is None or isinstance(value, bool | int | Decimal):
        return value
    if isinstance(value, str):
        return value
    return _shown(value, number=False)


def _table(
    items: Sequence[Mapping[str, Any]], columns: Sequence[ItemColumn], width: int | None, *, declared: bool
) -> Iterator[str]:
    """A table; one whose columns nobody chose and which is too wide becomes a list of its items."""
    rows = [[_cell_text(item, c) for c in columns] for item in items]
    said = [replace(c, title=say(c.title)) for c in columns]
    laid = lay(rows, said, width)
    if not laid.fits and not declared:
        for number, row in enumerate(rows):
            yield from [""] * bool(number)
            yield from _pairs([(c.title, cell) for c, cell in zip(said, row, strict=True)], width)
        return
    yield from map(_strong, laid.head)
    yield from laid.body
    if laid.left_out:
        names = ", ".join(c.title for c in laid.left_out)
        inform("Left out for want of room: %(names)s. A wider screen, or --format csv, has them.", names=names)


def _fields(document: Mapping[str, Any], width: int | None) -> Iterator[str]:
    """The plain fields, then what lies beneath, each under its name and moved in."""
    plain: list[tuple[str, str]] = []
    beneath: list[str] = []
    inner = None if width is None else width - len(_INDENT)
    for name, value in document.items():
        if isinstance(value, list) and value and all(isinstance(v, Mapping) for v in value):
            if _is_message(value[0]):
                plain.append((_title(name), "\n".join(_shown(v, number=False) for v in value)))
            else:
                table = _table(value, _columns_over(value), inner, declared=False)
                beneath += ["", _strong(_title(name)), *(_INDENT + line for line in table)]
        elif isinstance(value, Mapping) and not _is_message(value):
            beneath += ["", _strong(_title(name)), *(_INDENT + line for line in _fields(value, inner))]
        else:
            number = _looks_like_number(value) and not _is_named_by(name)
            plain.append((_title(name), _shown(value, number=number) or NONE))
    yield from _pairs(plain, width)
    yield from beneath if plain else beneath[1:]


def _pairs(pairs: Sequence[tuple[str, str]], width: int | None) -> Iterator[str]:
    """Names, and beside them their values."""
    names = max((cell_len(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        room = cell_len(value) if width is None else max(width - names - 2, _LEAST)
        first, *more = [line for part in value.split("\n") for line in wrap(part, room)]
        yield f"{name}{' ' * (names - cell_len(name))}  {first}".rstrip()
        yield from (f"{' ' * names}  {line}" for line in more)


def _strong(text: str) -> str:
    return click.style(text, bold=True) if text.strip() else text


def _is_message(value: object) -> bool:
    """Whether it is a message as decisions store it."""
    return isinstance(value, Mapping) and "text" in value and "params" in value


def _columns_over(items: Sequence[Mapping[str, Any]]) -> list[ItemColumn]:
    """Every field that any of the items has, also the nested ones, which are told in one line."""
    names = dict.fromkeys(name for item in items for name in item)
    columns = []
    for name in names:
        values = [item[name] for item in items if item.get(name) is not None]
        number = bool(values) and all(map(_looks_like_number, values)) and not _is_named_by(name)
        columns.append(ItemColumn(name, _title(name), number=number))
    return columns


def _flat(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for number, inner in enumerate(value, start=1):
            yield from _flat(inner, f"{path}.{number}")
    else:
        yield path, value
