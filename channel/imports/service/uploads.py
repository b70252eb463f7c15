"""Files in and out: streamed to disk and into the database in pieces, whoever sends them and however slowly."""

from collections.abc import AsyncIterable, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from asyncpg import Record

from channel import clock, files
from channel.access.rules import Person
from channel.database import db
from channel.errors import Conflict, FieldError, Invalid, NotFound, m
from channel.files import Stored, Unreadable
from channel.imports.loader import require_some_file
from channel.imports.queries import uploads as queries
from channel.imports.rules.reasons import UNREADABLE

UPLOAD_LIMIT = 2 << 30
"""Bytes of all files of one person, or of one token that belongs to nobody or is narrowed, that are kept: 2 GiB."""
LARGEST_FILE = 200 << 20
"""Bytes of the largest file that is taken where nobody set another: 200 MiB."""
KEPT = timedelta(days=7)
"""How long an upload is kept: enough to mend a mapping after a weekend, or to load what was only checked."""
_TOLD = 5
"""Files that are named where no further one is taken."""
_PIECE = 1 << 20

_largest: list[int] = []


def use_largest_file(size: int) -> None:
    """Set how large a file may be in this process; once, when the app is put together."""
    _largest[:] = [size]


def largest_file() -> int:
    """Bytes of the largest file that is taken."""
    return _largest[0] if _largest else LARGEST_FILE


def receiving() -> AbstractAsyncContextManager[None]:
    """While a body comes in the request's connection serves others: a slow sender must not hold one."""
    return db.let_go()


def unreadable(problem: Unreadable) -> Invalid:
    """A file that cannot be read, as a refusal in the reader's language."""
    message = m(UNREADABLE[problem.code].text, **problem.params)
    names = problem.params.get("names")
    expected = m("One of: %(names)s", names=names) if names else None
    return Invalid(m("The file cannot be used."), (FieldError(_FIELDS.get(problem.code, "file"), message, expected),))


_FIELDS = {
    "no-sheet": "sheet",
    "unknown-encoding": "encoding",
    "unknown-delimiter": "delimiter",
    "no-such-line": "header_line",
}
"""Which option is wrong where it is not the file."""


async def take_in(person: Person, file_name: str, chunks: AsyncIterable[bytes], *, here: bool = False) -> int:
    """Keep a file that streams in; the id of the upload. `here` where it lies on this machine already.

    Nothing is kept for who may load no file.
    """
    require_some_file(person)
    with files.scratch() as folder:
        try:
            if here:
                stored = await files.store_async(chunks, folder / "file", largest_file())
            else:
                async with receiving():
                    stored = await files.store_async(chunks, folder / "file", largest_file())
        except Unreadable as problem:
            raise unreadable(problem) from None
        return await _keep(person, Path(file_name.replace("\\", "/")).name.strip() or "file", stored)


class FilePart(Protocol):
    """A file part of a form that came in."""

    async def read(self, size: int = -1) -> bytes:
        """The next bytes."""


async def pieces_of(part: FilePart) -> AsyncIterator[bytes]:
    """The bytes of a form's file, piece by piece."""
    while piece := await part.read(_PIECE):
        yield piece


def _refuse_full(oldest: Sequence[Record], size: int) -> None:
    """Pass while all that is kept of one person stays within its bound; else it is told what is kept, and how long."""
    kept = oldest[0]["kept"] if oldest else 0
    if kept + size <= UPLOAD_LIMIT:
        return
    told = (
        FieldError(
            "file",
            m(
                "%(file)s (%(size)s MB) is kept until %(day)s.",
                file=each["file_name"],
                size=_megabytes(each["size"]),
                day=(each["uploaded_at"] + KEPT).astimezone(clock.zone()).date(),
            ),
        )
        for each in oldest
    )
    title = m(
        "Of your files %(kept)s MB are kept, of %(most)s MB at most; this one has %(size)s MB.",
        kept=_megabytes(kept),
        most=_megabytes(UPLOAD_LIMIT),
        size=_megabytes(size),
    )
    raise Conflict(title, tuple(told))


def _megabytes(size: int) -> int:
    return -(-size // (1 << 20))


async def _keep(person: Person, file_name: str, stored: Stored) -> int:
    async with db.transaction():
        owner = person.person_id, person.token_id if person.person_id is None else None
        await queries.hold_uploads_of(owner)
        _refuse_full(await queries.oldest_kept(owner, _TOLD), stored.size)
        upload_id = await queries.record_upload(
            file_name, stored.size, stored.sha256, person.login, person.owned_by, clock.now()
        )
        db.note_act(m("The file %(file)s is kept.", file=file_name))
        with stored.path.open("rb") as file:
            number = 0
            while piece := file.read(_PIECE):
                await queries.record_piece(upload_id, number, piece)
                number += 1
    return upload_id


async def upload_of(upload_id: int) -> Record:
    """A file that this person brought and that is still kept."""
    row = await queries.upload(upload_id)
    if row is None or not row["own"] or row["forgotten_at"] is not None:
        raise NotFound(m("There is no such file, or it is no longer kept."))
    return row


@asynccontextmanager
async def on_disk(upload_id: int) -> AsyncIterator[Path]:
    """The file as a local one, for as long as it is needed."""
    with files.scratch() as folder:
        path = folder / "file"
        with path.open("wb") as out:
            async for piece in queries.pieces(upload_id):
                out.write(piece)
        yield path


async def forget_uploads() -> int:
    """Delete the bytes of files past their time; how many files. What came of their loads stays."""
    now = clock.now()
    async with db.transaction():
        return await queries.forget_uploads(now, now - KEPT)
