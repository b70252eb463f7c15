"""Tables as lines of text: figures never cut or wrapped, long texts wrapped, and what does not fit named."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rich.cells import cell_len, chop_cells

from channel.lists import Column

_GAP = "  "
_LONG = 24
"""A text wider than this may be wrapped; dates, codes and words never are."""
_LEAST = 16
"""As narrow as a long text may get."""


@dataclass(frozen=True, slots=True)
class ItemColumn:
    """A column of a list: where its value stands in an item ("dealer.code"), its heading, and whether it is a number.

    A number is aligned right with separators; a code of digits is not a number. On a screen too narrow for all
    columns those with `less` are left out, the highest first. `declared` is what a list says of it.
    """

    field: str
    title: str
    number: bool = False
    less: int = 0
    declared: Column | None = None


@dataclass(frozen=True, slots=True)
class Laid:
    """A table on the screen: its heading lines, its other lines, and the columns for which there was no room."""

    head: list[str]
    body: list[str]
    left_out: list[ItemColumn]
    fits: bool


def lay(rows: Sequence[Sequence[str]], columns: Sequence[ItemColumn], width: int | None) -> Laid:
    """Lay cells out in columns over `width` cells, or as wide as they are where there is no width.

    Cells may hold several lines. Where even the columns that must stay are too wide, the lines are longer than the
    screen, so that nothing is lost.
    """
    natural = [max((cell_len(line) for row in rows for line in row[n].split("\n")), default=0) for n in _of(columns)]
    heads = [max(cell_len(word) for word in c.title.split() or [""]) for c in columns]
    words = [_longest_word(row[n] for row in rows) for n in _of(columns)]
    least = [
        max(heads[n], natural[n] if c.number or natural[n] <= _LONG else max(_LEAST, words[n]))
        for n, c in enumerate(columns)
    ]
    shown = list(_of(columns))
    if width is not None:
        shown = _fitting(shown, least, [c.less for c in columns], width)
        widths = _widened(shown, least, natural, [cell_len(c.title) for c in columns], width)
    else:
        widths = {n: max(natural[n], cell_len(columns[n].title)) for n in shown}
    head = _lines([columns[n].title for n in shown], [(widths[n], columns[n].number) for n in shown], bottom=True)
    body = [
        line
        for row in rows
        for line in _lines([row[n] for n in shown], [(widths[n], columns[n].number) for n in shown])
    ]
    return Laid(
        list(head),
        body,
        [c for n, c in enumerate(columns) if n not in shown],
        fits=width is None or _total(widths.values()) <= width,
    )


def _longest_word(cells: Iterable[str]) -> int:
    """Of what is written with spaces; Chinese is broken anywhere."""
    return max((len(word) for cell in cells for word in cell.split() if word.isascii()), default=0)


def _of(columns: Sequence[ItemColumn]) -> range:
    return range(len(columns))


def _total(widths: Iterable[int]) -> int:
    each = list(widths)
    return sum(each) + len(_GAP) * max(len(each) - 1, 0)


def _fitting(shown: list[int], least: Sequence[int], less: Sequence[int], width: int) -> list[int]:
    """The columns for which there is room, leaving out the least important and of those the last."""
    while _total(least[n] for n in shown) > width:
        out = max(shown, key=lambda n: (less[n], n))
        if not less[out]:
            return shown
        shown = [n for n in shown if n != out]
    return shown


def _widened(
    shown: Sequence[int], least: Sequence[int], natural: Sequence[int], titles: Sequence[int], width: int
) -> dict[int, int]:
    """The least widths, with the room that is left given to texts first and to headings after."""
    widths = {n: least[n] for n in shown}
    spare = width - _total(widths.values())
    for wanted in (natural, titles):
        while spare > 0 and (short := [n for n in shown if widths[n] < wanted[n]]):
            for n in short[:spare]:
                widths[n] += 1
            spare -= min(spare, len(short))
    return widths


def _lines(cells: Sequence[str], form: Sequence[tuple[int, bool]], *, bottom: bool = False) -> Iterator[str]:
    """One row as lines; a heading stands at the bottom of its lines."""
    wrapped = [list(wrap(cell, width)) for cell, (width, _) in zip(cells, form, strict=True)]
    if bottom:
        height = max(map(len, wrapped), default=0)
        wrapped = [[""] * (height - len(lines)) + lines for lines in wrapped]
    for row in zip_longest(*wrapped, fillvalue=""):
        yield _GAP.join(_padded(text, *each) for text, each in zip(row, form, strict=True)).rstrip()


def _padded(text: str, width: int, right: bool) -> str:  # noqa: FBT001 - a column's form
    space = " " * (width - cell_len(text))
    return space + text if right else text + space


def wrap(text: str, width: int) -> Iterator[str]:
    """Lines of at most `width` cells, broken at spaces, or within a word that is longer than a line.

    Chinese has no spaces between words and is broken anywhere.
    """
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            joined = f"{line} {word}" if line else word
            if cell_len(joined) <= width:
                line = joined
                continue
            if line and (cell_len(word) <= width or cell_len(line) >= width - 1):
                yield line
                joined = word
            *whole, line = chop_cells(joined, width) or [""]
            yield from whole
        yield line
