"""What an uploaded file is: found by its content, as far as nobody said it."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from channel import files
from channel.access.service import company_currency
from channel.database import db
from channel.errors import Conflict, invalid, m
from channel.files import FileShape, Known, Unreadable
from channel.imports.queries import loads as queries
from channel.imports.rules.shapes import ENCODINGS_OF_CURRENCIES
from channel.imports.service.uploads import on_disk, unreadable


@dataclass(frozen=True, slots=True)
class ToldForm:
    """What somebody said of a file's form; '' and 0 are found out."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header_line: int = 0

    def checked(self) -> "ToldForm":
        """The same, or a refusal of what can be true of no file."""
        if self.header_line < 0:
            raise invalid("header_line", m("This is no line."), m("The number of a line, from 1."))
        try:
            if self.encoding:
                files.checked_encoding(self.encoding)
            if self.delimiter:
                files.checked_delimiter(self.delimiter)
        except Unreadable as problem:
            raise unreadable(problem) from None
        return self


def sniffed(path: Path, told: ToldForm, known: Known | None = None, likely: Iterable[str] = ()) -> FileShape:
    """What a file is, with a refusal in place of what channel.files raises."""
    try:
        return files.sniff(
            path,
            encoding=told.encoding,
            delimiter=told.delimiter,
            sheet=told.sheet,
            header_line=told.header_line,
            known=known,
            likely=likely,
        )
    except Unreadable as problem:
        raise unreadable(problem) from None


async def shape_of(upload_id: int, told: ToldForm, known: Known | None, likely: Iterable[str]) -> FileShape:
    """What an uploaded file is: its header and first lines."""
    async with on_disk(upload_id) as path, db.let_go():
        return await asyncio.to_thread(sniffed, path, told, known, likely)


async def likely_encodings(dealers: Sequence[str] = ()) -> frozenset[str]:
    """Encodings that speak for themselves.

    They are those of what this person, or for these dealers, was loaded before, and that of the language in whose
    currency the company adds up.
    """
    try:
        company = ENCODINGS_OF_CURRENCIES.get(await company_currency(), "")
    except Conflict:
        company = ""
    return frozenset({company, *await queries.earlier_encodings(dealers)})
