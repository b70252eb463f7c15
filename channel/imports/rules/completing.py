"""Rejected lines that come back mended: which load a file completes, and with which of its lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from channel.digits import whole_number
from channel.errors import FieldError, Invalid, Message, m
from channel.imports.rules.reasons import LINE_COLUMN, LOAD_COLUMN


@dataclass(frozen=True, slots=True)
class Mended:
    """The load whose rejected lines a file brings, and the numbers that they have there."""

    load_id: int
    lines: frozenset[int]


def known_rejects(header: Sequence[str]) -> int:
    """Of a possible header: how many of the columns that say what a line completes stand in it."""
    return sum(name in header for name in (LOAD_COLUMN, LINE_COLUMN))


def mended_lines(header: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]]) -> Mended | None:
    """What a file of (line, cells) completes; None where it is a load of its own.

    All rows of a file that completes carry the number of one load, and each the number of another line. A file that
    carries such numbers otherwise is `Invalid`: as a load of its own it would take the place of what it belongs to.
    """
    if LOAD_COLUMN not in header and LINE_COLUMN not in header:
        return None
    at_load, at_line = (header.index(name) if name in header else None for name in (LOAD_COLUMN, LINE_COLUMN))
    load, numbers = "", set[int]()
    for place, (row, cells) in enumerate(rows):
        of, line = _cell(cells, at_load), _cell(cells, at_line)
        if place == 0:
            load = of
        if of != load:
            raise _unclear(LOAD_COLUMN, m("Line %(row)s has “%(value)s”, and the lines above “%(load)s”.", row=str(row),
                                          value=of, load=load))  # fmt: skip
        if line and not load:
            raise _unclear(LOAD_COLUMN, m("Line %(row)s does not say of which load it is.", row=str(row)))
        if load and (not _is_number(load) or not _is_number(line)):
            field, value = (LOAD_COLUMN, of) if not _is_number(load) else (LINE_COLUMN, line)
            raise _unclear(field, m("Line %(row)s has “%(value)s”, which is no number.", row=str(row), value=value))
        if line and int(line) in numbers:
            raise _unclear(LINE_COLUMN, m("Line %(row)s has “%(value)s” a second time.", row=str(row), value=line))
        if line:
            numbers.add(int(line))
    return Mended(int(load), frozenset(numbers)) if load else None


_MOST = 10**15 - 1
_EXPECTED = m(
    "Rejected lines of one load, each with its number as it was given; or --new, which makes them a load of their own."
)


def _cell(cells: Sequence[str], place: int | None) -> str:
    return cells[place].strip() if place is not None and place < len(cells) else ""


def _is_number(text: str) -> bool:
    return whole_number(text, _MOST) is not None


def _unclear(field: str, reason: Message) -> Invalid:
    title = m("The file holds rejected lines, and it is not clear which load they complete.")
    return Invalid(title, (FieldError(field, reason, _EXPECTED),))
