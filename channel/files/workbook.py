"""Reading XLSX: a ZIP of XML, unfolded and parsed piece by piece, so that no file takes memory without a bound.

The readers that load a sheet whole reserve every cell between the first and the last one, and end the process
when a damaged or hostile file puts one far out. Here a row is handed on as soon as it is read; only the texts
that cells share are held.
"""

import io
import lzma
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import BinaryIO
from xml.parsers import expat

from channel.files.kept_files import Source, opened
from channel.files.notices import Seen
from channel.files.problems import Unreadable
from channel.files.table import Record
from channel.files.workbook_parts import SMALL_LIMIT, Parts
from channel.files.workcells import SheetReader, TextsReader, fed, safe_parser, styles_of
from channel.files.workformats import Styles

PACKED_LIMIT = 200 << 20
UNPACKED_LIMIT = 1 << 30
PARTS_LIMIT = 5_000
READ_LIMIT = 4 << 20
"""Bytes of the file that are read at once; the list of its parts is."""
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, expat.ExpatError),
    *(EOFError, OSError, ValueError, LookupError, RuntimeError, OverflowError),
)
"""What unpacking and parsing a damaged or unheard-of workbook raises."""


class OpenWorkbook:
    """A workbook that is open.

    `sheets` are those that a person sees, name -> part, in their order; `hidden` are those that he does not.
    """

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self.sheets: dict[str, str] = {}
        self.hidden: dict[str, str] = {}
        self._parts = Parts(packed)
        self._from_1904 = False
        part = self._parts.workbook()
        self._named = self._parts.relations(part)
        self._folder = posixpath.dirname(part)
        for _ in fed(safe_parser(self._start), self._parts.pieces(part, SMALL_LIMIT)):
            pass
        self._styles = self._styles_of()

    def _start(self, name: str, found: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "workbookPr":
            self._from_1904 = found.get("date1904") in {"1", "true"}
        elif local == "sheet":
            key = next((value for at, value in found.items() if at.rpartition(":")[2] == "id"), "")
            relation = self._named.get(key)
            if relation is not None and relation.kind == "worksheet" and relation.target in self._parts:
                kept = self.sheets if found.get("state", "visible") == "visible" else self.hidden
                kept[found.get("name", "")] = relation.target

    def records(self, sheet: str, seen: Seen | None = None) -> Iterator[Record]:
        """The rows of a sheet that are not blank, by the numbers of the spreadsheet; each is read when asked for.

        A formula that failed, or that was never computed, gives an empty cell and the fault `formula-error`.
        """
        part = self.sheets.get(sheet) or self.hidden.get(sheet)
        if part is None:
            raise Unreadable("no-sheet", sheet=sheet, names=", ".join(self.sheets))
        reader = SheetReader(self._texts, self._styles, from_1904=self._from_1904, seen=seen)
        for _ in fed(reader.parser, self._parts.pieces(part)):
            yield from reader.taken()

    @cached_property
    def _texts(self) -> list[str]:
        """The texts that cells share; read when the first sheet is."""
        texts = TextsReader()
        part = self._part_of("sharedstrings", "sharedstrings.xml")
        if part:
            for _ in fed(texts.parser, self._parts.pieces(part)):
                pass
        return texts.found

    def _styles_of(self) -> Styles:
        part = self._part_of("styles", "styles.xml")
        return styles_of(self._parts.pieces(part, SMALL_LIMIT)) if part else Styles()

    def _part_of(self, kind: str, usual: str) -> str:
        """The part of a kind: the one that is named, else the one that lies where it usually does, else ''."""
        named = (each.target for each in self._named.values() if each.kind == kind)
        return next((part for part in (*named, posixpath.join(self._folder, usual)) if part in self._parts), "")


class _InPieces(io.BufferedIOBase):
    """A file of which nobody reads much at once: how long a ZIP says that its list of parts is, is not believed."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.seek, self.tell = file, file.seek, file.tell  # type: ignore[method-assign] # they are its own

    def read(self, size: int | None = -1, /) -> bytes:
        whole = self._file.read(READ_LIMIT + 1 if size is None or size < 0 else min(size, READ_LIMIT + 1))
        if len(whole) > READ_LIMIT:
            raise Unreadable("workbook-too-large")
        return whole


@contextmanager
def open_book(source: Source) -> Iterator[OpenWorkbook]:
    """A workbook within the limits; whatever damage shows while it is read is told as such."""
    with opened(source) as file:
        try:
            with zipfile.ZipFile(_InPieces(file)) as packed:
                _check(packed)
                yield OpenWorkbook(packed)
        except Unreadable:
            raise
        except _DAMAGE as error:
            raise Unreadable("bad-workbook") from error


def _check(packed: zipfile.ZipFile) -> None:
    parts = packed.infolist()
    unpacked, sent = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if len(parts) > PARTS_LIMIT or unpacked > UNPACKED_LIMIT or sent > PACKED_LIMIT:
        raise Unreadable("workbook-too-large")
