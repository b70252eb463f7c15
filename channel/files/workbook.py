"""Reading XLSX: a ZIP of XML, unfolded and parsed piece by piece, so that no file takes memory without a bound.

The readers that load a sheet whole reserve every cell between the first and the last one, and end the process
when a damaged or hostile file puts one far out. Here a row is handed on as soon as it is read; only the texts
that cells share are held.
"""

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from xml.parsers import expat

from channel.files.problems import Unreadable
from channel.files.stored import Source, opened
from channel.files.table import Record
from channel.files.workcells import SheetReader, Styles, TextsReader, safe_parser, styles_of

PACKED_LIMIT = 200 << 20
UNPACKED_LIMIT = 1 << 30
PARTS_LIMIT = 5_000
_PIECE = 256 * 1024
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, expat.ExpatError),
    *(EOFError, OSError, ValueError, LookupError, RuntimeError, OverflowError),
)
"""What unpacking and parsing a damaged or unheard-of workbook raises."""


@dataclass(frozen=True, slots=True)
class Book:
    """The visible sheets of a workbook, name -> part, in its order; whether its days count from 1904."""

    sheets: dict[str, str]
    from_1904: bool


def open_book(source: Source) -> Book:
    """What a workbook holds; `Unreadable` when it is damaged, too large or no workbook."""
    with _unpacked(source) as packed:
        return _book(packed)


def xlsx_records(source: Source, sheet: str) -> Iterator[Record]:
    """The rows of a sheet that are not blank, numbered as the spreadsheet numbers them; each is read when asked for.

    A formula that failed, or that was never computed, gives an empty cell and the fault `formula-error`.
    """
    with _unpacked(source) as packed:
        book = _book(packed)
        if sheet not in book.sheets:
            raise Unreadable("no-sheet", sheet=sheet)
        names = packed.namelist()
        texts = TextsReader()
        if "xl/sharedStrings.xml" in names:
            for _ in _parsed(packed, "xl/sharedStrings.xml", texts.parser):
                pass
        styles = styles_of(packed.read("xl/styles.xml")) if "xl/styles.xml" in names else Styles(())
        reader = SheetReader(texts.found, styles, from_1904=book.from_1904)
        for _ in _parsed(packed, book.sheets[sheet], reader.parser):
            yield from reader.taken()


@contextmanager
def _unpacked(source: Source) -> Iterator[zipfile.ZipFile]:
    """The parts of a workbook within the limits; whatever damage shows while they are read is told as such."""
    with opened(source) as file:
        try:
            with zipfile.ZipFile(file) as packed:
                _check(packed)
                yield packed
        except Unreadable:
            raise
        except _DAMAGE as error:
            raise Unreadable("bad-workbook") from error


def _check(packed: zipfile.ZipFile) -> None:
    parts = packed.infolist()
    if "xl/workbook.xml" not in packed.namelist():
        raise Unreadable("not-a-table")
    unpacked, sent = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if len(parts) > PARTS_LIMIT or unpacked > UNPACKED_LIMIT or sent > PACKED_LIMIT:
        raise Unreadable("workbook-too-large")


def _parsed(packed: zipfile.ZipFile, name: str, parser: expat.XMLParserType) -> Iterator[None]:
    """Feed a part to a parser, pausing after each piece. No part unfolds beyond the size that was checked."""
    with packed.open(name) as part:
        while piece := part.read(_PIECE):
            parser.Parse(piece, False)
            yield
        parser.Parse(b"", True)
        yield


def _book(packed: zipfile.ZipFile) -> Book:
    targets: dict[str, str] = {}
    sheets: dict[str, str] = {}
    days: list[bool] = []

    def relation(name: str, found: dict[str, str]) -> None:
        if name.endswith("Relationship") and "Id" in found:
            target = found.get("Target", "")
            targets[found["Id"]] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"

    def sheet(name: str, found: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "workbookPr":
            days.append(found.get("date1904") in {"1", "true"})
        if local == "sheet" and found.get("state", "visible") == "visible":
            key = next((value for at, value in found.items() if at.rpartition(":")[2] == "id"), "")
            if targets.get(key, "").startswith("xl/worksheets/"):
                sheets[found.get("name", "")] = targets[key]

    for part, handler in (("xl/_rels/workbook.xml.rels", relation), ("xl/workbook.xml", sheet)):
        parser = safe_parser()
        parser.StartElementHandler = handler
        for _ in _parsed(packed, part, parser):
            pass
    return Book(sheets, any(days))
